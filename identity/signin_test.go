package identity

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// A18: in no state of an account is there a way in but the right password.
func TestA18_NoWayInByState(t *testing.T) {
	p := newPractice(t, Options{})
	p.administrator()
	invited, err := p.CreateAccount(p.ctx, NewAccount{SignInName: "invited", Roles: []Role{Nurse}})
	p.must(err)
	link, err := p.IssueSetup(p.ctx, invited.ID)
	p.must(err)
	disabled := p.person("disabled", Nurse)
	p.must2(p.ChangeAccount(p.ctx, disabled.ID, func(a *Account) error { a.Disabled = true; return nil }))
	p.must2(p.CreateAccount(p.ctx, NewAccount{SignInName: "lab", Roles: []Role{ProgramRole}}))
	robot := p.person("robot", Nurse) // was a person, and still has the person's password
	p.must2(p.ChangeAccount(p.ctx, robot.ID, func(a *Account) error { a.Roles = []Role{ProgramRole}; return nil }))

	for _, name := range []string{"invited", "disabled", "lab", "robot", "nobody", "", "\x00", strings.Repeat("x", 1<<16)} {
		for _, password := range []string{"", goodPassword, link, "\x00", strings.Repeat("x", 1<<20)} {
			_, err := p.SignIn(p.ctx, Attempt{Name: name, Password: password})
			p.wants(err, ErrBadCredentials, fmt.Sprintf("%.20q with %.20q", name, password))
			p.clock.Advance(25 * time.Hour)
		}
	}
	// Secrets of one kind are of no use as another.
	in := p.signIn("ada")
	for _, token := range []string{"", link, in.Device, in.Principal.Session, invited.ID, p.vault.name(sessionSpace, in.Token)} {
		_, err := p.Resume(p.ctx, token)
		p.wants(err, ErrSignedOut, "as a session: "+token)
		_, err = p.Setup(p.ctx, in.Token)
		p.wants(err, ErrBadLink, "a session as a link")
		_, err = p.Authenticate(p.ctx, token)
		p.wants(err, ErrBadToken, "as an access token: "+token)
	}
	_, err = p.Authenticate(p.ctx, in.Token)
	p.wants(err, ErrBadToken, "a session as an access token")
}

func TestSignedInPrincipal(t *testing.T) {
	p := newPractice(t, Options{})
	kim := p.person("kim", Clinician, Biller)
	in := p.signIn("KIM")
	for _, who := range []Principal{in.Principal, p.resumed(in.Token)} {
		if who.Kind != Person || who.ID != kim.ID || who.Name != "Dr kim" || who.Resource != "Practitioner/kim" ||
			!who.Has(Clinician) || !who.Has(Biller) || who.Has(Administrator) || who.Scoped ||
			!who.AuthAt.Equal(p.clock.Now()) || !who.Expires.Equal(p.clock.Now().Add(12*time.Hour)) ||
			!who.Permits("Observation", Update) {
			t.Errorf("got %+v", who)
		}
	}
	if len(in.Token) < 43 {
		t.Errorf("the token has %d characters", len(in.Token))
	}
}

func (p *practice) resumed(token string) Principal {
	p.t.Helper()
	who, err := p.Resume(p.ctx, token)
	p.must(err)
	return who
}

