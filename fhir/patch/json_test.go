package patch

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/osler-ehr/osler/fhir"
)

func parse(t testing.TB, s string) *fhir.Resource {
	t.Helper()
	r, err := fhir.Parse([]byte(s))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestJSONKeepsBytes(t *testing.T) {
	const before = "{\n  \"resourceType\": \"Observation\",\n  \"valueQuantity\": { \"value\": 1.50, \"unit\": \"\\u00b5g\" },\n  \"x\": [ 1.0, 2 ],\n  \"status\": \"final\"\n}"
	for _, c := range []struct{ name, ops, want string }{
		{"replace", `[{"op":"replace","path":"/status","value":"amended"}]`, strings.Replace(before, `"final"`, `"amended"`, 1)},
		{"remove last", `[{"op":"remove","path":"/status"}]`, strings.Replace(before, ",\n  \"status\": \"final\"", "", 1)},
		{"remove middle", `[{"op":"remove","path":"/x"}]`, strings.Replace(before, "\"x\": [ 1.0, 2 ],\n  ", "", 1)},
		{"remove first of array", `[{"op":"remove","path":"/x/0"}]`, strings.Replace(before, "1.0, 2", "2", 1)},
		{"remove last of array", `[{"op":"remove","path":"/x/1"}]`, strings.Replace(before, "1.0, 2", "1.0", 1)},
		{"insert", `[{"op":"add","path":"/x/1","value": 3.00 }]`, strings.Replace(before, "1.0, 2", "1.0, 3.00,2", 1)},
		{"append", `[{"op":"add","path":"/x/-","value":{"a" : 0.10}}]`, strings.Replace(before, "1.0, 2", `1.0, 2,{"a":0.10}`, 1)},
		{"nested", `[{"op":"add","path":"/valueQuantity/code","value":"ug"}]`, strings.Replace(before, `\u00b5g"`, `\u00b5g","code":"ug"`, 1)},
		{"move", `[{"op":"move","from":"/valueQuantity/value","path":"/x/0"}]`, strings.Replace(strings.Replace(before, `"value": 1.50, `, "", 1), "1.0, 2", "1.50,1.0, 2", 1)},
		{"copy", `[{"op":"copy","from":"/x/0","path":"/y"}]`, strings.Replace(before, "\"final\"\n", "\"final\",\"y\":1.0\n", 1)},
		{"test", `[{"op":"test","path":"/x","value":[1, 2.000]},{"op":"test","path":"/valueQuantity/unit","value":"µg"}]`, before},
		{"no operations", `[]`, before},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := JSON(parse(t, before), []byte(c.ops))
			if err != nil {
				t.Fatal(err)
			}
			if string(got.Bytes()) != c.want {
				t.Errorf("got  %s\nwant %s", got.Bytes(), c.want)
			}
		})
	}
}

func TestJSONRefuses(t *testing.T) {
	const doc = `{"resourceType":"Patient","id":"a","name":[{"family":"A"}],"active":true}`
	for _, c := range []struct {
		name, ops, reason string
		operation         int
		malformed         bool
	}{
		{"not an array", `{}`, "array of operations", -1, true},
		{"extra text that closes the wrapper", `[],"x":[]`, "array of operations", -1, true},
		{"no op", `[{"path":"/id"}]`, "op is missing", 0, true},
		{"unknown op", `[{"op":"set","path":"/id","value":1}]`, "no operation of this name", 0, true},
		{"no value", `[{"op":"add","path":"/id"}]`, "needs a value", 0, true},
		{"no path", `[{"op":"remove"}]`, "path is missing", 0, true},
		{"relative path", `[{"op":"remove","path":"id"}]`, "begins with /", 0, true},
		{"bad tilde", `[{"op":"remove","path":"/a~2"}]`, "~0", 0, true},
		{"second operation", `[{"op":"test","path":"/id","value":"a"},{"op":"remove","path":"/gender"}]`, "nothing at /gender", 1, false},
		{"past the end", `[{"op":"add","path":"/name/2","value":{}}]`, "has 1 elements", 0, false},
		{"leading zero", `[{"op":"remove","path":"/name/00"}]`, "whole number", 0, true},
		{"test fails", `[{"op":"test","path":"/active","value":false}]`, "does not hold", 0, false},
		{"into itself", `[{"op":"move","from":"/name","path":"/name/0/x"}]`, "into itself", 0, false},
		{"below a string", `[{"op":"add","path":"/id/x","value":1}]`, "no parts", 0, false},
		{"other type", `[{"op":"replace","path":"/resourceType","value":"Person"}]`, "another type", -1, false},
		{"whole document", `[{"op":"replace","path":"","value":[1]}]`, "not an acceptable document", -1, false},
		{"remove all", `[{"op":"remove","path":""}]`, "cannot be removed", 0, false},
		{"too many", "[" + strings.Repeat(`{"op":"test","path":"/id","value":"a"},`, MaxOperations) + `{}]`, "more than the limit", -1, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := JSON(parse(t, doc), []byte(c.ops))
			var e *Error
			if !errors.As(err, &e) {
				t.Fatalf("want an *Error, got %v", err)
			}
			if !strings.Contains(e.Reason, c.reason) || e.Operation != c.operation || e.Malformed != c.malformed {
				t.Errorf("got %+v", e)
			}
		})
	}
	var syntax *fhir.SyntaxError
	if _, err := JSON(parse(t, doc), []byte(`[{"op":"test","op":"add"}]`)); !errors.As(err, &syntax) || syntax.Path != "operations[0]" {
		t.Errorf("a duplicate key gave %v", err)
	}
}

