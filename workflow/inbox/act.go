package inbox

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/identity"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/record/search"
	"github.com/osler-ehr/osler/web"
	"github.com/osler-ehr/osler/web/facts"
	"github.com/osler-ehr/osler/web/ui"
)

const (
	orderState = "https://osler.example/fhir/CodeSystem/order-state"
	// takeBack is how long a signature can be undone by whoever gave it: the ten seconds for which it is offered, and the
	// time an answer may take.
	takeBack = time.Minute
)

// one reads the work that the address names, with what it is about.
func (b *box) one(r *http.Request) (*record.Session, *job, *record.Version, error) {
	s, err := b.d.Session(r)
	if err != nil {
		return nil, nil, nil, err
	}
	j, v, err := load(r.Context(), s, r.PathValue("task"))
	return s, j, v, err
}

func load(ctx context.Context, s *record.Session, id string) (*job, *record.Version, error) {
	v, err := s.Read(ctx, "Task", id)
	if err != nil {
		return nil, nil, err
	}
	t, err := fhir.View[facts.Task](v.Resource())
	if err != nil {
		return nil, nil, err
	}
	switch t.Kind() {
	case facts.OrderTask, facts.OverdueTask, facts.CoverTask:
		return nil, nil, web.ErrNotFound
	}
	j := &job{Task: t, version: v.Version}
	return j, v, attach(ctx, s, []*job{j})
}

// problem answers an action that cannot be done with a sentence.
func problem(advice string) error { return &web.Problem{Kind: web.ErrConflict, Advice: advice} }

// sign acknowledges a result, or marks a task as done.
func (b *box) sign(r *http.Request) (web.View, error) {
	f, err := web.ReadForm(r)
	if err != nil {
		return nil, err
	}
	s, j, v, err := b.one(r)
	if err != nil {
		return nil, err
	}
	switch {
	case !j.Open():
		return nil, problem("It is done already.")
	case facts.Editing(f) != v.Version && (j.result == nil || f.Text("seen") == j.result.seen()): // what the laboratory changed is told below
		return nil, problem("Somebody changed this while you looked at it. Look at it again, then sign.")
	case hasOwnPage(j.Task):
		return nil, problem("This has steps of its own. Open it, and carry it on there.")
	case j.Kind() == facts.RefillTask:
		return nil, problem("A request for a refill is approved, changed or denied: open it.")
	case j.critical() && len(j.Output) == 0:
		return nil, problem("A critical result is signed with its action: tell the patient, order what follows, or record the call.")
	case j.result != nil && f.Text("seen") != j.result.seen():
		return nil, problem("The laboratory changed this result while you looked at it. Look at it again, then sign.")
	case j.Kind() == facts.ReviewTask && j.result == nil:
		return nil, problem("The result cannot be shown to you, so it cannot be signed. Reassign it to somebody who may see it.")
	}
	ops, err := b.close(r.Context(), s, j, v, "")
	if err != nil {
		return nil, err
	}
	if _, err := s.Do(r.Context(), ops); err != nil {
		return nil, refused(err)
	}
	b.recount(r.Context())
	return web.Done{To: "/inbox?" + url.Values{"item": {j.ID}, "tab": {string(tabOf(j.Kind()))}}.Encode(), Say: ui.Message{Lead: j.title(), Text: j.done()}, Undo: at(j.ID) + "/undo"}, nil
}

func (j *job) title() string {
	if j.result != nil {
		return j.result.name()
	}
	return j.Description
}

func (j *job) done() string {
	if j.Kind() == facts.ReviewTask {
		return "of " + j.patient.Name(time.Time{}).Plain() + " signed."
	}
	return "done."
}

// shown is what a form is filled with, so that it changes no other work than the one that was looked at.
func (j *job) shown() string { return strconv.FormatInt(j.version, 10) }

// stale makes the form come back if its work was changed since it was opened: with what was typed, and for the version that stands now.
func stale(w web.View, err error, j *job, f *web.Form) (web.View, error) {
	form, ok := w.(web.Work)
	if err != nil || !ok {
		return w, err
	}
	what := "It is with " + or(or(j.Owner.Display, facts.PoolName(j.Pool())), "nobody") + " now."
	if n := len(j.Note); n > 0 {
		what += " Last was noted: " + j.Note[n-1].Text
	}
	form.Status = http.StatusConflict
	form.Messages = append(form.Messages, ui.Message{Tone: ui.Caution, Lead: "Changed by somebody else meanwhile.", Text: what + " Nothing of yours was saved; what you wrote is below. Send it again if it still holds."})
	return form, nil
}

// refused turns what the record says into an error for the person.
func refused(err error) error {
	if facts.Changed(err) {
		return problem("Somebody else dealt with this meanwhile. Look at the list again.")
	}
	if reason := facts.Refused(err); reason != "" {
		return &web.Problem{Kind: web.ErrInvalid, Advice: reason}
	}
	return err
}

