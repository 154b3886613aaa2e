package main

import (
	"bytes"
	"compress/gzip"
	"io"
	"os"
	"strings"
	"testing"
)

// The committed tables are what the publishers' files give.
func TestTablesAreFresh(t *testing.T) {
	const data = "../../../shared/data/terminology"
	if _, err := os.Stat(data); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("the sample data is missing: ", err)
		}
		t.Skip("the sample data is not beside the project: ", err)
	}
	for _, table := range tables {
		got, err := table.make(data)
		if err != nil {
			t.Errorf("%s: %v", table.name, err)
			continue
		}
		want, err := os.ReadFile("../" + table.name)
		if err != nil {
			t.Error(err)
			continue
		}
		if strings.HasSuffix(table.name, ".gz") { // what gzip makes of it may differ between versions of Go
			got, want = unpacked(t, got), unpacked(t, want)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s is stale; run `go run ./terms/gen`", table.name)
		}
	}
}

func unpacked(t *testing.T, b []byte) []byte {
	t.Helper()
	z, err := gzip.NewReader(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	out, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return out
}
