package inbox

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/record/search"
	"github.com/osler-ehr/osler/slice"
	"github.com/osler-ehr/osler/web/facts"
)

const (
	// reviewSystem is that of the identifiers by which one Task is made for each result and correction.
	reviewSystem = "https://osler.example/fhir/NamingSystem/result-review"
	// fresh is how old a result may be when it arrives and still wait for review: what is older is history that came with
	// an import.
	fresh = 30 * 24 * time.Hour
	// criticalWait is how long a critical result waits for one person, then goes to the next.
	criticalWait = 30 * time.Minute
)

// changed makes the Tasks of results that arrive or are corrected. Most of what changes is vital signs and answers: the category's
// index tells laboratory values from those, and one search finds the reports that values are part of.
func (b *box) changed(ctx context.Context, s *record.Session, changes []slice.Change) error {
	var await, first, again []string // first and again are ids of Observations
	for _, c := range changes {
		switch {
		case c.Action == "delete":
		case c.Type == "DiagnosticReport":
			await = append(await, c.Type+"/"+c.ID)
		case c.Version == 1:
			first = append(first, c.ID)
		default:
			again = append(again, c.ID)
		}
	}
	laboratory, err := laboratories(ctx, s, slices.Concat(first, again))
	if err != nil {
		return err
	}
	first = slices.DeleteFunc(first, func(id string) bool { return !laboratory[id] })
	reports, err := reportsOf(ctx, s, slices.Concat(first, again))
	if err != nil {
		return err
	}
	for _, id := range first {
		if len(reports[id]) == 0 { // else the report is what is reviewed; a new value in it is told by the report itself
			await = append(await, "Observation/"+id)
		}
	}
	for _, id := range again {
		for _, report := range reports[id] {
			await = append(await, "DiagnosticReport/"+report)
		}
		if len(reports[id]) == 0 && laboratory[id] {
			await = append(await, "Observation/"+id)
		}
	}
	return b.await(ctx, s, await)
}

// each searches for a list of values in parts of it, and calls f for all that is found.
func each(ctx context.Context, s *record.Session, typ, name string, values []string, params []search.Param, f func(v *record.Version) error) error {
	for some := range slices.Chunk(values, 100) {
		q := record.Query{Type: typ, Strict: true, Params: append([]search.Param{{Name: name, Value: strings.Join(some, ",")}, {Name: "_count", Value: "500"}}, params...)}
		for {
			page, err := s.Search(ctx, q)
			if err != nil {
				return err
			}
			for i := range page.Entries {
				if err := f(&page.Entries[i].Version); err != nil {
					return err
				}
			}
			if page.Next == "" {
				break
			}
			q.Page = page.Next
		}
	}
	return nil
}

// laboratories tells which of some Observations are of a laboratory.
func laboratories(ctx context.Context, s *record.Session, ids []string) (map[string]bool, error) {
	out := map[string]bool{}
	err := each(ctx, s, "Observation", "_id", ids, facts.Params("category", facts.ObservationCategory+"|laboratory"), func(v *record.Version) error {
		out[v.ID] = true
		return nil
	})
	return out, err
}

// reportsOf finds the reports of which Observations are part, by id.
func reportsOf(ctx context.Context, s *record.Session, ids []string) (map[string][]string, error) {
	out := map[string][]string{}
	refs := make([]string, len(ids))
	for i, id := range ids {
		refs[i] = "Observation/" + id
		out[id] = nil
	}
	err := each(ctx, s, "DiagnosticReport", "result", refs, nil, func(v *record.Version) error {
		for n := range v.Resource().Get("result").Values() {
			if ref, ok := fhir.ParseReference(n.Get("reference").Text()); ok && ref.Kind == fhir.RelativeTarget && ref.Type == "Observation" {
				if found, asked := out[ref.ID]; asked && !slices.Contains(found, v.ID) {
					out[ref.ID] = append(found, v.ID)
				}
			}
		}
		return nil
	})
	return out, err
}

// await makes sure that results as they stand now are, or were, looked at by somebody.
func (b *box) await(ctx context.Context, s *record.Session, refs []string) error {
	slices.Sort(refs)
	refs = slices.Compact(refs)
	found, err := results(ctx, s, refs)
	if err != nil {
		return err
	}
	about := slices.Clone(refs)
	for _, r := range found {
		about = append(about, r.valueRefs()...)
	}
	tasks, err := reviews(ctx, s, about)
	if err != nil {
		return err
	}
	var failed []error // one that cannot be made must not hold up the others
	for _, ref := range refs {
		if r, ok := found[ref]; ok { // else it is gone
			failed = append(failed, b.awaitOne(ctx, s, ref, r, tasks))
		}
	}
	return errors.Join(failed...)
}

// valueRefs are the Observations of a report.
func (r *result) valueRefs() (out []string) {
	for _, ref := range r.Result {
		if strings.HasPrefix(ref.Reference, "Observation/") {
			out = append(out, ref.Reference)
		}
	}
	return out
}

