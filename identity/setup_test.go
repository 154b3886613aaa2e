package identity

import (
	"sync"
	"testing"
	"time"
)

// A19: no account exists before somebody uses the first link, and the link is for one use.
func TestA19_NoAccountBeforeTheFirstLinkIsUsed(t *testing.T) {
	p := newPractice(t, Options{})
	if all, err := p.Accounts(p.ctx); err != nil || len(all) != 0 {
		t.Fatalf("%d accounts in a new database, %v", len(all), err)
	}
	for _, name := range []string{"", "admin", "administrator", "root", "osler", "ada"} {
		for _, password := range []string{"", "admin", "password", "osler", goodPassword} {
			_, err := p.SignIn(p.ctx, Attempt{Name: name, Password: password})
			if err == nil {
				t.Errorf("%q signed in with %q", name, password)
			}
			p.clock.Advance(25 * time.Hour)
		}
	}
	first, err := p.FirstSetup(p.ctx)
	p.must(err)
	second, err := p.FirstSetup(p.ctx) // the server was started again
	p.must(err)
	if first == second || len(first) < 43 {
		t.Errorf("links %q and %q", first, second)
	}
	answer := SetupAnswer{SignInName: "ada", Password: goodPassword}
	_, err = p.FinishSetup(p.ctx, first, answer)
	p.wants(err, ErrBadLink, "a link that was replaced")
	_, err = p.FinishSetup(p.ctx, "", answer)
	p.wants(err, ErrBadLink, "no link")
	_, err = p.FinishSetup(p.ctx, second, SetupAnswer{SignInName: "ada", Password: "short"})
	p.wants(err, ErrInvalid, "a short password")
	if link, err := p.Setup(p.ctx, second); err != nil || !link.First {
		t.Errorf("the link after a refused password: %+v, %v", link, err)
	}
	a, err := p.FinishSetup(p.ctx, second, answer)
	p.must(err)
	if !a.Has(Administrator) || !a.HasPassword || a.DisplayName != "ada" {
		t.Errorf("got %+v", a)
	}
	_, err = p.FinishSetup(p.ctx, second, SetupAnswer{SignInName: "eve", Password: goodPassword})
	p.wants(err, ErrBadLink, "the link again")
	_, err = p.FirstSetup(p.ctx)
	p.wants(err, ErrAlreadySetUp, "a first link when there is an account")
	p.signIn("ada")
}

func TestA19_OnlyOneOfManyUsesTheFirstLink(t *testing.T) {
	p := newPractice(t, Options{})
	link, err := p.FirstSetup(p.ctx)
	p.must(err)
	var done sync.WaitGroup
	var mu sync.Mutex
	won := 0
	for _, name := range []string{"ada", "bea", "cyn", "dot"} {
		done.Go(func() {
			_, err := p.FinishSetup(p.ctx, link, SetupAnswer{SignInName: name, Password: goodPassword})
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				won++
			} else {
				p.wants(err, ErrBadLink, name)
			}
		})
	}
	done.Wait()
	if all, err := p.Accounts(p.ctx); won != 1 || err != nil || len(all) != 1 {
		t.Errorf("%d won, %d accounts, %v", won, len(all), err)
	}
}

// A first link must not outlive the moment when somebody else became the administrator.
func TestA19_FirstLinkIsDeadOnceThereIsAnAccount(t *testing.T) {
	p := newPractice(t, Options{})
	link, err := p.FirstSetup(p.ctx)
	p.must(err)
	p.must2(p.CreateAccount(p.ctx, NewAccount{SignInName: "ada", Roles: []Role{Administrator}}))
	_, err = p.FinishSetup(p.ctx, link, SetupAnswer{SignInName: "eve", Password: goodPassword})
	p.wants(err, ErrBadLink, "the first link")
}

func (p *practice) must2(_ Account, err error) { p.t.Helper(); p.must(err) }

func TestSetupLinks(t *testing.T) {
	p := newPractice(t, Options{})
	p.administrator()
	kim := p.person("kim", Nurse)
	before := p.signIn("kim")

	old, err := p.IssueSetup(p.ctx, kim.ID)
	p.must(err)
	link, err := p.IssueSetup(p.ctx, kim.ID)
	p.must(err)
	_, err = p.Setup(p.ctx, old)
	p.wants(err, ErrBadLink, "a replaced link")
	if got, err := p.Setup(p.ctx, link); err != nil || got.First || got.SignInName != "kim" {
		t.Errorf("got %+v, %v", got, err)
	}
	// What the person writes about name and role is not looked at.
	_, err = p.FinishSetup(p.ctx, link, SetupAnswer{SignInName: "ada", Password: "green kettles hum at noon"})
	p.must(err)
	_, err = p.FinishSetup(p.ctx, link, SetupAnswer{Password: "a thief sets his own one"})
	p.wants(err, ErrBadLink, "a used link")
	_, err = p.Resume(p.ctx, before.Token)
	p.wants(err, ErrSignedOut, "a session from before the new password")
	_, err = p.SignIn(p.ctx, Attempt{Name: "kim", Password: goodPassword})
	p.wants(err, ErrBadCredentials, "the old password")
	p.must3(p.SignIn(p.ctx, Attempt{Name: "kim", Password: "green kettles hum at noon"}))
	p.signIn("ada")

	// Expiry, to the moment.
	link, err = p.IssueSetup(p.ctx, kim.ID)
	p.must(err)
	p.clock.Advance(72*time.Hour - time.Second)
	_, err = p.Setup(p.ctx, link)
	p.must(err)
	p.clock.Advance(time.Second)
	_, err = p.Setup(p.ctx, link)
	p.wants(err, ErrBadLink, "an old link")
	_, err = p.FinishSetup(p.ctx, link, SetupAnswer{Password: goodPassword})
	p.wants(err, ErrBadLink, "an old link")

	// Disabled in between.
	link, err = p.IssueSetup(p.ctx, kim.ID)
	p.must(err)
	p.must2(p.ChangeAccount(p.ctx, kim.ID, func(a *Account) error { a.Disabled = true; return nil }))
	_, err = p.FinishSetup(p.ctx, link, SetupAnswer{Password: goodPassword})
	p.wants(err, ErrBadLink, "a disabled account's link")
	_, err = p.IssueSetup(p.ctx, kim.ID)
	p.wants(err, ErrInvalid, "a link for a disabled account")
	_, err = p.IssueSetup(p.ctx, "none")
	p.wants(err, ErrNotFound, "a link for nobody")
	lab, err := p.CreateAccount(p.ctx, NewAccount{SignInName: "lab", Roles: []Role{ProgramRole}})
	p.must(err)
	_, err = p.IssueSetup(p.ctx, lab.ID)
	p.wants(err, ErrInvalid, "a password for a program")
}

func (p *practice) must3(_ SignedIn, err error) { p.t.Helper(); p.must(err) }
