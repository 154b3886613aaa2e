package problems

import (
	"context"
	"net/http"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/terms"
	"github.com/osler-ehr/osler/web"
)

const icd10 = "http://hl7.org/fhir/sid/icd-10-cm"

// codes finds what a problem may be called. SNOMED CT comes first where it is loaded, ICD-10-CM is always there.
type codes struct{ library *terms.Library }

// options answers what was typed so far: names whose words begin so, or a code.
func (c codes) options(r *http.Request) (web.View, error) {
	system, err := c.library.System(r.Context(), icd10, "")
	if err != nil {
		return nil, err
	}
	found := system.Search(terms.Query{Text: r.FormValue("q"), Selectable: true, Count: 12})
	list := make([]web.Option, 0, len(found.Hits))
	for _, hit := range found.Hits {
		list = append(list, web.Option{Value: system.Code(hit.ID), Label: system.Display(hit.ID), Note: dotted(system.Code(hit.ID))})
	}
	if len(list) < found.Total {
		return web.FirstOptions(list, "More is called so: type more of the name."), nil
	}
	return web.Options(list, "Not in ICD-10-CM. It will be kept in your own words."), nil
}

// named is the concept of a code.
func (c codes) named(ctx context.Context, code string) (fhir.CodeableConcept, bool) {
	system, err := c.library.System(ctx, icd10, "")
	if err != nil {
		return fhir.CodeableConcept{}, false
	}
	id, ok := system.Find(code)
	if !ok {
		return fhir.CodeableConcept{}, false
	}
	return fhir.Concept(icd10, system.Code(id), system.Display(id)), true
}

// dotted writes a code as people know it. (Ours carry the dot already.)
func dotted(code string) string {
	if len(code) > 3 && code[3] != '.' {
		return code[:3] + "." + code[3:]
	}
	return code
}