// close makes the operations by which work is completed: its own Task, and the orders that a result answers, with the Tasks
// that follow them. A preliminary result leaves its order open for the final one.
func (b *box) close(ctx context.Context, s *record.Session, j *job, v *record.Version, note string) ([]record.Op, error) {
	now, author := b.d.Shell.Clock(), facts.Author(ctx)
	t := j.Task
	stamp := fhir.DateTimeOf(now, fhir.Second)
	t.Status, t.Execution.End, t.Modified = "completed", stamp, stamp
	if t.Execution.Start.IsZero() {
		t.Execution.Start = stamp
	}
	if j.result != nil {
		t.Input = append(t.Input, facts.Part("seen", fhir.ChoiceOf(j.result.seen())))
	}
	word := "Done."
	if j.Kind() == facts.ReviewTask {
		word = "Signed."
	}
	t.Say(author, now, strings.TrimSpace(note+" "+word))
	op, err := change(t, v)
	if err != nil {
		return nil, err
	}
	ops := []record.Op{op}
	if j.Kind() != facts.ReviewTask || j.result == nil {
		return ops, nil
	}
	state, status := "closed", "completed"
	if j.result.Status == "preliminary" || j.result.Status == "partial" {
		state, status = "reviewed", "in-progress"
	}
	for _, ref := range unique(references(append(append([]fhir.Reference{}, t.BasedOn...), j.result.BasedOn...))) {
		if open, err := staysOpen(ctx, s, ref); err != nil {
			return nil, err
		} else if open {
			continue
		}
		more, err := carryOn(ctx, s, ref, state, status, author, now)
		if err != nil {
			return nil, err
		}
		ops = append(ops, more...)
	}
	return ops, nil
}

func references(list []fhir.Reference) (out []string) {
	for _, r := range list {
		if strings.HasPrefix(r.Reference, "ServiceRequest/") {
			out = append(out, r.Reference)
		}
	}
	return out
}

// staysOpen reports whether an order is a referral that this person may not close: its report is reviewed by a clinician.
func staysOpen(ctx context.Context, s *record.Session, ref string) (bool, error) {
	if identity.From(ctx).Has(identity.Clinician) {
		return false, nil
	}
	v, err := s.Read(ctx, "ServiceRequest", strings.TrimPrefix(ref, "ServiceRequest/"))
	if kind := record.KindOf(err); kind == record.KindNotFound || kind == record.KindGone {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	o, err := fhir.View[struct{ Category []fhir.CodeableConcept }](v.Resource())
	for _, c := range o.Category {
		if c.Has(facts.SNOMED, "3457005") || c.Has(facts.SNOMED, "306206005") {
			return true, err
		}
	}
	return false, err
}

// carryOn makes the operations that bring an order, and the Task that follows it, to a state.
func carryOn(ctx context.Context, s *record.Session, ref, state, status string, author fhir.Reference, now time.Time) (ops []record.Op, err error) {
	page, err := s.Search(ctx, record.Query{Type: "Task", Params: append([]search.Param{{Name: "focus", Value: ref}}, facts.Params("code", facts.OrderTask+","+facts.OverdueTask, "_count", "20")...)})
	if err != nil {
		return nil, err
	}
	undo := state == "resulted"
	for i := range page.Entries {
		v := &page.Entries[i].Version
		t, err := fhir.View[facts.Task](v.Resource())
		if err != nil {
			return nil, err
		}
		if !t.Open() && !undo || t.Status == "cancelled" {
			continue
		}
		t.Status, t.Business, t.Modified = status, fhir.Concept(orderState, state, ""), fhir.DateTimeOf(now, fhir.Second)
		if undo {
			t.Say(author, now, "The review was taken back.")
		} else {
			t.Say(author, now, "The result was reviewed.")
		}
		op, err := change(t, v)
		if err != nil {
			return nil, err
		}
		ops = append(ops, op)
	}
	want := map[string]string{"closed": "completed", "resulted": "active"}[state]
	v, err := s.Read(ctx, "ServiceRequest", strings.TrimPrefix(ref, "ServiceRequest/"))
	if record.KindOf(err) == record.KindNotFound || record.KindOf(err) == record.KindGone {
		return ops, nil
	}
	if err != nil {
		return nil, err
	}
	o, err := fhir.View[struct{ Status string }](v.Resource())
	if err != nil || want == "" || o.Status != "active" && o.Status != "on-hold" && !undo || o.Status == want {
		return ops, err
	}
	o.Status = want
	doc, err := fhir.Merge(v.Resource(), o)
	return append(ops, record.Op{Verb: record.Update, Type: "ServiceRequest", ID: v.ID, Resource: doc, IfMatch: v.Version}), err
}

// undo takes back a signature that this person gave just now.
func (b *box) undo(r *http.Request) (web.View, error) {
	s, j, v, err := b.one(r)
	if err != nil {
		return nil, err
	}
	ctx, now, author := r.Context(), b.d.Shell.Clock(), facts.Author(r.Context())
	n := len(j.Note)
	if j.Status != "completed" || n == 0 || j.Note[n-1].AuthorReference.Reference+j.Note[n-1].AuthorString != author.Reference+map[bool]string{true: author.Display}[author.Reference == ""] || now.Sub(j.Modified.Time(now.Location())) > takeBack {
		return nil, problem("It is too late to take this back. What was signed stays in the record; make a new task if something is left to do.")
	}
	t := j.Task
	t.Status, t.Execution = "requested", fhir.Period{}
	for i := len(t.Input) - 1; i >= 0; i-- {
		if facts.Concept(t.Input[i].Type) == "seen" {
			t.Input = append(t.Input[:i:i], t.Input[i+1:]...)
			break
		}
	}
	t.Say(author, now, "Taken back.")
	op, err := change(t, v)
	if err != nil {
		return nil, err
	}
	ops := []record.Op{op}
	if j.result != nil {
		for _, ref := range unique(references(append(append([]fhir.Reference{}, t.BasedOn...), j.result.BasedOn...))) {
			more, err := carryOn(ctx, s, ref, "resulted", "in-progress", author, now)
			if err != nil {
				return nil, err
			}
			ops = append(ops, more...)
		}
	}
	if _, err := s.Do(ctx, ops); err != nil {
		return nil, refused(err)
	}
	b.recount(r.Context())
	return web.Done{To: "/inbox?item=" + url.QueryEscape(j.ID), Say: ui.Message{Lead: j.title(), Text: "waits again."}}, nil
}
