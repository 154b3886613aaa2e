package rest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/fhir/definitions"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/record/search"
	"github.com/osler-ehr/osler/slice"
)

// capabilities answers with what this server can do.
func (c *call) capabilities() (answer, error) {
	var body []byte
	var err error
	switch mode, ok := c.param("mode"); {
	case !ok, mode == "full", mode == "normative":
		if body, err = c.statement.now(c.ctx); err != nil {
			return answer{}, err
		}
	case mode == "terminology" && c.terms != nil:
		body = c.terms()
	default:
		return answer{}, refused(http.StatusBadRequest, "not-supported", "mode must be full or terminology")
	}
	a := answer{status: http.StatusOK, body: body}
	if partial(c.shape) {
		a.body = appendPart(nil, body, c.shape, true)
	}
	return a, nil
}

// The parts of a CapabilityStatement that this server has.
type (
	capabilityStatement struct {
		ResourceType   string         `json:"resourceType"`
		Status         string         `json:"status"`
		Date           string         `json:"date"`
		Kind           string         `json:"kind"`
		Instantiates   []string       `json:"instantiates"`
		Software       software       `json:"software"`
		Implementation implementation `json:"implementation"`
		FHIRVersion    string         `json:"fhirVersion"`
		Format         []string       `json:"format"`
		PatchFormat    []string       `json:"patchFormat"`
		Rest           []restPart     `json:"rest"`
	}
	software struct {
		Name    string `json:"name"`
		Version string `json:"version,omitempty"`
	}
	implementation struct {
		Description string `json:"description"`
		URL         string `json:"url,omitempty"`
	}
	restPart struct {
		Mode        string          `json:"mode"`
		Document    string          `json:"documentation"`
		Security    security        `json:"security"`
		Resource    []resourcePart  `json:"resource"`
		Interaction []coded         `json:"interaction"`
		SearchParam []searchParam   `json:"searchParam"`
		Operation   []operationPart `json:"operation,omitempty"`
		Compartment []string        `json:"compartment"`
	}
	security struct {
		Extension   []extension `json:"extension,omitempty"`
		Service     []concept   `json:"service"`
		Description string      `json:"description"`
	}
	extension struct {
		Extension []extension `json:"extension,omitempty"`
		URL       string      `json:"url"`
		ValueURI  string      `json:"valueUri,omitempty"`
	}
	concept struct {
		Coding []coding `json:"coding"`
	}
	coding struct {
		System string `json:"system"`
		Code   string `json:"code"`
	}
	coded struct {
		Code string `json:"code"`
	}
	resourcePart struct {
		Type              string          `json:"type"`
		SupportedProfile  []string        `json:"supportedProfile,omitempty"`
		Interaction       []coded         `json:"interaction"`
		Versioning        string          `json:"versioning"`
		ReadHistory       bool            `json:"readHistory"`
		UpdateCreate      bool            `json:"updateCreate"`
		ConditionalCreate bool            `json:"conditionalCreate"`
		ConditionalRead   string          `json:"conditionalRead"`
		ConditionalUpdate bool            `json:"conditionalUpdate"`
		ConditionalDelete string          `json:"conditionalDelete"`
		ReferencePolicy   []string        `json:"referencePolicy"`
		SearchInclude     []string        `json:"searchInclude,omitempty"`
		SearchRevInclude  []string        `json:"searchRevInclude,omitempty"`
		SearchParam       []searchParam   `json:"searchParam"`
		Operation         []operationPart `json:"operation,omitempty"`
	}
	searchParam struct {
		Name       string `json:"name"`
		Definition string `json:"definition,omitempty"`
		Type       string `json:"type"`
	}
	operationPart struct {
		Name       string `json:"name"`
		Definition string `json:"definition"`
	}
)

// limits says in short what docs/how-to/fhir-api.md lists.
var limits = fmt.Sprintf("Limits, beyond which an OperationOutcome answers: %d MiB for a document and the body of a request, %d entries in a batch or transaction, "+
	"1000 resources or 64 MiB on a page (there is a next link), 2000 resources by _include and _revinclude on a page, 3 references in a chain, 50 parameters in a search, "+
	"1000 alternatives of a code or reference and 100 of a text or date, 10 seconds for a search. A search by :contains reads all texts of its parameter: narrow it by a patient or a code.", fhir.MaxSize>>20, maxEntries)

// statement writes the CapabilityStatement from what there is: the doors, the search parameters that the index
// has compiled, and the definitions.
func statement(d slice.Deps, o Options) []byte { return statementOf(d, o, &record.Loaded{}) }

