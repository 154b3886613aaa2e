package terminology

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/terms"
)

// Limits of an expansion.
const (
	maxExpansion = 20_000 // codes in one answer
	maxNested    = 20_000 // codes in one answer with their hierarchy
)

// valueSetOut is a ValueSet with its expansion.
type valueSetOut struct {
	ResourceType string    `json:"resourceType"`
	ID           string    `json:"id,omitempty"`
	URL          string    `json:"url,omitempty"`
	Version      string    `json:"version,omitempty"`
	Name         string    `json:"name,omitempty"`
	Title        string    `json:"title,omitempty"`
	Status       string    `json:"status"`
	Expansion    expansion `json:"expansion"`
}

type expansion struct {
	Timestamp string           `json:"timestamp"`
	Total     *int             `json:"total,omitempty"`
	Offset    *int             `json:"offset,omitempty"`
	Parameter []expansionParam `json:"parameter,omitempty"`
	Contains  []contained      `json:"contains,omitempty"`
}

type expansionParam struct {
	Name         string `json:"name"`
	ValueString  string `json:"valueString,omitempty"`
	ValueURI     string `json:"valueUri,omitempty"`
	ValueInteger *int   `json:"valueInteger,omitempty"`
	ValueBoolean *bool  `json:"valueBoolean,omitempty"`
}

type contained struct {
	System      string           `json:"system,omitempty"`
	Abstract    bool             `json:"abstract,omitempty"`
	Inactive    bool             `json:"inactive,omitempty"`
	Version     string           `json:"version,omitempty"`
	Code        string           `json:"code,omitempty"`
	Display     string           `json:"display,omitempty"`
	Designation []designationOut `json:"designation,omitempty"`
	Contains    []contained      `json:"contains,omitempty"`
}

type designationOut struct {
	Language string `json:"language,omitempty"`
	Use      *coded `json:"use,omitempty"`
	Value    string `json:"value"`
}

// expand is ValueSet/$expand.
//
// Codes come in the order of the definition; with a filter, the best answers to it come first. They are nested as in
// the hierarchies of their systems where excludeNested=false asks for that, and neither filter nor paging is asked for.
func (c *call) expand() (any, error) {
	offset, err := c.params.number("offset", 0)
	if err != nil {
		return nil, err
	}
	count, err := c.params.number("count", -1)
	if err != nil {
		return nil, err
	}
	if count > maxExpansion {
		count = maxExpansion
	}
	v, content, err := c.content()
	if err != nil {
		return nil, err
	}
	out := &valueSetOut{ResourceType: "ValueSet", ID: v.ID, URL: v.URL, Version: v.Version, Name: v.Name, Title: v.Title, Status: v.Status}
	if out.Status == "" {
		out.Status = "unknown"
	}
	e := &out.Expansion
	e.Timestamp = fhir.InstantOf(c.deps.Clock.Now()).String()
	if !content.Whole() {
		if err := c.incomplete(e, content); err != nil {
			return nil, err
		}
	}
	filter := c.params.text("filter")
	q := terms.ContentQuery{Text: filter, ActiveOnly: c.params.flag("activeOnly"), Selectable: c.params.flag("excludeNotForUI"), Offset: offset, Count: count}
	if c.params.text("excludeNested") == "false" && filter == "" && count < 0 && offset == 0 {
		return out, c.nest(e, content, q)
	}
	if count < 0 {
		q.Count = maxExpansion
	}
	entries, total := content.Page(q)
	if count < 0 && total > offset+len(entries) {
		return nil, refused(http.StatusUnprocessableEntity, fhir.CodeTooCostly, fmt.Sprintf("the value set has %d codes, more than %d; ask for a page with count and offset, or for a part with filter", total, maxExpansion))
	}
	c.tell(e, content, q, count)
	e.Total = &total
	if count >= 0 {
		e.Offset = &offset
	}
	e.Contains = make([]contained, len(entries))
	for i := range entries {
		e.Contains[i] = c.contained(&entries[i])
	}
	return out, nil
}

