package stock

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/osler-ehr/osler/fhir"
)

// own is where what FHIR has no element for is named.
const own = "https://osler.example/fhir/StructureDefinition/vaccine-lot-"

// The code systems of lots.
const (
	CVX = "http://hl7.org/fhir/sid/cvx"
	MVX = "http://hl7.org/fhir/sid/mvx"
	NDC = "http://hl7.org/fhir/sid/ndc"

	traits        = "https://osler.example/fhir/CodeSystem/vaccine-lot-characteristic"
	fundingSystem = "http://terminology.hl7.org/CodeSystem/immunization-funding-source"
	ownFunding    = "https://osler.example/fhir/CodeSystem/vaccine-funding"
)

// Funding is who paid for a lot, which decides for whom it may be used.
type Funding string

// The fundings. VFC is the Vaccines for Children program (42 U.S.C. 1396s): for eligible children under 19 alone.
const (
	Private Funding = "private"
	VFC     Funding = "vfc"
	Public  Funding = "public"
)

// Fundings lists them in the order of forms.
var Fundings = []Funding{Private, VFC, Public}

// Words names the funding for people.
func (f Funding) Words() string {
	switch f {
	case VFC:
		return "VFC"
	case Public:
		return "Other public funds"
	}
	return "Private"
}

// Concept is the funding as a code. VFC is the program's own, which HL7's system does not tell apart from other public funds.
func (f Funding) Concept() fhir.CodeableConcept {
	switch f {
	case VFC:
		c := fhir.Concept(ownFunding, string(VFC), "Vaccines for Children")
		c.Coding = append(c.Coding, fhir.Coding{System: fundingSystem, Code: "public", Display: "Public"})
		return c
	case Public:
		return fhir.Concept(fundingSystem, "public", "Public")
	}
	return fhir.Concept(fundingSystem, "private", "Private")
}

// Medication is the vaccine of a lot, contained in it.
type Medication struct {
	Resource     string `fhir:"resourceType"`
	ID           string
	Code         fhir.CodeableConcept
	Manufacturer fhir.Reference
	Batch        Batch
}

// Batch is the lot number as the maker gives it, and how long it may be used.
type Batch struct {
	Number  string    `fhir:"lotNumber"`
	Expires fhir.Date `fhir:"expirationDate"`
}

// Characteristic is what all of a lot share.
type Characteristic struct {
	Code    fhir.CodeableConcept
	Value   fhir.Choice `fhir:"value[x]"`
	Exclude *bool
}

// Member is the vaccine as a member of its lot.
type Member struct{ Entity fhir.Reference }

// Lot is the Group that is a lot of a vaccine at a site.
type Lot struct {
	ID              string
	Meta            fhir.Meta
	Contained       []Medication
	Extension       []fhir.Extension
	Identifier      []fhir.Identifier
	Active          *bool
	Type            string
	Actual          bool
	Code            fhir.CodeableConcept // the vaccine: CVX
	Name            string
	OnHand          int              `fhir:"quantity"`
	Characteristics []Characteristic `fhir:"characteristic"`
	Member          []Member
	Version         int64 `fhir:"-"` // that was read; 0 = new
	read            *fhir.Resource
}

// Lots is what marks the Groups that are lots, for searching: a tag.
var Lots = fhir.Coding{System: "https://osler.example/fhir/CodeSystem/kind", Code: "vaccine-lot", Display: "Vaccine lot"}

// usedUp marks lots of which nothing is left, so that whoever gives a vaccine need not read all lots that ever were. A lot without it may
// be empty too: it was written before lots were marked.
var usedUp = fhir.Coding{System: "https://osler.example/fhir/CodeSystem/vaccine-lot-state", Code: "used-up", Display: "Used up"}

// mark sets or takes away the mark of a lot of which nothing is left.
func (l *Lot) mark() {
	l.Meta.Tag = slices.DeleteFunc(slices.Clone(l.Meta.Tag), func(c fhir.Coding) bool { return c.Is(usedUp.System, usedUp.Code) })
	if l.OnHand == 0 {
		l.Meta.Tag = append(l.Meta.Tag, usedUp)
	}
}

