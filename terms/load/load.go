package load

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/osler-ehr/osler/terms"
)

// Options of a load. Dir is needed.
type Options struct {
	// Dir is the folder of the library.
	Dir string
	// Version is that of what is loaded, where the files do not tell; it goes before what they tell.
	Version string
	// Progress is told from time to time how far reading is. nil = nobody asks.
	Progress func(Progress)
}

// Progress tells how far reading a file is.
type Progress struct {
	File        string
	Done, Total int64 // bytes; Total is 0 when not known
}

// Result is what was loaded: one system or map.
type Result struct {
	URL, Version, Title string
	Kind                string // "code system" or "map"
	Count               int    // of concepts or lines
	File                string // in the library's folder
	Report              terms.Report
	Notes               []string // what was left out, and why, in words
}

// ErrNotRecognised is what every file gives that holds no release that can be loaded.
var ErrNotRecognised = errors.New("no release of a code system was recognised")

// Add loads a file, archive or folder into a library. On an error, what has been loaded so far is in the results, and
// stays.
func Add(ctx context.Context, name string, o Options) (results []Result, err error) {
	r, err := openRelease(name)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, r.close()) }()
	found := false
	for _, f := range formats {
		j := &job{Options: o, ctx: ctx, release: r}
		recognised, err := f.load(j)
		results = append(results, j.results...)
		if err != nil {
			return results, fmt.Errorf("%s (%s): %w", r.name, f.name, err)
		}
		found = found || recognised
	}
	if !found {
		return nil, fmt.Errorf("%s: %w; `osler terminology add --help` lists what can be loaded", r.name, ErrNotRecognised)
	}
	return results, nil
}

// formats are what can be loaded. Each looks for its files, and is false if they are not there.
var formats = []struct {
	name string
	load func(*job) (bool, error)
}{
	{"ICD-10-CM", (*job).icd10cm},
	{"ICD-10-PCS", (*job).icd10pcs},
	{"CVX", (*job).cvx},
	{"MVX", (*job).mvx},
	{"HCPCS", (*job).hcpcs},
	{"UCUM", (*job).ucum},
	{"RxNorm", (*job).rxnorm},
	{"LOINC", (*job).loinc},
	{"SNOMED CT", (*job).snomed},
	{"FHIR", (*job).fhir},
}

// job is the load of one format.
type job struct {
	Options
	ctx     context.Context
	release *release
	results []Result
	notes   []string
}

func (j *job) note(format string, args ...any) {
	j.notes = append(j.notes, fmt.Sprintf(format, args...))
}

// version is the one given, or else the one found; an error if there is neither.
func (j *job) version(found string) (string, error) {
	switch {
	case j.Version != "":
		return j.Version, nil
	case found != "":
		return found, nil
	}
	return "", errors.New("the files do not tell their version; give it with --version")
}

// install writes what was built into the library.
func (j *job) install(w terms.Writer) error {
	if err := context.Cause(j.ctx); err != nil {
		return err
	}
	file, err := terms.Install(j.Dir, w)
	if err != nil {
		return err
	}
	res := Result{File: file, Notes: j.notes}
	j.notes = nil
	switch b := w.(type) {
	case *terms.Builder:
		i := b.Info()
		res.URL, res.Version, res.Title, res.Kind, res.Count, res.Report = i.URL, i.Version, title(i.Title, i.Name), "code system", i.Concepts, b.Report()
	case *terms.MapBuilder:
		i := b.Info()
		res.URL, res.Version, res.Title, res.Kind, res.Count = i.URL, i.Version, title(i.Title, i.Name), "map", i.Mappings
	}
	j.results = append(j.results, res)
	return nil
}

func title(title, name string) string {
	if title == "" {
		return name
	}
	return title
}

// year finds a year from 2000 to 2099 in names, the last one named.
func year(names ...string) string {
	found := ""
	for _, n := range names {
		for i := 0; i+4 <= len(n); i++ {
			if strings.HasPrefix(n[i:], "20") && isDigit(n[i+2]) && isDigit(n[i+3]) && (i == 0 || !isDigit(n[i-1])) && (i+4 == len(n) || !isDigit(n[i+4])) {
				found = n[i : i+4]
			}
		}
		if found != "" {
			return found
		}
	}
	return ""
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// readAll reads a member that is known to be small.
func readAll(m *member, limit int64) ([]byte, error) {
	in, err := m.open()
	if err != nil {
		return nil, err
	}
	defer in.Close()
	data, err := io.ReadAll(io.LimitReader(in, limit+1))
	if err == nil && int64(len(data)) > limit {
		err = fmt.Errorf("%s is larger than %d MB", m.base(), limit>>20)
	}
	return data, err
}
