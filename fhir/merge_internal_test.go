package fhir

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"testing"
)

// leaf is a string somewhere in a document: the way to it, and a view made for that way alone.
type leaf struct {
	node Node
	way  []any // property names and indexes from the root
	view reflect.Type
}

// leaves finds the strings of a document. A view for one is a struct of one field for each step.
func leaves(r *Resource) []leaf {
	var out []leaf
	var visit func(n Node, way []any)
	visit = func(n Node, way []any) {
		switch n.Kind() {
		case Object:
			for c := range n.Children() {
				if c.Key() != "resourceType" {
					visit(c, append(way[:len(way):len(way)], c.Key()))
				}
			}
		case Array:
			i := 0
			for c := range n.Children() {
				visit(c, append(way[:len(way):len(way)], i))
				i++
			}
		case String:
			t := reflect.TypeFor[string]()
			for i := len(way) - 1; i >= 0; i-- {
				if name, ok := way[i].(string); ok {
					t = reflect.StructOf([]reflect.StructField{{Name: "F", Type: t, Tag: reflect.StructTag(`fhir:"` + name + `"`)}})
				} else {
					t = reflect.SliceOf(t)
				}
			}
			out = append(out, leaf{n, way, t})
		}
	}
	visit(r.Root(), nil)
	return out
}

// set merges text into the leaf.
func (l leaf) set(t *testing.T, r *Resource, text string) *Resource {
	t.Helper()
	p, err := planOf(l.view)
	if err != nil {
		t.Fatal(err)
	}
	var in reader
	v := reflect.New(l.view).Elem()
	p.read(&in, r.Root(), v)
	at := v
	for _, step := range l.way {
		if i, ok := step.(int); ok {
			at = at.Index(i)
		} else {
			at = at.Field(0)
		}
	}
	at.SetString(text)
	m := merger{src: r.src}
	c := m.object(r.Root(), p, v)
	if in.err != nil || m.in.err != nil {
		t.Fatal(in.err, m.in.err)
	}
	return r.Edit(c.edits)
}

// without is the decoded document without the value at the end of way, what accompanies it, and whatever
// is empty then.
func without(v any, way []any) any {
	if len(way) == 0 {
		return nil
	}
	switch c := v.(type) {
	case map[string]any:
		name := way[0].(string)
		if c[name] = without(c[name], way[1:]); c[name] == nil {
			delete(c, name)
			delete(c, "_"+name)
		}
		if len(c) == 0 {
			return nil
		}
	case []any:
		i := way[0].(int)
		if c[i] = without(c[i], way[1:]); c[i] == nil {
			if c = append(c[:i], c[i+1:]...); len(c) == 0 {
				return nil
			}
		}
		return c
	}
	return v
}

func decoded(t *testing.T, src []byte) (v any) {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(src))
	d.UseNumber()
	if err := d.Decode(&v); err != nil {
		t.Fatal(err)
	}
	return v
}

// TestMergeOfOneLeaf changes and removes each string of the specification's examples, wherever it stands.
func TestMergeOfOneLeaf(t *testing.T) {
	paths, _ := filepath.Glob("../../shared/data/fhir-r4-examples/*/*.json")
	if len(paths) == 0 {
		if os.Getenv("CI") == "true" {
			t.Fatal("the sample data is missing")
		}
		t.Skip("the sample data is not beside the project")
	}
	changed, removed := 0, 0
	for _, path := range paths {
		src, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if len(src) > 20_000 { // what is special about large ones is their size
			continue
		}
		r, err := Parse(src)
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range leaves(r) {
			changed++
			start, end := l.node.Span()
			want := string(src[:start]) + `"changed"` + string(src[end:])
			if got := l.set(t, r, "changed").Bytes(); string(got) != want {
				t.Errorf("%s: %s: more was changed than this", path, l.node.Location())
			}
			if _, inArray := l.way[len(l.way)-1].(int); inArray {
				continue // its companions move along: see TestMerge
			}
			removed++
			gone := l.set(t, r, "")
			if _, err := Parse(gone.Bytes()); err != nil {
				t.Errorf("%s: %s: removed, it is no document: %v", path, l.node.Location(), err)
				continue
			}
			if !reflect.DeepEqual(decoded(t, gone.Bytes()), without(decoded(t, src), l.way)) {
				t.Errorf("%s: %s: more was removed than this", path, l.node.Location())
			}
		}
	}
	t.Logf("%d changed, %d removed in %d examples", changed, removed, len(paths))
}
