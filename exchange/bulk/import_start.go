package bulk

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/fhir/definitions"
	"github.com/osler-ehr/osler/slice"
)

// importManifest lists what to import: {"inputFormat": ..., "input": [{"type": ..., "url": ...}]}
type importManifest struct {
	InputFormat string `json:"inputFormat"`
	InputSource string `json:"inputSource"`
	Input       []struct {
		Type string `json:"type"`
		URL  string `json:"url"`
	} `json:"input"`
}

// sendInstead is what to do where an input is not fetched.
const sendInstead = "Send the files instead: POST them as NDJSON to " + uploadsPath + " and name the addresses you get, or send one as the body of $import"

// maxInputs bounds one import.
const maxInputs = 1000

// kickOffImport begins an import: of the NDJSON in the request itself, or of what a manifest lists.
func (s *server) kickOffImport(w http.ResponseWriter, r *http.Request) error {
	if async, _ := preferences(r.Header.Values("Prefer")); !async {
		return bad("an import takes its time: ask for it with the header Prefer: respond-async")
	}
	var x *loading
	var err error
	was := ""
	if isNDJSON(r) {
		x, err = s.receive(w, r)
		was = uploaded
	} else {
		x, err = s.listed(r)
	}
	if err != nil {
		return err
	}
	slices.SortStableFunc(x.Inputs, func(a, b input) int { return rank(a.Type) - rank(b.Type) })
	ctx := r.Context()
	x.Status = running
	err = s.saveImport(ctx, x, was, func(tx slice.SpoolTx) error {
		return errors.Join(tx.Add(ctx, importKind, x.ID, s.Clock.Now(), []byte(x.ID)), tx.Add(ctx, removeKind, x.ID, x.Expires, []byte("import "+x.ID)))
	})
	if err != nil {
		return err
	}
	w.Header().Set("Content-Location", s.address(r, importsPath+x.ID))
	writeOutcome(w, http.StatusAccepted, information("the import has begun; ask at the address in Content-Location how far it is"))
	return nil
}

// first are the types that others refer to, in the order in which they are best loaded.
var first = []string{"Organization", "Location", "Practitioner", "PractitionerRole", "HealthcareService", "Endpoint", "Medication", "Substance", "Questionnaire", "Patient", "RelatedPerson", "Coverage", "CareTeam", "Encounter"}

func rank(typ string) int {
	if i := slices.Index(first, typ); i >= 0 {
		return i
	}
	if typ == "Provenance" {
		return len(first) + 1
	}
	return len(first)
}

// listed reads a manifest, as plain JSON or as a Parameters document.
func (s *server) listed(r *http.Request) (*loading, error) {
	body, err := io.ReadAll(io.LimitReader(r.Body, maxParameters+1))
	if err != nil {
		return nil, err
	}
	if len(body) > maxParameters {
		return nil, refused(http.StatusRequestEntityTooLarge, "too-long", "the manifest takes more than 1 MB")
	}
	m, err := readManifest(body)
	if err != nil {
		return nil, err
	}
	if m.InputFormat != "" && !slices.Contains(formats, m.InputFormat) {
		return nil, bad("inputFormat: inputs are " + formats[0] + " and nothing else")
	}
	if len(m.Input) == 0 || len(m.Input) > maxInputs {
		return nil, bad("the manifest lists between 1 and 1000 inputs, each with type and url; NDJSON can also be the body of the request itself, with Content-Type: " + fileFormat)
	}
	x, err := s.newLoading(r, running)
	if err != nil {
		return nil, err
	}
	for _, in := range m.Input {
		if in.Type != "" && !definitions.IsResourceType(in.Type) {
			return nil, bad(clip(in.Type) + " is no FHIR R4 resource type")
		}
		one := input{Type: in.Type, URL: in.URL}
		id, own := s.uploadAt(r, in.URL)
		switch {
		case own:
			up, err := s.myImport(r, id)
			if err != nil {
				return nil, err
			}
			if up.Status != uploaded {
				return nil, refused(http.StatusConflict, "conflict", "an input is not uploaded to its end yet")
			}
			one.Upload, one.Chunks, one.Starts, one.Bytes = id, up.Inputs[0].Chunks, up.Inputs[0].Starts, up.Inputs[0].Bytes
			if one.Type == "" {
				one.Type = up.Inputs[0].Type
			}
		case s.Fetch == nil:
			return nil, refused(http.StatusBadRequest, "not-supported", "this server does not fetch inputs from other servers. "+sendInstead)
		default:
			if err := s.Fetch.Check(in.URL); err != nil {
				return nil, refused(http.StatusBadRequest, "not-supported", err.Error()+". "+sendInstead)
			}
		}
		x.Inputs = append(x.Inputs, one)
	}
	return x, nil
}

// uploadAt is the upload that an address of this server names.
func (s *server) uploadAt(r *http.Request, address string) (id string, own bool) {
	return strings.CutPrefix(strings.TrimPrefix(address, s.address(r, "")), uploadsPath)
}

func readManifest(body []byte) (*importManifest, error) {
	doc, err := fhir.Parse(body)
	if err == nil && doc.Type() == "Parameters" {
		m := &importManifest{}
		for p := range doc.Get("parameter").Values() {
			switch p.Get("name").Text() {
			case "inputFormat":
				m.InputFormat = p.Get("valueString").Text() + p.Get("valueCode").Text()
			case "input":
				in := struct {
					Type string `json:"type"`
					URL  string `json:"url"`
				}{}
				for part := range p.Get("part").Values() {
					switch part.Get("name").Text() {
					case "type":
						in.Type = part.Get("valueCode").Text() + part.Get("valueString").Text()
					case "url":
						in.URL = part.Get("valueUrl").Text() + part.Get("valueUri").Text() + part.Get("valueString").Text()
					}
				}
				m.Input = append(m.Input, in)
			}
		}
		return m, nil
	}
	m := &importManifest{}
	if err := json.Unmarshal(body, m); err != nil {
		return nil, bad("the body is neither NDJSON (say so in Content-Type) nor a manifest of inputs")
	}
	return m, nil
}
