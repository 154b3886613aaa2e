package subscriptions

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/record/search"
	"github.com/osler-ehr/osler/slice"
)

// match finds the changes that the subscription is about and its owner may see, in their order.
func (w *worker) match(ctx context.Context, session *record.Session, page []slice.Change) ([]event, error) {
	found := map[string]*record.Version{}
	refused := 0
	for i := range w.sub.Selectors {
		sel := &w.sub.Selectors[i]
		if !session.May(access.Search, sel.Type) {
			refused++
			continue
		}
		var ids []string
		for _, c := range page {
			if c.Type == sel.Type && c.Action != "delete" && sel.wants(c.Action) && !slices.Contains(ids, c.ID) {
				ids = append(ids, c.ID)
			}
		}
		if err := w.find(ctx, session, sel, ids, found); err != nil {
			return nil, err
		}
	}
	if refused == len(w.sub.Selectors) {
		return nil, &stopped{"stopped: its owner may not search any of the types that it is about any more"}
	}
	var out []event
	for _, c := range page {
		v, err := w.about(ctx, session, c, found[c.Type+"/"+c.ID])
		if err != nil {
			return nil, err
		}
		if v == nil {
			continue
		}
		ev := event{Change: c.Number, Type: c.Type, ID: c.ID, Version: v.Version, At: c.At, Action: c.Action}
		if c.Action == "delete" {
			ev.Version = c.Version
		}
		if ev.Patient, _ = w.Index.Owner(v.Resource()); c.Type == "Patient" {
			ev.Patient = "Patient/" + c.ID
		}
		out = append(out, ev)
	}
	return out, nil
}

// about is the version that the event of a change is about; nil if the change is none. now is the current version, if
// it meets the criteria.
func (w *worker) about(ctx context.Context, session *record.Session, c slice.Change, now *record.Version) (*record.Version, error) {
	i := slices.IndexFunc(w.sub.Selectors, func(s selector) bool { return s.Type == c.Type && s.wants(c.Action) })
	if i < 0 || !session.May(access.Search, c.Type) {
		return nil, nil
	}
	sel := &w.sub.Selectors[i]
	switch {
	case now != nil && now.Version == c.Version:
		return now, nil
	case sel.Query == "": // every version meets no criteria, also one that is replaced or gone by now
		if c.Action == "delete" && c.Version < 2 {
			return nil, nil
		}
		return w.visible(ctx, session, &event{Type: c.Type, ID: c.ID, Version: c.Version, Action: c.Action})
	case now != nil && now.Version > c.Version && !sel.wants("update"): // no later change stands for this one
		return now, nil
	}
	return nil, nil // what is replaced cannot be searched; the change that replaced it comes for itself
}

// find searches which of the resources meet the criteria, by their current versions.
func (w *worker) find(ctx context.Context, session *record.Session, sel *selector, ids []string, found map[string]*record.Version) error {
	for part := range slices.Chunk(ids, 200) {
		params, err := sel.params()
		if err != nil {
			return err
		}
		params = append(params, search.Param{Name: "_id", Value: strings.Join(part, ",")}, search.Param{Name: "_count", Value: strconv.Itoa(len(part))})
		page, err := session.Search(ctx, record.Query{Type: sel.Type, Params: params, Strict: true})
		if record.KindOf(err) != 0 {
			_, o := outcomeOf(err)
			return &stopped{"its criteria cannot be searched any more: " + o.Error()}
		}
		if err != nil {
			return err
		}
		for i := range page.Entries {
			e := &page.Entries[i]
			found[e.Type+"/"+e.ID] = &e.Version
		}
	}
	return nil
}

// visible reads the version that an event is about, nil if the session may not see it now. Of a deletion it is the
// version before.
func (e *engine) visible(ctx context.Context, session *record.Session, ev *event) (*record.Version, error) {
	n := ev.Version
	if ev.Action == "delete" {
		n--
	}
	v, err := session.ReadVersion(ctx, ev.Type, ev.ID, n)
	if record.KindOf(err) != 0 {
		return nil, nil
	}
	return v, err
}
