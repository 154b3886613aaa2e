package prescribing

import (
	"cmp"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"time"

	"github.com/osler-ehr/osler/drugs"
	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/terms/ucum"
	"github.com/osler-ehr/osler/web/facts"
	"github.com/osler-ehr/osler/workflow/prescribing/safety"
	"github.com/osler-ehr/osler/workflow/prescribing/sig"
)

// documents are what of a record the safety checks look at. A part that could not be read whole is named in unread, with why.
type documents struct {
	patient     *fhir.Resource
	allergies   []*fhir.Resource
	requests    []*fhir.Resource // MedicationRequest
	statements  []*fhir.Resource // MedicationStatement
	medications map[string]*fhir.Resource
	conditions  []*fhir.Resource
	weights     []*fhir.Resource // Observations, newest first, as are the next
	filtration  []*fhir.Resource
	creatinine  []*fhir.Resource
	pregnancy   []*fhir.Resource
	unread      map[safety.Check][]string
}

// snapshot is what the documents say of the patient. What of them is not understood is said in Unread, by the checks that it concerns;
// nothing is guessed.
func (d documents) snapshot(medicines *drugs.Library, now time.Time) safety.Patient {
	r := reader{library: medicines, docs: d, p: safety.Patient{Now: now, Unread: map[safety.Check][]string{}}}
	for check, why := range d.unread {
		r.p.Unread[check] = append(r.p.Unread[check], why...)
	}
	r.person()
	r.allergies()
	r.medicines()
	r.problems()
	r.p.Weight = r.measure(d.weights, "kg", "weight", safety.Dose)
	r.p.EGFR = r.measure(d.filtration, "mL/min/{1.73_m2}", "eGFR", safety.Kidneys)
	r.p.Creatinine = r.measure(d.creatinine, "mg/dL", "creatinine", safety.Kidneys)
	r.pregnant()
	return r.p
}

// reader turns documents into a snapshot.
type reader struct {
	library *drugs.Library
	docs    documents
	p       safety.Patient
}

func (r *reader) unread(text string, checks ...safety.Check) {
	for _, c := range checks {
		if !slices.Contains(r.p.Unread[c], text) {
			r.p.Unread[c] = append(r.p.Unread[c], text)
		}
	}
}

func (r *reader) person() {
	if r.docs.patient == nil {
		return
	}
	p, err := fhir.View[struct {
		Gender string
		Birth  fhir.Date `fhir:"birthDate"`
	}](r.docs.patient)
	if err != nil {
		r.unread("Birth date and sex could not be understood.", safety.Dose, safety.Kidneys, safety.Pregnancy, safety.Age)
		return
	}
	if p.Gender != "unknown" {
		r.p.Sex = p.Gender
	}
	if born := p.Birth.String(); len(born) == len("2006-01-02") {
		if t, err := time.ParseInLocation(time.DateOnly, born, r.p.Now.Location()); err == nil {
			r.p.Born = t
		}
	} else if born != "" {
		r.unread("The birth date is known as "+born+" only: the age is not exact enough.", safety.Dose, safety.Kidneys, safety.Age)
	}
}

func (r *reader) allergies() {
	var all []facts.Allergy
	for _, doc := range r.docs.allergies {
		a, err := fhir.View[facts.Allergy](doc)
		if err != nil {
			r.unread("An allergy could not be understood and was not compared.", safety.Allergies)
			continue
		}
		all = append(all, a)
	}
	standing, _ := facts.Sort(all)
	for _, a := range standing {
		match := r.library.Allergen(a.Code)
		for _, reaction := range a.Reactions { // the substance of a reaction may say more than the entry
			more := r.library.Allergen(reaction.Substance)
			for _, i := range more.Ingredients {
				if !slices.Contains(match.Ingredients, i) {
					match.Ingredients = append(match.Ingredients, i)
				}
			}
		}
		r.p.Allergies = append(r.p.Allergies, safety.Allergy{
			ID: a.ID, Name: a.Substance(), Match: match, Reaction: a.Reaction(), Severity: a.Severity(), Criticality: a.Criticality, Intolerance: a.Type == "intolerance",
			NotMedicine: len(a.Category) > 0 && !slices.Contains(a.Category, "medication") && !slices.Contains(a.Category, "biologic"),
		})
	}
	_, state := facts.Sort(all)
	r.p.AllergyState = allergyState(len(r.p.Allergies), len(r.docs.unread[safety.Allergies]) > 0, state)
}

