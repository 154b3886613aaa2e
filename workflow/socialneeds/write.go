package socialneeds

import (
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/identity"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/slice"
	"github.com/osler-ehr/osler/web"
	"github.com/osler-ehr/osler/web/facts"
	"github.com/osler-ehr/osler/web/format"
	"github.com/osler-ehr/osler/web/ui"
)

func (e *editor) readList(r *http.Request) (facts.Chart, Needs, error) {
	var l Needs
	chart, err := facts.OpenChart(r, e.d.Session, e.d.Shell, func(s *record.Session, id string) (err error) {
		l, err = readNeeds(r.Context(), s, id, e.d.Shell.Location())
		return err
	})
	if slice.To(access.Create, "Condition").Admits(identity.From(r.Context())) {
		l.AddHref = base(chart.ID) + "/new"
	}
	l.Href = base(chart.ID)
	return chart, l, err
}

// list is the page of needs, goals and referrals.
func (e *editor) list(r *http.Request) (web.View, error) {
	chart, l, err := e.readList(r)
	if err != nil {
		return nil, err
	}
	return web.Page{Title: "Social needs, " + chart.Banner.Name.Short(), Current: "chart", Tab: "history", Patient: &chart.Banner, Body: listPage(l)}, nil
}

// blank is the form for a need: of the domain that a screening found, if the address names one.
func (e *editor) blank(r *http.Request) (web.View, error) {
	chart, _, err := e.readList(r)
	if err != nil {
		return nil, err
	}
	f := web.NewForm(url.Values{"once": {facts.NewUUID()}})
	for _, d := range domains {
		if code := r.URL.Query().Get("domain"); code != "" && d.code == code {
			f.Set("domain", d.name)
		}
	}
	return work(chart, f, "", 0), nil
}

// fill takes what the form says of a need.
func (n *need) fill(f *web.Form, author fhir.Reference, now time.Time) {
	chosen, words := f.Text("domain"), f.Text("words")
	switch {
	case chosen == "" && words == "":
		f.Wrong("domain", "Choose what is lacking, or say it in your own words.")
	case words != "" && words != facts.Concept(n.Code):
		n.Code = fhir.CodeableConcept{Text: words}
		for _, d := range domains {
			if d.name == chosen { // the words make the code more exact
				n.Code = d.concept()
				n.Code.Text = words
			}
		}
	case words == "":
		found := false
		for _, d := range domains {
			if d.name == chosen {
				n.Code, found = d.concept(), true
			}
		}
		if !found {
			f.Wrong("domain", "Choose one of the list.")
		}
	}
	n.Onset = facts.Onset(f, "since", n.Onset, now)
	n.Verification = fhir.Concept(facts.ConditionVerification, "confirmed", "")
	if f.Text("state") == "resolved" {
		n.Clinical = fhir.Concept(facts.ConditionClinical, "resolved", "")
		if n.Abatement.IsZero() {
			n.Abatement = fhir.ChoiceOf(fhir.DateTimeOf(now, fhir.Day))
		}
	} else {
		n.Clinical, n.Abatement = fhir.Concept(facts.ConditionClinical, "active", ""), fhir.Choice{}
	}
	if text := f.Text("note"); text != n.note() {
		n.Note = nil
		if text != "" {
			n.Note = []fhir.Annotation{facts.Note(text, author, now)}
		}
	}
}

