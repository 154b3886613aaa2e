// Command gen makes the tables of terms/ucum and terms/tables from the publishers' files.
//
// Its inputs are a folder with UCUM's essence, the ICD-10-CM order and tabular files, and CDC's vaccine code sets.
// None of them is needed to build or test Osler: the tables are committed. Run it from the root of the project:
//
//	go run ./terms/gen -data ../shared/data/terminology
//
// The same inputs give the same bytes.
package main

import (
	"flag"
	"fmt"
	"os"
)

func main() {
	data := flag.String("data", "../shared/data/terminology", "folder with the publishers' files")
	out := flag.String("out", "terms", "folder of package terms")
	flag.Parse()
	if err := generate(*data, *out); err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}

// generate writes every table.
func generate(data, out string) error {
	for _, t := range tables {
		b, err := t.make(data)
		if err != nil {
			return fmt.Errorf("%s: %w", t.name, err)
		}
		if err := os.WriteFile(out+"/"+t.name, b, 0o644); err != nil {
			return err
		}
		fmt.Printf("%-28s %8d bytes\n", t.name, len(b))
	}
	return nil
}

// tables are what there is to make.
var tables = []struct {
	name string
	make func(data string) ([]byte, error)
}{
	{"ucum/tables/units.txt", units},
	{"tables/icd10cm.txt.gz", icd10cm},
	{"tables/cvx.txt", cvx},
	{"tables/mvx.txt", mvx},
	{"tables/products.txt", products},
	{"tables/ndc.txt", ndc},
}
