package bulk

import (
	"cmp"
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/fhir/definitions"
	"github.com/osler-ehr/osler/record"
)

// level says whose resources are exported.
type level string

const (
	systemLevel  level = "system"
	patientLevel level = "patient"
	groupLevel   level = "group"
)

// filter limits the resources of one type to what a search finds.
type filter struct {
	Type, Query string
}

// request is what a kick-off asks for.
type request struct {
	Level    level
	Group    string   // id of the Group
	Patients []string // ids, if only some are asked for
	Types    []string // nil = all
	Filters  []filter
	Since    time.Time
	Ignored  []string // what was asked for and is not heeded
}

// given are the parameters of a kick-off, from its address or from a Parameters document.
type given map[string][]string

// maxParameters bounds the document of a kick-off.
const maxParameters = 1 << 20

// readRequest reads a kick-off. The error tells what is wrong with it.
func readRequest(r *http.Request) (*request, error) {
	async, lenient := preferences(r.Header.Values("Prefer"))
	if !async {
		return nil, bad("an export takes its time: ask for it with the header Prefer: respond-async")
	}
	if !accepts(r.Header.Values("Accept")) {
		return nil, refused(http.StatusNotAcceptable, "not-supported", "the answer is application/fhir+json; say so in the header Accept")
	}
	q := &request{Level: systemLevel}
	if q.Group = r.PathValue("group"); q.Group != "" {
		q.Level = groupLevel
	} else if strings.HasPrefix(r.URL.Path, "/fhir/Patient/") {
		q.Level = patientLevel
	}
	g, err := readGiven(r)
	if err != nil {
		return nil, err
	}
	return q, q.read(g, lenient)
}

func preferences(headers []string) (async, lenient bool) {
	for _, h := range headers {
		for p := range strings.FieldsFuncSeq(h, func(r rune) bool { return r == ',' || r == ';' || r == ' ' }) {
			async = async || p == "respond-async"
			lenient = lenient || p == "handling=lenient"
		}
	}
	return async, lenient
}

func accepts(headers []string) bool {
	if len(headers) == 0 {
		return true
	}
	for h := range strings.SplitSeq(strings.Join(headers, ","), ",") {
		kind, _, _ := strings.Cut(strings.TrimSpace(h), ";")
		if slices.Contains([]string{"", "*/*", "application/*", "application/fhir+json", "application/json", "json"}, strings.TrimSpace(kind)) {
			return true
		}
	}
	return false
}

func readGiven(r *http.Request) (given, error) {
	values, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, bad("the address has a wrong %-escape")
	}
	g := given(values)
	if r.Method != http.MethodPost {
		return g, nil
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, maxParameters+1))
	if err != nil {
		return nil, err
	}
	switch {
	case len(body) > maxParameters:
		return nil, refused(http.StatusRequestEntityTooLarge, "too-long", "the parameters take more than 1 MB")
	case len(body) == 0:
		return g, nil
	}
	doc, err := fhir.Parse(body)
	if err != nil {
		return nil, &refusal{http.StatusBadRequest, fhir.OutcomeOf(err)}
	}
	if doc.Type() != "Parameters" {
		return nil, bad("the body of a kick-off is a Parameters document")
	}
	for p := range doc.Get("parameter").Values() {
		name := p.Get("name").Text()
		v := cmp.Or(p.Get("valueString").Text(), p.Get("valueInstant").Text(), p.Get("valueDateTime").Text(), p.Get("valueCode").Text(), p.Get("valueUri").Text(),
			p.Get("valueReference").Get("reference").Text())
		if v == "" {
			return nil, bad("the parameter " + clip(name) + " has no value of a kind that is expected")
		}
		g[name] = append(g[name], v)
	}
	return g, nil
}

// Formats are what _outputFormat may say.
var formats = []string{"application/fhir+ndjson", "application/ndjson", "ndjson"}

