package definitions

import (
	"archive/tar"
	"compress/gzip"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// packageFiles gives the files of a package among the sample data.
func packageFiles(t *testing.T, name string, f func(file string, data []byte)) {
	t.Helper()
	file, err := os.Open("../../../shared/data/packages/" + name)
	if errors.Is(err, os.ErrNotExist) {
		if os.Getenv("CI") == "true" {
			t.Fatal("the sample data must be beside the checkout: ../shared/data/packages")
		}
		t.Skip("no sample data at ../shared/data/packages")
	}
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	z, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	for r := tar.NewReader(z); ; {
		h, err := r.Next()
		if err == io.EOF {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		if dir, base := path.Split(h.Name); dir == "package/" && strings.HasSuffix(base, ".json") {
			data, err := io.ReadAll(r)
			if err != nil {
				t.Fatal(err)
			}
			f(base, data)
		}
	}
}

// TestReadAgreesWithTheTables: what is read from US Core's own files is what the tables have of it.
func TestReadAgreesWithTheTables(t *testing.T) {
	for file, version := range map[string]string{"us_core_610.tgz": "6.1.0", "us_core_700.tgz": "7.0.0"} {
		profiles, sets, systems, differ := 0, 0, 0, 0
		packageFiles(t, file, func(name string, data []byte) {
			var head struct{ ResourceType, Derivation, Kind, URL string }
			if err := json.Unmarshal(data, &head); err != nil {
				t.Fatal(err)
			}
			switch head.ResourceType {
			case "StructureDefinition":
				got, err := ReadProfile(data)
				if err != nil {
					t.Errorf("%s: %v", name, err)
					return
				}
				profiles++
				want, ok := Profile(head.URL + "|" + version)
				if !ok {
					t.Errorf("the tables lack %s", head.URL)
					return
				}
				if !sameProfile(t, got, want) {
					differ++
				}
			case "ValueSet":
				got, err := ReadValueSet(data)
				if err != nil {
					t.Errorf("%s: %v", name, err)
					return
				}
				sets++
				if want, ok := LookupValueSet(head.URL); ok && want.Version == got.Version {
					a, all := got.Expansion()
					b, all2 := want.Expansion()
					if len(a) != len(b) && all2 || all != all2 && all2 {
						t.Errorf("%s: %d codes (%v), the tables have %d (%v)", head.URL, len(a), all, len(b), all2)
					}
				}
			case "CodeSystem":
				got, err := ReadCodeSystem(data)
				if err != nil {
					t.Errorf("%s: %v", name, err)
					return
				}
				systems++
				if want, ok := LookupCodeSystem(head.URL); ok && want.Version == got.Version && len(got.Concepts) != len(want.Concepts) {
					t.Errorf("%s: %d concepts, the tables have %d", head.URL, len(got.Concepts), len(want.Concepts))
				}
			}
		})
		t.Logf("%s: %d profiles, %d value sets, %d code systems", version, profiles, sets, systems)
		if profiles < 40 || sets < 20 || differ > 0 {
			t.Errorf("%d of %d profiles differ from the tables", differ, profiles)
		}
	}
}

func sameProfile(t *testing.T, got, want *StructureProfile) bool {
	same := true
	fail := func(format string, args ...any) {
		same = false
		t.Errorf(format, args...)
	}
	if got.URL != want.URL || got.Type != want.Type || got.Base != want.Base || got.Name != want.Name || !slices.Equal(got.Contexts, want.Contexts) {
		fail("%s: %+v", want.URL, got)
	}
	for _, e := range want.Elements {
		x, ok := got.Element(e.ID)
		if !ok {
			fail("%s: no %s", want.URL, e.ID)
			continue
		}
		if !reflect.DeepEqual(*x, e) {
			fail("%s %s:\n got %+v\nwant %+v", want.URL, e.ID, *x, e)
		}
	}
	for _, e := range got.Elements {
		if _, ok := want.Element(e.ID); !ok {
			fail("%s: %s is too much: %+v", want.URL, e.ID, e)
		}
	}
	return same
}
