package slice

import (
	"context"
	"time"

	"github.com/osler-ehr/osler/record"
)

// Work is work of one kind that outlives the request that asked for it, and the program. A slice adds pieces of
// it to [Deps.Queue].
type Work struct {
	Kind  string // also the name of the program as which it runs and is audited: "bulk-export"
	Limit int    // how many pieces one server does at a time; 0 = 1
	// Do does one piece. It is called at least once for each: what it does must bear repetition. The context ends
	// after WorkTime; what takes longer notes how far it came and returns Again. Any other error means once more,
	// after a pause that grows each time to a quarter of an hour.
	Do func(ctx context.Context, s *record.Session, payload []byte) error
}

// WorkTime is how long [Work.Do] may take in one call.
const WorkTime = 45 * time.Second

// Again is what [Work.Do] returns when it is not through, though nothing is wrong.
type Again struct {
	After time.Duration // 0 = at once
}

func (Again) Error() string { return "not finished yet" }

// Queue takes work to be done later.
type Queue interface {
	// Add adds a piece of work, durably. Of one kind there is at most one unfinished piece with the same unique
	// name; adding another is nothing. unique may be empty. The payload is kept in clear: it names work and holds
	// no patient data.
	Add(ctx context.Context, kind, unique string, due time.Time, payload []byte) error
}

// Change is one line of the log of committed changes. It tells what changed, not how: read that with a session,
// which decides whether its actor may know.
type Change struct {
	Number   int64
	Type, ID string
	Version  int64
	At       time.Time
	Action   string // "create", "update" or "delete"
}

// Changes is the log of committed changes.
type Changes interface {
	// Last is the newest number; 0 when nothing ever changed.
	Last(ctx context.Context) (int64, error)
	// After returns changes with greater numbers, oldest first, at most limit of them.
	After(ctx context.Context, number int64, limit int) ([]Change, error)
	// Wait returns nil when there is a change with a greater number, or the context's error.
	Wait(ctx context.Context, number int64) error
}

// Spool is where one slice keeps what belongs to its work and not to the record: how far it came, and files that
// wait to be fetched. Everything in it is sealed.
type Spool interface {
	// Value returns a small value, nil if there is none; Values returns all by name.
	Value(ctx context.Context, name string) ([]byte, error)
	Values(ctx context.Context) (map[string][]byte, error)
	// File returns large content, nil if there is none. Keep each below 4 MB.
	File(ctx context.Context, name string) ([]byte, error)
	// Update runs f in a transaction that is committed durably before Update returns nil. f may run more than once;
	// an error from f undoes all of it.
	Update(ctx context.Context, f func(SpoolTx) error) error
}

// SpoolTx is a change to a spool. Work added through it is there if, and only if, the rest is.
type SpoolTx interface {
	Queue
	Value(ctx context.Context, name string) ([]byte, error)
	SetValue(ctx context.Context, name string, value []byte) error // nil removes it
	SetFile(ctx context.Context, name string, data []byte) error   // nil removes it
}
