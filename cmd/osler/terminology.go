package main

import (
	"fmt"
	"os"

	"github.com/osler-ehr/osler/terms"
	"github.com/osler-ehr/osler/terms/load"
)

// terminologyCommand loads code systems. It needs the folder alone, so the server may run meanwhile.
type terminologyCommand struct {
	Add    terminologyAdd    `cmd:"" help:"Load releases of code systems: files, zips or folders as their publishers hand them out."`
	List   terminologyList   `cmd:"" help:"List the code systems and maps that are here."`
	Remove terminologyRemove `cmd:"" help:"Remove a code system or map that was loaded."`
}

type terminologyAdd struct {
	Files   []string `arg:"" name:"file" help:"Files, zips and folders to load." type:"path"`
	Data    string   `help:"Folder of the record." required:"" type:"path" placeholder:"DIR"`
	Release string   `help:"Version of what is loaded, where the files do not tell it." placeholder:"VERSION"`
	Quiet   bool     `help:"Show no progress."`
}

// Help is the long text of `osler terminology add --help`.
func (terminologyAdd) Help() string {
	return "Reads ICD-10-CM, ICD-10-PCS, HCPCS, CVX, MVX, RxNorm, LOINC, SNOMED CT (RF2) and FHIR code systems and maps. " +
		"A load appears whole or not at all; a running server uses it within seconds. Whoever loads a system answers for its licence."
}

func (c *terminologyAdd) Run(p *program) error {
	dir := (&dataOptions{Data: c.Data}).terminologyDir()
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	o := load.Options{Dir: dir, Version: c.Release}
	if !c.Quiet {
		o.Progress = func(s load.Progress) { fmt.Fprintf(p.stderr, "\r%-40.40s %6d MB", s.File, s.Done>>20) }
	}
	for _, file := range c.Files {
		results, err := load.Add(p.ctx, file, o)
		if !c.Quiet {
			fmt.Fprintln(p.stderr)
		}
		for _, r := range results {
			fmt.Fprintf(p.stdout, "%s %s: %s with %d entries\n", r.URL, r.Version, r.Kind, r.Count)
			for _, n := range r.Notes {
				fmt.Fprintln(p.stdout, "  ", n)
			}
		}
		if err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
	}
	return nil
}

type terminologyList struct {
	Data string `help:"Folder of the record." required:"" type:"path" placeholder:"DIR"`
	All  bool   `help:"HL7's own code systems too."`
}

func (c *terminologyList) Run(p *program) error {
	l, err := terms.Open((&dataOptions{Data: c.Data}).terminologyDir())
	if err != nil {
		return err
	}
	for _, x := range l.List(c.All) {
		note := fmt.Sprintf("%d entries", x.Count)
		if x.Ships {
			note = "ships with the program"
		}
		fmt.Fprintf(p.stdout, "%s %s: %s\n", x.URL, x.Version, note)
	}
	return nil
}

type terminologyRemove struct {
	URL     string `arg:"" help:"Address of the code system, such as http://loinc.org."`
	Data    string `help:"Folder of the record." required:"" type:"path" placeholder:"DIR"`
	Release string `help:"Version to remove." required:"" placeholder:"VERSION"`
}

func (c *terminologyRemove) Run(p *program) error {
	removed, err := terms.Remove((&dataOptions{Data: c.Data}).terminologyDir(), c.URL, c.Release)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(p.stdout, "%d files removed\n", len(removed))
	return err
}
