package record

import (
	"context"
	"fmt"
	"hash/fnv"
	"math"
	"slices"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/record/audit"
	"github.com/osler-ehr/osler/store"
)

// Verification is what Verify found.
type Verification struct {
	Resources, Versions, AuditEntries int64
	Dangling                          int64 // references to local resources that do not exist
	Problems                          []string
	// Overlaps are resources that claim the same, against a rule of Record.Obey: brought from elsewhere so, or by nobody's fault. Nothing
	// is broken; people should look.
	Overlaps []string
}

// maxProblems bounds the list; what is broken throughout need not be listed throughout.
const maxProblems = 1000

// Verify checks every seal, the audit log's chain, every index row against the document that it must follow
// from, and that the audit log tells of everything that the change log does. Nothing else may write meanwhile.
//
// What it cannot see: reads of which the end of the audit log told, when that end is cut off. It reads only, and needs no session: it shows no patient data, only names of resources.
// progress, if not nil, is told how many resources have been checked.
func (r *Record) Verify(ctx context.Context, progress func(resources int64)) (*Verification, error) {
	out := &Verification{}
	problem := func(format string, args ...any) {
		if len(out.Problems) < maxProblems {
			out.Problems = append(out.Problems, fmt.Sprintf(format, args...))
		}
	}
	// Rows of parameters that are being added or taken away follow from nothing yet.
	edition := r.index.Edition()
	pages, err := r.store.Check(ctx)
	if err != nil {
		return nil, err
	}
	for _, p := range pages {
		problem("database: %s", p)
	}
	claims := r.overlapping()
	defer func() { out.Overlaps = claims.words() }()
	for after := store.Key(-1); ; {
		rows, err := r.store.Scan(ctx, after, 500)
		if err != nil {
			return nil, err
		}
		if len(rows) == 0 {
			found, err := r.store.ScanIndex(ctx, store.KeyRange{From: after + 1, To: math.MaxInt64})
			if err != nil {
				return nil, err
			}
			r.orphans(found, problem)
			break
		}
		// From the page before to the end of this one, so that no index row lies between two pages unseen.
		rng := store.KeyRange{From: after + 1, To: rows[len(rows)-1].Key}
		found, err := r.store.ScanIndex(ctx, rng)
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
			if at, err := time.Parse(time.RFC3339Nano, doc.Get("meta").Get("lastUpdated").Text()); err != nil || at.UnixMilli() != row.At {
				problem("%s: the document was made at another time than its row says", name)
			}
			claims.note(r.index.NameOf(row.Key), row.ID, doc)
			want := edition.Settled(r.index.Extract(doc, r.owned(doc, row.Key)))
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
			if !sameIndex(want, edition.Settled(have)) {
				problem("%s: its index rows are not those of the document", name)
			}
		}
		r.orphans(found, problem)
		out.Dangling += r.dangling(ctx, refs)
		if progress != nil {
			progress(out.Resources)
		}
	}
	stored, err := r.store.HistoryCount(ctx, store.HistoryPlan{})
	if err != nil {
		return nil, err
	}
	made, err := r.verifyChanges(ctx, out, problem)
	if err != nil {
		return nil, err
	}
	if out.Versions < stored {
		problem("change log: %d versions are not in it", stored-out.Versions)
	}
	var told []uint64
	broken, err := audit.Walk(ctx, r.store, r.keyring.DeriveKey("audit"), r.codec, func(e audit.Entry) error {
		out.AuditEntries++
		switch e.Action {
		case access.Create.String(), access.Update.String(), access.Delete.String():
			told = append(told, versionHash(e.What, e.Version))
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	for _, b := range broken {
		problem("%s", b)
	}
	slices.Sort(told)
	for _, m := range made {
		if _, found := slices.BinarySearch(told, m.hash); !found {
			problem("change %d: what made it is not in the audit log", m.change)
		}
	}
	return out, nil
}

// orphans names index rows without a resource.
func (r *Record) orphans(found map[store.Key]*store.Index, problem func(string, ...any)) {
	edition := r.index.Edition()
	for key, rows := range found {
		if edition.Settled(rows).Empty() { // of parameters that are being taken away
			continue
		}
		problem("index rows of a %s that does not exist (key %d)", r.index.NameOf(key), key)
	}
}

// making is a version in the change log; the audit log must tell who made it.
type making struct {
	hash   uint64
	change int64
}

// versionHash stands for a version in memory, of which there may be millions.
func versionHash(name string, version int64) uint64 {
	h := fnv.New64a()
	fmt.Fprint(h, name, "/", version)
	return h.Sum64()
}

// verifyChanges checks that every version in the change log is there and opens.
func (r *Record) verifyChanges(ctx context.Context, out *Verification, problem func(string, ...any)) (made []making, err error) {
	last := int64(0)
	for {
		changes, err := r.store.Changes(ctx, last, 1000)
		if err != nil || len(changes) == 0 {
			return made, err
		}
		for _, c := range changes {
			last = c.Seq
			out.Versions++
			row, err := r.store.Version(ctx, c.Hash, c.Version)
			if err != nil {
				problem("change %d: version %d of a %s is missing", c.Seq, c.Version, r.index.NameOf(c.Key))
				continue
			}
			made = append(made, making{versionHash(r.index.NameOf(row.Key)+"/"+row.ID, row.Version), c.Seq})
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
