package main

import (
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/osler-ehr/osler/drugs"
)

// drugsCommand loads what is known of medicines beside what ships. It needs the folder alone, so the server may run meanwhile.
type drugsCommand struct {
	Add    drugsAdd    `cmd:"" help:"Load interactions, allergy classes, doses or ingredients from a CSV file."`
	List   drugsList   `cmd:"" help:"List what was loaded."`
	Remove drugsRemove `cmd:"" help:"Remove a set that was loaded."`
}

type drugsAdd struct {
	File    string `arg:"" help:"CSV file (UTF-8); its first line names the columns." type:"existingfile"`
	Data    string `help:"Folder of the record." required:"" type:"path" placeholder:"DIR"`
	Source  string `help:"Who stands behind the rules; shown beside each finding." required:"" placeholder:"TITLE"`
	Release string `help:"Version of the rules." required:"" placeholder:"VERSION"`
	Date    string `help:"Day of that version, as 2026-11-24; the checks show how old it is." required:"" placeholder:"DATE"`
	Quiet   bool   `help:"Show no progress."`
}

// Help is the long text of `osler drugs add --help`.
func (drugsAdd) Help() string {
	return "The columns tell what the file is: interactions (id,severity,side_a,side_b,effect,advice), allergies (class,name,members,recorded_as,cross_severity), " +
		"doses (ingredient,route,from_years,below_years,most_at_once,most_in_period,unit,period) or ingredients (name,rxcui,classes,brands,other_names). " +
		"Lists within a field stand between semicolons. A medicine is the name of an ingredient, rxcui:CODE or @class. " +
		"A file with a wrong line changes nothing: every wrong line is named. The same source again takes the place of its earlier version. Whoever loads rules answers for their licence."
}

func (c *drugsAdd) Run(p *program) (err error) {
	about := drugs.Added{Title: c.Source, Version: c.Release, AddedAt: time.Now().UTC().Truncate(time.Second)}
	if about.Date, err = time.Parse(time.DateOnly, c.Date); err != nil {
		return fmt.Errorf("--date: %q is no day; write it as 2026-11-24", c.Date)
	}
	f, err := os.Open(c.File)
	if err != nil {
		return err
	}
	defer f.Close()
	var progress func(int)
	if !c.Quiet {
		progress = func(lines int) { fmt.Fprintf(p.stderr, "\r%8d lines", lines) }
	}
	set, err := drugs.ReadAdded(f, about, progress)
	if !c.Quiet {
		fmt.Fprintln(p.stderr)
	}
	replaced := false
	if err == nil { // a folder of no record would be made, and no server would read it
		_, err = os.ReadDir(c.Data)
	}
	if err == nil {
		replaced, err = drugs.Add((&dataOptions{Data: c.Data}).drugsDir(), set)
	}
	if err != nil {
		return fmt.Errorf("%s: nothing was added:\n%w", c.File, err)
	}
	what := "added"
	if replaced {
		what = "added, in the place of the version before"
	}
	fmt.Fprintf(p.stdout, "%s: %d %s of %s, %s, %s\n", set.ID, set.Rows, set.Kind, set.Title, set.Version, what)
	fmt.Fprintln(p.stdout, "A server that runs uses it after its next start.")
	return nil
}

type drugsList struct {
	Data string `help:"Folder of the record." required:"" type:"path" placeholder:"DIR"`
}

func (c *drugsList) Run(p *program) error {
	sets, broken, err := drugs.List((&dataOptions{Data: c.Data}).drugsDir())
	if err != nil {
		return err
	}
	l, err := drugs.Builtin()
	if err != nil {
		return err
	}
	fmt.Fprintf(p.stdout, "ships with the program: %d ingredients, %d products, %d interactions, %d doses (%s)\n", len(l.Ingredients), len(l.Products), len(l.Rules.Interactions), len(l.Rules.Doses), drugs.RxNormSource.Version)
	for _, a := range sets {
		fmt.Fprintf(p.stdout, "%s: %d %s of %s, %s of %s, added %s\n", a.ID, a.Rows, a.Kind, a.Title, a.Version, a.Date.Format(time.DateOnly), a.AddedAt.Format(time.DateOnly))
	}
	for _, b := range broken {
		fmt.Fprintf(p.stdout, "%s: CANNOT BE READ, its %s are missing from the checks: %s\n", b.ID, b.Kind, b.Why)
	}
	if len(broken) > 0 {
		return errors.New("add what cannot be read anew, or remove it")
	}
	return nil
}

type drugsRemove struct {
	Set  string `arg:"" help:"Name of the set, as osler drugs list has it."`
	Data string `help:"Folder of the record." required:"" type:"path" placeholder:"DIR"`
}

func (c *drugsRemove) Run(p *program) error {
	if err := drugs.Remove((&dataOptions{Data: c.Data}).drugsDir(), c.Set); err != nil {
		return err
	}
	_, err := fmt.Fprintf(p.stdout, "%s removed. A server that runs leaves it out after its next start.\n", c.Set)
	return err
}
