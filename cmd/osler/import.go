package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/osler-ehr/osler/exchange/transfer"
	"github.com/osler-ehr/osler/store"
)

type importCommand struct {
	Files    []string `arg:"" name:"file" help:"Files and folders to load." type:"path"`
	Data     string   `help:"Folder of the record to load into." type:"path" placeholder:"DIR"`
	Keyring  string   `help:"File of the keyring (DIR/keyring)." type:"path" placeholder:"FILE"`
	Database string   `help:"PostgreSQL address, instead of the SQLite file in the folder." secret:"" placeholder:"postgres://..."`
	URL      string   `name:"url" help:"FHIR address of a running server to load into, instead of --data." placeholder:"http://127.0.0.1:8080/fhir"`
	Token    string   `help:"Access token for --url, from osler token." secret:""`
	Report   string   `help:"File to write what was refused into." type:"path" placeholder:"FILE"`
	Quiet    bool     `help:"Show no progress."`
}

// Help is the long text of `osler import --help`.
func (importCommand) Help() string {
	return "Loads FHIR R4 JSON bundles and NDJSON files, plain or compressed by gzip or bzip2. Folders are loaded in whatever order their references need. " +
		"A transaction is loaded all or not at all. An import that was interrupted goes on where it was when it is started again; a file that was loaded before changes nothing. " +
		"What is refused is listed with the reason, and the exit status is then 1."
}

func (c *importCommand) Run(p *program) (err error) {
	loader := &transfer.Loader{}
	switch {
	case (c.Data == "") == (c.URL == ""):
		return errors.New("say where to load into: either --data DIR or --url ADDRESS")
	case c.URL != "" && c.Token == "":
		return errors.New("--token: a server needs an access token; make one with `osler token --scopes \"system/*.cruds\"`")
	case c.URL != "":
		dir, err := os.UserCacheDir()
		if err != nil {
			return err
		}
		loader.Sink = transfer.Remote{Client: &http.Client{Timeout: 10 * time.Minute}, Base: strings.TrimSuffix(c.URL, "/"), Token: c.Token}
		loader.Progress = transfer.Files{Store: folder{filepath.Join(dir, "osler", strings.NewReplacer("/", "_", ":", "_").Replace(c.URL))}}
	default:
		pr, err := (&dataOptions{Data: c.Data, Keyring: c.Keyring, Database: c.Database}).open(p.ctx)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, pr.Close()) }()
		s, err := pr.session(p.ctx, "import")
		if err != nil {
			return err
		}
		loader.Sink = transfer.Local{Session: s}
		loader.Progress = transfer.Files{Store: secrets{pr.store}}
	}
	if !c.Quiet {
		loader.Show = func(s transfer.State) { showProgress(p.stderr, s) }
	}
	report, err := loader.Load(p.ctx, c.Files...)
	if !c.Quiet {
		fmt.Fprintln(p.stderr)
	}
	if report != nil {
		if e := c.tell(p.stdout, report); e != nil {
			return e
		}
	}
	if err == nil && len(report.Refused) > 0 {
		err = fmt.Errorf("%d parts were refused; everything else is loaded", len(report.Refused))
	}
	return err
}

func showProgress(w io.Writer, s transfer.State) {
	const width = 30
	done := 0
	if s.Total > 0 {
		done = int(width * s.Bytes / s.Total)
	}
	rate := float64(s.Resources) / max(s.Elapsed.Seconds(), 0.001)
	fmt.Fprintf(w, "\r[%s%s] %3d %%  %d resources  %.0f/s  %-32.32s", strings.Repeat("=", done), strings.Repeat(" ", width-done), 100*done/width, s.Resources, rate, s.File)
}

// tell prints what loading came to. What was refused goes to the report's file if there is one.
func (c *importCommand) tell(w io.Writer, r *transfer.Report) error {
	fmt.Fprintf(w, "%d files: %d resources, %d newly written", r.Files, r.Resources, r.Written)
	if r.Known > 0 {
		fmt.Fprintf(w, ", %d loaded before", r.Known)
	}
	fmt.Fprintf(w, ", %d parts refused\n", len(r.Refused))
	out := w
	if c.Report != "" {
		f, err := os.OpenFile(c.Report, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
		if err != nil {
			return err
		}
		defer f.Close()
		out = f
	}
	for i, x := range r.Refused {
		if c.Report == "" && i == 50 {
			fmt.Fprintf(w, "and %d more; --report FILE writes them all\n", len(r.Refused)-i)
			break
		}
		fmt.Fprintf(out, "refused: %s, %s: %s\n", x.File, x.Place, x.Reason)
	}
	return nil
}

// secrets keeps progress in the record itself.
type secrets struct{ store.Store }

func (s secrets) Get(ctx context.Context, name string) ([]byte, error) {
	b, err := s.Secret(ctx, "import", name)
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil
	}
	return b, err
}

func (s secrets) Set(ctx context.Context, name string, value []byte) error {
	return s.Update(ctx, func(tx store.Tx) error { return tx.SetSecret(ctx, "import", name, value) })
}

// folder keeps progress in files of this machine.
type folder struct{ dir string }

func (f folder) Get(_ context.Context, name string) ([]byte, error) {
	b, err := os.ReadFile(filepath.Join(f.dir, name))
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	return b, err
}

func (f folder) Set(_ context.Context, name string, value []byte) error {
	if err := os.MkdirAll(f.dir, 0o700); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(f.dir, name), value, 0o600)
}
