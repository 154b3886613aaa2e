package identity

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"net/netip"
	"path/filepath"
	"testing"
	"time"

	"github.com/osler-ehr/osler/clock"
	"github.com/osler-ehr/osler/record/keys"
	"github.com/osler-ehr/osler/store"
)

const goodPassword = "violet otter climbs slowly"

// practice is a service with a clock that stands still, and a few people.
type practice struct {
	*Service
	t     *testing.T
	ctx   context.Context
	store store.Store
	ring  *keys.Keyring
	clock *clock.Fixed
}

func newPractice(t *testing.T, o Options) *practice {
	t.Helper()
	return newPracticeOver(t, newMemoryStore(), o)
}

func newPracticeOver(t *testing.T, s store.Store, o Options) *practice {
	t.Helper()
	ring, err := keys.Create(filepath.Join(t.TempDir(), "keyring"), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	p := &practice{t: t, ctx: t.Context(), store: s, ring: ring, clock: clock.At(time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC))}
	p.Service = p.process(o)
	return p
}

// process is another server over the same store.
func (p *practice) process(o Options) *Service {
	p.t.Helper()
	s, err := New(p.store, p.ring, p.clock, rand.Reader, o)
	if err != nil {
		p.t.Fatal(err)
	}
	// Real costs would make the tests slow; TestHashCosts looks at those.
	s.hasher.scheme = scheme{hash: Argon2id, memory: 64, passes: 1}
	if s.decoy, err = s.newDecoy(); err != nil {
		p.t.Fatal(err)
	}
	return s
}

func (p *practice) must(err error) {
	p.t.Helper()
	if err != nil {
		p.t.Fatal(err)
	}
}

func (p *practice) wants(err, kind error, what string) {
	p.t.Helper()
	if !errors.Is(err, kind) {
		p.t.Errorf("%s: got %v, want %v", what, err, kind)
	}
}

// administrator sets up the first account.
func (p *practice) administrator() Account {
	p.t.Helper()
	link, err := p.FirstSetup(p.ctx)
	p.must(err)
	a, err := p.FinishSetup(p.ctx, link, SetupAnswer{SignInName: "ada", DisplayName: "Ada Admin", Password: goodPassword})
	p.must(err)
	return a
}

// person makes an account with the good password.
func (p *practice) person(name string, roles ...Role) Account {
	p.t.Helper()
	n := NewAccount{SignInName: name, DisplayName: "Dr " + name, Roles: roles, Resource: "Practitioner/" + name}
	if len(roles) == 1 && roles[0] == Patient {
		n.Resource = "Patient/" + name
	}
	a, err := p.CreateAccount(p.ctx, n)
	p.must(err)
	link, err := p.IssueSetup(p.ctx, a.ID)
	p.must(err)
	a, err = p.FinishSetup(p.ctx, link, SetupAnswer{Password: goodPassword})
	p.must(err)
	return a
}

func (p *practice) signIn(name string) SignedIn {
	p.t.Helper()
	in, err := p.SignIn(p.ctx, Attempt{Name: name, Password: goodPassword, Address: home})
	p.must(err)
	return in
}

var (
	home   = netip.MustParseAddr("192.0.2.7")
	abroad = netip.MustParseAddr("203.0.113.99")
)

// auditJournal writes events where the store keeps audit entries.
type auditJournal struct{}

func (auditJournal) Record(_ context.Context, tx store.Tx, e Event) error {
	b, err := json.Marshal(e)
	tx.Audit(b)
	return err
}
