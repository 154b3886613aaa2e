package search

import (
	"context"
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/osler-ehr/osler/store"
)

// print writes a filter so that it reads as the same again.
func (x *filterExpr) print() string {
	switch x.join {
	case "not":
		return "not (" + x.terms[0].print() + ")"
	case "and", "or":
		if len(x.terms) == 1 { // it stood in brackets
			return "(" + x.terms[0].print() + ")"
		}
		parts := make([]string, len(x.terms))
		for i := range x.terms {
			parts[i] = x.terms[i].print()
		}
		return strings.Join(parts, " "+x.join+" ")
	}
	value, err := json.Marshal(x.value)
	if err != nil {
		panic(err)
	}
	return x.path.print() + " " + x.op + " " + string(value)
}

func (p *filterPath) print() string {
	out := p.name
	if p.where != nil {
		out += "[" + p.where.print() + "]"
	}
	if p.next != nil {
		out += "." + p.next.print()
	}
	return out
}

func TestParseFilter(t *testing.T) {
	for text, want := range map[string]string{
		`name eq peter`: `name eq "peter"`,
		`given eq "peter" and birthdate ge 2014-10-10`:      `given eq "peter" and birthdate ge "2014-10-10"`,
		`a eq 1 or b eq 2 and c eq 3`:                       `a eq "1" or b eq "2" and c eq "3"`,
		`a eq 1 and b eq 2 and (c eq 3 or not (d pr true))`: `a eq "1" and b eq "2" and (c eq "3" or not (d pr "true"))`,
		`not eq x`:             `not eq "x"`, // a parameter of that name
		` ( a  eq  "x\"y)" ) `: `a eq "x\"y)"`,
		`related[type eq has-component].target pr false`:                         `related[type eq "has-component"].target pr "false"`,
		`subject.managing-organization[name sw "A" and active eq true]._id eq x`: `subject.managing-organization[name sw "A" and active eq "true"]._id eq "x"`,
		`code eq http://loinc.org|1234-5`:                                        `code eq "http://loinc.org|1234-5"`,
	} {
		x, err := parseFilter(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if got := x.print(); got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
	for text, want := range map[string]string{
		"": "should stand here", "name": "space", "name eq": "value", "name eq ": "value should", "name is x": "comparison", "(name eq x": "closing bracket )", "name eq x)": "should end",
		"name eq x and": "should stand here", `name eq "x`: "quotation mark", `name eq ""`: "empty", `a[b eq c] eq d`: "dot", "a[b eq c.d eq e": "closing bracket ]", "1a eq x": "name",
		"name eq x name eq y": "should end", `name eq "\x"`: "JSON", strings.Repeat("(", 100) + "a eq b": "deeper", strings.Repeat("a eq b and ", 100) + "a eq b": "more than 64", "a." + strings.Repeat("a.", 100) + "a eq b": "long",
	} {
		if _, err := parseFilter(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}

func TestFilterRefused(t *testing.T) {
	x := newIndex(t)
	env := Env{Filter: nothingHidden, Exists: nobody}
	for text, want := range map[string]string{
		"nosuch eq x":                                 "no search parameter",
		"birthDate eq 2000":                           `did you mean "birthdate"`,
		"birthdate co 2000":                           "not supported",
		"birthdate eq yesterday":                      "not a date",
		"gender.name eq x":                            "not a reference",
		"organization.name co x":                      "behind a reference",
		"general-practitioner.nosuch eq x":            "none of the types",
		"name co x or general-practitioner.name eq y": "cannot be made together",
		"active pr perhaps":                           "true or false",
	} {
		for _, strict := range []bool{true, false} {
			if _, err := x.Compile(context.Background(), env, "Patient", []Param{{"_filter", text}}, strict); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s (strict %v): %v, want %q", text, strict, err, want)
			}
		}
	}
}

// FuzzFilter looks for a filter that panics, or that reads as another one when it is written out.
func FuzzFilter(f *testing.F) {
	for _, s := range []string{`name eq peter`, `given eq "peter" and birthdate ge 2014-10-10`, `a eq 1 or (b eq 2 and not (c ne "x\"y"))`, `subject[name sw "A"].birthdate eq 2000`, `code in http://snomed.info/sct?fhir_vs=ecl/<1`, `((((`, `a[b[c eq d].e eq f].g pr true`} {
		f.Add(s)
	}
	x := newIndex(f)
	env := Env{Filter: nothingHidden, Exists: nobody}
	f.Fuzz(func(t *testing.T, text string) {
		one, err := parseFilter(text)
		if err != nil {
			if !strings.Contains(err.Error(), "_filter") {
				t.Fatalf("%q: %v", text, err)
			}
			return
		}
		if printed := one.print(); len(printed) <= maxFilterLength {
			again, err := parseFilter(printed)
			if err != nil {
				t.Fatalf("%q is written as %q, which does not parse: %v", text, printed, err)
			}
			if !reflect.DeepEqual(one, again) {
				t.Fatalf("%q is written as %q, which is another filter", text, printed)
			}
		}
		if _, err := x.Compile(context.Background(), env, "Observation", []Param{{"_filter", text}}, false); err != nil {
			if _, ok := err.(*Error); !ok {
				t.Fatalf("%q: %v", text, err)
			}
		}
	})
}

func nothingHidden(string) store.Filter { return store.Filter{} }

func nobody(context.Context, []int64) (map[int64]store.Key, error) { return nil, nil }
