package patients

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/record/mpi"
	"github.com/osler-ehr/osler/record/search"
	"github.com/osler-ehr/osler/slice"
	"github.com/osler-ehr/osler/web"
	"github.com/osler-ehr/osler/web/facts"
	"github.com/osler-ehr/osler/web/format"
	"github.com/osler-ehr/osler/web/ui"
)

// registry registers patients and changes their demographics.
type registry struct {
	d      slice.Deps
	random io.Reader // of record numbers
}

// mayRegister and mayChange are the rights of the forms.
var (
	mayRegister = slice.To(access.Create, "Patient")
	mayChange   = slice.To(access.Update, "Patient")
)

// elseTag marks a record that was made though another looked like the same person's, with why it is someone else's.
const elseTag = "https://osler.example/fhir/CodeSystem/someone-else"

var elseReasons = []ui.Option{
	{Value: "", Label: "Choose why"}, {Value: "twin", Label: "A twin or another sibling"}, {Value: "parent", Label: "Parent and child of one name"}, {Value: "checked", Label: "Documents seen: somebody else of that name"},
}

// registration is what the page of a new patient shows.
type registration struct {
	form  *web.Form
	alike []alike
	total int  // candidates in all
	asks  bool // the decision whether it is someone else is due
}

// blank is the page for a new patient.
func (g *registry) blank(*http.Request) (web.View, error) {
	f := web.NewForm(url.Values{"once": {facts.NewUUID()}})
	return g.page(registration{form: f}, 0), nil
}

func (g *registry) page(v registration, status int) web.View {
	return web.Page{Title: "New patient", Current: "patients", Body: registerPage(v), Status: status}
}

// alikeNow draws who may be the same person as the one who is being typed. Nothing is checked yet: a half-typed field says nothing.
func (g *registry) alikeNow(r *http.Request) (web.View, error) {
	f, err := web.ReadForm(r)
	if err != nil {
		return nil, err
	}
	s, err := g.d.Session(r)
	if err != nil {
		return nil, err
	}
	p := begin()
	p.fill(web.NewForm(r.PostForm), g.d.Shell.Clock())
	v := registration{form: f}
	if v.alike, v.total, err = g.candidates(r.Context(), s, p.person()); err != nil {
		return nil, err
	}
	v.asks = v.likely()
	return web.Fragment{Body: alikeList(v)}, nil
}

// likely reports whether somebody among the candidates is probably the same person.
func (v registration) likely() bool {
	return len(v.alike) > 0 && (v.alike[0].Grade == mpi.Probable || v.alike[0].Grade == mpi.Certain)
}

// create registers the patient. Who is probably registered already is registered again only with a reason.
func (g *registry) create(r *http.Request) (web.View, error) {
	f, err := web.ReadForm(r)
	if err != nil {
		return nil, err
	}
	s, err := g.d.Session(r)
	if err != nil {
		return nil, err
	}
	ctx := r.Context()
	p := begin()
	p.fill(f, g.d.Shell.Clock())
	v := registration{form: f}
	if sent, err := facts.Sent(ctx, s, "Patient", f); err != nil {
		return nil, err
	} else if !sent {
		if v.alike, v.total, err = g.candidates(ctx, s, p.person()); err != nil {
			return nil, err
		}
		v.asks = v.likely()
	}
	if v.asks {
		switch why := f.Text("else"); {
		case label(elseReasons, why) != "":
			p.Meta.Tag = append(p.Meta.Tag, fhir.Coding{System: elseTag, Code: why, Display: label(elseReasons, why)})
		default:
			f.Wrong("else", "Open that record, or say why this is someone else.")
		}
	}
	if !f.OK() {
		return g.page(v, http.StatusUnprocessableEntity), nil
	}
	id, err := g.keep(ctx, s, f, &p)
	if reason := facts.Refused(err); reason != "" {
		f.Wrong("family", "Not saved: "+reason)
		return g.page(v, http.StatusUnprocessableEntity), nil
	}
	if err != nil {
		return nil, err
	}
	return web.Done{To: "/patients/" + url.PathEscape(id)}, nil
}

// keep writes the patient under a record number that nobody has. Number and form stand in one condition, which the record checks again as it
// writes: of two who draw the same number at the same moment one is told so, and draws anew.
func (g *registry) keep(ctx context.Context, s *record.Session, f *web.Form, p *demographics) (string, error) {
	system, err := numbering(ctx, g.d.Program("registration"), g.d.Shell.Clock())
	if err != nil {
		return "", err
	}
	own := p.Identifier
	once, _ := facts.Once(f, "")
	for attempt := 1; ; attempt++ {
		number, err := recordNumber(g.random)
		if err != nil {
			return "", err
		}
		p.Identifier = slices.Concat(own, []fhir.Identifier{mrn(system, number)}, once)
		var tokens []string
		for _, id := range p.Identifier {
			tokens = append(tokens, search.Escape(id.System)+"|"+search.Escape(id.Value))
		}
		op := record.Op{Verb: record.Create, Type: "Patient", Condition: "identifier=" + url.QueryEscape(strings.Join(tokens, ","))}
		if op.Resource, err = fhir.New("Patient", *p); err != nil {
			return "", err
		}
		done, err := s.Do(ctx, []record.Op{op})
		switch {
		case record.KindOf(err) == record.KindPrecondition && attempt < 20: // several have one of them
			continue
		case err != nil:
			return "", err
		case !done[0].Unchanged:
			return done[0].ID, nil
		}
		found, err := fhir.View[facts.Patient](done[0].Resource())
		if err != nil {
			return "", err
		}
		if len(once) > 0 && slices.ContainsFunc(found.Identifiers, func(id fhir.Identifier) bool { return id.Value == once[0].Value }) {
			return done[0].ID, nil // this form came before
		}
		if attempt == 20 {
			return "", &web.Problem{Kind: web.ErrUnavailable}
		}
	}
}

