package graphql

import (
	"bytes"
	"encoding/json"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strconv"

	"github.com/osler-ehr/osler/fhir"
)

// request is what a client asks.
type request struct {
	Query         string                     `json:"query"`
	OperationName string                     `json:"operationName"`
	Variables     map[string]json.RawMessage `json:"variables"`
}

// maxBody bounds the body of a request.
const maxBody = 1 << 20

// readRequest reads a query from the address, or from a body of application/json or application/graphql.
func readRequest(w http.ResponseWriter, r *http.Request) (q request, err error) {
	address, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return q, wrong(-1, "the parameters of the address are not well-formed")
	}
	q.Query, q.OperationName = address.Get("query"), address.Get("operationName")
	if text := address.Get("variables"); text != "" {
		if err := json.Unmarshal([]byte(text), &q.Variables); err != nil {
			return q, wrong(-1, "the variables are not a JSON object")
		}
	}
	if r.Method != http.MethodPost {
		return q, asked(&q)
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		return q, &fault{at: -1, status: http.StatusRequestEntityTooLarge, code: "too-long", text: "the body did not arrive whole, or is larger than the limit of " + strconv.Itoa(maxBody>>20) + " MiB"}
	}
	media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	switch {
	case err != nil && len(body) > 0:
		media = ""
	case len(body) == 0:
		return q, asked(&q)
	}
	switch media {
	case "application/graphql":
		q.Query = string(body)
	case "application/json", "application/fhir+json":
		d := json.NewDecoder(bytes.NewReader(body))
		if err := d.Decode(&q); err != nil || d.More() {
			return q, wrong(-1, `the body is not a JSON object such as {"query": "{ ... }", "operationName": "...", "variables": {}}`)
		}
	default:
		return q, &fault{at: -1, status: http.StatusUnsupportedMediaType, code: "not-supported", text: "send the query as application/graphql, or with its variables as application/json"}
	}
	return q, asked(&q)
}

func asked(q *request) error {
	if q.Query == "" {
		return wrong(-1, "the query is missing: ask with query=, or post it as application/graphql")
	}
	return nil
}

// operation picks the operation that is to be carried out.
func (q *request) operation(doc *document) (*operation, error) {
	var found *operation
	for _, o := range doc.operations {
		if q.OperationName == "" && len(doc.operations) > 1 {
			return nil, wrong(-1, "the query has several operations; say with operationName which is meant")
		}
		if q.OperationName == "" || o.name == q.OperationName {
			found = o
		}
	}
	if found == nil {
		return nil, wrong(-1, "the query has no operation called %q", clip(q.OperationName))
	}
	if found.kind != "query" {
		return nil, &fault{at: found.at, status: http.StatusBadRequest, code: "not-supported", text: "a " + found.kind + " is not supported; use the REST interface to change something"}
	}
	return found, nil
}

// variables gives the declared variables their values.
func (q *request) variables(o *operation) (map[string]value, error) {
	out := map[string]value{}
	for _, v := range o.vars {
		given, ok := q.Variables[v.name]
		switch {
		case ok:
			d := json.NewDecoder(bytes.NewReader(given))
			d.UseNumber()
			var plain any
			if err := d.Decode(&plain); err != nil {
				return nil, wrong(-1, "the variable $%s is not JSON", v.name)
			}
			out[v.name] = valueOf(plain)
		case v.fallback != nil:
			out[v.name] = *v.fallback
		default:
			out[v.name] = value{}
		}
		if v.required && out[v.name].kind == nullValue {
			return nil, wrong(-1, "the variable $%s must have a value", v.name)
		}
	}
	return out, nil
}

func valueOf(plain any) value {
	switch x := plain.(type) {
	case string:
		return value{kind: textValue, text: x}
	case bool:
		return value{kind: boolValue, text: strconv.FormatBool(x)}
	case json.Number:
		return value{kind: numberValue, text: x.String()}
	case []any:
		v := value{kind: listValue}
		for _, e := range x {
			v.list = append(v.list, valueOf(e))
		}
		return v
	case map[string]any:
		v := value{kind: objectValue}
		for k, e := range x {
			v.args = append(v.args, argument{name: k, value: valueOf(e)})
		}
		return v
	}
	return value{}
}

// errorOf is a fault as GraphQL writes it, with an OperationOutcome for those who know FHIR.
func errorOf(query string, f *fault, o *fhir.Outcome) *object {
	e := newObject()
	e.set("message", f.text)
	if f.at >= 0 {
		line, column := place(query, f.at)
		l := newObject()
		l.set("line", line)
		l.set("column", column)
		e.set("locations", []any{l})
	}
	if len(f.path) > 0 {
		e.set("path", f.path)
	}
	x := newObject()
	x.set("code", f.code)
	x.set("resource", raw(o.Bytes()))
	e.set("extensions", x)
	return e
}
