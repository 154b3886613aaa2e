package prescribing

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/osler-ehr/osler/drugs"
	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/identity"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/slice"
	"github.com/osler-ehr/osler/web"
	"github.com/osler-ehr/osler/web/clinical"
	"github.com/osler-ehr/osler/web/facts"
	"github.com/osler-ehr/osler/web/ui"
	"github.com/osler-ehr/osler/workflow/prescribing/safety"
)

// editor writes prescriptions.
type editor struct {
	d       slice.Deps
	library *drugs.Library
	outside slice.Outside // nil = nobody is asked
	// alertRules are those of other features.
	alertRules []slice.AlertRule
}

func base(patient string) string { return "/patients/" + url.PathEscape(patient) + "/prescriptions" }

func (e *editor) chart(r *http.Request) (facts.Chart, error) {
	return facts.OpenChart(r, e.d.Session, e.d.Shell, func(*record.Session, string) error { return nil })
}

func label(p *drugs.Product) string { return clinical.TallManWithin(p.Label()) }

// blank is the form for a new prescription.
func (e *editor) blank(r *http.Request) (web.View, error) {
	chart, err := e.chart(r)
	if err != nil {
		return nil, err
	}
	ctx, values := r.Context(), url.Values{"once": {facts.NewUUID()}, "task": {refillID(r)}}
	f := web.NewForm(values)
	id := r.FormValue("favourite")
	if id == "" {
		return e.work(chart, f, composing{Favourites: e.favourites(ctx, chart.Session)}, 0), nil
	}
	kept, fv, err := e.favouriteNamed(ctx, chart.Session, id)
	if err != nil {
		return nil, err
	}
	known := Snapshot(ctx, chart.Session, chart.ID, e.library, e.d.Shell.Clock())
	lost := e.show(kept.prescription(), f)
	if lost == "" {
		e.defaults(f, known.Weight)
	}
	f.Set("favourite", kept.ID)
	f.Set("favourite-version", strconv.FormatInt(fv.Version, 10))
	w := e.work(chart, f, e.composing(ctx, chart.ID, f, e.read(web.NewForm(values), known.Weight), known), 0)
	if lost != "" {
		w.Messages = append(w.Messages, ui.Message{Tone: ui.Caution, Lead: "Write the directions anew.", Text: lost})
	}
	drop := ui.Button{Label: "No favourite any more", Kind: ui.Quiet, Attrs: map[string]any{"formaction": base(chart.ID) + "/favourites/drop"}}
	w.Buttons = append([]ui.Button{drop}, w.Buttons...)
	return w, nil
}

// choose answers the type-ahead.
func (e *editor) choose(r *http.Request) (web.View, error) {
	return web.Options(e.options(r.FormValue("q")), "Not among the medicines that are known here. It can be prescribed as written; nothing will be checked."), nil
}

// fields answers the choice of a medicine: the fields with what is usual for it, and the checks.
func (e *editor) fields(r *http.Request) (web.View, error) {
	f, c, _, err := e.compose(r, true)
	if err != nil {
		return nil, err
	}
	return web.Fragment{Body: details(f, c)}, nil
}

// check answers every change of the form: the words of the label and what the checks found.
func (e *editor) check(r *http.Request) (web.View, error) {
	f, c, _, err := e.compose(r, false)
	if err != nil {
		return nil, err
	}
	return web.Fragment{Body: checks(f, c)}, nil
}

// compose reads the form of a prescription that is being written, and checks it as far as it stands. The fields that are not filled in
// yet are no mistakes.
func (e *editor) compose(r *http.Request, usual bool) (*web.Form, composing, draft, error) {
	sent, err := web.ReadForm(r)
	if err != nil {
		return nil, composing{}, draft{}, err
	}
	f := web.NewForm(r.PostForm)
	s, err := e.d.Session(r)
	if err != nil {
		return nil, composing{}, draft{}, err
	}
	id := r.PathValue("id")
	if _, err := s.Read(r.Context(), "Patient", id); err != nil {
		return nil, composing{}, draft{}, err
	}
	known := Snapshot(r.Context(), s, id, e.library, e.d.Shell.Clock())
	if usual {
		for _, name := range []string{"dose", "route", "frequency", "quantity", "most"} {
			f.Set(name, "")
		}
		e.defaults(f, known.Weight)
	}
	d := e.read(sent, known.Weight)
	for _, name := range []string{"dose", "frequency", "days", "most", "note", "quantity", "refills"} {
		if f.Text(name) != "" && !usual { // what is filled in wrong is said at once, what is empty is not
			if wrong := sent.Error(name); wrong != "" {
				f.Wrong(name, wrong)
			}
		}
	}
	return f, e.composing(r.Context(), id, f, d, known), d, nil
}