// A27: whether a name has an account cannot be told from words, work, counting or effect.
func TestA27_UnknownNamesAnswerAlike(t *testing.T) {
	m := newMemoryStore()
	p := newPracticeOver(t, m, Options{})
	p.administrator()
	p.person("known", Nurse)
	p.must2(p.CreateAccount(p.ctx, NewAccount{SignInName: "invited", Roles: []Role{Nurse}}))
	gone := p.person("gone", Nurse)
	p.must2(p.ChangeAccount(p.ctx, gone.ID, func(a *Account) error { a.Disabled = true; return nil }))

	type answer struct {
		Text          string
		Kind          error
		Until         time.Time
		Reads, Writes int
	}
	ask := func(name string) []answer {
		var all []answer
		for i := range 14 {
			reads, writes := m.reads, m.writes
			_, err := p.SignIn(p.ctx, Attempt{Name: name, Password: "not the right one", Address: home})
			a := answer{Reads: m.reads - reads, Writes: m.writes - writes}
			var throttled *ThrottledError
			if errors.As(err, &throttled) {
				a.Until, a.Kind = throttled.Until, ErrThrottled
			} else if errors.Is(err, ErrBadCredentials) {
				a.Kind = ErrBadCredentials
			}
			a.Text = err.Error()
			all = append(all, a)
			if i > 10 {
				p.clock.Advance(6 * time.Second)
			}
		}
		return all
	}
	start := p.clock.Now()
	want := ask("known")
	if want[0].Kind != ErrBadCredentials || want[10].Kind != ErrThrottled {
		t.Fatalf("got %+v", want)
	}
	for _, name := range []string{"unknown", "invited", "gone"} {
		p.clock.Set(start)
		m.forgetFailures()
		got := ask(name)
		for i := range want {
			if got[i] != want[i] {
				t.Errorf("%s, attempt %d: %+v, but %+v for a known name", name, i+1, got[i], want[i])
			}
		}
	}
}

func (m *memoryStore) forgetFailures() {
	for k := range m.secrets {
		if k[0] == string(failureSpace) {
			delete(m.secrets, k)
		}
	}
}

// The times of wrong passwords for known and unknown names, by Welch's t-test over interleaved pairs.
func TestA27_UnknownNamesTakeAsLong(t *testing.T) {
	if testing.Short() {
		t.Skip("takes a few seconds")
	}
	p := newPractice(t, Options{FreeByName: math.MaxInt32, FreeByAddress: math.MaxInt32})
	p.administrator()
	p.person("known", Nurse)
	p.must2(p.CreateAccount(p.ctx, NewAccount{SignInName: "guest", Roles: []Role{Nurse}})) // without a password yet
	const rounds, warm = 3000, 100
	names := []string{"known", "other", "guest"}
	times := make([][]float64, len(names))
	for i := range (rounds + warm) * len(names) {
		n := i % len(names)
		start := time.Now()
		_, err := p.SignIn(p.ctx, Attempt{Name: names[n], Password: "not the right one"})
		if took := time.Since(start); i >= warm*len(names) {
			times[n] = append(times[n], float64(took))
		}
		p.wants(err, ErrBadCredentials, names[n])
	}
	for n := 1; n < len(names); n++ {
		if w := welch(trimmed(times[0]), trimmed(times[n])); math.Abs(w) > 4.5 {
			t.Errorf("%s and %s: t = %.1f over %d rounds", names[0], names[n], w, rounds)
		}
	}
}

func TestThrottlingByName(t *testing.T) {
	p := newPractice(t, Options{})
	p.administrator()
	p.person("kim", Nurse)
	wrong := func(want error) time.Duration {
		t.Helper()
		_, err := p.SignIn(p.ctx, Attempt{Name: "kim", Password: "wrong", Address: abroad})
		p.wants(err, want, "a wrong password")
		var throttled *ThrottledError
		if errors.As(err, &throttled) {
			return throttled.Until.Sub(p.clock.Now())
		}
		return 0
	}
	for range 10 {
		wrong(ErrBadCredentials)
	}
	var waits []time.Duration
	for range 12 {
		wait := wrong(ErrThrottled)
		waits = append(waits, wait)
		p.clock.Advance(wait - time.Second)
		if again := wrong(ErrThrottled); again != time.Second {
			t.Errorf("an attempt that was not looked at moved the end to %v", again)
		}
		p.clock.Advance(time.Second)
		wrong(ErrBadCredentials)
	}
	if got := fmt.Sprint(waits); got != "[5s 10s 20s 40s 1m20s 2m40s 5m20s 10m40s 15m0s 15m0s 15m0s 15m0s]" {
		t.Errorf("waits %v", got)
	}
	// The right password is not looked at either, from anywhere; others are not touched.
	_, err := p.SignIn(p.ctx, Attempt{Name: "kim", Password: goodPassword, Address: home})
	p.wants(err, ErrThrottled, "the right password")
	p.signIn("ada")
	// Another server knows.
	_, err = p.process(Options{}).SignIn(p.ctx, Attempt{Name: "kim", Password: goodPassword, Address: home})
	p.wants(err, ErrThrottled, "at another server")
	// A clinician is out for no more than 15 minutes, and a good sign-in forgets.
	p.clock.Advance(15 * time.Minute)
	p.signIn("kim")
	for range 10 {
		wrong(ErrBadCredentials)
	}
	wrong(ErrThrottled)
	// So does a quiet day.
	p.clock.Advance(25 * time.Hour)
	for range 10 {
		wrong(ErrBadCredentials)
	}
	wrong(ErrThrottled)
}

