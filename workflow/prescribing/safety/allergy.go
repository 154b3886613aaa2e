package safety

import (
	"slices"

	"github.com/osler-ehr/osler/drugs"
)

// cross are classes in which an allergy to one member concerns the others: how much when the reaction was grave or is not known, and
// how much when it was not.
var cross = []struct {
	class       string
	grave, mild drugs.Severity
}{
	{"penicillin", drugs.Stop, drugs.Caution},
	{"cephalosporin", drugs.Caution, drugs.Note}, // those of like side chains weigh more
	{"carbapenem", drugs.Stop, drugs.Caution},
	{"fluoroquinolone", drugs.Stop, drugs.Caution},
	{"tetracycline", drugs.Stop, drugs.Caution},
	{"sulfonamide-antibiotic", drugs.Stop, drugs.Caution},
	{"aminoglycoside", drugs.Stop, drugs.Caution},
	{"macrolide", drugs.Caution, drugs.Note},
	{"ace-inhibitor", drugs.Stop, drugs.Caution},
	{"cox1", drugs.Stop, drugs.Caution},
	{"aromatic-anticonvulsant", drugs.Stop, drugs.Caution},
	{"heparin", drugs.Stop, drugs.Caution},
	{"phenanthrene-opioid", drugs.Caution, drugs.Note},
	{"local-anesthetic", drugs.Caution, drugs.Note},
	{"azole-antifungal", drugs.Caution, drugs.Note},
	{"ppi", drugs.Caution, drugs.Note},
	{"arb", drugs.Caution, drugs.Note},
	{"statin", drugs.Note, drugs.Note},
}

// between are classes of which an allergy to one concerns the other.
var between = []struct {
	rule        string
	from, to    string
	grave, mild drugs.Severity
	text        string
	advice      string
}{
	{"allergy/penicillin-cephalosporin", "penicillin", "cephalosporin", drugs.Caution, drugs.Note, "a cephalosporin of another side chain; fewer than 2 in 100 react", ""},
	{"allergy/cephalosporin-penicillin", "cephalosporin", "penicillin", drugs.Caution, drugs.Note, "a penicillin of another side chain; few react", ""},
	{"allergy/beta-lactam-carbapenem", "beta-lactam", "carbapenem", drugs.Note, drugs.Note, "a carbapenem; fewer than 1 in 100 react", ""},
	{"allergy/carbapenem-beta-lactam", "carbapenem", "beta-lactam", drugs.Caution, drugs.Note, "another beta-lactam; few react", ""},
	{"allergy/nsaid-coxib", "cox1", "coxib", drugs.Caution, drugs.Note, "a COX-2 selective NSAID; most who react to others tolerate it", "Give the first dose under observation."},
	{"allergy/coxib-nsaid", "coxib", "cox1", drugs.Caution, drugs.Note, "another NSAID", ""},
	{"allergy/sulfonamide", "sulfonamide-antibiotic", "sulfonamide-nonantibiotic", drugs.Note, drugs.Note, "a sulfonamide that is not an antibiotic; cross-reaction has not been shown", ""},
	{"allergy/ace-sacubitril", "ace-inhibitor", "neprilysin-inhibitor", drugs.Stop, drugs.Stop, "sacubitril may bring angioedema back", "Do not give after angioedema."},
	{"allergy/ace-arb", "ace-inhibitor", "arb", drugs.Note, drugs.Note, "an angiotensin receptor blocker; few who had angioedema react", ""},
}

// allergies checks the order against every allergy.
func (r *run) allergies() (text, detail string) {
	r.applied(drugs.Allergy)
	r.appliedToo(drugs.KindAllergies)
	switch {
	case r.p.AllergyState == Unavailable:
		r.gap(Allergies, "The allergies could not be read: nothing was compared.")
	case r.p.AllergyState == NotRecorded && len(r.p.Allergies) == 0:
		r.gap(Allergies, "Allergies are not recorded. Ask, and record them or that none are known.")
	}
	compared, coded, other := 0, 0, 0
	for i := range r.p.Allergies {
		a := &r.p.Allergies[i]
		if !a.Match.Found() {
			if a.NotMedicine {
				other++
				continue
			}
			r.gap(Allergies, "The allergy to %s has no medicine that is known here: it was not compared.", nameOf(*a))
			continue
		}
		if a.Match.Conflict {
			r.gap(Allergies, "Code and name of the allergy to %s mean different things: both were compared.", nameOf(*a))
		}
		for _, unknown := range a.Match.Unknown {
			r.gap(Allergies, "%s in the allergy to %s is not known here and was not compared.", unknown, nameOf(*a))
		}
		compared++
		if !a.Match.ByName {
			coded++
		}
		for _, i := range r.order.Match.Ingredients {
			if f, ok := r.allergic(*a, i); ok {
				f.Check, f.Against = Allergies, against(*a)
				f.ByName = a.Match.ByName
				r.find(f)
			}
		}
	}
	if r.p.AllergyState == NoneKnown && len(r.p.Allergies) == 0 {
		return "No allergies known", ""
	}
	detail = count(coded, compared) + " coded"
	if other > 0 {
		detail += ", " + plural(other, "other") + " to food or surroundings"
	}
	return "No match with " + known(compared), detail
}