// plan makes the goal and the referral that a form asks for, for the need of this reference.
func plan(f *web.Form, patient, name string, ref fhir.Reference, author fhir.Reference, now time.Time) (ops []record.Op, err error) {
	due, hasDue := fhir.Date{}, false
	if text := f.Text("due"); text != "" {
		iso, ok := format.TypedDate(text, now)
		if due, err = fhir.ParseDate(iso); !ok || err != nil || len(iso) != len(time.DateOnly) {
			f.Wrong("due", "Not a day. Write it like 14-Mar-2027, or t+30.")
			return nil, nil
		}
		hasDue = true
	}
	if text := f.Text("goal"); text != "" {
		g := goal{
			Meta: fhir.Meta{Profile: []string{usCore + "goal"}}, Lifecycle: "active", Achievement: fhir.Concept("http://terminology.hl7.org/CodeSystem/goal-achievement", "in-progress", "In Progress"),
			Category: []fhir.CodeableConcept{sdoh()}, Description: fhir.CodeableConcept{Text: text}, Subject: fhir.To("Patient", patient), Start: fhir.ChoiceOf(fhir.DateOf(now)),
			Expressed: author, Addresses: []fhir.Reference{ref},
		}
		if author.Reference == "" {
			g.Expressed = fhir.Reference{}
		}
		if hasDue {
			g.Target = []target{{fhir.ChoiceOf(due)}}
		}
		op := record.Op{Verb: record.Create, Type: "Goal"}
		g.Identifier, op.Condition = facts.Once(f, "goal")
		if op.Resource, err = fhir.New("Goal", g); err != nil {
			return nil, err
		}
		ops = append(ops, op)
	} else if hasDue {
		f.Wrong("goal", "Say what is to be reached by then.")
	}
	if text := f.Text("referral"); text != "" {
		r := referral{
			Meta: fhir.Meta{Profile: []string{usCore + "servicerequest"}}, Status: "active", Intent: "order",
			Category: []fhir.CodeableConcept{sdoh(), fhir.Concept(facts.SNOMED, "410606002", "Social service procedure (procedure)")},
			Code:     fhir.CodeableConcept{Text: "Referral for " + name + ": " + text}, Subject: fhir.To("Patient", patient), Authored: fhir.DateTimeOf(now, fhir.Second), Requester: author,
			Performer: []fhir.Reference{{Display: text}}, ReasonReference: []fhir.Reference{ref},
		}
		op := record.Op{Verb: record.Create, Type: "ServiceRequest"}
		r.Identifier, op.Condition = facts.Once(f, "referral")
		if op.Resource, err = fhir.New("ServiceRequest", r); err != nil {
			return nil, err
		}
		ops = append(ops, op)
	}
	return ops, nil
}

// create adds a need, with its goal and referral where the form names them.
func (e *editor) create(r *http.Request) (web.View, error) {
	f, err := web.ReadForm(r)
	if err != nil {
		return nil, err
	}
	chart, l, err := e.readList(r)
	if err != nil {
		return nil, err
	}
	now, author := e.d.Shell.Clock(), facts.Author(r.Context())
	n := need{
		Meta: fhir.Meta{Profile: []string{usCore + "condition-problems-health-concerns"}}, Category: []fhir.CodeableConcept{fhir.Concept(concern, "health-concern", "Health Concern"), sdoh()},
		Subject: fhir.To("Patient", chart.ID), Recorded: fhir.DateTimeOf(now, fhir.Second), Recorder: author,
	}
	n.fill(f, author, now)
	for _, a := range l.Answers { // what a screening found is the evidence
		if a.yes && a.domain.name == f.Text("domain") {
			n.Evidence = []evidence{{[]fhir.Reference{fhir.To("Observation", a.ref)}}}
		}
	}
	op := record.Op{Verb: record.Create, Type: "Condition", FullURL: "urn:uuid:" + facts.NewUUID()}
	n.Identifier, op.Condition = facts.Once(f, "")
	more, err := plan(f, chart.ID, lower(n.name()), fhir.Reference{Reference: op.FullURL}, author, now)
	if err != nil {
		return nil, err
	}
	if !f.OK() {
		return work(chart, f, "", http.StatusUnprocessableEntity), nil
	}
	if op.Resource, err = fhir.New("Condition", n); err != nil {
		return nil, err
	}
	if _, err := chart.Session.Do(r.Context(), append([]record.Op{op}, more...)); err != nil {
		return refused(chart, f, "", err)
	}
	return web.Done{To: base(chart.ID), Say: ui.Message{Lead: n.name(), Text: "added to the social needs of " + chart.Banner.Name.Plain() + "."}}, nil
}

// read reads the need that the address names. One of another patient, or a Condition of another kind, is not there.
func (e *editor) read(r *http.Request) (facts.Chart, need, *record.Version, error) {
	var v *record.Version
	chart, err := facts.OpenChart(r, e.d.Session, e.d.Shell, func(s *record.Session, _ string) (err error) {
		v, err = s.Read(r.Context(), "Condition", r.PathValue("need"))
		return err
	})
	if err != nil {
		return chart, need{}, nil, err
	}
	n, err := fhir.View[need](v.Resource())
	if err == nil && (n.Subject.Reference != "Patient/"+chart.ID || !n.social()) {
		err = web.ErrNotFound
	}
	if err == nil && n.struck() { // to change it would bring it back
		err = facts.Struck()
	}
	return chart, n, v, err
}