func TestThrottlingByAddress(t *testing.T) {
	p := newPractice(t, Options{FreeByAddress: 20})
	p.administrator()
	try := func(name, password, from string) error {
		_, err := p.SignIn(p.ctx, Attempt{Name: name, Password: password, Address: netip.MustParseAddr(from)})
		return err
	}
	for i := range 20 {
		p.wants(try(fmt.Sprintf("guess%d", i), "x", fmt.Sprintf("2001:db8:1:2::%x", i+1)), ErrBadCredentials, "a guess")
	}
	p.wants(try("ada", goodPassword, "2001:db8:1:2:ffff::1"), ErrThrottled, "the same network")
	p.must(try("ada", goodPassword, "2001:db8:1:3::1"))
	p.clock.Advance(5 * time.Second)
	p.must(try("ada", goodPassword, "2001:db8:1:2::1"))
	p.wants(try("guess", "x", "2001:db8:1:2::1"), ErrBadCredentials, "a guess")
	p.wants(try("guess", "x", "2001:db8:1:2::2"), ErrThrottled, "somebody's good sign-in must not free the address")
	for i := range 20 {
		p.wants(try(fmt.Sprintf("more%d", i), "x", "198.51.100.1"), ErrBadCredentials, "a guess")
	}
	p.wants(try("ada", goodPassword, "::ffff:198.51.100.1"), ErrThrottled, "the same address written otherwise")
	p.must(try("ada", goodPassword, "198.51.100.2"))
}

// Lockout as a weapon: strangers' failures do not stop the owner at the usual browser.
func TestAKnownBrowserIsNotDelayedByStrangers(t *testing.T) {
	p := newPractice(t, Options{FreeByAddress: 15})
	p.administrator()
	p.person("kim", Nurse)
	mark := p.signIn("kim").Device
	for range 10 {
		_, err := p.SignIn(p.ctx, Attempt{Name: "kim", Password: "wrong", Address: home})
		p.wants(err, ErrBadCredentials, "a stranger")
	}
	for i := range 5 {
		_, err := p.SignIn(p.ctx, Attempt{Name: fmt.Sprint("guess", i), Password: "wrong", Address: home})
		p.wants(err, ErrBadCredentials, "a stranger")
	}
	_, err := p.SignIn(p.ctx, Attempt{Name: "kim", Password: goodPassword, Address: home})
	p.wants(err, ErrThrottled, "without the mark")
	_, err = p.SignIn(p.ctx, Attempt{Name: "kim", Password: goodPassword, Address: home, Device: mark + "x"})
	p.wants(err, ErrThrottled, "with a wrong mark")
	_, err = p.SignIn(p.ctx, Attempt{Name: "ada", Password: goodPassword, Address: home, Device: mark})
	p.wants(err, ErrThrottled, "with a mark for another account")
	p.must3(p.SignIn(p.ctx, Attempt{Name: "kim", Password: goodPassword, Address: home, Device: mark}))

	// But the mark is no free pass for guessing.
	for range 10 {
		_, err := p.SignIn(p.ctx, Attempt{Name: "kim", Password: "wrong", Address: home, Device: mark})
		p.wants(err, ErrBadCredentials, "a thief of the browser")
	}
	_, err = p.SignIn(p.ctx, Attempt{Name: "kim", Password: goodPassword, Address: home, Device: mark})
	p.wants(err, ErrThrottled, "a thief of the browser")
}

