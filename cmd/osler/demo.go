package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/osler-ehr/osler/exchange/transfer"
	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/identity"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/synthetic"
)

type demoCommand struct {
	Data         string `help:"Folder of the demo practice." default:"osler-demo" type:"path" placeholder:"DIR"`
	Patients     int    `help:"How many patients the practice has, when it is made." default:"60"`
	Seed         uint64 `help:"Start of the dice, when it is made." default:"1"`
	serveOptions `embed:""`
}

// demoSignIn is an account of a demo practice. Its password is kept so that it can be shown each time:
// nobody's data stands behind it.
type demoSignIn struct{ Role, Name, Password string }

// Help is the long text of `osler demo --help`.
func (demoCommand) Help() string {
	return "Makes a practice that never was, with patients, staff and a living day, in a folder of its own, and serves it. It prints one sign-in for each role; the passwords are made at random when the demo is made. " +
		"Remove the folder to begin anew."
}

func (c *demoCommand) Run(p *program) (err error) {
	o := &dataOptions{Data: c.Data, profiles: c.Validate == "profiles"}
	pr, err := o.open(p.ctx)
	if _, gone := os.Stat(o.keyringFile()); errors.Is(gone, os.ErrNotExist) {
		pr, err = c.make(p, o)
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, pr.Close()) }()
	if !pr.about.Demo {
		return fmt.Errorf("%s holds a real record, not a demo; use `osler serve`", c.Data)
	}
	return c.serve(p, pr, func(address string) {
		fmt.Fprintf(p.stdout, "\n%s (a demo: nobody in it is real)\n\n  http://%s\n\n", pr.about.Name, address)
		for _, s := range pr.about.SignIns {
			fmt.Fprintf(p.stdout, "  %-14s  %-18s %s\n", s.Role, s.Name, s.Password)
		}
		fmt.Fprintln(p.stdout)
	})
}

// make makes the practice. A demo that was not made to the end is made anew.
func (c *demoCommand) make(p *program, o *dataOptions) (_ *practice, err error) {
	if c.Patients < 1 {
		return nil, fmt.Errorf("--patients: %d is not a number of patients; give 1 or more", c.Patients)
	}
	building := &dataOptions{Data: c.Data + ".new"}
	if err := os.RemoveAll(building.Data); err != nil {
		return nil, err
	}
	fmt.Fprintf(p.stderr, "Making a demo practice with %d patients ...\n", c.Patients)
	pr, err := building.create(p.ctx, synthetic.PracticeName, synthetic.PracticeID)
	if err != nil {
		return nil, err
	}
	err = c.fill(p.ctx, p, pr)
	if err = errors.Join(err, pr.Close()); err != nil {
		return nil, err
	}
	if err := os.Rename(building.Data, o.Data); err != nil {
		return nil, err
	}
	return o.open(p.ctx)
}

func (c *demoCommand) fill(ctx context.Context, p *program, pr *practice) error {
	dir, err := os.MkdirTemp("", "osler-demo-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if _, err := synthetic.WriteNDJSON(ctx, dir, synthetic.Options{Patients: c.Patients, Seed: c.Seed, Today: time.Now()}); err != nil {
		return err
	}
	s, err := pr.session(ctx, "demo")
	if err != nil {
		return err
	}
	loader := &transfer.Loader{Sink: transfer.Local{Session: s}, Show: func(s transfer.State) { showProgress(p.stderr, s) }}
	report, err := loader.Load(ctx, dir)
	fmt.Fprintln(p.stderr)
	if err != nil {
		return err
	}
	if n := len(report.Refused); n > 0 {
		return fmt.Errorf("%d parts of the demo were refused, first %s, %s: %s", n, report.Refused[0].File, report.Refused[0].Place, report.Refused[0].Reason)
	}
	if err := stockVaccines(ctx, s, time.Now()); err != nil {
		return fmt.Errorf("vaccine stock: %w", err)
	}
	pr.about.Demo = true
	people, err := onePerRole(ctx, s)
	if err != nil {
		return err
	}
	for _, who := range people {
		signIn, err := addDemoAccount(ctx, pr, who)
		if err != nil {
			return fmt.Errorf("account %s: %w", who.SignInName, err)
		}
		pr.about.SignIns = append(pr.about.SignIns, signIn)
	}
	return pr.save(ctx)
}

// onePerRole picks whom the demo has sign-ins for: the first person of each role, and a patient.
func onePerRole(ctx context.Context, s *record.Session) (people []synthetic.Account, err error) {
	have := map[string]bool{}
	for _, who := range synthetic.Accounts() {
		if !have[who.Role] {
			have[who.Role] = true
			people = append(people, who)
		}
	}
	for _, query := range []string{"family=okafor&_sort=birthdate&_count=1", "_count=1"} {
		params, err := record.ParseParams(query)
		if err != nil {
			return nil, err
		}
		page, err := s.Search(ctx, record.Query{Type: "Patient", Params: params})
		if err != nil {
			return nil, err
		}
		if len(page.Entries) > 0 {
			e := page.Entries[0]
			var name fhir.HumanName
			if err := name.Read(e.Resource().Get("name").First()); err != nil {
				return nil, err
			}
			return append(people, synthetic.Account{SignInName: "patient", DisplayName: strings.Join(append(slices.Clone(name.Given), name.Family), " "), Role: string(identity.Patient), Resource: "Patient/" + e.ID}), nil
		}
	}
	return people, nil
}

// addDemoAccount makes an account with a random password.
func addDemoAccount(ctx context.Context, pr *practice, who synthetic.Account) (demoSignIn, error) {
	password, err := demoPassword()
	if err != nil {
		return demoSignIn{}, err
	}
	account, err := pr.identity.CreateAccount(ctx, identity.NewAccount{
		SignInName: who.SignInName, DisplayName: who.DisplayName, Roles: []identity.Role{identity.Role(who.Role)}, Organisation: pr.about.Organization, Resource: who.Resource,
	})
	if err != nil {
		return demoSignIn{}, err
	}
	token, err := pr.identity.IssueSetup(ctx, account.ID)
	if err != nil {
		return demoSignIn{}, err
	}
	if _, err := pr.identity.FinishSetup(ctx, token, identity.SetupAnswer{Password: password}); err != nil {
		return demoSignIn{}, err
	}
	return demoSignIn{Role: who.Role, Name: who.SignInName, Password: password}, nil
}
