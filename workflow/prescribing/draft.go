package prescribing

import (
	"fmt"
	"math/big"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/osler-ehr/osler/drugs"
	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/terms"
	"github.com/osler-ehr/osler/web"
	"github.com/osler-ehr/osler/web/clinical"
	"github.com/osler-ehr/osler/web/format"
	"github.com/osler-ehr/osler/workflow/prescribing/safety"
	"github.com/osler-ehr/osler/workflow/prescribing/sig"
)

// draft is a prescription as the form has it.
type draft struct {
	name     string               // as it is shown and stored
	code     fhir.CodeableConcept // of the medicine
	match    drugs.Match          // what is known of it
	form     drugs.Form           // zero if not known
	sig      sig.Sig              // as far as it could be read
	sigOK    bool                 // the sig can be carried out
	quantity *big.Rat             // nil if none was given
	refills  int
	supply   int  // days of supply of one fill
	supplyOK bool // that could be worked out
	reason   string
	replaces string // id of the MedicationRequest that it takes the place of
	mode     string // renew or change, with replaces
	task     string // id of the request for a refill that it answers
	byWeight string // how the dose was worked out from body weight; "" if it was not
}

// medicine is what a code of the list means: a product by its RxNorm code, or an ingredient by its name.
func (e *editor) medicine(code, text string) (fhir.CodeableConcept, drugs.Match) {
	if p, ok := e.library.ByRxCUI(code); ok {
		c := fhir.Concept(terms.RxNorm, p.RxCUI, p.Name)
		c.Text = p.Name
		return c, e.library.Resolve(c)
	}
	if name, ok := strings.CutPrefix(code, ingredientPrefix); ok {
		if i, known := e.library.Ingredient(name); known {
			c := fhir.CodeableConcept{Text: text}
			if i.RxCUI != "" {
				c.Coding = []fhir.Coding{{System: terms.RxNorm, Code: i.RxCUI, Display: i.Name}}
			}
			return c, e.library.Resolve(c)
		}
	}
	c := fhir.CodeableConcept{Text: text}
	return c, e.library.Resolve(c)
}

// ingredientPrefix marks a chosen ingredient of which there is no product.
const ingredientPrefix = "ingredient:"

// options answers what was typed of a medicine's name.
func (e *editor) options(query string) []web.Option {
	var list []web.Option
	for _, h := range e.library.Search(query, 12) {
		note := ""
		if h.Corrected {
			note = "did you mean this?"
		}
		if p := h.Product; p != nil {
			list = append(list, web.Option{Value: p.RxCUI, Label: clinical.TallManWithin(p.Label()), Note: note})
			continue
		}
		if note == "" {
			note = "strength to be typed"
		}
		list = append(list, web.Option{Value: ingredientPrefix + h.Ingredient.Name, Label: clinical.TallMan(h.Ingredient.Name), Note: note})
	}
	return list
}

// read takes the form into a draft and notes what is wrong. weight is the patient's, for doses by weight; nil if none is recorded.
func (e *editor) read(f *web.Form, weight *safety.Measure) draft {
	f.Need("drug", "Say which medicine: type the first letters of its name and choose from the list.")
	d := draft{name: f.Text("drug"), reason: f.Text("reason"), replaces: f.Text("replaces"), mode: f.Text("mode"), task: f.Text("task")}
	d.code, d.match = e.medicine(f.Text("code"), d.name)
	d.form = d.match.Form
	d.readSig(f, weight)
	d.readQuantity(f)
	return d
}

