package transfer_test

import (
	"bytes"
	"cmp"
	"compress/bzip2"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/osler-ehr/osler/exchange/transfer"
	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record"
)

// TestRealDataIsKept loads everything that we have and compares what is read back with what was sent, element
// by element and digit by digit.
func TestRealDataIsKept(t *testing.T) {
	cases := []struct {
		name  string
		path  func(t *testing.T) string
		quick bool              // part of a short run
		known map[string]string // what is refused
	}{
		{name: "smart-2019", path: func(t *testing.T) string { return sample(t, "synthea/smart-2019") }},
		{name: "blaze-2021", path: func(t *testing.T) string { return sample(t, "synthea/blaze-2021") }},
		{name: "bench-48", path: func(t *testing.T) string { return unpack(t, sample(t, "synthea/bench-48.tar.bz2")) }},
		{name: "us-core examples", path: func(t *testing.T) string { return sample(t, "us-core/examples") }, quick: true, known: refusedUSCore},
		{name: "us-core 6 bundles", path: func(t *testing.T) string { return sample(t, "us-core/azure-uscore6") }, quick: true, known: refusedUSCore6},
		{name: "r4 examples", path: func(t *testing.T) string { return sample(t, "fhir-r4-examples") }, quick: true, known: refusedR4},
		{name: "bulk-ndjson", path: func(t *testing.T) string { return sample(t, "bulk-ndjson/10-patients") }, known: refusedBulk},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if testing.Short() && !c.quick {
				t.Skip("not in a short run")
			}
			f, s := open(t)
			sink := newSpy(s)
			dir := c.path(t)
			start := time.Now()
			report := load(t, sink, c.known, dir)
			took := time.Since(start)
			// Under one name several files may store something; then it must be what one of them says.
			type sent struct {
				file string
				doc  *fhir.Resource
			}
			all := map[string][]sent{}
			each(t, dir, func(file string, doc *fhir.Resource, fullURL, method string) {
				name := doc.Type() + "/" + doc.ID()
				if method == "POST" || doc.ID() == "" {
					name = sink.byURL[fullURL]
				}
				if sink.stored[name] && method != "ifNoneExist" { // else it was refused: load has said so
					all[name] = append(all[name], sent{file, doc})
				}
			})
			kept := map[string]*fhir.Resource{}
			if err := s.Walk(context.Background(), false, func(v *record.Version) error { kept[v.Type+"/"+v.ID] = v.Resource(); return nil }); err != nil {
				t.Fatal(err)
			}
			digits, wrong := 0, 0
			for name, sents := range all {
				if kept[name] == nil {
					t.Errorf("%s: %s is not there", sents[0].file, name)
					continue
				}
				first := ""
				for i, sent := range sents {
					d := difference(sent.doc.Root(), kept[name].Root(), sent.doc.Type(), sink.byURL, &digits)
					if d == "" {
						first = ""
						break
					}
					if i == 0 {
						first = sent.file + ": " + name + ": " + d
					}
				}
				if first != "" {
					if wrong++; wrong > 5 {
						t.Fatal("and so on")
					}
					t.Error(first)
				}
			}
			compared := len(all)
			found, err := f.Verify(context.Background(), nil)
			if err != nil {
				t.Fatal(err)
			}
			if len(found.Problems) > 0 {
				t.Errorf("verify finds %d problems: %v", len(found.Problems), found.Problems[:min(5, len(found.Problems))])
			}
			if compared == 0 && len(report.Refused) < report.Files {
				t.Error("nothing was compared")
			}
			t.Logf("%d files, %d resources stored in %v, %d refused, %d compared, %d numbers among them, %d references lead nowhere",
				report.Files, report.Resources, took.Round(time.Millisecond), len(report.Refused), compared, digits, found.Dangling)
			last, err := f.Store.LastChange(context.Background())
			if err != nil {
				t.Fatal(err)
			}
			again := load(t, transfer.Local{Session: s}, c.known, dir)
			if again.Written > 0 {
				t.Errorf("loading again writes %d resources", again.Written)
			}
			if after, err := f.Store.LastChange(context.Background()); err != nil || after != last {
				t.Errorf("loading again made changes %d to %d (%v)", last+1, after, err)
			}
		})
	}
}

