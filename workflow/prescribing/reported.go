package prescribing

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/osler-ehr/osler/drugs"
	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/web"
	"github.com/osler-ehr/osler/web/facts"
	"github.com/osler-ehr/osler/web/ui"
	"github.com/osler-ehr/osler/workflow/prescribing/safety"
	"github.com/osler-ehr/osler/workflow/prescribing/sig"
)

// A medicine from elsewhere, or bought without a prescription, stands in the same list as what is prescribed here: a MedicationRequest of
// the intent plan that somebody reported. (US Core, Medication List Guidance.)

// origins are where a medicine comes from that was not prescribed here.
var origins = []ui.Option{{Value: "elsewhere", Label: "Prescribed elsewhere"}, {Value: "counter", Label: "Bought without a prescription"}}

const originSystem = "https://osler.example/fhir/CodeSystem/medicine-origin"

// reportedPlan is a MedicationRequest for what was reported.
type reportedPlan struct {
	Meta       fhir.Meta
	Identifier []fhir.Identifier
	Status     string
	Intent     string
	Category   []fhir.CodeableConcept
	Reported   bool        `fhir:"reportedBoolean"`
	Medication fhir.Choice `fhir:"medication[x]"`
	Subject    fhir.Reference
	Authored   fhir.DateTime  `fhir:"authoredOn"`
	Requester  fhir.Reference // US Core wants one: who recorded it stands for whoever ordered it
	Recorder   fhir.Reference
	Note       []fhir.Annotation
	Dosage     []fhir.Dosage `fhir:"dosageInstruction"`
}

func reportedAt(patient string) string {
	return "/patients/" + url.PathEscape(patient) + "/medications/reported"
}

func (e *editor) reportedForm(r *http.Request) (web.View, error) {
	chart, err := e.chart(r)
	if err != nil {
		return nil, err
	}
	return e.reportedWork(chart, web.NewForm(url.Values{"once": {facts.NewUUID()}, "origin": {"elsewhere"}, "route": {"oral"}}), 0), nil
}

func (e *editor) reportedWork(chart facts.Chart, f *web.Form, status int) web.Work {
	return web.Work{
		Title: "A medicine from elsewhere", Current: "chart", Patient: &chart.Banner, Back: "/patients/" + url.PathEscape(chart.ID) + "/medications", Action: reportedAt(chart.ID),
		Body: reportedFields(f, reportedAt(chart.ID)+"/medicines"), Status: status, Buttons: []ui.Button{{Label: "Add", Kind: ui.Primary}},
	}
}

// report keeps what the patient takes from elsewhere, and says what the checks find with it.
func (e *editor) report(r *http.Request) (web.View, error) {
	f, err := web.ReadForm(r)
	if err != nil {
		return nil, err
	}
	chart, err := e.chart(r)
	if err != nil {
		return nil, err
	}
	ctx, now := r.Context(), e.d.Shell.Clock()
	f.Need("drug", "Say which medicine: type the first letters of its name.")
	code, match := e.medicine(f.Text("code"), f.Text("drug"))
	dosage, parsed := e.takenHow(f, match)
	origin := f.Text("origin")
	if origin != "elsewhere" && origin != "counter" {
		f.Wrong("origin", "Choose one of these.")
	}
	if !f.OK() {
		return e.reportedWork(chart, f, http.StatusUnprocessableEntity), nil
	}
	author := facts.Author(ctx)
	p := reportedPlan{
		Meta: fhir.Meta{Profile: []string{profile}}, Status: "active", Intent: "plan", Reported: true, Medication: fhir.ChoiceOf(code), Subject: fhir.To("Patient", chart.ID),
		Category: []fhir.CodeableConcept{
			fhir.Concept("http://terminology.hl7.org/CodeSystem/medicationrequest-category", "community", "Community"), fhir.Concept(originSystem, origin, originWords(origin)),
		},
		Authored: fhir.DateTimeOf(now, fhir.Second), Requester: author, Recorder: author,
	}
	if dosage != nil {
		p.Dosage = []fhir.Dosage{*dosage}
	}
	if note := f.Text("note"); note != "" {
		p.Note = []fhir.Annotation{facts.Note(note, author, now)}
	}
	op := record.Op{Verb: record.Create, Type: "MedicationRequest"}
	p.Identifier, op.Condition = facts.Once(f, "")
	if op.Resource, err = fhir.New("MedicationRequest", p); err != nil {
		return nil, err
	}
	known := Snapshot(ctx, chart.Session, chart.ID, e.library, now)
	if _, err := chart.Session.Do(ctx, []record.Op{op}); err != nil {
		if reason := facts.Refused(err); reason != "" {
			w := e.reportedWork(chart, f, http.StatusUnprocessableEntity)
			w.Messages = []ui.Message{{Tone: ui.Critical, Lead: "Not added.", Text: reason}}
			return w, nil
		}
		return nil, err
	}
	say := ui.Message{Lead: facts.Concept(code), Text: "added to the medications."}
	checker, _ := e.checker(ctx)
	order := safety.Order{Medicine: safety.Medicine{Name: facts.Concept(code), Match: match, Sig: parsed}}
	for _, found := range checker.Check(known, []safety.Order{order}).Findings {
		if found.Severity > drugs.Note {
			say.Tone = ui.Caution
			say.Text += " " + string(found.Check) + ": " + found.Line()
		}
	}
	return web.Done{To: "/patients/" + url.PathEscape(chart.ID) + "/medications", Say: say}, nil
}

func originWords(code string) string {
	for _, o := range origins {
		if o.Value == code {
			return o.Label
		}
	}
	return code
}