// About is what is said of a lot when it comes.
type About struct {
	Vaccine      fhir.CodeableConcept // with its CVX code and the name as text
	NDC          string               // package code; "" if not known
	Manufacturer string               // MVX code; "" if not known
	Maker        string               // its name
	Number       string               // lot number
	Expires      fhir.Date
	Site         fhir.Reference // Location
	Funding      Funding
	Low          int          // on hand at which it counts as low; 0 = never
	VIS          []Statement  // Vaccine Information Statements: one, or one for each part of a combination
	Dose         fhir.Decimal // in mL; zero = not said
	Route        fhir.CodeableConcept
}

// New is a lot of which nothing is on hand yet. id makes it once.
func New(a About, id []fhir.Identifier) Lot {
	yes := true
	l := Lot{
		Meta: fhir.Meta{Tag: []fhir.Coding{Lots}}, Identifier: id, Active: &yes, Type: "medication", Actual: true, Code: a.Vaccine,
		Name: a.Vaccine.Display() + ", lot " + a.Number, Member: []Member{{fhir.Reference{Reference: "#vaccine"}}},
	}
	m := Medication{Resource: "Medication", ID: "vaccine", Code: a.Vaccine, Batch: Batch{a.Number, a.Expires}}
	if a.NDC != "" {
		m.Code.Coding = append(append([]fhir.Coding(nil), m.Code.Coding...), fhir.Coding{System: NDC, Code: a.NDC})
	}
	if a.Manufacturer != "" {
		m.Manufacturer = fhir.Reference{Identifier: &fhir.Identifier{System: MVX, Value: a.Manufacturer}, Display: cmp.Or(a.Maker, a.Manufacturer)}
	}
	l.Contained = []Medication{m}
	l.set("site", fhir.ChoiceOf(a.Site))
	l.set("funding", fhir.ChoiceOf(a.Funding.Concept()))
	l.set("recalled", fhir.ChoiceOf(false))
	l.Correct(a)
	return l
}

// Correct puts what is said of expiry, dose, route, information statement and low limit in place of what was said before.
func (l *Lot) Correct(a About) {
	if len(l.Contained) > 0 {
		l.Contained = slices.Clone(l.Contained)
		l.Contained[0].Batch.Expires = a.Expires
	}
	l.Extension = slices.DeleteFunc(slices.Clone(l.Extension), func(e fhir.Extension) bool { return strings.HasPrefix(e.URL, own) })
	add := func(name string, v fhir.Choice) {
		l.Extension = append(l.Extension, fhir.Extension{URL: own + name, Value: v})
	}
	if a.Low > 0 {
		add("low", fhir.ChoiceOf(a.Low))
	}
	for _, s := range a.VIS {
		l.Extension = append(l.Extension, s.extension())
	}
	if !a.Dose.IsZero() {
		add("dose", fhir.ChoiceOf(fhir.Measured(a.Dose, "mL")))
	}
	if !a.Route.IsZero() {
		add("route", fhir.ChoiceOf(a.Route))
	}
}

func (l *Lot) set(trait string, v fhir.Choice) {
	for i := range l.Characteristics {
		if l.Characteristics[i].Code.In(traits) == trait {
			l.Characteristics[i].Value = v
			return
		}
	}
	l.Characteristics = append(l.Characteristics, Characteristic{Code: fhir.Concept(traits, trait, ""), Value: v, Exclude: new(bool)})
}

func (l Lot) trait(name string) fhir.Choice {
	for _, c := range l.Characteristics {
		if c.Code.In(traits) == name {
			return c.Value
		}
	}
	return fhir.Choice{}
}

func (l Lot) extra(name string) fhir.Choice {
	e, _ := fhir.FindExtension(l.Extension, own+name)
	return e.Value
}

