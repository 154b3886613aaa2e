package transfer_test

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/osler-ehr/osler/clock"
	"github.com/osler-ehr/osler/exchange/transfer"
	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/record/recordtest"
)

// TestExportIsTheWholeRecord: a record that an export is loaded into exports the same, byte for byte; a second
// load changes nothing.
func TestExportIsTheWholeRecord(t *testing.T) {
	at := clock.At(time.Date(2026, 11, 20, 8, 0, 0, 123e6, time.UTC))
	f := recordtest.New(t, at)
	s := f.As(access.Program)
	paths := []string{sample(t, "fhir-r4-examples")}
	if !testing.Short() {
		paths = append(paths, some(t, sample(t, "synthea/smart-2019"), 3), some(t, sample(t, "synthea/blaze-2021"), 5))
	}
	load(t, transfer.Local{Session: s}, refusedR4, paths...)
	live(t, s, at)
	for _, history := range []bool{false, true} {
		t.Run(fmt.Sprintf("history %v", history), func(t *testing.T) {
			first := export(t, s, history)
			g, into := open(t)
			report := load(t, transfer.Local{Session: into}, nil, first)
			again := export(t, into, history)
			sameFolders(t, first, again)
			last, err := g.Store.LastChange(context.Background())
			if err != nil {
				t.Fatal(err)
			}
			if r := load(t, transfer.Local{Session: into}, nil, first); r.Written != 0 {
				t.Errorf("a second load writes %d resources", r.Written)
			}
			if now, err := g.Store.LastChange(context.Background()); err != nil || now != last {
				t.Errorf("a second load makes changes %d to %d (%v)", last+1, now, err)
			}
			found, err := g.Verify(context.Background(), nil)
			if err != nil || len(found.Problems) > 0 {
				t.Errorf("verify: %v %v", err, found.Problems)
			}
			t.Logf("%d resources read, %d written, %d versions", report.Resources, report.Written, found.Versions)
		})
	}
}

// live makes a history: changes, deletions, things that come back, misfiled results that move to another
// patient, and a patient whose whole record is deleted.
func live(t *testing.T, s *record.Session, at *clock.Fixed) {
	t.Helper()
	ctx := context.Background()
	rng := rand.New(rand.NewPCG(4, 2))
	var all []*record.Version
	if err := s.Walk(ctx, false, func(v *record.Version) error { all = append(all, v); return nil }); err != nil {
		t.Fatal(err)
	}
	do := func(ops ...record.Op) error {
		at.Advance(time.Duration(rng.IntN(5000)) * time.Millisecond)
		for i := range ops {
			ops[i].LooseReferences = true
		}
		_, err := s.Do(ctx, ops)
		return err
	}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	mark := func(v *record.Version, n int) record.Op {
		text := string(v.Body)
		text = fmt.Sprintf(`%s,"implicitRules":"http://example.org/%d"}`, strings.TrimSuffix(strings.ReplaceAll(text, `"implicitRules":`, `"_ignored":`), "}"), n)
		doc, err := fhir.Parse([]byte(text))
		must(err)
		return record.Op{Verb: record.Update, Type: v.Type, ID: v.ID, Resource: doc}
	}
	updated, deleted, back, moved := 0, 0, 0, 0
	for _, v := range all {
		switch rng.IntN(12) {
		case 0, 1:
			for n := range 1 + rng.IntN(4) {
				must(do(mark(v, n)))
				updated++
			}
		case 2:
			err := do(record.Op{Verb: record.Delete, Type: v.Type, ID: v.ID})
			if record.KindOf(err) == record.KindConflict {
				continue // others refer to it
			}
			must(err)
			if deleted++; rng.IntN(3) == 0 {
				must(do(mark(v, 9)))
				back++
			}
		case 3:
			if v.Type != "Observation" || !strings.Contains(string(v.Body), `"subject":{"reference":"Patient/`) {
				continue
			}
			var to string
			for _, p := range all {
				if p.Type == "Patient" && !strings.Contains(string(v.Body), "Patient/"+p.ID) {
					to = p.ID
				}
			}
			from := v.Resource().Get("subject").Get("reference").Text()
			doc, err := fhir.Parse([]byte(strings.Replace(string(v.Body), `"`+from+`"`, `"Patient/`+to+`"`, 1)))
			must(err)
			if err := do(record.Op{Verb: record.Update, Type: v.Type, ID: v.ID, Resource: doc}); record.KindOf(err) == record.KindGone {
				continue
			} else {
				must(err)
			}
			moved++
		}
	}
	patient, err := fhir.Parse([]byte(`{"resourceType":"Patient","id":"passing","name":[{"family":"Passing"}]}`))
	must(err)
	weight, err := fhir.Parse([]byte(`{"resourceType":"Observation","id":"passing-weight","status":"final","code":{"text":"weight"},"subject":{"reference":"Patient/passing"},"valueQuantity":{"value":70.50,"unit":"kg"}}`))
	must(err)
	must(do(record.Op{Verb: record.Update, Type: "Patient", ID: "passing", Resource: patient}, record.Op{Verb: record.Update, Type: "Observation", ID: "passing-weight", Resource: weight}))
	must(do(record.Op{Verb: record.Delete, Type: "Patient", ID: "passing"}, record.Op{Verb: record.Delete, Type: "Observation", ID: "passing-weight"}))
	stored, err := fhir.Parse([]byte(`{"resourceType":"Bundle","id":"kept","type":"history","entry":[{"fullUrl":"Basic/x","request":{"method":"DELETE","url":"Basic/x"},"response":{"status":"204","etag":"W/\"2\"","lastModified":"2020-01-02T03:04:05Z"}}]}`))
	must(err)
	must(do(record.Op{Verb: record.Update, Type: "Bundle", ID: "kept", Resource: stored})) // looks like a deletion, and is none
	t.Logf("%d updates, %d deletions, %d of them undone, %d moves to another patient", updated, deleted, back, moved)
	if updated == 0 || deleted == 0 || back == 0 || moved == 0 && !testing.Short() {
		t.Error("the history has not everything in it that it is for")
	}
}

func export(t *testing.T, s *record.Session, history bool) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "export")
	if _, err := transfer.Export(context.Background(), s, dir, history, nil); err != nil {
		t.Fatal(err)
	}
	return dir
}

func sameFolders(t *testing.T, a, b string) {
	t.Helper()
	files := map[string]bool{}
	for _, dir := range []string{a, b} {
		entries, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			files[e.Name()] = true
		}
	}
	for name := range files {
		x, err1 := os.ReadFile(filepath.Join(a, name))
		y, err2 := os.ReadFile(filepath.Join(b, name))
		if err1 != nil || err2 != nil {
			t.Errorf("%s: %v %v", name, err1, err2)
			continue
		}
		if bytes.Equal(x, y) {
			continue
		}
		xs, ys := bytes.Split(x, []byte("\n")), bytes.Split(y, []byte("\n"))
		for i := range max(len(xs), len(ys)) {
			if i >= len(xs) || i >= len(ys) || !bytes.Equal(xs[i], ys[i]) {
				line := func(l [][]byte) string {
					if i >= len(l) {
						return "nothing"
					}
					return string(l[i][:min(200, len(l[i]))])
				}
				t.Errorf("%s (%d and %d lines) differs at line %d:\n%s\n%s", name, len(xs), len(ys), i+1, line(xs), line(ys))
				break
			}
		}
	}
}
