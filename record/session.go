package record

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/record/audit"
	"github.com/osler-ehr/osler/store"
)

// Session is what one actor can do. It is cheap to make and safe for many goroutines.
type Session struct {
	r     *Record
	actor access.Actor
}

// Actor is whose session this is.
func (s *Session) Actor() access.Actor { return s.actor }

// May reports whether the actor's role and scopes permit an action on a type of resource at all.
func (s *Session) May(action access.Action, typ string) bool {
	return s.r.policy.Decide(s.actor, action, typ).Allowed
}

// decide is the one place where a session asks whether it may.
func (s *Session) decide(action access.Action, typ string) (access.Decision, error) {
	if typ != "" && s.r.index.Number(typ) == 0 {
		return access.Decision{}, fail(KindNotFound, "%q is not a FHIR R4 resource type", typ)
	}
	d := s.r.policy.Decide(s.actor, action, typ)
	if !d.Allowed {
		return d, &Error{Kind: KindForbidden, Outcome: forbidden(d.Reason)}
	}
	return d, nil
}

// visible applies a filter to a row that was read by its name. It means what the filter means in a search.
func visible(f store.Filter, row *store.Row) bool {
	p := row.Key.Patient()
	return !f.Nothing &&
		(f.Patients == nil || p == 0 || slices.Contains(f.Patients, p)) &&
		!(p == 0 && slices.Contains(f.OwnOnly, row.Key.Type())) &&
		(f.Orgs == nil || slices.Contains(f.Orgs, row.Org)) &&
		row.Labels&f.DenyLabels == 0 &&
		(row.Labels&f.NeedLabels != 0 || !slices.Contains(f.NeedTypes, row.Key.Type())) &&
		!slices.Contains(f.DenyTypes, row.Key.Type())
}

// aad binds a sealed body to its place, and to what decides who may see it.
func aad(typ string, row *store.Row) []byte {
	b := make([]byte, 0, len(typ)+len(row.ID)+64)
	b = append(b, "resource|"...)
	b = append(append(b, typ...), '|')
	b = append(append(b, row.ID...), '|')
	for _, n := range []int64{row.Version, row.Org, row.Labels} {
		b = append(strconv.AppendInt(b, n, 10), '|')
	}
	return b
}

// open unseals and unpacks a row's body.
func (r *Record) open(ctx context.Context, row *store.Row) ([]byte, error) {
	typ := r.index.NameOf(row.Key)
	k, err := r.keys.of(ctx, row.Key.Patient())
	if err != nil {
		return nil, fmt.Errorf("%s/%s: %w", typ, row.ID, err)
	}
	packed, err := k.Open(make([]byte, 0, len(row.Body)), row.Body, aad(typ, row))
	if err != nil {
		return nil, fmt.Errorf("%s/%s version %d: %w", typ, row.ID, row.Version, err)
	}
	return r.codec.Unpack(make([]byte, 0, 4*len(packed)), packed)
}

// version makes a Version of a row.
func (r *Record) version(ctx context.Context, row *store.Row) (*Version, error) {
	v := &Version{
		Type: r.index.NameOf(row.Key), ID: row.ID, Version: row.Version, At: time.UnixMilli(row.At).UTC(), Change: row.Change,
		Deleted: row.Action == store.Deleted, Action: [...]string{"", "create", "update", "delete"}[row.Action],
	}
	if v.Deleted {
		return v, nil
	}
	var err error
	v.Body, err = r.open(ctx, row)
	return v, err
}

// entry begins an audit entry.
func (s *Session) entry(action access.Action, what string, d access.Decision) *audit.Entry {
	return &audit.Entry{At: s.r.clock.Now(), Actor: s.actor.ID, Role: s.actor.RoleNames(), Action: action.String(), What: what, Why: d.Reason}
}

// audited runs f while the entry becomes durable, and returns when both are done.
func (s *Session) audited(ctx context.Context, e *audit.Entry, f func() error) error {
	durable := s.r.store.BeginAudit(ctx, e.Bytes())
	err := f()
	if aerr := durable(); aerr != nil {
		return fmt.Errorf("the access could not be logged, so nothing is shown: %w", aerr)
	}
	return err
}

// find reads the current row under a name if the filter lets it be seen; nil if not.
func (s *Session) find(ctx context.Context, typ, id string, f store.Filter) (*store.Row, error) {
	row, err := s.r.store.Read(ctx, s.r.index.ResourceOf(typ, id))
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if row.ID != id || s.r.index.NameOf(row.Key) != typ || !visible(f, &row) {
		return nil, nil
	}
	return &row, nil
}

// Read returns the current version of a resource.
func (s *Session) Read(ctx context.Context, typ, id string) (*Version, error) {
	d, err := s.decide(access.Read, typ)
	if err != nil {
		return nil, err
	}
	row, err := s.find(ctx, typ, id, d.Filter)
	if err != nil {
		return nil, err
	}
	e := s.entry(access.Read, typ+"/"+id, d)
	if row == nil {
		e.Why = "not found"
		return nil, s.audited(ctx, e, func() error { return s.absent(ctx, typ, id, d.Filter) })
	}
	e.Version, e.Patient = row.Version, row.Key.Patient()
	var v *Version
	err = s.audited(ctx, e, func() (err error) {
		v, err = s.r.version(ctx, row)
		return err
	})
	if err != nil {
		return nil, err
	}
	return v, nil
}

