package patients

import (
	"slices"
	"strings"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/web"
)

// shown is the name that pages show: the official one in force, else the usual one, else the first that is not old.
func (p *demographics) shown(now time.Time) *fhir.HumanName {
	var first *fhir.HumanName
	for _, use := range []string{"official", "usual", "temp", ""} {
		for i := range p.Name {
			n := &p.Name[i]
			if n.Use == "old" || n.Use == "maiden" || n.Use == "nickname" || !n.Period.IsZero() && !n.Period.Contains(now, now.Location()) {
				continue
			}
			if n.Use == use {
				return n
			}
			if first == nil {
				first = n
			}
		}
	}
	return first
}

// preferred is what the patient wants to be called, where it is not the given name.
func (p *demographics) preferred(now time.Time) string {
	shown := p.shown(now)
	for i := range p.Name {
		n := &p.Name[i]
		if n == shown || n.Use != "usual" && n.Use != "nickname" {
			continue
		}
		if len(n.Given) > 0 {
			return n.Given[0]
		}
		return n.Text
	}
	return ""
}

// named takes the names. A name may be of any script, and one name alone will do. A changed name stays as a former one where the form says
// that it changed, rather than that it was written wrongly.
func (p *demographics) named(f *web.Form, now time.Time) {
	family, given, middle, suffix := f.Text("family"), f.Text("given"), f.Text("middle"), f.Text("suffix")
	newborn := f.Has("newborn") && given == ""
	if newborn {
		given = p.newborn(f)
		if given == "" {
			return
		}
	}
	if family == "" && given == "" {
		f.Wrong("family", "Give a name. One name alone will do, in either field.")
		return
	}
	n := fhir.HumanName{Use: "official", Family: family}
	if newborn {
		n.Use = "temp"
	}
	if given != "" {
		n.Given = append([]string{given}, strings.Fields(middle)...)
	} else {
		n.Given = strings.Fields(middle)
	}
	n.Suffix = strings.Fields(suffix)
	was := p.shown(now)
	switch {
	case was == nil:
		p.Name = append([]fhir.HumanName{n}, p.Name...)
	case was.Family == n.Family && slices.Equal(was.Given, n.Given) && slices.Equal(was.Suffix, n.Suffix):
	case was.Family == "" && was.Given == nil && was.Text == given && family == "": // a name that came as one text
	default:
		former := *was
		use, prefix := was.Use, was.Prefix
		was.Family, was.Given, was.Suffix, was.Text = n.Family, n.Given, n.Suffix, ""
		was.Use, was.Prefix = use, prefix
		if use == "temp" || use == "" {
			was.Use = "official"
		}
		if f.Has("former") || use == "temp" {
			former.Use, former.Period.End = "old", fhir.DateTimeOf(now, fhir.Day)
			p.Name = append(p.Name, former)
		}
	}
	if text := f.Text("preferred"); text != p.preferred(now) {
		shown := p.shown(now)
		kept := slices.Clone(p.Name)
		at := slices.IndexFunc(kept, func(o fhir.HumanName) bool {
			return (o.Use == "usual" || o.Use == "nickname") && !(o.Family == shown.Family && slices.Equal(o.Given, shown.Given))
		})
		switch {
		case text == "" && at >= 0:
			kept = slices.Delete(kept, at, at+1)
		case at >= 0:
			kept[at].Given, kept[at].Text = []string{text}, ""
		default:
			kept = append(kept, fhir.HumanName{Use: "usual", Family: shown.Family, Given: []string{text}})
		}
		p.Name = kept
	}
}

// newborn names a child that has no name yet so that it cannot be taken for another: by the mother's first name, the sex and, of several,
// the order of birth. (Joint Commission, NPSG.01.01.01: distinct methods of identification for newborn patients.)
func (p *demographics) newborn(f *web.Form) string {
	mother, order := f.Text("mother"), strings.ToUpper(f.Text("order"))
	if mother == "" {
		f.Wrong("mother", "Give the mother's first name: the child is called by it until it has its own.")
		return ""
	}
	what := map[string]string{"female": "girl", "male": "boy"}[f.Text("sex")]
	if what == "" {
		what = "baby"
	}
	name := mother + "s" + what
	p.MultipleBirth = fhir.Choice{}
	switch {
	case order == "":
	case len(order) == 1 && order[0] >= 'A' && order[0] <= 'H':
		p.MultipleBirth = fhir.ChoiceOf(int(order[0]-'A') + 1)
		name = strings.ToUpper(order) + " " + name
	default:
		f.Wrong("order", "A for the first, B for the second; empty for an only child.")
	}
	if len(p.Contact) == 0 && f.Text("contact") == "" {
		f.Set("contact", strings.TrimSpace(mother+" "+f.Text("family")))
		f.Set("relation", "MTH")
	}
	return name
}
