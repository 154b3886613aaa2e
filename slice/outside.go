package slice

import (
	"context"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record"
)

// Outside asks decision services of others about orders that somebody is about to make. It never stops an order: what does not come in
// time is left out, and said.
type Outside interface {
	// Any reports whether there is a service to ask at all.
	Any() bool
	// Ask shows the drafts to every service of a hook, order-select or order-sign, with what of the record it asks for and the session
	// may see.
	Ask(ctx context.Context, s *record.Session, hook, patient string, drafts []*fhir.Resource) []Heard
}

// Heard is what one service said.
type Heard struct {
	Service string // its title or host
	Advice  []Advice
	Problem string // why nothing or not all was heard, as a sentence; "" if it answered
}
