package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/osler-ehr/osler/clock"
	"github.com/osler-ehr/osler/exchange/terminology"
	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/identity"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/record/audit"
	"github.com/osler-ehr/osler/record/keys"
	"github.com/osler-ehr/osler/store"
	"github.com/osler-ehr/osler/store/postgres"
	"github.com/osler-ehr/osler/store/sqlite"
	"github.com/osler-ehr/osler/terms"
)

// dataOptions say where a record is. They belong to every command that opens one.
type dataOptions struct {
	Data     string `help:"Folder of the record." required:"" type:"path" placeholder:"DIR"`
	Keyring  string `help:"File of the keyring (DIR/keyring). Keep it on another disk than the data, and a copy of it in a safe." type:"path" placeholder:"FILE"`
	Database string `help:"PostgreSQL address, instead of the SQLite file in the folder." placeholder:"postgres://..."`

	profiles bool // see record.Options.Profiles
}

func (o *dataOptions) keyringFile() string {
	if o.Keyring != "" {
		return o.Keyring
	}
	return filepath.Join(o.Data, "keyring")
}

// terminologyDir is where loaded code systems are.
func (o *dataOptions) terminologyDir() string { return filepath.Join(o.Data, "terminology") }

// drugsDir is where rules about medicines are that were loaded.
func (o *dataOptions) drugsDir() string { return filepath.Join(o.Data, "drugs") }

// practice is an open record with those who may use it.
type practice struct {
	ring     *keys.Keyring
	store    store.Store
	record   *record.Record
	identity *identity.Service
	terms    *terms.Library
	about    about
	// termsFault names files of the library that cannot be used.
	termsFault error
	drugsDir   string // where rules about medicines are that were loaded
	home       int64  // number of its organisation
}

// about is what the program itself remembers of a practice.
type about struct {
	Organization string // id of the Organization resource
	Name         string
	Demo         bool
	SignIns      []demoSignIn `json:",omitempty"` // of a demo practice only
}

// open opens a record that exists.
func (o *dataOptions) open(ctx context.Context) (*practice, error) {
	if _, err := os.Stat(o.keyringFile()); errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("there is no record in %s: no keyring at %s; make one with `osler init`", o.Data, o.keyringFile())
	}
	ring, err := keys.Open(o.keyringFile())
	if err != nil {
		return nil, err
	}
	p, err := o.connect(ctx, ring)
	if err != nil {
		return nil, err
	}
	if err := p.load(ctx); err != nil {
		return nil, errors.Join(err, p.Close())
	}
	return p, nil
}

// connect opens the database under a keyring.
func (o *dataOptions) connect(ctx context.Context, ring *keys.Keyring) (_ *practice, err error) {
	p := &practice{ring: ring}
	seal, err := record.AuditSealer(ring)
	if err != nil {
		return nil, err
	}
	if o.Database != "" {
		p.store, err = postgres.Open(ctx, o.Database, postgres.Options{Audit: seal})
	} else {
		p.store, err = sqlite.Open(ctx, filepath.Join(o.Data, "record.db"), sqlite.Options{Audit: seal, Journal: record.JournalSealer(ring)})
	}
	if err != nil {
		return nil, err
	}
	// A damaged file of a code system is no reason to keep a practice from its record.
	p.terms, p.termsFault = terms.Open(o.terminologyDir())
	p.drugsDir = o.drugsDir()
	if p.record, err = record.Open(ctx, record.Options{Store: p.store, Keyring: ring, Codes: terminology.Codes(p.terms), Profiles: o.profiles}); err != nil {
		return nil, errors.Join(err, p.store.Close())
	}
	p.identity, err = identity.New(p.store, ring, clock.System{}, rand.Reader, identity.Options{Journal: journal{}})
	if err != nil {
		return nil, errors.Join(err, p.store.Close())
	}
	return p, nil
}

func (p *practice) Close() error { return p.store.Close() }

// settings of the program stand among the store's secrets, sealed.
const settingsSpace = "practice"

func (p *practice) load(ctx context.Context) error {
	sealed, err := p.store.Secret(ctx, settingsSpace, "about")
	if errors.Is(err, store.ErrNotFound) {
		return errors.New("this record was not set up to the end; remove the folder and run `osler init` again")
	}
	if err != nil {
		return err
	}
	plain, err := p.ring.DeriveKey("practice").Open(nil, sealed, []byte("about"))
	if err != nil {
		return fmt.Errorf("the keyring does not belong to this record: %w", err)
	}
	if err := json.Unmarshal(plain, &p.about); err != nil {
		return err
	}
	p.home, err = p.record.OrganizationNumber(ctx, "Organization/"+p.about.Organization)
	return err
}

func (p *practice) save(ctx context.Context) error {
	plain, err := json.Marshal(p.about)
	if err != nil {
		return err
	}
	sealed := p.ring.DeriveKey("practice").Seal(nil, plain, []byte("about"))
	return p.store.Update(ctx, func(tx store.Tx) error { return tx.SetSecret(ctx, settingsSpace, "about", sealed) })
}

// session is what a command of this program can do, in its own name.
func (p *practice) session(ctx context.Context, name string) (*record.Session, error) {
	org, err := p.record.OrganizationNumber(ctx, "Organization/"+p.about.Organization)
	if err != nil {
		return nil, err
	}
	return p.record.As(access.Actor{ID: "program:" + name, Name: "osler " + name, Roles: []access.Role{access.Program}, Org: org}), nil
}

// journal writes what happens to accounts and sessions into the audit log.
type journal struct{}

func (journal) Record(_ context.Context, tx store.Tx, e identity.Event) error {
	by := e.By
	if by == "" {
		by = e.Account
	}
	entry := audit.Entry{At: e.At, Actor: by, Role: "account", Action: string(e.Kind), What: strings.TrimSpace(e.Account + " " + e.Session), Why: strings.TrimSpace(e.Detail + " " + e.Address)}
	tx.Audit(entry.Bytes())
	return nil
}

// introduce makes the practice's own Organization, unless it is there or ever was.
func (p *practice) introduce(ctx context.Context) error {
	s, err := p.session(ctx, "serve")
	if err != nil {
		return err
	}
	if _, err := s.ReadVersion(ctx, "Organization", p.about.Organization, 1); record.KindOf(err) != record.KindNotFound {
		if record.KindOf(err) == record.KindGone {
			return nil
		}
		return err
	}
	doc := append([]byte(`{"resourceType":"Organization","id":"`+p.about.Organization+`","active":true,"name":`), fhir.AppendString(nil, p.about.Name)...)
	r, err := fhir.Parse(append(doc, '}'))
	if err != nil {
		return err
	}
	_, err = s.Do(ctx, []record.Op{{Verb: record.Update, Type: "Organization", ID: p.about.Organization, Resource: r}})
	return err
}
