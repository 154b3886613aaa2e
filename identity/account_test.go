package identity

import (
	"errors"
	"strings"
	"testing"
)

func TestAccountsAreFoundByNameInAnyForm(t *testing.T) {
	p := newPractice(t, Options{})
	a, err := p.CreateAccount(p.ctx, NewAccount{SignInName: "Zoë.Kim", Roles: []Role{Clinician}})
	p.must(err)
	for _, name := range []string{"Zoë.Kim", "zoë.kim", "ZOE\u0308.KIM", " zoë.kim ", "ｚｏë．ｋｉｍ"} {
		got, err := p.FindAccount(p.ctx, name)
		if err != nil || got.ID != a.ID {
			t.Errorf("%q: %v", name, err)
		}
		_, err = p.CreateAccount(p.ctx, NewAccount{SignInName: name, Roles: []Role{Nurse}})
		p.wants(err, ErrNameTaken, "taking "+name)
	}
	_, err = p.FindAccount(p.ctx, "zoe.kim")
	p.wants(err, ErrNotFound, "another name")
}

func TestAccountsThatCannotBe(t *testing.T) {
	p := newPractice(t, Options{})
	good := NewAccount{SignInName: "kim", DisplayName: "Kim", Roles: []Role{Nurse}}
	for _, c := range []struct {
		about string
		field string
		edit  func(*NewAccount)
	}{
		{"no name", "sign-in name", func(n *NewAccount) { n.SignInName = " " }},
		{"a space in the name", "sign-in name", func(n *NewAccount) { n.SignInName = "kim lee" }},
		{"a line break in the name", "sign-in name", func(n *NewAccount) { n.SignInName = "kim\nlee" }},
		{"an invisible letter", "sign-in name", func(n *NewAccount) { n.SignInName = "ki\u200bm" }},
		{"a name written backwards", "sign-in name", func(n *NewAccount) { n.SignInName = "\u202ekim" }},
		{"a name without end", "sign-in name", func(n *NewAccount) { n.SignInName = strings.Repeat("k", 101) }},
		{"broken text", "sign-in name", func(n *NewAccount) { n.SignInName = "kim\xff" }},
		{"a display name with a tab", "display name", func(n *NewAccount) { n.DisplayName = "Kim\tLee" }},
		{"no role", "roles", func(n *NewAccount) { n.Roles = nil }},
		{"an unknown role", "roles", func(n *NewAccount) { n.Roles = []Role{"superuser"} }},
		{"a role twice", "roles", func(n *NewAccount) { n.Roles = []Role{Nurse, Nurse} }},
		{"a program that is a person", "roles", func(n *NewAccount) { n.Roles = []Role{ProgramRole, Nurse} }},
		{"a patient without record", "resource", func(n *NewAccount) { n.Roles = []Role{Patient} }},
		{"a patient who is a practitioner", "resource", func(n *NewAccount) { n.Roles, n.Resource = []Role{Patient}, "Practitioner/a" }},
		{"an odd resource", "resource", func(n *NewAccount) { n.Resource = "Observation/1" }},
		{"a path for a resource", "resource", func(n *NewAccount) { n.Resource = "Patient/../1" }},
		{"an odd organisation", "organisation", func(n *NewAccount) { n.Organisation = "a/b" }},
	} {
		n := good
		c.edit(&n)
		_, err := p.CreateAccount(p.ctx, n)
		var invalid *InvalidError
		if !errors.As(err, &invalid) || invalid.Field != c.field || !errors.Is(err, ErrInvalid) {
			t.Errorf("%s: %v", c.about, err)
		}
	}
	if all, err := p.Accounts(p.ctx); err != nil || len(all) != 0 {
		t.Errorf("%d accounts, %v", len(all), err)
	}
	_, err := p.CreateAccount(p.ctx, good)
	p.must(err)
}