// File returns the file of a document: the Binary that its attachment with the number n names, from 0. Whoever may read files reads it as
// any other. The front desk reads files so alone, of documents that it sees, where file and document stand in the same record.
func (s *Session) File(ctx context.Context, document string, n int) (*Version, error) {
	d, err := s.decide(access.Read, "DocumentReference")
	if err != nil {
		return nil, err
	}
	row, err := s.find(ctx, "DocumentReference", document, d.Filter)
	if err != nil {
		return nil, err
	}
	if row == nil {
		return nil, s.audited(ctx, s.entry(access.Read, "DocumentReference/"+document, d), func() error { return notFound("DocumentReference", document) })
	}
	doc, err := s.r.open(ctx, row)
	if err != nil {
		return nil, err
	}
	ref, ok := fhir.ParseReference(fhir.Open(doc).Get("content").Index(n).Get("attachment").Get("url").Text())
	if !ok || ref.Kind != fhir.RelativeTarget || ref.Type != "Binary" {
		return nil, notFound("DocumentReference", document)
	}
	if !d.Desk || s.May(access.Read, "Binary") {
		return s.Read(ctx, "Binary", ref.ID)
	}
	if s.actor.Scopes != nil && !s.actor.Scopes.Allows("Binary", access.Read) {
		return nil, &Error{Kind: KindForbidden, Outcome: forbidden("the scopes do not cover Binary")}
	}
	f := d.Filter
	f.NeedTypes = nil
	file, err := s.find(ctx, "Binary", ref.ID, f)
	if err != nil {
		return nil, err
	}
	e := s.entry(access.Read, "Binary/"+ref.ID, d)
	e.Why = "a file of DocumentReference/" + document
	if file == nil || file.Key.Patient() != row.Key.Patient() {
		e.Why = "not found"
		return nil, s.audited(ctx, e, func() error { return notFound("Binary", ref.ID) })
	}
	e.Version, e.Patient = file.Version, file.Key.Patient()
	var v *Version
	err = s.audited(ctx, e, func() (err error) {
		v, err = s.r.version(ctx, file)
		return err
	})
	if err != nil {
		return nil, err
	}
	return v, nil
}

// absent tells whether a resource was deleted, to those who might have seen it, or is not there.
func (s *Session) absent(ctx context.Context, typ, id string, f store.Filter) error {
	rows, err := s.r.store.History(ctx, store.HistoryPlan{Hash: s.r.index.ResourceOf(typ, id), Limit: 1})
	if err != nil {
		return err
	}
	if len(rows) == 1 && rows[0].Action == store.Deleted && rows[0].ID == id && visible(f, &rows[0]) {
		return fail(KindGone, "%s/%s was deleted at %s", typ, id, time.UnixMilli(rows[0].At).UTC().Format(time.RFC3339))
	}
	return notFound(typ, id)
}

// ReadVersion returns one version of a resource, current or superseded.
func (s *Session) ReadVersion(ctx context.Context, typ, id string, version int64) (*Version, error) {
	d, err := s.decide(access.Read, typ)
	if err != nil {
		return nil, err
	}
	hash := s.r.index.ResourceOf(typ, id)
	row, err := s.r.store.Version(ctx, hash, version)
	if err == nil && (row.ID != id || !visible(d.Filter, &row)) {
		err = store.ErrNotFound
	}
	if err == nil {
		err = s.latestVisible(ctx, hash, d.Filter)
	}
	e := s.entry(access.Read, typ+"/"+id+"/_history", d)
	e.Version = version
	if errors.Is(err, store.ErrNotFound) {
		e.Why = "not found"
		return nil, s.audited(ctx, e, func() error { return fail(KindNotFound, "there is no version %d of %s/%s", version, typ, id) })
	}
	if err != nil {
		return nil, err
	}
	e.Patient = row.Key.Patient()
	var v *Version
	err = s.audited(ctx, e, func() (err error) {
		v, err = s.r.version(ctx, &row)
		return err
	})
	if err != nil {
		return nil, err
	}
	if v.Deleted {
		return nil, fail(KindGone, "version %d of %s/%s is its deletion", version, typ, id)
	}
	return v, nil
}

// latestVisible makes sure that what has been closed to the actor is closed in all its versions.
func (s *Session) latestVisible(ctx context.Context, hash int64, f store.Filter) error {
	rows, err := s.r.store.History(ctx, store.HistoryPlan{Hash: hash, Limit: 1})
	if err != nil {
		return err
	}
	if len(rows) == 0 || !visible(f, &rows[0]) {
		return store.ErrNotFound
	}
	return nil
}
