package charting

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestShippedFilesAreWhole(t *testing.T) {
	templates, err := readTemplates()
	if err != nil {
		t.Fatal(err)
	}
	ids, additions := map[string]bool{}, 0
	for _, tmpl := range templates {
		if ids[tmpl.ID] {
			t.Errorf("two templates are %s", tmpl.ID)
		}
		ids[tmpl.ID] = true
		if tmpl.Addition {
			additions++
		} else if tmpl.Class == "" || tmpl.Visit.Code == "" || tmpl.section("51847-2") == nil && tmpl.section("51848-0") == nil {
			t.Errorf("%s lacks a class or type of visit, or an assessment", tmpl.ID)
		}
		for _, s := range tmpl.Sections {
			if s.Code == "" || s.Display == "" || s.Title == "" || s.Text != clean(s.Text) {
				t.Errorf("%s: section %q is not whole", tmpl.ID, s.Title)
			}
		}
	}
	for _, id := range strings.Fields("acute followup physical wellchild wellness procedure telephone") {
		if !ids[id] {
			t.Errorf("no template %s", id)
		}
	}
	if additions != 1 {
		t.Errorf("%d templates for addenda", additions)
	}
	phrases, err := readPhrases()
	if err != nil || len(phrases) < 10 {
		t.Errorf("%d phrases, %v", len(phrases), err)
	}
}

func TestFreeze(t *testing.T) {
	for _, c := range []struct{ text, frozen, plain string }{
		{"", "", ""},
		{"No marks [at all] (here) @ noon ~ 5", "No marks [at all] (here) @ noon ~ 5", "No marks [at all] (here) @ noon ~ 5"},
		{"K @[5.6 mmol/L ↑ H, 20-Nov-2026](result/loinc%7C2823-3), repeat.", "K 5.6 mmol/L ↑ H, 20-Nov-2026, repeat.", "K 5.6 mmol/L ↑ H, 20-Nov-2026, repeat."},
		{"~[Works shifts.](2026-08-24/d1)", "Works shifts. (from 24-Aug-2026)", "Works shifts."},
		{"~[Two\nlines](2026-08/x) end", "Two\nlines (from Aug-2026) end", "Two\nlines end"},
	} {
		if got := freeze(c.text); got != c.frozen {
			t.Errorf("freeze(%q) = %q, want %q", c.text, got, c.frozen)
		}
		if got := plain(c.text); got != c.plain {
			t.Errorf("plain(%q) = %q, want %q", c.text, got, c.plain)
		}
	}
}

func TestNarrative(t *testing.T) {
	const want = `<div xmlns="http://www.w3.org/1999/xhtml"><p>a &lt;b&gt; &amp; &#34;c&#34;<br/>d</p><p>e</p></div>`
	if got := narrative("a <b> & \"c\"\nd\n\n\n\ne\n"); got != want {
		t.Errorf("%s", got)
	}
}

// TestMarksSurviveAnyText puts links and carried text with any value into any text, and finds exactly them again.
func TestMarksSurviveAnyText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		before := clean(rapid.String().Draw(t, "before"))
		value, key := clean(rapid.String().Draw(t, "value")), resultKey(rapid.String().Draw(t, "key"))
		if mark.MatchString(before) {
			t.Skip("text that is a mark itself")
		}
		text := before + "\n" + link(value, key) + "\n" + carry(value, "2026-08-24", "d1")
		if keys := links(text); len(keys) != 1 || keys[0] != key {
			t.Fatalf("keys %q of %q", keys, text)
		}
		if got, want := freeze(text), before+"\n"+unbracket(value)+"\n"+unbracket(value)+" (from 24-Aug-2026)"; got != want {
			t.Fatalf("frozen %q, want %q", got, want)
		}
		if got := relink(text, map[string]string{key: "new"}); !strings.Contains(got, link("new", key)) || links(got)[0] != key {
			t.Fatalf("%q", got)
		}
		if got := relink(text, nil); got != text {
			t.Fatalf("changed to %q", got)
		}
	})
}

// TestCleanIsFirm: cleaning what is clean changes nothing, and what is cleaned is what FHIR allows in a string.
func TestCleanIsFirm(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := clean(rapid.String().Draw(t, "text"))
		if again := clean(s); again != s {
			t.Fatalf("%q became %q", s, again)
		}
		for _, r := range s {
			if r < ' ' && r != '\n' && r != '\t' {
				t.Fatalf("%q holds %U", s, r)
			}
		}
	})
}

func FuzzAssessments(f *testing.F) {
	f.Add("ASSESSMENT AND PLAN\n1. Gout\nQuiet.\n2. Cough. Rest.\n\nOBJECTIVE\nTall.")
	f.Add("Assessment: fine")
	f.Fuzz(func(t *testing.T, text string) {
		for _, a := range (prior{Text: clean(text)}).assessments() {
			if strings.TrimSpace(a.Text) == "" || strings.TrimSpace(a.Name) == "" && a.Text != "." && !strings.HasPrefix(a.Text, ".") {
				t.Errorf("nothing is carried: %+v of %q", a, text)
			}
		}
	})
}

// TestShingles holds the hashes against those of the page's script, computed there for the same text.
func TestShingles(t *testing.T) {
	got := shingles("Works shifts, and misses evening doses TWICE a week.")
	if len(got) != 4 || got[0] != fnv("works shifts and misses evening doses") || got[3] != fnv("misses evening doses twice a week") {
		t.Errorf("%d", got)
	}
	if len(shingles("too few words here")) != 0 {
		t.Error("a run of fewer than six words")
	}
}

func fnv(s string) uint32 {
	h := uint32(2166136261)
	for _, c := range []byte(s) {
		h = (h ^ uint32(c)) * 16777619
	}
	return h
}