func TestChangingAccounts(t *testing.T) {
	p := newPractice(t, Options{})
	ada, kim := p.administrator(), p.person("kim", Nurse)

	got, err := p.ChangeAccount(p.ctx, kim.ID, func(a *Account) error {
		a.SignInName, a.DisplayName = "kim.lee", "Kim Lee"
		a.ID, a.Generation, a.HasPassword = "x", 99, false // not theirs to change
		return nil
	})
	p.must(err)
	if got.ID != kim.ID || got.Generation != kim.Generation || !got.HasPassword {
		t.Errorf("got %+v", got)
	}
	p.signIn("kim.lee")
	_, err = p.SignIn(p.ctx, Attempt{Name: "kim", Password: goodPassword})
	p.wants(err, ErrBadCredentials, "the old name")
	p.person("kim", Nurse) // the old name is free again

	_, err = p.ChangeAccount(p.ctx, kim.ID, func(a *Account) error { a.SignInName = "ADA"; return nil })
	p.wants(err, ErrNameTaken, "another's name")
	_, err = p.ChangeAccount(p.ctx, kim.ID, func(a *Account) error { a.Roles = nil; return nil })
	p.wants(err, ErrInvalid, "no role")
	_, err = p.ChangeAccount(p.ctx, "none", func(*Account) error { return nil })
	p.wants(err, ErrNotFound, "nobody")
	p.signIn("kim.lee") // nothing of the refused changes was kept

	// Somebody must remain who can administer.
	disable := func(a *Account) error { a.Disabled = true; return nil }
	demote := func(a *Account) error { a.Roles = []Role{Nurse}; return nil }
	for _, change := range []func(*Account) error{disable, demote} {
		_, err = p.ChangeAccount(p.ctx, ada.ID, change)
		p.wants(err, ErrLastAdministrator, "the last administrator")
	}
	invited, err := p.CreateAccount(p.ctx, NewAccount{SignInName: "bea", Roles: []Role{Administrator}})
	p.must(err)
	_, err = p.ChangeAccount(p.ctx, ada.ID, disable)
	p.wants(err, ErrLastAdministrator, "the other has no password yet")
	link, err := p.IssueSetup(p.ctx, invited.ID)
	p.must(err)
	_, err = p.FinishSetup(p.ctx, link, SetupAnswer{Password: goodPassword})
	p.must(err)
	_, err = p.ChangeAccount(p.ctx, ada.ID, disable)
	p.must(err)
}

func TestTheStoreTellsNeitherNamesNorTokens(t *testing.T) {
	m := newMemoryStore()
	p := newPracticeOver(t, m, Options{Journal: auditJournal{}})
	p.administrator()
	kim := p.person("kimberly", Clinician)
	in := p.signIn("kimberly")
	link, err := p.IssueSetup(p.ctx, kim.ID)
	p.must(err)
	_, err = p.SignIn(p.ctx, Attempt{Name: "kimberly", Password: "typed by mistake", Address: home})
	p.wants(err, ErrBadCredentials, "a wrong password")
	token, g, err := p.IssueToken(p.ctx, kim.ID, TokenRequest{Scopes: scopes(t, "user/*.rs"), TTL: 1e9})
	p.must(err)
	p.must(p.RevokeToken(p.ctx, token))

	var all strings.Builder
	for k, v := range m.secrets {
		all.WriteString(k[0] + " " + k[1] + " " + string(v) + "\n")
	}
	for _, canary := range []string{"kimberly", "Dr kim", kim.ID, in.Token, link, goodPassword, "typed by mistake", "argon2", home.String(), token, g.ID} {
		if strings.Contains(all.String(), canary) {
			t.Errorf("%q lies open in the store", canary)
		}
	}
	for _, e := range m.audit {
		for _, canary := range []string{"kimberly", in.Token, link, goodPassword, "typed by mistake", token} {
			if strings.Contains(string(e), canary) {
				t.Errorf("an audit entry holds %q: %s", canary, e)
			}
		}
	}
}

func TestMovedValuesDoNotOpen(t *testing.T) {
	m := newMemoryStore()
	p := newPracticeOver(t, m, Options{})
	p.administrator()
	p.person("kim", Nurse)
	// Somebody who can write to the database gives Kim's name what belongs to the administrator.
	ada := [2]string{string(signInSpace), p.vault.name(signInSpace, "ada")}
	kim := [2]string{string(signInSpace), p.vault.name(signInSpace, "kim")}
	m.secrets[kim] = m.secrets[ada]
	if _, err := p.SignIn(p.ctx, Attempt{Name: "kim", Password: goodPassword}); err == nil {
		t.Error("signed in with a moved credential")
	}
}
