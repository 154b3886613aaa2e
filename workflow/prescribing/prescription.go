package prescribing

import (
	"cmp"
	"fmt"
	"math/big"
	"strconv"
	"time"

	"github.com/osler-ehr/osler/drugs"
	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/web"
	"github.com/osler-ehr/osler/web/facts"
	"github.com/osler-ehr/osler/workflow/prescribing/sig"
)

// profile is what a prescription claims to be. (US Core 6.1.0 and 7.0.0.)
const profile = "http://hl7.org/fhir/us/core/StructureDefinition/us-core-medicationrequest"

// prescription is a MedicationRequest as the form reads and writes it.
type prescription struct {
	Meta            fhir.Meta
	Extension       []fhir.Extension
	Identifier      []fhir.Identifier
	Status          string
	StatusReason    fhir.CodeableConcept `fhir:"statusReason"`
	Intent          string
	Category        []fhir.CodeableConcept
	Medication      fhir.Choice `fhir:"medication[x]"`
	Subject         fhir.Reference
	Authored        fhir.DateTime `fhir:"authoredOn"`
	Requester       fhir.Reference
	Reason          []fhir.CodeableConcept `fhir:"reasonCode"`
	ReasonReference []fhir.Reference
	Course          fhir.CodeableConcept `fhir:"courseOfTherapyType"`
	Dosage          []fhir.Dosage        `fhir:"dosageInstruction"`
	Dispense        dispense             `fhir:"dispenseRequest"`
	Substitution    substitution
	Prior           fhir.Reference   `fhir:"priorPrescription"`
	Issues          []fhir.Reference `fhir:"detectedIssue"`
}

// substitution is whether a pharmacy may hand out another product, and why not.
type substitution struct {
	Allowed fhir.Choice `fhir:"allowed[x]"`
	Reason  fhir.CodeableConcept
}

// dispense is how much is handed out.
type dispense struct {
	Repeats   *int `fhir:"numberOfRepeatsAllowed"`
	Quantity  fhir.Quantity
	Supply    fhir.Quantity  `fhir:"expectedSupplyDuration"`
	Performer fhir.Reference // the pharmacy
}

// make writes the draft as a prescription.
func (d draft) make(patient string, author fhir.Reference, now time.Time) (prescription, error) {
	dosage, err := d.sig.Dosage()
	if err != nil {
		return prescription{}, err
	}
	if d.byWeight != "" {
		dosage.DoseAndRate[0].Type = fhir.Concept("http://terminology.hl7.org/CodeSystem/dose-rate-type", "calculated", "Calculated")
		dosage.DoseAndRate[0].Type.Text = d.byWeight
	}
	q, err := sig.Quantity(d.quantity, d.quantityUnit())
	if err != nil {
		return prescription{}, err
	}
	p := prescription{
		Meta: fhir.Meta{Profile: []string{profile}}, Status: "active", Intent: "order",
		Category:   []fhir.CodeableConcept{fhir.Concept("http://terminology.hl7.org/CodeSystem/medicationrequest-category", "community", "Community")},
		Medication: fhir.ChoiceOf(d.code), Subject: fhir.To("Patient", patient),
		Authored: fhir.DateTimeOf(now, fhir.Second), Requester: author, Dosage: []fhir.Dosage{dosage},
		Dispense: dispense{Repeats: &d.refills, Quantity: q},
	}
	if d.supplyOK && d.supply > 0 {
		p.Dispense.Supply = fhir.Quantity{Value: fhir.DecimalFromInt(int64(d.supply)), Unit: "days", System: fhir.UCUM, Code: "d"}
	}
	if d.reason != "" {
		p.Reason = []fhir.CodeableConcept{{Text: d.reason}}
	}
	if d.replaces != "" {
		p.Prior = fhir.To("MedicationRequest", d.replaces)
	}
	return p, nil
}

// quantityUnit is what is counted when it is dispensed: tablets, also where the dose is in mg.
func (d draft) quantityUnit() string {
	if d.form.Unit != "" {
		return d.form.Unit
	}
	return d.sig.Unit
}