// incomplete refuses an expansion that is not the whole, unless the caller has said that it will do.
func (c *call) incomplete(e *expansion, content *terms.Content) error {
	missing := content.Missing()
	if len(missing) == 0 {
		missing = []string{"the units of UCUM cannot be listed, because there is no end of them"}
	}
	if c.params.flag("incomplete-ok") || len(content.Missing()) == 0 && (content.Len() > 0 || c.params.text("filter") != "") {
		yes := true
		e.Parameter = append(e.Parameter, expansionParam{Name: "limitedExpansion", ValueBoolean: &yes})
		for _, m := range missing {
			e.Parameter = append(e.Parameter, expansionParam{Name: "warning", ValueString: m})
		}
		return nil
	}
	o := &fhir.Outcome{}
	for _, m := range missing {
		o.Add(fhir.Issue{Severity: fhir.SeverityError, Code: fhir.CodeNotFound, Details: fhir.CodeableConcept{Text: "the value set cannot be listed whole: " + m + ". incomplete-ok=true asks for the codes that are known."}})
	}
	return &refusal{http.StatusUnprocessableEntity, o}
}

// tell notes in the expansion how it came about.
func (c *call) tell(e *expansion, content *terms.Content, q terms.ContentQuery, count int) {
	number := func(name string, n int) {
		e.Parameter = append(e.Parameter, expansionParam{Name: name, ValueInteger: &n})
	}
	yes := true
	if q.Text != "" {
		e.Parameter = append(e.Parameter, expansionParam{Name: "filter", ValueString: q.Text})
	}
	if count >= 0 {
		number("count", count)
		number("offset", q.Offset)
	}
	if q.ActiveOnly {
		e.Parameter = append(e.Parameter, expansionParam{Name: "activeOnly", ValueBoolean: &yes})
	}
	if q.Selectable {
		e.Parameter = append(e.Parameter, expansionParam{Name: "excludeNotForUI", ValueBoolean: &yes})
	}
	for _, s := range content.Systems() {
		if strings.Contains(s, "|") {
			e.Parameter = append(e.Parameter, expansionParam{Name: "version", ValueURI: s})
		}
	}
}

// contained is one code as the answer has it.
func (c *call) contained(e *terms.Entry) contained {
	out := contained{System: e.Coding.System, Version: e.Version, Code: e.Code, Display: e.Display, Abstract: e.Abstract, Inactive: e.Inactive}
	language, designations := c.params.text("displayLanguage"), c.params.flag("includeDesignations")
	if e.System == nil || language == "" && !designations {
		return out
	}
	concept := e.System.Concept(e.ID)
	if name := inLanguage(concept.Designations, language); name != "" {
		out.Display = name
	}
	if designations {
		for _, d := range concept.Designations {
			if d.Use != terms.Definition {
				out.Designation = append(out.Designation, designationOut{Language: d.Language, Use: use(d.Use), Value: d.Value})
			}
		}
	}
	return out
}

// inLanguage is the first name in a language; "" if there is none.
func inLanguage(list []terms.Designation, language string) string {
	if language == "" {
		return ""
	}
	want, _, _ := strings.Cut(language, ",")
	for _, d := range list {
		if d.Use != terms.Definition && d.Language != "" && (strings.EqualFold(d.Language, want) || strings.HasPrefix(strings.ToLower(d.Language), strings.ToLower(want)+"-")) {
			return d.Value
		}
	}
	return ""
}

// use is what a designation is for.
func use(code string) *coded {
	switch code {
	case "":
		return &coded{System: terms.SNOMEDCT, Code: "900000000000013009", Display: "Synonym"}
	case "900000000000003001":
		return &coded{System: terms.SNOMEDCT, Code: code, Display: "Fully specified name"}
	}
	return &coded{Code: code}
}

// nest fills the expansion with codes below codes.
func (c *call) nest(e *expansion, content *terms.Content, q terms.ContentQuery) error {
	total := 0
	var way []*[]contained // the lists that a code of each depth is put into
	way = append(way, &e.Contains)
	content.Trees(func(x terms.Entry, depth int) bool {
		if (q.ActiveOnly || q.Selectable) && x.Inactive {
			return true
		}
		total++
		list := way[min(depth, len(way)-1)]
		*list = append(*list, c.contained(&x))
		way = append(way[:min(depth, len(way)-1)+1], &(*list)[len(*list)-1].Contains)
		return total <= maxNested
	})
	if total > maxNested {
		return refused(http.StatusUnprocessableEntity, fhir.CodeTooCostly, "the value set has more than "+strconv.Itoa(maxNested)+" codes; ask for a page with count and offset, or for a part with filter")
	}
	c.tell(e, content, q, -1)
	return nil
}
