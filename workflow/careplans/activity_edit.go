package careplans

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/web"
	"github.com/osler-ehr/osler/web/facts"
	"github.com/osler-ehr/osler/web/ui"
)

// index is the place in a list that an address names; -1 for "new".
func index(text string, n int) (int, error) {
	if text == "new" {
		return -1, nil
	}
	i, err := strconv.Atoi(text)
	if err != nil || i < 0 || i >= n {
		return 0, web.ErrNotFound
	}
	return i, nil
}

func (e *desk) openActivity(r *http.Request) (web.View, error) {
	chart, p, v, _, err := e.planOf(r)
	if err != nil {
		return nil, err
	}
	i, err := index(r.PathValue("n"), len(p.Activity))
	if err != nil {
		return nil, err
	}
	f := web.NewForm(url.Values{"version": {strconv.FormatInt(v.Version, 10)}})
	if i >= 0 {
		a := p.Activity[i]
		f.Set("what", a.name())
		if when, ok := fhir.ChoiceValue[string](a.Detail.Scheduled); ok {
			f.Set("when", when)
		}
		if len(a.Detail.Performer) > 0 {
			f.Set("who", a.Detail.Performer[0].Display)
		}
	}
	return activityWork(chart, p, i, f, 0), nil
}

func activityWork(chart facts.Chart, p plan, i int, f *web.Form, status int) web.Work {
	href := base(chart.ID) + "/" + url.PathEscape(p.ID) + "/activities/"
	w := web.Work{Title: "Add an activity", Current: "chart", Patient: &chart.Banner, Back: base(chart.ID), Action: href + "new", Body: activityFields(f, i >= 0), Status: status, Buttons: []ui.Button{{Label: "Add activity", Kind: ui.Primary}}}
	if i >= 0 {
		do := func(label, what string, kind ui.Kind) ui.Button {
			return ui.Button{Label: label, Kind: kind, Attrs: map[string]any{"name": "do", "value": what}}
		}
		w.Title, w.Action = "Activity", href+strconv.Itoa(i)
		w.Buttons = []ui.Button{do("Stop", "stop", ui.Danger), do("Done", "done", ui.Plain), do("Save", "save", ui.Primary)}
		if !p.Activity[i].changeable() {
			w.Action, w.Buttons = "", nil
		}
	}
	return w
}

// changeable reports whether the form changes an activity: not what is over, and not what is kept elsewhere.
func (a activity) changeable() bool { return a.going() && a.Reference.IsZero() }

// changeActivity adds, changes, completes or stops what is done for a plan.
func (e *desk) changeActivity(r *http.Request) (web.View, error) {
	f, err := web.ReadForm(r)
	if err != nil {
		return nil, err
	}
	chart, p, v, _, err := e.planOf(r)
	if err != nil {
		return nil, err
	}
	i, err := index(r.PathValue("n"), len(p.Activity))
	if err != nil {
		return nil, err
	}
	if !p.active() {
		return e.ended(chart), nil
	}
	f.Need("what", "Say what is done.")
	if i >= 0 && !p.Activity[i].changeable() {
		w := activityWork(chart, p, i, f, http.StatusConflict)
		w.Messages = []ui.Message{{Tone: ui.Caution, Lead: "Over, or kept elsewhere; nothing was saved.", Text: "It stands in the plan as it is."}}
		return w, nil
	}
	before := p
	p.Activity = slices.Clone(p.Activity)
	var a activity
	a.Detail.Status = "in-progress"
	if i >= 0 {
		a = p.Activity[i]
	}
	said := "changed."
	switch f.Text("do") {
	case "done":
		a.Detail.Status, said = "completed", "done."
	case "stop":
		f.Need("reason", "Say why: it stays in the record.")
		a.Detail.Status, a.Detail.StatusReason, said = "stopped", fhir.CodeableConcept{Text: f.Text("reason")}, "stopped."
	}
	if what := f.Text("what"); what != a.name() || i < 0 { // a code of another system stays while nobody says it otherwise
		a.Detail.Description = what
	}
	if when := f.Text("when"); when != "" {
		a.Detail.Scheduled = fhir.ChoiceOf(when)
	} else if _, ok := fhir.ChoiceValue[string](a.Detail.Scheduled); ok {
		a.Detail.Scheduled = fhir.Choice{}
	}
	if who := f.Text("who"); len(a.Detail.Performer) == 0 || who != a.Detail.Performer[0].Display {
		a.Detail.Performer = nil
		if who != "" {
			a.Detail.Performer = []fhir.Reference{{Display: who}}
		}
	}
	if !f.OK() {
		return activityWork(chart, before, i, f, http.StatusUnprocessableEntity), nil
	}
	if i >= 0 {
		p.Activity[i] = a
	} else {
		p.Activity, said = append(p.Activity, a), "added to the plan."
	}
	ctx := r.Context()
	goals, _, err := goalsOf(ctx, chart.Session, chart.ID, p)
	if err != nil {
		return nil, err
	}
	p.narrate(goalWords(goals))
	doc, err := fhir.Merge(v.Resource(), p)
	if err != nil {
		return nil, err
	}
	if _, err := chart.Session.Do(ctx, []record.Op{{Verb: record.Update, Type: "CarePlan", ID: v.ID, Resource: doc, IfMatch: facts.Editing(f)}}); err != nil {
		return refused(activityWork(chart, before, i, f, http.StatusUnprocessableEntity), err)
	}
	return web.Done{To: base(chart.ID), Say: ui.Message{Lead: a.words(), Text: said}}, nil
}

