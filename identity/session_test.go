package identity

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/osler-ehr/osler/store"
	"pgregory.net/rapid"
)

// A21: a session ends when it should, here and at other servers within a second.
func TestA21_WhatEndsSessions(t *testing.T) {
	for _, c := range []struct {
		what string
		do   func(p *practice, a Account, in SignedIn) error
	}{
		{"signing out", func(p *practice, a Account, in SignedIn) error { return p.SignOut(p.ctx, in.Token) }},
		{"ended from a list", func(p *practice, a Account, in SignedIn) error {
			return p.EndSession(p.ctx, a.ID, in.Principal.Session)
		}},
		{"all ended", func(p *practice, a Account, in SignedIn) error { return p.EndSessions(p.ctx, a.ID) }},
		{"disabled", func(p *practice, a Account, in SignedIn) error {
			_, err := p.ChangeAccount(p.ctx, a.ID, func(a *Account) error { a.Disabled = true; return nil })
			return err
		}},
		{"another role", func(p *practice, a Account, in SignedIn) error {
			_, err := p.ChangeAccount(p.ctx, a.ID, func(a *Account) error { a.Roles = []Role{FrontDesk}; return nil })
			return err
		}},
		{"another organisation", func(p *practice, a Account, in SignedIn) error {
			_, err := p.ChangeAccount(p.ctx, a.ID, func(a *Account) error { a.Organisation = "other"; return nil })
			return err
		}},
		{"another person in the record", func(p *practice, a Account, in SignedIn) error {
			_, err := p.ChangeAccount(p.ctx, a.ID, func(a *Account) error { a.Resource = "Practitioner/x"; return nil })
			return err
		}},
		{"a new password by link", func(p *practice, a Account, in SignedIn) error {
			link, err := p.IssueSetup(p.ctx, a.ID)
			if err == nil {
				_, err = p.FinishSetup(p.ctx, link, SetupAnswer{Password: goodPassword})
			}
			return err
		}},
		{"a new password elsewhere", func(p *practice, a Account, in SignedIn) error {
			_, err := p.ChangePassword(p.ctx, p.signIn("kim").Token, goodPassword, "green kettles hum at noon", home)
			return err
		}},
		{"a fresh proof", func(p *practice, a Account, in SignedIn) error {
			_, err := p.Reauthenticate(p.ctx, in.Token, goodPassword, home)
			return err
		}},
	} {
		t.Run(c.what, func(t *testing.T) {
			p := newPractice(t, Options{})
			p.administrator()
			a := p.person("kim", Nurse)
			other := p.process(Options{})
			in := p.signIn("kim")
			p.resumed(in.Token)
			_, err := other.Resume(p.ctx, in.Token)
			p.must(err)
			p.must(c.do(p, a, in))
			_, err = p.Resume(p.ctx, in.Token)
			p.wants(err, ErrSignedOut, "at once")
			p.clock.Advance(time.Second)
			_, err = other.Resume(p.ctx, in.Token)
			p.wants(err, ErrSignedOut, "at another server a second later")
			_, err = p.Resume(p.ctx, in.Token)
			p.wants(err, ErrSignedOut, "later")
		})
	}
}

func TestA21_NothingElseEndsASession(t *testing.T) {
	p := newPractice(t, Options{})
	p.administrator()
	kim, lee := p.person("kim", Nurse), p.person("lee", Nurse)
	in, second := p.signIn("kim"), p.signIn("kim")
	p.must(p.SignOut(p.ctx, second.Token))
	p.must(p.SignOut(p.ctx, second.Token))
	p.must(p.SignOut(p.ctx, ""))
	p.must(p.EndSessions(p.ctx, lee.ID))
	p.wants(p.EndSession(p.ctx, lee.ID, in.Principal.Session), ErrNotFound, "another account's session")
	p.must2(p.ChangeAccount(p.ctx, kim.ID, func(a *Account) error { a.DisplayName = "Kim Lee"; return nil }))
	if who := p.resumed(in.Token); who.Name != "Kim Lee" {
		t.Errorf("the name is still %q", who.Name)
	}
	list, err := p.Sessions(p.ctx, kim.ID)
	if err != nil || len(list) != 1 || list[0].ID != in.Principal.Session || list[0].Address != home.String() {
		t.Errorf("sessions %+v, %v", list, err)
	}
}

