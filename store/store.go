// Package store says what a database must do for the record, in domain words.
//
// The record hands down plain rows: sealed bodies it cannot read, and index rows it has already
// extracted. A store keeps them, answers plans over them, and commits changes all or nothing, durably
// before it answers. Two engines implement [Store]: store/sqlite and store/postgres. store/storetest is
// the suite that both must pass. No SQL crosses this interface.
//
// # How rows lie
//
// A resource's [Key] is its patient's number, its type's number and a sequence, so that one patient's
// record lies together: a chart is a scan of neighbours. Index rows carry the same key as their last
// column, so that a lookup within one patient is a range within a range.
package store

import (
	"context"
	"errors"
)

// Errors that a store returns, wrapped or bare; test with errors.Is.
var (
	ErrNotFound = errors.New("not found")
	// ErrConflict: what the write was based on has changed since. Nothing was written; read again and retry.
	ErrConflict = errors.New("changed by someone else meanwhile")
	// ErrTooCostly: the plan touches more than the store is willing to do for one request.
	ErrTooCostly = errors.New("the search is too broad")
	// ErrReadOnly: an earlier commit failed in a way that leaves its outcome unknown; the process must restart.
	ErrReadOnly = errors.New("the store stopped accepting writes after a failed commit; restart the server")
)

// Key places a resource: patient number (31 bits), type number (8 bits), sequence (24 bits).
// Patient number 0 holds what belongs to no patient.
type Key int64

// PatientType is the type number of Patient: the place of its name among R4's resource types in
// alphabetical order, counted from 1. A patient's own resource stands at sequence 0 of its record.
const PatientType = 103

const (
	seqBits  = 24
	typeBits = 8
	// MaxSeq is how many resources of one type one patient can hold.
	MaxSeq = 1<<seqBits - 1
)

// MakeKey composes a key.
func MakeKey(patient int64, typ int, seq int64) Key {
	return Key(patient<<(seqBits+typeBits) | int64(typ)<<seqBits | seq)
}

// Patient is the number of the patient whose record the resource is part of.
func (k Key) Patient() int64 { return int64(k) >> (seqBits + typeBits) }

// Type is the number of the resource type.
func (k Key) Type() int { return int(int64(k)>>seqBits) & (1<<typeBits - 1) }

// Seq is the sequence within patient and type.
func (k Key) Seq() int64 { return int64(k) & MaxSeq }

// KeyRange is an inclusive range of keys.
type KeyRange struct{ From, To Key }

// PatientRange holds everything of one patient.
func PatientRange(patient int64) KeyRange {
	return KeyRange{MakeKey(patient, 0, 0), MakeKey(patient, 1<<typeBits-1, MaxSeq)}
}

// TypeRange holds everything of one type of one patient.
func TypeRange(patient int64, typ int) KeyRange {
	return KeyRange{MakeKey(patient, typ, 0), MakeKey(patient, typ, MaxSeq)}
}

// Action is what made a version.
type Action uint8

const (
	Created Action = 1
	Updated Action = 2
	Deleted Action = 3
)

// Row is one version of one resource.
type Row struct {
	Key     Key
	Hash    int64 // of "Type/id": how resources are found by name and referred to in indexes
	ID      string
	Version int64
	At      int64 // when the version was made: milliseconds since 1970, UTC
	Org     int64 // number of the owning organisation
	Labels  int64 // security labels, one bit each
	Action  Action
	Change  int64  // number in the change log
	Body    []byte // sealed document; empty for a deletion
}

// Index is what searches find a resource by. Atoms are numbers of indexed expressions, see [Tx.Symbols].
type Index struct {
	Tokens  []Token
	Refs    []Ref
	Dates   []Date
	Texts   []Text
	Amounts []Amount
}

// Token is a code, identifier, boolean or canonical address, as hashes.
type Token struct {
	Atom   int64
	Code   int64
	System int64 // 32-bit hash; 0 = none
}

// Ref is a reference, as the hash of "Type/id" or of an absolute address.
type Ref struct {
	Atom   int64
	Target int64
}

// Date is a half-open span of time [Lo, Hi) in milliseconds since 1970.
type Date struct {
	Atom   int64
	Lo, Hi int64
}

// Text is a normalised string, or a plain address.
type Text struct {
	Atom  int64
	Value string
}

// Amount is a number, or a quantity with its unit's hash.
type Amount struct {
	Atom  int64
	Value float64
	Unit  int64 // hash of the unit; 0 = none
}

