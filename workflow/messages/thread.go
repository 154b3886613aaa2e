package messages

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/web"
	"github.com/osler-ehr/osler/web/facts"
)

// most is how many messages of a patient are read, newest first. Older ones stay in the timeline and over FHIR.
const most = 500

// thread is a message with its answers, oldest first.
type thread struct {
	root string // id of the first message
	list []message
	task *facts.Task // the open work that it makes; nil if nobody waits
}

func (t thread) first() message { return t.list[0] }
func (t thread) last() message  { return t.list[len(t.list)-1] }

// readBy are the messages that whoever reads an answer reads as well. What staff wrote for each other has no part in what the patient reads,
// its topic neither.
func (t thread) readBy(answer message) []message {
	if answer.internal() {
		return t.list
	}
	return slices.DeleteFunc(slices.Clone(t.list), message.internal)
}

// ids are the references of all its messages.
func (t thread) ids() (out []string) {
	for _, m := range t.list {
		out = append(out, "Communication/"+m.ID)
	}
	return out
}

// threads groups messages, the one with the newest message first.
func threads(all []message, zone *time.Location) []thread {
	by := map[string]message{}
	for _, m := range all {
		by[m.ID] = m
	}
	root := func(m message) string {
		for range 100 { // answers of answers; a circle of them ends here
			next := ""
			for _, r := range append(slices.Clone(m.PartOf), m.InResponseTo...) {
				if t, ok := r.Target(); ok && t.Type == "Communication" && t.ID != m.ID {
					next = t.ID
					break
				}
			}
			if next == "" {
				return m.ID
			}
			up, ok := by[next]
			if !ok {
				return next
			}
			m = up
		}
		return m.ID
	}
	found := map[string]*thread{}
	for _, m := range all {
		id := root(m)
		if found[id] == nil {
			found[id] = &thread{root: id}
		}
		found[id].list = append(found[id].list, m)
	}
	var out []thread
	for _, t := range found {
		slices.SortFunc(t.list, func(a, b message) int {
			return cmp.Or(a.Sent.Time(zone).Compare(b.Sent.Time(zone)), strings.Compare(a.ID, b.ID))
		})
		out = append(out, *t)
	}
	slices.SortFunc(out, func(a, b thread) int {
		return cmp.Or(b.last().Sent.Time(zone).Compare(a.last().Sent.Time(zone)), strings.Compare(a.root, b.root))
	})
	return out
}

// correspondence reads the threads of a patient with the work that they make.
func correspondence(ctx context.Context, s *record.Session, patient string, zone *time.Location) ([]thread, error) {
	all, err := facts.FindAll[message](ctx, s, "Communication", patient, facts.Params("_sort", "-sent", "_count", "500")...)
	if err != nil {
		return nil, err
	}
	all = slices.DeleteFunc(all, func(m message) bool { return !m.written() })
	list := threads(all, zone)
	if len(list) == 0 || !s.May(access.Search, "Task") {
		return list, nil
	}
	open, err := facts.FindAll[facts.Task](ctx, s, "Task", patient, facts.Params("code", facts.TaskKind+"|"+facts.MessageTask, "status", facts.OpenTask, "_count", "200")...)
	if err != nil {
		return nil, err
	}
	for i := range list {
		for _, ref := range list[i].ids() {
			for j := range open {
				if open[j].Focus.Reference == ref && list[i].task == nil {
					list[i].task = &open[j]
				}
			}
		}
	}
	return list, nil
}

// find is the thread that a message of this patient belongs to.
func find(ctx context.Context, s *record.Session, patient, id string, zone *time.Location) (thread, error) {
	list, err := correspondence(ctx, s, patient, zone)
	if err != nil {
		return thread{}, err
	}
	for _, t := range list {
		if t.root == id || slices.ContainsFunc(t.list, func(m message) bool { return m.ID == id }) {
			return t, nil
		}
	}
	return thread{}, web.ErrNotFound
}

// opened notes that somebody for whom a thread waits has opened it. What cannot be noted, as somebody else does it in this moment, is
// noted then.
func (p *post) opened(ctx context.Context, s *record.Session, t thread) error {
	if t.task == nil || t.task.Status != "requested" {
		return nil
	}
	now := p.d.Shell.Clock()
	stamp := fhir.DateTimeOf(now, fhir.Second)
	ops := []record.Op{{Verb: record.Patch, Type: "Task", ID: t.task.ID, Patch: func(doc *fhir.Resource) (*fhir.Resource, error) {
		if doc.Get("status").Text() != "requested" {
			return doc, nil
		}
		return fhir.Merge(doc, struct {
			Status   string
			Modified fhir.DateTime `fhir:"lastModified"`
		}{"received", stamp})
	}}}
	for _, m := range t.list {
		if m.Received.IsZero() && !m.toPatient() {
			ops = append(ops, record.Op{Verb: record.Patch, Type: "Communication", ID: m.ID, Patch: func(doc *fhir.Resource) (*fhir.Resource, error) {
				if doc.Get("received").Exists() {
					return doc, nil
				}
				return fhir.Merge(doc, struct{ Received fhir.DateTime }{stamp})
			}})
		}
	}
	_, err := s.Do(ctx, ops)
	p.recount()
	if facts.Changed(err) {
		return nil
	}
	return err
}