// composing is what the form shows beside its fields.
type composing struct {
	Patient    string
	Drug       string // "" before a medicine is chosen
	Words      string // of the label; "" while something is missing
	Missing    string // what is missing
	Supply     string
	ByWeight   string // how the dose was worked out
	Report     safety.Report
	Checked    time.Time
	Fired      []string // keys of findings that were shown so far
	Off        []tuned  // rules that the practice switched off
	Favourites []favourite
	Others     bool // services of others are asked too
}

// unchecked is why it cannot be said that no allergy or interaction stands against it; "" if that was checked whole.
func (c composing) unchecked() string {
	for _, g := range c.Report.Gaps {
		if g.Check == safety.Allergies || g.Check == safety.Interactions {
			return g.Text
		}
	}
	return ""
}

func (e *editor) composing(ctx context.Context, patient string, f *web.Form, d draft, known safety.Patient) composing {
	c := composing{Patient: patient, Drug: d.name, Checked: e.d.Shell.Clock(), Others: e.outside != nil && e.outside.Any()}
	if d.name == "" {
		return c
	}
	if d.sigOK {
		c.Words, c.Supply, c.ByWeight = d.sig.Words(), d.supplyWords(c.Checked), d.byWeight
	} else {
		for _, name := range []string{"dose", "frequency", "days", "most", "note"} {
			if c.Missing == "" {
				c.Missing = f.Error(name)
			}
		}
	}
	checker, off := e.checker(ctx)
	c.Report, c.Off = checker.Check(known, []safety.Order{d.order()}), off
	c.Fired = fired(f)
	for _, found := range c.Report.Findings {
		if found.Severity > drugs.Note && !slices.Contains(c.Fired, found.Rule) {
			c.Fired = append(c.Fired, found.Rule)
		}
	}
	return c
}

// fired are the rules whose findings this form has shown, as it remembers them. No more than a form of this kind can have shown.
func fired(f *web.Form) []string {
	var out []string
	for _, rule := range f.All("fired") {
		if len(rule) <= 100 && len(out) < 50 && !slices.Contains(out, rule) {
			out = append(out, rule)
		}
	}
	return out
}

// seen reports whether the form has shown every finding that would stop the order, and every one to weigh.
func (c composing) seen(f *web.Form) bool {
	before := fired(f)
	return !slices.ContainsFunc(c.Report.Findings, func(found safety.Finding) bool {
		return found.Severity > drugs.Note && !slices.Contains(before, found.Rule)
	})
}

