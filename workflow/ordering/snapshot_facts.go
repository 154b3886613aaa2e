package ordering

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/web/facts"
	"github.com/osler-ehr/osler/workflow/ordering/imaging"
)

// coded is a problem or procedure as the checks of imaging see it.
type coded struct {
	Clinical     fhir.CodeableConcept `fhir:"clinicalStatus"`
	Verification fhir.CodeableConcept `fhir:"verificationStatus"`
	Code         fhir.CodeableConcept
	Onset        fhir.Choice   `fhir:"onset[x]"`
	Abatement    fhir.Choice   `fhir:"abatement[x]"`
	Recorded     fhir.DateTime `fhir:"recordedDate"`
}

// active reports whether a problem holds now.
func (c coded) active() bool {
	switch facts.Code(c.Clinical, facts.ConditionClinical) {
	case "inactive", "resolved", "remission":
		return false
	case "":
		return c.Abatement.IsZero()
	}
	return true
}

// at is when a problem began or, where nobody said, was recorded.
func (c coded) at(zone *time.Location) time.Time {
	if on, ok := fhir.ChoiceValue[fhir.DateTime](c.Onset); ok {
		return on.Time(zone)
	}
	if c.Recorded.IsZero() {
		return time.Time{}
	}
	return c.Recorded.Time(zone)
}

func (r *picturing) problems() {
	zone := r.p.Now.Location()
	for _, doc := range r.d.conditions {
		c, err := fhir.View[coded](doc)
		if err != nil {
			r.unread("A problem could not be understood and was not compared.", imaging.Pregnancy, imaging.Kidneys, imaging.Metformin, imaging.Implants)
			continue
		}
		switch facts.Code(c.Verification, facts.ConditionVerification) {
		case "refuted", "entered-in-error":
			continue
		}
		name := facts.Concept(c.Code)
		fact := &imaging.Fact{Text: name + ", problem recorded", At: c.at(zone)}
		means := imaging.ProblemMeans(c.Code, name)
		if means == imaging.Sterile || means == imaging.Womb { // it stays true when the problem is closed
			r.p.Excluded = cmp.Or(r.p.Excluded, fact)
			continue
		}
		if !c.active() {
			continue
		}
		switch means {
		case imaging.Expecting:
			r.p.Pregnant = cmp.Or(r.p.Pregnant, fact)
		case imaging.AcuteKidney:
			r.p.AKI = cmp.Or(r.p.AKI, fact)
		case imaging.OnDialysis:
			r.p.Dialysis = cmp.Or(r.p.Dialysis, fact)
			r.risk(strings.ToLower(name))
		case imaging.KidneyRisk:
			r.risk(strings.ToLower(name))
		case imaging.ActiveImplant:
			r.p.Implants = append(r.p.Implants, imaging.Implant{Name: name + " (problem list)", Active: true})
		}
	}
}

func (r *picturing) risk(why string) {
	if why != "" && !slices.Contains(r.p.RenalRisk, why) {
		r.p.RenalRisk = append(r.p.RenalRisk, why)
	}
}

func (r *picturing) procedures() {
	for _, doc := range r.d.procedures {
		p, err := fhir.View[struct {
			Status    string
			Code      fhir.CodeableConcept
			Performed fhir.Choice `fhir:"performed[x]"`
		}](doc)
		if err != nil {
			r.unread("A procedure could not be understood and was not compared.", imaging.Pregnancy)
			continue
		}
		if p.Status != "completed" {
			continue
		}
		name := facts.Concept(p.Code)
		if imaging.ProcedureMeans(p.Code, name) == imaging.Sterile {
			var at time.Time
			switch v := p.Performed.Value().(type) {
			case fhir.DateTime:
				at = v.Time(r.p.Now.Location())
			case fhir.Period:
				at = facts.When(v.End, v.Start).Time(r.p.Now.Location())
			}
			r.p.Excluded = cmp.Or(r.p.Excluded, &imaging.Fact{Text: name + ", done", At: at})
		}
	}
}

// pregnancy reads what was asked and what was tested. The newest of both counts, and what says pregnant goes before what denies it of the
// same day.
func (r *picturing) pregnancy() {
	const lasts = 300 // days for which a positive test is taken to mean that the pregnancy goes on
	zone := r.p.Now.Location()
	var yes, no *imaging.Fact
	note := func(at time.Time, positive bool, text string) {
		f := &imaging.Fact{Text: text, At: at}
		into := &no
		if positive {
			into = &yes
		}
		if *into == nil || at.After((*into).At) {
			*into = f
		}
	}
	for _, doc := range slices.Concat(r.d.status, r.d.tests) {
		o, err := facts.ReadObservation(doc)
		if err != nil {
			r.unread("A pregnancy test or status could not be understood and was left out.", imaging.Pregnancy)
			continue
		}
		if !o.Valid() {
			continue
		}
		at := o.At().Time(zone)
		switch positive, negative := imaging.PregnancyResult(o.Code, o.Value); {
		case positive:
			note(at, true, o.Name()+": "+o.Show().Text)
		case negative:
			note(at, false, o.Name()+": "+o.Show().Text)
		case !o.Value.IsZero():
			r.unread("The "+o.Name()+" of "+at.Format("02-Jan-2006")+" says neither yes nor no.", imaging.Pregnancy)
		}
	}
	if no != nil && (yes == nil || no.At.After(yes.At)) {
		r.p.NotPregnant = no
		yes = nil
	}
	if yes != nil && r.p.Now.Sub(yes.At) <= lasts*24*time.Hour {
		r.p.Pregnant = cmp.Or(r.p.Pregnant, yes)
	}
}

