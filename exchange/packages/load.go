package packages

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/record/search"
)

// TagSystem is the system of the tag by which the ImplementationGuide resources of loaded packages are known. The code
// is name#version.
const TagSystem = "urn:osler:package"

// Target is the record that packages are loaded into: here, or on another server.
type Target interface {
	// Do carries out operations, all or none.
	Do(ctx context.Context, ops []record.Op) ([]record.Result, error)
	// Guides are the ImplementationGuide resources with a tag of TagSystem.
	Guides(ctx context.Context) ([]*fhir.Resource, error)
	// CheckParameters tells which search parameters could not be used.
	CheckParameters(list []search.Custom) []search.Fault
}

// Here is the record of a session.
type Here struct{ *record.Session }

// Guides searches for them.
func (h Here) Guides(ctx context.Context) (out []*fhir.Resource, err error) {
	for page := ""; ; {
		p, err := h.Search(ctx, record.Query{Type: "ImplementationGuide", Params: []search.Param{{Name: "_tag", Value: TagSystem + "|"}}, Strict: true, Page: page})
		if err != nil {
			return nil, err
		}
		for i := range p.Entries {
			out = append(out, p.Entries[i].Resource())
		}
		if page = p.Next; page == "" {
			return out, nil
		}
	}
}

// Loader loads packages into a record.
type Loader struct{ Target Target }

// Loaded is a package that is loaded.
type Loaded struct {
	Name, Version, Title string
	Resources            map[string]int // how many of each type
	guide                string         // id of its ImplementationGuide
	refs                 []string       // "Type/id" of its resources
}

// Report is what loading came to.
type Report struct {
	Loaded
	Written int      // resources that were not there as they are
	Notes   []string // what was left out, and why
}

// List lists the packages that are loaded, by name and version.
func (l Loader) List(ctx context.Context) ([]Loaded, error) {
	guides, err := l.Target.Guides(ctx)
	if err != nil {
		return nil, err
	}
	var out []Loaded
	for _, g := range guides {
		p := Loaded{Name: g.Get("packageId").Text(), Version: g.Get("version").Text(), Title: g.Get("title").Text(), guide: g.ID(), Resources: map[string]int{}}
		for r := range g.Get("definition").Get("resource").Values() {
			ref := r.Get("reference").Get("reference").Text()
			typ, _, _ := strings.Cut(ref, "/")
			p.Resources[typ]++
			p.refs = append(p.refs, ref)
		}
		out = append(out, p)
	}
	slices.SortFunc(out, func(a, b Loaded) int {
		return cmp.Or(strings.Compare(a.Name, b.Name), strings.Compare(a.Version, b.Version))
	})
	return out, nil
}

// Add loads a package: all of it or nothing. Loading it again changes nothing; one of the same name and version with
// other contents takes its place.
func (l Loader) Add(ctx context.Context, p *Package) (*Report, error) {
	before, err := l.List(ctx)
	if err != nil {
		return nil, err
	}
	out := &Report{Loaded: Loaded{Name: p.Name, Version: p.Version, Title: p.Title, Resources: map[string]int{}}}
	files, err := l.usable(p, out)
	if err != nil {
		return nil, err
	}
	var ops []record.Op
	kept := map[string]bool{}
	for _, f := range files {
		id := p.idOf(f)
		doc := f.Resource.Compact().Stamp(id, 1, time.Unix(0, 0).UTC())
		ref := doc.Type() + "/" + id
		if kept[ref] {
			return nil, bad(f.Name, "the package has this resource twice")
		}
		kept[ref] = true
		out.refs = append(out.refs, ref)
		out.Resources[doc.Type()]++
		ops = append(ops, record.Op{Verb: record.Update, Type: doc.Type(), ID: id, Resource: doc, LooseReferences: true})
	}
	guide, err := p.guide(out.refs, files)
	if err != nil {
		return nil, err
	}
	ops = append(ops, record.Op{Verb: record.Update, Type: guide.Type(), ID: guide.ID(), Resource: guide})
	for _, old := range before {
		if old.Name == p.Name && old.Version == p.Version {
			for _, ref := range old.refs {
				if !kept[ref] {
					ops = append(ops, deletion(ref))
				}
			}
		}
	}
	results, err := l.Target.Do(ctx, ops)
	if err != nil {
		return nil, fmt.Errorf("%s %s was refused by the record, and nothing of it is loaded: %w", p.Name, p.Version, err)
	}
	for i := range results {
		if !results[i].Unchanged && i < len(files) {
			out.Written++
		}
	}
	return out, nil
}

