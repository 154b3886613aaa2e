package prescribing

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/web"
	"github.com/osler-ehr/osler/web/facts"
	"github.com/osler-ehr/osler/web/format"
	"github.com/osler-ehr/osler/web/ui"
)

// refillsAt is the list of requests.
const refillsAt = "/inbox?tab=refills"

// over answers what cannot be done with a request any more.
func over() error {
	return &web.Problem{Kind: web.ErrConflict, Advice: "Somebody dealt with this request already. Look at the list again."}
}

// settle are the changes by which a request is over: itself, and what was asked for. An approved or changed one names the prescription
// that the transaction makes.
func (e *editor) settle(ctx context.Context, s *record.Session, patient, task, state string) ([]record.Op, error) {
	a, err := e.asked(ctx, s, task)
	if err != nil {
		return nil, err
	}
	if a.patient != patient {
		return nil, web.ErrNotFound
	}
	if err := e.wanted(ctx, s, a); err != nil {
		return nil, err
	}
	return e.ends(ctx, s, a, state, "")
}

// words of what became of a request, in its notes.
var settled = map[string]string{approved: "Approved.", altered: "Approved with changes.", denied: "Denied: "}

func (e *editor) ends(ctx context.Context, s *record.Session, a *asked, state, why string) ([]record.Op, error) {
	if !a.Open() {
		return nil, over()
	}
	now := e.d.Shell.Clock()
	t := a.Task
	stamp := fhir.DateTimeOf(now, fhir.Second)
	t.Status, t.Business = "completed", fhir.Concept(refillState, state, "")
	if state == denied {
		t.Status, t.StatusReason = "rejected", fhir.CodeableConcept{Text: why}
	} else {
		t.Output = append(t.Output, facts.Part("prescription", fhir.ChoiceOf(fhir.Reference{Reference: order})))
	}
	t.Execution.End = stamp
	if t.Execution.Start.IsZero() {
		t.Execution.Start = stamp
	}
	t.Say(facts.Author(ctx), now, settled[state]+why)
	v, err := s.Read(ctx, "Task", a.ID)
	if err != nil {
		return nil, err
	}
	doc, err := fhir.Merge(v.Resource(), t)
	if err != nil {
		return nil, err
	}
	ops := []record.Op{{Verb: record.Update, Type: "Task", ID: a.ID, Resource: doc, IfMatch: a.version}}
	if a.proposal == nil {
		return ops, nil
	}
	over := struct {
		Status       string
		StatusReason fhir.CodeableConcept `fhir:"statusReason"`
	}{"completed", fhir.CodeableConcept{Text: strings.TrimSuffix(settled[state], ".") + why}}
	if state == denied {
		over.Status = "cancelled"
	}
	doc, err = fhir.Merge(a.proposal.Resource(), over)
	return append(ops, record.Op{Verb: record.Update, Type: "MedicationRequest", ID: a.proposal.ID, Resource: doc, IfMatch: a.proposal.Version}), err
}

// renewal are the changes by which a request is approved as it was asked.
func (e *editor) renewal(ctx context.Context, s *record.Session, a *asked) ([]record.Op, error) {
	if why := a.cannot(); why != "" {
		return nil, &web.Problem{Kind: web.ErrInvalid, Advice: why}
	}
	ops, err := e.ops(ctx, s, a.patient, a.form, a.draft, a.checks, a.prior.Version)
	if err != nil {
		return nil, err
	}
	more, err := e.ends(ctx, s, a, approved, "")
	return append(ops, more...), err
}

// refillWork shows a request with what a prescriber needs, and approves it.
func (e *editor) refill(r *http.Request) (web.View, error) {
	s, a, err := e.one(r)
	if err != nil {
		return nil, err
	}
	return e.refillWork(r.Context(), s, a, 0)
}

// one reads the request that the address names, looked at from all sides.
func (e *editor) one(r *http.Request) (*record.Session, *asked, error) {
	s, err := e.d.Session(r)
	if err != nil {
		return nil, nil, err
	}
	a, err := e.asked(r.Context(), s, r.PathValue("task"))
	if err != nil {
		return nil, nil, err
	}
	p, err := e.protocol(r.Context())
	if err != nil {
		return nil, nil, err
	}
	return s, a, e.look(r.Context(), s, a, p)
}

func refillAt(task string) string { return "/refills/" + url.PathEscape(task) }