func (r *picturing) medicines() {
	names := map[string]fhir.CodeableConcept{}
	for _, doc := range r.d.medications {
		if m, err := fhir.View[struct{ Code fhir.CodeableConcept }](doc); err == nil {
			names[doc.ID()] = m.Code
		}
	}
	for _, doc := range slices.Concat(r.d.medicines, r.d.statements) {
		m, err := fhir.View[struct {
			Medication fhir.Choice `fhir:"medication[x]"`
			Forbidden  bool        `fhir:"doNotPerform"`
			Contained  []*fhir.Resource
		}](doc)
		if err != nil {
			r.unread("A medicine could not be understood and was not compared.", imaging.Metformin)
			continue
		}
		if m.Forbidden {
			continue
		}
		code, known := fhir.CodeableConcept{}, true
		switch v := m.Medication.Value().(type) {
		case fhir.CodeableConcept:
			code = v
		case fhir.Reference:
			t, _ := v.Target()
			code, known = names[t.ID]
			for _, c := range m.Contained {
				if t.Fragment != "" && c.Get("id").Text() == t.Fragment {
					if x, err := fhir.View[struct{ Code fhir.CodeableConcept }](c); err == nil {
						code, known = x.Code, true
					}
				}
			}
			if !known && v.Display != "" {
				code, known = fhir.CodeableConcept{Text: v.Display}, true
			}
		}
		if !known {
			r.unread("A medicine whose entry could not be read was not compared.", imaging.Metformin)
			continue
		}
		if name := facts.Concept(code); r.holdsMetformin(code, name) {
			r.p.Metformin = cmp.Or(r.p.Metformin, name, "metformin")
			r.risk("metformin")
		}
	}
}

// holdsMetformin reports whether a medicine holds metformin: by its code, else by its name.
func (r *picturing) holdsMetformin(code fhir.CodeableConcept, name string) bool {
	if r.library != nil {
		for _, i := range r.library.Resolve(code).Ingredients {
			if i.Name == "metformin" {
				return true
			}
		}
	}
	return strings.Contains(strings.ToLower(name), "metformin")
}

func (r *picturing) devices() {
	for _, doc := range r.d.devices {
		d, err := fhir.View[struct {
			Meta    fhir.Meta
			Carrier []struct {
				DI string `fhir:"deviceIdentifier"`
			} `fhir:"udiCarrier"`
			Status string
			Made   fhir.DateTime           `fhir:"manufactureDate"`
			Names  []struct{ Name string } `fhir:"deviceName"`
			Type   fhir.CodeableConcept
			Safety []fhir.CodeableConcept
		}](doc)
		if err != nil {
			r.unread("A device could not be understood and was not compared.", imaging.Implants)
			continue
		}
		if d.Status == "entered-in-error" || d.Status == "inactive" {
			continue
		}
		name := facts.Concept(d.Type)
		words := name
		for _, n := range d.Names {
			name = cmp.Or(name, n.Name)
			words += " " + n.Name
		}
		implanted := len(d.Carrier) > 0 || slices.Contains(d.Meta.Profile, "http://hl7.org/fhir/us/core/StructureDefinition/us-core-implantable-device") || r.implanted(doc.ID())
		active := imaging.ActiveDevice(words)
		if !implanted && !active {
			continue // a meter, or a wheelchair
		}
		r.p.Implants = append(r.p.Implants, imaging.Implant{Name: cmp.Or(name, "A device without a name"), Magnet: imaging.MagnetOf(d.Safety), Active: active})
	}
	// What the problem list says of a pacemaker is said of the device as well, if that is recorded.
	if slices.ContainsFunc(r.p.Implants, func(i imaging.Implant) bool { return i.Active && !strings.HasSuffix(i.Name, "(problem list)") }) {
		r.p.Implants = slices.DeleteFunc(r.p.Implants, func(i imaging.Implant) bool { return strings.HasSuffix(i.Name, "(problem list)") })
	}
	if none := r.d.noImplants; none != nil {
		r.p.NoImplants = none.Words("None", r.p.Now.Location())
	}
}

// implanted reports whether a procedure put a device into the body.
func (r *picturing) implanted(id string) bool {
	for _, doc := range r.d.procedures {
		p, err := fhir.View[struct {
			Status string
			Focal  []struct {
				Action      fhir.CodeableConcept
				Manipulated fhir.Reference
			} `fhir:"focalDevice"`
		}](doc)
		if err != nil || p.Status == "entered-in-error" {
			continue
		}
		for _, f := range p.Focal {
			if t, ok := f.Manipulated.Target(); ok && t.Type == "Device" && t.ID == id && f.Action.In("http://hl7.org/fhir/device-action") != "manipulated" {
				return true
			}
		}
	}
	return false
}