// A clock that was set back must not keep somebody out for longer than the longest delay.
func TestThrottlingSurvivesAClockSetBack(t *testing.T) {
	p := newPractice(t, Options{})
	p.administrator()
	for range 10 {
		_, _ = p.SignIn(p.ctx, Attempt{Name: "ada", Password: "wrong"})
	}
	_, err := p.SignIn(p.ctx, Attempt{Name: "ada", Password: goodPassword})
	p.wants(err, ErrThrottled, "before")
	p.clock.Advance(-25 * time.Hour)
	p.signIn("ada")
}

// Guesses that are made at once are counted one by one.
func TestParallelGuessesGetNoMoreThanSerialOnes(t *testing.T) {
	p := newPractice(t, Options{HashQueue: 1000})
	p.administrator()
	release, err := p.hasher.acquire(p.ctx) // until all stand in the queue, so that none has seen another fail
	p.must(err)
	var done sync.WaitGroup
	var mu sync.Mutex
	looked := 0
	for range 100 {
		done.Go(func() {
			_, err := p.SignIn(p.ctx, Attempt{Name: "ada", Password: "wrong"})
			mu.Lock()
			defer mu.Unlock()
			if errors.Is(err, ErrBadCredentials) {
				looked++
			} else if !errors.Is(err, ErrThrottled) {
				t.Error(err)
			}
		})
	}
	for p.hasher.waiting.Load() < 100 {
		time.Sleep(time.Millisecond)
	}
	release()
	done.Wait()
	if looked != 10 {
		t.Errorf("%d guesses were looked at, want 10", looked)
	}
}

// A flood of sign-ins is turned away and does not pile up.
func TestAFloodIsTurnedAway(t *testing.T) {
	p := newPractice(t, Options{HashQueue: 2})
	p.administrator()
	release, err := p.hasher.acquire(p.ctx) // somebody's password is being hashed
	p.must(err)
	ctx, cancel := context.WithCancel(p.ctx)
	results := make(chan error)
	for range 2 {
		go func() {
			_, err := p.SignIn(ctx, Attempt{Name: "ada", Password: goodPassword})
			results <- err
		}()
	}
	for p.hasher.waiting.Load() < 2 {
		time.Sleep(time.Millisecond)
	}
	_, err = p.SignIn(p.ctx, Attempt{Name: "ada", Password: goodPassword})
	p.wants(err, ErrBusy, "the third in the queue")
	_, err = p.FinishSetup(p.ctx, "none", SetupAnswer{Password: goodPassword})
	p.wants(err, ErrBadLink, "a made-up link is refused before the queue")
	cancel()
	for range 2 {
		p.wants(<-results, context.Canceled, "somebody who went away")
	}
	release()
	p.signIn("ada")
}

func TestHashesAreRenewedAtSignIn(t *testing.T) {
	p := newPractice(t, Options{})
	p.administrator()
	hash := func() string {
		c, err := p.readCredential(p.ctx, "ada")
		p.must(err)
		return c.Hash
	}
	before := hash()
	p.signIn("ada")
	if hash() != before {
		t.Error("hashed anew without need")
	}
	p.hasher.scheme = scheme{hash: PBKDF2, passes: 10}
	p.signIn("ada")
	if after := hash(); !strings.HasPrefix(after, "$pbkdf2-sha256$i=10$") {
		t.Errorf("the hash is %q", after)
	}
	p.signIn("ada")
}

func TestHashCosts(t *testing.T) {
	for h, want := range map[Hash]string{Argon2id: "$argon2id$v=19$m=19456,t=2,p=1$", PBKDF2: "$pbkdf2-sha256$i=600000$"} {
		s, err := schemeOf(h)
		if err != nil || !strings.HasPrefix(s.encode(nil, nil), want) {
			t.Errorf("%s: %s, %v", h, s.encode(nil, nil), err)
		}
	}
	if _, err := schemeOf("md5"); err == nil {
		t.Error("an unknown way was taken")
	}
}