func (e *editor) refillWork(ctx context.Context, s *record.Session, a *asked, status int) (web.View, error) {
	now := e.d.Shell.Clock()
	banner, err := facts.ReadBanner(ctx, s, a.patient, now, e.d.Shell.Location())
	if err != nil {
		return nil, err
	}
	a.form.Set("version", strconv.FormatInt(a.version, 10))
	w := web.Work{
		Title: "Refill request", Current: "inbox", Patient: &banner, Back: refillsAt, Action: refillAt(a.ID) + "/approve", Status: status,
		Body: refillBody(a, e.refillView(a, now)),
	}
	if wrong := cmp.Or(a.form.Error("seen"), a.form.Error("state")); wrong != "" {
		w.Messages = append(w.Messages, ui.Message{Tone: ui.Caution, Lead: "Not approved yet.", Text: wrong})
	}
	if !a.Open() {
		w.Messages = append(w.Messages, ui.Message{Tone: ui.Here, Text: "This request is over."})
		w.Action = ""
		return w, nil
	}
	opens := web.Opens()
	w.Buttons = append(w.Buttons, ui.Button{Label: "Deny", Kind: ui.Danger, Href: refillAt(a.ID) + "/deny", Attrs: opens})
	if a.prior == nil {
		w.Action = ""
		w.Buttons = append(w.Buttons, ui.Button{Label: "Prescribe", Href: base(a.patient) + "/new?task=" + url.QueryEscape(a.ID), Kind: ui.Primary, Attrs: opens})
		return w, nil
	}
	change := base(a.patient) + "/" + url.PathEscape(a.prior.ID) + "/change?task=" + url.QueryEscape(a.ID)
	if why := a.cannot(); why != "" {
		w.Action = ""
		w.Messages = append(w.Messages, ui.Message{Tone: ui.Caution, Lead: "It cannot be renewed as it stands.", Text: why})
		w.Buttons = append(w.Buttons, ui.Button{Label: "Change", Href: change, Kind: ui.Primary, Attrs: opens})
		return w, nil
	}
	attrs := map[string]any{}
	if len(a.checks.Report.Stops()) == 0 {
		attrs["autofocus"] = true // Enter approves; where a reason is asked, the cursor goes to the reason
	}
	w.Buttons = append(w.Buttons, ui.Button{Label: "Change", Href: change, Attrs: opens}, ui.Button{Label: "Approve", Kind: ui.Primary, Key: "Enter", Attrs: attrs})
	return w, nil
}

// approve signs what is asked for.
func (e *editor) approve(r *http.Request) (web.View, error) {
	f, err := web.ReadForm(r)
	if err != nil {
		return nil, err
	}
	s, a, err := e.one(r)
	if err != nil {
		return nil, err
	}
	ctx := r.Context()
	if !a.Open() {
		return nil, over()
	}
	if a.cannot() != "" {
		return e.refillWork(ctx, s, a, http.StatusUnprocessableEntity)
	}
	for _, name := range []string{"answer", "why"} {
		a.form.Set(name, f.Text(name))
	}
	for _, rule := range f.All("fired") {
		a.form.Add("fired", rule)
	}
	if v := facts.Editing(f); v != a.version {
		a.form.Wrong("state", "Somebody changed the request meanwhile: this is how it stands now.")
	}
	e.answer(a.form, a.checks)
	if !a.form.OK() {
		return e.refillWork(ctx, s, a, http.StatusUnprocessableEntity)
	}
	ops, err := e.renewal(ctx, s, a)
	if err != nil {
		return nil, err
	}
	if _, err := s.Do(ctx, ops); err != nil {
		return nil, refusedRefill(err)
	}
	return web.Done{To: refillsAt, Say: ui.Message{Lead: a.draft.name, Text: "renewed for " + a.person.Name(e.d.Shell.Clock()).Plain() + "."}}, nil
}

// refusedRefill turns what the record says into an error for the person.
func refusedRefill(err error) error {
	if facts.Changed(err) {
		return &web.Problem{Kind: web.ErrConflict, Advice: "Somebody else changed the request or the prescription meanwhile. Look at it again."}
	}
	if reason := facts.Refused(err); reason != "" {
		return &web.Problem{Kind: web.ErrInvalid, Advice: reason}
	}
	return err
}

// denials are reasons that are often given.
var denials = []ui.Option{
	{Value: "", Label: "Choose a reason"},
	{Value: "The patient must be seen first", Label: "The patient must be seen first"},
	{Value: "Tests are due first", Label: "Tests are due first"},
	{Value: "Too early: it is not used up", Label: "Too early: it is not used up"},
	{Value: "The medicine was stopped", Label: "The medicine was stopped"},
	{Value: "Prescribed by somebody else", Label: "Prescribed by somebody else"},
	{Value: "other", Label: "Another reason, as written"},
}

// denyForm asks why a request is denied.
func (e *editor) denyForm(r *http.Request) (web.View, error) {
	s, err := e.d.Session(r)
	if err != nil {
		return nil, err
	}
	a, err := e.asked(r.Context(), s, r.PathValue("task"))
	if err != nil {
		return nil, err
	}
	return e.denyWork(r.Context(), s, a, web.NewForm(url.Values{"version": {strconv.FormatInt(a.version, 10)}}), 0)
}