func (d *draft) readSig(f *web.Form, weight *safety.Measure) {
	f.Need("dose", "Write the dose with its unit, such as 1 tablet or 5 mL.")
	s := sig.Sig{Route: f.Text("route"), AsNeeded: f.Has("prn"), Reason: plainReason(f.Text("prnfor")), Note: strings.TrimSuffix(f.Text("note"), ".")}
	if text := f.Text("dose"); weightDose.MatchString(text) {
		d.readByWeight(&s, f, weightDose.FindStringSubmatch(text), weight)
	} else if text != "" {
		var err error
		if s.Low, s.High, s.Unit, err = sig.ParseDose(text); err != nil {
			f.Wrong("dose", sentence(err))
		}
	}
	if text := f.Text("frequency"); text != "" {
		var err error
		if s.Frequency, err = sig.ParseFrequency(text); err != nil {
			f.Wrong("frequency", sentence(err))
		}
	} else if !s.AsNeeded {
		f.Wrong("frequency", "Say how often, such as daily or every 8 hours.")
	}
	if s.Reason != "" {
		s.AsNeeded = true
	}
	if text := f.Text("days"); text != "" {
		n, err := strconv.Atoi(strings.TrimSuffix(strings.TrimSuffix(text, " days"), " day"))
		if err != nil || n < 1 || n > 3650 {
			f.Wrong("days", "A number of days, or nothing for until further notice.")
		} else {
			s.Days = n
		}
	}
	if text := f.Text("most"); text != "" {
		most, err := sig.ParseAmount(strings.Fields(text)[0])
		if err != nil {
			f.Wrong("most", sentence(err))
		} else {
			s.MaxPerDay = most
		}
	}
	if notes := clinical.Expand(s.Note + " " + s.Reason); notes != s.Note+" "+s.Reason {
		f.Wrong("note", "Write it out, without abbreviations that are read wrong:"+strings.TrimPrefix(notes, s.Note+" "+s.Reason)+".")
	}
	if p := d.match.Product; p != nil && len(p.Parts) == 1 && p.Parts[0].Amount != nil && s.Low != nil {
		countUnits(&s, p, f)
		if mass, unit, ok := sig.Mass(big.NewRat(1, 1), s.Unit, p.Parts[0]); ok && unit != s.Unit {
			s.Strength = sig.Strength{Amount: mass, Unit: unit}
		}
	}
	d.sig = s
	if !f.OK() {
		return
	}
	if err := s.Check(); err != nil {
		f.Wrong("dose", sentence(err))
		return
	}
	d.sigOK = true
}

// weightDose is a dose for each kilogram: 10 mg/kg.
var weightDose = regexp.MustCompile(`^([0-9][0-9.,/]*) ?([A-Za-z]+)/kg$`)

// readByWeight works a dose out from body weight.
func (d *draft) readByWeight(s *sig.Sig, f *web.Form, dose []string, weight *safety.Measure) {
	low, _, unit, err := sig.ParseDose(dose[1] + " " + dose[2])
	switch {
	case err != nil:
		f.Wrong("dose", sentence(err))
		return
	case weight == nil:
		f.Wrong("dose", "No weight is recorded: record it, or write the dose itself.")
		return
	}
	w := sig.ByWeight{PerKg: low, Unit: unit, Weight: weight.Value}
	s.Low, s.Unit = w.Dose(), unit
	d.byWeight = w.Words() + ", weight of " + format.Date(weight.At)
}

// countUnits writes a dose that is given as an amount of the ingredient in what the patient takes of the product: 20 mg is 1 tablet of
// 20 mg, and a liquid is measured in mL, to 0.1 mL. What cannot be taken from whole, half or quarter units is wrong.
func countUnits(s *sig.Sig, p *drugs.Product, f *web.Form) {
	_, isMass := drugs.Milligrams(s.Low, s.Unit)
	if !isMass && s.Unit != "units" && s.Unit != "mEq" || p.Form.Unit == "" || s.Unit == p.Form.Unit || p.Parts[0].Unit == "units" {
		return
	}
	step := big.NewRat(1, 4)
	if p.Form.Whole {
		step = big.NewRat(1, 1)
	}
	if p.Form.Liquid() {
		step = big.NewRat(1, 10)
	}
	convert := func(amount *big.Rat) *big.Rat {
		exact, rounded, ok := sig.Measure(amount, s.Unit, p.Parts[0], step)
		if !ok || rounded.Sign() <= 0 || !p.Form.Liquid() && exact.Cmp(rounded) != 0 {
			f.Wrong("dose", drugs.Number(amount)+" "+s.Unit+" cannot be taken from "+p.Strength()+" "+p.Form.Name+"s. Choose another strength, or write the number of "+p.Form.Unit+"s.")
			return amount
		}
		return rounded
	}
	low := convert(s.Low)
	if s.High != nil {
		s.High = convert(s.High)
	}
	if s.MaxPerDay != nil {
		s.MaxPerDay = convert(s.MaxPerDay)
	}
	if f.Error("dose") == "" {
		s.Low, s.Unit = low, p.Form.Unit
	}
}

