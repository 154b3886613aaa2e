package inbox

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/identity"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/web"
	"github.com/osler-ehr/osler/web/clinical"
	"github.com/osler-ehr/osler/web/facts"
	"github.com/osler-ehr/osler/web/ui"
)

// The ways by which a patient is told.
const (
	byPortal = "portal"
	byPhone  = "phone"
)

// form makes the Work of an action on one item.
func (b *box) form(r *http.Request, s *record.Session, j *job, title, action string, body func(f *web.Form) web.Work, f *web.Form, status int) (web.View, error) {
	w := body(f)
	w.Title, w.Current, w.Back, w.Action, w.Status = title, "inbox", "/inbox?item="+url.QueryEscape(j.ID), at(j.ID)+"/"+action, status
	if id, ok := strings.CutPrefix(j.For.Reference, "Patient/"); ok {
		banner, err := facts.ReadBanner(r.Context(), s, id, b.d.Shell.Clock(), b.d.Shell.Location())
		if err != nil {
			return nil, err
		}
		w.Patient = &banner
	}
	return w, nil
}

// tell is the form by which a patient is told of a result; sending it signs the result too.
func (b *box) tell(r *http.Request) (web.View, error) {
	s, j, _, err := b.one(r)
	if err != nil {
		return nil, err
	}
	if j.result == nil || j.patient.ID == "" || !j.Open() {
		return nil, web.ErrNotFound
	}
	now := b.d.Shell.Clock()
	f := web.NewForm(url.Values{"once": {facts.NewUUID()}, "by": {byPortal}, "seen": {j.result.seen()}, "version": {j.shown()},
		"text": {letter(j.result, j.patient.Name(now), facts.Day(j.result.when(), now.Location()), identity.From(r.Context()).Name, b.d.Shell.Phone)}})
	return b.form(r, s, j, "Tell the patient", "tell", func(f *web.Form) web.Work { return tellWork(f, j) }, f, 0)
}

func tellWork(f *web.Form, j *job) web.Work {
	w := web.Work{Body: tellFields(f), Buttons: []ui.Button{{Label: "Send and sign", Kind: ui.Primary}}}
	v := clinical.Value{}
	if len(j.result.values) > 0 {
		v = lead(j.result.values[0]).Show()
	}
	if v.Flag.Critical() {
		w.Messages = []ui.Message{{Tone: ui.Critical, Lead: "Critical: " + j.result.name() + ".", Text: "Call the patient. A message in the portal may not be read today."}}
		f.Set("by", or(f.Text("by"), byPhone))
	}
	return w
}

