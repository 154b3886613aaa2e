package main

import (
	"archive/tar"
	"bytes"
	"compress/bzip2"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/osler-ehr/osler/drugs"
)

// coding is a code of RxNorm with its display, as FHIR documents have it.
var coding = regexp.MustCompile(`"system"\s*:\s*"http://www.nlm.nih.gov/research/umls/rxnorm"\s*,\s*"code"\s*:\s*"([0-9]+)"\s*,\s*"display"\s*:\s*"([^"\\]+)"`)

// catalogued is a clinical drug of the catalog of package synthetic.
var catalogued = regexp.MustCompile(`"([0-9]{5,7})", "([^"]* (?:MG|UNT|ACTUAT)[^"]*)"`)

// products are the clinical drugs whose names follow RxNorm's pattern and whose ingredients are in the table of ingredients.
func products(data string) ([]byte, []string, error) {
	names := map[string][]string{}
	note := func(code, name string) {
		if !slices.Contains(names[code], name) {
			names[code] = append(names[code], name)
		}
	}
	tsv, err := os.ReadFile(filepath.Join(data, "terminology/synthea-module-codes/RxNorm.tsv"))
	if err != nil {
		return nil, nil, err
	}
	for line := range strings.Lines(string(tsv)) {
		if code, name, ok := strings.Cut(strings.TrimSpace(line), "\t"); ok && code != "code" {
			note(code, name)
		}
	}
	// The invented practices prescribe more of what is common.
	catalog, err := os.ReadFile("synthetic/drug_catalog.go")
	if err != nil {
		return nil, nil, fmt.Errorf("%w (run this from the root of the project)", err)
	}
	for _, m := range catalogued.FindAllSubmatch(catalog, -1) {
		note(string(m[1]), string(m[2]))
	}
	for _, folder := range []string{"synthea", "bulk-ndjson", "us-core", "fhir-r4-examples"} {
		err := filepath.WalkDir(filepath.Join(data, folder), func(name string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			return eachDocument(name, func(b []byte) {
				for _, m := range coding.FindAllSubmatch(b, -1) {
					note(string(m[1]), string(m[2]))
				}
			})
		})
		if err != nil {
			return nil, nil, err
		}
	}
	l, err := drugs.Builtin()
	if err != nil {
		return nil, nil, err
	}
	return table(names, l)
}

// table writes code and name of every product, by name; the first name of a code that can be read is the one.
func table(names map[string][]string, l *drugs.Library) ([]byte, []string, error) {
	var rows, left []string
	for code, list := range names {
		why := ""
		for _, name := range list {
			_, unknown, ok := l.Spell(name)
			if ok && len(unknown) == 0 && !strings.Contains(name, "|") {
				rows = append(rows, code+"|"+name)
				why = ""
				break
			}
			if why == "" {
				why = fmt.Sprintf("%s %s %q", code, name, unknown)
			}
		}
		if why != "" {
			left = append(left, why)
		}
	}
	if len(rows) == 0 {
		return nil, nil, errors.New("no product was found: is this the folder of sample data?")
	}
	slices.SortFunc(rows, func(a, b string) int {
		_, x, _ := strings.Cut(a, "|")
		_, y, _ := strings.Cut(b, "|")
		if c := strings.Compare(strings.ToLower(x), strings.ToLower(y)); c != 0 {
			return c
		}
		return strings.Compare(a, b)
	})
	slices.Sort(left)
	head := "# Made by internal/drugs. Fields: RxNorm code | RxNorm name. Source: RxNorm (NLM), names and codes of source RXNORM, as common sample records use them.\n"
	return []byte(head + strings.Join(rows, "\n") + "\n"), left, nil
}

// eachDocument gives the text of a file to f; of an archive, that of every file in it.
func eachDocument(name string, f func([]byte)) error {
	b, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	if strings.HasSuffix(name, ".bz2") {
		if b, err = io.ReadAll(bzip2.NewReader(bytes.NewReader(b))); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	if !strings.Contains(name, ".tar") {
		f(b)
		return nil
	}
	t := tar.NewReader(bytes.NewReader(b))
	for {
		h, err := t.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if h.Typeflag != tar.TypeReg {
			continue
		}
		if b, err = io.ReadAll(t); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		f(b)
	}
}
