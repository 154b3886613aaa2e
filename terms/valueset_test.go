package terms_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/fhir/definitions"
	"github.com/osler-ehr/osler/terms"
)

// source is a library with some systems and value sets more.
type source struct {
	*terms.Library
	systems map[string]*terms.System
	sets    map[string]*terms.ValueSet
}

func (s source) System(ctx context.Context, url, version string) (*terms.System, error) {
	if x, ok := s.systems[url]; ok && (version == "" || version == x.Info().Version) {
		return x, nil
	}
	return s.Library.System(ctx, url, version)
}

func (s source) ValueSet(ctx context.Context, url, version string) (*terms.ValueSet, error) {
	if x, ok := s.sets[url]; ok {
		return x, nil
	}
	return s.Library.ValueSet(ctx, url, version)
}

func newSource(t testing.TB) source {
	return source{library(t), map[string]*terms.System{"http://example.org/animals": built(t, animals(t))}, map[string]*terms.ValueSet{}}
}

// set reads the part of a ValueSet behind its url.
func set(t testing.TB, url, rest string) *terms.ValueSet {
	t.Helper()
	r, err := fhir.Parse([]byte(`{"resourceType":"ValueSet","status":"active","url":"` + url + `",` + rest + `}`))
	if err != nil {
		t.Fatal(err)
	}
	v, err := terms.ReadValueSet(r)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func listed(c *terms.Content) string {
	entries, total := c.Page(terms.ContentQuery{Count: 1000})
	var out []string
	for _, e := range entries {
		out = append(out, e.Code)
	}
	if total != len(out) || total != c.Len() {
		return fmt.Sprintf("%d listed, %d in all, length %d", len(out), total, c.Len())
	}
	return strings.Join(out, " ")
}

const onAnimals = `"system":"http://example.org/animals"`

func TestContent(t *testing.T) {
	src := newSource(t)
	src.sets["http://example.org/vs/mammals"] = set(t, "http://example.org/vs/mammals", `"compose":{"include":[{`+onAnimals+`,"filter":[{"property":"concept","op":"is-a","value":"mammal"}]}]}`)
	src.sets["http://example.org/vs/sea"] = set(t, "http://example.org/vs/sea", `"compose":{"include":[{`+onAnimals+`,"filter":[{"property":"concept","op":"is-a","value":"sea"}]}]}`)
	src.sets["http://example.org/vs/round"] = set(t, "http://example.org/vs/round", `"compose":{"include":[{"valueSet":["http://example.org/vs/round"]},{`+onAnimals+`,"concept":[{"code":"dog"}]}]}`)
	for name, c := range map[string]struct {
		rest    string
		want    string // codes in order
		missing string // "" = the content is whole
	}{
		"all":               {`"compose":{"include":[{` + onAnimals + `}]}`, "animal mammal sea whale dog Dog dodo cafe", ""},
		"listed":            {`"compose":{"include":[{` + onAnimals + `,"concept":[{"code":"whale","display":"Big whale"},{"code":"dog"},{"code":"unicorn","display":"Unicorn"}]}]}`, "whale dog unicorn", ""},
		"filters":           {`"compose":{"include":[{` + onAnimals + `,"filter":[{"property":"concept","op":"is-a","value":"mammal"},{"property":"legs","op":"exists","value":"true"}]}]}`, "whale dog", ""},
		"union":             {`"compose":{"include":[{` + onAnimals + `,"concept":[{"code":"dodo"}]},{"valueSet":["http://example.org/vs/sea"]}]}`, "dodo sea whale", ""},
		"intersection":      {`"compose":{"include":[{"valueSet":["http://example.org/vs/mammals","http://example.org/vs/sea"]}]}`, "whale", ""},
		"system and set":    {`"compose":{"include":[{` + onAnimals + `,"concept":[{"code":"dog"},{"code":"dodo"}],"valueSet":["http://example.org/vs/mammals"]}]}`, "dog", ""},
		"exclude":           {`"compose":{"include":[{"valueSet":["http://example.org/vs/mammals"]}],"exclude":[{` + onAnimals + `,"concept":[{"code":"dog"}]}]}`, "mammal whale cafe", ""},
		"exclude a set":     {`"compose":{"include":[{"valueSet":["http://example.org/vs/mammals"]}],"exclude":[{"valueSet":["http://example.org/vs/sea"]}]}`, "mammal dog cafe", ""},
		"unknown system":    {`"compose":{"include":[{"system":"http://example.org/plants"},{` + onAnimals + `,"concept":[{"code":"dog"}]}]}`, "dog", "http://example.org/plants is not here"},
		"listed of unknown": {`"compose":{"include":[{"system":"http://example.org/plants","concept":[{"code":"oak","display":"Oak"}]}]}`, "oak", ""},
		"exclude unknown":   {`"compose":{"include":[{` + onAnimals + `,"concept":[{"code":"dog"}]}],"exclude":[{"valueSet":["http://example.org/vs/nobody"]}]}`, "", "http://example.org/vs/nobody is not here"},
		"unknown set":       {`"compose":{"include":[{"valueSet":["http://example.org/vs/nobody"]}]}`, "", "http://example.org/vs/nobody is not here"},
		"circle":            {`"compose":{"include":[{"valueSet":["http://example.org/vs/round"]}]}`, "dog", "draws on itself"},
		"bad filter":        {`"compose":{"include":[{` + onAnimals + `,"filter":[{"property":"wings","op":"=","value":"2"}]}]}`, "", "have no property of this name"},
		"nothing said":      {`"name":"Empty"`, "", "does not say what it includes"},
		"expansion alone":   {`"expansion":{"timestamp":"2026-01-01T00:00:00Z","contains":[{"system":"http://example.org/plants","code":"oak","display":"Oak","contains":[{"system":"http://example.org/plants","code":"elm"}]},{"abstract":true,"system":"http://example.org/plants","code":"tree"}]}`, "oak elm", ""},
		"expansion instead": {`"compose":{"include":[{"system":"http://example.org/plants"}]},"expansion":{"timestamp":"2026-01-01T00:00:00Z","contains":[{"system":"http://example.org/plants","code":"oak"}]}`, "oak", ""},
		"expansion in part": {`"expansion":{"timestamp":"2026-01-01T00:00:00Z","total":7,"contains":[{"system":"http://example.org/plants","code":"oak"}]}`, "oak", "not the whole"},
		"compose is better": {`"compose":{"include":[{` + onAnimals + `,"concept":[{"code":"dog"}]}]},"expansion":{"timestamp":"2026-01-01T00:00:00Z","contains":[{` + onAnimals + `,"code":"whale"}]}`, "dog", ""},
		"other version":     {`"compose":{"include":[{` + onAnimals + `,"version":"7"}]}`, "", "version 7, is not here"},
	} {
		t.Run(name, func(t *testing.T) {
			e := terms.Expander{Source: src}
			content, err := e.Content(t.Context(), set(t, "http://example.org/vs/"+name, c.rest))
			if err != nil {
				t.Fatal(err)
			}
			if got := listed(content); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
			if content.Whole() != (c.missing == "") || !strings.Contains(strings.Join(content.Missing(), "\n"), c.missing) {
				t.Errorf("whole: %t, missing: %q", content.Whole(), content.Missing())
			}
		})
	}
}

func TestContains(t *testing.T) {
	src := newSource(t)
	content := func(rest string) *terms.Content {
		e := terms.Expander{Source: src}
		c, err := e.Content(t.Context(), set(t, "http://example.org/vs", rest))
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	animals, plants := "http://example.org/animals", "http://example.org/plants"
	mixed := content(`"compose":{"include":[{` + onAnimals + `,"concept":[{"code":"dog","display":"Hound"}]},{"system":"` + plants + `"}]}`)
	units := content(`"compose":{"include":[{"system":"http://unitsofmeasure.org"}]}`)
	for _, c := range []struct {
		content               *terms.Content
		system, version, code string
		in, known             bool
	}{
		{mixed, animals, "", "dog", true, true},
		{mixed, animals, "1", "dog", true, true},
		{mixed, animals, "2", "dog", false, true},
		{mixed, animals, "", "whale", false, true},
		{mixed, plants, "", "oak", false, false},
		{mixed, "http://example.org/else", "", "oak", false, true},
		{mixed, "", "", "dog", true, true},
		{mixed, "", "", "oak", false, false},
		{units, "http://unitsofmeasure.org", "", "mg/dL", true, true},
		{units, "http://unitsofmeasure.org", "", "mgs", false, true},
		{units, "", "", "mm[Hg]", true, true},
	} {
		if in, known := c.content.Contains(c.system, c.version, c.code); in != c.in || known != c.known {
			t.Errorf("%s|%s %s: got %t, %t", c.system, c.version, c.code, in, known)
		}
	}
	if e, ok := mixed.Find(animals, "", "dog"); !ok || e.Display != "Hound" {
		t.Errorf("the value set's own name is lost: %+v", e)
	}
	if units.Whole() {
		t.Error("the units of UCUM can be listed")
	}
	entries, total := mixed.Page(terms.ContentQuery{Text: "domes", Count: 5})
	if total != 1 || entries[0].Display != "Hound" {
		t.Errorf("searching: %+v", entries)
	}
	if entries, total := units.Page(terms.ContentQuery{Text: "mg/dL", Count: 5}); total != 1 || entries[0].Code != "mg/dL" {
		t.Errorf("searching units: %+v", entries)
	}
}

func TestTrees(t *testing.T) {
	e := terms.Expander{Source: newSource(t)}
	content, err := e.Content(t.Context(), set(t, "http://example.org/vs", `"compose":{"include":[{`+onAnimals+`,"filter":[{"property":"concept","op":"in","value":"animal,whale,dog,sea,Dog"}]}]}`))
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	content.Trees(func(e terms.Entry, depth int) bool {
		out = append(out, strings.Repeat("-", depth)+e.Code)
		return true
	})
	if got := strings.Join(out, " "); got != "animal -sea --whale -dog Dog" && got != "animal -sea --whale -whale -dog Dog" {
		t.Errorf("got %s", got)
	}
}

func TestImplicit(t *testing.T) {
	e := terms.Expander{Source: newSource(t)}
	for url, want := range map[string]int{
		"http://example.org/animals?fhir_vs":            8,
		"http://example.org/animals?fhir_vs=isa/mammal": 4,
		"http://hl7.org/fhir/sid/cvx?fhir_vs":           288,
	} {
		v, err := e.Source.ValueSet(t.Context(), url, "")
		if err != nil {
			t.Fatal(err)
		}
		c, err := e.Content(t.Context(), v)
		if err != nil || c.Len() != want || !c.Whole() {
			t.Errorf("%s: %d codes, %v", url, c.Len(), err)
		}
	}
	if _, err := e.Source.ValueSet(t.Context(), "http://example.org/animals?fhir_vs=else", ""); err != terms.ErrUnknown {
		t.Errorf("got %v", err)
	}
}

// HL7's value sets hold here what they hold for the validator, which works them out by itself.
func TestBuiltinValueSets(t *testing.T) {
	l := library(t)
	e := terms.Expander{Source: l}
	whole := 0
	for _, url := range definitions.ValueSetURLs() {
		d, _ := definitions.LookupValueSet(url)
		want, complete := d.Expansion()
		v, err := l.ValueSet(t.Context(), url, "")
		if err != nil {
			t.Errorf("%s: %v", url, err)
			continue
		}
		c, err := e.Content(t.Context(), v)
		if err != nil {
			t.Errorf("%s: %v", url, err)
			continue
		}
		for _, x := range want {
			if in, known := c.Contains(x.System, "", x.Code); !in || !known {
				t.Errorf("%s lacks %s|%s", url, x.System, x.Code)
				break
			}
		}
		if !complete {
			continue
		}
		whole++
		if c.Len() != len(want) || !c.Whole() {
			t.Errorf("%s: %d codes, want %d; missing %q", url, c.Len(), len(want), c.Missing())
		}
	}
	if whole < 700 {
		t.Errorf("only %d value sets are whole", whole)
	}
}

// What a content says of a code is what set arithmetic says, whatever value sets are built from others.
func TestContentArithmetic(t *testing.T) {
	all := strings.Fields("animal mammal sea whale dog Dog dodo cafe")
	base := newSource(t)
	rapid.Check(t, func(r *rapid.T) {
		src := source{base.Library, base.systems, map[string]*terms.ValueSet{}}
		truth := map[string]map[string]bool{}
		subset := func(label string) ([]string, string) {
			codes := rapid.SliceOfNDistinct(rapid.SampledFrom(all), 1, 5, rapid.ID[string]).Draw(r, label)
			return codes, `"concept":[{"code":"` + strings.Join(codes, `"},{"code":"`) + `"}]`
		}
		var urls []string
		for i := range rapid.IntRange(1, 4).Draw(r, "sets") {
			url := fmt.Sprintf("http://example.org/vs/%d", i)
			holds := map[string]bool{}
			part := func(label string) (map[string]bool, string) {
				has := map[string]bool{}
				text := ""
				if len(urls) == 0 || rapid.Bool().Draw(r, "system") {
					codes, concept := subset(label)
					for _, c := range codes {
						has[c] = true
					}
					text = onAnimals + "," + concept
				}
				if len(urls) > 0 && (text == "" || rapid.Bool().Draw(r, "sets too")) {
					some := rapid.SliceOfNDistinct(rapid.SampledFrom(urls), 1, 2, rapid.ID[string]).Draw(r, "urls")
					for n, u := range some {
						if n == 0 && text == "" {
							for c := range truth[u] {
								has[c] = true
							}
							continue
						}
						for c := range has {
							if !truth[u][c] {
								delete(has, c)
							}
						}
					}
					if text != "" {
						text += ","
					}
					text += `"valueSet":["` + strings.Join(some, `","`) + `"]`
				}
				return has, "{" + text + "}"
			}
			var include, exclude []string
			for range rapid.IntRange(1, 3).Draw(r, "includes") {
				has, text := part("include")
				for c := range has {
					holds[c] = true
				}
				include = append(include, text)
			}
			for range rapid.IntRange(0, 2).Draw(r, "excludes") {
				has, text := part("exclude")
				for c := range has {
					delete(holds, c)
				}
				exclude = append(exclude, text)
			}
			rest := `"compose":{"include":[` + strings.Join(include, ",") + `]`
			if exclude != nil {
				rest += `,"exclude":[` + strings.Join(exclude, ",") + `]`
			}
			src.sets[url] = set(t, url, rest+"}")
			truth[url], urls = holds, append(urls, url)
		}
		url := urls[len(urls)-1]
		e := terms.Expander{Source: src}
		c, err := e.Content(t.Context(), src.sets[url])
		if err != nil {
			r.Fatal(err)
		}
		for _, code := range all {
			if in, known := c.Contains("http://example.org/animals", "", code); in != truth[url][code] || !known {
				r.Fatalf("%s in %s: got %t, %t", code, url, in, known)
			}
		}
		if c.Len() != len(truth[url]) {
			r.Fatalf("%d codes, want %d", c.Len(), len(truth[url]))
		}
	})
}