// each gives every resource of a folder, as the files have it: entries of transactions and batches one by one.
func each(t *testing.T, dir string, give func(file string, doc *fhir.Resource, fullURL, method string)) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		name := strings.TrimSuffix(path, ".bz2")
		if err != nil || d.IsDir() || !strings.HasSuffix(name, "json") {
			return err
		}
		f, err := os.Open(path)
		if err != nil {
			return err
		}
		defer f.Close()
		var r io.Reader = f
		if name != path {
			r = bzip2.NewReader(f)
		}
		content, err := io.ReadAll(r)
		if err != nil {
			return err
		}
		if strings.HasSuffix(name, ".ndjson") {
			for line := range bytes.Lines(content) {
				if doc, err := fhir.Parse(bytes.TrimSpace(line)); err == nil {
					give(filepath.Base(path), doc, "", "PUT")
				}
			}
			return nil
		}
		doc, err := fhir.ParseLarge(content)
		if err != nil {
			return nil // refused, too
		}
		if doc.Type() != "Bundle" {
			give(filepath.Base(path), doc, "", "PUT")
			return nil
		}
		b, err := fhir.ReadBundle(doc)
		if err != nil || strings.HasSuffix(b.Type, "-response") {
			return nil // refused, too
		}
		for _, e := range b.Entry {
			if e.Resource.Exists() && e.Request.Method != "GET" {
				method := e.Request.Method
				if e.Request.IfNoneExist != "" {
					method = "ifNoneExist"
				}
				give(filepath.Base(path), e.Resource.Resource(), e.FullURL, method)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// difference compares a document with what became of it: the same elements in the same order, numbers with the
// same digits. Only the id, the version and time of the meta, and references within what was sent may differ.
func difference(sent, kept fhir.Node, at string, names map[string]string, digits *int) string {
	if sent.Kind() != kept.Kind() {
		return fmt.Sprintf("%s: %v became %v", at, sent.Kind(), kept.Kind())
	}
	root := !strings.ContainsAny(at, ".[")
	switch sent.Kind() {
	case fhir.Object:
		a, b := children(sent, at, root), children(kept, at, root)
		if len(a) != len(b) {
			return fmt.Sprintf("%s: %d elements became %d", at, len(a), len(b))
		}
		for i := range a {
			if a[i].Key() != b[i].Key() {
				return fmt.Sprintf("%s: %s stands where %s was", at, b[i].Key(), a[i].Key())
			}
			if d := difference(a[i], b[i], at+"."+a[i].Key(), names, digits); d != "" {
				return d
			}
		}
	case fhir.Array:
		if sent.Len() != kept.Len() {
			return fmt.Sprintf("%s: %d items became %d", at, sent.Len(), kept.Len())
		}
		for i := range sent.Len() {
			if d := difference(sent.Index(i), kept.Index(i), fmt.Sprintf("%s[%d]", at, i), names, digits); d != "" {
				return d
			}
		}
	case fhir.Number:
		if *digits++; string(sent.Raw()) != string(kept.Raw()) {
			return fmt.Sprintf("%s: %s became %s", at, sent.Raw(), kept.Raw())
		}
	case fhir.String:
		if sent.Text() == kept.Text() {
			return ""
		}
		whole, fragment, marked := strings.Cut(sent.Text(), "#")
		want := names[whole]
		if marked {
			want += "#" + fragment
		}
		if want == kept.Text() || strings.HasSuffix(at, ".reference") && resolved(sent.Text(), kept.Text()) {
			return ""
		}
		return fmt.Sprintf("%s: %q became %q", at, sent.Text(), kept.Text())
	default:
		if string(sent.Raw()) != string(kept.Raw()) {
			return fmt.Sprintf("%s: %s became %s", at, sent.Raw(), kept.Raw())
		}
	}
	return ""
}

// resolved reports whether a conditional reference, such as Practitioner?identifier=a|b, became one to a
// resource of that type. That it is the right one, the search for it tells; see package searchtest.
func resolved(sent, kept string) bool {
	typ, _, conditional := strings.Cut(sent, "?")
	return conditional && strings.HasPrefix(kept, typ+"/") && fhir.ValidID(strings.TrimPrefix(kept, typ+"/"))
}

// children are an object's properties without those that the record sets.
func children(n fhir.Node, at string, root bool) (out []fhir.Node) {
	for c := range n.Children() {
		switch {
		case root && c.Key() == "id":
			continue
		case strings.HasSuffix(at, ".meta") && strings.Count(at, ".") == 1 && (c.Key() == "versionId" || c.Key() == "lastUpdated"):
			continue
		case root && c.Key() == "meta" && len(children(c, at+".meta", false)) == 0:
			continue
		}
		out = append(out, c)
	}
	if root { // the record puts the type and the meta at their usual places
		slices.SortStableFunc(out, func(a, b fhir.Node) int { return cmp.Compare(usual(a.Key()), usual(b.Key())) })
	}
	return out
}

func usual(key string) int {
	switch key {
	case "resourceType":
		return 0
	case "meta":
		return 1
	}
	return 2
}
