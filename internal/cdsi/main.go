// Command cdsi makes the table of package workflow/immunization/forecast from the supporting data that the Centers for
// Disease Control and Prevention publish for Clinical Decision Support for Immunization (CDSi).
//
// Its input is a folder with the XML files of one version: ScheduleSupportingData.xml and an AntigenSupportingData file
// for each antigen. It is not needed to build or test Osler: the table is committed. Run it from the root of the project:
//
//	go run ./internal/cdsi -data ../shared/data/cdsi/v4.64-508
//
// The same input gives the same bytes. The supporting data are a work of the United States' government and in the
// public domain. Of the SNOMED CT codes in them only the codes are taken, not SNOMED International's terms.
package main

import (
	"flag"
	"fmt"
	"os"
)

func main() {
	data := flag.String("data", "../shared/data/cdsi/v4.64-508", "folder with the supporting data as XML")
	out := flag.String("out", "workflow/immunization/forecast/schedule.txt", "file to write")
	flag.Parse()
	b, err := generate(*data)
	if err == nil {
		err = os.WriteFile(*out, b, 0o644)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "cdsi:", err)
		os.Exit(1)
	}
	fmt.Printf("%s: %d bytes\n", *out, len(b))
}
