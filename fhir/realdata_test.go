package fhir_test

import (
	"archive/tar"
	"bytes"
	"compress/bzip2"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/osler-ehr/osler/fhir"
)

// sampleData is the folder of sample data beside the project. Without it the test is skipped, except
// where CI is set.
func sampleData(t testing.TB) string {
	t.Helper()
	const dir = "../../shared/data"
	if _, err := os.Stat(dir); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("the sample data is missing: ", err)
		}
		t.Skip("the sample data is not beside the project: ", err)
	}
	return dir
}

// eachDocument calls f with every JSON document of the specification's examples and of the synthetic
// patients: 48 bundles when testing.Short, about 90 otherwise.
func eachDocument(t *testing.T, f func(name string, src []byte)) {
	t.Helper()
	dir := sampleData(t)
	check := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	walk := func(folder string) {
		check(filepath.WalkDir(filepath.Join(dir, folder), func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			switch {
			case strings.HasSuffix(path, ".json"):
				src, err := os.ReadFile(path)
				f(path, src)
				return err
			case strings.HasSuffix(path, ".json.bz2"):
				file, err := os.Open(path)
				if err != nil {
					return err
				}
				defer file.Close()
				src, err := io.ReadAll(bzip2.NewReader(file))
				f(path, src)
				return err
			}
			return nil
		}))
	}
	walk("fhir-r4-examples")
	if !testing.Short() {
		walk("synthea/blaze-2021")
		walk("synthea/smart-2019")
	}
	file, err := os.Open(filepath.Join(dir, "synthea/bench-48.tar.bz2"))
	check(err)
	defer file.Close()
	archive := tar.NewReader(bzip2.NewReader(file))
	for {
		h, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return
		}
		check(err)
		if strings.HasSuffix(h.Name, ".json") {
			src, err := io.ReadAll(archive)
			check(err)
			f(h.Name, src)
		}
	}
}

// value is a node as encoding/json would decode it, numbers as their text.
func value(n fhir.Node) any {
	switch n.Kind() {
	case fhir.Object:
		m := map[string]any{}
		for c := range n.Children() {
			m[c.Key()] = value(c)
		}
		return m
	case fhir.Array:
		list := []any{}
		for c := range n.Children() {
			list = append(list, value(c))
		}
		return list
	case fhir.String:
		return n.Text()
	case fhir.Number:
		return json.Number(n.Text())
	case fhir.Bool:
		return n.Bool()
	}
	return nil
}

func decode(t testing.TB, src []byte) any {
	t.Helper()
	var v any
	d := json.NewDecoder(bytes.NewReader(src))
	d.UseNumber()
	if err := d.Decode(&v); err != nil {
		t.Fatal(err)
	}
	return v
}

// everything names a property of each data type that real resources hold, so that reading them is tried.
type everything struct {
	Meta       fhir.Meta
	Text       fhir.Narrative
	Extension  []fhir.Extension
	Identifier fhir.Node // a list or a single one
	Code       fhir.Node
	Value      fhir.Choice `fhir:"value[x]"`
	Effective  fhir.Choice `fhir:"effective[x]"`
	Onset      fhir.Choice `fhir:"onset[x]"`
	Subject    fhir.Node
}

func TestRealDocumentsSurvive(t *testing.T) {
	documents, resources := 0, 0
	one := func(name string, r *fhir.Resource) {
		resources++
		var want bytes.Buffer
		if err := json.Compact(&want, r.Bytes()); err != nil {
			t.Fatal(err)
		}
		if got := r.Compact().Bytes(); !bytes.Equal(got, want.Bytes()) {
			t.Errorf("%s: %s/%s compacts differently", name, r.Type(), r.ID())
		}
		v, err := fhir.View[everything](r)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			return
		}
		if same, err := fhir.Merge(r, v); err != nil || same != r {
			t.Errorf("%s: %s/%s: merging what was read changed it (%v)", name, r.Type(), r.ID(), err)
		}
	}
	eachDocument(t, func(name string, src []byte) {
		r, err := fhir.Parse(src)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			return
		}
		documents++
		if !bytes.Equal(r.Bytes(), src) {
			t.Errorf("%s: the bytes changed", name)
		}
		if !reflect.DeepEqual(value(r.Root()), decode(t, src)) {
			t.Errorf("%s: the tree reads differently from encoding/json", name)
		}
		one(name, r)
		if r.Type() != "Bundle" {
			return
		}
		b, err := fhir.ReadBundle(r)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			return
		}
		w := fhir.NewBundleWriter(nil, *b)
		for _, e := range b.Entry {
			w.Add(e, nil)
			if e.Resource.Exists() {
				inner := e.Resource.Resource()
				again, err := fhir.Parse(inner.Bytes())
				if err != nil || !again.Root().Equal(inner.Root()) {
					t.Errorf("%s: %s: not the same document taken out of its Bundle (%v)", name, e.FullURL, err)
				}
				one(name, inner)
			}
		}
		back, err := fhir.Parse(w.Finish())
		if err != nil {
			t.Errorf("%s: the Bundle written again: %v", name, err)
			return
		}
		if strings.Contains(name, "bench-48") || r.Get("entry").Len() > 50 { // synthetic: no extensions on Bundle's own elements
			got, want := decode(t, back.Bytes()).(map[string]any), decode(t, src).(map[string]any)
			if !reflect.DeepEqual(got["entry"], want["entry"]) || got["type"] != want["type"] {
				t.Errorf("%s: the Bundle written again differs", name)
			}
		}
	})
	t.Logf("%d documents, %d resources", documents, resources)
	if !t.Failed() {
		t.Logf("conformance: %d of %d documents, with %d resources in them", documents, documents, resources)
	}
	if documents < 50 {
		t.Errorf("only %d documents were found", documents)
	}
}
