package main

import (
	"crypto/rand"
	"fmt"
	"time"

	"github.com/osler-ehr/osler/identity"
	"github.com/osler-ehr/osler/record/keys"
)

type tokenCommand struct {
	dataOptions `embed:""`
	Scopes      string        `help:"What the program may do, as SMART scopes." required:"" placeholder:"\"system/*.cruds\""`
	TTL         time.Duration `name:"ttl" help:"How long the token is good, at most 24h." default:"1h"`
	Name        string        `help:"Name of the program, for the audit log." default:"command-line"`
}

// Help is the long text of `osler token --help`.
func (tokenCommand) Help() string {
	return "Prints a bearer token for whoever can read the keyring on this machine. The server may run meanwhile. " +
		"Use it as `curl -H \"Authorization: Bearer $(osler token ...)\"`. Whoever has the token has its rights until it expires."
}

func (c *tokenCommand) Run(p *program) error {
	scopes, err := identity.ParseScopes(c.Scopes)
	if err != nil {
		return fmt.Errorf("--scopes: %w", err)
	}
	ring, err := keys.Open(c.keyringFile())
	if err != nil {
		return err
	}
	token, _, err := identity.Mint(ring, time.Now(), rand.Reader, identity.TokenRequest{Program: c.Name, Scopes: scopes, TTL: c.TTL})
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(p.stdout, token)
	return err
}
