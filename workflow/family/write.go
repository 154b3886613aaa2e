package family

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/identity"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/slice"
	"github.com/osler-ehr/osler/terms"
	"github.com/osler-ehr/osler/web"
	"github.com/osler-ehr/osler/web/facts"
	"github.com/osler-ehr/osler/web/ui"
)

const (
	roleCode = "http://terminology.hl7.org/CodeSystem/v3-RoleCode"
	icd10    = "http://hl7.org/fhir/sid/icd-10-cm"
)

// relation is a kind of relative.
type relation struct{ code, name, sex string }

// relations are those that the form offers, of v3-RoleCode.
var relations = []relation{
	{"MTH", "Mother", "female"}, {"FTH", "Father", "male"}, {"SIS", "Sister", "female"}, {"BRO", "Brother", "male"}, {"HSIS", "Half-sister", "female"}, {"HBRO", "Half-brother", "male"},
	{"DAUC", "Daughter", "female"}, {"SONC", "Son", "male"}, {"MGRMTH", "Maternal grandmother", "female"}, {"MGRFTH", "Maternal grandfather", "male"},
	{"PGRMTH", "Paternal grandmother", "female"}, {"PGRFTH", "Paternal grandfather", "male"}, {"MAUNT", "Maternal aunt", "female"}, {"MUNCLE", "Maternal uncle", "male"},
	{"PAUNT", "Paternal aunt", "female"}, {"PUNCLE", "Paternal uncle", "male"}, {"COUSN", "Cousin", ""}, {"FAMMEMB", "Other relative", ""},
}

// natural are the codes under which other systems keep relatives by blood; they mean the same to the form.
var natural = map[string]string{"NMTH": "MTH", "NFTH": "FTH", "NSIS": "SIS", "NBRO": "BRO"}

// member is a FamilyMemberHistory as the form reads and writes it.
type member struct {
	ID           string
	Identifier   []fhir.Identifier
	Status       string
	Patient      fhir.Reference
	Date         fhir.DateTime
	Name         string
	Relationship fhir.CodeableConcept
	Sex          fhir.CodeableConcept
	Deceased     fhir.Choice `fhir:"deceased[x]"`
	Note         []fhir.Annotation
	Condition    []illness
}

type illness struct {
	Code  fhir.CodeableConcept
	Onset fhir.Choice `fhir:"onset[x]"`
}

func nth(name string, i int) string { return name + "-" + strconv.Itoa(i) }

// moreRows are how many empty rows for illnesses a form has below those that are known.
const moreRows = 2

// rows is how many rows for illnesses a form has.
func rows(f *web.Form) int {
	n, err := strconv.Atoi(f.Text("rows"))
	if err != nil || n < 3 {
		return 3
	}
	return min(n, 40)
}

// years is an age as a form shows it: of ages in years alone. Others are kept as they are.
func years(c fhir.Choice) string {
	if q, ok := fhir.ChoiceValue[fhir.Quantity](c); ok && (q.Code == "a" || q.Code == "") {
		return q.Value.String()
	}
	return ""
}

// form shows the relative.
func (m *member) form(f *web.Form) {
	f.Set("relation", m.relation())
	f.Set("name", m.Name)
	f.Set("note", m.note())
	switch v := m.Deceased.Value().(type) {
	case nil:
	case bool:
		f.Set("life", map[bool]string{true: "dead", false: "living"}[v])
	default:
		f.Set("life", "dead")
		f.Set("died", years(m.Deceased))
	}
	for i, c := range m.Condition {
		f.Set(nth("what", i), facts.Concept(c.Code))
		f.Set(nth("code", i), c.Code.In(icd10))
		f.Set(nth("age", i), years(c.Onset))
	}
	f.Set("rows", strconv.Itoa(max(3, len(m.Condition)+moreRows)))
}

// relation is the code of the relationship; one that the form does not know stays as it is.
func (m *member) relation() string {
	code := m.Relationship.In(roleCode)
	if known, ok := natural[code]; ok {
		return known
	}
	return code
}

func (m *member) note() string {
	if len(m.Note) == 0 {
		return ""
	}
	return m.Note[len(m.Note)-1].Text
}