// read takes the parameters. What is legal but not done here is an error, unless lenient handling is asked for.
func (q *request) read(g given, lenient bool) error {
	for name, values := range g {
		var err error
		switch name {
		case "_outputFormat", "_format":
			for _, v := range values {
				if name == "_outputFormat" && !slices.Contains(formats, v) {
					return bad("_outputFormat: files are " + formats[0] + " and nothing else")
				}
			}
		case "_since":
			err = q.readSince(values)
		case "_type":
			err = q.readTypes(values, lenient)
		case "_typeFilter":
			err = q.readFilters(values)
		case "patient":
			err = q.readPatients(values)
		case "includeAssociatedData":
			err = refused(http.StatusBadRequest, "not-supported", "includeAssociatedData is not supported: this server has no such sets of data. Name the types you want in _type, Provenance among them")
		default:
			err = refused(http.StatusBadRequest, "not-supported", "the parameter "+clip(name)+" is not supported; leave it away")
		}
		if e, ok := errors.AsType[*refusal](err); ok && lenient && e.Outcome.Issue[0].Code == "not-supported" {
			q.Ignored = append(q.Ignored, e.Outcome.Issue[0].Details.Text)
			continue
		}
		if err != nil {
			return err
		}
	}
	for _, f := range q.Filters {
		if q.Types != nil && !slices.Contains(q.Types, f.Type) {
			return bad("_typeFilter is about " + f.Type + ", which _type does not name")
		}
	}
	slices.Sort(q.Ignored)
	return nil
}

func (q *request) readSince(values []string) error {
	at, err := time.Parse(time.RFC3339Nano, strings.ReplaceAll(values[0], " ", "+"))
	if err != nil || len(values) > 1 {
		return bad("_since is one moment with its time zone, such as 2026-01-31T00:00:00Z")
	}
	q.Since = at.UTC()
	return nil
}

func (q *request) readTypes(values []string, lenient bool) error {
	for typ := range strings.SplitSeq(strings.Join(values, ","), ",") {
		typ = strings.TrimSpace(typ)
		switch {
		case typ == "" || slices.Contains(q.Types, typ):
		case definitions.IsResourceType(typ):
			q.Types = append(q.Types, typ)
		case lenient:
			q.Ignored = append(q.Ignored, "_type: "+clip(typ)+" is no FHIR R4 resource type")
		default:
			return bad("_type: " + clip(typ) + " is no FHIR R4 resource type")
		}
	}
	if q.Types == nil {
		return bad("_type names no resource type")
	}
	return nil
}

// resultParams are search parameters that shape a result; a filter cannot have them.
var resultParams = []string{"_sort", "_count", "_total", "_summary", "_elements", "_include", "_revinclude", "_contained", "_containedType", "_type", "_page", "_format", "_pretty", "_maxresults", "_score"}

func (q *request) readFilters(values []string) error {
	for _, v := range values {
		for _, text := range splitFilters(v) {
			typ, query, ok := strings.Cut(text, "?")
			if !ok || !definitions.IsResourceType(typ) {
				return bad("_typeFilter is a search such as Observation?category=laboratory")
			}
			params, err := record.ParseParams(query)
			if err != nil {
				return err
			}
			for _, p := range params {
				name, _, _ := strings.Cut(p.Name, ":")
				if slices.Contains(resultParams, name) {
					return bad("_typeFilter says which resources to export; " + name + " cannot stand in it")
				}
			}
			if len(params) == 0 {
				return bad("_typeFilter for " + typ + " has no search parameter; name the type in _type instead")
			}
			if f := (filter{typ, query}); !slices.Contains(q.Filters, f) {
				q.Filters = append(q.Filters, f)
			}
		}
	}
	return nil
}

// splitFilters separates searches that stand in one parameter, with commas between them. A comma of a search itself
// is not followed by a resource type and a question mark.
func splitFilters(v string) (out []string) {
	start := 0
	for i := range len(v) {
		if v[i] != ',' {
			continue
		}
		if typ, _, ok := strings.Cut(v[i+1:], "?"); ok && definitions.IsResourceType(typ) {
			out = append(out, v[start:i])
			start = i + 1
		}
	}
	return append(out, v[start:])
}

func (q *request) readPatients(values []string) error {
	if q.Level == systemLevel {
		return bad("patient can be given to /Patient/$export and /Group/[id]/$export only")
	}
	for v := range strings.SplitSeq(strings.Join(values, ","), ",") {
		id, ok := strings.CutPrefix(strings.TrimSpace(v), "Patient/")
		if !ok || !fhir.ValidID(id) {
			return bad("patient is a reference such as Patient/123")
		}
		if !slices.Contains(q.Patients, id) {
			q.Patients = append(q.Patients, id)
		}
	}
	return nil
}

// clip keeps what a caller sent from making a message long.
func clip(s string) string {
	if len(s) > 64 {
		return s[:64] + "…"
	}
	return s
}