func TestJSONRefusesTooMuchWork(t *testing.T) {
	doc := parse(t, `{"resourceType":"Patient","id":"`+strings.Repeat("a", 1<<20)+`"}`)
	ops := "[" + strings.Repeat(`{"op":"remove","path":"/x"},`, 300) + `{"op":"remove","path":"/x"}]`
	var e *Error
	if _, err := JSON(doc, []byte(ops)); !errors.As(err, &e) || !strings.Contains(e.Reason, "document of this size") {
		t.Errorf("got %v", err)
	}
}

// TestAddRemoveIsIdentity adds a value anywhere in a drawn document and removes it again.
func TestAddRemoveIsIdentity(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		doc := map[string]any{"resourceType": "Basic"}
		for _, k := range rapid.SliceOfNDistinct(rapid.StringMatching(`[a-z]{1,4}`), 0, 4, rapid.ID[string]).Draw(t, "keys") {
			list := []any{}
			for range rapid.IntRange(0, 3).Draw(t, "n") {
				list = append(list, rapid.Int8().Draw(t, "v"))
			}
			doc[k] = list
		}
		text, _ := json.Marshal(doc)
		before, err := fhir.Parse(text)
		if err != nil {
			t.Skip("keys differ in case only")
		}
		path := "/zzzzz"
		for k, v := range doc {
			if list, ok := v.([]any); ok {
				path = "/" + k + "/" + string(rune('0'+rapid.IntRange(0, len(list)).Draw(t, "at")))
				break
			}
		}
		op := func(s string) []byte { return []byte(`[{"op":"` + s + `","path":"` + path + `","value":{"d":1.10}}]`) }
		added, err := JSON(before, op("add"))
		if err != nil {
			t.Fatal(err)
		}
		back, err := JSON(added, op("remove"))
		if err != nil {
			t.Fatal(err)
		}
		if string(back.Bytes()) != string(before.Bytes()) {
			t.Errorf("before %s\nadded  %s\nback   %s", before.Bytes(), added.Bytes(), back.Bytes())
		}
	})
}

func FuzzJSON(f *testing.F) {
	f.Add([]byte(`{"resourceType":"Patient","name":[{"family":"A"}]}`), []byte(`[{"op":"move","from":"/name/0","path":"/x"}]`))
	f.Add([]byte(`{"resourceType":"Patient","a":{}}`), []byte(`[{"op":"add","path":"/a/~1","value":[]},{"op":"copy","from":"","path":"/b"}]`))
	f.Fuzz(func(t *testing.T, doc, ops []byte) {
		r, err := fhir.Parse(doc)
		if err != nil {
			return
		}
		got, err := JSON(r, ops)
		if err != nil {
			return
		}
		if _, err := fhir.Parse(got.Bytes()); err != nil {
			t.Errorf("the result is not a resource: %v", err)
		}
	})
}
