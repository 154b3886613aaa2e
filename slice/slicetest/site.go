// Package slicetest serves features to tests as the program serves them: over a record of its own, behind their rights,
// to people of every role.
package slicetest

import (
	"context"
	"html"
	"io"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/osler-ehr/osler/clock"
	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/fhir/validate"
	"github.com/osler-ehr/osler/identity"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/record/recordtest"
	"github.com/osler-ehr/osler/slice"
	"github.com/osler-ehr/osler/store"
	"github.com/osler-ehr/osler/store/sqlite"
	"github.com/osler-ehr/osler/web"
)

// Now is the moment at which everything happens, in UTC, the zone of the practice.
var Now = time.Date(2026, 11, 23, 10, 22, 0, 0, time.UTC)

// Site is a practice in a test.
type Site struct {
	T testing.TB
	*recordtest.Fixture
	Deps    slice.Deps
	handler http.Handler
}

// New makes a practice with one clinician, Practitioner/rao, and the patient Patient/ada, a woman born on 14-Jul-1968.
func New(t testing.TB) *Site {
	t.Helper()
	return with(t, recordtest.New(t, clock.At(Now)))
}

// On makes the same practice on the store that open gives.
func On(t testing.TB, open func(o sqlite.Options) (store.Store, error)) *Site {
	t.Helper()
	return with(t, recordtest.On(t, clock.At(Now), open))
}

func with(t testing.TB, f *recordtest.Fixture) *Site {
	t.Helper()
	s := &Site{T: t, Fixture: f}
	log := slog.New(slog.DiscardHandler)
	s.Deps = slice.Deps{
		Shell: &web.Shell{Practice: "Harbor Street", Now: func() time.Time { return Now }, Log: log}, Clock: clock.At(Now), Log: log, Index: s.Index(),
		Session: func(r *http.Request) (*record.Session, error) { return s.session(r.Context()) },
		Program: func(name string) *record.Session {
			return s.Record.As(access.Actor{ID: "program:" + name, Name: name, Roles: []access.Role{access.Program}, Org: s.Org})
		},
	}
	s.Put(`{"resourceType":"Practitioner","id":"rao","active":true,"name":[{"family":"Rao","given":["Priya"],"prefix":["Dr"]}]}`,
		`{"resourceType":"Patient","id":"ada","active":true,"identifier":[{"type":{"coding":[{"code":"MR"}]},"system":"urn:mrn","value":"100482771"}],"name":[{"family":"Okafor","given":["Adaeze"]}],"birthDate":"1968-07-14","gender":"female"}`)
	return s
}

func (s *Site) session(ctx context.Context) (*record.Session, error) {
	p := identity.From(ctx)
	if p.Kind == identity.Anonymous {
		return nil, web.ErrSignIn
	}
	actor, err := identity.Actor(ctx, s.Record, p, "practice")
	if err != nil {
		return nil, err
	}
	return s.Record.As(actor), nil
}

// Serve mounts features.
func (s *Site) Serve(all ...slice.Slice) {
	s.T.Helper()
	for _, f := range all {
		s.Record.Obey(f.Exclusive...)
	}
	mux := http.NewServeMux()
	if err := slice.Mount(mux, s.Deps.Shell, all); err != nil {
		s.T.Fatal(err)
	}
	s.handler = s.Deps.Shell.Guard(mux)
}

// Put writes documents, as a program does.
func (s *Site) Put(docs ...string) {
	s.T.Helper()
	var ops []record.Op
	for _, d := range docs {
		doc, err := fhir.Parse([]byte(d))
		if err != nil {
			s.T.Fatal(err)
		}
		ops = append(ops, record.Op{Verb: record.Update, Type: doc.Type(), ID: doc.ID(), Resource: doc})
	}
	if _, err := s.As(access.Program).Do(context.Background(), ops); err != nil {
		s.T.Fatal(err)
	}
}

// All are the current resources of a type, as an administrator or program sees them, each checked against what it claims
// to be: base rules, profiles, invariants.
func (s *Site) All(typ string) []*fhir.Resource {
	s.T.Helper()
	page, err := s.As(access.Program).Search(context.Background(), record.Query{Type: typ, MaxCount: 1000})
	if err != nil {
		s.T.Fatal(err)
	}
	var out []*fhir.Resource
	for i := range page.Entries {
		doc := page.Entries[i].Resource()
		for _, issue := range append(validate.Base(doc), validate.Claimed(doc)...) {
			if issue.Severity == "error" || issue.Severity == "fatal" {
				s.T.Errorf("%s/%s is not what it claims to be: %+v\n%s", typ, doc.ID(), issue, doc.Bytes())
			}
		}
		out = append(out, doc)
	}
	return out
}

// One is the only current resource of a type.
func (s *Site) One(typ string) *fhir.Resource {
	s.T.Helper()
	all := s.All(typ)
	if len(all) != 1 {
		s.T.Fatalf("%d resources of type %s, want one", len(all), typ)
	}
	return all[0]
}

// Person is somebody who is signed in.
type Person struct {
	s         *Site
	principal identity.Principal
	partial   bool
}

// By gives a person with a role; a clinician is Practitioner/rao, Dr Priya Rao.
func (s *Site) By(role access.Role) Person {
	p := identity.Principal{Kind: identity.Person, ID: "test-" + string(role), Name: "Test " + string(role), Roles: []identity.Role{identity.Role(role)}}
	switch role {
	case access.Clinician:
		p.Name, p.Resource = "Dr Priya Rao", "Practitioner/rao"
	case access.Patient:
		p.Name, p.Resource = "Adaeze Okafor", "Patient/ada"
	}
	return Person{s, p, false}
}