// show fills the form with a prescription, to renew or change it. What the form cannot hold is named, and left for the person to type.
func (e *editor) show(p prescription, f *web.Form) (lost string) {
	c, _ := fhir.ChoiceValue[fhir.CodeableConcept](p.Medication)
	match := e.library.Resolve(c)
	f.Set("drug", facts.Concept(c))
	if match.Product != nil && match.Product.RxCUI != "" {
		f.Set("code", match.Product.RxCUI)
		f.Set("drug", label(match.Product))
	}
	if len(p.Reason) > 0 {
		f.Set("reason", facts.Concept(p.Reason[0]))
	} else if len(p.ReasonReference) > 0 {
		f.Set("reason", p.ReasonReference[0].Display)
	}
	if p.Dispense.Repeats != nil {
		f.Set("refills", strconv.Itoa(*p.Dispense.Repeats))
	}
	if !p.Dispense.Quantity.Value.IsZero() {
		f.Set("quantity", drugs.Number(p.Dispense.Quantity.Value.Rat()))
	}
	if len(p.Dosage) != 1 {
		return "The directions stand in " + strconv.Itoa(len(p.Dosage)) + " parts; write them anew."
	}
	s, err := sig.FromDosage(p.Dosage[0])
	if err != nil {
		f.Set("note", "")
		return fmt.Sprintf("The directions cannot be taken over (%v): %s", err, spoken(p.Dosage[0]))
	}
	f.Set("dose", doseText(s))
	f.Set("route", s.Route)
	f.Set("frequency", s.Frequency.Words())
	if s.AsNeeded {
		f.Set("prn", "yes")
	}
	f.Set("prnfor", s.Reason)
	if s.Days > 0 {
		f.Set("days", strconv.Itoa(s.Days))
	}
	if s.MaxPerDay != nil {
		f.Set("most", drugs.Number(s.MaxPerDay))
	}
	f.Set("note", s.Note)
	if lost := e.said(p.Dosage[0].Text, f); lost != "" {
		return lost
	}
	return counted(p.Dispense.Quantity, match.Form.Unit, s.Unit, f)
}

// counted holds the unit of a quantity against the one in which it would be written anew: 3 bottles are not 3 mL. unit is of the form of
// the medicine, "" where that is not known; dose is of the dose.
func counted(q fhir.Quantity, unit, dose string, f *web.Form) (lost string) {
	typed := cmp.Or(q.Unit, q.Code)
	if q.Value.IsZero() || typed == "" || typed == "1" {
		return "" // a number alone means what the form counts
	}
	if unit = cmp.Or(unit, dose); sig.Means(q, unit) {
		return ""
	}
	f.Set("quantity", "")
	return "The quantity was written as " + quantityWords(q) + ", and is counted in " + sig.Unit(unit, true) + " here: write it anew."
}

// said holds the words that came with the directions against what the form says now. What they add is a further instruction; where they
// say something else the person writes the directions anew.
func (e *editor) said(text string, f *web.Form) (lost string) {
	if text == "" {
		return ""
	}
	values := web.NewForm(nil)
	for _, name := range []string{"drug", "code", "dose", "route", "frequency", "prn", "prnfor", "days", "most", "note"} {
		if f.Text(name) != "" {
			values.Set(name, f.Text(name))
		}
	}
	values.Set("quantity", "1")
	d := e.read(values, nil)
	if !d.sigOK {
		return ""
	}
	note, differs := sig.Surplus(text, d.sig.Words())
	switch {
	case differs:
		return "The directions were written with other words than the dose says: " + text
	case note != "" && f.Text("note") == "":
		f.Set("note", note)
	}
	return ""
}

// doseText is a dose as it can be typed again.
func doseText(s sig.Sig) string {
	plural := s.High != nil || s.Low.Cmp(big.NewRat(1, 1)) > 0
	text := drugs.Number(s.Low)
	if s.High != nil {
		text += " to " + drugs.Number(s.High)
	}
	return text + " " + sig.Unit(s.Unit, plural)
}