func (d *draft) readQuantity(f *web.Form) {
	f.Need("quantity", "Write how much is dispensed, such as 30.")
	if text := f.Text("quantity"); text != "" {
		q, err := sig.ParseAmount(strings.Fields(text)[0])
		if err != nil || q.Sign() <= 0 {
			f.Wrong("quantity", "Write how much is dispensed as a number, such as 30.")
		} else {
			d.quantity = q
		}
	}
	if text := f.Text("refills"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 0 || n > 99 {
			f.Wrong("refills", "A number from 0 to 99.")
		} else {
			d.refills = n
		}
	}
	if d.sigOK && d.quantity != nil && d.sig.Unit == d.quantityUnit() {
		d.supply, d.supplyOK = d.sig.DaysSupply(d.quantity)
	}
}

// plainReason is a reason as it follows "as needed for".
func plainReason(s string) string {
	s = strings.TrimSuffix(strings.TrimPrefix(s, "for "), ".")
	r := []rune(s)
	if len(r) > 1 && unicode.IsUpper(r[0]) && unicode.IsLower(r[1]) { // not GERD
		r[0] = unicode.ToLower(r[0])
	}
	return string(r)
}

// sentence is an error as a sentence of its own.
func sentence(err error) string {
	s := err.Error()
	return strings.ToUpper(s[:1]) + s[1:] + "."
}

// supplyWords tell how long it lasts: 360 days of supply, until 18-Nov-2027.
func (d draft) supplyWords(now time.Time) string {
	if !d.supplyOK || d.supply == 0 {
		return ""
	}
	days := d.supply * (1 + d.refills)
	return fmt.Sprintf("%s days of supply, until %s", format.Thousands(strconv.Itoa(days)), format.Date(now.AddDate(0, 0, days)))
}

// order is the draft for the checks.
func (d draft) order() safety.Order {
	o := safety.Order{Medicine: safety.Medicine{Name: d.name, Match: d.match}}
	if d.sigOK {
		s := d.sig
		o.Sig = &s
	}
	if d.replaces != "" {
		o.Replaces = "MedicationRequest/" + d.replaces
	}
	return o
}

// defaults fills in what is usual for a medicine, where nothing was typed.
func (e *editor) defaults(f *web.Form, weight *safety.Measure) {
	_, match := e.medicine(f.Text("code"), f.Text("drug"))
	form := match.Form
	set := func(name, value string) {
		if f.Text(name) == "" && value != "" {
			f.Set(name, value)
		}
	}
	switch form.Unit {
	case "tablet", "capsule", "patch", "suppository", "application", "spray", "drop", "ring", "dose":
		set("dose", "1 "+form.Unit)
	case "puff":
		set("dose", "2 puffs")
	}
	if form.Route != "" {
		set("route", form.Route)
	}
	set("route", "oral")
	if !f.Has("prn") {
		set("frequency", usualFrequency(match))
	}
	if f.Text("quantity") == "" {
		probe := web.NewForm(nil)
		for _, name := range []string{"drug", "code", "dose", "route", "frequency", "days", "most"} {
			probe.Set(name, f.Text(name))
		}
		probe.Set("quantity", "1")
		if f.Has("prn") {
			probe.Set("prn", "yes")
		}
		if d := e.read(probe, weight); d.sigOK {
			days := 30
			if d.sig.Days > 0 {
				days = d.sig.Days
			}
			if q, ok := d.sig.Quantity(days); ok {
				set("quantity", drugs.Number(q))
			} else if d.sig.Frequency.Once {
				set("quantity", drugs.Number(d.sig.Low))
			}
		}
	}
	set("refills", "0")
}

// usualFrequency is how often the label has most take it; "" where that differs from patient to patient.
func usualFrequency(m drugs.Match) string {
	is := func(class string) bool {
		return slices.ContainsFunc(m.Ingredients, func(i *drugs.Ingredient) bool { return i.Is(class) })
	}
	switch {
	case !m.Found() || is("opioid") || is("penicillin") || is("cephalosporin") || is("saba") || is("insulin"):
		return ""
	case slices.ContainsFunc(m.Ingredients, func(i *drugs.Ingredient) bool {
		return i.Name == "methotrexate" || i.Name == "alendronic acid" || i.Name == "semaglutide"
	}):
		return "weekly"
	}
	return "daily"
}
