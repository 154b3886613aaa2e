package main

import (
	"bytes"
	"os"
	"strings"
	"testing"
)

// The committed table is what CDC's files give.
func TestTableIsFresh(t *testing.T) {
	const data = "../../../shared/data/cdsi/v4.64-508"
	if _, err := os.Stat(data); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("CDC's supporting data are missing: ", err)
		}
		t.Skip("CDC's supporting data are not beside the project: ", err)
	}
	got, err := generate(data)
	if err != nil {
		t.Fatal(err)
	}
	want, err := os.ReadFile("../../workflow/immunization/forecast/schedule.txt")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Error("workflow/immunization/forecast/schedule.txt is stale; run `go run ./internal/cdsi`")
	}
}

func TestWithoutVersion(t *testing.T) {
	if _, err := generate(t.TempDir()); err == nil || !strings.Contains(err.Error(), "version") {
		t.Errorf("a folder without a version: %v", err)
	}
}