// Called is a colleague of the same role: Practitioner/lin, Dr Mei Lin.
func (p Person) Called(resource, name string) Person {
	p.principal.ID, p.principal.Resource, p.principal.Name = resource, resource, name
	return p
}

// Scoped is a program with an access token of these scopes, or an application that acts for the person.
func (p Person) Scoped(scopes string) Person {
	p.s.T.Helper()
	parsed, err := identity.ParseScopes(scopes)
	if err != nil {
		p.s.T.Fatal(err)
	}
	p.principal.Scoped, p.principal.Scopes = true, parsed
	return p
}

// Beside asks as the script of a page does, for a part of it.
func (p Person) Beside() Person {
	p.partial = true
	return p
}

// Answer is what came back.
type Answer struct {
	T      testing.TB
	Code   int
	Body   string
	Header http.Header
}

// Get opens an address.
func (p Person) Get(address string) Answer { return p.ask(http.MethodGet, address, nil) }

// Post sends a form: pairs of name and value.
func (p Person) Post(address string, pairs ...string) Answer {
	values := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		values.Add(pairs[i], pairs[i+1])
	}
	return p.ask(http.MethodPost, address, values)
}

// File is a file that a form brings.
type File struct {
	Field, Name string
	Data        []byte
	More        io.Reader // comes after Data: for what is too large to be held; nil for none
}

// Upload sends a form with files: pairs of name and value.
func (p Person) Upload(address string, files []File, pairs ...string) Answer {
	p.s.T.Helper()
	in, out := io.Pipe()
	defer in.Close() // lets the sender go when not all was read
	w := multipart.NewWriter(out)
	go func() { out.CloseWithError(write(w, files, pairs)) }()
	r := httptest.NewRequest(http.MethodPost, address, in)
	r.Header.Set("Content-Type", w.FormDataContentType())
	return p.send(r)
}

func write(w *multipart.Writer, files []File, pairs []string) error {
	for i := 0; i+1 < len(pairs); i += 2 {
		if err := w.WriteField(pairs[i], pairs[i+1]); err != nil {
			return err
		}
	}
	for _, f := range files {
		part, err := w.CreateFormFile(f.Field, f.Name)
		if err != nil {
			return err
		}
		if _, err := part.Write(f.Data); err != nil {
			return err
		}
		if f.More != nil {
			if _, err := io.Copy(part, f.More); err != nil {
				return err
			}
		}
	}
	return w.Close()
}

func (p Person) ask(method, address string, form url.Values) Answer {
	p.s.T.Helper()
	r := httptest.NewRequest(method, address, strings.NewReader(form.Encode()))
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	return p.send(r)
}

func (p Person) send(r *http.Request) Answer {
	if p.partial {
		r.Header.Set("HX-Request", "true")
	}
	w := httptest.NewRecorder()
	p.s.handler.ServeHTTP(w, r.WithContext(identity.With(r.Context(), p.principal)))
	return Answer{p.s.T, w.Code, w.Body.String(), w.Header()}
}

// Want makes sure of the status.
func (a Answer) Want(status int) Answer {
	a.T.Helper()
	if a.Code != status {
		a.T.Fatalf("status %d, want %d: %s", a.Code, status, a.Text())
	}
	return a
}

// Says makes sure that a person reads each of these sentences.
func (a Answer) Says(sentences ...string) Answer {
	a.T.Helper()
	for _, want := range sentences {
		if !strings.Contains(a.Text(), want) {
			a.T.Errorf("it does not say %q: %s", want, a.Text())
		}
	}
	return a
}

// Hides makes sure that none of these is to be read.
func (a Answer) Hides(sentences ...string) Answer {
	a.T.Helper()
	for _, not := range sentences {
		if strings.Contains(a.Text(), not) {
			a.T.Errorf("it says %q: %s", not, a.Text())
		}
	}
	return a
}

var (
	unread = regexp.MustCompile(`(?s)<head>.*?</head>|<svg.*?</svg>|<dialog.*?</dialog>`)
	tag    = regexp.MustCompile(`<[^>]*>`)
	space  = regexp.MustCompile(`\s+`)
	inputs = regexp.MustCompile(`<(?:input|textarea|select)\b[^>]*>(?:[^<]*</textarea>)?`)
	attr   = regexp.MustCompile(`\b(name|value|type)="([^"]*)"`)
)

// Text is what a person reads: no tags, spaces in one.
func (a Answer) Text() string {
	s := tag.ReplaceAllString(unread.ReplaceAllString(a.Body, " "), " ")
	return strings.TrimSpace(html.UnescapeString(space.ReplaceAllString(s, " ")))
}

// Value is what stands in a field of the form that came.
func (a Answer) Value(name string) string {
	for _, in := range inputs.FindAllString(a.Body, -1) {
		found := map[string]string{}
		for _, m := range attr.FindAllStringSubmatch(in, -1) {
			found[m[1]] = html.UnescapeString(m[2])
		}
		if found["name"] != name {
			continue
		}
		if text, ok := strings.CutSuffix(in, "</textarea>"); ok {
			return html.UnescapeString(text[strings.Index(text, ">")+1:])
		}
		return found["value"]
	}
	return ""
}
