package drugs

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/osler-ehr/osler/fhir"
)

func added(t *testing.T, title, text string) *Added {
	t.Helper()
	a, err := ReadAdded(strings.NewReader(text), Added{Title: title, Version: "3", Date: time.Date(2026, 8, 1, 0, 0, 0, 0, time.UTC)}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

const (
	herbs        = "name,rxcui,classes,brands,other_names\nTurmeric,2627,herb,,curcuma longa\n"
	interactions = "id,severity,side_a,side_b,effect,advice\n1,stop,warfarin;rxcui:2627,@nsaid,\"bleeding, badly\",Avoid.\n2,caution,turmeric,warfarin,bleeding,Check INR.\n"
	allergies    = "class,name,members,recorded_as,cross_severity\nglycopeptide,glycopeptide,vancomycin;metformin,Glycopeptides,stop\n"
	doses        = "ingredient,route,from_years,below_years,most_at_once,most_in_period,unit,period\nmetformin,oral,18,,850,1700,mg,day\n"
)

func TestAddedSetsAreUsed(t *testing.T) {
	names := added(t, "House", strings.Replace(herbs, ",herb,", ",,", 1))
	l, err := With(names, added(t, "House", interactions), added(t, "House", allergies), added(t, "House", doses))
	if err != nil {
		t.Fatal(err)
	}
	turmeric, ok := l.Ingredient("Curcuma longa")
	if !ok {
		t.Fatal("the ingredient is not known")
	}
	warfarin, _ := l.Ingredient("warfarin")
	ibuprofen, _ := l.Ingredient("ibuprofen")
	metformin, _ := l.Ingredient("metformin")
	for _, c := range []struct {
		a, b *Ingredient
		want string
	}{{turmeric, warfarin, "house-interactions.2"}, {ibuprofen, turmeric, "house-interactions.1"}, {warfarin, ibuprofen, "house-interactions.1"}} {
		found := false
		for _, rule := range l.Rules.Between(c.a, c.b) {
			found = found || rule.ID == c.want && rule.Source.Title == "House" && rule.Source.Version == "3"
		}
		if !found {
			t.Errorf("%s and %s: %s is not found", c.a.Name, c.b.Name, c.want)
		}
	}
	if m := l.Allergen(fhir.CodeableConcept{Text: "glycopeptides"}); len(m.Classes) != 1 || !metformin.Is("glycopeptide") {
		t.Errorf("the class: %+v", m)
	}
	if d := l.Rules.Doses[0]; d.Ingredient != metformin || d.Source.Title != "House" {
		t.Errorf("the added limit does not go first: %s", d.ID)
	}
	if ships := builtin(t); len(ships.Added) != 0 {
		t.Error("the library that ships was changed")
	} else if _, known := ships.Ingredient("turmeric"); known {
		t.Error("the library that ships was changed")
	}
}

func TestWrongLinesAreNamedAndChangeNothing(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"id,severity\n", "line 1: the columns are those of no kind of set"},
		{"", "line 1: the names of the columns cannot be read"},
		{"id,severity,side_a,side_b,effect,advice\n", "the file has no rows"},
		{"id,severity,side_a,side_b,effect,advice\n1,stop,warfarin\n", "line 2: 3 fields, not 6"},
		{"id,severity,side_a,side_b,effect,advice\n1,stop,warf\"arin,x,y,z\n", "line 2"},
		{"id,severity,side_a,side_b,effect,advice\n1,grave,warfarin,ibuprofen,bleeding,\n2,stop,warfarin,snake oil,x,\n", `line 2: "grave" is no severity`},
		{"id,severity,side_a,side_b,effect,advice\n1,stop,warfarin,ibuprofen,bleeding,\n2,stop,warfarin,snake oil,x,\n", `line 3: side_b: ingredient "snake oil" is not known`},
		{"id,severity,side_a,side_b,effect,advice\n1,stop,warfarin,ibuprofen,bleeding,\n1,stop,warfarin,aspirin,bleeding,\n", "line 3: the id 1 stands here twice"},
		{"id,severity,side_a,side_b,effect,advice\n1,stop,rxcui:0,ibuprofen,bleeding,\n", "no ingredient has the RxNorm code 0"},
		{"ingredient,route,from_years,below_years,most_at_once,most_in_period,unit,period\nmetformin,oral,,,-1,,mg,day\n", "a limit must be above 0"},
		{"ingredient,route,from_years,below_years,most_at_once,most_in_period,unit,period\nmetformin,oral,,,1,,g,day\n", `unit "g"`},
		{"ingredient,route,from_years,below_years,most_at_once,most_in_period,unit,period\nmetformin,oral,,,,,mg,day\n", "a limit needs an amount"},
		{"class,name,members,recorded_as,cross_severity\nA B,x,metformin,,\n", "write its id in small letters"},
		{"name,rxcui,classes,brands,other_names\nwarfarin,,,,\n", `"warfarin" names two ingredients`},
	} {
		dir := t.TempDir()
		a, err := ReadAdded(strings.NewReader(c.text), Added{Title: "House"}, nil)
		if err == nil {
			_, err = Add(dir, a)
		}
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: %v, want %q", c.text, err, c.want)
		}
		if entries, _ := os.ReadDir(dir); len(entries) != 0 {
			t.Errorf("%q left something behind", c.text)
		}
	}
	var many strings.Builder
	many.WriteString("id,severity,side_a,side_b,effect,advice\n")
	for range 30 {
		many.WriteString("1,2,3\n")
	}
	_, err := ReadAdded(strings.NewReader(many.String()), Added{Title: "House"}, nil)
	if wrong, ok := errors.AsType[*LineErrors](err); !ok || len(wrong.Lines) != 20 || wrong.More != 10 {
		t.Errorf("%v", err)
	}
}