// teamOf reads the care team that the forms change: the first active one; v is nil if there is none.
func teamOf(ctx context.Context, s *record.Session, patient string) (t team, v *record.Version, err error) {
	page, err := facts.Whole(ctx, s, facts.Of("CareTeam", patient, facts.Params("_count", "50")...))
	if err != nil {
		return t, nil, err
	}
	for i := range page.Entries {
		x, err := fhir.View[team](page.Entries[i].Resource())
		if err != nil {
			return t, nil, err
		}
		if x.active() {
			return x, &page.Entries[i].Version, nil
		}
	}
	return team{Meta: fhir.Meta{Profile: []string{teamProfile}}, Status: "active", Name: "Care team", Subject: fhir.To("Patient", patient)}, nil, nil
}

// candidates are those who can be members: people who work here, roles of others, relatives, and the patient.
func (e *desk) candidates(ctx context.Context, s *record.Session, patient, name string) ([]ui.Option, error) {
	out := []ui.Option{{Value: "", Label: "Somebody else, named below"}, {Value: "Patient/" + patient, Label: name}}
	staff, err := facts.Staff(ctx, s, e.d.Identity)
	if err != nil {
		return nil, err
	}
	for _, c := range staff {
		out = append(out, ui.Option{Value: c.Ref, Label: c.Name})
	}
	relatives, err := facts.FindAll[struct {
		ID           string
		Name         []fhir.HumanName
		Relationship []fhir.CodeableConcept
	}](ctx, s, "RelatedPerson", patient, facts.Params("_count", "50")...)
	if err != nil {
		return nil, err
	}
	for _, x := range relatives {
		if len(x.Name) > 0 {
			label := x.Name[0].String()
			if rel := facts.First(x.Relationship); rel != "" {
				label += ", " + strings.ToLower(rel)
			}
			out = append(out, ui.Option{Value: "RelatedPerson/" + x.ID, Label: label})
		}
	}
	page, err := facts.Whole(ctx, s, record.Query{Type: "PractitionerRole", Params: facts.Params("active", "true", "_count", "200")})
	if err != nil {
		return nil, err
	}
	for i := range page.Entries {
		x, err := fhir.View[struct {
			Practitioner, Organization fhir.Reference
			Code, Specialty            []fhir.CodeableConcept
		}](page.Entries[i].Resource())
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(staff, func(c facts.Colleague) bool { return c.Ref == x.Practitioner.Reference }) || x.Practitioner.Display == "" {
			continue
		}
		out = append(out, ui.Option{Value: "PractitionerRole/" + page.Entries[i].ID, Label: strings.TrimSuffix(x.Practitioner.Display+", "+cmp.Or(facts.First(x.Specialty), facts.First(x.Code), x.Organization.Display), ", ")})
	}
	return out, nil
}

func (e *desk) memberWork(r *http.Request, f *web.Form, status int) (web.Work, facts.Chart, team, *record.Version, int, []ui.Option, error) {
	var t team
	var v *record.Version
	var options []ui.Option
	chart, err := facts.OpenChart(r, e.d.Session, e.d.Shell, func(s *record.Session, id string) (err error) {
		t, v, err = teamOf(r.Context(), s, id)
		return err
	})
	if err != nil {
		return web.Work{}, chart, t, v, 0, nil, err
	}
	i, err := index(r.PathValue("n"), len(t.Participant))
	if err == nil {
		options, err = e.candidates(r.Context(), chart.Session, chart.ID, chart.Banner.Name.Plain()+", the patient")
	}
	if err != nil {
		return web.Work{}, chart, t, v, 0, nil, err
	}
	w := web.Work{Title: "Add to the care team", Current: "chart", Patient: &chart.Banner, Back: base(chart.ID), Action: "/patients/" + url.PathEscape(chart.ID) + "/careteam/" + r.PathValue("n"), Status: status, Buttons: []ui.Button{{Label: "Add member", Kind: ui.Primary}}}
	if i >= 0 {
		name, err := memberName(r.Context(), chart.Session, t.Participant[i].Member)
		if err != nil {
			return w, chart, t, v, i, options, err
		}
		w.Title = name
		w.Buttons = []ui.Button{{Label: "Left the team", Kind: ui.Danger, Attrs: map[string]any{"name": "do", "value": "left"}}, {Label: "Save", Kind: ui.Primary, Attrs: map[string]any{"name": "do", "value": "save"}}}
	}
	roleOptions := []ui.Option{}
	for _, x := range roles {
		roleOptions = append(roleOptions, ui.Option{Value: x.key, Label: x.words})
	}
	w.Body = memberFields(f, options, roleOptions, i >= 0)
	return w, chart, t, v, i, options, nil
}

