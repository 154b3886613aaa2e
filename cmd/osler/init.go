package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/osler-ehr/osler/record/keys"
)

type initCommand struct {
	dataOptions  `embed:""`
	Organization string `help:"Name of the practice." required:"" placeholder:"NAME"`
	Addr         string `help:"Address that the server will have; for the link that is printed." default:"127.0.0.1:8080"`
}

// Help is the long text of `osler init --help`.
func (initCommand) Help() string {
	return "Makes the folder with an empty record and a keyring, and prints a link with which the first administrator chooses a name and a password. " +
		"The link works once, for 24 hours. There are no default passwords. Keep the keyring safe: without it the record cannot be read by anyone."
}

func (c *initCommand) Run(p *program) (err error) {
	name := strings.TrimSpace(c.Organization)
	if name == "" {
		return errors.New("--organization: give the practice a name")
	}
	pr, err := c.create(p.ctx, name, "practice")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, pr.Close()) }()
	token, err := pr.identity.FirstSetup(p.ctx)
	if err != nil {
		return err
	}
	fmt.Fprintf(p.stdout, "The record of %s is in %s.\nIts keyring is %s. Keep a copy of it in a safe place: without it nobody can read the record.\n\n"+
		"Start the server with `osler serve --data %s`, then open this link. It works once, for 24 hours:\n\n  %s\n", name, c.Data, c.keyringFile(), c.Data, setupLink("http://"+c.Addr, token))
	return nil
}

// setupLink is the page on which a person chooses a password.
func setupLink(base, token string) string { return base + "/setup?token=" + token }

// create makes a record with its organisation.
func (o *dataOptions) create(ctx context.Context, name, organization string) (_ *practice, err error) {
	if err := os.MkdirAll(o.Data, 0o700); err != nil {
		return nil, err
	}
	for _, f := range []string{o.keyringFile(), filepath.Join(o.Data, "record.db")} {
		if _, err := os.Stat(f); err == nil {
			return nil, fmt.Errorf("%s exists already; a record is never overwritten: choose another folder", f)
		}
	}
	ring, err := keys.Create(o.keyringFile(), rand.Reader)
	if err != nil {
		return nil, err
	}
	pr, err := o.connect(ctx, ring)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, pr.Close())
		}
	}()
	pr.about = about{Organization: organization, Name: name}
	return pr, pr.save(ctx)
}