func TestDamagedHashesMatchNothing(t *testing.T) {
	p := newPractice(t, Options{})
	good, err := p.hasher.make("x")
	p.must(err)
	if ok, _ := p.hasher.matches(good, "x"); !ok {
		t.Fatal("the right password does not match")
	}
	parts := strings.Split(good, "$")
	for _, bad := range []string{"", "x", "$", "$argon2id$", "$argon2i$" + strings.Join(parts[2:], "$"),
		strings.Replace(good, "v=19", "v=16", 1), strings.Replace(good, "t=1", "t=0", 1), strings.TrimSuffix(good, parts[5]),
		strings.Replace(good, parts[5], parts[5][:20], 1), strings.Replace(good, parts[4], "", 1), "$pbkdf2-sha256$i=0$" + parts[4] + "$" + parts[5]} {
		if ok, _ := p.hasher.matches(bad, "x"); ok {
			t.Errorf("%q matches", bad)
		}
	}
}

func TestEventsAreWrittenWithWhatTheyTellOf(t *testing.T) {
	m := newMemoryStore()
	p := newPracticeOver(t, m, Options{Journal: auditJournal{}})
	ada := p.administrator()
	in := p.signIn("ada")
	_, _ = p.SignIn(p.ctx, Attempt{Name: "ada", Password: "wrong", Address: abroad})
	_, _ = p.SignIn(p.ctx, Attempt{Name: "nobody", Password: "wrong", Address: abroad})
	p.ctx = With(p.ctx, in.Principal)
	kim := p.person("kim", Nurse)
	p.must2(p.ChangeAccount(p.ctx, kim.ID, func(a *Account) error { a.Roles = []Role{Clinician}; return nil }))
	p.must(p.SignOut(p.ctx, in.Token))
	var got []string
	for _, b := range m.audit {
		var e Event
		p.must(json.Unmarshal(b, &e))
		who := map[string]string{ada.ID: "ada", kim.ID: "kim", "": "-"}
		got = append(got, fmt.Sprintf("%s %s by %s %s %s", e.Kind, who[e.Account], who[e.By], e.Address, e.Detail))
		if !e.At.Equal(p.clock.Now()) {
			t.Errorf("at %v", e.At)
		}
	}
	want := []string{
		"first-setup-link-issued - by -  ",
		"account-created ada by -  roles: administrator",
		"signed-in ada by ada 192.0.2.7 ",
		"sign-in-failed ada by - 203.0.113.99 ",
		"sign-in-failed - by - 203.0.113.99 ",
		"account-created kim by ada  roles: nurse",
		"setup-link-issued kim by ada  ",
		"password-set kim by ada  ",
		"account-changed kim by ada  roles: nurse to clinician",
		"signed-out ada by ada  ",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// Without its audit entry nothing happens.
func TestNoSessionWithoutItsAuditEntry(t *testing.T) {
	m := newMemoryStore()
	p := newPracticeOver(t, m, Options{})
	p.administrator()
	full := errors.New("the disk is full")
	m.fail = full
	_, err := p.SignIn(p.ctx, Attempt{Name: "ada", Password: goodPassword})
	p.wants(err, full, "signing in")
	_, err = p.SignIn(p.ctx, Attempt{Name: "ada", Password: "wrong"})
	p.wants(err, full, "a wrong password that cannot be counted")
}

// trimmed leaves out the tenth that was disturbed most.
func trimmed(x []float64) []float64 {
	s := slices.Sorted(slices.Values(x))
	return s[:len(s)*9/10]
}

// welch is Welch's t statistic of two samples.
func welch(a, b []float64) float64 {
	stats := func(x []float64) (mean, variance float64) {
		for _, v := range x {
			mean += v / float64(len(x))
		}
		for _, v := range x {
			variance += (v - mean) * (v - mean) / float64(len(x)-1)
		}
		return mean, variance
	}
	ma, va := stats(a)
	mb, vb := stats(b)
	return (ma - mb) / math.Sqrt(va/float64(len(a))+vb/float64(len(b)))
}
