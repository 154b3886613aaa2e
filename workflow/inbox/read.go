package inbox

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/identity"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/web/clinical"
	"github.com/osler-ehr/osler/web/facts"
	"github.com/osler-ehr/osler/web/format"
)

// job is a Task with what it is about.
type job struct {
	facts.Task
	version int64
	result  *result // of a review; nil if it cannot be read
	patient facts.Patient
}

// tab is a view of the list.
type tab string

// The tabs, in their order.
const (
	tabResults   tab = "results"
	tabMessages  tab = "messages"
	tabRefills   tab = "refills"
	tabDocuments tab = "documents"
	tabTasks     tab = "tasks"
)

var tabs = []tab{tabResults, tabMessages, tabRefills, tabDocuments, tabTasks}

func (t tab) words() string { return strings.ToUpper(string(t[:1])) + string(t[1:]) }

// tabOf is where a kind of work is listed. What is of no kind known is a task: nothing is left out.
func tabOf(kind string) tab {
	switch kind {
	case facts.ReviewTask:
		return tabResults
	case facts.MessageTask:
		return tabMessages
	case facts.RefillTask:
		return tabRefills
	case facts.DocumentTask, facts.CosignTask:
		return tabDocuments
	}
	return tabTasks
}

// waiting reads the open work that is for a person: of every kind but orders, which have a page of their own.
func (b *box) waiting(ctx context.Context, s *record.Session, now time.Time) ([]*job, facts.Duty, error) {
	who := identity.From(ctx)
	duty, err := facts.OnDuty(ctx, s, b.d.Identity, now)
	if err != nil {
		return nil, duty, err
	}
	owned, free := map[string]*job{}, map[string]*job{}
	into := func(list map[string]*job) func(*record.Entry) error {
		return func(e *record.Entry) error {
			t, err := fhir.View[facts.Task](e.Resource())
			switch t.Kind() {
			case facts.OrderTask, facts.OverdueTask, facts.CoverTask:
				return err
			}
			if err == nil && duty.Sees(who.Resource, who.Has(identity.Nurse), who.Has(identity.Clinician), t) {
				list[t.ID] = &job{Task: t, version: e.Version.Version}
			}
			return err
		}
	}
	var err1, err2 error
	facts.Together(
		func() {
			if owners := duty.Answered(who.Resource); len(owners) > 0 {
				err1 = facts.Each(ctx, s, record.Query{Type: "Task", Params: facts.Params("owner", strings.Join(owners, ","), "status", facts.OpenTask, "_count", "1000")}, into(owned))
			}
		},
		func() {
			err2 = facts.Each(ctx, s, record.Query{Type: "Task", Params: facts.Params("owner:missing", "true", "status", facts.OpenTask, "_count", "1000")}, into(free))
		},
	)
	if err := cmp.Or(err1, err2); err != nil {
		return nil, duty, err
	}
	var out []*job
	for _, list := range []map[string]*job{owned, free} {
		for _, j := range list {
			out = append(out, j)
		}
	}
	return out, duty, attach(ctx, s, out)
}

// attach reads what work is about: results and patients.
func attach(ctx context.Context, s *record.Session, jobs []*job) error {
	var refs, people []string
	for _, j := range jobs {
		if j.Kind() == facts.ReviewTask {
			refs = append(refs, j.Focus.Reference)
		}
		if id, ok := strings.CutPrefix(j.For.Reference, "Patient/"); ok {
			people = append(people, id)
		}
	}
	refs, people = unique(refs), unique(people)
	var found map[string]*result
	names := map[string]facts.Patient{}
	var err1, err2 error
	facts.Together(
		func() {
			if s.May(access.Search, "DiagnosticReport") && s.May(access.Search, "Observation") {
				found, err1 = results(ctx, s, refs)
			}
		},
		func() {
			for chunk := range slices.Chunk(people, 100) {
				if !s.May(access.Search, "Patient") {
					return
				}
				page, err := s.Search(ctx, record.Query{Type: "Patient", Params: facts.Params("_id", strings.Join(chunk, ","), "_count", "200")})
				if err != nil {
					err2 = err
					return
				}
				for i := range page.Entries {
					if p, err := fhir.View[facts.Patient](page.Entries[i].Resource()); err == nil {
						names["Patient/"+page.Entries[i].ID] = p
					}
				}
			}
		},
	)
	for _, j := range jobs {
		j.result, j.patient = found[j.Focus.Reference], names[j.For.Reference]
	}
	return cmp.Or(err1, err2)
}