// alike is somebody who may be the same person.
type alike struct {
	Href, MRN string
	Name      format.PersonName
	mpi.Verdict
	Rows []likeRow
}

// likeRow is one line of the comparison.
type likeRow struct {
	Value string
	mpi.Agreement
}

// shownAlike is how many candidates are drawn.
const shownAlike = 3

// compared are the lines of the comparison: the property, and how it is called.
var compared = []struct{ property, label string }{{"family", "Family name"}, {"given", "Given name"}, {"birth date", "Born"}, {"gender", "Sex"}, {"telecom", "Phone, email"}, {"address", "Address"}}

// candidates are those of the record who may be the person, best first, and how many there are in all.
func (g *registry) candidates(ctx context.Context, s *record.Session, want mpi.Person) (out []alike, total int, err error) {
	if !want.Described() {
		return nil, 0, nil
	}
	found, err := mpi.Find(ctx, s, want)
	if err != nil {
		return nil, 0, err
	}
	now := g.d.Shell.Clock()
	for _, m := range found[:min(len(found), shownAlike)] {
		doc := m.Version.Resource()
		patient, err := fhir.View[facts.Patient](doc)
		if err != nil {
			return nil, 0, err
		}
		have, err := fhir.View[mpi.Person](doc)
		if err != nil {
			return nil, 0, err
		}
		a := alike{Href: "/patients/" + url.PathEscape(m.Version.ID), MRN: format.RecordNumber(patient.MRN()), Name: patient.Name(now), Verdict: m.Verdict}
		for _, c := range compared {
			row := likeRow{Value: valueShown(c.property, have, patient, g)}
			for _, said := range m.Says {
				if said.Property == c.property {
					row.Agreement = said.Agreement
				}
			}
			a.Rows = append(a.Rows, row)
		}
		out = append(out, a)
	}
	return out, len(found), nil
}

// valueShown is a property of a candidate as people read it.
func valueShown(property string, have mpi.Person, patient facts.Patient, g *registry) string {
	now := g.d.Shell.Clock()
	name := patient.Name(now)
	switch property {
	case "family":
		return name.Family
	case "given":
		if name.Preferred != "" {
			return name.Given + " (" + name.Preferred + ")"
		}
		return name.Given
	case "birth date":
		return patient.Born(now.Location()).String()
	case "gender":
		return patient.Sex()
	case "telecom":
		for _, t := range have.Telecom {
			if t.Value != "" && t.Use != "old" {
				return t.Value
			}
		}
	case "address":
		for _, a := range have.Address {
			if a.Use != "old" {
				return strings.TrimPrefix(strings.Join(append(slices.Clone(a.Line), strings.TrimSpace(a.City+" "+a.PostalCode)), ", "), ", ")
			}
		}
	}
	return ""
}

// typed is what the form says of a line of the comparison.
func (v registration) typed(property string) string {
	f := v.form
	switch property {
	case "family":
		return f.Text("family")
	case "given":
		return f.Text("given")
	case "birth date":
		return f.Text("born")
	case "gender":
		return label(sexes, f.Text("sex"))
	case "telecom":
		for _, name := range []string{"mobile", "home", "email"} {
			if text := f.Text(name); text != "" {
				return text
			}
		}
	case "address":
		return strings.Trim(f.Text("line")+", "+f.Text("city")+" "+f.Text("zip"), ", ")
	}
	return ""
}

var sexes = []ui.Option{{Value: "", Label: "Choose"}, {Value: "female", Label: "Female"}, {Value: "male", Label: "Male"}, {Value: "other", Label: "Other"}, {Value: "unknown", Label: "Unknown"}}

// summary counts the candidates.
func (v registration) summary() string {
	switch {
	case v.total > len(v.alike):
		return strconv.Itoa(len(v.alike)) + " of " + strconv.Itoa(v.total)
	case v.total > 0:
		return strconv.Itoa(v.total)
	case v.form.Text("born") == "" && v.form.Text("mobile") == "":
		return "They show as you type."
	}
	return "Nobody similar."
}

// more reports whether the second part of the form holds something.
func more(f *web.Form) bool {
	for _, name := range []string{"middle", "preferred", "suffix", "home", "email", "race", "ethnicity", "birth-sex", "contact", "contact-phone"} {
		if f.Text(name) != "" || f.Error(name) != "" {
			return true
		}
	}
	return false
}

func focus(fresh bool) templ.Attributes {
	if fresh {
		return templ.Attributes{"autofocus": true}
	}
	return nil
}