// age reads an age in years; what is no age is wrong.
func age(f *web.Form, name string) (fhir.Choice, bool) {
	text := f.Text(name)
	if text == "" {
		return fhir.Choice{}, true
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 || n > 130 {
		f.Wrong(name, "An age in whole years.")
		return fhir.Choice{}, false
	}
	return fhir.AgeOf(n), true
}

// fill takes what the form says.
func (m *member) fill(f *web.Form, named func(code string) (fhir.CodeableConcept, bool), author fhir.Reference, now time.Time) {
	if chosen := f.Text("relation"); chosen == "" || chosen != m.relation() {
		i := slices.IndexFunc(relations, func(r relation) bool { return r.code == chosen })
		if i < 0 {
			f.Wrong("relation", "Choose who it is.")
		} else {
			m.Relationship = fhir.CodeableConcept{Coding: []fhir.Coding{{System: roleCode, Code: chosen}}, Text: relations[i].name}
			if m.Sex = (fhir.CodeableConcept{}); relations[i].sex != "" {
				m.Sex = fhir.Concept("http://hl7.org/fhir/administrative-gender", relations[i].sex, "")
			}
		}
	}
	m.Name = f.Text("name")
	m.fillLife(f)
	var out []illness
	for i := range rows(f) {
		text, code := f.Text(nth("what", i)), f.Text(nth("code", i))
		if text == "" {
			if f.Text(nth("age", i)) != "" {
				f.Wrong(nth("what", i), "Say which illness it was.")
			}
			continue
		}
		var was illness
		for _, c := range m.Condition {
			if facts.Concept(c.Code) == text {
				was = c
			}
		}
		c := illness{Code: was.Code, Onset: was.Onset}
		if was.Code.IsZero() || code != "" && code != was.Code.In(icd10) {
			c.Code = fhir.CodeableConcept{Text: text}
			if concept, ok := named(code); ok && code != "" {
				c.Code = concept
				c.Code.Text = text
			}
		}
		if f.Text(nth("age", i)) != years(was.Onset) {
			c.Onset, _ = age(f, nth("age", i))
		}
		out = append(out, c)
	}
	if n := rows(f); n < len(m.Condition) { // what the form did not show stays
		out = append(out, m.Condition[n:]...)
	}
	m.Condition = out
	if text := f.Text("note"); text != m.note() {
		m.Note = nil
		if text != "" {
			m.Note = []fhir.Annotation{facts.Note(text, author, now)}
		}
	}
	m.Status, m.Date = "completed", fhir.DateTimeOf(now, fhir.Second)
}

// fillLife takes whether the relative lives. What another system recorded more exactly stays while the form says the same.
func (m *member) fillLife(f *web.Form) {
	was := web.NewForm(nil)
	m.form(was)
	life, died := f.Text("life"), f.Text("died")
	if life == was.Text("life") && died == was.Text("died") {
		return
	}
	switch life {
	case "":
		m.Deceased = fhir.Choice{}
	case "living":
		m.Deceased = fhir.ChoiceOf(false)
	case "dead":
		m.Deceased = fhir.ChoiceOf(true)
	default:
		f.Wrong("life", "Choose living, deceased or not known.")
	}
	if died != "" {
		if life != "dead" {
			f.Wrong("died", "An age of death is for somebody who died.")
			return
		}
		if at, ok := age(f, "died"); ok {
			m.Deceased = at
		}
	}
}

// codes answers what an illness may be called.
func (e *editor) codes(r *http.Request) (web.View, error) {
	system, err := e.library.System(r.Context(), icd10, "")
	if err != nil {
		return nil, err
	}
	found := system.Search(terms.Query{Text: r.FormValue("q"), Selectable: true, Count: 12})
	list := make([]web.Option, 0, len(found.Hits))
	for _, hit := range found.Hits {
		list = append(list, web.Option{Value: system.Code(hit.ID), Label: system.Display(hit.ID), Note: system.Code(hit.ID)})
	}
	if len(list) < found.Total {
		return web.FirstOptions(list, "More is called so: type more of the name."), nil
	}
	return web.Options(list, "Not in ICD-10-CM. It will be kept in your own words."), nil
}

func (e *editor) named(r *http.Request) func(string) (fhir.CodeableConcept, bool) {
	return func(code string) (fhir.CodeableConcept, bool) {
		system, err := e.library.System(r.Context(), icd10, "")
		if err != nil {
			return fhir.CodeableConcept{}, false
		}
		id, ok := system.Find(code)
		if !ok {
			return fhir.CodeableConcept{}, false
		}
		return fhir.Concept(icd10, system.Code(id), system.Display(id)), true
	}
}

// list is the page of all relatives.
func (e *editor) list(r *http.Request) (web.View, error) {
	chart, p, err := e.readList(r)
	if err != nil {
		return nil, err
	}
	if slice.To(access.Create, "FamilyMemberHistory").Admits(identity.From(r.Context())) {
		p.AddHref = base(chart.ID) + "/new"
	}
	return web.Page{Title: "Family history, " + chart.Banner.Name.Short(), Current: "chart", Tab: "history", Patient: &chart.Banner, Body: listPage(p)}, nil
}

func (e *editor) readList(r *http.Request) (facts.Chart, Panel, error) {
	var p Panel
	chart, err := facts.OpenChart(r, e.d.Session, e.d.Shell, func(s *record.Session, id string) (err error) {
		p, err = readPanel(r.Context(), s, id, e.d.Shell.Location())
		return err
	})
	return chart, p, err
}

// blank is the form for a relative.
func (e *editor) blank(r *http.Request) (web.View, error) {
	chart, err := facts.OpenChart(r, e.d.Session, e.d.Shell, func(*record.Session, string) error { return nil })
	if err != nil {
		return nil, err
	}
	return work(chart, web.NewForm(url.Values{"once": {facts.NewUUID()}}), "", nil, 0), nil
}

// create adds a relative, or says that there is nothing in the family.
func (e *editor) create(r *http.Request) (web.View, error) {
	f, err := web.ReadForm(r)
	if err != nil {
		return nil, err
	}
	chart, have, err := e.readList(r)
	if err != nil {
		return nil, err
	}
	ctx, now, author := r.Context(), e.d.Shell.Clock(), facts.Author(r.Context())
	if f.Has("none") {
		if slices.ContainsFunc(have.Rows, func(row Relative) bool { return row.Conditions != noConditions }) {
			w := work(chart, f, "", nil, http.StatusUnprocessableEntity)
			w.Messages = []ui.Message{{Tone: ui.Caution, Lead: "There is something.", Text: have.Rows[0].Relation + ": " + have.Rows[0].Conditions + "."}}
			return w, nil
		}
		if !have.Nil {
			op, err := facts.SayNilKnown(f, chart.ID, section, "Family history", author, fhir.DateTimeOf(now, fhir.Second))
			if err != nil {
				return nil, err
			}
			if _, err := chart.Session.Do(ctx, []record.Op{op}); err != nil {
				return nil, err
			}
		}
		return web.Done{To: base(chart.ID), Say: ui.Message{Lead: "Nothing known in the family", Text: "recorded for " + chart.Banner.Name.Plain() + "."}}, nil
	}
	m := member{Patient: fhir.To("Patient", chart.ID)}
	m.fill(f, e.named(r), author, now)
	if !f.OK() {
		return work(chart, f, "", nil, http.StatusUnprocessableEntity), nil
	}
	op := record.Op{Verb: record.Create, Type: "FamilyMemberHistory"}
	m.Identifier, op.Condition = facts.Once(f, "")
	if op.Resource, err = fhir.New("FamilyMemberHistory", m); err != nil {
		return nil, err
	}
	ops := []record.Op{op}
	if len(m.Condition) > 0 {
		end, err := facts.EndNilKnown(ctx, chart.Session, chart.ID, section)
		if err != nil {
			return nil, err
		}
		ops = append(ops, end...)
	}
	if _, err := chart.Session.Do(ctx, ops); err != nil {
		return refused(chart, f, "", nil, err)
	}
	return web.Done{To: base(chart.ID), Say: ui.Message{Lead: facts.Concept(m.Relationship), Text: "added to the family history of " + chart.Banner.Name.Plain() + "."}}, nil
}

// read reads the relative that the address names. One of another patient is not there.
func (e *editor) read(r *http.Request) (facts.Chart, member, *record.Version, error) {
	var v *record.Version
	chart, err := facts.OpenChart(r, e.d.Session, e.d.Shell, func(s *record.Session, _ string) (err error) {
		v, err = s.Read(r.Context(), "FamilyMemberHistory", r.PathValue("relative"))
		return err
	})
	if err != nil {
		return chart, member{}, nil, err
	}
	m, err := fhir.View[member](v.Resource())
	if err == nil && m.Patient.Reference != "Patient/"+chart.ID {
		err = web.ErrNotFound
	}
	if err == nil && m.Status == "entered-in-error" { // to change it would bring it back
		err = facts.Struck()
	}
	return chart, m, v, err
}

func (e *editor) open(r *http.Request) (web.View, error) {
	chart, m, v, err := e.read(r)
	if err != nil {
		return nil, err
	}
	f := web.NewForm(url.Values{"version": {strconv.FormatInt(v.Version, 10)}})
	m.form(f)
	return work(chart, f, v.ID, &m, 0), nil
}

// update changes a relative, or strikes one.
func (e *editor) update(r *http.Request) (web.View, error) {
	f, err := web.ReadForm(r)
	if err != nil {
		return nil, err
	}
	chart, m, v, err := e.read(r)
	if err != nil {
		return nil, err
	}
	was, text := m, "changed in the family history."
	if f.Has("mistake") {
		m.Status, text = "entered-in-error", "struck from the family history as entered in error."
	} else {
		m.fill(f, e.named(r), facts.Author(r.Context()), e.d.Shell.Clock())
	}
	if !f.OK() {
		return work(chart, f, v.ID, &was, http.StatusUnprocessableEntity), nil
	}
	doc, err := fhir.Merge(v.Resource(), m)
	if err != nil {
		return nil, err
	}
	ops := []record.Op{{Verb: record.Update, Type: "FamilyMemberHistory", ID: v.ID, Resource: doc, IfMatch: facts.Editing(f)}}
	if m.Status != "entered-in-error" && len(m.Condition) > 0 {
		end, err := facts.EndNilKnown(r.Context(), chart.Session, chart.ID, section)
		if err != nil {
			return nil, err
		}
		ops = append(ops, end...)
	}
	_, err = chart.Session.Do(r.Context(), ops)
	if facts.Changed(err) {
		_, m, v, err := e.read(r)
		if err != nil {
			return nil, err
		}
		h, err := fhir.View[history](v.Resource())
		if err != nil {
			return nil, err
		}
		f.Set("version", strconv.FormatInt(v.Version, 10))
		w := work(chart, f, v.ID, &m, http.StatusConflict)
		says := "that it was entered in error"
		if rows := list([]history{h}).Rows; len(rows) > 0 {
			says = rows[0].Relation + ", " + rows[0].Conditions
		}
		w.Messages = []ui.Message{{Tone: ui.Caution, Lead: "Changed by somebody else meanwhile.", Text: "It now says: " + says + ". Save again to put yours in place of theirs."}}
		return w, nil
	}
	if err != nil {
		return refused(chart, f, v.ID, &was, err)
	}
	return web.Done{To: base(chart.ID), Say: ui.Message{Lead: facts.Concept(was.Relationship), Text: text}}, nil
}

func refused(chart facts.Chart, f *web.Form, id string, m *member, err error) (web.View, error) {
	reason := facts.Refused(err)
	if reason == "" {
		return nil, err
	}
	w := work(chart, f, id, m, http.StatusUnprocessableEntity)
	w.Messages = []ui.Message{{Tone: ui.Critical, Lead: "Not saved.", Text: reason}}
	return w, nil
}

// work is the form; id is "" for a new relative, m what is recorded.
func work(chart facts.Chart, f *web.Form, id string, m *member, status int) web.Work {
	options := []ui.Option{{Value: "", Label: "Choose"}}
	for _, r := range relations {
		options = append(options, ui.Option{Value: r.code, Label: r.name})
	}
	if m != nil && !slices.ContainsFunc(relations, func(r relation) bool { return r.code == m.relation() }) {
		options[0] = ui.Option{Value: m.relation(), Label: facts.Concept(m.Relationship)} // of another system
	}
	w := web.Work{
		Title: "Add a relative", Current: "chart", Patient: &chart.Banner, Back: base(chart.ID), Action: base(chart.ID), Status: status,
		Body:    fields(f, base(chart.ID)+"/codes", options, rows(f)),
		Buttons: []ui.Button{{Label: "Nothing known in the family", Attrs: map[string]any{"name": "none", "value": "yes"}}, {Label: "Add relative", Kind: ui.Primary}},
	}
	if id != "" {
		w.Title, w.Action = "Change a relative", base(chart.ID)+"/"+url.PathEscape(id)
		w.Buttons = []ui.Button{{Label: "Entered in error", Kind: ui.Danger, Attrs: map[string]any{"name": "mistake", "value": "yes"}}, {Label: "Save", Kind: ui.Primary}}
	}
	return w
}
