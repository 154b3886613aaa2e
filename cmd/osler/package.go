package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/osler-ehr/osler/exchange/packages"
	"github.com/osler-ehr/osler/exchange/transfer"
	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record/search"
)

// packageCommand loads implementation guides.
type packageCommand struct {
	Add    packageAdd    `cmd:"" help:"Load an implementation guide: a FHIR package (.tgz)."`
	List   packageList   `cmd:"" help:"List the packages that are loaded."`
	Remove packageRemove `cmd:"" help:"Remove a package and what it brought."`
}

// packageTarget says into which record.
type packageTarget struct {
	Data     string `help:"Folder of the record. With SQLite no server may have it open." type:"path" placeholder:"DIR"`
	Keyring  string `help:"File of the keyring (DIR/keyring)." type:"path" placeholder:"FILE"`
	Database string `help:"PostgreSQL address, instead of the SQLite file in the folder." secret:"" placeholder:"postgres://..."`
	URL      string `name:"url" help:"FHIR address of a running server, instead of --data." placeholder:"http://127.0.0.1:8080/fhir"`
	Token    string `help:"Access token for --url, from osler token." secret:""`
}

// open gives the target, and what is to be done when it is not needed any more.
func (o *packageTarget) open(p *program) (packages.Target, func() error, error) {
	switch {
	case (o.Data == "") == (o.URL == ""):
		return nil, nil, errors.New("say which record is meant: either --data DIR or --url ADDRESS")
	case o.URL != "" && o.Token == "":
		return nil, nil, errors.New("--token: a server needs an access token; make one with `osler token --scopes \"system/*.cruds\"`")
	case o.URL != "":
		index, err := search.NewIndex(search.NewHasher(make([]byte, 16))) // for its rules alone
		if err != nil {
			return nil, nil, err
		}
		remote := transfer.Remote{Client: &http.Client{Timeout: 10 * time.Minute}, Base: strings.TrimSuffix(o.URL, "/"), Token: o.Token}
		return elsewhere{remote, index}, func() error { return nil }, nil
	}
	pr, err := (&dataOptions{Data: o.Data, Keyring: o.Keyring, Database: o.Database}).open(p.ctx)
	if err != nil {
		return nil, nil, err
	}
	s, err := pr.session(p.ctx, "package")
	if err != nil {
		return nil, nil, errors.Join(err, pr.Close())
	}
	return packages.Here{Session: s}, pr.Close, nil
}

type packageAdd struct {
	packageTarget `embed:""`
	Files         []string `arg:"" name:"file" help:"Packages to load." type:"path"`
}

// Help is the long text of `osler package add --help`.
func (packageAdd) Help() string {
	return "Loads the profiles, value sets, code systems, maps and search parameters of FHIR R4 packages into the record. A package is loaded whole or not at all; what is wrong with one is said with the name of the file in it. " +
		"Search parameters find what is written from then on at once, and what was there before when the server has indexed it: GET /fhir/$reindex tells how far that is, and until then searches by them are refused."
}

func (c *packageAdd) Run(p *program) (err error) {
	target, done, err := c.open(p)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, done()) }()
	for _, name := range c.Files {
		if err := addPackage(p, packages.Loader{Target: target}, name); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

func addPackage(p *program, l packages.Loader, name string) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	pkg, err := packages.Read(f)
	if err != nil {
		return err
	}
	report, err := l.Add(p.ctx, pkg)
	if err != nil {
		return err
	}
	tellPackage(p.stdout, &report.Loaded)
	fmt.Fprintf(p.stdout, "  %d of them are new or changed\n", report.Written)
	for _, n := range report.Notes {
		fmt.Fprintln(p.stdout, " ", n)
	}
	return nil
}

// tellPackage prints a line of what a package has.
func tellPackage(w io.Writer, l *packages.Loaded) {
	var parts []string
	for _, typ := range slices.Sorted(maps.Keys(l.Resources)) {
		parts = append(parts, fmt.Sprintf("%d %s", l.Resources[typ], typ))
	}
	fmt.Fprintf(w, "%s %s: %s\n", l.Name, l.Version, strings.Join(parts, ", "))
}

type packageList struct {
	packageTarget `embed:""`
}

func (c *packageList) Run(p *program) (err error) {
	target, done, err := c.open(p)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, done()) }()
	all, err := packages.Loader{Target: target}.List(p.ctx)
	if err != nil {
		return err
	}
	for i := range all {
		tellPackage(p.stdout, &all[i])
	}
	if len(all) == 0 {
		fmt.Fprintln(p.stdout, "no packages are loaded; US Core 6.1.0 and 7.0.0 are part of the program")
	}
	return nil
}

type packageRemove struct {
	packageTarget `embed:""`
	Name          string `arg:"" help:"Name of the package, such as hl7.fhir.us.core."`
	Release       string `help:"Version to remove; all if not given." placeholder:"VERSION"`
}

func (c *packageRemove) Run(p *program) (err error) {
	target, done, err := c.open(p)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, done()) }()
	removed, err := packages.Loader{Target: target}.Remove(p.ctx, c.Name, c.Release)
	for i := range removed {
		fmt.Fprintf(p.stdout, "removed %s %s\n", removed[i].Name, removed[i].Version)
	}
	return err
}

// elsewhere is the record of a running server.
type elsewhere struct {
	transfer.Remote
	index *search.Index
}

// CheckParameters checks by HL7's own parameters; what else the server has, it heeds itself.
func (e elsewhere) CheckParameters(list []search.Custom) []search.Fault {
	return e.index.CheckAll(list)
}

// maxGuides bounds the answer to a search for loaded packages.
const maxGuides = 1000

func (e elsewhere) Guides(ctx context.Context) ([]*fhir.Resource, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, fmt.Sprintf("%s/ImplementationGuide?_tag=%s%%7C&_count=%d", e.Base, packages.TagSystem, maxGuides), nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", "Bearer "+e.Token)
	req.Header.Set("Accept", "application/fhir+json")
	resp, err := e.Client.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, fhir.MaxFile))
	if err != nil {
		return nil, err
	}
	r, err := fhir.Parse(body)
	if err != nil || resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("the server does not list its packages: it answered %s", resp.Status)
	}
	b, err := fhir.ReadBundle(r)
	if err != nil {
		return nil, err
	}
	var out []*fhir.Resource
	for i := range b.Entry {
		if n := b.Entry[i].Resource; n.Exists() && n.Get("resourceType").Text() == "ImplementationGuide" {
			out = append(out, n.Resource())
		}
	}
	return out, nil
}
