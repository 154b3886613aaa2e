package facts

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/record/search"
	"github.com/osler-ehr/osler/web"
)

// Of is the question for what is about a patient, of one type. It is narrower than the patient's compartment, which holds what a patient
// did for somebody else too: what a mother measured of her child must not stand in her own chart.
func Of(typ, patient string, params ...search.Param) record.Query {
	return record.Query{Type: typ, Params: append([]search.Param{{Name: "patient", Value: "Patient/" + patient}}, params...), Strict: true}
}

// Find reads the resources of a type that are about a patient as views. One page of them: params say how many and in which order.
func Find[V any](ctx context.Context, s *record.Session, typ, patient string, params ...search.Param) ([]V, error) {
	page, err := s.Search(ctx, Of(typ, patient, params...))
	if err != nil {
		return nil, err
	}
	out := make([]V, 0, len(page.Entries))
	for i := range page.Entries {
		e := &page.Entries[i]
		v, err := fhir.View[V](e.Resource())
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", e.Type, err)
		}
		out = append(out, v)
	}
	return out, nil
}

// FindAll is [Find] of every page: for what must be whole, because what is missing would be taken for what is not there.
func FindAll[V any](ctx context.Context, s *record.Session, typ, patient string, params ...search.Param) ([]V, error) {
	out := []V{}
	err := Each(ctx, s, Of(typ, patient, params...), func(e *record.Entry) error {
		v, err := fhir.View[V](e.Resource())
		if err != nil {
			return fmt.Errorf("read %s: %w", e.Type, err)
		}
		out = append(out, v)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// Page is a page of what is about a patient, from a cursor of the page before on; "" for the first. A cursor of somebody else's pages, which
// an address may carry by mistake, is ErrNotFound: two patients must never stand on one page.
func Page(ctx context.Context, s *record.Session, q record.Query, patient, cursor string) (*record.Page, error) {
	q.Page = cursor
	page, err := s.Search(ctx, q)
	if err != nil || cursor == "" {
		return page, err
	}
	for i := range page.Entries {
		r := page.Entries[i].Resource()
		about := r.Get("subject")
		if about.Kind() != fhir.Object {
			about = r.Get("patient")
		}
		if t, ok := fhir.ParseReference(about.Get("reference").Text()); !ok || t.Type != "Patient" || t.ID != patient {
			return nil, web.ErrNotFound
		}
	}
	return page, nil
}

// ErrEnough ends [Each] without an error.
var ErrEnough = errors.New("enough")

// Each gives every entry of a search to f, page by page, until f returns an error.
func Each(ctx context.Context, s *record.Session, q record.Query, f func(*record.Entry) error) error {
	for {
		page, err := s.Search(ctx, q)
		if err != nil {
			return err
		}
		for i := range page.Entries {
			if err := f(&page.Entries[i]); err != nil {
				if errors.Is(err, ErrEnough) {
					return nil
				}
				return err
			}
		}
		if page.Next == "" {
			return nil
		}
		q.Page = page.Next
	}
}

// Whole is every page of a search as one: for what must not end early, such as the times that are taken.
func Whole(ctx context.Context, s *record.Session, q record.Query) (*record.Page, error) {
	all, err := s.Search(ctx, q)
	if err != nil {
		return nil, err
	}
	for next := all.Next; next != ""; {
		q.Page = next
		page, err := s.Search(ctx, q)
		if err != nil {
			return nil, err
		}
		all.Entries = append(all.Entries, page.Entries...)
		next = page.Next
	}
	all.Next = ""
	return all, nil
}

// Params makes search parameters of pairs: name, value, name, value.
func Params(pairs ...string) []search.Param {
	var out []search.Param
	for i := 0; i+1 < len(pairs); i += 2 {
		out = append(out, search.Param{Name: pairs[i], Value: pairs[i+1]})
	}
	return out
}

// Together runs reads at the same time: each waits for its entry of the audit log to be on the disk, and those waits are shared.
func Together(reads ...func()) {
	var wg sync.WaitGroup
	for _, read := range reads {
		wg.Go(read)
	}
	wg.Wait()
}
