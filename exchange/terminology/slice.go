package terminology

import (
	"context"
	"net/http"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/slice"
	"github.com/osler-ehr/osler/terms"
)

// root is where FHIR stands on the server.
const root = "/fhir"

// Operation is an operation that the capability statement names.
type Operation struct {
	Type       string // resource type
	Name       string // without the dollar sign
	Definition string // canonical address of its OperationDefinition

	instance bool // also below a resource
	run      func(*call) (any, error)
}

// Operations lists what is served.
func Operations() []Operation {
	definition := func(name string) string { return "http://hl7.org/fhir/OperationDefinition/" + name }
	return []Operation{
		{"ValueSet", "expand", definition("ValueSet-expand"), true, (*call).expand},
		{"ValueSet", "validate-code", definition("ValueSet-validate-code"), true, (*call).validateInValueSet},
		{"CodeSystem", "lookup", definition("CodeSystem-lookup"), false, (*call).lookup},
		{"CodeSystem", "validate-code", definition("CodeSystem-validate-code"), true, (*call).validateInCodeSystem},
		{"CodeSystem", "subsumes", definition("CodeSystem-subsumes"), true, (*call).subsumes},
		{"ConceptMap", "translate", definition("ConceptMap-translate"), true, (*call).translate},
	}
}

// Slice serves the operations from a library.
func Slice(d slice.Deps, l *terms.Library) slice.Slice {
	s := &server{deps: d, knowledge: newKnowledge(l)}
	out := slice.Slice{Name: "terminology"}
	for _, o := range Operations() {
		for _, method := range []string{http.MethodGet, http.MethodPost} {
			for _, pattern := range o.patterns() {
				// Codes are no patient data; resources of the record are read with the caller's session.
				out.Routes = append(out.Routes, slice.Route{Method: method, Pattern: pattern, Right: slice.SignedIn(), Handler: s.handler(o.run), Refuse: refuse})
			}
		}
	}
	return out
}

func (o *Operation) patterns() []string {
	list := []string{root + "/" + o.Type + "/$" + o.Name}
	if o.instance {
		list = append(list, root+"/"+o.Type+"/{id}/$"+o.Name)
	}
	return list
}

// session is what the record offers to one caller; *record.Session in the program.
type session interface {
	Read(ctx context.Context, typ, id string) (*record.Version, error)
	Search(ctx context.Context, q record.Query) (*record.Page, error)
}

type server struct {
	deps      slice.Deps
	knowledge *knowledge
}

// call is one request.
type call struct {
	*server
	ctx    context.Context
	source *source
	id     string // of the resource in the address; "" = none
	params params
}

func (s *server) handler(run func(*call) (any, error)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		setHeaders(w.Header())
		sess, err := s.deps.Session(r)
		if err != nil {
			s.fail(w, r, err)
			return
		}
		c := &call{server: s, ctx: r.Context(), source: s.knowledge.seenBy(sess), id: r.PathValue("id")}
		answer, err := c.answer(w, r, run)
		if err != nil {
			s.fail(w, r, err)
			return
		}
		write(w, r, http.StatusOK, answer, c.params.flag("_pretty"))
	})
}

func (c *call) answer(w http.ResponseWriter, r *http.Request, run func(*call) (any, error)) (any, error) {
	if c.id != "" && !fhir.ValidID(c.id) {
		return nil, refused(http.StatusNotFound, fhir.CodeNotFound, "there is no resource of this id")
	}
	if err := acceptable(r); err != nil {
		return nil, err
	}
	var err error
	if c.params, err = readParams(w, r); err != nil {
		return nil, err
	}
	return run(c)
}
