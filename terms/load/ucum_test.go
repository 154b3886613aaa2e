package load_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/osler-ehr/osler/terms/load"
)

// UCUM as it is published is what the program has already; another version is refused, and says so.
func TestUCUM(t *testing.T) {
	name := sample(t, "ucum/ucum-essence.xml")
	got := add(t, t.TempDir(), name, "")
	if len(got) != 1 || got[0].URL != "http://unitsofmeasure.org" || got[0].Version != "2.2" || got[0].Count < 300 || len(got[0].Notes) != 1 {
		t.Errorf("got %+v", got)
	}
	body, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	other := filepath.Join(t.TempDir(), "ucum-essence.xml")
	if err := os.WriteFile(other, []byte(strings.Replace(string(body), `version="2.2"`, `version="3.0"`, 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := load.Add(t.Context(), other, load.Options{Dir: t.TempDir()}); err == nil || !strings.Contains(err.Error(), "UCUM 3.0") {
		t.Errorf("another version: %v", err)
	}
}
