package terminology

import (
	"context"
	"errors"
	"strings"

	"github.com/osler-ehr/osler/fhir/definitions"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/record/search"
	"github.com/osler-ehr/osler/terms"
)

// Codes lets the searches of a record use a library, and the value sets and code systems that the record itself holds
// and the one who searches may see: it is for record.Options.
func Codes(l *terms.Library) func(*record.Session) search.Codes {
	k := newKnowledge(l)
	return func(s *record.Session) search.Codes { return codes{k.seenBy(s)} }
}

type codes struct{ source *source }

// ValueSet is what a value set holds. One that cannot be worked out whole would answer with too little, unseen.
func (c codes) ValueSet(ctx context.Context, url string) (search.CodeSet, error) {
	name, version, _ := strings.Cut(url, "|")
	v, err := c.source.ValueSet(ctx, name, version)
	if errors.Is(err, terms.ErrUnknown) {
		return nil, &search.CodesError{Reason: "the value set " + clip(url) + " is not here; load it into the record as a ValueSet resource"}
	}
	if err != nil {
		return nil, codesFault(err)
	}
	content, err := (&terms.Expander{Source: c.source}).Content(ctx, v)
	if err != nil {
		return nil, codesFault(err)
	}
	if missing := content.Missing(); len(missing) > 0 {
		return nil, &search.CodesError{Reason: "the value set " + clip(url) + " cannot be worked out whole: " + strings.Join(missing, "; ")}
	}
	return contentSet{content}, nil
}

// Hierarchy is a code with all codes below or above it. A code that its system does not have stands for itself alone.
func (c codes) Hierarchy(ctx context.Context, system, code string, below bool) (search.CodeSet, error) {
	s, err := c.source.System(ctx, system, "")
	if errors.Is(err, terms.ErrUnknown) {
		return nil, &search.CodesError{Reason: "the code system " + clip(system) + " is not here; load it with `osler terminology add`"}
	}
	if err != nil {
		return nil, codesFault(err)
	}
	op := "generalizes"
	if below {
		op = "is-a"
	}
	set, err := s.Select(terms.Filter{Property: "concept", Op: op, Value: code})
	return hierarchySet{s, set, definitions.Coding{System: system, Code: code}}, err
}

// codesFault tells what is wrong with a resource of the record; other errors are faults of the server.
func codesFault(err error) error {
	if r, ok := errors.AsType[*refusal](err); ok {
		return &search.CodesError{Reason: r.Error()}
	}
	return err
}

// contentSet is a value set's content.
type contentSet struct{ content *terms.Content }

func (s contentSet) List(max int) ([]definitions.Coding, bool) {
	if !s.content.Whole() || s.content.Len() > max {
		return nil, false
	}
	entries, _ := s.content.Page(terms.ContentQuery{Count: max})
	out := make([]definitions.Coding, len(entries))
	for i, e := range entries {
		out[i] = definitions.Coding{System: e.Coding.System, Code: e.Code}
	}
	return out, true
}

func (s contentSet) Has(system, code string) bool {
	in, _ := s.content.Contains(system, "", code)
	return in
}

// hierarchySet is a part of a code system.
type hierarchySet struct {
	system *terms.System
	set    *terms.Set
	asked  definitions.Coding // with the system's URL as the caller writes it
}

func (s hierarchySet) List(max int) ([]definitions.Coding, bool) {
	n := s.set.Len()
	if n > max || max == 0 {
		return nil, false
	}
	if n == 0 {
		return []definitions.Coding{s.asked}, true
	}
	out := make([]definitions.Coding, 0, n)
	for id := range s.set.All() {
		out = append(out, definitions.Coding{System: s.asked.System, Code: s.system.Code(id)})
	}
	return out, true
}

func (s hierarchySet) Has(system, code string) bool {
	if system != "" && system != s.asked.System {
		return false
	}
	if code == s.asked.Code {
		return true
	}
	id, ok := s.system.Find(code)
	return ok && s.set.Has(id)
}
