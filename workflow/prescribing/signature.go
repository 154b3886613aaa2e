package prescribing

import (
	"net/url"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/identity"
)

// provenance is a Provenance: who signed a prescription, for whom.
type provenance struct {
	Target   []fhir.Reference
	Recorded fhir.Instant
	Activity fhir.CodeableConcept
	Agent    []agent
}

type agent struct {
	Type       fhir.CodeableConcept
	Who        fhir.Reference
	OnBehalfOf fhir.Reference
}

// signature says who signed the prescription that the transaction makes.
func signature(by fhir.Reference, who identity.Principal, now time.Time) provenance {
	a := agent{Type: fhir.Concept("http://terminology.hl7.org/CodeSystem/provenance-participant-type", "author", "Author"), Who: by}
	if who.Organisation != "" {
		a.OnBehalfOf = fhir.To("Organization", url.PathEscape(who.Organisation))
	}
	return provenance{
		Target: []fhir.Reference{{Reference: order}}, Recorded: fhir.InstantOf(now),
		Activity: fhir.Concept("http://terminology.hl7.org/CodeSystem/v3-DataOperation", "CREATE", "create"), Agent: []agent{a},
	}
}
