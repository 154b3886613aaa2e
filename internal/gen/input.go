package main

import (
	"archive/tar"
	"archive/zip"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// input is all that the generator reads, in the order of its sources: R4 first, then US Core 6.1.0, then 7.0.0.
type input struct {
	Structures   []structureDefinition
	Search       []searchParameter
	Compartments []compartmentDefinition
	CodeSystems  []codeSystem
	ValueSets    []valueSet
}

// r4Folder is where the R4 definitions stand in their archive.
const r4Folder = "org/hl7/fhir/r4/model/"

// r4Files are the bundles of R4 that are read, and r4Search is the one in JSON.
var r4Files = []string{
	"profile/profiles-types.xml", "profile/profiles-resources.xml", "profile/profiles-others.xml",
	"extension/extension-definitions.xml", "valueset/valuesets.xml", "valueset/v3-codesystems.xml", "valueset/v2-tables.xml",
}

const r4Search = "sp/search-parameters.json"

// packageFiles are the US Core packages that are read.
var packageFiles = []string{"us_core_610.tgz", "us_core_700.tgz"}

func readInput(definitions, packages string) (*input, error) {
	in := &input{}
	if err := in.readR4(definitions); err != nil {
		return nil, fmt.Errorf("cannot read the R4 definitions (`make definitions` fetches them; or name the archive with -definitions): %w", err)
	}
	for _, name := range packageFiles {
		if err := in.readPackage(filepath.Join(packages, name)); err != nil {
			return nil, fmt.Errorf("cannot read a US Core package (name its folder with -packages): %w", err)
		}
	}
	return in, nil
}

func (in *input) readR4(name string) error {
	archive, err := zip.OpenReader(name)
	if err != nil {
		return err
	}
	defer archive.Close()
	for _, file := range r4Files {
		f, err := archive.Open(r4Folder + file)
		if err != nil {
			return err
		}
		err = resourcesOf(f, in.addXML)
		f.Close()
		if err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
	}
	f, err := archive.Open(r4Folder + r4Search)
	if err != nil {
		return err
	}
	defer f.Close()
	return in.readBundle(f)
}

func (in *input) readBundle(r io.Reader) error {
	var bundle struct {
		Entry []struct{ Resource json.RawMessage }
	}
	if err := json.NewDecoder(r).Decode(&bundle); err != nil {
		return fmt.Errorf("%s: %w", r4Search, err)
	}
	for i, e := range bundle.Entry {
		if err := in.addJSON(e.Resource); err != nil {
			return fmt.Errorf("%s: entry %d: %w", r4Search, i, err)
		}
	}
	return nil
}

func (in *input) readPackage(name string) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	unzipped, err := gzip.NewReader(f)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	files := tar.NewReader(unzipped)
	for {
		h, err := files.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if path.Dir(h.Name) != "package" || path.Ext(h.Name) != ".json" || !strings.Contains(path.Base(h.Name), "-") {
			continue // examples, notices and the package's own description
		}
		data, err := io.ReadAll(files)
		if err != nil {
			return fmt.Errorf("%s: %s: %w", name, h.Name, err)
		}
		if err := in.addJSON(data); err != nil {
			return fmt.Errorf("%s: %s: %w", name, h.Name, err)
		}
	}
}
