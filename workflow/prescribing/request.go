package prescribing

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/web/clinical"
	"github.com/osler-ehr/osler/web/facts"
)

// request is the view of a MedicationRequest or, with its own names for two elements, of a MedicationStatement.
type request struct {
	ID         string
	Status     string
	Intent     string
	Medication fhir.Choice   `fhir:"medication[x]"`
	Authored   fhir.DateTime `fhir:"authoredOn"`
	Dosage     []fhir.Dosage `fhir:"dosageInstruction"`
	Contained  []fhir.Node
	Reported   bool           `fhir:"reportedBoolean"`
	ReportedBy fhir.Reference `fhir:"reportedReference"`
	Forbidden  bool           `fhir:"doNotPerform"`

	reported bool // it is a MedicationStatement
}

// fromElsewhere reports whether it was not prescribed here: somebody said that it is taken.
func (o request) fromElsewhere() bool {
	return o.reported || o.Reported || o.ReportedBy != (fhir.Reference{})
}

// statement is the view of a MedicationStatement: what the patient says to take.
type statement struct {
	ID         string
	Status     string
	Medication fhir.Choice   `fhir:"medication[x]"`
	Asserted   fhir.DateTime `fhir:"dateAsserted"`
	Dosage     []fhir.Dosage
	Contained  []fhir.Node
}

// statementPrefix marks the id of a MedicationStatement in the list.
const statementPrefix = "MedicationStatement/"

// read makes the panel of what a patient takes now.
func read(ctx context.Context, s *record.Session, patient string, now time.Time) (Panel, error) {
	var orders []request
	var reported []statement
	var reconciled string
	var err1, err2 error
	facts.Together(
		func() {
			orders, err1 = facts.FindAll[request](ctx, s, "MedicationRequest", patient, facts.Params("status", "active,on-hold", "_sort", "-authoredon", "_count", "200")...)
		},
		func() {
			if s.May(access.Search, "MedicationStatement") {
				reported, err2 = facts.FindAll[statement](ctx, s, "MedicationStatement", patient, facts.Params("status", "active,on-hold", "_count", "200")...)
			}
		},
		func() { reconciled = lastReconciled(ctx, s, patient, now.Location()) },
	)
	if err1 != nil {
		return Panel{}, err1
	}
	if err2 != nil {
		return Panel{}, err2
	}
	for _, st := range reported {
		orders = append(orders, request{reported: true, ID: st.ID, Status: st.Status, Intent: "order", Medication: st.Medication, Authored: st.Asserted, Dosage: st.Dosage, Contained: st.Contained})
	}
	names := medicationNames(ctx, s, orders)
	p := list(orders, names)
	p.Reconciled = reconciled
	return p, nil
}

// medicationNames reads the Medication resources that requests refer to.
func medicationNames(ctx context.Context, s *record.Session, orders []request) map[string]string {
	names := map[string]string{}
	var reads []func()
	type answer struct{ id, name string }
	answers := make(chan answer, len(orders))
	for _, o := range orders {
		ref, ok := fhir.ChoiceValue[fhir.Reference](o.Medication)
		if !ok || ref.Display != "" {
			continue
		}
		t, ok := ref.Target()
		if !ok || t.Type != "Medication" || t.ID == "" {
			continue
		}
		if _, asked := names[t.ID]; asked {
			continue
		}
		names[t.ID] = ""
		reads = append(reads, func() {
			v, err := s.Read(ctx, "Medication", t.ID)
			if err != nil {
				return // the line then says that the name is not known
			}
			m, err := fhir.View[struct{ Code fhir.CodeableConcept }](v.Resource())
			if err == nil {
				answers <- answer{t.ID, facts.Concept(m.Code)}
			}
		})
	}
	facts.Together(reads...)
	close(answers)
	for a := range answers {
		names[a.id] = a.name
	}
	return names
}

// lastReconciled is the day on which somebody last went through the list with the patient.
func lastReconciled(ctx context.Context, s *record.Session, patient string, zone *time.Location) string {
	if !s.May(access.Search, "Procedure") {
		return ""
	}
	done, err := facts.Find[struct {
		Status    string
		Performed fhir.Choice `fhir:"performed[x]"`
	}](ctx, s, "Procedure", patient, facts.Params("code", "http://snomed.info/sct|430193006", "_sort", "-date", "_count", "5")...)
	if err != nil {
		return ""
	}
	for _, d := range done {
		if d.Status != "completed" {
			continue
		}
		switch v := d.Performed.Value().(type) {
		case fhir.DateTime:
			return facts.Day(v, zone)
		case fhir.Period:
			return facts.Day(facts.When(v.End, v.Start), zone)
		}
	}
	return ""
}

// list makes the panel: each medication once, by name.
func list(orders []request, names map[string]string) Panel {
	type row struct {
		m  clinical.Medication
		id string
	}
	var rows []row
	seen := map[string]bool{}
	for _, o := range orders {
		if !o.taken() {
			continue // a plan or proposal is not taken
		}
		r := row{m: o.medication(names), id: o.ID}
		line := r.m.Line()
		if seen[line] {
			continue
		}
		seen[line] = true
		if o.reported && r.id != "" {
			r.id = statementPrefix + r.id
		}
		rows = append(rows, r)
	}
	slices.SortStableFunc(rows, func(a, b row) int {
		return strings.Compare(strings.ToLower(a.m.Line()), strings.ToLower(b.m.Line()))
	})
	var p Panel
	for _, r := range rows {
		p.Current, p.ids = append(p.Current, r.m), append(p.ids, r.id)
	}
	return p
}

// medication is the line of a request.
func (o request) medication(names map[string]string) clinical.Medication {
	m := Named(o.name(names))
	switch {
	case o.Status == "on-hold":
		m.Status = "on hold"
	case o.fromElsewhere():
		m.Status = "from elsewhere"
	}
	if len(o.Dosage) == 0 {
		if m.Text == "" {
			m.Text = "Dose not recorded"
		}
		return m
	}
	Directions(&m, o.Dosage)
	return m
}

// name is what the request calls the drug.
func (o request) name(names map[string]string) string {
	switch v := o.Medication.Value().(type) {
	case fhir.CodeableConcept:
		return facts.Concept(v)
	case fhir.Reference:
		if v.Display != "" {
			return v.Display
		}
		t, _ := v.Target()
		for _, c := range o.Contained {
			if t.Fragment == "" || c.Get("id").Text() != t.Fragment {
				continue
			}
			if m, err := fhir.View[struct{ Code fhir.CodeableConcept }](c); err == nil {
				return facts.Concept(m.Code)
			}
		}
		return names[t.ID]
	}
	return ""
}