func TestAddListRemove(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "drugs")
	if l, err := Open(dir); err != nil || l != builtin(t) {
		t.Fatalf("a folder that is not there: %v", err)
	}
	names := added(t, "House", strings.Replace(herbs, ",herb,", ",,", 1))
	for i, a := range []*Added{names, added(t, "House", interactions), added(t, "House", interactions)} {
		replaced, err := Add(dir, a)
		if err != nil || replaced != (i == 2) {
			t.Fatalf("%d: replaced %v, %v", i, replaced, err)
		}
	}
	sets, broken, err := List(dir)
	if err != nil || len(sets) != 2 || len(broken) != 0 || sets[0].ID != "house-ingredients" || sets[1].Rows != 2 || sets[1].Version != "3" {
		t.Fatalf("%+v %+v %v", sets, broken, err)
	}
	if err := Remove(dir, "house-ingredients"); err == nil || !strings.Contains(err.Error(), "remove those first") {
		t.Errorf("names that rules need were removed: %v", err)
	}
	if err := Remove(dir, "../keyring"); err == nil {
		t.Error("a file elsewhere")
	}
	// A file that was cut off is missed by the checks, and keeps nothing else from being used.
	name := filepath.Join(dir, "house-interactions.drugs")
	whole, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, whole[:len(whole)-40], 0o600); err != nil {
		t.Fatal(err)
	}
	l, err := Open(dir)
	if err != nil || len(l.Broken) != 1 || l.Broken[0].Kind != KindInteractions || len(l.Added) != 1 {
		t.Fatalf("%+v %v", l.Broken, err)
	}
	if err := Remove(dir, "house-interactions"); err != nil {
		t.Error(err)
	}
	if err := Remove(dir, "house-interactions"); err == nil {
		t.Error("removed twice")
	}
}

// FuzzReadAdded never panics, and what it takes can be written and read again.
func FuzzReadAdded(f *testing.F) {
	for _, s := range []string{herbs, interactions, allergies, doses, "id\n\"", "\ufeff" + doses} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		a, err := ReadAdded(strings.NewReader(text), Added{Title: "Fuzz"}, nil)
		if err != nil {
			return
		}
		if _, err := With(a); err != nil {
			return
		}
		dir := t.TempDir()
		if _, err := Add(dir, a); err != nil {
			t.Fatal(err)
		}
		again, broken, err := List(dir)
		if err != nil || len(broken) != 0 || len(again) != 1 || again[0].Rows != a.Rows {
			t.Fatalf("%v %v %v", again, broken, err)
		}
	})
}

// TestSourcesDoNotTakeEachOthersPlace: a set whose title is shortened to the name of another is refused, and the other stays.
func TestSourcesDoNotTakeEachOthersPlace(t *testing.T) {
	dir := t.TempDir()
	const long = "The interactions of the national formulary for "
	if _, err := Add(dir, added(t, long+"adults", interactionsAlone)); err != nil {
		t.Fatal(err)
	}
	for _, title := range []string{long + "children", "日本"} {
		if _, err := Add(dir, added(t, title, interactionsAlone)); err == nil {
			t.Errorf("%s is added", title)
		}
	}
	if replaced, err := Add(dir, added(t, long+"Adults", interactionsAlone)); err != nil || !replaced {
		t.Errorf("the next version: %v, %v", replaced, err)
	}
	if sets, broken, err := List(dir); err != nil || len(sets) != 1 || len(broken) != 0 || sets[0].Title != long+"Adults" {
		t.Errorf("%+v, %+v, %v", sets, broken, err)
	}
}

const interactionsAlone = "id,severity,side_a,side_b,effect,advice\n1,stop,warfarin,@nsaid,bleeding,Avoid.\n"
