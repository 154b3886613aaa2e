package record

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/record/keys"
	"github.com/osler-ehr/osler/record/search"
	"github.com/osler-ehr/osler/store"
)

// maxAttempts is how often a change is prepared anew when others were faster.
const maxAttempts = 8

// maxLooks is how often claims are looked at anew beside that: whoever was faster did write, so somebody gets on each time.
const maxLooks = 100

// maxOps bounds one transaction.
const maxOps = 10_000

// Do carries out operations, all or none. The work on documents - conditions, references, validation,
// indexing, compression, sealing - is done outside the database's transaction, based on what was read; the
// transaction then makes sure that nothing of it has changed. If something has, all is prepared anew.
func (s *Session) Do(ctx context.Context, ops []Op) ([]Result, error) {
	if len(ops) > maxOps {
		return nil, fail(KindBad, "a transaction of %d operations, more than the limit of %d; send it in parts", len(ops), maxOps)
	}
	for attempt, looked := 1, 0; ; attempt++ {
		b := &batch{s: s, ops: ops, names: map[string]string{}, made: map[int64]*change{}, patients: map[int64]int64{}}
		b.edition = s.r.index.Edition()
		b.deletions = s.r.deletions.Load()
		b.deleting = s.r.deleting.Load() > 0
		if err := b.prepare(ctx); err != nil {
			return nil, err
		}
		err := b.commit(ctx)
		if err == nil {
			b.tell(ctx)
			return b.results(), nil
		}
		if errors.Is(err, errClaims) && looked < maxLooks {
			attempt, looked = attempt-1, looked+1
			continue
		}
		if errors.Is(err, store.ErrConflict) { // perhaps the store has another edition of the index
			if err := s.r.refreshIndex(ctx); err != nil {
				return nil, err
			}
		}
		if !errors.Is(err, store.ErrConflict) || attempt == maxAttempts {
			if errors.Is(err, store.ErrConflict) {
				return nil, fail(KindConflict, "others keep changing the same resources; try again")
			}
			return nil, err
		}
	}
}

// batch is one attempt at a set of operations.
type batch struct {
	s         *Session
	ops       []Op
	changes   []*change         // one for each op
	names     map[string]string // fullUrl -> "Type/id", and condition -> "Type/id"
	made      map[int64]*change // by hash: what this batch creates or changes
	patients  map[int64]int64   // hash of "Patient/id" -> patient number
	guards    []guard
	newKeys   []newKey
	targets   []target        // references that must exist
	there     known           // what of them, and of whose record this becomes part, does exist
	edition   *search.Edition // by which this is indexed
	deletions int64           // begun before this was prepared
	deleting  bool            // some of them were under way
	now       time.Time
}

// guard is a condition's answer, checked again in the transaction.
type guard struct {
	plan store.Plan
	hash int64 // the one match; 0 = none
	// beside are the versions of all matches by hash, if that is what was looked at.
	beside map[int64]int64
}

type newKey struct {
	patient int64
	key     *keys.Key
	wrapped []byte
}

// change is what one operation comes to.
type change struct {
	op       *Op
	decision access.Decision
	action   access.Action
	id       string
	hash     int64
	old      *store.Row     // the current version; nil if there is none
	oldDoc   *fhir.Resource // its document, read when needed
	last     int64          // highest version ever, when there is no current one
	doc      *fhir.Resource // the new document
	write    store.Write
	nothing  bool // nothing is to be written: the result is the old row
	gone     bool // delete of what does not exist
}

func (b *batch) prepare(ctx context.Context) error {
	b.now = b.s.r.clock.Now().UTC().Truncate(time.Millisecond)
	b.changes = make([]*change, len(b.ops))
	meant := make(map[int64]bool, len(b.ops)) // with what a deletion did not find
	for i := range b.ops {
		c := &change{op: &b.ops[i]}
		b.changes[i] = c
		if err := b.identify(ctx, c); err != nil {
			return b.at(i, err)
		}
		if c.hash != 0 && !c.nothing {
			if meant[c.hash] && c.op.Restore == nil || b.made[c.hash] != nil {
				return b.at(i, fail(KindBad, "%s/%s is changed twice in one transaction", c.op.Type, c.id))
			}
			meant[c.hash] = true
			if !c.gone {
				b.made[c.hash] = c
			}
		}
		if c.op.FullURL != "" && c.action != access.Delete {
			b.names[c.op.FullURL] = c.op.Type + "/" + c.id
		}
	}
	for i, c := range b.changes {
		if c.gone || c.nothing {
			continue
		}
		if err := b.build(ctx, i, c); err != nil {
			return b.at(i, err)
		}
	}
	if err := b.checkParameters(); err != nil {
		return err
	}
	if err := b.checkDefinitions(); err != nil {
		return err
	}
	if err := b.obey(ctx); err != nil {
		return err
	}
	if err := b.keepToDesk(); err != nil {
		return err
	}
	if err := b.place(ctx); err != nil {
		return err
	}
	if err := b.checkTargets(ctx, b.there); err != nil {
		return err
	}
	for i, c := range b.changes {
		if c.gone || c.nothing {
			continue
		}
		if err := b.seal(ctx, c); err != nil {
			return b.at(i, err)
		}
	}
	return nil
}

// at says which operation of several an error is about.
func (b *batch) at(i int, err error) error {
	e, ok := errors.AsType[*Error](err)
	if !ok || len(b.ops) == 1 {
		return err
	}
	out := &fhir.Outcome{}
	for _, issue := range e.Outcome.Issue {
		issue.Details.Text = fmt.Sprintf("entry %d (%s): %s", i, b.ops[i].Type, issue.Details.Text)
		prefix := fmt.Sprintf("Bundle.entry[%d].resource", i)
		for j, x := range issue.Expression {
			if _, rest, ok := strings.Cut(x, "."); ok {
				issue.Expression[j] = prefix + "." + rest
			} else {
				issue.Expression[j] = prefix
			}
		}
		if len(issue.Expression) == 0 {
			issue.Expression = []string{fmt.Sprintf("Bundle.entry[%d]", i)}
		}
		out.Add(issue)
	}
	return &Error{Kind: e.Kind, Outcome: out, cause: e.cause}
}
