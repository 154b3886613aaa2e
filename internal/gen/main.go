// Command gen makes the tables of package fhir/definitions from the definitions that HL7 publishes.
//
// Its inputs are the archive of R4 definitions that the HAPI project publishes (HL7's own files of version 4.0.1, in
// XML) and the US Core packages. Neither is needed to build or test Osler: the tables are committed. Run it from the
// root of the project:
//
//	go run ./internal/gen -definitions build/hapi-fhir-validation-resources-r4-8.2.0.jar -packages ../shared/data/packages
//
// The same inputs give the same bytes. Only facts are taken (paths, types, cardinalities, codes, expressions), never
// the specification's prose, and no code system whose owner forbids handing it on: see licence.go.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
)

func main() {
	definitions := flag.String("definitions", "build/hapi-fhir-validation-resources-r4-8.2.0.jar", "archive with HL7's R4 definitions")
	packages := flag.String("packages", "../shared/data/packages", "folder that holds us_core_610.tgz and us_core_700.tgz")
	out := flag.String("out", "fhir/definitions/tables", "folder to write the tables to")
	flag.Parse()
	if err := generate(*definitions, *packages, *out); err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}

// generate reads the inputs and writes every table.
func generate(definitions, packages, out string) error {
	in, err := readInput(definitions, packages)
	if err != nil {
		return err
	}
	core := coreTypes(in)
	tables := []struct {
		name string
		make func(*table)
	}{
		{"types.txt", func(t *table) { writeTypes(t, core) }},
		{"profiles.txt", func(t *table) { writeProfiles(t, in, core) }},
		{"searchparameters.txt", func(t *table) { writeSearchParameters(t, in) }},
		{"compartments.txt", func(t *table) { writeCompartments(t, in) }},
		{"codesystems.txt", func(t *table) { writeCodeSystems(t, in) }},
		{"valuesets.txt", func(t *table) { writeValueSets(t, in) }},
	}
	for _, w := range tables {
		t := &table{}
		w.make(t)
		if err := os.WriteFile(filepath.Join(out, w.name), t.Bytes(), 0o644); err != nil {
			return fmt.Errorf("cannot write %s: %w", w.name, err)
		}
		fmt.Printf("%-22s %7d bytes\n", w.name, t.Len())
	}
	return nil
}
