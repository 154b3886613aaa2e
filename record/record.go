package record

import (
	"bufio"
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/osler-ehr/osler/clock"
	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/record/audit"
	"github.com/osler-ehr/osler/record/body"
	"github.com/osler-ehr/osler/record/keys"
	"github.com/osler-ehr/osler/record/search"
	"github.com/osler-ehr/osler/store"
)

// Options of a record.
type Options struct {
	Store   store.Store
	Keyring *keys.Keyring
	Clock   clock.Clock // nil = the system's
	Random  io.Reader   // nil = crypto/rand
	// Codes gives what a session's searches know of value sets and hierarchies, for :in, :not-in, :above and :below.
	// nil = HL7's own. It may search with the session.
	Codes func(*Session) search.Codes
	// Profiles holds everything that is written, beyond the structure of R4, to R4's rules and to the profiles that it
	// names in meta.profile. What is put back from a copy is as it was, and a profile that is not known says nothing.
	Profiles bool
}

// Record is the patient data of one installation. It has no way to read or write: see As.
type Record struct {
	store   store.Store
	keyring *keys.Keyring
	clock   clock.Clock
	random  *locked
	index   *search.Index
	// refreshing is held by who makes the index know of another edition.
	refreshing sync.Mutex
	defined    definitionsHere
	policy     *access.Policy
	codes      func(*Session) search.Codes // nil = HL7's own
	profiles   bool                        // see Options.Profiles
	codec      *body.Codec
	cursor     *keys.Key
	keys       *patientKeys
	known      knownPatients
	large      gate
	orgs       sync.Map // reference -> number: numbers never change
	// deletions counts deletes that were begun, and deleting those under way, so that a write can tell whether
	// something may have gone since it was prepared. That holds only if the store is serial.
	deletions, deleting atomic.Int64
	serial              bool
	// exclusive are the rules about claims, by type; see Obey.
	exclusive atomic.Pointer[map[string][]Exclusive]
}

// Open gives the record kept in a store. It numbers what is new in the definitions.
func Open(ctx context.Context, o Options) (*Record, error) {
	if o.Clock == nil {
		o.Clock = clock.System{}
	}
	if o.Random == nil {
		o.Random = rand.Reader
	}
	index, err := search.NewIndex(search.NewHasher(o.Keyring.Derive("index")))
	if err != nil {
		return nil, err
	}
	numbers, err := o.Store.Symbols(ctx, index.AtomNames())
	if err != nil {
		return nil, fmt.Errorf("number the search parameters: %w", err)
	}
	index.Bind(numbers)
	codec, err := body.NewCodec()
	if err != nil {
		return nil, err
	}
	r := &Record{
		store: o.Store, keyring: o.Keyring, clock: o.Clock, random: &locked{r: bufio.NewReaderSize(o.Random, 4096)},
		index: index, policy: access.NewPolicy(index.Types), codes: o.Codes, profiles: o.Profiles, codec: codec, cursor: o.Keyring.DeriveKey("cursor"),
	}
	r.keys = newPatientKeys(r)
	if s, ok := o.Store.(interface{ Serial() bool }); ok {
		r.serial = s.Serial()
	}
	r.large = make(gate, 4*runtime.GOMAXPROCS(0))
	return r, r.Refresh(ctx)
}

// AuditSealer is what a store needs to chain the audit log; see package audit.
func AuditSealer(k *keys.Keyring) (store.AuditSealer, error) {
	codec, err := body.NewCodec()
	if err != nil {
		return nil, err
	}
	return audit.Sealer(k.DeriveKey("audit"), codec), nil
}

// JournalSealer is what a store needs to keep audit entries until AuditSealer gets them: they are not compressed.
func JournalSealer(k *keys.Keyring) store.AuditSealer {
	return audit.Sealer(k.DeriveKey("audit"), nil)
}

// As gives what an actor can do.
func (r *Record) As(a access.Actor) *Session { return &Session{r: r, actor: a} }

// OrganizationNumber numbers an organisation, such as "Organization/main", for access.Actor.Org.
func (r *Record) OrganizationNumber(ctx context.Context, reference string) (int64, error) {
	if n, ok := r.orgs.Load(reference); ok {
		return n.(int64), nil
	}
	name := "organization:" + reference
	n, err := r.store.Symbols(ctx, []string{name})
	if err == nil {
		r.orgs.Store(reference, n[name])
	}
	return n[name], err
}

// PatientNumber is the number of a patient's record, for access.Actor.Patient; store.ErrNotFound if there
// is no such patient.
func (r *Record) PatientNumber(ctx context.Context, id string) (int64, error) {
	h := r.index.ResourceOf("Patient", id)
	found, err := r.store.Exists(ctx, []int64{h})
	if err != nil {
		return 0, err
	}
	key, ok := found[h]
	if !ok {
		return 0, store.ErrNotFound
	}
	return key.Patient(), nil
}

// Index tells how resources are indexed: for the capability statement.
func (r *Record) Index() *search.Index { return r.index }

// gate bounds how many whole records are being put together at a time: each holds megabytes, and more of
// them at once than processors can work on only take longer.
type gate chan struct{}

// enter waits for a place. The function it returns gives the place back.
func (g gate) enter(ctx context.Context) (leave func(), err error) {
	select {
	case g <- struct{}{}:
		return func() { <-g }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// locked lets many goroutines draw from one buffered source of randomness.
type locked struct {
	mu sync.Mutex
	r  io.Reader
}

func (l *locked) Read(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return io.ReadFull(l.r, p)
}

const idAlphabet = "abcdefghijklmnopqrstuvwxyz234567"

// newID makes a logical id of 100 random bits.
func (r *Record) newID() (string, error) {
	var b [20]byte
	if _, err := r.random.Read(b[:]); err != nil {
		return "", fmt.Errorf("no randomness: %w", err)
	}
	for i := range b {
		b[i] = idAlphabet[b[i]&31]
	}
	return string(b[:]), nil
}