func (e *editor) denyWork(ctx context.Context, s *record.Session, a *asked, f *web.Form, status int) (web.View, error) {
	banner, err := facts.ReadBanner(ctx, s, a.patient, e.d.Shell.Clock(), e.d.Shell.Location())
	if err != nil {
		return nil, err
	}
	return web.Work{
		Title: "Deny a refill", Current: "inbox", Patient: &banner, Back: refillsAt, Action: refillAt(a.ID) + "/deny", Body: denyFields(a.Description, f), Status: status,
		Buttons: []ui.Button{{Label: "Back", Href: refillAt(a.ID), Attrs: web.Opens()}, {Label: "Deny", Kind: ui.Primary}},
	}, nil
}

// deny ends a request without a prescription.
func (e *editor) deny(r *http.Request) (web.View, error) {
	f, err := web.ReadForm(r)
	if err != nil {
		return nil, err
	}
	s, err := e.d.Session(r)
	if err != nil {
		return nil, err
	}
	ctx := r.Context()
	a, err := e.asked(ctx, s, r.PathValue("task"))
	if err != nil {
		return nil, err
	}
	if !a.Open() {
		return nil, over()
	}
	why := f.Text("reason")
	if why == "other" || why == "" {
		why = f.Text("note")
		if why == "" {
			f.Wrong("reason", "Say why: whoever asked is told.")
		}
	} else if note := f.Text("note"); note != "" {
		why += ". " + note
	}
	if !f.OK() {
		return e.denyWork(ctx, s, a, f, http.StatusUnprocessableEntity)
	}
	if err := e.wanted(ctx, s, a); err != nil {
		return nil, err
	}
	a.version = facts.Editing(f)
	ops, err := e.ends(ctx, s, a, denied, why)
	if err != nil {
		return nil, err
	}
	if _, err := s.Do(ctx, ops); err != nil {
		return nil, refusedRefill(err)
	}
	return web.Done{To: refillsAt, Say: ui.Message{Lead: a.Description, Text: "denied: " + why + "."}}, nil
}

// together approves the ticked requests, each by itself: one that cannot be approved keeps none of the others.
func (e *editor) together(r *http.Request) (web.View, error) {
	f, err := web.ReadForm(r)
	if err != nil {
		return nil, err
	}
	s, err := e.d.Session(r)
	if err != nil {
		return nil, err
	}
	ctx := r.Context()
	p, err := e.protocol(ctx)
	if err != nil {
		return nil, err
	}
	var done []string
	var failed []failure
	ticked := f.All("task")
	if n := len(ticked) - mostTogether; n > 0 {
		ticked = ticked[:mostTogether]
		failed = append(failed, failure{format.Count(n, "request", "requests"), "No more than " + strconv.Itoa(mostTogether) + " can be approved at once: tick the others again."})
	}
	for _, one := range ticked {
		id, version, _ := strings.Cut(one, " ")
		name, why := e.approveOne(ctx, s, id, version, p)
		if why != "" {
			failed = append(failed, failure{cmp.Or(name, "A request"), why})
			continue
		}
		done = append(done, name)
	}
	if len(failed) == 0 && len(done) > 0 {
		return web.Done{To: refillsAt, Say: ui.Message{Lead: format.Count(len(done), "refill", "refills"), Text: "approved: " + strings.Join(done, "; ") + "."}}, nil
	}
	return e.passingWork(ctx, s, p, done, failed, http.StatusUnprocessableEntity)
}

// approveOne approves one request as if it had been opened by itself, if it still passes the protocol.
func (e *editor) approveOne(ctx context.Context, s *record.Session, id, version string, p Protocol) (name, failed string) {
	if !fhir.ValidID(id) {
		return "", "It is not there any more."
	}
	a, err := e.asked(ctx, s, id)
	if err == nil {
		name = a.Description
		err = e.look(ctx, s, a, p)
	}
	if err != nil {
		return name, sayWhy(err)
	}
	name = a.person.Name(e.d.Shell.Clock()).Plain() + ", " + cmp.Or(a.draft.name, a.Description)
	switch {
	case !a.Open():
		return name, "Somebody dealt with it already."
	case strconv.FormatInt(a.version, 10) != version:
		return name, "Somebody changed it after it was shown."
	case a.cannot() != "":
		return name, a.cannot()
	case !a.passes():
		return name, "It does not pass the protocol any more: " + a.against() + "."
	}
	ops, err := e.renewal(ctx, s, a)
	if err == nil {
		_, err = s.Do(ctx, ops)
	}
	if err != nil {
		return name, sayWhy(err)
	}
	return name, ""
}

// sayWhy is an error as a sentence for whoever approves.
func sayWhy(err error) string {
	if facts.Changed(err) {
		return "Somebody else changed it meanwhile."
	}
	if reason := facts.Refused(err); reason != "" {
		return reason
	}
	if k := record.KindOf(err); k == record.KindNotFound || k == record.KindGone || k == record.KindForbidden {
		return "It is not there any more, or not for your eyes."
	}
	return "It could not be read or written; try it again."
}
