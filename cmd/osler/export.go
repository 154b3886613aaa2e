package main

import (
	"errors"
	"fmt"

	"github.com/osler-ehr/osler/exchange/transfer"
)

type exportCommand struct {
	dataOptions `embed:""`
	Out         string `help:"Folder to write into; it must be empty or new." required:"" type:"path" placeholder:"DIR"`
	History     bool   `help:"Write all versions, not the current ones only."`
	Quiet       bool   `help:"Show no progress."`
}

// Help is the long text of `osler export --help`.
func (exportCommand) Help() string {
	return "Writes everything as NDJSON: one file for each resource type, and a manifest. The files are not encrypted: keep them as carefully as the record. " +
		"`osler import` of the folder into an empty record gives a record whose export is the same, byte for byte."
}

func (c *exportCommand) Run(p *program) (err error) {
	pr, err := c.open(p.ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, pr.Close()) }()
	s, err := pr.session(p.ctx, "export")
	if err != nil {
		return err
	}
	var progress func(int)
	if !c.Quiet {
		progress = func(n int) { fmt.Fprintf(p.stderr, "\r%d resources", n) }
	}
	m, err := transfer.Export(p.ctx, s, c.Out, c.History, progress)
	if !c.Quiet {
		fmt.Fprintln(p.stderr)
	}
	if err != nil {
		return err
	}
	total := 0
	for _, n := range m.Counts {
		total += n
	}
	_, err = fmt.Fprintf(p.stdout, "%d resources of %d types are in %s\n", total, len(m.Counts), c.Out)
	return err
}
