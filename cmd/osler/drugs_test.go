package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

// TestRulesAreAddedToARecord: where no record is, nothing is added and nothing is said to be.
func TestRulesAreAddedToARecord(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "rules.csv")
	if err := os.WriteFile(file, []byte("id,severity,side_a,side_b,effect,advice\n1,stop,warfarin,@nsaid,bleeding,Avoid.\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	add := drugsAdd{File: file, Data: filepath.Join(dir, "mistyped"), Source: "House", Release: "1", Date: "2026-11-24", Quiet: true}
	var out bytes.Buffer
	p := &program{stdout: &out, stderr: &out}
	if err := add.Run(p); err == nil || out.Len() != 0 {
		t.Errorf("it was added: %v, %q", err, out.String())
	}
	if _, err := os.Stat(add.Data); !os.IsNotExist(err) {
		t.Errorf("a folder was made: %v", err)
	}
	if add.Data = dir; add.Run(p) != nil || out.Len() == 0 {
		t.Errorf("%q", out.String())
	}
}
