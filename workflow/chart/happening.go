package chart

import (
	"encoding/base64"
	"strings"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/web/clinical"
	"github.com/osler-ehr/osler/web/facts"
	"github.com/osler-ehr/osler/web/format"
)

// report is the view of a DiagnosticReport.
type report struct {
	Status     string
	Category   []fhir.CodeableConcept
	Code       fhir.CodeableConcept
	Encounter  fhir.Reference
	Effective  fhir.Choice `fhir:"effective[x]"`
	Issued     fhir.Instant
	Performer  []fhir.Reference
	Result     []fhir.Reference
	Conclusion string
}

func reportHappening(r *fhir.Resource, now time.Time) (happening, bool, error) {
	v, err := fhir.View[report](r)
	if err != nil || v.Status == "entered-in-error" || v.Status == "cancelled" || v.Status == "registered" {
		return happening{}, false, err
	}
	at := v.Issued.DateTime()
	switch e := v.Effective.Value().(type) {
	case fhir.DateTime:
		at = e
	case fhir.Period:
		at = facts.When(e.Start, e.End)
	}
	e := clinical.Entry{Icon: "flask-conical", Kind: "Result", Parts: []clinical.Part{{Text: facts.Concept(v.Code)}}}
	for _, ref := range v.Result {
		if t, ok := ref.Target(); ok && t.Type == "Observation" {
			e.Parts = append(e.Parts, clinical.Part{Text: resultMark + t.ID, Strong: true})
		}
	}
	if len(v.Result) == 0 && v.Conclusion != "" {
		e.Parts = append(e.Parts, clinical.Part{Text: brief(v.Conclusion, 90)})
	}
	title := "Laboratory results"
	for _, c := range v.Category {
		switch c.In("http://terminology.hl7.org/CodeSystem/v2-0074") {
		case "RAD", "IMG", "CT", "NMR", "RUS", "RX":
			title, e.Icon = "Imaging", "scan-line"
		}
		if c.In("http://loinc.org") == "LP29684-5" {
			title, e.Icon = "Imaging", "scan-line"
		}
	}
	var parts []string
	if len(v.Performer) > 0 {
		parts = append(parts, v.Performer[0].Display)
	}
	if t := at.Time(now.Location()).In(now.Location()); at.HasTime() {
		parts = append(parts, "collected "+format.Time(t))
	}
	if v.Status == "preliminary" || v.Status == "partial" {
		e.End = "Preliminary"
	}
	return happening{at: at, encounter: encounterOf(v.Encounter), entry: e, group: title, title: title, meta: joinParts(parts...)}, true, nil
}

func medicationHappening(r *fhir.Resource, _ time.Time) (happening, bool, error) {
	v, err := fhir.View[struct {
		Status, Intent string
		Medication     fhir.Choice `fhir:"medication[x]"`
		Encounter      fhir.Reference
		AuthoredOn     fhir.DateTime
		Requester      fhir.Reference
		Prior          fhir.Reference          `fhir:"priorPrescription"`
		Dosage         []struct{ Text string } `fhir:"dosageInstruction"`
	}](r)
	if err != nil || v.Status == "entered-in-error" || v.Status == "draft" || v.Intent == "proposal" || v.Intent == "plan" {
		return happening{}, false, err
	}
	name := ""
	switch m := v.Medication.Value().(type) {
	case fhir.CodeableConcept:
		name = facts.Concept(m)
	case fhir.Reference:
		name = m.Display
	}
	if name == "" {
		return happening{}, false, nil
	}
	verb := "Prescribed"
	if !v.Prior.IsZero() {
		verb = "Renewed or changed"
	}
	e := clinical.Entry{Icon: "pill", Kind: "Medication", Parts: []clinical.Part{{Text: verb}, {Text: clinical.TallManWithin(name), Strong: true}}, End: v.Requester.Display}
	if len(v.Dosage) > 0 && v.Dosage[0].Text != "" {
		e.Parts = append(e.Parts, clinical.Part{Text: clinical.Expand(v.Dosage[0].Text)})
	}
	return happening{at: v.AuthoredOn, encounter: encounterOf(v.Encounter), entry: e, group: "medications", title: "Medications"}, true, nil
}

