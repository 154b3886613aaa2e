package main

import (
	"bytes"
	"os"
	"testing"
)

// TestFresh holds the committed tables against what the sources give now. The list of interactions is thereby held against its rules.
func TestFresh(t *testing.T) {
	t.Chdir("../..")
	const data = "../shared/data"
	if _, err := os.Stat(data + "/terminology/ddi"); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal(err)
		}
		t.Skip("no sample data beside the repository: ", err)
	}
	for _, c := range []struct {
		name string
		make func(string) ([]byte, []string, error)
	}{{"products.txt", products}, {"onc_qt.txt", qt}, {"onc_low.txt", low}} {
		got, _, err := c.make(data)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		want, err := os.ReadFile("drugs/tables/" + c.name)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s is not what its sources give: run `go run ./internal/drugs`, and look at what changed", c.name)
		}
	}
}
