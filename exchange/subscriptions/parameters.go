package subscriptions

import (
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/osler-ehr/osler/fhir"
)

// maxParameters bounds the body of an operation.
const maxParameters = 1 << 20

// parametersGiven are the parameters of an operation: those of the address, and what a posted Parameters resource has of plain
// values. (FHIR R4 operations.html#executing)
func parametersGiven(w http.ResponseWriter, r *http.Request) (url.Values, error) {
	given := r.URL.Query()
	if r.Method != http.MethodPost {
		return given, nil
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxParameters))
	if err != nil {
		return nil, refused(http.StatusRequestEntityTooLarge, "too-long", "the parameters of this operation take less than 1 MB")
	}
	if len(body) == 0 {
		return given, nil
	}
	doc, err := fhir.Parse(body)
	if err != nil {
		return nil, &refusal{http.StatusBadRequest, fhir.OutcomeOf(err)}
	}
	if doc.Type() != "Parameters" {
		return nil, bad("the body must be a Parameters resource, or empty")
	}
	for p := range doc.Get("parameter").Values() {
		for v := range p.Children() {
			switch v.Kind() {
			case fhir.String, fhir.Number, fhir.Bool:
				if strings.HasPrefix(v.Key(), "value") {
					given.Add(p.Get("name").Text(), v.Text())
				}
			}
		}
	}
	return given, nil
}