func immunizationHappening(r *fhir.Resource, now time.Time) (happening, bool, error) {
	v, err := fhir.View[struct {
		Status     string
		Vaccine    fhir.CodeableConcept `fhir:"vaccineCode"`
		Occurrence fhir.Choice          `fhir:"occurrence[x]"`
		Encounter  fhir.Reference
	}](r)
	at, ok := fhir.ChoiceValue[fhir.DateTime](v.Occurrence)
	if err != nil || v.Status == "entered-in-error" || !ok {
		return happening{}, false, err
	}
	verb := "Vaccinated:"
	if v.Status == "not-done" {
		verb = "Not vaccinated:"
	}
	e := clinical.Entry{Icon: "syringe", Kind: "Immunization", Parts: []clinical.Part{{Text: verb}, {Text: facts.Concept(v.Vaccine), Strong: true}}}
	return happening{at: at, encounter: encounterOf(v.Encounter), entry: e, group: "immunizations", title: "Immunizations"}, true, nil
}

func procedureHappening(r *fhir.Resource, now time.Time) (happening, bool, error) {
	v, err := fhir.View[struct {
		Status    string
		Code      fhir.CodeableConcept
		Encounter fhir.Reference
		Performed fhir.Choice `fhir:"performed[x]"`
		Performer []struct{ Actor fhir.Reference }
	}](r)
	if err != nil || v.Status != "completed" && v.Status != "in-progress" {
		return happening{}, false, err
	}
	var at fhir.DateTime
	switch p := v.Performed.Value().(type) {
	case fhir.DateTime:
		at = p
	case fhir.Period:
		at = facts.When(p.Start, p.End)
	}
	if at.IsZero() || facts.Concept(v.Code) == "" {
		return happening{}, false, nil
	}
	e := clinical.Entry{Icon: "scissors", Kind: "Procedure", Parts: []clinical.Part{{Text: facts.Concept(v.Code)}}}
	if len(v.Performer) > 0 {
		e.End = v.Performer[0].Actor.Display
	}
	return happening{at: at, encounter: encounterOf(v.Encounter), entry: e, group: "procedures", title: "Procedures"}, true, nil
}

// referralHappening shows orders to others; orders for the laboratory show as their results.
func referralHappening(r *fhir.Resource, now time.Time) (happening, bool, error) {
	v, err := fhir.View[struct {
		Status, Intent string
		Category       []fhir.CodeableConcept
		Code           fhir.CodeableConcept
		Encounter      fhir.Reference
		AuthoredOn     fhir.DateTime
		Performer      []fhir.Reference
	}](r)
	if err != nil || v.Status == "entered-in-error" || v.Status == "draft" || v.Intent != "order" {
		return happening{}, false, err
	}
	laboratory := false
	for _, c := range v.Category {
		code := c.In(facts.SNOMED)
		laboratory = laboratory || code == "108252007" || code == "386053000"
	}
	if laboratory || facts.Concept(v.Code) == "" {
		return happening{}, false, nil
	}
	e := clinical.Entry{Icon: "send", Kind: "Order", Parts: []clinical.Part{{Text: "Ordered"}, {Text: facts.Concept(v.Code), Strong: true}}}
	if len(v.Performer) > 0 && v.Performer[0].Display != "" {
		e.Parts = append(e.Parts, clinical.Part{Text: v.Performer[0].Display})
	}
	switch v.Status {
	case "active":
		e.End = "Open"
	case "revoked":
		e.End = "Cancelled"
	case "completed":
		e.End = "Done"
	}
	return happening{at: v.AuthoredOn, encounter: encounterOf(v.Encounter), entry: e, group: "orders", title: "Orders"}, true, nil
}