func or(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// communication is a Communication as it is written.
type communication struct {
	Identifier []fhir.Identifier
	Status     string
	Category   []fhir.CodeableConcept
	Medium     []fhir.CodeableConcept
	Subject    fhir.Reference
	Topic      fhir.CodeableConcept
	About      []fhir.Reference
	Sent       fhir.DateTime
	Recipient  []fhir.Reference
	Sender     fhir.Reference
	Payload    []struct {
		Content fhir.Choice `fhir:"content[x]"`
	}
}

// told keeps what the patient was told, and signs the result, in one transaction.
func (b *box) told(r *http.Request) (web.View, error) {
	f, err := web.ReadForm(r)
	if err != nil {
		return nil, err
	}
	s, j, v, err := b.one(r)
	if err != nil {
		return nil, err
	}
	if j.result == nil || j.patient.ID == "" {
		return nil, web.ErrNotFound
	}
	again := func(status int) (web.View, error) {
		return b.form(r, s, j, "Tell the patient", "tell", func(f *web.Form) web.Work { return tellWork(f, j) }, f, status)
	}
	f.Need("text", "Write what the patient is told.")
	by := f.Text("by")
	if by != byPortal && by != byPhone {
		f.Wrong("by", "Choose how the patient is told.")
	}
	if j.Open() && f.Text("seen") != j.result.seen() {
		f.Wrong("text", "The laboratory changed this result while you wrote. Close this, look at it again, then tell the patient.")
	}
	if !f.OK() {
		return again(http.StatusUnprocessableEntity)
	}
	if !j.Open() { // the form is sent again, or somebody else was faster
		return nil, problem("This result is signed already. Write to the patient from the chart if something is left to say.")
	}
	if facts.Editing(f) != v.Version {
		f.Set("version", j.shown())
		w, err := again(0)
		return stale(w, err, j, f)
	}
	ctx, now, author := r.Context(), b.d.Shell.Clock(), facts.Author(r.Context())
	c := communication{
		Status: "completed", Category: []fhir.CodeableConcept{fhir.Concept("http://terminology.hl7.org/CodeSystem/communication-category", "notification", "Notification")},
		Medium: []fhir.CodeableConcept{fhir.Concept("http://terminology.hl7.org/CodeSystem/v3-ParticipationMode", "ELECTRONIC", "electronic data")}, Subject: j.For,
		Topic: fhir.CodeableConcept{Text: "Result: " + j.result.name()}, About: []fhir.Reference{j.Focus}, Sent: fhir.DateTimeOf(now, fhir.Second), Recipient: []fhir.Reference{j.For}, Sender: author,
	}
	said, note := "told: the message is in the portal. No e-mail or text was sent.", "Patient told in the portal."
	if by == byPhone {
		c.Medium = []fhir.CodeableConcept{fhir.Concept("http://terminology.hl7.org/CodeSystem/v3-ParticipationMode", "PHONE", "telephone")}
		said, note = "told by telephone.", "Patient told by telephone."
	}
	c.Payload = append(c.Payload, struct {
		Content fhir.Choice `fhir:"content[x]"`
	}{fhir.ChoiceOf(f.Text("text"))})
	op := record.Op{Verb: record.Create, Type: "Communication", FullURL: "urn:uuid:" + facts.NewUUID()}
	c.Identifier, op.Condition = facts.Once(f, "")
	if op.Resource, err = fhir.New("Communication", c); err != nil {
		return nil, err
	}
	j.Output = append(j.Output, facts.Part("told", fhir.ChoiceOf(fhir.Reference{Reference: op.FullURL})))
	ops, err := b.close(ctx, s, j, v, note)
	if err != nil {
		return nil, err
	}
	if _, err := s.Do(ctx, append([]record.Op{op}, ops...)); err != nil {
		return nil, refused(err)
	}
	b.recount(r.Context())
	return web.Done{To: "/inbox?item=" + url.QueryEscape(j.ID), Say: ui.Message{Lead: j.patient.Name(now).Plain(), Text: said + " " + j.result.name() + " signed."}}, nil
}

// call is the form by which a call about a result is recorded, with who read it back.
func (b *box) call(r *http.Request) (web.View, error) {
	s, j, _, err := b.one(r)
	if err != nil {
		return nil, err
	}
	return b.form(r, s, j, "Record a call", "call", callWork, web.NewForm(url.Values{"version": {j.shown()}}), 0)
}

func callWork(f *web.Form) web.Work {
	return web.Work{Body: callFields(f), Buttons: []ui.Button{{Label: "Record the call", Kind: ui.Primary}}}
}

// called keeps who spoke with whom, and who read the value back.
func (b *box) called(r *http.Request) (web.View, error) {
	f, err := web.ReadForm(r)
	if err != nil {
		return nil, err
	}
	s, j, v, err := b.one(r)
	if err != nil {
		return nil, err
	}
	f.Need("with", "Say who was spoken with: the laboratory, the patient, a colleague.")
	if !f.OK() {
		return b.form(r, s, j, "Record a call", "call", callWork, f, http.StatusUnprocessableEntity)
	}
	if !j.Open() {
		return nil, problem("It is done already.")
	}
	if facts.Editing(f) != v.Version {
		f.Set("version", j.shown())
		w, err := b.form(r, s, j, "Record a call", "call", callWork, f, 0)
		return stale(w, err, j, f)
	}
	text := "Call with " + f.Text("with")
	if by := f.Text("readback"); by != "" {
		text += ", read back by " + by
	}
	if note := f.Text("note"); note != "" {
		text += ": " + note
	}
	text = strings.TrimSuffix(text, ".") + "."
	t := j.Task
	t.Output = append(t.Output, facts.Part("call", fhir.ChoiceOf(text)))
	t.Say(facts.Author(r.Context()), b.d.Shell.Clock(), text)
	if err := put(r.Context(), s, t, v); err != nil {
		return nil, refused(err)
	}
	b.recount(r.Context())
	return web.Done{To: "/inbox?item=" + url.QueryEscape(j.ID), Say: ui.Message{Lead: "Call recorded.", Text: ""}}, nil
}
