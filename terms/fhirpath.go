package terms

import (
	"context"
	"errors"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/fhir/path"
)

// Members answers memberOf() of FHIRPath: it is a path.Terms, for one goroutine. What a value set holds is worked out
// once.
type Members struct {
	// Context is that of the evaluation.
	Context  context.Context
	Expander *Expander

	contents map[string]*Content // nil entry = not known
}

// MemberOf reports whether a code, Coding or CodeableConcept is in a value set. Of a CodeableConcept one coding suffices.
func (m *Members) MemberOf(v path.Value, valueSet string) (member, known bool, err error) {
	content, ok := m.contents[valueSet]
	if !ok {
		if content, err = m.content(valueSet); err != nil {
			return false, false, err
		}
		if m.contents == nil {
			m.contents = map[string]*Content{}
		}
		m.contents[valueSet] = content
	}
	if content == nil {
		return false, false, nil
	}
	if s, ok := v.Str(); ok {
		member, known = content.Contains("", "", s)
		return member, known, nil
	}
	n := v.Node()
	if n.Kind() == fhir.String {
		member, known = content.Contains("", "", n.Text())
		return member, known, nil
	}
	known = true
	codings := n.Get("coding")
	if !codings.Exists() {
		codings = n
	}
	for c := range codings.Values() {
		system, code := c.Get("system").Text(), c.Get("code").Text()
		if system == "" || code == "" {
			continue // a coding without system is in none
		}
		in, told := content.Contains(system, c.Get("version").Text(), code)
		if in {
			return true, true, nil
		}
		known = known && told
	}
	return false, known, nil
}

func (m *Members) content(canonical string) (*Content, error) {
	url, version := splitCanonical(canonical)
	v, err := m.Expander.Source.ValueSet(m.Context, url, version)
	if errors.Is(err, ErrUnknown) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return m.Expander.Content(m.Context, v)
}