// sign carries the prescription out: the MedicationRequest, what was found, and the end of the one that it replaces, in one
// transaction.
func (e *editor) sign(r *http.Request) (web.View, error) {
	f, err := web.ReadForm(r)
	if err != nil {
		return nil, err
	}
	chart, err := e.chart(r)
	if err != nil {
		return nil, err
	}
	ctx := r.Context()
	known := Snapshot(ctx, chart.Session, chart.ID, e.library, e.d.Shell.Clock())
	usual := f.Text("drug") != "" && f.Text("dose") == "" && f.Text("frequency") == ""
	if usual {
		// Without script the fields come with the first sending, and with it a hasty one comes before them. What nobody has seen is not signed.
		e.defaults(f, known.Weight)
	}
	d := e.read(f, known.Weight)
	if usual {
		f.Wrong("seen", "Look at what is filled in and at what the checks found, and sign.")
	}
	if sent, err := facts.Sent(ctx, chart.Session, "MedicationRequest", f); err != nil || sent {
		return e.done(chart, d), err // the answer was lost and the form comes again
	}
	c := e.composing(ctx, chart.ID, f, d, known)
	if chart.Banner.Deceased {
		f.Wrong("drug", "This patient has died: nothing can be prescribed.")
	}
	if f.OK() {
		e.answer(f, c)
	}
	if !f.OK() {
		return e.work(chart, f, c, http.StatusUnprocessableEntity), nil
	}
	ops, err := e.ops(ctx, chart.Session, chart.ID, f, d, c, facts.Editing(f))
	if err != nil {
		return nil, err
	}
	if id := f.Text("task"); id != "" {
		op, err := e.settle(ctx, chart.Session, chart.ID, id, altered)
		if err != nil {
			return nil, err
		}
		ops = append(ops, op...)
	}
	if _, err := chart.Session.Do(ctx, ops); err != nil {
		return e.refused(chart, f, c, err)
	}
	return e.done(chart, d), nil
}

func (e *editor) done(chart facts.Chart, d draft) web.Done {
	said := "prescribed for " + chart.Banner.Name.Plain() + ". It is on the list; print it or give it to the pharmacy."
	switch d.mode {
	case "renew":
		said = "renewed for " + chart.Banner.Name.Plain() + "."
	case "change":
		said = "changed for " + chart.Banner.Name.Plain() + "."
	}
	to := "/patients/" + url.PathEscape(chart.ID) + "/medications"
	if d.task != "" {
		to = refillsAt
	}
	return web.Done{To: to, Say: ui.Message{Lead: d.name, Text: said}}
}

// answer makes sure that what was found was seen, and that what stops an order was answered.
func (e *editor) answer(f *web.Form, c composing) {
	if !c.seen(f) {
		f.Wrong("seen", "Look at what the checks found, and sign again.")
	}
	if len(c.Report.Stops()) == 0 {
		return
	}
	code := f.Text("answer")
	if !slices.ContainsFunc(facts.AlertReasons(), func(a facts.AlertReason) bool { return a.Code == code }) {
		f.Wrong("answer", "Say why it is prescribed all the same, or change the order.")
	}
	if code == facts.AlertOther && f.Text("why") == "" {
		f.Wrong("why", "Write the reason.")
	}
}

// order is the address of a new prescription within its transaction alone.
const order = "urn:uuid:6f1d5d5c-1b1f-4f0e-9b3a-0a7f3f6f1c11"

// ops are the changes of one prescription: itself, what was found with what was said to it, the end of the one that it replaces, which
// is of the version given, and who signed.
func (e *editor) ops(ctx context.Context, s *record.Session, patient string, f *web.Form, d draft, c composing, version int64) ([]record.Op, error) {
	author, now := facts.Author(ctx), e.d.Shell.Clock()
	p, err := d.make(patient, author, now)
	if err != nil {
		return nil, err
	}
	var end record.Op
	if d.replaces != "" {
		if end, err = e.end(ctx, s, patient, d, version, &p); err != nil {
			return nil, err
		}
	}
	create := record.Op{Verb: record.Create, Type: "MedicationRequest", FullURL: order}
	p.Identifier, create.Condition = facts.Once(f, "")
	var ops []record.Op
	add := func(i facts.Alert, key string) error {
		op := record.Op{Verb: record.Create, Type: "DetectedIssue"}
		op.Condition = once(&i, f, key)
		if op.Resource, err = fhir.New("DetectedIssue", i); err != nil {
			return err
		}
		ops = append(ops, op)
		return nil
	}
	present := map[string]bool{}
	for n, found := range c.Report.Findings {
		present[found.Rule] = true
		if found.Severity == drugs.Note {
			continue
		}
		code, why := "", ""
		if found.Severity == drugs.Stop {
			code, why = f.Text("answer"), f.Text("why")
		}
		if err := add(newIssue(found, patient, order, code, why, author, now), "finding"+strconv.Itoa(n)); err != nil {
			return nil, err
		}
	}
	for n, rule := range fired(f) {
		if present[rule] {
			continue
		}
		gone := safety.Finding{Rule: rule, Check: checkOf(rule), Severity: drugs.Caution, Order: d.name, Text: "was shown while the order was written, and no longer applies to what was signed"}
		if err := add(newIssue(gone, patient, order, facts.AlertChanged, "", author, now), "gone"+strconv.Itoa(n)); err != nil {
			return nil, err
		}
	}
	if create.Resource, err = fhir.New("MedicationRequest", p); err != nil {
		return nil, err
	}
	ops = append([]record.Op{create}, ops...)
	signed, err := fhir.New("Provenance", signature(author, identity.From(ctx), now))
	if err != nil {
		return nil, err
	}
	ops = append(ops, record.Op{Verb: record.Create, Type: "Provenance", Resource: signed})
	if d.replaces != "" {
		ops = append(ops, end)
	}
	return ops, nil
}