// takenHow reads how it is taken: as a structure where dose and frequency are given, else in the words that were typed.
func (e *editor) takenHow(f *web.Form, match drugs.Match) (*fhir.Dosage, *sig.Sig) {
	dose, often := f.Text("dose"), f.Text("frequency")
	if dose == "" && often == "" && !f.Has("prn") {
		return nil, nil
	}
	if dose == "" || often == "" && !f.Has("prn") {
		words := strings.TrimSpace(dose + " " + often)
		if f.Has("prn") {
			words = strings.TrimSpace(words + " as needed")
		}
		return &fhir.Dosage{Text: words}, nil
	}
	d := draft{match: match, form: match.Form}
	d.readSig(f, nil)
	if !d.sigOK {
		return nil, nil
	}
	dosage, err := d.sig.Dosage()
	if err != nil {
		f.Wrong("dose", sentence(err))
		return nil, nil
	}
	return &dosage, &d.sig
}

// statement shows a MedicationStatement, of another system as a rule, with the form that stops it.
func (e *editor) statement(r *http.Request) (web.View, error) {
	chart, err := e.chart(r)
	if err != nil {
		return nil, err
	}
	v, st, err := e.openStatement(r, chart)
	if err != nil {
		return nil, err
	}
	return e.statementWork(chart, v, st, web.NewForm(nil), 0), nil
}

func (e *editor) openStatement(r *http.Request, chart facts.Chart) (*record.Version, stated, error) {
	v, err := chart.Session.Read(r.Context(), "MedicationStatement", r.PathValue("st"))
	if err != nil {
		return nil, stated{}, err
	}
	st, err := fhir.View[stated](v.Resource())
	if err == nil && st.Subject.Reference != "Patient/"+chart.ID {
		err = web.ErrNotFound
	}
	return v, st, err
}

// stated is the view of a MedicationStatement with what stopping it changes.
type stated struct {
	ID           string
	Status       string
	StatusReason []fhir.CodeableConcept
	Medication   fhir.Choice `fhir:"medication[x]"`
	Subject      fhir.Reference
	Asserted     fhir.DateTime `fhir:"dateAsserted"`
	Dosage       []fhir.Dosage
	Contained    []fhir.Node
}

func (e *editor) statementWork(chart facts.Chart, v *record.Version, st stated, f *web.Form, status int) web.Work {
	m := request{ID: st.ID, Status: st.Status, Medication: st.Medication, Dosage: st.Dosage, Contained: st.Contained}.medication(nil)
	active := st.Status == "active" || st.Status == "on-hold" || st.Status == "intended"
	shown := Rx{Medication: m, Active: active, Facts: [][2]string{{"State", strings.ReplaceAll(st.Status, "-", " ")}}}
	if on := facts.Day(st.Asserted, e.d.Shell.Location()); on != "" {
		shown.Facts = append(shown.Facts, [2]string{"Reported", on})
	}
	if why := facts.First(st.StatusReason); why != "" {
		shown.Facts = append(shown.Facts, [2]string{"Reason", why})
	}
	f.Set("version", strconv.FormatInt(v.Version, 10))
	w := web.Work{
		Title: "Reported medicine", Current: "chart", Patient: &chart.Banner, Back: "/patients/" + url.PathEscape(chart.ID) + "/medications", Action: "/patients/" + url.PathEscape(chart.ID) + "/medications/statements/" + url.PathEscape(v.ID) + "/stop",
		Body: rx(shown, f), Status: status,
	}
	if wrong := f.Error("state"); wrong != "" {
		w.Messages = []ui.Message{{Tone: ui.Caution, Lead: "Nothing was changed.", Text: wrong}}
	}
	if active {
		w.Buttons = []ui.Button{{Label: "Stop", Kind: ui.Danger}}
	}
	return w
}

// stopStatement ends a reported medicine, with the reason.
func (e *editor) stopStatement(r *http.Request) (web.View, error) {
	f, err := web.ReadForm(r)
	if err != nil {
		return nil, err
	}
	chart, err := e.chart(r)
	if err != nil {
		return nil, err
	}
	v, st, err := e.openStatement(r, chart)
	if err != nil {
		return nil, err
	}
	f.Need("why", "Say why it is stopped.")
	on := facts.PastDate(f, "on", e.d.Shell.Clock())
	if st.Status != "active" && st.Status != "on-hold" && st.Status != "intended" {
		f.Wrong("state", "It is not active any more.")
	}
	if !f.OK() {
		return e.statementWork(chart, v, st, f, http.StatusUnprocessableEntity), nil
	}
	doc, err := facts.Stopped(v.Resource(), f.Text("why"), on, f.Has("mistake"))
	if err != nil {
		return nil, err
	}
	if _, err := chart.Session.Do(r.Context(), []record.Op{{Verb: record.Update, Type: "MedicationStatement", ID: v.ID, Resource: doc, IfMatch: facts.Editing(f)}}); err != nil {
		if !facts.Changed(err) {
			return nil, err
		}
		if v, st, err = e.openStatement(r, chart); err != nil {
			return nil, err
		}
		f.Wrong("state", "Somebody else changed it meanwhile: this is how it stands now.")
		return e.statementWork(chart, v, st, f, http.StatusConflict), nil
	}
	m := request{Medication: st.Medication, Dosage: st.Dosage, Contained: st.Contained}.medication(nil)
	return web.Done{To: "/patients/" + url.PathEscape(chart.ID) + "/medications", Say: ui.Message{Lead: m.Line(), Text: "stopped: " + f.Text("why") + "."}}, nil
}
