package record

import (
	"context"
	"strings"

	"github.com/osler-ehr/osler/fhir"
)

// maxResolved bounds how many different references one Resolver looks up.
const maxResolved = 200

// Resolver looks up what literal references lead to, for the validation of one document, each once and at most 200 in all. It
// finds what the session may read, and each look is in the audit log as a read; what may not be read is not found, like what
// is not there. Not for several goroutines at once.
type Resolver struct {
	ctx   context.Context
	s     *Session
	base  string
	known map[string]fhir.Node
	err   error
}

// Resolver gives a resolver. base is the address of the interface, with which references to this server may begin; "" = none.
func (s *Session) Resolver(ctx context.Context, base string) *Resolver {
	return &Resolver{ctx: ctx, s: s, base: base}
}

// Resolve is the current version of what a reference such as "Patient/1" leads to, false if nothing is found.
func (r *Resolver) Resolve(reference string) (fhir.Node, bool) {
	if r.base != "" {
		reference = strings.TrimPrefix(reference, r.base+"/")
	}
	t, ok := fhir.ParseReference(reference)
	if !ok || t.Kind != fhir.RelativeTarget || r.s.r.index.Number(t.Type) == 0 {
		return fhir.Node{}, false
	}
	name := t.Type + "/" + t.ID
	n, looked := r.known[name]
	if !looked && len(r.known) < maxResolved && r.err == nil {
		v, err := r.s.Read(r.ctx, t.Type, t.ID)
		switch KindOf(err) {
		case KindNotFound, KindGone, KindForbidden:
		default:
			r.err = err
		}
		if err == nil {
			n = v.Resource().Root()
		}
		if r.known == nil {
			r.known = map[string]fhir.Node{}
		}
		r.known[name] = n
	}
	return n, n.Exists()
}

// Err is what kept something from being looked up; what was not found is then not known to be absent.
func (r *Resolver) Err() error { return r.err }