func (l Lot) medication() Medication {
	if len(l.Contained) == 0 {
		return Medication{}
	}
	return l.Contained[0]
}

// Number is the lot number.
func (l Lot) Number() string { return l.medication().Batch.Number }

// Expires is the last day of use; a month stands for its last day.
func (l Lot) Expires() fhir.Date { return l.medication().Batch.Expires }

// Vaccine names the vaccine.
func (l Lot) Vaccine() string { return l.Code.Display() }

// VaccineCode is the vaccine with CVX and, where known, NDC.
func (l Lot) VaccineCode() fhir.CodeableConcept { return l.medication().Code }

// CVX is the vaccine's code.
func (l Lot) CVX() string { return l.Code.In(CVX) }

// Maker is the manufacturer.
func (l Lot) Maker() fhir.Reference { return l.medication().Manufacturer }

// Site is the Location where the lot is kept.
func (l Lot) Site() fhir.Reference {
	r, _ := fhir.ChoiceValue[fhir.Reference](l.trait("site"))
	return r
}

// Funding is who paid.
func (l Lot) Funding() Funding {
	c, _ := fhir.ChoiceValue[fhir.CodeableConcept](l.trait("funding"))
	switch {
	case c.In(ownFunding) == string(VFC):
		return VFC
	case c.In(fundingSystem) == "public":
		return Public
	}
	return Private
}

// Recalled reports whether the maker took the lot back.
func (l Lot) Recalled() bool {
	b, _ := fhir.ChoiceValue[bool](l.trait("recalled"))
	return b
}

// Low is the limit at which the lot counts as low; 0 = never.
func (l Lot) Low() int {
	n, _ := fhir.ChoiceValue[int](l.extra("low"))
	return n
}

// Dose is how much one dose is.
func (l Lot) Dose() fhir.Quantity {
	q, _ := fhir.ChoiceValue[fhir.Quantity](l.extra("dose"))
	return q
}

// Route is how it is given.
func (l Lot) Route() fhir.CodeableConcept {
	c, _ := fhir.ChoiceValue[fhir.CodeableConcept](l.extra("route"))
	return c
}

// Expired reports whether the lot may not be used any more on a day of the practice: the day of expiry itself is the last one.
func (l Lot) Expired(at time.Time) bool {
	d := l.Expires()
	if d.IsZero() {
		return false
	}
	_, end := d.Range(at.Location())
	return !at.Before(end)
}

// Soon is how many days before its end a lot counts as expiring.
const Soon = 30

// Expiring reports whether the lot ends within [Soon] days.
func (l Lot) Expiring(at time.Time) bool { return !l.Expired(at) && l.Expired(at.AddDate(0, 0, Soon)) }

// Refusal is why no dose of the lot may be given on a day, as a sentence; "" = it may.
func (l Lot) Refusal(at time.Time, words func(fhir.Date) string) string {
	switch {
	case l.Recalled():
		return "Lot " + l.Number() + " is recalled. Take another lot, and set this one aside."
	case l.Expired(at):
		return "Lot " + l.Number() + " expired on " + words(l.Expires()) + ". Take another lot, and write this one off."
	case l.OnHand < 1:
		return "By the record no dose of lot " + l.Number() + " is left. Take another lot, or count this one first."
	}
	return ""
}

// At is what is said of the same lot at another site.
func (l Lot) At(site fhir.Reference) About {
	a := About{Vaccine: l.Code, NDC: l.VaccineCode().In(NDC), Number: l.Number(), Expires: l.Expires(), Site: site, Funding: l.Funding(), Low: l.Low(), VIS: l.Statements(), Dose: l.Dose().Value, Route: l.Route()}
	if m := l.Maker(); m.Identifier != nil {
		a.Manufacturer, a.Maker = m.Identifier.Value, m.Display
	}
	return a
}

// IsLow reports whether the lot is at or below its limit.
func (l Lot) IsLow() bool { return l.Low() > 0 && l.OnHand <= l.Low() }
