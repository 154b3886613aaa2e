package path

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/fhir/definitions"
)

// TestSearchParameters compiles and checks every search parameter of R4 and US Core.
func TestSearchParameters(t *testing.T) {
	count := 0
	for _, typ := range definitions.ResourceTypes() {
		for _, p := range definitions.SearchParameters(typ) {
			if p.Expression == "" {
				continue
			}
			count++
			e, err := Compile(p.Expression)
			if err != nil {
				t.Errorf("%s.%s: %v", typ, p.Name, err)
				continue
			}
			// US Core names a choice by its JSON property, which works but is not FHIRPath.
			if err := e.Check(typ); err != nil && p.Name != "asserted-date" {
				t.Errorf("%s.%s: %s: %v", typ, p.Name, p.Expression, err)
			}
		}
	}
	if count < 1300 {
		t.Errorf("only %d parameters have an expression", count)
	}
}

// badInvariants are those of R4 whose expressions name elements that do not exist, or the like.
var badInvariants = map[string]string{
	"cid-0": "ChargeItemDefinition has no name",
}

// TestInvariants compiles and checks every invariant of R4.
func TestInvariants(t *testing.T) {
	count := 0
	each := func(typ string, list []definitions.Invariant) {
		for _, inv := range list {
			count++
			e, err := Compile(inv.Expression)
			if err == nil {
				err = e.Check(typ)
			}
			if err != nil && badInvariants[inv.Key] == "" {
				t.Errorf("%s %s: %s: %v", typ, inv.Key, inv.Expression, err)
			}
		}
	}
	for _, name := range append(definitions.ResourceTypes(), "Element", "Extension", "DomainResource", "Quantity", "Timing", "Reference", "ElementDefinition") {
		typ, ok := definitions.LookupType(name)
		if !ok {
			t.Fatalf("no type %s", name)
		}
		each(name, typ.Invariants)
		for _, e := range typ.Elements {
			if len(e.Types) == 1 && !e.Choice {
				at := e.Types[0].Code
				if at == "BackboneElement" || at == "Element" {
					at = e.Path
				}
				each(at, e.Invariants)
			}
		}
	}
	if count < 200 {
		t.Errorf("only %d invariants", count)
	}
}

const examples = "../../../shared/data/fhir-r4-examples"

func eachExample(t *testing.T, f func(name string, r *fhir.Resource)) {
	t.Helper()
	needSuite(t)
	err := filepath.WalkDir(examples, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".json") {
			return err
		}
		raw, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		r, err := fhir.Parse(raw)
		if err != nil {
			t.Logf("%s: %v", filepath.Base(path), err)
			return nil
		}
		f(filepath.Base(path), r)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestInvariantsHold evaluates the invariants of resource types and their elements on the examples of the
// specification.
func TestInvariantsHold(t *testing.T) {
	evaluated := 0
	eachExample(t, func(name string, r *fhir.Resource) {
		typ, ok := definitions.LookupType(r.Type())
		if !ok {
			return
		}
		domain, _ := definitions.LookupType("DomainResource")
		for _, inv := range append(domain.Invariants, typ.Invariants...) {
			if inv.Severity != "error" {
				continue
			}
			e, err := Compile(inv.Expression)
			if err != nil {
				continue
			}
			evaluated++
			holds, known, err := e.Bool(&Env{}, Root(r))
			if err != nil {
				t.Errorf("%s: %s: %s: %v", name, inv.Key, inv.Expression, err)
			} else if known && !holds {
				t.Errorf("%s: %s fails: %s", name, inv.Key, inv.Expression)
			}
		}
		for _, el := range typ.Elements {
			for _, inv := range el.Invariants {
				if inv.Severity != "error" {
					continue
				}
				at, err1 := Compile(el.Path)
				e, err2 := Compile(inv.Expression)
				if err1 != nil || err2 != nil {
					continue
				}
				vs, err := at.Eval(Env{}, Root(r))
				if err != nil {
					t.Fatal(err)
				}
				for _, v := range vs {
					evaluated++
					holds, known, err := e.Bool(&Env{Resource: r.Root()}, v)
					if err != nil {
						t.Errorf("%s: %s: %s: %v", name, inv.Key, inv.Expression, err)
					} else if known && !holds {
						t.Errorf("%s: %s fails: %s", name, inv.Key, inv.Expression)
					}
				}
			}
		}
	})
	if evaluated < 1000 {
		t.Errorf("only %d evaluations", evaluated)
	}
}