// awaitOne makes sure of it for one result, given the Tasks about it and its values.
func (b *box) awaitOne(ctx context.Context, s *record.Session, ref string, r *result, tasks map[string]*reviewed) error {
	var open, closed []*record.Version
	if about := tasks[ref]; about != nil {
		open, closed = about.open, about.closed
	}
	now := b.d.Shell.Clock()
	self := fhir.Reference{Display: "Osler"}
	switch r.Status {
	case "registered":
		return nil
	case "entered-in-error", "cancelled":
		for _, v := range open {
			t, err := fhir.View[facts.Task](v.Resource())
			if err != nil {
				return err
			}
			t.Status, t.StatusReason = "cancelled", fhir.CodeableConcept{Text: "The result was taken back."}
			t.Say(self, now, "The result was taken back.")
			if err := put(ctx, s, t, v); err != nil {
				return err
			}
		}
		return nil
	}
	if !r.alone {
		if err := b.absorb(ctx, s, r, tasks); err != nil {
			return err
		}
	}
	if len(open) > 0 {
		return b.raise(ctx, s, r, open[0])
	}
	when := r.when()
	if len(closed) == 0 && !when.IsZero() && now.Sub(when.Time(now.Location())) > fresh && now.Sub(r.Issued.Time()) > fresh {
		return nil
	}
	for _, v := range closed {
		t, err := fhir.View[facts.Task](v.Resource())
		if err != nil {
			return err
		}
		if seen(t) == r.seen() { // this very version was looked at
			return nil
		}
	}
	t, err := b.review(ctx, s, ref, r, now)
	if err != nil {
		return err
	}
	name := ref + "#" + strconv.Itoa(len(closed)+1)
	t.Identifier = []fhir.Identifier{{System: reviewSystem, Value: name}}
	if len(closed) > 0 {
		t.Say(self, now, "Changed by the laboratory after it was reviewed.")
	}
	doc, err := fhir.New("Task", t)
	if err != nil {
		return err
	}
	_, err = s.Do(ctx, []record.Op{{Verb: record.Create, Type: "Task", Resource: doc, Condition: "identifier=" + reviewSystem + "|" + name}})
	return err
}

// seen is the fingerprint of what was looked at when a Task was completed.
func seen(t facts.Task) string {
	last := ""
	for _, p := range t.Input {
		if facts.Concept(p.Type) == "seen" {
			last, _ = fhir.ChoiceValue[string](p.Value)
		}
	}
	return last
}

// reviewed is the Tasks about one result: those that are open, and those that are completed.
type reviewed struct{ open, closed []*record.Version }

// reviews finds the Tasks about results, by what they are about.
func reviews(ctx context.Context, s *record.Session, refs []string) (map[string]*reviewed, error) {
	out := map[string]*reviewed{}
	slices.Sort(refs)
	err := each(ctx, s, "Task", "focus", slices.Compact(refs), facts.Params("code", facts.ReviewTask), func(v *record.Version) error {
		t, err := fhir.View[facts.Task](v.Resource())
		if err != nil {
			return err
		}
		ref, ok := fhir.ParseReference(t.Focus.Reference)
		if !ok {
			return nil
		}
		about := out[ref.Type+"/"+ref.ID]
		if about == nil {
			about = &reviewed{}
			out[ref.Type+"/"+ref.ID] = about
		}
		switch {
		case t.Open():
			about.open = append(about.open, v)
		case t.Status == "completed":
			about.closed = append(about.closed, v)
		}
		return nil
	})
	return out, err
}

// review is the Task of a result: for who answers for its order, else the patient's own doctor, else all clinicians.
func (b *box) review(ctx context.Context, s *record.Session, ref string, r *result, now time.Time) (facts.Task, error) {
	stamp := fhir.DateTimeOf(now, fhir.Second)
	kind, id, _ := strings.Cut(ref, "/")
	t := facts.Task{
		Status: "requested", Intent: "order", Code: fhir.Concept(facts.TaskKind, facts.ReviewTask, "Review result"), Description: r.name(), Focus: fhir.To(kind, id),
		Authored: stamp, Modified: stamp, PerformerType: []fhir.CodeableConcept{fhir.Concept(facts.TaskPool, facts.ClinicianPool, facts.PoolName(facts.ClinicianPool))},
	}
	t.Priority, t.Restriction.Period.End = urgency(r, now)
	if strings.HasPrefix(r.Subject.Reference, "Patient/") {
		t.For = r.Subject
	}
	for _, x := range r.BasedOn {
		if !strings.HasPrefix(x.Reference, "ServiceRequest/") {
			continue
		}
		t.BasedOn = append(t.BasedOn, x)
		owner, pool, err := answersFor(ctx, s, x.Reference)
		if err != nil {
			return t, err
		}
		if t.Owner.Reference == "" && (owner.Reference != "" || len(pool) > 0) {
			t.Owner, t.PerformerType = owner, pool
		}
	}
	if t.Owner.Reference == "" && len(t.BasedOn) == 0 && t.For.Reference != "" {
		v, err := s.Read(ctx, "Patient", strings.TrimPrefix(t.For.Reference, "Patient/"))
		if err != nil {
			return t, err
		}
		p, err := fhir.View[facts.Patient](v.Resource())
		if err != nil {
			return t, err
		}
		for _, gp := range p.GeneralPractitioner {
			if strings.HasPrefix(gp.Reference, "Practitioner/") {
				t.Owner, t.PerformerType = gp, nil
				break
			}
		}
	}
	if t.Owner.Reference == "" {
		return t, nil
	}
	duty, err := facts.OnDuty(ctx, s, b.d.Identity, now)
	if err == nil && !duty.Works(t.Owner.Reference) {
		release(&t, now)
	}
	return t, err
}

