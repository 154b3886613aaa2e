package bulk

import (
	"context"
	"slices"
	"strings"

	"github.com/osler-ehr/osler/fhir/definitions"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/record/search"
)

// perPage is how many resources are read at a time.
const perPage = 1000

// pageBytes bounds how much is read at a time.
const pageBytes = 4 << 20

// around are types that belong to no patient and are needed to understand what does.
var around = []string{"HealthcareService", "Location", "Medication", "Organization", "Practitioner", "PractitionerRole"}

// scan reads what an export asks for, page by page.
//
// The types without a filter are read in one go, in the order of the record: a page of whole patients. Each filter
// is a search of its own. Where patients are listed, all that is done for one after the other.
type scan struct {
	*server
	x       *export
	out     *output
	members []string
	types   []string // without filter; empty = none, see all
	all     bool     // every type, none filtered
}

func (c *scan) byMember() bool { return c.x.Request.Level == groupLevel || c.x.Request.Patients != nil }

// plan says which types are read without a filter.
func (c *scan) plan() {
	q := &c.x.Request
	filtered := func(t string) bool {
		return slices.ContainsFunc(q.Filters, func(f filter) bool { return f.Type == t })
	}
	c.all = q.Types == nil && q.Filters == nil && q.Level == systemLevel
	from := q.Types
	if from == nil {
		from = definitions.ResourceTypes()
	}
	for _, t := range from {
		inside := q.Level == systemLevel || t == "Patient" || c.Index.Owned(t) || slices.Contains(around, t)
		if inside && !filtered(t) {
			c.types = append(c.types, t)
		}
	}
}

// page reads one page and moves on. more is false when there is nothing left.
func (c *scan) page(ctx context.Context) (more bool, err error) {
	p, q := &c.x.Place, &c.x.Request
	if c.byMember() && p.Member >= len(c.members) {
		return false, nil
	}
	if p.Stage == 0 && len(c.types) == 0 {
		p.Stage = 1
	}
	if p.Stage > len(q.Filters) && (c.byMember() || q.Since.IsZero() || p.Stage > len(q.Filters)+1) {
		if !c.byMember() {
			return false, nil
		}
		*p = place{Member: p.Member + 1}
		return true, nil
	}
	// What the requester may do is asked for each page: that is less than a second ago.
	session, err := c.Owned(ctx, c.x.Owner)
	if err != nil {
		return false, err
	}
	if p.Stage > len(q.Filters) {
		return true, c.deleted(ctx, session)
	}
	var page *record.Page
	switch {
	case p.Stage > 0:
		page, err = c.filtered(ctx, session, &q.Filters[p.Stage-1])
	case c.byMember():
		page, err = session.Everything(ctx, record.EverythingQuery{Patient: c.members[p.Member], Count: perPage, MaxBytes: pageBytes, Page: p.Page})
	default:
		page, err = c.whole(ctx, session)
	}
	if k := record.KindOf(err); c.byMember() && (k == record.KindNotFound || k == record.KindGone) {
		c.skipped()
		*p = place{Member: p.Member + 1}
		return true, nil
	}
	if err != nil {
		return false, err
	}
	for i := range page.Entries {
		if err := c.give(ctx, session, &page.Entries[i]); err != nil {
			return false, err
		}
	}
	if p.Page = page.Next; p.Page == "" {
		p.Stage++
	}
	return true, nil
}

// whole reads a page of all the types that have no filter.
func (c *scan) whole(ctx context.Context, session *record.Session) (*record.Page, error) {
	params := c.since()
	if !c.all {
		params = append(params, search.Param{Name: "_type", Value: strings.Join(c.types, ",")})
	}
	return session.Search(ctx, record.Query{Params: params, Strict: true, Page: c.x.Place.Page, MaxCount: perPage, MaxBytes: pageBytes})
}

// filtered reads a page of what a filter finds, without what an earlier filter for the same type has found.
func (c *scan) filtered(ctx context.Context, session *record.Session, f *filter) (*record.Page, error) {
	query := func(f *filter, page string) (*record.Page, error) {
		params, err := f.params()
		if err != nil {
			return nil, err
		}
		return c.find(ctx, session, f.Type, append(params, c.since()...), page)
	}
	page, err := query(f, c.x.Place.Page)
	if err != nil || len(page.Entries) == 0 {
		return page, err
	}
	for i := range c.x.Place.Stage - 1 {
		earlier := &c.x.Request.Filters[i]
		if earlier.Type != f.Type {
			continue
		}
		found := map[string]bool{}
		for part := range slices.Chunk(page.Entries, 500) { // as many names as one parameter takes
			ids := make([]string, len(part))
			for i := range part {
				ids[i] = part[i].ID
			}
			params, err := earlier.params()
			if err != nil {
				return nil, err
			}
			again := &record.Page{}
			for more := true; more; more = again.Next != "" {
				again, err = c.find(ctx, session, f.Type, append(params, search.Param{Name: "_id", Value: strings.Join(ids, ",")}, count), again.Next)
				if err != nil {
					return nil, err
				}
				for i := range again.Entries {
					found[again.Entries[i].ID] = true
				}
			}
		}
		page.Entries = slices.DeleteFunc(page.Entries, func(e record.Entry) bool { return found[e.ID] })
	}
	return page, nil
}