func (n *need) form(f *web.Form, zone *time.Location) {
	for _, d := range domains {
		if d.icd != "" && n.Code.Has(icd10, d.icd) || facts.Concept(n.Code) == d.name {
			f.Set("domain", d.name)
		}
	}
	if facts.Concept(n.Code) != f.Text("domain") {
		f.Set("words", facts.Concept(n.Code))
	}
	f.Set("since", facts.OnsetText(n.Onset, zone))
	f.Set("note", n.note())
	f.Set("state", map[bool]string{true: "active", false: "resolved"}[n.active()])
}

func (e *editor) open(r *http.Request) (web.View, error) {
	chart, n, v, err := e.read(r)
	if err != nil {
		return nil, err
	}
	f := web.NewForm(url.Values{"version": {strconv.FormatInt(v.Version, 10)}, "once": {facts.NewUUID()}})
	n.form(f, e.d.Shell.Location())
	return work(chart, f, v.ID, 0), nil
}

// update changes a need, ends it, or strikes it; a goal or referral may be added to it.
func (e *editor) update(r *http.Request) (web.View, error) {
	f, err := web.ReadForm(r)
	if err != nil {
		return nil, err
	}
	chart, n, v, err := e.read(r)
	if err != nil {
		return nil, err
	}
	now, author, text := e.d.Shell.Clock(), facts.Author(r.Context()), "changed."
	var more []record.Op
	if f.Has("mistake") {
		n.Verification, n.Clinical = fhir.Concept(facts.ConditionVerification, "entered-in-error", ""), fhir.CodeableConcept{}
		text = "struck from the social needs as entered in error."
	} else {
		n.fill(f, author, now)
		if more, err = plan(f, chart.ID, lower(n.name()), fhir.To("Condition", v.ID), author, now); err != nil {
			return nil, err
		}
		if f.Text("state") == "resolved" {
			text = "resolved."
		}
	}
	if !f.OK() {
		return work(chart, f, v.ID, http.StatusUnprocessableEntity), nil
	}
	doc, err := fhir.Merge(v.Resource(), n)
	if err != nil {
		return nil, err
	}
	ops := append([]record.Op{{Verb: record.Update, Type: "Condition", ID: v.ID, Resource: doc, IfMatch: facts.Editing(f)}}, more...)
	if _, err := chart.Session.Do(r.Context(), ops); err != nil {
		if facts.Changed(err) {
			_, n, v, err := e.read(r)
			if err != nil {
				return nil, err
			}
			f.Set("version", strconv.FormatInt(v.Version, 10))
			w := work(chart, f, v.ID, http.StatusConflict)
			w.Messages = []ui.Message{{Tone: ui.Caution, Lead: "Changed by somebody else meanwhile.", Text: "It now says: " + n.name() + ". Save again to put yours in place of theirs."}}
			return w, nil
		}
		return refused(chart, f, v.ID, err)
	}
	return web.Done{To: base(chart.ID), Say: ui.Message{Lead: n.name(), Text: text}}, nil
}

func refused(chart facts.Chart, f *web.Form, id string, err error) (web.View, error) {
	reason := facts.Refused(err)
	if reason == "" {
		return nil, err
	}
	w := work(chart, f, id, http.StatusUnprocessableEntity)
	w.Messages = []ui.Message{{Tone: ui.Critical, Lead: "Not saved.", Text: reason}}
	return w, nil
}

func work(chart facts.Chart, f *web.Form, id string, status int) web.Work {
	w := web.Work{
		Title: "Add a social need", Current: "chart", Patient: &chart.Banner, Back: base(chart.ID), Action: base(chart.ID), Status: status, Body: fields(f, id != ""),
		Buttons: []ui.Button{{Label: "Add need", Kind: ui.Primary}},
	}
	if id != "" {
		w.Title, w.Action = "Change a social need", base(chart.ID)+"/"+url.PathEscape(id)
		w.Buttons = []ui.Button{{Label: "Entered in error", Kind: ui.Danger, Attrs: map[string]any{"name": "mistake", "value": "yes"}}, {Label: "Save", Kind: ui.Primary}}
	}
	return w
}

