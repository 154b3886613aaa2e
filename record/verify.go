package record

import (
	"context"
	"fmt"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record/audit"
	"github.com/osler-ehr/osler/store"
)

// Verification is what Verify found.
type Verification struct {
	Resources, Versions, AuditEntries int64
	Dangling                          int64 // references to local resources that do not exist
	Problems                          []string
}

// maxProblems bounds the list; what is broken throughout need not be listed throughout.
const maxProblems = 1000

// Verify checks every seal, the audit log's chain, and every index row against the document that it must
// follow from. It reads only, and needs no session: it shows no patient data, only names of resources.
// progress, if not nil, is told how many resources have been checked.
func (r *Record) Verify(ctx context.Context, progress func(resources int64)) (*Verification, error) {
	out := &Verification{}
	problem := func(format string, args ...any) {
		if len(out.Problems) < maxProblems {
			out.Problems = append(out.Problems, fmt.Sprintf(format, args...))
		}
	}
	pages, err := r.store.Check(ctx)
	if err != nil {
		return nil, err
	}
	for _, p := range pages {
		problem("database: %s", p)
	}
	for after := store.Key(-1); ; {
		rows, err := r.store.Scan(ctx, after, 500)
		if err != nil {
			return nil, err
		}
		if len(rows) == 0 {
			break
		}
		found, err := r.store.ScanIndex(ctx, store.KeyRange{From: rows[0].Key, To: rows[len(rows)-1].Key})
		if err != nil {
			return nil, err
		}
		var refs []int64
		for i := range rows {
			row := &rows[i]
			after = row.Key
			out.Resources++
			name := r.index.NameOf(row.Key) + "/" + row.ID
			if row.Hash != r.index.ResourceOf(r.index.NameOf(row.Key), row.ID) {
				problem("%s: stands under a hash that is not its own", name)
			}
			body, err := r.open(ctx, row)
			if err != nil {
				problem("%v", err)
				continue
			}
			doc, err := fhir.Parse(body)
			if err != nil {
				problem("%s: %v", name, err)
				continue
			}
			if doc.ID() != row.ID || doc.VersionID() != fmt.Sprint(row.Version) {
				problem("%s: the document is another version than its row says", name)
			}
			want := r.index.Extract(doc, r.owned(doc, row.Key))
			for n := range doc.Strings() {
				if n.Key() != "reference" {
					continue
				}
				if to, ok := fhir.ParseReference(n.Text()); ok && to.Kind == fhir.RelativeTarget {
					refs = append(refs, r.index.ResourceOf(to.Type, to.ID))
				}
			}
			have := found[row.Key]
			delete(found, row.Key)
			if have == nil {
				have = &store.Index{}
			}
			if !sameIndex(want, have) {
				problem("%s: its index rows are not those of the document", name)
			}
		}
		for key := range found {
			problem("index rows of a %s that does not exist (key %d)", r.index.NameOf(key), key)
		}
		out.Dangling += r.dangling(ctx, refs)
		if progress != nil {
			progress(out.Resources)
		}
	}
	if err := r.verifyChanges(ctx, out, problem); err != nil {
		return nil, err
	}
	broken, err := audit.Walk(ctx, r.store, r.keyring.DeriveKey("audit"), r.codec, func(audit.Entry) error { out.AuditEntries++; return nil })
	if err != nil {
		return nil, err
	}
	for _, b := range broken {
		problem("%s", b)
	}
	return out, nil
}

// verifyChanges checks that every version in the change log is there and opens.
func (r *Record) verifyChanges(ctx context.Context, out *Verification, problem func(string, ...any)) error {
	last := int64(0)
	for {
		changes, err := r.store.Changes(ctx, last, 1000)
		if err != nil || len(changes) == 0 {
			return err
		}
		for _, c := range changes {
			last = c.Seq
			out.Versions++
			row, err := r.store.Version(ctx, c.Hash, c.Version)
			if err != nil {
				problem("change %d: version %d of a %s is missing", c.Seq, c.Version, r.index.NameOf(c.Key))
				continue
			}
			if _, err := r.version(ctx, &row); err != nil {
				problem("%v", err)
			}
		}
	}
}

// dangling counts references to resources that are not here.
func (r *Record) dangling(ctx context.Context, refs []int64) int64 {
	found, err := r.store.Exists(ctx, refs)
	if err != nil {
		return 0
	}
	n := int64(0)
	for _, h := range refs {
		if _, ok := found[h]; !ok {
			n++
		}
	}
	return n
}

func sameIndex(a, b *store.Index) bool {
	return sameRows(a.Tokens, b.Tokens) && sameRows(a.Refs, b.Refs) && sameRows(a.Dates, b.Dates) && sameRows(a.Texts, b.Texts) && sameRows(a.Amounts, b.Amounts)
}

// sameRows compares as sets; neither list has a row twice.
func sameRows[T comparable](a, b []T) bool {
	if len(a) != len(b) {
		return false
	}
	set := make(map[T]struct{}, len(a))
	for _, v := range a {
		set[v] = struct{}{}
	}
	for _, v := range b {
		if _, ok := set[v]; !ok {
			return false
		}
	}
	return true
}
