// Package identity knows who people and programs are.
//
// It keeps accounts, their passwords, sign-in sessions and access tokens, and turns a request into a
// [Principal]. What a principal may do is not decided here, but in record/access.
//
// # Where it is kept
//
// Everything is kept in the store as small sealed values. Their names are keyed hashes, so the database tells
// neither who has an account nor any token: a session or set-up link is stored under the hash of its token.
//
// # How a person gets in
//
// No account exists in a new database. [Service.FirstSetup] makes a one-time link for the first administrator;
// administrators make accounts with [Service.CreateAccount] and links with [Service.IssueSetup]. The person
// chooses a password with [Service.FinishSetup], and signs in with [Service.SignIn]. The session token then goes
// to and fro in a cookie, and [Service.Resume] tells whose it is.
//
// # How a program gets in
//
// An access token says by itself who may do what until when, and is signed under a key from the keyring. So a
// process on the server's machine that can read the keyring can make one with [Mint], without the database.
package identity

import (
	"io"
	"sync"
	"time"

	"github.com/osler-ehr/osler/clock"
	"github.com/osler-ehr/osler/record/keys"
	"github.com/osler-ehr/osler/store"
)

// Options are what a site may want to be different. Zero values mean the defaults named.
type Options struct {
	IdleClinical time.Duration // a session of a person of the practice ends after so long without a request: 15 minutes
	IdlePatient  time.Duration // the same for patients: 20 minutes
	Absolute     time.Duration // a session ends after so long in any case: 12 hours
	FirstLink    time.Duration // the first administrator's set-up link works so long: 24 hours
	SetupLink    time.Duration // other set-up links work so long: 72 hours

	FreeByName    int           // wrong passwords for one name before answers are delayed: 10
	FreeByAddress int           // wrong passwords from one address before answers are delayed: 50
	LongestDelay  time.Duration // the longest delay, at most 15 minutes: 15 minutes

	Hash      Hash // how new passwords are hashed: Argon2id
	HashQueue int  // how many may wait for a password to be hashed, before others are turned away: 32

	// Journal, if set, is told of every event within the transaction that makes it true; an error from it
	// undoes the transaction.
	Journal Journal
}

func (o Options) withDefaults() Options {
	duration := func(d *time.Duration, usual time.Duration) {
		if *d <= 0 {
			*d = usual
		}
	}
	duration(&o.IdleClinical, 15*time.Minute)
	duration(&o.IdlePatient, 20*time.Minute)
	duration(&o.Absolute, 12*time.Hour)
	duration(&o.FirstLink, 24*time.Hour)
	duration(&o.SetupLink, 72*time.Hour)
	duration(&o.LongestDelay, maxDelay)
	o.LongestDelay = min(o.LongestDelay, maxDelay)
	if o.FreeByName <= 0 {
		o.FreeByName = 10
	}
	if o.FreeByAddress <= 0 {
		o.FreeByAddress = 50
	}
	if o.Hash == "" {
		o.Hash = Argon2id
	}
	if o.HashQueue <= 0 {
		o.HashQueue = 32
	}
	return o
}

// freshFor is how long what was read from the store is believed. A sign-out, a changed role or a revoked token
// takes effect at once in the process where it happens, and within this time in the others.
const freshFor = time.Second

// Service is the accounts, sessions and tokens of one store. It is safe for use by many goroutines.
type Service struct {
	store   store.Store
	vault   vault
	clock   clock.Clock
	rnd     *lockedReader
	options Options
	hasher  *hasher
	signer  signer
	device  deviceSigner
	decoy   decoy

	accounts cache[Account]
	sessions cache[*liveSession]
	tokens   cache[*verified]
}

// New returns the service over a store. Randomness comes from rnd, usually crypto/rand.Reader.
func New(s store.Store, ring *keys.Keyring, c clock.Clock, rnd io.Reader, o Options) (*Service, error) {
	o = o.withDefaults()
	random := &lockedReader{r: rnd}
	svc := &Service{
		store:    s,
		vault:    newVault(ring),
		clock:    c,
		rnd:      random,
		options:  o,
		signer:   newSigner(ring),
		device:   newDeviceSigner(ring),
		accounts: newCache[Account](10_000),
		sessions: newCache[*liveSession](10_000),
		tokens:   newCache[*verified](10_000),
	}
	var err error
	if svc.hasher, err = newHasher(o.Hash, o.HashQueue, random); err != nil {
		return nil, err
	}
	svc.decoy, err = svc.newDecoy()
	return svc, err
}

// lockedReader lets many goroutines read from a source that may not be made for it.
type lockedReader struct {
	mu sync.Mutex
	r  io.Reader
}

func (l *lockedReader) Read(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.r.Read(p)
}