func statementOf(d slice.Deps, o Options, loaded *record.Loaded) []byte {
	list := doors()
	operations := append(operationsAt(list), o.Operations...)
	s := capabilityStatement{
		ResourceType: "CapabilityStatement", Status: "active", Kind: "instance", FHIRVersion: "4.0.1",
		Date:           d.Clock.Now().UTC().Format("2006-01-02T15:04:05Z07:00"),
		Instantiates:   []string{"http://hl7.org/fhir/us/core/CapabilityStatement/us-core-server"},
		Software:       software{"Osler", d.Version},
		Implementation: implementation{Description: "Osler, the record system of a practice"},
		Format:         []string{fhirJSON, fhirXML, "json", "xml"},
		PatchFormat:    []string{jsonPatch, xmlPatch, fhirJSON, fhirXML},
	}
	if d.PublicURL != "" {
		s.Implementation.URL = strings.TrimSuffix(d.PublicURL, "/") + Root
	}
	part := restPart{
		Mode: "server", Document: limits, Security: securityOf(o),
		Interaction: interactions(list, map[string]string{"search-system": "search-system", "history-system": "history-system"}),
		Operation:   operationsOf(operations, ""),
	}
	for _, name := range definitions.Compartments() {
		part.Compartment = append(part.Compartment, "http://hl7.org/fhir/CompartmentDefinition/"+strings.ToLower(name))
	}
	part.Interaction = append(part.Interaction, coded{"batch"}, coded{"transaction"})
	revincludes := map[string][]string{}
	for _, typ := range definitions.ResourceTypes() {
		for _, p := range definitions.SearchParameters(typ) {
			if p.Type == "reference" && searchable(d.Index, typ, p) {
				targets := p.Targets
				if targets == nil || slices.Contains(targets, "Resource") { // to anything, such as Provenance:target
					targets = definitions.ResourceTypes()
				}
				for _, target := range targets {
					revincludes[target] = append(revincludes[target], typ+":"+p.Name)
				}
			}
		}
	}
	for _, typ := range definitions.ResourceTypes() {
		r := resourceOf(list, d.Index, typ, revincludes[typ], operations)
		r.addLoaded(loaded)
		part.Resource = append(part.Resource, r)
	}
	for _, p := range definitions.SearchParameters("Basic") {
		if slices.Contains([]string{"_id", "_lastUpdated", "_tag", "_profile", "_security", "_source", "_text", "_content"}, p.Name) {
			part.SearchParam = append(part.SearchParam, searchParam{p.Name, p.URL, p.Type})
		}
	}
	part.SearchParam = append(part.SearchParam, searchParam{Name: "_list", Type: "special"}, searchParam{Name: "_filter", Type: "special"})
	s.Rest = []restPart{part}
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	if err := e.Encode(s); err != nil {
		panic(err) // plain strings and lists always encode
	}
	return bytes.TrimSpace(out.Bytes())
}

func resourceOf(list []door, index *search.Index, typ string, revincludes []string, operations []Operation) resourcePart {
	r := resourcePart{
		Type: typ, Versioning: "versioned", ReadHistory: true, UpdateCreate: true, ConditionalCreate: true, ConditionalRead: "full-support",
		ConditionalUpdate: true, ConditionalDelete: "single", ReferencePolicy: []string{"literal", "local", "enforced"},
		Interaction: interactions(list, map[string]string{
			"read": "read", "vread": "vread", "create": "create", "update": "update", "patch": "patch", "delete": "delete",
			"history-instance": "history-instance", "history-type": "history-type", "search-type": "search-type",
		}),
		Operation:        operationsOf(operations, typ),
		SearchRevInclude: revincludes,
	}
	for _, url := range definitions.ProfileURLs(typ) {
		if strings.HasPrefix(url, "http://hl7.org/fhir/us/core/") {
			r.SupportedProfile = append(r.SupportedProfile, url)
		}
	}
	for _, p := range definitions.SearchParameters(typ) {
		if !searchable(index, typ, p) {
			continue
		}
		r.SearchParam = append(r.SearchParam, searchParam{p.Name, p.URL, p.Type})
		if p.Type == "reference" {
			r.SearchInclude = append(r.SearchInclude, typ+":"+p.Name)
		}
	}
	return r
}

// searchable reports whether searches by the parameter work.
func searchable(index *search.Index, typ string, p definitions.SearchParameter) bool {
	if p.Name == "_id" || p.Name == "_lastUpdated" {
		return true
	}
	compiled, ok := index.Param(typ, p.Name)
	return ok && (p.Name == "_text" || p.Name == "_content" || len(compiled.Atoms) > 0 || len(compiled.Parts) > 0 || compiled.Owner || p.Name == "near")
}

// interactions are the codes of those doors that are there.
func interactions(list []door, codes map[string]string) (out []coded) {
	for _, d := range list {
		if code := codes[d.name]; code != "" && !slices.Contains(out, coded{code}) {
			out = append(out, coded{code})
		}
	}
	return out
}

// operationsAt are the operations among the doors. One of every type has the type "*".
func operationsAt(list []door) (out []Operation) {
	for _, d := range list {
		if d.defines == "" {
			continue
		}
		typ, _, _ := strings.Cut(d.path, "/")
		switch typ[0] {
		case '{':
			typ = "*"
		case '$':
			typ = ""
		}
		o := Operation{typ, d.name[1:], d.defines}
		if !slices.Contains(out, o) {
			out = append(out, o)
		}
	}
	return out
}

func operationsOf(all []Operation, typ string) (out []operationPart) {
	for _, o := range all {
		if o.Type == typ || o.Type == "*" && typ != "" {
			out = append(out, operationPart{o.Name, o.Definition})
		}
	}
	return out
}

// securityOf tells how to get in. (SMART App Launch 2.2, "Using SMART capability statement".)
func securityOf(o Options) security {
	s := security{
		Service:     []concept{{[]coding{{"http://terminology.hl7.org/CodeSystem/restful-security-service", "SMART-on-FHIR"}}}},
		Description: "Everything but this statement needs an access token of OAuth 2, or the session of a person who is signed in.",
	}
	if o.AuthorizeURL != "" && o.TokenURL != "" {
		s.Extension = []extension{{
			URL:       "http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris",
			Extension: []extension{{URL: "token", ValueURI: o.TokenURL}, {URL: "authorize", ValueURI: o.AuthorizeURL}},
		}}
	}
	return s
}