func unique(list []string) []string {
	return slices.Compact(slices.Sorted(slices.Values(list)))
}

// rank orders work: critical results, what somebody marked so, abnormal results, the rest.
func (j *job) rank() int {
	f := clinical.Normal
	if j.result != nil {
		f = j.result.flag()
	}
	switch {
	case f.Critical() || j.Priority == "stat":
		return 0
	case j.Priority == "asap":
		return 1
	case f != clinical.Normal:
		return 2
	case j.must():
		return 3
	}
	return 4
}

// must reports whether somebody must act: everything but a result that is known to be normal.
func (j *job) must() bool {
	return j.Kind() != facts.ReviewTask || j.result == nil || !j.result.normal()
}

// critical reports whether an action must be recorded before it is signed.
func (j *job) critical() bool {
	return j.result != nil && j.result.flag().Critical() || j.Kind() == facts.ReviewTask && j.Priority == "stat"
}

// order is by severity, then age, then name of the Task, so that it never changes by itself.
func order(a, b *job, zone *time.Location) int {
	return cmp.Or(a.rank()-b.rank(), a.Authored.Time(zone).Compare(b.Authored.Time(zone)), strings.Compare(a.ID, b.ID))
}

// visits are the next visits of patients, by reference, in words.
func visits(ctx context.Context, s *record.Session, jobs []*job, now time.Time) (map[string]string, error) {
	out := map[string]string{}
	var people []string
	for _, j := range jobs {
		if j.For.Reference != "" {
			people = append(people, j.For.Reference)
		}
	}
	people = unique(people)
	if len(people) == 0 || !s.May(access.Search, "Appointment") {
		return out, nil
	}
	for chunk := range slices.Chunk(people, 100) {
		page, err := s.Search(ctx, record.Query{Type: "Appointment", Params: facts.Params("patient", strings.Join(chunk, ","), "date", "ge"+now.Format(time.DateOnly), "status", "booked,arrived,checked-in,pending", "_sort", "date", "_count", "500")})
		if err != nil {
			return nil, err
		}
		for i := range page.Entries {
			a, err := fhir.View[struct {
				Status      string
				Start       fhir.Instant
				Participant []struct{ Actor fhir.Reference }
			}](page.Entries[i].Resource())
			if err != nil || a.Start.IsZero() {
				continue
			}
			at := a.Start.Time().In(now.Location())
			text := "Next visit " + format.Date(at)
			switch {
			case a.Status == "arrived" || a.Status == "checked-in":
				text = "Here now, visit " + format.Time(at)
			case at.Before(now):
				continue
			case format.Date(at) == format.Date(now):
				text = "Visit today " + format.Time(at)
			}
			for _, p := range a.Participant {
				if strings.HasPrefix(p.Actor.Reference, "Patient/") && out[p.Actor.Reference] == "" {
					out[p.Actor.Reference] = text
				}
			}
		}
	}
	return out, nil
}

// series are the values of one test of a patient, newest first.
func series(ctx context.Context, s *record.Session, patient string, v facts.Value, most string, zone *time.Location) ([]facts.Value, error) {
	params := facts.Params("_sort", "-date", "_count", most)
	if code := v.Code.In(facts.LOINC); code != "" {
		params = append(params, facts.Params("combo-code", facts.LOINC+"|"+code)...)
	} else {
		params = append(params, facts.Params("category", "laboratory")...)
	}
	all, err := facts.Find[facts.Observation](ctx, s, "Observation", patient, params...)
	if err != nil {
		return nil, err
	}
	var out []facts.Value
	for _, o := range all {
		if !o.Valid() {
			continue
		}
		for _, x := range o.Values() {
			if x.Key() == v.Key() {
				out = append(out, x)
			}
		}
	}
	slices.SortStableFunc(out, func(a, b facts.Value) int { return facts.Later(a, b, zone) })
	return out, nil
}