// usable are the files without the search parameters whose names have another meaning here. One that could not be
// evaluated is an error.
func (l Loader) usable(p *Package, out *Report) ([]File, error) {
	var parameters []search.Custom
	files := slices.Clone(p.Files)
	for i, f := range files {
		if f.Resource.Type() != "SearchParameter" {
			continue
		}
		switch f.Resource.Get("status").Text() {
		case "draft":
			files[i].Resource = activated(f.Resource)
		case "active":
		default:
			continue
		}
		c := search.ReadCustom(f.Resource)
		c.ID = p.idOf(f)
		parameters = append(parameters, c)
	}
	taken := map[string]string{}
	for _, fault := range l.Target.CheckParameters(parameters) {
		switch {
		case fault.Same:
		case fault.Taken:
			taken[fault.ID] = fault.Reason
		default:
			i := slices.IndexFunc(files, func(f File) bool { return f.Resource.Type() == "SearchParameter" && p.idOf(f) == fault.ID })
			if i < 0 {
				continue // of another package
			}
			return nil, bad(files[i].Name, "the search parameter %q cannot be used: %s", fault.Name, fault.Reason)
		}
	}
	return slices.DeleteFunc(files, func(f File) bool {
		reason, left := taken[p.idOf(f)]
		if left && f.Resource.Type() == "SearchParameter" {
			out.Notes = append(out.Notes, f.Name+" is left out: "+reason)
			return true
		}
		return false
	}), nil
}

// activated is a search parameter with the status active: whoever loads a package wants to use what it has.
func activated(r *fhir.Resource) *fhir.Resource {
	start, end := r.Get("status").Span()
	return r.Edit([]fhir.Edit{{Start: start, End: end, Text: []byte(`"active"`)}})
}

// Remove takes a package with its resources out of the record. An empty version means every version.
func (l Loader) Remove(ctx context.Context, name, version string) ([]Loaded, error) {
	all, err := l.List(ctx)
	if err != nil {
		return nil, err
	}
	all = slices.DeleteFunc(all, func(p Loaded) bool { return p.Name != name || version != "" && p.Version != version })
	if len(all) == 0 {
		return nil, fmt.Errorf("%s %s: %w", name, version, errNoPackage)
	}
	var ops []record.Op
	for _, p := range all {
		ops = append(ops, deletion("ImplementationGuide/"+p.guide))
		for _, ref := range p.refs {
			ops = append(ops, deletion(ref))
		}
	}
	if _, err := l.Target.Do(ctx, ops); err != nil {
		return nil, fmt.Errorf("nothing was removed: %w", err)
	}
	return all, nil
}

func deletion(ref string) record.Op {
	typ, id, _ := strings.Cut(ref, "/")
	return record.Op{Verb: record.Delete, Type: typ, ID: id}
}

// idOf is the id of a file's resource in the record: always the same, and another one for each package and version.
func (p *Package) idOf(f File) string {
	id := f.Resource.ID()
	sum := sha256.Sum256([]byte(strings.Join([]string{p.Name, p.Version, f.Resource.Type(), id, f.Resource.Get("url").Text()}, "\n")))
	if id == "" {
		id = strings.ToLower(f.Resource.Type())
	}
	return strings.TrimRight(id[:min(len(id), 48)], ".-") + "-" + hex.EncodeToString(sum[:6])
}

// guide is the ImplementationGuide that remembers the package.
func (p *Package) guide(refs []string, files []File) (*fhir.Resource, error) {
	type reference struct {
		Reference string `json:"reference"`
	}
	type part struct {
		Reference reference `json:"reference"`
		Name      string    `json:"name"`
	}
	doc := struct {
		ResourceType string           `json:"resourceType"`
		ID           string           `json:"id"`
		Meta         map[string][]any `json:"meta"`
		URL          string           `json:"url"`
		Version      string           `json:"version"`
		Name         string           `json:"name"`
		Title        string           `json:"title,omitempty"`
		Status       string           `json:"status"`
		PackageID    string           `json:"packageId"`
		FHIRVersion  []string         `json:"fhirVersion"`
		Definition   struct {
			Resource []part `json:"resource"`
		} `json:"definition"`
	}{
		ResourceType: "ImplementationGuide", URL: TagSystem + ":" + p.Name, Version: p.Version, Name: p.Name, Title: p.Title,
		Status: "active", PackageID: p.Name, FHIRVersion: []string{"4.0.1"},
		Meta: map[string][]any{"tag": {map[string]string{"system": TagSystem, "code": p.Name + "#" + p.Version}}},
	}
	sum := sha256.Sum256([]byte(p.Name + "\n" + p.Version))
	doc.ID = "package-" + hex.EncodeToString(sum[:10])
	for i, ref := range refs {
		doc.Definition.Resource = append(doc.Definition.Resource, part{reference{ref}, strings.TrimPrefix(files[i].Name, "package/")})
	}
	b, err := json.Marshal(doc)
	if err != nil {
		return nil, err
	}
	return fhir.Parse(b)
}
