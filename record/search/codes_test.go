package search

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/fhir/definitions"
	"github.com/osler-ehr/osler/store"
)

// knownCodes are value sets by their URL, and one hierarchy.
type knownCodes map[string]CodeSet

func (k knownCodes) ValueSet(_ context.Context, url string) (CodeSet, error) {
	if s, ok := k[url]; ok {
		return s, nil
	}
	if url == "http://broken" {
		return nil, errors.New("the disk is full")
	}
	return nil, &CodesError{"nobody knows " + url}
}

func (k knownCodes) Hierarchy(_ context.Context, system, code string, below bool) (CodeSet, error) {
	return codeList{{System: system, Code: code}, {System: system, Code: fmt.Sprintf("%s-%t", code, below)}}, nil
}

// endless holds every code that begins with x, of one system.
type endless struct{ asked *int }

func (endless) List(int) ([]definitions.Coding, bool) { return nil, false }

func (e endless) Has(system, code string) bool {
	*e.asked++
	return (system == "" || system == "http://x") && strings.HasPrefix(code, "x")
}

func TestCodes(t *testing.T) {
	x := newIndex(t)
	asked := 0
	few := make(codeList, 3)
	many := make(codeList, maxCodes+1)
	for _, l := range []codeList{few, many} {
		for i := range l {
			l[i] = definitions.Coding{System: "http://x", Code: fmt.Sprint("x", i)}
		}
	}
	env := Env{
		Filter: func(string) store.Filter { return store.Filter{} },
		Codes:  knownCodes{"http://few": few, "http://many": many, "http://endless": endless{&asked}},
	}
	compile := func(name, value string) (*Compiled, error) {
		return x.Compile(t.Context(), env, "Observation", []Param{{name, value}}, true)
	}
	observation := func(system, code string) *fhir.Resource {
		r, err := fhir.Parse(fmt.Appendf(nil, `{"resourceType":"Observation","status":"final","code":{"coding":[{"system":"http://other","code":"x0"},{"system":%q,"code":%q}]}}`, system, code))
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	for _, c := range []struct {
		name, value string
		values      int // looked up in the index; 0 = compared with documents
		negated     bool
	}{
		{"code:in", "http://few", 3, false},
		{"code:not-in", "http://few", 3, true},

		{"code:below", "http://x|a", 2, false},
		{"code:above", "http://x|a", 2, false},
		{"code:in", "http://many", 0, false},
		{"code:in", "http://endless", 0, false},
		{"code:not-in", "http://endless", 0, true},
		{"code:in", "http://few,http://many", 0, false},
		{"patient.identifier:in", "http://few", 3, false},
	} {
		t.Run(c.name+"="+c.value, func(t *testing.T) {
			got, err := compile(c.name, c.value)
			if err != nil {
				t.Fatal(err)
			}
			if c.values > 0 {
				if len(got.Residual) > 0 || len(got.Plan.Where) != 1 {
					t.Fatalf("%+v", got)
				}
				text := fmt.Sprintf("%+v", got.Plan.Where[0])
				if n := strings.Count(text, "HasCode:true"); n != c.values || strings.Contains(fmt.Sprintf("%T", got.Plan.Where[0]), "Not") != c.negated {
					t.Errorf("%d values in %T", n, got.Plan.Where[0])
				}
				return
			}
			if len(got.Residual) != 1 || (len(got.Plan.Where) == 0) != c.negated {
				t.Fatalf("%+v", got)
			}
			for _, k := range []struct {
				system, code string
				in           bool
			}{{"http://x", "x7", true}, {"http://y", "x7", false}, {"http://x", "y", false}} {
				if ok := got.Residual[0](observation(k.system, k.code)); ok != (k.in != c.negated) {
					t.Errorf("%s|%s: %t", k.system, k.code, ok)
				}
			}
		})
	}
	if asked == 0 {
		t.Error("the endless set was not asked")
	}
	for _, c := range []struct {
		name, value, says string
		notSupported      bool
	}{
		{"code:in", "http://nobody", "nobody knows http://nobody", true},
		{"code:below", "a", "system|code", false},
		{"patient.identifier:in", "http://many", "inside a chain", true},
	} {
		_, err := compile(c.name, c.value)
		e, ok := errors.AsType[*Error](err)
		if !ok || e.NotSupported != c.notSupported || !strings.Contains(e.Error(), c.says) {
			t.Errorf("%s=%s: got %v", c.name, c.value, err)
		}
	}
	if _, err := compile("code:in", "http://broken"); err == nil || strings.Contains(err.Error(), "search parameter") {
		t.Errorf("a fault of the server is put down to the request: %v", err)
	}
}

// Without anybody who knows codes, HL7's own definitions answer.
func TestDefinedCodes(t *testing.T) {
	x := newIndex(t)
	env := Env{Filter: func(string) store.Filter { return store.Filter{} }}
	for _, c := range []struct {
		name, value string
		values      int
	}{
		{"status:in", "http://hl7.org/fhir/ValueSet/observation-status", 8},
		{"code:below", "http://terminology.hl7.org/CodeSystem/v3-ActCode|_ActEncounterCode", 12},
		{"code:above", "http://terminology.hl7.org/CodeSystem/v3-ActCode|AMB", 3},
		{"code:in", "http://hl7.org/fhir/ValueSet/body-site", 0},
		{"code:in", "http://example.org/unheard-of", 0},
		{"code:below", "http://snomed.info/sct|1", 0},
	} {
		got, err := x.Compile(t.Context(), env, "Observation", []Param{{c.name, c.value}}, true)
		if c.values == 0 {
			if e, ok := errors.AsType[*Error](err); !ok || !e.NotSupported {
				t.Errorf("%s=%s: got %v", c.name, c.value, err)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s=%s: %v", c.name, c.value, err)
			continue
		}
		if n := len(got.Plan.Where[0].(store.TokenIs).Values); n != c.values {
			t.Errorf("%s=%s: %d values, want %d", c.name, c.value, n, c.values)
		}
	}
}
