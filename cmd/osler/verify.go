package main

import (
	"errors"
	"fmt"

	"github.com/osler-ehr/osler/workflow/scheduling"
)

type verifyCommand struct {
	dataOptions `embed:""`
	Quiet       bool `help:"Show no progress."`
}

// Help is the long text of `osler verify --help`.
func (verifyCommand) Help() string {
	return "Reads the whole record and checks that every document opens under its patient's key and is what was sealed, that the audit log's chain is unbroken, " +
		"and that every index row follows from its document. It changes nothing. The exit status is 1 if anything is wrong."
}

func (c *verifyCommand) Run(p *program) (err error) {
	pr, err := c.open(p.ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, pr.Close()) }()
	pr.record.Obey(scheduling.Rule()) // what an import brought was held to no rule
	var progress func(int64)
	if !c.Quiet {
		progress = func(n int64) { fmt.Fprintf(p.stderr, "\r%d resources", n) }
	}
	found, err := pr.record.Verify(p.ctx, progress)
	if !c.Quiet {
		fmt.Fprintln(p.stderr)
	}
	if err != nil {
		return err
	}
	for _, s := range found.Problems {
		fmt.Fprintln(p.stdout, "wrong:", s)
	}
	for _, s := range found.Overlaps {
		fmt.Fprintln(p.stdout, "look at:", s)
	}
	fmt.Fprintf(p.stdout, "%d resources, %d versions, %d audit entries checked; %d references lead to nothing here; %d problems\n",
		found.Resources, found.Versions, found.AuditEntries, found.Dangling, len(found.Problems))
	if n := len(found.Problems); n > 0 {
		return fmt.Errorf("%d problems; restore the last good backup beside this record and compare before anything is changed", n)
	}
	return nil
}
