package rest

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record/searchtest"
)

// withoutData are the searches that no resource of the sample data has all parameters of.
var withoutData = map[string]string{}

// Every search that US Core's CapabilityStatement says a server shall, should or may know, on real data: each
// parameter in all its forms, for resources of every profile, by GET and POST. What is found is compared with a
// slow search that shares no code with the record's, and the documents with those that were stored.
func TestUSCoreSearches(t *testing.T) {
	for _, run := range []struct{ version, engine string }{{"610", "sqlite"}, {"700", "sqlite"}, {"610", "postgres"}, {"700", "postgres"}} {
		version := run.version
		t.Run(version+" "+run.engine, func(t *testing.T) {
			if testing.Short() && (version == "610" || run.engine == "postgres") {
				t.Skip("the newer release on SQLite alone, in a short run")
			}
			if version == "610" && run.engine == "postgres" && os.Getenv("CONFORM") == "" {
				t.Skip("only where everything is measured: set CONFORM=true")
			}
			core := readUSCore(t, version)
			s := newSiteOn(t, run.engine)
			s.loadSynthea()
			s.loadPractice(12)
			s.supplement()
			leftOut := s.loadExamples(core.examples)
			w, docs := s.world()
			t.Logf("%d resources; examples left out because they refer to what the package lacks: %v", len(docs), leftOut)
			c := &conformance{site: s, core: core, world: w, byType: map[string][]*fhir.Resource{}, seen: map[string]map[string]bool{}, asked: map[string]int{}}
			c.draw = &drawer{core, map[string]*fhir.Resource{}}
			for _, d := range docs {
				c.byType[d.Type()] = append(c.byType[d.Type()], d)
				c.draw.docs[d.Type()+"/"+d.ID()] = d
			}
			for _, of := range core.resources {
				t.Run(of.typ, func(t *testing.T) {
					c.t, c.site.t = t, t
					for _, search := range of.searches {
						c.search(of, search)
					}
					c.includes(of)
					c.whole(of.typ)
				})
			}
			c.t, c.site.t = t, t
			c.mustSupport()
			t.Logf("conformance: %d of %d requests for the %d SHALL, %d SHOULD and %d MAY searches of US Core %s, on %s",
				c.requests-c.failed, c.requests, c.asked["SHALL"], c.asked["SHOULD"], c.asked["MAY"], version[:1]+"."+version[1:2]+"."+version[2:], engines[run.engine])
			for _, name := range c.without {
				t.Logf("conformance exception: %s, because %s", name, withoutData[name])
				if withoutData[name] == "" {
					t.Errorf("no sample data has all parameters of %s; name it in withoutData with the reason", name)
				}
			}
		})
	}
}

var engines = map[string]string{"sqlite": "SQLite", "postgres": "PostgreSQL"}

// conformance is one run.
type conformance struct {
	*site
	t      *testing.T
	core   *usCore
	world  *searchtest.World
	byType map[string][]*fhir.Resource
	draw   *drawer
	seen   map[string]map[string]bool // paths that were returned, by profile

	asked            map[string]int // searches, by how much they are expected
	requests, failed int
	without          []string
}

// perProfile is how many resources of each profile a search is tried for.
const perProfile = 2

// search tries one search in all forms.
func (c *conformance) search(of usResource, search usSearch) {
	c.asked[search.expectation]++
	tried := map[string]int{} // by profile
	for _, r := range c.byType[of.typ] {
		profile := ""
		for p := range r.Get("meta").Get("profile").Values() {
			if url, _, _ := strings.Cut(p.Text(), "|"); c.core.musts[url] != nil {
				profile = url
			}
		}
		if search.expectation == "MAY" {
			profile = "" // once for all of them
		}
		if tried[profile] >= perProfile {
			continue
		}
		forms := make([][]wanted, len(search.params))
		longest := 0
		for i, name := range search.params {
			p := c.core.params[of.typ+"."+name]
			if p == nil {
				c.t.Fatalf("US Core has no parameter %s of %s", name, of.typ)
			}
			forms[i] = c.draw.wants(r, p)
			longest = max(longest, len(forms[i]))
			if len(forms[i]) == 0 {
				longest = 0
				break
			}
		}
		if longest == 0 {
			continue
		}
		tried[profile]++
		for round := range longest {
			var ask wanted
			ask.self = true
			for i := range forms {
				f := forms[i][round%len(forms[i])]
				ask.style += " " + f.style
				ask.sent = append(ask.sent, f.sent...)
				ask.slow = append(ask.slow, f.slow...)
				ask.self = ask.self && f.self
			}
			c.try(of, ask, r, round)
		}
	}
	if len(tried) == 0 {
		c.without = append(c.without, of.typ+": "+search.String())
	}
}

