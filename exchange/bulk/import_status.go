package bulk

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/osler-ehr/osler/fhir"
)

// importResult tells what an import came to.
type importResult struct {
	TransactionTime     string       `json:"transactionTime"`
	Request             string       `json:"request"`
	RequiresAccessToken bool         `json:"requiresAccessToken"`
	Output              []importFile `json:"output"` // one for each input: how many resources are stored
	Error               []importFile `json:"error"`  // one for each input of which some lines were refused
}

type importFile struct {
	Type     string `json:"type"`
	InputURL string `json:"inputUrl,omitempty"`
	Count    int    `json:"count"`
	URL      string `json:"url,omitempty"`
}

// importStatus tells how far an import is.
func (s *server) importStatus(w http.ResponseWriter, r *http.Request) error {
	x, err := s.myImport(r, r.PathValue("id"))
	if err != nil {
		return err
	}
	switch x.Status {
	case uploading, uploaded:
		return notFound()
	case running:
		stored := 0
		for _, in := range x.Inputs {
			stored += in.Stored
		}
		progress := fmt.Sprintf("%d resources; input %d of %d", stored, min(x.Place.Input+1, len(x.Inputs)), len(x.Inputs))
		w.Header().Set("X-Progress", progress)
		w.Header().Set("Retry-After", strconv.Itoa(retryAfter(x.age(s.Clock.Now()))))
		writeOutcome(w, http.StatusAccepted, information("under way: "+progress))
		return nil
	case failed:
		return &refusal{http.StatusInternalServerError, fhir.NewOutcome("exception", "the import failed: "+x.Failure)}
	}
	m := importResult{TransactionTime: stamp(x.Began), Request: x.Asked, RequiresAccessToken: true, Output: []importFile{}, Error: []importFile{}}
	for i, in := range x.Inputs {
		m.Output = append(m.Output, importFile{Type: in.Type, InputURL: in.URL, Count: in.Stored})
		if in.Refused > 0 {
			m.Error = append(m.Error, importFile{Type: "OperationOutcome", InputURL: in.URL, Count: in.Refused, URL: s.address(r, importsPath+x.ID+"/"+x.reportFile(i))})
		}
	}
	return s.writeJSON(w, x.Expires, m)
}

// importFile gives the outcomes of lines that were refused.
func (s *server) importFile(w http.ResponseWriter, r *http.Request) error {
	x, err := s.myImport(r, r.PathValue("id"))
	if err != nil {
		return err
	}
	number, _, _ := strings.Cut(r.PathValue("file"), ".")
	i, err := strconv.Atoi(number)
	if i--; err != nil || x.Status != done || i < 0 || i >= len(x.Inputs) || r.PathValue("file") != x.reportFile(i) {
		return notFound()
	}
	names := make([]string, x.Inputs[i].Reports)
	for c := range names {
		names[c] = reportName(x.ID, i, c)
	}
	return s.sendFile(w, r, names, -1)
}