func (r *reader) medicines() {
	for _, doc := range r.docs.requests {
		v, err := fhir.View[request](doc)
		if err != nil {
			r.unread("A prescription could not be understood and was not compared.", safety.Interactions, safety.Duplicates, safety.Dose)
			continue
		}
		if v.taken() {
			r.p.Medicines = append(r.p.Medicines, r.medicine("MedicationRequest/"+v.ID, v))
		}
	}
	for _, doc := range r.docs.statements {
		v, err := fhir.View[statement](doc)
		if err != nil {
			r.unread("A medicine that the patient reported could not be understood and was not compared.", safety.Interactions, safety.Duplicates, safety.Dose)
			continue
		}
		r.p.Medicines = append(r.p.Medicines, r.medicine("MedicationStatement/"+v.ID, request{ID: v.ID, Medication: v.Medication, Contained: v.Contained, Dosage: v.Dosage}))
	}
}

// taken reports whether a request is one for what the patient takes, and no plan or proposal.
func (o request) taken() bool {
	if o.Forbidden { // an order not to take it
		return false
	}
	switch o.Intent {
	case "order", "original-order", "reflex-order", "filler-order", "instance-order", "":
		return true
	case "plan": // what somebody reports to take; a plan of ours is not taken yet
		return o.fromElsewhere()
	}
	return false
}

func (r *reader) medicine(id string, o request) safety.Medicine {
	code, ok := o.code(r.docs.medications)
	m := safety.Medicine{ID: id, Name: facts.Concept(code), Match: r.library.Resolve(code)}
	if !ok {
		m.Name = "A medicine whose entry could not be read"
	}
	if len(o.Dosage) == 1 {
		if s, err := sig.FromDosage(o.Dosage[0]); err == nil {
			m.Sig = &s
		}
	}
	return m
}

// code is what a request is for, followed through a reference.
func (o request) code(medications map[string]*fhir.Resource) (fhir.CodeableConcept, bool) {
	type medication struct{ Code fhir.CodeableConcept }
	switch v := o.Medication.Value().(type) {
	case fhir.CodeableConcept:
		return v, true
	case fhir.Reference:
		t, _ := v.Target()
		for _, c := range o.Contained {
			if t.Fragment != "" && c.Get("id").Text() == t.Fragment {
				if m, err := fhir.View[medication](c); err == nil {
					return m.Code, true
				}
			}
		}
		if doc := medications[t.ID]; doc != nil {
			if m, err := fhir.View[medication](doc); err == nil {
				return m.Code, true
			}
		}
		return fhir.CodeableConcept{Text: v.Display}, v.Display != ""
	}
	return fhir.CodeableConcept{}, false
}

func (r *reader) problems() {
	for _, doc := range r.docs.conditions {
		c, err := fhir.View[struct {
			Clinical     fhir.CodeableConcept `fhir:"clinicalStatus"`
			Verification fhir.CodeableConcept `fhir:"verificationStatus"`
			Code         fhir.CodeableConcept
			Abatement    fhir.Choice `fhir:"abatement[x]"`
		}](doc)
		if err != nil {
			r.unread("A problem could not be understood and was not compared.", safety.Conditions)
			continue
		}
		switch facts.Code(c.Verification, facts.ConditionVerification) {
		case "refuted", "entered-in-error":
			continue
		}
		switch facts.Code(c.Clinical, facts.ConditionClinical) {
		case "inactive", "resolved":
			continue
		case "":
			if !c.Abatement.IsZero() {
				continue
			}
		}
		p := safety.Problem{Name: facts.Concept(c.Code)}
		for _, k := range c.Code.Coding {
			if k.System == "http://hl7.org/fhir/sid/icd-10-cm" || k.System == "http://hl7.org/fhir/sid/icd-10" {
				p.ICD10 = append(p.ICD10, k.Code)
			}
			if pregnant(k) {
				r.p.Pregnant = safety.Yes
				if r.p.PregnantAt.IsZero() {
					r.p.PregnantAt = r.p.Now
				}
			}
		}
		if k := strings.ToLower(p.Name); k == "normal pregnancy" || k == "pregnancy" || k == "pregnant" {
			r.p.Pregnant, r.p.PregnantAt = safety.Yes, r.p.Now
		}
		r.p.Problems = append(r.p.Problems, p)
	}
}