// try sends a search and compares what is found.
func (c *conformance) try(of usResource, ask wanted, r *fhir.Resource, round int) {
	want := map[string]*fhir.Resource{}
	for _, found := range c.world.Find(searchtest.Query{Type: of.typ, Params: ask.slow}) {
		want[found.Name()] = found.Doc
	}
	if ask.self && want[r.Type()+"/"+r.ID()] == nil {
		c.t.Errorf("%s?%v%s: the slow search does not find the resource that the values are from", of.typ, ask.slow, ask.style)
	}
	var query []string
	for _, p := range ask.sent {
		query = append(query, escapeQuery(p.Name)+"="+escapeQuery(p.Value))
	}
	params := strings.Join(query, "&")
	extra := "&_count=1000"
	if round == 0 && len(of.revincludes) > 0 {
		extra += "&_revinclude=" + strings.Join(of.revincludes, "&_revinclude=")
	}
	get := c.ask("administrator", "GET", "/fhir/"+of.typ+"?"+params+extra, "", "Prefer: handling=strict")
	post := c.ask("administrator", "POST", "/fhir/"+of.typ+"/_search", params+extra, "Content-Type: application/x-www-form-urlencoded", "Prefer: handling=strict")
	c.requests += 2
	if get.Code != 200 || post.Code != 200 {
		c.failed++
		c.t.Errorf("%s?%s (%s): status %d and %d by POST: %.300s", of.typ, params, ask.style, get.Code, post.Code, get.Body)
		return
	}
	found, included := c.pages(get)
	if again, also := c.pages(post); !maps.Equal(found, again) || !maps.Equal(included, also) {
		c.failed++
		c.t.Errorf("%s?%s: POST finds %d and %d resources, GET %d and %d", of.typ, params, len(again), len(also), len(found), len(included))
	}
	if diff := differ(want, found); diff != "" {
		c.failed++
		c.t.Errorf("%s?%s (%s): %s", of.typ, params, ask.style, diff)
	}
	wantIncluded := map[string]*fhir.Resource{}
	if strings.Contains(extra, "_revinclude=Provenance:target") {
		for _, p := range c.byType["Provenance"] {
			for target := range p.Get("target").Values() {
				if want[target.Get("reference").Text()] != nil {
					wantIncluded["Provenance/"+p.ID()] = p
				}
			}
		}
	}
	if diff := differ(wantIncluded, included); diff != "" {
		c.failed++
		c.t.Errorf("%s?%s&_revinclude: %s", of.typ, params, diff)
	}
}

// pages follows a search to its end. The texts are the documents.
func (c *conformance) pages(r reply) (matches, included map[string]string) {
	matches, included = map[string]string{}, map[string]string{}
	for {
		b := r.status(200).bundle()
		for _, e := range b.Entry {
			doc := e.Resource.Resource()
			name := doc.Type() + "/" + doc.ID()
			switch e.Search.Mode {
			case "match":
				if matches[name] != "" {
					c.t.Errorf("%s stands on two pages", name)
				}
				matches[name] = string(doc.Bytes())
				c.note(doc)
			case "include":
				included[name] = string(doc.Bytes())
				c.note(doc)
			default:
				c.t.Errorf("an entry says: %s", doc.Bytes())
			}
		}
		next := b.LinkTo("next")
		if next == "" {
			return matches, included
		}
		r = c.ask("administrator", "GET", strings.TrimPrefix(next, "https://ehr.example"), "")
	}
}

// differ tells how what is found differs from what should be, document by document.
func differ(want map[string]*fhir.Resource, found map[string]string) string {
	var out []string
	for name, doc := range want {
		if found[name] == "" {
			out = append(out, "missing "+name)
		} else if found[name] != string(doc.Bytes()) {
			out = append(out, "another document for "+name)
		}
	}
	for name := range found {
		if want[name] == nil {
			out = append(out, "wrongly "+name)
		}
	}
	if out == nil {
		return ""
	}
	slices.Sort(out)
	return fmt.Sprintf("%d found, %d wanted: %s", len(found), len(want), strings.Join(out[:min(len(out), 5)], ", "))
}