func TestA21_NewTokenOnEveryProof(t *testing.T) {
	p := newPractice(t, Options{})
	p.person("kim", Nurse)
	first := p.signIn("kim")
	second := p.signIn("kim") // the browser brought the first one; nothing of it goes on
	if first.Token == second.Token || first.Principal.Session == second.Principal.Session {
		t.Error("two sign-ins have one session")
	}
	p.clock.Advance(10 * time.Minute)
	who := p.resumed(second.Token)
	if who.AuthenticatedWithin(5*time.Minute, p.clock.Now()) {
		t.Error("the proof is taken for fresh")
	}
	_, err := p.Reauthenticate(p.ctx, second.Token, "wrong", home)
	p.wants(err, ErrBadCredentials, "a wrong password")
	p.resumed(second.Token)
	third, err := p.Reauthenticate(p.ctx, second.Token, goodPassword, home)
	p.must(err)
	if third.Token == second.Token || !third.Principal.AuthenticatedWithin(5*time.Minute, p.clock.Now()) {
		t.Errorf("got %+v", third.Principal)
	}
	if !third.Principal.Expires.Equal(who.Expires) {
		t.Errorf("a fresh proof moved the end from %v to %v", who.Expires, third.Principal.Expires)
	}
	// Guessing with a stolen session is slowed, and does not lock the owner out.
	for range 10 {
		_, err = p.Reauthenticate(p.ctx, third.Token, "wrong", home)
		p.wants(err, ErrBadCredentials, "a guess")
	}
	_, err = p.Reauthenticate(p.ctx, third.Token, goodPassword, home)
	p.wants(err, ErrThrottled, "too many guesses")
	p.signIn("kim")
}

func TestChangingThePassword(t *testing.T) {
	p := newPractice(t, Options{})
	p.person("kim", Nurse)
	in, elsewhere := p.signIn("kim"), p.signIn("kim")
	const next = "green kettles hum at noon"
	_, err := p.ChangePassword(p.ctx, in.Token, "wrong", next, home)
	p.wants(err, ErrBadCredentials, "a wrong old password")
	_, err = p.ChangePassword(p.ctx, in.Token, goodPassword, "short", home)
	p.wants(err, ErrInvalid, "a short new password")
	_, err = p.ChangePassword(p.ctx, "none", goodPassword, next, home)
	p.wants(err, ErrSignedOut, "no session")
	after, err := p.ChangePassword(p.ctx, in.Token, goodPassword, next, home)
	p.must(err)
	p.resumed(after.Token)
	for _, token := range []string{in.Token, elsewhere.Token} {
		_, err = p.Resume(p.ctx, token)
		p.wants(err, ErrSignedOut, "a session from before")
	}
	_, err = p.SignIn(p.ctx, Attempt{Name: "kim", Password: goodPassword})
	p.wants(err, ErrBadCredentials, "the old password")
	p.must3(p.SignIn(p.ctx, Attempt{Name: "kim", Password: next}))
}

func TestA21_IdleAndAbsoluteEnd(t *testing.T) {
	for _, c := range []struct {
		role Role
		idle time.Duration
	}{{Clinician, 15 * time.Minute}, {Administrator, 15 * time.Minute}, {Patient, 20 * time.Minute}} {
		t.Run(string(c.role), func(t *testing.T) {
			p := newPractice(t, Options{})
			p.person("kim", c.role)
			in := p.signIn("kim")
			p.clock.Advance(c.idle - time.Second)
			p.resumed(in.Token)
			p.clock.Advance(c.idle - time.Second)
			p.resumed(in.Token)
			p.clock.Advance(c.idle)
			_, err := p.Resume(p.ctx, in.Token)
			p.wants(err, ErrExpired, "idle")
			p.wants(err, ErrSignedOut, "idle")
			_, err = p.Resume(p.ctx, in.Token)
			p.wants(err, ErrExpired, "looking again does not wake it")

			in = p.signIn("kim")
			for range 12*60/5 - 1 {
				p.clock.Advance(5 * time.Minute)
				p.resumed(in.Token)
			}
			p.clock.Advance(5*time.Minute - time.Second)
			p.resumed(in.Token)
			p.clock.Advance(time.Second)
			_, err = p.Resume(p.ctx, in.Token)
			p.wants(err, ErrExpired, "after 12 hours of work")
			if left, err := p.Sessions(p.ctx, in.Principal.ID); err != nil || len(left) != 0 {
				t.Errorf("%d sessions listed, %v", len(left), err)
			}
		})
	}
}