func messageHappening(r *fhir.Resource, now time.Time) (happening, bool, error) {
	v, err := fhir.View[struct {
		Meta      fhir.Meta
		Status    string
		Topic     fhir.CodeableConcept
		Encounter fhir.Reference
		Sent      fhir.DateTime
		Sender    fhir.Reference
		Payload   []struct {
			Content fhir.Choice `fhir:"content[x]"`
		}
	}](r)
	if err != nil || v.Status == "entered-in-error" || v.Status == "not-done" || v.Sent.IsZero() {
		return happening{}, false, err
	}
	text := ""
	for _, p := range v.Payload {
		if s, ok := fhir.ChoiceValue[string](p.Content); ok {
			text = strings.TrimSpace(text + " " + s)
		}
	}
	meta := ""
	if v.Sender.Display != "" {
		meta = "from " + v.Sender.Display
	}
	if t, ok := v.Sender.Target(); ok && t.Type == "Patient" {
		meta = "from the patient"
	}
	for _, c := range v.Meta.Security {
		if c.System == access.InternalSystem && c.Code == access.InternalCode {
			meta = strings.TrimPrefix(meta+", only staff see it", ", ")
		}
	}
	title := "Message"
	if s := facts.Concept(v.Topic); s != "" {
		title = "Message: " + s
	}
	return happening{at: v.Sent, encounter: encounterOf(v.Encounter), group: "message " + r.ID(), title: title, meta: meta, text: brief(text, 220)}, true, nil
}

// noteHappening shows what a visit's note says; other documents show as files.
func noteHappening(r *fhir.Resource, now time.Time) (happening, bool, error) {
	v, err := fhir.View[struct {
		Status, DocStatus string
		Type              fhir.CodeableConcept
		Date              fhir.Instant
		Description       string
		Author            []fhir.Reference
		Authenticator     fhir.Reference
		Content           []struct{ Attachment fhir.Attachment }
		Context           struct {
			Encounter []fhir.Reference
			Period    fhir.Period
		}
	}](r)
	if err != nil || v.Status == "entered-in-error" || v.Status == "superseded" {
		return happening{}, false, err
	}
	at := facts.When(v.Context.Period.Start, v.Date.DateTime())
	h := happening{at: at, group: "document " + r.ID(), title: facts.Concept(v.Type)}
	if len(v.Author) > 0 {
		h.meta = v.Author[0].Display
	}
	if len(v.Context.Encounter) == 0 {
		title := v.Description
		if title == "" && len(v.Content) > 0 {
			title = v.Content[0].Attachment.Title
		}
		h.entry = clinical.Entry{Icon: "file-text", Kind: "Document", Parts: []clinical.Part{{Text: firstOf(title, h.title)}}}
		h.group, h.title, h.meta = "documents", "Documents", ""
		return h, true, nil
	}
	h.encounter = encounterOf(v.Context.Encounter[0])
	h.href = r.ID()
	h.meta = "note not signed"
	if v.DocStatus == "final" || v.DocStatus == "amended" {
		h.meta = "signed " + facts.Moment(v.Date.DateTime(), now.Location())
	}
	for _, c := range v.Content {
		if strings.HasPrefix(c.Attachment.ContentType, "text/plain") && c.Attachment.Data != "" {
			if plain, err := base64.StdEncoding.DecodeString(c.Attachment.Data); err == nil {
				h.text = brief(assessment(string(plain)), 220)
			}
		}
	}
	if h.text == "" {
		h.entry = clinical.Entry{Icon: "file-text", Kind: "Note", Parts: []clinical.Part{{Text: h.title}}, End: h.meta}
	}
	return h, true, nil
}

func firstOf(list ...string) string {
	for _, s := range list {
		if s != "" {
			return s
		}
	}
	return "Untitled"
}

func encounterOf(ref fhir.Reference) string {
	t, ok := ref.Target()
	if !ok || t.Type != "Encounter" {
		return ""
	}
	return t.ID
}