// Empty reports whether there is nothing in the index.
func (x *Index) Empty() bool {
	return len(x.Tokens)+len(x.Refs)+len(x.Dates)+len(x.Texts)+len(x.Amounts) == 0
}

// Write is a new version of a resource.
type Write struct {
	Row Row // Key.Seq is allotted by the store when Fresh; Change always
	// Expect is the version that must be current: 0 = the resource must not exist now.
	Expect int64
	Fresh  bool // the key is to be allotted: a create, or a move to another patient
	Add    Index
	Remove Index // index rows of the replaced version that the new one no longer has
	OldKey Key   // where the replaced version stands; 0 when there is none. A move needs it
}

// Change is one line of the change log.
type Change struct {
	Seq     int64
	Key     Key
	Hash    int64
	Version int64
	Action  Action
	At      int64
	ID      string // of the resource; empty if nothing is left of the version
}

// AuditChunk is the audit entries of one commit, sealed, and linked to the chunk before in its lane.
type AuditChunk struct {
	Lane int64 // one writer's chain
	Seq  int64 // 1, 2, 3 ... within the lane
	At   int64
	Prev []byte // hash of the chunk before; empty for the first
	Hash []byte
	Body []byte
}

// AuditSealer turns the entries of one commit into a chunk's body and hash. It is called by the store
// within the transaction that the entries tell of.
type AuditSealer func(lane, seq int64, prev []byte, entries [][]byte) (body, hash []byte, err error)

// Job is a piece of work to be done later, exactly once at a time.
type Job struct {
	ID       int64
	Kind     string
	Unique   string // at most one unfinished job of a kind has it; "" = no such rule
	Payload  []byte
	Due      int64 // milliseconds since 1970
	Attempts int64
	Leased   int64 // until when a worker has it; 0 = free
}

// Reader is what can be asked, inside a transaction and outside.
type Reader interface {
	// Read returns the current version, ErrNotFound if there is none now.
	Read(ctx context.Context, hash int64) (Row, error)
	// ReadMany returns the current versions that exist, each once, in no particular order.
	ReadMany(ctx context.Context, hashes []int64) ([]Row, error)
	// Exists returns those of the hashes whose resource exists now, with their keys. Within a transaction
	// these are not deleted until it ends by anyone who asks Tx.Referrers first.
	Exists(ctx context.Context, hashes []int64) (map[int64]Key, error)
	// Search returns the rows that the plan asks for, in its order.
	Search(ctx context.Context, p *Plan) ([]Hit, error)
	// Count returns how many rows the plan has, ignoring its limit and cursor.
	Count(ctx context.Context, p *Plan) (int64, error)
	// Secret returns a small sealed value, ErrNotFound if there is none.
	Secret(ctx context.Context, space, name string) ([]byte, error)
	// Secrets returns all values of a space by name.
	Secrets(ctx context.Context, space string) (map[string][]byte, error)
	// PatientKey returns the wrapped key of a patient, ErrNotFound if there is none (any more).
	PatientKey(ctx context.Context, patient int64) ([]byte, error)
}

// Store is a database. All methods may be called from many goroutines.
type Store interface {
	Reader
	// Version returns one version, current or not. A deletion is a row with Action Deleted.
	Version(ctx context.Context, hash, version int64) (Row, error)
	// History returns versions, newest first.
	History(ctx context.Context, h HistoryPlan) ([]Row, error)
	// HistoryCount counts them.
	HistoryCount(ctx context.Context, h HistoryPlan) (int64, error)
	// Changes returns the change log after number since, oldest first. Numbers grow, with gaps. A commit may
	// show here a little later than its rows do elsewhere, but never behind a higher number.
	Changes(ctx context.Context, since int64, limit int) ([]Change, error)
	// LastChange is the newest number in the change log.
	LastChange(ctx context.Context) (int64, error)
	// Scan returns current rows with keys after the one given, in key order.
	Scan(ctx context.Context, after Key, limit int) ([]Row, error)
	// ScanIndex returns the index rows of one resource, for verification. It may be slow.
	ScanIndex(ctx context.Context, keys KeyRange) (map[Key]*Index, error)
	// Symbols returns the numbers of names, giving new ones to names not seen before. Numbers never change.
	Symbols(ctx context.Context, names []string) (map[string]int64, error)
	// NextPatient allots a patient number that was never used.
	NextPatient(ctx context.Context) (int64, error)
	// Update runs f in a transaction that is committed durably before Update returns nil. f may run more
	// than once, so it must have no effect outside the transaction; an error from f undoes all of it, and so
	// does a panic, which comes back as an error.
	Update(ctx context.Context, f func(Tx) error) error
	// Audit writes audit entries of their own, durably, as Update does.
	Audit(ctx context.Context, entries ...[]byte) error
	// BeginAudit begins what Audit does and goes on meanwhile. done waits for the outcome, and must be called once.
	BeginAudit(ctx context.Context, entries ...[]byte) (done func() error)
	// AuditLanes lists the chains; AuditChunks returns chunks of one after number after.
	AuditLanes(ctx context.Context) ([]int64, error)
	AuditChunks(ctx context.Context, lane, after int64, limit int) ([]AuditChunk, error)
	// Blob returns large content by name.
	Blob(ctx context.Context, name string) ([]byte, error)
	// Claim leases the next due job of one of the kinds until the time given; ErrNotFound if there is none.
	Claim(ctx context.Context, kinds []string, now, until int64) (Job, error)
	// Check reads every page for damage and returns what it finds, in words.
	Check(ctx context.Context) ([]string, error)
	// Size is bytes on disk, everything counted.
	Size(ctx context.Context) (int64, error)
	Close() error
}