// Whatever a person does at two servers in what order, a session is alive exactly if the gap since the last request
// is short enough, give or take what is written late.
func TestA21_IdleEndIsTheSameAtEveryServer(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		p := newPractice(t, Options{})
		p.person("kim", Nurse)
		servers := []*Service{p.Service, p.process(Options{}), p.process(Options{})}
		in := p.signIn("kim")
		start, last := p.clock.Now(), p.clock.Now()
		for range rapid.IntRange(1, 12).Draw(rt, "requests") {
			p.clock.Advance(time.Duration(rapid.IntRange(0, 17*60).Draw(rt, "seconds")) * time.Second)
			_, err := servers[rapid.IntRange(0, 2).Draw(rt, "server")].Resume(p.ctx, in.Token)
			now := p.clock.Now()
			gap := now.Sub(last)
			switch {
			case err == nil && (gap >= 15*time.Minute || now.Sub(start) >= 12*time.Hour):
				rt.Fatalf("alive after %v", gap)
			case err != nil && gap < 15*time.Minute-seenEvery:
				rt.Fatalf("%v after %v", err, gap)
			case err != nil:
				return
			}
			last = now
		}
	})
}

func TestActivityIsWrittenNowAndThenOnly(t *testing.T) {
	m := newMemoryStore()
	p := newPracticeOver(t, m, Options{})
	p.person("kim", Nurse)
	in := p.signIn("kim")
	before := m.writes
	for range 600 { // ten minutes, a request each second
		p.clock.Advance(time.Second)
		p.resumed(in.Token)
	}
	if n := m.writes - before; n != 20 {
		t.Errorf("%d writes", n)
	}
	reads := m.reads
	for range 100 {
		p.resumed(in.Token)
	}
	if n := m.reads - reads; n > 3 {
		t.Errorf("%d reads for 100 requests in one second", n)
	}
	// A store that takes no writes any more lets people go on reading.
	m.fail = store.ErrReadOnly
	p.clock.Advance(10 * time.Minute)
	p.resumed(in.Token)
	m.fail = errors.New("broken")
	p.clock.Advance(10 * time.Minute)
	if _, err := p.Resume(p.ctx, in.Token); !errors.Is(err, m.fail) {
		t.Errorf("got %v", err)
	}
}

func TestSweepRemovesWhatIsOver(t *testing.T) {
	m := newMemoryStore()
	p := newPracticeOver(t, m, Options{})
	p.administrator()
	kim := p.person("kim", Nurse)
	for i := range 3 {
		p.signIn("kim")
		_, _ = p.SignIn(p.ctx, Attempt{Name: fmt.Sprint("nobody", i), Password: "wrong"})
	}
	_, err := p.IssueSetup(p.ctx, kim.ID)
	p.must(err)
	p.must(p.RevokeTokenID(p.ctx, "some token"))
	count := func() map[space]int {
		n := map[space]int{}
		for k := range m.secrets {
			n[space(k[0])]++
		}
		return n
	}
	before := count()
	p.must(p.Sweep(p.ctx))
	if got := count(); fmt.Sprint(got) != fmt.Sprint(before) {
		t.Errorf("swept what is in use: %v, before %v", got, before)
	}
	p.clock.Advance(100 * time.Hour)
	in := p.signIn("kim")
	p.must(p.Sweep(p.ctx))
	if got, want := fmt.Sprint(count()), fmt.Sprint(map[space]int{accountSpace: 2, signInSpace: 2, sessionSpace: 1}); got != want {
		t.Errorf("left %v, want %v", got, want)
	}
	p.resumed(in.Token)
}