// checkOf is the check that a rule belongs to, by its name.
func checkOf(rule string) safety.Check {
	head, _, ok := strings.Cut(rule, "/")
	if !ok {
		return safety.Interactions
	}
	for _, c := range safety.Checks {
		if name := strings.ToLower(string(c)); strings.HasPrefix(name, head) || head == "allergy" && c == safety.Allergies {
			return c
		}
	}
	return safety.Interactions
}

// end ends the prescription that another takes the place of. What the form does not hold is carried over into the new one.
func (e *editor) end(ctx context.Context, s *record.Session, patient string, d draft, version int64, into *prescription) (record.Op, error) {
	v, p, err := e.open(ctx, s, patient, d.replaces)
	if err != nil {
		return record.Op{}, err
	}
	if p.Status == "entered-in-error" {
		return record.Op{}, &web.Problem{Kind: web.ErrInvalid, Advice: "The prescription was entered in error: prescribe the medicine anew."}
	}
	into.ReasonReference, into.Course, into.Dispense.Performer = p.ReasonReference, p.Course, p.Dispense.Performer
	if was := e.matchOf(p).Product; was != nil && was == d.match.Product { // of another product it was not said
		into.Substitution = p.Substitution
	}
	switch {
	case p.Status == "stopped" || p.Status == "completed" || p.Status == "cancelled": // it is over, and why stays as it was said
	case d.mode == "change":
		p.Status, p.StatusReason = "stopped", fhir.CodeableConcept{Text: "Changed"}
	default:
		p.Status, p.StatusReason = "completed", fhir.CodeableConcept{Text: "Renewed"}
	}
	doc, err := fhir.Merge(v.Resource(), p)
	return record.Op{Verb: record.Update, Type: "MedicationRequest", ID: v.ID, Resource: doc, IfMatch: version}, err
}

// refused draws the form again with the reason why the record did not take it.
func (e *editor) refused(chart facts.Chart, f *web.Form, c composing, err error) (web.View, error) {
	reason := facts.Refused(err)
	if facts.Changed(err) {
		reason = "Somebody else changed the prescription meanwhile. Close this form and look at the list."
	}
	if reason == "" {
		return nil, err
	}
	view := e.work(chart, f, c, http.StatusUnprocessableEntity)
	view.Messages = []ui.Message{{Tone: ui.Critical, Lead: "Not prescribed.", Text: reason}}
	return view, nil
}

// work is the form.
func (e *editor) work(chart facts.Chart, f *web.Form, c composing, status int) web.Work {
	c.Patient = chart.ID
	w := web.Work{
		Title: "New prescription", Current: "chart", Patient: &chart.Banner, Back: "/patients/" + url.PathEscape(chart.ID), Action: base(chart.ID),
		Body: form(f, c), Status: status, Buttons: []ui.Button{{Label: "Sign", Kind: ui.Primary}},
	}
	switch f.Text("mode") {
	case "renew":
		w.Title = "Renew a prescription"
	case "change":
		w.Title = "Change a prescription"
	}
	if wrong := f.Error("seen"); wrong != "" {
		w.Messages = append(w.Messages, ui.Message{Tone: ui.Caution, Lead: "Not signed yet.", Text: wrong})
	}
	return w
}