// measure is the newest value of observations, in the unit asked for.
func (r *reader) measure(newest []*fhir.Resource, unit, what string, check safety.Check) *safety.Measure {
	for _, doc := range newest {
		o, err := facts.ReadObservation(doc)
		if err != nil {
			r.unread("A "+what+" could not be understood and was left out.", check)
			continue
		}
		q, ok := o.Value.Value().(fhir.Quantity)
		if !o.Valid() || !ok || q.Value.IsZero() {
			continue
		}
		at := o.At().Time(r.p.Now.Location())
		if check == safety.Kidneys && strings.HasPrefix(q.Comparator, "<") {
			// An eGFR of <15 must not give way to an older, better one: the limit is taken for it, and said.
			r.unread(fmt.Sprintf("The %s of %s is known as less than %s only.", what, at.Format("02-Jan-2006"), q.Value), check)
			q.Comparator = ""
		}
		value, err := inUnit(q, unit)
		if err != nil {
			r.unread(fmt.Sprintf("The %s of %s is in %q, which cannot be converted to %s; it was left out.", what, at.Format("02-Jan-2006"), cmp.Or(q.Code, q.Unit), ucum.Symbol(unit)), check)
			continue
		}
		return &safety.Measure{Value: value, At: at}
	}
	return nil
}

// inUnit converts a value, creatinine from moles too.
func inUnit(q fhir.Quantity, unit string) (*big.Rat, error) {
	if q.Comparator != "" && q.Comparator != ">" && q.Comparator != ">=" {
		return nil, fmt.Errorf("%s %s is no exact value", q.Comparator, q.Value)
	}
	from := cmp.Or(q.Code, q.Unit)
	value := q.Value.Rat()
	if unit == "mg/dL" && (from == "umol/L" || from == "µmol/L") {
		return value.Quo(value, big.NewRat(884, 10)), nil // 113.12 g/mol
	}
	if strings.HasPrefix(unit, "mL/min/") && (strings.HasPrefix(from, "mL/min") || strings.HasPrefix(strings.ToLower(from), "ml/min")) {
		return value, nil // normalised to 1.73 m2, however that was written
	}
	if known := typedUnits[strings.ToLower(from)]; known != "" {
		from = known
	}
	return ucum.ConvertRat(value, from, unit)
}

// typedUnits are units as they stand in data without codes.
var typedUnits = map[string]string{"lb": "[lb_av]", "lbs": "[lb_av]", "pounds": "[lb_av]", "oz": "[oz_av]", "kgs": "kg", "kilograms": "kg", "mg/dl": "mg/dL"}

// pregnant reports whether a code says that the patient is pregnant now.
func pregnant(k fhir.Coding) bool {
	switch k.System {
	case facts.SNOMED:
		return k.Code == "77386006" || k.Code == "72892002"
	case "http://hl7.org/fhir/sid/icd-10-cm":
		return strings.HasPrefix(k.Code, "Z33.1") || strings.HasPrefix(k.Code, "Z34") || strings.HasPrefix(k.Code, "O09") || strings.HasPrefix(k.Code, "Z3A")
	}
	return false
}

func (r *reader) pregnant() {
	for _, doc := range r.docs.pregnancy {
		o, err := facts.ReadObservation(doc)
		if err != nil {
			r.unread("A pregnancy status could not be understood and was left out.", safety.Pregnancy)
			continue
		}
		c, ok := o.Value.Value().(fhir.CodeableConcept)
		if !o.Valid() || !ok {
			continue
		}
		at := o.At().Time(r.p.Now.Location())
		switch {
		case c.Has(facts.SNOMED, "77386006"):
			r.p.Pregnant, r.p.PregnantAt = safety.Yes, at
		case c.Has(facts.SNOMED, "60001007"):
			if r.p.Pregnant == safety.Yes { // the problem list says otherwise
				r.unread("The pregnancy status of "+at.Format("02-Jan-2006")+" says not pregnant, and the problem list pregnant.", safety.Pregnancy)
				return
			}
			r.p.Pregnant, r.p.PregnantAt = safety.No, at
		default:
			r.unread(fmt.Sprintf("The pregnancy status of %s is %q, which says neither yes nor no.", at.Format("02-Jan-2006"), facts.Concept(c)), safety.Pregnancy)
		}
		return
	}
}