func known(n int) string {
	if n == 1 {
		return "1 known drug allergy"
	}
	return number(n) + " known drug allergies"
}

func nameOf(a Allergy) string {
	if a.Name == "" {
		return "a substance without a name"
	}
	return a.Name
}

// against is the allergy with its reaction: Penicillin allergy (anaphylaxis).
func against(a Allergy) string {
	kind := " allergy"
	if a.Intolerance {
		kind = " intolerance"
	}
	s := nameOf(a) + kind
	if a.Reaction != "" {
		s += " (" + a.Reaction + ")"
	} else if a.Severity == "" && a.Criticality == "" {
		s += " (reaction not recorded)"
	}
	return s
}

// allergic is the gravest reason why an ingredient concerns an allergy.
func (r *run) allergic(a Allergy, i *drugs.Ingredient) (Finding, bool) {
	grave := a.grave()
	weigh := func(severe, mild drugs.Severity) drugs.Severity {
		if grave {
			return severe
		}
		return mild
	}
	var best Finding
	take := func(rule string, s drugs.Severity, text, advice string) {
		if s > best.Severity {
			best = Finding{Rule: rule, Severity: s, Text: text, Advice: advice, Source: drugs.Allergy}
		}
	}
	if slices.Contains(a.Match.Ingredients, i) {
		take("allergy/same", weigh(drugs.Stop, drugs.Caution), i.Name+" is what the patient reacts to", "")
		return best, true
	}
	for _, c := range a.Match.Classes {
		if i.Is(c.ID) {
			take("allergy/class", weigh(drugs.Stop, drugs.Caution), i.Name+" is a "+c.Name, "")
		}
	}
	for group, members := range r.c.Drugs.Rules.SideChains {
		if !slices.Contains(members, i) {
			continue
		}
		for _, o := range a.Match.Ingredients {
			if slices.Contains(members, o) {
				take("allergy/side-chain", weigh(drugs.Stop, drugs.Caution), i.Name+" has a side chain like that of "+o.Name, "")
			}
		}
		if group == "amino" && i.Is("cephalosporin") && slices.ContainsFunc(a.Match.Classes, func(c *drugs.Class) bool { return c.ID == "penicillin" }) {
			take("allergy/side-chain-unknown", weigh(drugs.Caution, drugs.Caution), i.Name+" has a side chain like that of amoxicillin, and which penicillin it was is not recorded", "Ask which, or choose a cephalosporin of another side chain.")
		}
	}
	from := func(class string) bool {
		return slices.ContainsFunc(a.Match.Ingredients, func(o *drugs.Ingredient) bool { return o.Is(class) }) || slices.ContainsFunc(a.Match.Classes, func(c *drugs.Class) bool { return c.Within(class) })
	}
	for _, x := range cross {
		c, ok := r.c.Drugs.Class(x.class)
		if ok && i.Is(x.class) && from(x.class) {
			take("allergy/cross-"+x.class, weigh(x.grave, x.mild), i.Name+" is another "+c.Name, "")
		}
	}
	for _, x := range between {
		if from(x.from) && i.Is(x.to) && !(x.from == "beta-lactam" && from("carbapenem")) {
			take(x.rule, weigh(x.grave, x.mild), i.Name+" is "+x.text, x.advice)
		}
	}
	for _, x := range r.c.Drugs.Rules.Cross {
		if i.Is(x.Class.ID) && from(x.Class.ID) {
			if take("allergy/cross-"+x.Class.ID, weigh(x.Severity, min(x.Severity, drugs.Caution)), i.Name+" is another "+x.Class.Name, ""); best.Rule == "allergy/cross-"+x.Class.ID {
				best.Source = x.Source
			}
		}
	}
	return best, best.Severity > 0
}