// whole demands every resource of a type from a search without parameters, page by page.
func (c *conformance) whole(typ string) {
	want := map[string]*fhir.Resource{}
	for _, d := range c.byType[typ] {
		want[typ+"/"+d.ID()] = d
	}
	c.requests++
	found, _ := c.pages(c.ask("administrator", "GET", "/fhir/"+typ+"?_count=200", ""))
	if diff := differ(want, found); diff != "" {
		c.failed++
		c.t.Errorf("%s: %s", typ, diff)
	}
	// And once more in XML: as many, none of which XML cannot hold.
	c.requests++
	n := 0
	for next := "/fhir/" + typ + "?_count=500&_format=xml"; next != ""; {
		b := mustBundle(c.t, c.ask("administrator", "GET", next, "").status(200).xml())
		n += len(b.Entry)
		next = strings.TrimPrefix(b.LinkTo("next"), "https://ehr.example")
	}
	if n != len(want) {
		c.failed++
		c.t.Errorf("%s: %d of %d in XML", typ, n, len(want))
	}
}

// includes tries the _include that US Core asks for.
func (c *conformance) includes(of usResource) {
	for _, include := range of.includes {
		parts := strings.Split(include, ":")
		c.asked["SHOULD"]++
		want := map[string]*fhir.Resource{}
		for _, r := range c.byType[of.typ] {
			for n := range r.Strings() {
				if n.Key() != "reference" {
					continue
				}
				ref := n.Text()
				target := c.draw.docs[ref]
				if target == nil || len(parts) == 3 && target.Type() != parts[2] || !within(r, n, elementOf[of.typ+":"+parts[1]]) {
					continue
				}
				want[ref] = target
			}
		}
		if len(want) == 0 {
			c.without = append(c.without, "_include="+include)
			continue
		}
		c.requests++
		_, included := c.pages(c.ask("administrator", "GET", "/fhir/"+of.typ+"?_count=100&_include="+include, "", "Prefer: handling=strict"))
		for name := range included { // a match of another page
			if strings.HasPrefix(name, of.typ+"/") {
				delete(included, name)
			}
		}
		if diff := differ(want, included); diff != "" {
			c.failed++
			c.t.Errorf("_include=%s: %s", include, diff)
		}
	}
}

// elementOf are the elements that the parameters of US Core's includes name.
var elementOf = map[string]string{
	"CareTeam:participant":          "participant.member",
	"MedicationRequest:medication":  "medicationReference",
	"MedicationDispense:medication": "medicationReference",
	"PractitionerRole:endpoint":     "endpoint",
	"PractitionerRole:practitioner": "practitioner",
}

// within reports whether a text stands below the element with the path given.
func within(r *fhir.Resource, n fhir.Node, path string) bool {
	var look func(fhir.Node, []string) bool
	look = func(at fhir.Node, names []string) bool {
		for v := range at.Values() {
			if len(names) == 0 {
				if v.Get("reference").Exists() && v.Get("reference").Text() == n.Text() {
					return true
				}
			} else if look(v.Get(names[0]), names[1:]) {
				return true
			}
		}
		return false
	}
	return look(r.Root(), strings.Split(path, "."))
}

// note remembers which elements came back, for the profiles that the document claims.
func (c *conformance) note(doc *fhir.Resource) { noteElements(c.core, c.seen, doc) }

func noteElements(core *usCore, seen map[string]map[string]bool, doc *fhir.Resource) {
	for p := range doc.Get("meta").Get("profile").Values() {
		url, _, _ := strings.Cut(p.Text(), "|")
		if core.musts[url] == nil {
			continue
		}
		if seen[url] == nil {
			seen[url] = map[string]bool{}
		}
		for _, path := range core.musts[url] {
			if !seen[url][path] && stands(doc.Root(), strings.Split(path, ".")[1:]) {
				seen[url][path] = true
			}
		}
	}
}

// stands reports whether a document has an element. value[x] stands for any of its types.
func stands(n fhir.Node, names []string) bool {
	if len(names) == 0 {
		return n.Exists()
	}
	for v := range n.Values() {
		for child := range v.Children() {
			key := child.Key()
			stem, choice := strings.CutSuffix(names[0], "[x]")
			if (key == names[0] || choice && strings.HasPrefix(key, stem)) && stands(child, names[1:]) {
				return true
			}
		}
	}
	return false
}

// mustSupport demands that every element that must be supported and that a document has came back in some search.
// That what came back is what was stored has been compared already.
func (c *conformance) mustSupport() {
	stored := map[string]map[string]bool{}
	for _, docs := range c.byType {
		for _, d := range docs {
			noteElements(c.core, stored, d)
		}
	}
	returned, inData, all := 0, 0, 0
	for url, paths := range c.core.musts {
		for _, path := range paths {
			all++
			if !stored[url][path] {
				continue
			}
			inData++
			if c.seen[url][path] {
				returned++
			} else {
				c.t.Errorf("%s of %s is in the data, but no search brought it", path, url)
			}
		}
	}
	c.t.Logf("conformance: %d of %d elements that must be supported and that the data has (of %d in the profiles) came back in searches", returned, inData, all)
}
