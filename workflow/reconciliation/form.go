package reconciliation

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/identity"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/web"
	"github.com/osler-ehr/osler/web/facts"
	"github.com/osler-ehr/osler/web/ui"
	"github.com/osler-ehr/osler/wire/ccda"
)

// List is one of the lists that are compared.
type List struct {
	Title string
	Rows  []Row
	Note  string // what must be known of the list as a whole; "" for nothing
}

// comparison is all that the form shows.
type comparison struct {
	chart facts.Chart
	doc   document
	read  *ccda.Document
	lists []List
	// state changes with everything of the chart that is compared, and with the document.
	state string
	wrong []string // in what the document is about somebody else
	gaps  []string // what the safety checks could not check
}

func (c *comparison) rows() (out []*Row) {
	for i := range c.lists {
		for j := range c.lists[i].Rows {
			out = append(out, &c.lists[i].Rows[j])
		}
	}
	return out
}

// compare reads the document and the lists.
func (e *editor) compare(r *http.Request) (*comparison, error) {
	c := &comparison{}
	var meds, allergies, problems []standing
	var err error
	c.chart, err = facts.OpenChart(r, e.d.Session, e.d.Shell, func(s *record.Session, id string) (err error) {
		if c.doc, c.read, err = readDocument(r, s, id); err != nil {
			return err
		}
		var medErr, allergyErr, problemErr, whoErr error
		facts.Together(
			func() { meds, medErr = e.taken(r.Context(), s, id) },
			func() { allergies, allergyErr = known(r.Context(), s, id, "AllergyIntolerance", allergy) },
			func() { problems, problemErr = known(r.Context(), s, id, "Condition", problem) },
			func() { c.wrong, whoErr = e.whose(r.Context(), s, id, c.read.Patient) },
		)
		for _, err := range []error{medErr, allergyErr, problemErr, whoErr} {
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	h := sha256.New()
	fmt.Fprintln(h, c.doc.ID, c.doc.Content)
	for _, list := range [][]standing{meds, allergies, problems} {
		for _, s := range list {
			fmt.Fprintln(h, s.typ, s.id, s.version)
		}
	}
	c.state = hex.EncodeToString(h.Sum(nil)[:12])
	substance := func(s *standing, code fhir.CodeableConcept) bool {
		m := e.library.Allergen(code)
		return sameIngredients(s.match, m) || len(m.Ingredients) == 0 && len(m.Classes) == 1 && len(s.match.Ingredients) == 0 && len(s.match.Classes) == 1 && m.Classes[0] == s.match.Classes[0]
	}
	for i := range allergies {
		allergies[i].match = e.library.Allergen(allergies[i].code)
	}
	c.lists = []List{
		{"Medicines", medicines(e.library, meds, c.read.Medicines, e.d.Shell.Clock()), note(c.read.Medicines, "medicines")},
		{"Allergies", findings(allergies, c.read.Allergies, substance), note(c.read.Allergies, "allergies")},
		{"Problems", findings(problems, c.read.Problems, func(*standing, fhir.CodeableConcept) bool { return false }), note(c.read.Problems, "problems")},
	}
	stops := mayStop.Admits(identity.From(r.Context()))
	for i := range c.lists {
		for j := range c.lists[i].Rows {
			row := &c.lists[i].Rows[j]
			if i == 0 && row.Column == Similar && !stops {
				row.Take, row.Both, row.Leave = "", "", ""
				row.Advice = append(row.Advice, "A clinician decides about this.")
			}
			if !stops {
				row.Stop = ""
			}
			if row.Take != "" || row.Leave != "" {
				row.Field = strings.ToLower(c.lists[i].Title[:1]) + strconv.Itoa(j)
			}
		}
		slices.SortStableFunc(c.lists[i].Rows, func(a, b Row) int { return slices.Index(columns, a.Column) - slices.Index(columns, b.Column) })
	}
	return c, e.checkAll(r.Context(), c)
}

// note is what must be known of a section beside its entries.
func note(s ccda.Section, of string) string {
	var out []string
	if !s.Found {
		return "The document has no section about " + of + ". That does not mean that there are none."
	}
	if s.Without != "" {
		out = append(out, "The document gives no "+of+": "+strings.ToLower(s.Without)+".")
	}
	if s.Text != "" {
		out = append(out, "Only in words: “"+s.Text+"”. Nothing of it is taken over.")
	}
	return strings.Join(out, " ")
}

// whose says in what the document's patient differs from the chart's.
func (e *editor) whose(ctx context.Context, s *record.Session, id string, p ccda.Person) (wrong []string, err error) {
	v, err := s.Read(ctx, "Patient", id)
	if err != nil {
		return nil, err
	}
	ours, err := fhir.View[facts.Patient](v.Resource())
	if err != nil {
		return nil, err
	}
	return mismatch(ours, p), nil
}

func mismatch(ours facts.Patient, p ccda.Person) (wrong []string) {
	same := slices.ContainsFunc(p.Names, func(n fhir.HumanName) bool {
		return slices.ContainsFunc(ours.Names, func(o fhir.HumanName) bool {
			return n.Family != "" && plain(n.Family) == plain(o.Family) && len(n.Given) > 0 && len(o.Given) > 0 && plain(n.Given[0]) == plain(o.Given[0])
		})
	})
	if !same {
		name := "none"
		if len(p.Names) > 0 {
			name = p.Names[0].String()
		}
		wrong = append(wrong, "Name in the document: "+name)
	}
	if order, sure := p.Birth.Compare(ours.Birth); p.Birth.IsZero() || ours.Birth.IsZero() || !sure || order != 0 {
		born := "none"
		if !p.Birth.IsZero() {
			born = asWritten(p.Birth.DateTime())
		}
		wrong = append(wrong, "Birth date in the document: "+born)
	}
	if p.Gender != ours.Gender {
		sex := p.Gender
		if sex == "" {
			sex = "none"
		}
		wrong = append(wrong, "Sex in the document: "+sex)
	}
	return wrong
}

// taken are the medicines of the chart.
func (e *editor) taken(ctx context.Context, s *record.Session, id string) ([]standing, error) {
	all, whole, err := facts.Medicines(ctx, s, id, false)
	if err != nil {
		return nil, err
	}
	if !whole {
		return nil, &web.Problem{Kind: web.ErrTooLarge, Advice: "There are too many medicines in this chart to reconcile them here."}
	}
	var out []standing
	for _, m := range all {
		x := standing{typ: "MedicationRequest", id: m.ID, version: m.Version, name: m.Name, code: fhir.CodeableConcept{Text: m.Name}, dosage: m.Dosage, state: m.Status}
		if m.Stated {
			x.typ = "MedicationStatement"
		}
		if c, ok := m.Medication.Value().(fhir.CodeableConcept); ok {
			x.code = c
		}
		x.match = e.library.Resolve(x.code)
		for _, d := range m.Dosage {
			x.words = strings.TrimPrefix(x.words+"; "+d.Text, "; ")
			if d.Text == "" {
				x.words += dose(d) + " " + often(d)
			}
		}
		if x.words == "" {
			x.words = "Dose not recorded"
		}
		if m.State() != "" {
			x.words += ", " + m.State()
		}
		out = append(out, x)
	}
	return out, nil
}

// known are the allergies or problems of the chart.
func known(ctx context.Context, s *record.Session, id, typ string, view func(*fhir.Resource) (standing, bool, error)) (out []standing, err error) {
	err = facts.Each(ctx, s, facts.Of(typ, id, facts.Params("_count", "200")...), func(v *record.Entry) error {
		x, ok, err := view(v.Resource())
		if ok {
			x.typ, x.id, x.version, x.doc = typ, v.ID, v.Version.Version, v.Resource()
			out = append(out, x)
		}
		return err
	})
	return out, err
}

func allergy(doc *fhir.Resource) (standing, bool, error) {
	a, err := fhir.View[facts.Allergy](doc)
	if err != nil || a.Denies() || facts.Code(a.Verification, facts.AllergyVerification) == "entered-in-error" {
		return standing{}, false, err
	}
	x := standing{name: a.Substance(), code: a.Code, state: "resolved"}
	var words []string
	for _, r := range a.Reactions {
		for _, m := range r.Manifestation {
			words = append(words, strings.TrimSpace(r.Severity+" "+facts.Concept(m)))
		}
	}
	if a.Stands() {
		x.state = "active"
	} else {
		words = append(words, "resolved or refuted")
	}
	x.words = strings.Join(words, ", ")
	return x, true, nil
}

func problem(doc *fhir.Resource) (standing, bool, error) {
	c, err := fhir.View[condition](doc)
	if err != nil || facts.Code(c.Verification, facts.ConditionVerification) == "entered-in-error" ||
		!slices.ContainsFunc(c.Category, func(k fhir.CodeableConcept) bool {
			code := k.In(facts.ConditionCategory)
			return code == "problem-list-item" || code == ""
		}) && len(c.Category) > 0 {
		return standing{}, false, err
	}
	x := standing{name: facts.Concept(c.Code), code: c.Code, state: "active"}
	switch facts.Code(c.Clinical, facts.ConditionClinical) {
	case "resolved", "inactive", "remission":
		x.state = "resolved"
		x.words = "resolved"
	}
	return x, true, nil
}

func (e *editor) open(r *http.Request) (web.View, error) {
	c, err := e.compare(r)
	if err != nil {
		return nil, err
	}
	return e.work(c, web.NewForm(url.Values{"once": {facts.NewUUID()}}), 0), nil
}

func (e *editor) work(c *comparison, f *web.Form, status int) web.Work {
	f.Set("state", c.state)
	for _, row := range c.rows() {
		if row.Later != "" && !f.Has(row.Field) {
			f.Set(row.Field, "later")
		}
	}
	w := web.Work{
		Title: "Reconcile with " + c.doc.title(), Current: "chart", Patient: &c.chart.Banner, Back: "/patients/" + url.PathEscape(c.chart.ID), Action: base(c.chart.ID) + "/" + url.PathEscape(c.doc.ID),
		Wide: true, Status: status, Body: fields(c, f), Buttons: []ui.Button{{Label: "Confirm", Kind: ui.Primary}},
	}
	if wrong := f.Error("state"); wrong != "" {
		w.Messages = append(w.Messages, ui.Message{Tone: ui.Critical, Lead: "Nothing was changed.", Text: wrong})
	}
	if len(c.wrong) > 0 {
		w.Messages = append(w.Messages, ui.Message{Tone: ui.Critical, Lead: "This document may be about somebody else.", Text: strings.Join(c.wrong, ". ") + "."})
	}
	for _, gap := range c.gaps {
		w.Messages = append(w.Messages, ui.Message{Tone: ui.Caution, Text: gap})
	}
	return w
}
