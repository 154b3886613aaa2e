package terms_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/osler-ehr/osler/terms"
)

func library(t testing.TB) *terms.Library {
	t.Helper()
	l, err := terms.Open("")
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func system(t testing.TB, l *terms.Library, url string) *terms.System {
	t.Helper()
	s, err := l.System(t.Context(), url, "")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// animals is a small system with everything that systems have.
func animals(t testing.TB) *terms.Builder {
	t.Helper()
	b := terms.NewBuilder(terms.Info{URL: "http://example.org/animals", Version: "1", Name: "Animals", CaseSensitive: true})
	for _, c := range []terms.Concept{
		{Code: "animal", Display: "Animal", Abstract: true},
		{Code: "mammal", Display: "Mammal", Parents: []string{"animal"}},
		{Code: "sea", Display: "Sea creature", Parents: []string{"animal"}, Abstract: true},
		{Code: "whale", Display: "Whale", Parents: []string{"mammal", "sea"}, Designations: []terms.Designation{{Language: "de", Value: "Wal"}}, Properties: []terms.Value{{Property: "legs", Value: "0"}}},
		{Code: "dog", Display: "Dog, domestic", Parents: []string{"mammal"}, Properties: []terms.Value{{Property: "legs", Value: "4"}, {Property: "sound", Value: "woof"}}},
		{Code: "Dog", Display: "Dog constellation"},
		{Code: "dodo", Display: "Dodo", Parents: []string{"animal"}, Inactive: true, Properties: []terms.Value{{Property: "legs", Value: "2"}}},
		{Code: "cafe", Display: "Café-au-lait cow", Parents: []string{"mammal"}, Designations: []terms.Designation{{Use: terms.Definition, Value: "gives milk", Unsearched: true}}},
	} {
		if err := b.Add(c); err != nil {
			t.Fatal(err)
		}
	}
	return b
}

func built(t testing.TB, b *terms.Builder) *terms.System {
	t.Helper()
	s, err := b.System()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestSystem(t *testing.T) {
	s := built(t, animals(t))
	find := func(code string) terms.ID {
		id, ok := s.Find(code)
		if !ok {
			t.Fatalf("%s is not found", code)
		}
		return id
	}
	dog, star := find("dog"), find("Dog")
	if s.Display(dog) != "Dog, domestic" || s.Display(star) != "Dog constellation" {
		t.Error("codes that differ by case are mixed up")
	}
	if _, ok := s.Find("DOG"); ok {
		t.Error("the case of a code does not count")
	}
	whale, animal := s.Concept(find("whale")), find("animal")
	if len(whale.Parents) != 2 || whale.Designations[0] != (terms.Designation{Language: "de", Value: "Wal"}) || whale.Properties[0].Value != "0" {
		t.Errorf("%+v", whale)
	}
	if !s.IsA(find("whale"), find("sea")) || !s.IsA(dog, animal) || s.IsA(animal, dog) || s.IsA(star, animal) || !s.IsA(dog, dog) {
		t.Error("the hierarchy is wrong")
	}
	if below := s.Below(animal); below.Len() != 7 || below.Has(star) {
		t.Errorf("%d below animal", below.Len())
	}
	if above := s.Above(find("whale")); above.Len() != 4 {
		t.Errorf("%d above whale", above.Len())
	}
	roots := 0
	for id := range s.Roots() {
		if id != animal && id != star {
			t.Errorf("%s is a root", s.Code(id))
		}
		roots++
	}
	if roots != 2 || !s.Abstract(animal) || !s.Inactive(find("dodo")) || s.Inactive(dog) {
		t.Error("roots or flags are wrong")
	}
}

func TestBuilderReport(t *testing.T) {
	b := terms.NewBuilder(terms.Info{URL: "http://example.org"})
	for _, c := range []terms.Concept{{Code: "a", Display: "A", Parents: []string{"nobody", "a"}}, {Code: "a", Display: "again"}, {Code: "b"}, {Code: "c", Display: "bad \xff"}} {
		if err := b.Add(c); err != nil {
			t.Fatal(err)
		}
	}
	s := built(t, b)
	if got, want := b.Report(), (terms.Report{Twice: 1, Orphans: 2, Nameless: 1, Repaired: 1}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	id, _ := s.Find("b")
	if s.Len() != 3 || s.Display(0) != "A" || s.Display(id) != "b" {
		t.Error("the first concept of a code does not stand, or the code does not stand for its name")
	}
	if err := b.Add(terms.Concept{Display: "no code"}); err == nil {
		t.Error("a concept without a code passed")
	}
	if _, err := terms.NewBuilder(terms.Info{URL: "http://example.org"}).System(); err == nil {
		t.Error("a system without concepts passed")
	}
}

func TestSelect(t *testing.T) {
	s := built(t, animals(t))
	for _, c := range []struct {
		property, op, value string
		want                string // codes in order
		fails               bool
	}{
		{"concept", "is-a", "mammal", "mammal whale dog cafe", false},
		{"concept", "descendent-of", "mammal", "whale dog cafe", false},
		{"concept", "is-not-a", "mammal", "animal sea Dog dodo", false},
		{"concept", "generalizes", "whale", "animal mammal sea whale", false},
		{"concept", "child-of", "animal", "mammal sea dodo", false},
		{"concept", "is-a", "nothing", "", false},
		{"concept", "in", "dog, whale,unknown", "whale dog", false},
		{"concept", "not-in", "dog,whale,Dog", "animal mammal sea dodo cafe", false},
		{"code", "regex", "[dD]o.", "dog Dog", false},
		{"display", "regex", "Dog.*", "dog Dog", false},
		{"display", "=", "Dodo", "dodo", false},
		{"legs", "=", "4", "dog", false},
		{"legs", "in", "0,2", "whale dodo", false},
		{"legs", "not-in", "0,2", "animal mammal sea dog Dog cafe", false},
		{"legs", "exists", "true", "whale dog dodo", false},
		{"legs", "exists", "false", "animal mammal sea Dog cafe", false},
		{"legs", "regex", "[0-3]", "whale dodo", false},
		{"inactive", "=", "true", "dodo", false},
		{"notSelectable", "=", "false", "mammal whale dog Dog dodo cafe", false},
		{"parent", "=", "sea", "whale", false},
		{"child", "exists", "true", "animal mammal sea", false},
		{"parent", "exists", "false", "animal Dog", false},
		{"wings", "=", "2", "", true},
		{"legs", "regex", "(", "", true},
		{"legs", "about", "4", "", true},
		{"concept", "about", "dog", "", true},
	} {
		for range 2 { // the second time from the cache
			set, err := s.Select(terms.Filter{Property: c.property, Op: c.op, Value: c.value})
			if (err != nil) != c.fails {
				t.Errorf("%s %s %s: %v", c.property, c.op, c.value, err)
			}
			if err != nil {
				continue
			}
			if got := codes(s, set); got != c.want {
				t.Errorf("%s %s %s: got %q, want %q", c.property, c.op, c.value, got, c.want)
			}
		}
	}
}

func codes(s *terms.System, set *terms.Set) string {
	var out []byte
	for id := range set.All() {
		if len(out) > 0 {
			out = append(out, ' ')
		}
		out = append(out, s.Code(id)...)
	}
	return string(out)
}

// A file with any byte changed is refused, or says the same.
func TestDamage(t *testing.T) {
	dir := t.TempDir()
	file, err := terms.Install(dir, animals(t))
	if err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(dir, file)
	good, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	other := t.TempDir()
	refused := 0
	for i := 0; i < len(good); i += 3 {
		bad := bytes.Clone(good)
		bad[i] ^= 0x20
		if err := os.WriteFile(filepath.Join(other, file), bad, 0o600); err != nil {
			t.Fatal(err)
		}
		l, err := terms.Open(other)
		if err == nil {
			_, err = l.System(t.Context(), "http://example.org/animals", "")
		}
		if err != nil {
			refused++
		}
	}
	// Only the zeros that fill sections to multiples of eight bytes are nobody's.
	if most := len(good) / 3 * 8 / 10; refused < most {
		t.Errorf("%d of %d damaged files were refused", refused, len(good)/3)
	}
	for _, size := range []int{0, 7, 16, len(good) / 2, len(good) - 9} {
		if err := os.WriteFile(filepath.Join(other, file), good[:size], 0o600); err != nil {
			t.Fatal(err)
		}
		l, err := terms.Open(other)
		if err == nil {
			_, err = l.System(t.Context(), "http://example.org/animals", "")
		}
		if err == nil {
			t.Errorf("a file of %d bytes passed", size)
		}
	}
}

func TestLibrary(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "not yet there")
	l, err := terms.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := l.System(t.Context(), "http://example.org/animals", ""); err != terms.ErrUnknown {
		t.Fatalf("got %v", err)
	}
	if _, err := terms.Install(dir, animals(t)); err != nil {
		t.Fatal(err)
	}
	if err := l.Reload(); err != nil {
		t.Fatal(err)
	}
	s := system(t, l, "http://example.org/animals")
	if again := system(t, l, "http://example.org/animals|1"); again != s {
		t.Error("the system was opened twice")
	}
	if _, err := l.System(t.Context(), "http://example.org/animals", "2"); err != terms.ErrUnknown {
		t.Errorf("version 2: %v", err)
	}
	if err := os.WriteFile(filepath.Join(dir, "broken.terms"), []byte("not ours"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := l.Reload(); err == nil {
		t.Error("a broken file goes unnoticed")
	}
	if system(t, l, "http://example.org/animals") != s {
		t.Error("a broken file hides another")
	}
	for _, url := range []string{terms.ICD10CM, terms.CVX, terms.MVX, "http://hl7.org/fhir/administrative-gender", "urn:oid:2.16.840.1.113883.12.292", "http://terminology.hl7.org/CodeSystem/v3-ActCode"} {
		if system(t, l, url).Len() < 4 {
			t.Errorf("%s is nearly empty", url)
		}
	}
	list := l.List(false)
	loaded := 0
	for _, x := range list {
		if !x.Ships {
			loaded++
			if x.URL != "http://example.org/animals" || x.Count != 8 || x.Size == 0 {
				t.Errorf("%+v", x)
			}
		}
	}
	if loaded != 1 || len(list) != 4 || len(l.List(true)) < 500 {
		t.Errorf("%d loaded of %d", loaded, len(list))
	}
	if err := l.Warm(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestBuiltinMap(t *testing.T) {
	m, err := library(t).Map(t.Context(), terms.NDCToCVX, "")
	if err != nil {
		t.Fatal(err)
	}
	for _, code := range []string{"49281-0425-50", "49281042550"} {
		lines := m.Translate(terms.NDC, code)
		if len(lines) != 1 || lines[0].Target.Code != "140" || lines[0].Target.Display == "" || lines[0].Equivalence != "wider" {
			t.Errorf("%s: %+v", code, lines)
		}
	}
	if back := m.Reverse(terms.CVX, "140"); len(back) < 10 {
		t.Errorf("%d packages of CVX 140", len(back))
	}
	if lines := m.Translate(terms.NDC, "00000-0000-00"); lines != nil {
		t.Errorf("%+v", lines)
	}
	if maps, err := library(t).Maps(t.Context(), terms.NDC, ""); err != nil || len(maps) != 1 {
		t.Errorf("%d maps, %v", len(maps), err)
	}
}

// What another process loads takes effect by itself.
func TestWatch(t *testing.T) {
	dir := t.TempDir()
	l, err := terms.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	faults := make(chan error, 100)
	ended := make(chan struct{})
	go func() { defer close(ended); l.Watch(ctx, time.Millisecond, func(err error) { faults <- err }) }()
	if _, err := terms.Install(dir, animals(t)); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(5 * time.Minute); ; time.Sleep(time.Millisecond) {
		if _, err := l.System(t.Context(), "http://example.org/animals", ""); err == nil {
			break
		} else if time.Now().After(deadline) {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "broken.terms"), []byte("not ours"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := <-faults; !strings.Contains(err.Error(), "broken.terms") {
		t.Errorf("got %v", err)
	}
	stop()
	<-ended
	if len(faults) > 0 {
		t.Errorf("the same fault is told again: %v", <-faults)
	}
}
