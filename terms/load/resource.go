package load

import (
	"bytes"
	"context"
	"fmt"
	"strings"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/fhir/xml"
	"github.com/osler-ehr/osler/terms"
)

// fhir reads CodeSystem and ConceptMap resources, JSON or XML: one to a file, in bundles, or in the lines of NDJSON files.
// Value sets belong into the record, where they can be edited; they are counted and named in a note.
func (j *job) fhir() (bool, error) {
	found := false
	sets := 0
	for i := range j.release.members {
		m := &j.release.members[i]
		lower := strings.ToLower(m.base())
		if strings.HasPrefix(lower, ".") || lower == "package.json" {
			continue
		}
		switch {
		case strings.HasSuffix(lower, ".json"), strings.HasSuffix(lower, ".xml"):
			data, err := readAll(m, fhir.MaxFile)
			if err != nil {
				return found, err
			}
			if !mentions(data) {
				continue
			}
			read := fhir.ParseLarge
			if strings.HasSuffix(lower, ".xml") {
				read = xml.Read
			}
			r, err := read(data)
			if err != nil {
				if len(j.release.members) > 1 {
					continue // some other file of a package
				}
				return found, fmt.Errorf("%s: %w", m.base(), err)
			}
			ok, err := j.resource(r, &sets)
			if err != nil {
				return found, fmt.Errorf("%s: %w", m.base(), err)
			}
			found = found || ok
		case strings.HasSuffix(lower, ".ndjson"):
			err := j.lines(m, func(line string) error {
				if !mentions([]byte(line)) {
					return nil
				}
				r, err := fhir.ParseLarge([]byte(line))
				if err != nil {
					return err
				}
				ok, err := j.resource(r, &sets)
				found = found || ok
				return err
			})
			if err != nil {
				return found, err
			}
		}
	}
	if sets > 0 && len(j.results) > 0 {
		last := &j.results[len(j.results)-1]
		last.Notes = append(last.Notes, fmt.Sprintf("%d value sets are left out; load them into the record with `osler import`", sets))
	} else if sets > 0 {
		return true, fmt.Errorf("it holds %d value sets and no code system; load value sets into the record with `osler import`", sets)
	}
	return found, nil
}

// mentions tells quickly whether a document can hold what is looked for.
func mentions(data []byte) bool {
	for _, typ := range []string{"CodeSystem", "ConceptMap", "ValueSet"} {
		if bytes.Contains(data, []byte(`"`+typ+`"`)) || bytes.Contains(data, []byte("<"+typ)) {
			return true
		}
	}
	return false
}

func (j *job) resource(r *fhir.Resource, sets *int) (found bool, err error) {
	if err := context.Cause(j.ctx); err != nil {
		return false, err
	}
	switch r.Type() {
	case "Bundle":
		for e := range r.Get("entry").Values() {
			if inner := e.Get("resource").Resource(); inner != nil {
				ok, err := j.resource(inner, sets)
				found = found || ok
				if err != nil {
					return found, err
				}
			}
		}
		return found, nil
	case "CodeSystem":
		if content := r.Get("content").Text(); content == "not-present" || content == "supplement" || !r.Get("concept").Exists() {
			return false, nil
		}
		b, err := terms.ReadCodeSystem(r)
		if err != nil {
			return true, err
		}
		return true, j.install(b)
	case "ConceptMap":
		b, err := terms.ReadConceptMap(r)
		if err != nil {
			return true, err
		}
		return true, j.install(b)
	case "ValueSet":
		*sets++
	}
	return false, nil
}