// release hands what belongs to somebody who cannot sign in to all clinicians.
func release(t *facts.Task, now time.Time) {
	name := or(t.Owner.Display, "its owner")
	t.Give("pool:"+facts.ClinicianPool, "")
	t.Say(fhir.Reference{Display: "Osler"}, now, "Given to all clinicians: "+name+" cannot sign in.")
}

// answersFor is who answers for an order: as the Task that follows it says, else whoever gave it.
func answersFor(ctx context.Context, s *record.Session, order string) (owner fhir.Reference, pool []fhir.CodeableConcept, err error) {
	page, err := s.Search(ctx, record.Query{Type: "Task", Params: append([]search.Param{{Name: "focus", Value: order}}, facts.Params("code", facts.OrderTask, "_count", "10")...)})
	if err != nil {
		return owner, nil, err
	}
	for i := range page.Entries {
		if t, err := fhir.View[facts.Task](page.Entries[i].Resource()); err == nil && t.Open() {
			return t.Owner, t.PerformerType, nil
		}
	}
	v, err := s.Read(ctx, "ServiceRequest", strings.TrimPrefix(order, "ServiceRequest/"))
	if err != nil {
		if record.KindOf(err) == record.KindNotFound || record.KindOf(err) == record.KindGone {
			return owner, nil, nil
		}
		return owner, nil, err
	}
	o, err := fhir.View[struct{ Requester fhir.Reference }](v.Resource())
	if err == nil && strings.HasPrefix(o.Requester.Reference, "Practitioner/") {
		owner = o.Requester
	}
	return owner, nil, err
}

// urgency is how soon a result must be looked at: a critical one before it goes to the next person, an abnormal one within
// three days, another within a week.
func urgency(r *result, now time.Time) (priority string, until fhir.DateTime) {
	switch {
	case r.flag().Critical():
		return "stat", fhir.DateTimeOf(now.Add(criticalWait), fhir.Second)
	case !r.normal():
		return "urgent", fhir.DateTimeOf(now.AddDate(0, 0, 3), fhir.Day)
	}
	return "routine", fhir.DateTimeOf(now.AddDate(0, 0, 7), fhir.Day)
}

// raise makes a Task that waits as urgent as the result has become.
func (b *box) raise(ctx context.Context, s *record.Session, r *result, v *record.Version) error {
	t, err := fhir.View[facts.Task](v.Resource())
	if err != nil {
		return err
	}
	if t.Priority == "stat" || !r.flag().Critical() {
		return nil
	}
	now := b.d.Shell.Clock()
	t.Priority, t.Restriction.Period.End = urgency(r, now)
	t.Say(fhir.Reference{Display: "Osler"}, now, "It has a critical value now.")
	return put(ctx, s, t, v)
}

// absorb takes values off the list that came before the report which holds them.
func (b *box) absorb(ctx context.Context, s *record.Session, r *result, tasks map[string]*reviewed) error {
	for _, ref := range r.valueRefs() {
		about := tasks[ref]
		if about == nil {
			continue
		}
		for _, v := range about.open {
			t, err := fhir.View[facts.Task](v.Resource())
			if err != nil {
				return err
			}
			t.Status, t.StatusReason = "cancelled", fhir.CodeableConcept{Text: "It is reviewed with its report."}
			if err := put(ctx, s, t, v); err != nil {
				return err
			}
		}
		about.open = nil // another report may hold the same value
	}
	return nil
}

// put keeps a changed Task.
func put(ctx context.Context, s *record.Session, t facts.Task, v *record.Version) error {
	op, err := change(t, v)
	if err != nil {
		return err
	}
	_, err = s.Do(ctx, []record.Op{op})
	return err
}

func change(t facts.Task, v *record.Version) (record.Op, error) {
	doc, err := fhir.Merge(v.Resource(), t)
	return record.Op{Verb: record.Update, Type: "Task", ID: v.ID, Resource: doc, IfMatch: v.Version}, err
}
