// Package osler_test holds what is true of the tree as a whole: who may import whom.
package osler_test

import (
	"fmt"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/osler-ehr/osler"

// folders is the table of docs/architecture.md: a folder, with all that is in it, may import these folders of ours, with all that is in
// them, and itself. The longest name that fits decides. To change a row, say why in docs/decisions.
var folders = map[string][]string{
	// The core: language, storage, record.
	"fhir":                        {},
	"wire":                        {"fhir"},
	"terms":                       {"fhir"},
	"drugs":                       {"fhir", "terms"},
	"store":                       {"fhir", "clock"},
	"store/internal":              {"fhir", "store"},
	"store/sqlite":                {"fhir", "clock", "store", "store/internal"},
	"store/postgres":              {"fhir", "clock", "store", "store/internal"},
	"store/postgres/postgrestest": {},
	"store/storetest":             {"fhir", "clock", "store"},
	"record":                      {"fhir", "terms", "store", "clock"},
	"record/recordtest":           {"fhir", "terms", "store", "store/sqlite", "clock", "record"},
	"identity":                    {"fhir", "store", "record", "clock"},

	// The shell and the slices.
	"web":             {"fhir", "record", "identity", "clock"},
	"slice":           {"fhir", "record", "identity", "web", "clock"},
	"slice/slicetest": {"fhir", "record", "identity", "web", "slice", "clock", "store", "store/sqlite"}, // it opens the store of a test
	"workflow":        sliceMay,
	"exchange":        sliceMay,

	// Services, each named for its one job.
	"clock":         {},
	"config":        {},
	"metrics":       {"clock"},
	"mail":          {"clock"},
	"outbound":      {},
	"pdf":           {},
	"jobs":          {"clock", "record", "slice", "store"}, // it leases what the store keeps; slices get interfaces
	"jobs/jobstest": {"clock", "fhir", "identity", "jobs", "record", "slice", "store", "web"},

	// Programs and what they are made with.
	"cmd":        anything,
	"cmd/assets": {},
	"synthetic":  {"fhir"},
	"bench":      {"fhir", "store/postgres/postgrestest", "synthetic"},
	"internal":   {"fhir", "synthetic", "drugs"},
}

var (
	sliceMay = []string{"fhir", "wire", "terms", "drugs", "record", "identity", "web", "slice", "config", "jobs", "mail", "clock", "metrics", "outbound", "pdf"}
	anything = []string{""}
)

// exact names folders that stand for themselves alone in the lists above: who may use the contract may not thereby use an engine.
var exact = []string{"store"}

// closed are folders whose keys and internals only the record itself and the program around it see.
var closed = map[string][]string{
	"record/keys":  {"record", "identity", "cmd"},
	"record/body":  {"record", "cmd"},
	"record/audit": {"record", "identity", "cmd"},
}

// modules lists every module of others that we use, with the folders that may: "test" is any test file, and folders that serve tests.
var modules = map[string][]string{
	"github.com/a-h/templ":               {"web", "slice", "workflow", "exchange", "cmd"},
	"github.com/alecthomas/kong":         {"config", "cmd/osler"},
	"github.com/chromedp/cdproto":        {"test"},
	"github.com/chromedp/chromedp":       {"test"},
	"github.com/cockroachdb/apd/v3":      {"fhir/path", "terms/ucum"},
	"github.com/evanw/esbuild":           {"cmd/assets"},
	"github.com/go-fonts/dejavu":         {"pdf"}, // what may ship and covers the names of people
	"github.com/google/go-cmp":           {"test"},
	"github.com/jackc/pgx/v5":            {"store/postgres"},
	"github.com/klauspost/compress":      {"record/body", "exchange", "internal/dictionary"},
	"github.com/microcosm-cc/bluemonday": {"web"},
	"github.com/rogpeppe/go-internal":    {"test"},
	"golang.org/x/crypto":                {"identity"},
	"golang.org/x/text":                  {"fhir", "pdf", "terms", "record/search", "record/searchtest", "identity", "web"},
	"modernc.org/sqlite":                 {"store/sqlite"},
	"pgregory.net/rapid":                 {"test"},
	"zombiezen.com/go/sqlite":            {"store/sqlite"},
}

// forTests are packages that only tests import.
var forTests = []string{"store/storetest", "store/postgres/postgrestest", "record/recordtest", "jobs/jobstest", "slice/slicetest", "record/searchtest", "fhir/viewcheck"}

func TestImports(t *testing.T) {
	files := 0
	err := filepath.WalkDir(".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && name != "." && (strings.HasPrefix(d.Name(), ".") || d.Name() == "node_modules" || d.Name() == "testdata" || name == "build"):
			return filepath.SkipDir
		case d.IsDir() || path.Ext(name) != ".go":
			return nil
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		files++
		name = filepath.ToSlash(name)
		for _, spec := range f.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			if err := mayImport(name, imported); err != nil {
				t.Errorf("%s imports %s: %v", name, imported, err)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if files < 100 {
		t.Errorf("looked at %d files: that is not the whole tree", files)
	}
}

// mayImport says why a file may not import a package, or nil.
func mayImport(file, imported string) error {
	folder, test := path.Dir(file), strings.HasSuffix(file, "_test.go")
	forTest := test || slices.Contains(forTests, folder)
	ours, ok := strings.CutPrefix(imported, module+"/")
	if !ok {
		if first, _, _ := strings.Cut(imported, "/"); !strings.Contains(first, ".") {
			return nil // the standard library
		}
		return mayUseModule(folder, forTest, imported)
	}
	if own, other := sliceOf(folder), sliceOf(ours); other != "" && own != other && !isProgram(folder) {
		return fmt.Errorf("%s is a feature, and a feature can be deleted: slices meet in the record, through resources and change notices", other)
	}
	if within(ours, "cmd") {
		return fmt.Errorf("a program is nobody's library")
	}
	if test {
		return nil // a test may stand wherever it needs to, between features excepted
	}
	if slices.Contains(forTests, ours) && !forTest && folder != "bench" { // which measures against a private PostgreSQL
		return fmt.Errorf("%s is for tests", ours)
	}
	for door, may := range closed {
		if within(ours, door) && !slices.ContainsFunc(may, func(f string) bool { return within(folder, f) }) {
			return fmt.Errorf("only %s may: all others reach patient data through a session", strings.Join(may, ", "))
		}
	}
	row := longest(folder)
	if row == "" {
		return fmt.Errorf("folder %s has no row in the table of imports_test.go; give it one, and describe it in docs/architecture.md", folder)
	}
	if within(ours, row) && row != "store" {
		return nil
	}
	for _, may := range folders[row] {
		if may == ours || within(ours, may) && !slices.Contains(exact, may) {
			return nil
		}
	}
	return fmt.Errorf("%s may import %q alone", row, folders[row])
}

func mayUseModule(folder string, forTest bool, imported string) error {
	for name, may := range modules {
		if !within(imported, name) {
			continue
		}
		for _, f := range may {
			if f == "test" && forTest || f != "test" && within(folder, f) {
				return nil
			}
		}
		return fmt.Errorf("only %s may use %s", strings.Join(may, ", "), name)
	}
	return fmt.Errorf("no row in the modules of imports_test.go names this module; every dependency has a place and a reason")
}

// longest is the row that decides about a folder.
func longest(folder string) string {
	row := ""
	for name := range folders {
		if within(folder, name) && len(name) > len(row) {
			row = name
		}
	}
	return row
}

// sliceOf is the feature that a folder belongs to, such as workflow/vitals, or "".
func sliceOf(folder string) string {
	parts := strings.Split(folder, "/")
	if len(parts) < 2 || parts[0] != "workflow" && parts[0] != "exchange" {
		return ""
	}
	return parts[0] + "/" + parts[1]
}

func isProgram(folder string) bool { return within(folder, "cmd") }

// within says whether a folder is another or inside of it. Everything is within "".
func within(folder, outer string) bool {
	return outer == "" || folder == outer || strings.HasPrefix(folder, outer+"/")
}

// TestTheTableRefuses holds the table itself against what it is there to prevent.
func TestTheTableRefuses(t *testing.T) {
	for _, c := range []struct {
		file, imported string
		ok             bool
	}{
		{"workflow/vitals/enter.go", module + "/record", true},
		{"workflow/vitals/enter.go", module + "/record/search", true},
		{"workflow/vitals/enter.go", module + "/store", false},
		{"workflow/vitals/enter.go", module + "/store/sqlite", false},
		{"workflow/vitals/enter.go", module + "/record/keys", false},
		{"workflow/vitals/enter.go", module + "/record/body", false},
		{"workflow/vitals/enter.go", module + "/workflow/chart", false},
		{"workflow/vitals/enter_test.go", module + "/workflow/chart", false},
		{"workflow/vitals/enter_test.go", module + "/record/recordtest", true},
		{"workflow/vitals/enter.go", module + "/record/recordtest", false},
		{"workflow/vitals/enter.go", module + "/cmd/osler", false},
		{"exchange/rest/read.go", module + "/exchange/transfer", false},
		{"fhir/path/eval.go", module + "/fhir/definitions", true},
		{"fhir/path/eval.go", module + "/record", false},
		{"fhir/path/eval.go", module + "/clock", false},
		{"store/plan.go", module + "/store/sqlite", false},
		{"store/sqlite/read.go", module + "/store", true},
		{"store/sqlite/read.go", module + "/store/postgres", false},
		{"store/sqlite/read.go", module + "/record", false},
		{"record/session.go", module + "/store", true},
		{"record/session.go", module + "/store/sqlite", false},
		{"record/access/decide.go", module + "/web", false},
		{"web/page.go", module + "/slice", false},
		{"web/page.go", module + "/store", false},
		{"identity/signin.go", module + "/record/keys", true},
		{"cmd/osler/practice.go", module + "/store/postgres", true},
		{"unheardof/x.go", module + "/fhir", false},
		{"record/read.go", "database/sql", true},
		{"record/read.go", "github.com/jackc/pgx/v5", false},
		{"record/read_test.go", "zombiezen.com/go/sqlite", false},
		{"store/postgres/read.go", "github.com/jackc/pgx/v5/pgxpool", true},
		{"store/sqlite/read.go", "github.com/jackc/pgx/v5/pgxpool", false},
		{"web/page.go", "github.com/chromedp/chromedp", false},
		{"web/page_test.go", "github.com/chromedp/chromedp", true},
		{"web/page.go", "github.com/evanw/esbuild/pkg/api", false},
		{"fhir/merge.go", "pgregory.net/rapid", false},
		{"fhir/merge.go", "github.com/else/where", false},
	} {
		err := mayImport(c.file, c.imported)
		if (err == nil) != c.ok {
			t.Errorf("%s importing %s: got %v, want allowed=%t", c.file, c.imported, err, c.ok)
		}
	}
}