func (e *editor) readGoal(r *http.Request) (facts.Chart, goal, *record.Version, error) {
	var v *record.Version
	chart, err := facts.OpenChart(r, e.d.Session, e.d.Shell, func(s *record.Session, _ string) (err error) {
		v, err = s.Read(r.Context(), "Goal", r.PathValue("goal"))
		return err
	})
	if err != nil {
		return chart, goal{}, nil, err
	}
	g, err := fhir.View[goal](v.Resource())
	if err == nil && g.Subject.Reference != "Patient/"+chart.ID {
		err = web.ErrNotFound
	}
	if err == nil && g.Lifecycle == "entered-in-error" { // to change it would bring it back
		err = facts.Struck()
	}
	return chart, g, v, err
}

// openGoal is a goal with how it stands.
func (e *editor) openGoal(r *http.Request) (web.View, error) {
	chart, g, v, err := e.readGoal(r)
	if err != nil {
		return nil, err
	}
	return goalWork(chart, g, v, 0, e.d.Shell.Location()), nil
}

func goalWork(chart facts.Chart, g goal, v *record.Version, status int, zone *time.Location) web.Work {
	return web.Work{
		Title: "Goal", Current: "chart", Patient: &chart.Banner, Back: base(chart.ID), Action: base(chart.ID) + "/goals/" + url.PathEscape(v.ID), Status: status,
		Body: goalFields(facts.Concept(g.Description), g.due(zone), strconv.FormatInt(v.Version, 10)),
		Buttons: []ui.Button{
			{Label: "Entered in error", Kind: ui.Danger, Attrs: map[string]any{"name": "how", "value": "mistake"}},
			{Label: "Given up", Attrs: map[string]any{"name": "how", "value": "cancelled"}},
			{Label: "Reached", Kind: ui.Primary, Attrs: map[string]any{"name": "how", "value": "reached"}},
		},
	}
}

// updateGoal says that a goal was reached, given up, or a mistake.
func (e *editor) updateGoal(r *http.Request) (web.View, error) {
	f, err := web.ReadForm(r)
	if err != nil {
		return nil, err
	}
	chart, g, v, err := e.readGoal(r)
	if err != nil {
		return nil, err
	}
	const achievement = "http://terminology.hl7.org/CodeSystem/goal-achievement"
	text := ""
	switch f.Text("how") {
	case "cancelled":
		g.Lifecycle, g.Achievement, text = "cancelled", fhir.Concept(achievement, "not-achieved", "Not Achieved"), "given up."
	case "mistake":
		g.Lifecycle, text = "entered-in-error", "struck as entered in error."
	case "reached":
		g.Lifecycle, g.Achievement, text = "completed", fhir.Concept(achievement, "achieved", "Achieved"), "reached."
	default: // nothing is said to be reached that nobody said
		w := goalWork(chart, g, v, http.StatusUnprocessableEntity, e.d.Shell.Location())
		w.Messages = []ui.Message{{Tone: ui.Caution, Lead: "Nothing was changed.", Text: "Say whether it was reached or given up."}}
		return w, nil
	}
	g.StatusDate = fhir.DateOf(e.d.Shell.Clock())
	doc, err := fhir.Merge(v.Resource(), g)
	if err != nil {
		return nil, err
	}
	_, err = chart.Session.Do(r.Context(), []record.Op{{Verb: record.Update, Type: "Goal", ID: v.ID, Resource: doc, IfMatch: facts.Editing(f)}})
	if facts.Changed(err) {
		_, g, v, err := e.readGoal(r)
		if err != nil {
			return nil, err
		}
		w := goalWork(chart, g, v, http.StatusConflict, e.d.Shell.Location())
		w.Messages = []ui.Message{{Tone: ui.Caution, Lead: "Changed by somebody else meanwhile.", Text: "What it says now stands below."}}
		return w, nil
	}
	if err != nil {
		return nil, err
	}
	return web.Done{To: base(chart.ID), Say: ui.Message{Lead: "Goal", Text: text}}, nil
}
