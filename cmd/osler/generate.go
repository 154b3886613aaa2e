package main

import (
	"fmt"
	"time"

	"github.com/osler-ehr/osler/synthetic"
)

type generateCommand struct {
	Patients int    `help:"How many patients." required:""`
	Seed     uint64 `help:"Start of the dice: the same seed gives the same practice." default:"1"`
	Out      string `help:"Folder to write into; it must be empty or new." required:"" type:"path" placeholder:"DIR"`
	Heavy    bool   `help:"Add one patient with 1,000 encounters and 20,000 observations."`
	Today    string `help:"The day on which the practice stands (YYYY-MM-DD); today if not given."`
}

// Help is the long text of `osler generate --help`.
func (generateCommand) Help() string {
	return "Writes a practice that never was, as FHIR R4 resources by US Core 6.1.0: one NDJSON file for each resource type. " +
		"Memory does not grow with the number of patients. The same seed and day give the same files, byte for byte."
}

func (c *generateCommand) Run(p *program) error {
	if c.Patients < 1 {
		return fmt.Errorf("--patients: %d is not a number of patients; give 1 or more", c.Patients)
	}
	today := time.Now().UTC()
	if c.Today != "" {
		t, err := time.Parse(time.DateOnly, c.Today)
		if err != nil {
			return fmt.Errorf("--today: %q is not a day; write it as 2026-11-24", c.Today)
		}
		today = t
	}
	n, err := synthetic.WriteNDJSON(p.ctx, c.Out, synthetic.Options{Patients: c.Patients, Seed: c.Seed, Today: today, Heavy: c.Heavy})
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(p.stdout, "%d resources of %d patients are in %s\n", n, c.Patients, c.Out)
	return err
}
