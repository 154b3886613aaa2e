// Command drugs makes the generated tables of package drugs from sample data and from the published list of interactions.
//
//	go run ./internal/drugs -data ../shared/data
//
// Its inputs are not needed to build or test Osler: the tables are committed. The same inputs give the same bytes. What it leaves out,
// and why, it says.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
)

func main() {
	data := flag.String("data", "../shared/data", "folder of sample data")
	out := flag.String("out", "drugs/tables", "folder of the tables of package drugs")
	flag.Parse()
	if err := generate(*data, *out); err != nil {
		fmt.Fprintln(os.Stderr, "drugs:", err)
		os.Exit(1)
	}
}

// generate writes every table.
func generate(data, out string) error {
	for _, t := range []struct {
		name string
		make func(data string) (table []byte, left []string, err error)
	}{
		{"products.txt", products},
		{"onc_qt.txt", qt},
		{"onc_low.txt", low},
	} {
		b, left, err := t.make(data)
		if err != nil {
			return fmt.Errorf("%s: %w", t.name, err)
		}
		if err := os.WriteFile(filepath.Join(out, t.name), b, 0o644); err != nil {
			return err
		}
		fmt.Printf("%-14s %7d bytes, %d left out\n", t.name, len(b), len(left))
		for _, l := range left {
			fmt.Println("  left out:", l)
		}
	}
	return nil
}
