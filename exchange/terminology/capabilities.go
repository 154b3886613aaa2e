package terminology

import (
	"encoding/json"

	"github.com/osler-ehr/osler/slice"
	"github.com/osler-ehr/osler/terms"
)

// The parts of a TerminologyCapabilities that there are here.
type (
	terminologyCapabilities struct {
		ResourceType   string            `json:"resourceType"`
		Status         string            `json:"status"`
		Date           string            `json:"date"`
		Description    string            `json:"description"`
		Kind           string            `json:"kind"`
		Software       map[string]string `json:"software"`
		Implementation map[string]string `json:"implementation"`
		CodeSystem     []systemHere      `json:"codeSystem"`
		Expansion      expansionHere     `json:"expansion"`
		CodeSearch     string            `json:"codeSearch"`
		ValidateCode   struct {
			Translations bool `json:"translations"`
		} `json:"validateCode"`
		Translation struct {
			NeedsMap bool `json:"needsMap"`
		} `json:"translation"`
	}
	systemHere struct {
		URI         string        `json:"uri"`
		Version     []versionHere `json:"version,omitempty"`
		Subsumption bool          `json:"subsumption"`
	}
	versionHere struct {
		Code      string `json:"code"`
		IsDefault bool   `json:"isDefault"`
	}
	expansionHere struct {
		Hierarchical bool            `json:"hierarchical"`
		Paging       bool            `json:"paging"`
		Incomplete   bool            `json:"incomplete"`
		Parameter    []parameterHere `json:"parameter"`
		TextFilter   string          `json:"textFilter"`
	}
	parameterHere struct {
		Name          string `json:"name"`
		Documentation string `json:"documentation"`
	}
)

// expandParameters are those that $expand heeds.
var expandParameters = []parameterHere{
	{"url", "the value set"},
	{"valueSet", "the value set itself, in the body"},
	{"valueSetVersion", "its version"},
	{"filter", "words that names begin with"},
	{"offset", "where a page begins"},
	{"count", "how many codes a page has"},
	{"activeOnly", "without codes that are not in use any more"},
	{"excludeNested", "false asks for codes below codes"},
	{"excludeNotForUI", "without codes that only group others"},
	{"includeDesignations", "with all names"},
	{"displayLanguage", "the language of names"},
	{"system-version", "the version of a code system"},
	{"force-system-version", "the version of a code system"},
	{"incomplete-ok", "true accepts the codes that are known where not all are"},
	{"tx-resource", "code systems and value sets that count for this request alone"},
}

// Capabilities writes what is here as a TerminologyCapabilities resource. The record's own CodeSystem and ValueSet
// resources are not in it, because they are for those who are signed in.
func Capabilities(d slice.Deps, l *terms.Library) []byte {
	c := terminologyCapabilities{
		ResourceType: "TerminologyCapabilities", Status: "active", Kind: "instance", Date: d.Clock.Now().UTC().Format("2006-01-02T15:04:05Z07:00"),
		Description:    "The code systems that ship with the program or are loaded. CodeSystem, ValueSet and ConceptMap resources of the record are used besides.",
		Software:       map[string]string{"name": "Osler"},
		Implementation: map[string]string{"description": "Osler, the record system of a practice"},
		Expansion:      expansionHere{Hierarchical: true, Paging: true, Incomplete: true, Parameter: expandParameters, TextFilter: "The words of the filter, in any order, must each begin a word of one of a code's names, or the filter the code."},
		CodeSearch:     "all",
	}
	if d.Version != "" {
		c.Software["version"] = d.Version
	}
	for _, x := range l.List(true) {
		if x.Kind == "map" || x.Kind == "" && x.Count == 0 && !x.Ships {
			continue
		}
		n := len(c.CodeSystem)
		if n == 0 || c.CodeSystem[n-1].URI != x.URL {
			c.CodeSystem = append(c.CodeSystem, systemHere{URI: x.URL, Subsumption: true})
			n++
		}
		if at := &c.CodeSystem[n-1]; x.Version != "" { // the newest comes first, and answers where none is asked for
			at.Version = append(at.Version, versionHere{x.Version, len(at.Version) == 0})
		}
	}
	b, err := json.Marshal(c)
	if err != nil {
		panic(err) // plain strings and lists always encode
	}
	return b
}