// find searches one type, within a patient's record where the export goes patient by patient.
func (c *scan) find(ctx context.Context, session *record.Session, typ string, params []search.Param, page string) (*record.Page, error) {
	q := record.Query{Type: typ, Params: params, Strict: true, Page: page, MaxCount: perPage, MaxBytes: pageBytes}
	if c.byMember() {
		q.CompartmentPatient = c.members[c.x.Place.Member]
	}
	return session.Search(ctx, q)
}

var count = search.Param{Name: "_count", Value: "1000"}

// since limits a search to what changed after the moment asked for.
func (c *scan) since() []search.Param {
	params := []search.Param{count}
	if at := c.x.Request.Since; !at.IsZero() {
		params = append(params, search.Param{Name: "_lastUpdated", Value: "gt" + stamp(at)})
	}
	return params
}

// deleted writes a page of what was deleted since the moment asked for, and moves on.
func (c *scan) deleted(ctx context.Context, session *record.Session) error {
	p, q := &c.x.Place, &c.x.Request
	page, err := session.History(ctx, record.HistoryQuery{Since: q.Since, Count: perPage / 10, Page: p.Page})
	if err != nil {
		return err
	}
	for i := range page.Versions {
		v := &page.Versions[i]
		if !v.Deleted || !v.At.After(q.Since) || v.At.After(c.x.Began) || !c.asked(v.Type) {
			continue
		}
		// What was made anew after its deletion is no news; of several deletions the last one tells.
		last, err := session.History(ctx, record.HistoryQuery{Type: v.Type, ID: v.ID, At: c.x.Began})
		if err != nil && record.KindOf(err) == 0 {
			return err
		}
		if err == nil && len(last.Versions) > 0 && last.Versions[0].Version == v.Version {
			c.out.gone(v.Type, v.ID)
		}
	}
	if p.Page = page.Next; p.Page == "" {
		p.Stage++
	}
	return nil
}

// asked reports whether a type is exported, with or without a filter.
func (c *scan) asked(typ string) bool {
	return slices.Contains(c.types, typ) || slices.ContainsFunc(c.x.Request.Filters, func(f filter) bool { return f.Type == typ })
}

// give writes one resource, if it is asked for.
func (c *scan) give(ctx context.Context, session *record.Session, e *record.Entry) error {
	q := &c.x.Request
	if c.x.Place.Stage == 0 && !c.all && !slices.Contains(c.types, e.Type) {
		return nil
	}
	if c.byMember() && e.Include && !c.out.first(e.Type+"/"+e.ID) {
		return nil
	}
	v, err := c.asOf(ctx, session, &e.Version)
	if err != nil || v == nil {
		return err
	}
	if !q.Since.IsZero() && !v.At.After(q.Since) {
		return nil
	}
	if q.Level == patientLevel && e.Type != "Patient" && c.Index.Owned(e.Type) {
		if owner, _ := c.Index.Owner(v.Resource()); owner == "" { // such as a list that is about no patient
			return nil
		}
	}
	c.out.add(v.Type, v.Body)
	return nil
}

// asOf is the version that was current when the export began, so that all files together show one moment. It is nil
// for what did not exist then. Of what a filter finds, the version that it found is given.
func (c *scan) asOf(ctx context.Context, session *record.Session, v *record.Version) (*record.Version, error) {
	if !v.At.After(c.x.Began) || c.x.Place.Stage > 0 && v.Version > 1 {
		return v, nil
	}
	page, err := session.History(ctx, record.HistoryQuery{Type: v.Type, ID: v.ID, At: c.x.Began})
	if k := record.KindOf(err); k == record.KindNotFound || k == record.KindGone {
		return nil, nil
	}
	if err != nil || len(page.Versions) == 0 || page.Versions[0].Deleted {
		return nil, err
	}
	return &page.Versions[0], nil
}