// Tx is a transaction.
type Tx interface {
	Reader
	// Put makes a version current and moves the one before to the history. It returns the row's key, and
	// sets it in w; w.Row.Change is set when Update has returned. ErrConflict if Expect does not hold: from
	// Put, or at the latest from Update.
	Put(ctx context.Context, w *Write) (Key, error)
	// Delete ends a resource: w.Row is the deletion's version, w.Remove its index rows.
	Delete(ctx context.Context, w *Write) error
	// LastVersion is the highest version a resource ever had, 0 if it never was.
	LastVersion(ctx context.Context, hash int64) (int64, error)
	// LastKey is the highest key of a current row, 0 if there is none.
	LastKey(ctx context.Context) (Key, error)
	// Retired are the highest versions that are not current, superseded ones and deletions, of those of the
	// resources that have any.
	Retired(ctx context.Context, hashes []int64) (map[int64]int64, error)
	// Referrers reports whether any current resource refers to target by one of the atoms.
	Referrers(ctx context.Context, target int64, atoms []int64) (bool, error)
	// Audit adds an entry to the audit chunk that is written with this transaction.
	Audit(entry []byte)
	SetSecret(ctx context.Context, space, name string, value []byte) error // nil value removes it
	SetPatientKey(ctx context.Context, patient int64, wrapped []byte) error
	SetBlob(ctx context.Context, name string, data []byte) error // nil data removes it
	AddJob(ctx context.Context, j Job) error                     // silently nothing if Unique is taken
	FinishJob(ctx context.Context, id int64) error
	RetryJob(ctx context.Context, id int64, due int64) error
	// Serialize makes transactions that name the same thing wait for each other until they end.
	Serialize(ctx context.Context, thing int64) error
	// Assert lets the transaction be committed only if a secret is value (empty = there is none), and keeps those that
	// Serialize the thing waiting from then until it ends; many can assert something of a thing at a time. So what the
	// secret says is true for the whole transaction, if whoever changes it serializes the thing first. ErrConflict if it
	// is not: from Assert, or at the latest from Update.
	Assert(ctx context.Context, thing int64, space, name string, value []byte) error
	// Reindex adds index rows to resources as they are, with no new version and nothing in the change log. Rows that
	// are there stay as they are. A version that is not current any more is left out.
	Reindex(ctx context.Context, rows []Reindex) error
	// Unindex takes rows of an atom out of an index, whatever resource they are of: at most limit of them, which it
	// returns the number of.
	Unindex(ctx context.Context, kind IndexKind, atom int64, limit int) (int, error)
}

// Reindex is what a current version is to be found by besides.
type Reindex struct {
	Key     Key
	Hash    int64
	Version int64
	Add     Index
}

// HistoryPlan asks for versions.
type HistoryPlan struct {
	Hash   int64  // one resource; 0 = all
	Type   int    // one type; 0 = all
	Filter Filter // a superseded version is hidden where the current one is, or a later deletion
	Since  int64  // made at or after: milliseconds; 0 = always
	Until  int64  // made before; 0 = now
	Before int64  // change number to go on below; 0 = from the newest
	Limit  int    // 0 = no limit
}
