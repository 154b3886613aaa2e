package synthetic

// allergen is what somebody reacts to.
type allergen struct {
	code      *concept
	name      string
	category  string // medication, food, environment
	class     drugClass
	weight    float64
	reactions []reaction
}

// reaction is how an allergy shows, and how badly.
type reaction struct {
	shows    *concept
	severity string // mild, moderate, severe
	high     bool   // criticality
}

// allergy is one patient's.
type allergy struct {
	kind     *allergen
	reaction reaction
	onset    day
	recorded day
}

var (
	rash         = coded(snomed, "271807003", "skin rash", "Rash")
	hives        = coded(snomed, "247472004", "Hives", "Hives")
	anaphylaxis  = words("Anaphylaxis")
	swelling     = words("Angioedema")
	nausea       = words("Nausea")
	coughing     = words("Dry cough")
	sneezing     = words("Sneezing and itchy eyes")
	wheezing     = words("Wheezing")
	itching      = words("Itching")
	stomachPain  = words("Stomach pain")
	contactRash  = words("Contact dermatitis")
	lipSwelling  = words("Swelling of the lips")
	noKnownCode  = coded(snomed, "716186003", "No known allergy", "No known allergies")
	allergyState = [2]string{
		`{"coding":[` + coding(thoBase+"allergyintolerance-clinical", "active", "Active") + `]}`,
		`{"coding":[` + coding(thoBase+"allergyintolerance-verification", "confirmed", "Confirmed") + `]}`,
	}
)

var allergens = []*allergen{
	{code: coded(rxnorm, "7984", "penicillin V", "Penicillin"), name: "Penicillin", category: "medication", class: penicillinClass, weight: 8,
		reactions: []reaction{{rash, "mild", false}, {hives, "moderate", false}, {anaphylaxis, "severe", true}}},
	{code: coded(snomed, "763875007", "Product containing sulfonamide (product)", "Sulfonamides"), name: "Sulfonamides", category: "medication", class: sulfonamideClass, weight: 5,
		reactions: []reaction{{rash, "moderate", false}, {hives, "moderate", false}}},
	{code: coded(rxnorm, "29046", "lisinopril", "Lisinopril"), name: "Lisinopril", category: "medication", class: aceClass, weight: 2,
		reactions: []reaction{{coughing, "mild", false}, {swelling, "severe", true}}},
	{code: coded(rxnorm, "2670", "codeine", "Codeine"), name: "Codeine", category: "medication", class: opioidClass, weight: 2.5,
		reactions: []reaction{{nausea, "mild", false}, {itching, "mild", false}}},
	{code: coded(rxnorm, "5640", "ibuprofen", "Ibuprofen"), name: "Ibuprofen", category: "medication", class: nsaidClass, weight: 2,
		reactions: []reaction{{stomachPain, "mild", false}, {hives, "moderate", false}, {wheezing, "severe", true}}},
	{code: coded(rxnorm, "18631", "azithromycin", "Azithromycin"), name: "Azithromycin", category: "medication", class: macrolideClass, weight: 1,
		reactions: []reaction{{nausea, "mild", false}, {rash, "mild", false}}},
	{code: coded(snomed, "111088007", "Latex (substance)", "Latex"), name: "Latex", category: "environment", weight: 2,
		reactions: []reaction{{hives, "mild", false}, {contactRash, "mild", false}}},
	{code: coded(snomed, "762952008", "Peanuts", "Peanuts"), name: "Peanuts", category: "food", weight: 1.6,
		reactions: []reaction{{hives, "moderate", true}, {anaphylaxis, "severe", true}}},
	{code: words("Shellfish"), name: "Shellfish", category: "food", weight: 2,
		reactions: []reaction{{hives, "moderate", false}, {lipSwelling, "moderate", true}}},
	{code: words("Egg"), name: "Egg", category: "food", weight: 0.8, reactions: []reaction{{hives, "mild", false}}},
	{code: words("Bee venom"), name: "Bee venom", category: "environment", weight: 1,
		reactions: []reaction{{words("Large local swelling"), "mild", false}, {anaphylaxis, "severe", true}}},
	{code: words("Tree and grass pollen"), name: "Pollen", category: "environment", weight: 4, reactions: []reaction{{sneezing, "mild", false}}},
	{code: words("Cat dander"), name: "Cat dander", category: "environment", weight: 1.5, reactions: []reaction{{sneezing, "mild", false}, {wheezing, "moderate", false}}},
}

func (p *patient) drawAllergies() {
	d := &p.d
	if p.part != nil {
		p.part.drawAllergies(p)
		return
	}
	switch x := d.unit(); {
	case x < 0.10 || p.twin >= 0:
		return // never asked
	case x < 0.62:
		p.nothing = true
		return
	}
	n := 1
	if d.chance(0.22) {
		n = 2
	}
	weights := make([]float64, len(allergens))
	for i, a := range allergens {
		weights[i] = a.weight
	}
	for range n {
		i := d.weighted(weights)
		weights[i] = 0
		p.addAllergy(allergens[i], pick(d, allergens[i].reactions))
	}
}

func (p *patient) addAllergy(kind *allergen, r reaction) {
	life := max(30, int(p.last-p.birth))
	a := &allergy{kind: kind, reaction: r, onset: p.birth + 20 + day(p.d.below(max(1, life-25)))}
	if kind.category == "food" {
		a.onset = min(a.onset, p.birth+day(200+p.d.below(2500)))
	}
	a.onset = min(a.onset, p.last)
	a.recorded = min(max(p.since, a.onset+2), p.last)
	p.allergies = append(p.allergies, a)
}

// allergyLine is what a note says about allergies.
func (p *patient) allergyLine() string {
	if p.nothing {
		return "No known allergies."
	}
	if len(p.allergies) == 0 {
		return "Allergies not recorded."
	}
	var list []string
	for _, a := range p.allergies {
		list = append(list, a.kind.name+" ("+lowerFirst(a.reaction.shows.text)+")")
	}
	return joined(list) + "."
}
