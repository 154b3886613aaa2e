package terminology

import (
	"io"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/osler-ehr/osler/fhir"
)

// params are the parameters of a request: of its address, and of the Parameters resource or form in its body.
type params struct{ list []param }

// param is one parameter: a text, or what stands under value[x], part and resource of a Parameters resource.
type param struct {
	name  string
	text  string
	value fhir.Node // a complex value
	parts fhir.Node
	// resource is the resource under resource.
	resource *fhir.Resource
}

// maxForm bounds a form in a body.
const maxForm = 1 << 20

func readParams(w http.ResponseWriter, r *http.Request) (params, error) {
	var p params
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return p, refused(http.StatusBadRequest, fhir.CodeInvalid, "the parameters of the address are not well-formed")
	}
	p.add(query)
	if r.Method != http.MethodPost || r.ContentLength == 0 {
		return p, nil
	}
	media, args, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || args["charset"] != "" && !strings.EqualFold(args["charset"], "utf-8") || r.Header.Get("Content-Encoding") != "" {
		media = ""
	}
	switch media {
	case "application/x-www-form-urlencoded":
		body, err := readBody(w, r, maxForm)
		if err != nil {
			return p, err
		}
		form, err := url.ParseQuery(string(body))
		if err != nil {
			return p, refused(http.StatusBadRequest, fhir.CodeInvalid, "the form in the body is not well-formed")
		}
		p.add(form)
		return p, nil
	case fhirJSON, "application/json", "text/json":
		body, err := readBody(w, r, fhir.MaxSize)
		if err != nil {
			return p, err
		}
		doc, err := fhir.Parse(body)
		if err != nil {
			return p, err
		}
		return p, p.take(doc)
	}
	return p, refused(http.StatusUnsupportedMediaType, fhir.CodeNotSupported, "the body must be a Parameters resource as "+fhirJSON+", or a form, in UTF-8 and not compressed; say so in Content-Type")
}

func readBody(w http.ResponseWriter, r *http.Request, limit int64) ([]byte, error) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, limit))
	if err != nil {
		return nil, refused(http.StatusRequestEntityTooLarge, fhir.CodeTooLong, "the body did not arrive whole, or is larger than the limit of "+strconv.FormatInt(limit>>20, 10)+" MiB")
	}
	return body, nil
}

func (p *params) add(values url.Values) {
	for name, list := range values {
		for _, v := range list {
			p.list = append(p.list, param{name: name, text: v})
		}
	}
}

// take reads a Parameters resource; or a resource that stands for the only parameter of its type.
func (p *params) take(doc *fhir.Resource) error {
	switch t := doc.Type(); t {
	case "Parameters":
	case "ValueSet", "CodeSystem", "ConceptMap":
		p.list = append(p.list, param{name: strings.ToLower(t[:1]) + t[1:], resource: doc})
		return nil
	default:
		return refused(http.StatusBadRequest, fhir.CodeInvalid, "the body must be a Parameters resource")
	}
	for n := range doc.Get("parameter").Values() {
		p.list = append(p.list, paramOf(n))
	}
	return nil
}

// paramOf reads one parameter of a Parameters resource.
func paramOf(n fhir.Node) param {
	q := param{name: n.Get("name").Text(), parts: n.Get("part"), resource: n.Get("resource").Resource()}
	for v := range n.Children() {
		if strings.HasPrefix(v.Key(), "value") {
			if v.Kind() == fhir.Object {
				q.value = v
			} else {
				q.text = v.Text()
			}
		}
	}
	return q
}

// find is the first parameter of a name that says something.
func (p *params) find(name string) (param, bool) {
	for _, q := range p.list {
		if q.name == name && (q.text != "" || q.value.Exists() || q.resource != nil || q.parts.Exists()) {
			return q, true
		}
	}
	return param{}, false
}

// text is the first parameter of a name as a text, "" if there is none.
func (p *params) text(name string) string {
	q, _ := p.find(name)
	return q.text
}

// all are the texts of every parameter of a name.
func (p *params) all(name string) []string {
	var out []string
	for _, q := range p.list {
		if q.name == name && q.text != "" {
			out = append(out, q.text)
		}
	}
	return out
}

// flag is true when a parameter is "true".
func (p *params) flag(name string) bool { return p.text(name) == "true" }

// number is a parameter that is a whole number of 0 or more; absent if it is not given.
func (p *params) number(name string, absent int) (int, error) {
	s := p.text(name)
	if s == "" {
		return absent, nil
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < 0 {
		return 0, refused(http.StatusBadRequest, fhir.CodeValue, name+" must be a whole number, 0 or more")
	}
	return n, nil
}

// coding is a code that is asked about.
func coding(n fhir.Node) (fhir.Coding, error) {
	var c fhir.Coding
	err := c.Read(n)
	return c, err
}

// asked are the codings of a request: of code with system, coding, or codeableConcept. names are those of code, system
// and version.
func (p *params) asked(code, system, version string) ([]fhir.Coding, error) {
	if q, ok := p.find("coding"); ok && q.value.Exists() {
		c, err := coding(q.value)
		return []fhir.Coding{c}, err
	}
	if q, ok := p.find("codeableConcept"); ok && q.value.Exists() {
		var c fhir.CodeableConcept
		if err := c.Read(q.value); err != nil {
			return nil, err
		}
		if len(c.Coding) == 0 {
			return nil, refused(http.StatusBadRequest, fhir.CodeRequired, "the codeableConcept has no coding")
		}
		return c.Coding, nil
	}
	if p.text(code) == "" {
		return nil, refused(http.StatusBadRequest, fhir.CodeRequired, "give "+code+" (with "+system+"), coding or codeableConcept")
	}
	return []fhir.Coding{{System: p.text(system), Version: p.text(version), Code: p.text(code), Display: p.text("display")}}, nil
}
