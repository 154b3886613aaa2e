package identity

import (
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/osler-ehr/osler/store/sqlite"
)

// The whole life of an account over a real database, which is closed and opened in between.
func TestOverSQLite(t *testing.T) {
	path := filepath.Join(t.TempDir(), "osler.db")
	open := func() *sqlite.Store {
		s, err := sqlite.Open(t.Context(), path, sqlite.Options{})
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	p := newPracticeOver(t, open(), Options{Journal: auditJournal{}})
	restart := func() {
		t.Helper()
		p.must(p.store.Close())
		p.store = open()
		p.Service = p.process(Options{Journal: auditJournal{}})
	}
	t.Cleanup(func() { _ = p.store.Close() })

	p.administrator()
	restart()
	kim := p.person("kim", Nurse)
	p.person("lee", Clinician)
	_, err := p.CreateAccount(p.ctx, NewAccount{SignInName: "KIM", Roles: []Role{Nurse}})
	p.wants(err, ErrNameTaken, "a name twice")
	in, lee := p.signIn("kim"), p.signIn("lee")
	restart()
	p.resumed(in.Token)
	p.clock.Advance(10 * time.Minute)
	p.resumed(in.Token)
	restart()
	p.clock.Advance(10 * time.Minute)
	p.resumed(in.Token) // the activity before the restart was written
	_, err = p.Resume(p.ctx, lee.Token)
	p.wants(err, ErrExpired, "a session without activity")

	for range 10 {
		_, err = p.SignIn(p.ctx, Attempt{Name: "kim", Password: "wrong"})
		p.wants(err, ErrBadCredentials, "a wrong password")
	}
	restart()
	_, err = p.SignIn(p.ctx, Attempt{Name: "kim", Password: goodPassword})
	p.wants(err, ErrThrottled, "after a restart")

	token := p.mint("system/*.rs", time.Hour)
	_, err = p.Authenticate(p.ctx, token)
	p.must(err)
	p.must(p.RevokeToken(p.ctx, token))
	restart()
	_, err = p.Authenticate(p.ctx, token)
	p.wants(err, ErrBadToken, "a revoked token after a restart")

	p.must2(p.ChangeAccount(p.ctx, kim.ID, func(a *Account) error { a.Disabled = true; return nil }))
	restart()
	_, err = p.Resume(p.ctx, in.Token)
	p.wants(err, ErrSignedOut, "a disabled account after a restart")
	if all, err := p.Accounts(p.ctx); err != nil || len(all) != 3 || all[0].SignInName != "ada" {
		t.Errorf("%+v, %v", all, err)
	}
	p.clock.Advance(100 * time.Hour)
	p.must(p.Sweep(p.ctx))
	left, err := p.store.Secrets(p.ctx, string(sessionSpace))
	if err != nil || len(left) != 0 {
		t.Errorf("%d sessions left, %v", len(left), err)
	}
}

// Of many who take a name at once, one gets it.
func TestOneNameOneAccountOverSQLite(t *testing.T) {
	s, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "osler.db"), sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	p := newPracticeOver(t, s, Options{})
	var done sync.WaitGroup
	var mu sync.Mutex
	won := 0
	for range 8 {
		done.Go(func() {
			_, err := p.CreateAccount(p.ctx, NewAccount{SignInName: "kim", Roles: []Role{Nurse}})
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				won++
			} else {
				p.wants(err, ErrNameTaken, "the name")
			}
		})
	}
	done.Wait()
	if all, err := p.Accounts(p.ctx); won != 1 || err != nil || len(all) != 1 {
		t.Errorf("%d won, %d accounts, %v", won, len(all), err)
	}
}