func (e *desk) openMember(r *http.Request) (web.View, error) {
	f := web.NewForm(url.Values{"role": {"specialist"}, "once": {facts.NewUUID()}})
	w, _, t, v, i, _, err := e.memberWork(r, f, 0)
	if err != nil {
		return nil, err
	}
	if v != nil {
		f.Set("version", strconv.FormatInt(v.Version, 10))
	}
	if i >= 0 {
		for _, x := range roles {
			for _, c := range t.Participant[i].Role {
				if x.code != "" && c.Has(facts.SNOMED, x.code) || facts.Concept(c) == x.words {
					f.Set("role", x.key)
				}
			}
		}
		w, _, _, _, _, _, err = e.memberWork(r, f, 0)
	}
	return w, err
}

// changeMember adds somebody to the care team, changes the role, or notes that somebody left.
func (e *desk) changeMember(r *http.Request) (web.View, error) {
	f, err := web.ReadForm(r)
	if err != nil {
		return nil, err
	}
	w, chart, t, v, i, options, err := e.memberWork(r, f, http.StatusUnprocessableEntity)
	if err != nil {
		return nil, err
	}
	ctx, now := r.Context(), e.d.Shell.Clock()
	again := func() (web.View, error) {
		w, _, _, _, _, _, err := e.memberWork(r, f, http.StatusUnprocessableEntity)
		return w, err
	}
	if v != nil && facts.EditingOrNew(f) == 0 { // the form was opened where there was no team yet
		sent, err := facts.Sent(ctx, chart.Session, "CareTeam", f)
		if err != nil {
			return nil, err
		}
		if sent { // the answer was lost, and the form comes again
			return web.Done{To: base(chart.ID), Say: ui.Message{Lead: "Care team", Text: "has this member already."}}, nil
		}
		return overtaken(w), nil
	}
	t.Participant = slices.Clone(t.Participant)
	role, ok := roleOf(f.Text("role"))
	if !ok {
		f.Wrong("role", "Choose one of the roles.")
	}
	said, name := "changed.", w.Title
	switch {
	case i >= 0 && f.Text("do") == "left":
		t.Participant[i].Period.End = fhir.DateTimeOf(now, fhir.Day)
		said = "left the care team."
	case i >= 0:
		t.Participant[i].Role = []fhir.CodeableConcept{role}
	default:
		m := participant{Role: []fhir.CodeableConcept{role}, Period: fhir.Period{Start: fhir.DateTimeOf(now, fhir.Day)}}
		if ref := f.Text("member"); ref != "" {
			at := slices.IndexFunc(options, func(o ui.Option) bool { return o.Value == ref })
			if at < 0 {
				f.Wrong("member", "Choose somebody from the list.")
			} else {
				m.Member = fhir.Reference{Reference: ref, Display: options[at].Label}
				if ref == "Patient/"+chart.ID {
					m.Member.Display = chart.Banner.Name.Plain()
				}
			}
			if slices.ContainsFunc(t.Participant, func(x participant) bool { return x.Member.Reference == ref && x.Period.End.IsZero() }) {
				f.Wrong("member", "Is in the team already.")
			}
		} else {
			f.Need("name", "Choose somebody from the list, or give the name.")
			m.Member = fhir.Reference{Display: f.Text("name")}
		}
		t.Participant, said, name = append(t.Participant, m), "added to the care team.", m.Member.Display
	}
	if !f.OK() {
		return again()
	}
	op := record.Op{Verb: record.Create, Type: "CareTeam"}
	if v != nil {
		op = record.Op{Verb: record.Update, Type: "CareTeam", ID: v.ID, IfMatch: facts.Editing(f)}
		op.Resource, err = fhir.Merge(v.Resource(), t)
	} else {
		t.Identifier, op.Condition = facts.Once(f, "")
		op.Resource, err = fhir.New("CareTeam", t)
	}
	if err != nil {
		return nil, err
	}
	if _, err := chart.Session.Do(ctx, []record.Op{op}); err != nil {
		return refused(w, err)
	}
	return web.Done{To: base(chart.ID), Say: ui.Message{Lead: name, Text: said}}, nil
}
