package referrals

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/web"
	"github.com/osler-ehr/osler/web/clinical"
	"github.com/osler-ehr/osler/web/facts"
	"github.com/osler-ehr/osler/web/format"
	"github.com/osler-ehr/osler/web/ui"
)

// Packet is what goes with a referral, always in this order: who is sent to whom and why, problems, medicines, allergies,
// chosen results, chosen notes and papers. An empty part says so, because silence could mean that it was left out.
type Packet struct {
	Banner          clinical.Banner
	Practice, Phone string
	Facts           [][2]string
	Question        []string
	Problems, Meds  []Line
	Allergies       []Line
	NoAllergies     string // what is known where none is listed
	Results, Papers []Enclosure
	Href, ChooseTo  string
	Printed         string
}

// Line is one entry of a list with what qualifies it.
type Line struct{ Text, End string }

// Enclosure is a chosen result, note or paper.
type Enclosure struct {
	Title, When string
	Values      []clinical.Result
	Text        string
	Apart       bool // a scan: it goes along as a sheet of its own
}

// packet is the page to print.
func (e *desk) packet(r *http.Request) (web.View, error) {
	var ref referral
	p := Packet{}
	ctx, zone, now := r.Context(), e.d.Shell.Location(), e.d.Shell.Clock()
	chart, err := facts.OpenChart(r, e.d.Session, e.d.Shell, func(s *record.Session, id string) (err error) {
		if ref, err = find(ctx, s, id, r.PathValue("order"), zone); err != nil {
			return err
		}
		var errs [4]error
		facts.Together(
			func() { p.Problems, errs[0] = problems(ctx, s, id, zone) },
			func() { p.Meds, errs[1] = medicines(ctx, s, id) },
			func() { p.Allergies, p.NoAllergies, errs[2] = allergies(ctx, s, id) },
			func() { errs[3] = p.enclosed(ctx, s, id, ref.Supporting, zone) },
		)
		return cmp.Or(errs[0], errs[1], errs[2], errs[3])
	})
	if err != nil {
		return nil, err
	}
	p.Banner, p.Practice, p.Phone = chart.Banner, e.d.Shell.Practice, e.d.Shell.Phone
	p.Href, p.Printed = at(chart.ID, ref.ID), format.DateTime(now)
	if ref.state.open() {
		p.ChooseTo = p.Href + "/enclosures"
	}
	add := func(label, value string) {
		if value != "" {
			p.Facts = append(p.Facts, [2]string{label, value})
		}
	}
	add("Referral", ref.name())
	if !ref.state.open() || ref.stands() != ref.state.words() { // the sheet of one that is over is not taken for an open one
		add("State", ref.stands())
	}
	add("To", ref.to())
	add("For", ref.reasons())
	add("Priority", cmp.Or(ref.Priority, "routine"))
	add("From", strings.TrimSpace(ref.Requester.Display+", "+p.Practice+" "+p.Phone))
	add("Ordered", facts.Day(ref.Authored, zone))
	add("Payer", chart.Banner.Payer)
	for _, n := range ref.Note {
		p.Question = append(p.Question, n.Text)
	}
	return web.Page{Title: "Referral packet, " + chart.Banner.Name.Short(), Current: "chart", Patient: &chart.Banner, Body: p.draw()}, nil
}

type condition struct {
	Clinical     fhir.CodeableConcept   `fhir:"clinicalStatus"`
	Verification fhir.CodeableConcept   `fhir:"verificationStatus"`
	Category     []fhir.CodeableConcept `fhir:"category"`
	Code         fhir.CodeableConcept
	Onset        fhir.Choice `fhir:"onset[x]"`
	Abatement    fhir.Choice `fhir:"abatement[x]"`
}

// listed reports whether a condition is an active problem: of the list, or of a system that knows no lists.
func (c condition) listed() bool {
	switch facts.Code(c.Verification, facts.ConditionVerification) {
	case "entered-in-error", "refuted":
		return false
	}
	switch facts.Code(c.Clinical, facts.ConditionClinical) {
	case "inactive", "resolved":
		return false
	case "":
		if !c.Abatement.IsZero() {
			return false
		}
	}
	return len(c.Category) == 0 || slices.ContainsFunc(c.Category, func(x fhir.CodeableConcept) bool {
		return x.In(facts.ConditionCategory) == "problem-list-item" || x.In(facts.ConditionCategory) == ""
	})
}

func problems(ctx context.Context, s *record.Session, patient string, zone *time.Location) (out []Line, err error) {
	seen := map[string]bool{}
	err = facts.Each(ctx, s, facts.Of("Condition", patient, facts.Params("_count", "500")...), func(x *record.Entry) error {
		c, err := fhir.View[condition](x.Resource())
		if name := cmp.Or(facts.Concept(c.Code), "Problem not named"); err == nil && c.listed() && !seen[strings.ToLower(name)] {
			seen[strings.ToLower(name)] = true
			switch facts.Code(c.Verification, facts.ConditionVerification) {
			case "provisional", "unconfirmed", "differential":
				name += ", suspected"
			}
			if facts.Code(c.Clinical, facts.ConditionClinical) == "remission" {
				name += ", in remission"
			}
			line := Line{Text: name}
			if since := facts.OnsetText(c.Onset, zone); since != "" {
				line.End = "since " + since
			}
			out = append(out, line)
		}
		return err
	})
	slices.SortStableFunc(out, func(a, b Line) int { return strings.Compare(a.Text, b.Text) })
	return out, err
}

// medicines are those that the patient takes: prescribed here, or stated by the patient or others.
func medicines(ctx context.Context, s *record.Session, patient string) (out []Line, err error) {
	list, whole, err := facts.Medicines(ctx, s, patient, false)
	if err != nil {
		return nil, err
	}
	seen := map[Line]bool{}
	for _, m := range list {
		var sig []string
		for _, d := range m.Dosage {
			if text := cmp.Or(d.Text, d.PatientInstruction); text != "" {
				sig = append(sig, text)
			}
		}
		line := Line{Text: m.Name, End: cmp.Or(strings.Join(sig, ", then "), "directions not recorded as text")}
		if state := m.State(); state != "" {
			line.End = strings.ToUpper(state) + ": " + line.End
		}
		if key := (Line{Text: strings.ToLower(line.Text), End: strings.ToLower(line.End)}); !seen[key] {
			seen[key] = true
			out = append(out, line)
		}
	}
	slices.SortStableFunc(out, func(a, b Line) int { return strings.Compare(strings.ToLower(a.Text), strings.ToLower(b.Text)) })
	if !whole {
		out = append(out, Line{Text: "There are more than are listed here", End: "see the record"})
	}
	return out, nil
}

func allergies(ctx context.Context, s *record.Session, patient string) (out []Line, none string, err error) {
	list, state, err := facts.Allergies(ctx, s, patient)
	if err != nil {
		return nil, "", err
	}
	for _, a := range list {
		if a.Denies() {
			continue
		}
		line := Line{Text: a.Substance(), End: a.Reaction()}
		if sev := a.Severity(); sev != "" {
			line.End = strings.TrimPrefix(line.End+", "+sev, ", ")
		}
		if a.Unconfirmed() {
			line.Text += ", suspected"
		}
		out = append(out, line)
	}
	return out, clinical.Banner{Allergies: state}.AllergyText(), nil
}

// enclosed reads what was chosen. What cannot be read any more is named as missing, not left out.
func (p *Packet) enclosed(ctx context.Context, s *record.Session, patient string, chosen []fhir.Reference, zone *time.Location) error {
	for _, ref := range chosen {
		t, ok := ref.Target()
		if !ok || t.Type != "DiagnosticReport" && t.Type != "DocumentReference" && t.Type != "Composition" {
			continue // of another system: what it is, is not known
		}
		v, err := s.Read(ctx, t.Type, t.ID)
		if kind := record.KindOf(err); kind == record.KindNotFound || kind == record.KindGone || kind == record.KindForbidden {
			p.Papers = append(p.Papers, Enclosure{Title: cmp.Or(ref.Display, ref.Reference), Text: "Cannot be shown: it is gone, or lies outside what your role may see."})
			continue
		}
		if err != nil {
			return err
		}
		if v.Resource().Get("subject").Get("reference").Text() != "Patient/"+patient {
			return web.ErrNotFound
		}
		if mistaken(v.Resource()) {
			p.Papers = append(p.Papers, Enclosure{Title: cmp.Or(ref.Display, ref.Reference), Text: "Does not go along: it was entered in error, or cancelled, after it was chosen."})
			continue
		}
		switch t.Type {
		case "DiagnosticReport":
			x, err := result(ctx, s, v.Resource(), patient, zone)
			if err != nil {
				return err
			}
			p.Results = append(p.Results, x)
		case "DocumentReference":
			d, err := fhir.View[document](v.Resource())
			if err != nil {
				return err
			}
			x := Enclosure{Title: d.words(), When: facts.Day(d.Date.DateTime(), zone), Text: d.text()}
			x.Apart = x.Text == ""
			p.Papers = append(p.Papers, x)
		case "Composition":
			n, err := fhir.View[note](v.Resource())
			if err != nil {
				return err
			}
			x := Enclosure{Title: cmp.Or(n.Title, facts.Concept(n.Type), "Note"), When: facts.Moment(n.Date, zone)}
			if len(n.Author) > 0 && n.Author[0].Display != "" {
				x.Title += ", " + n.Author[0].Display
			}
			var parts []string
			for _, sec := range n.Section {
				if text := plain(sec.Text.Div); text != "" {
					parts = append(parts, strings.TrimSpace(strings.ToUpper(sec.Title)+"\n"+text))
				}
			}
			x.Text = strings.Join(parts, "\n\n")
			p.Papers = append(p.Papers, x)
		}
	}
	return nil
}

// result is a report with its values.
func result(ctx context.Context, s *record.Session, doc *fhir.Resource, patient string, zone *time.Location) (Enclosure, error) {
	rep, err := fhir.View[report](doc)
	if err != nil {
		return Enclosure{}, err
	}
	x := Enclosure{Title: cmp.Or(facts.Concept(rep.Code), "Report not named"), When: facts.Day(rep.at(), zone), Text: rep.Conclusion}
	if rep.Status == "preliminary" || rep.Status == "partial" {
		x.Title += ", preliminary"
	}
	missing := 0
	for _, ref := range rep.Result {
		t, ok := ref.Target()
		if !ok || t.Type != "Observation" {
			missing++
			continue
		}
		v, err := s.Read(ctx, "Observation", t.ID)
		if kind := record.KindOf(err); kind == record.KindNotFound || kind == record.KindGone {
			missing++
			continue
		}
		if err != nil {
			return x, err
		}
		o, err := facts.ReadObservation(v.Resource())
		if err != nil || !o.Valid() || v.Resource().Get("subject").Get("reference").Text() != "Patient/"+patient {
			missing++
			continue
		}
		for _, val := range o.Values() {
			x.Values = append(x.Values, clinical.Result{Name: val.Name(), Value: val.Show(), Range: val.Range()})
		}
	}
	if missing > 0 {
		x.Text = strings.TrimSpace(x.Text + "\n" + format.Count(missing, "value", "values") + " of this report cannot be shown.")
	}
	return x, nil
}

// choose is the form for what goes with a referral.
func (e *desk) choose(r *http.Request) (web.View, error) {
	chart, ref, _, err := e.read(r)
	if err != nil {
		return nil, err
	}
	f := web.NewForm(url.Values{"version": {strconv.FormatInt(ref.version.Version, 10)}})
	ticked := map[string]bool{}
	for _, x := range ref.Supporting {
		ticked[x.Reference] = true
	}
	f.Set("to", ref.to())
	if n := len(ref.Note); n > 0 {
		f.Set("question", ref.Note[n-1].Text)
	}
	return e.chooseWork(r.Context(), chart, ref, f, ticked, 0)
}

// Choice is one thing that can go along.
type Choice struct {
	Ref, Label string
	Ticked     bool
}

func (e *desk) chooseWork(ctx context.Context, chart facts.Chart, ref referral, f *web.Form, ticked map[string]bool, status int) (web.Work, error) {
	groups, err := e.choices(ctx, chart, ticked)
	if err != nil {
		return web.Work{}, err
	}
	href := at(chart.ID, ref.ID)
	return web.Work{
		Title: "What goes with: " + ref.name(), Current: "chart", Patient: &chart.Banner, Back: href, Action: href + "/enclosures", Status: status,
		Body: enclosures(f, groups), Buttons: []ui.Button{{Label: "Save", Kind: ui.Primary}},
	}, nil
}

// choices are the newest results, notes and papers, in this order.
func (e *desk) choices(ctx context.Context, chart facts.Chart, ticked map[string]bool) (groups [3][]Choice, err error) {
	var lists [3][]offered
	var errs [3]error
	facts.Together(
		func() { lists[0], errs[0] = results(ctx, chart.Session, chart.ID) },
		func() { lists[1], errs[1] = notes(ctx, chart.Session, chart.ID) },
		func() { lists[2], errs[2] = documents(ctx, chart.Session, chart.ID) },
	)
	for i, list := range lists {
		for _, o := range list {
			groups[i] = append(groups[i], Choice{o.ref, o.words(e.d.Shell.Location()), ticked[o.ref]})
		}
	}
	return groups, cmp.Or(errs[0], errs[1], errs[2])
}

// enclose keeps the choice, in the order itself. What another system chose, and what the form does not offer, stays.
func (e *desk) enclose(r *http.Request) (web.View, error) {
	f, err := web.ReadForm(r)
	if err != nil {
		return nil, err
	}
	chart, ref, duty, err := e.read(r)
	if err != nil {
		return nil, err
	}
	ctx := r.Context()
	if !ref.state.open() {
		return e.meanwhile(ctx, chart, ref, duty), nil
	}
	ticked := map[string]bool{}
	for _, v := range f.All("with") {
		ticked[v] = true
	}
	groups, err := e.choices(ctx, chart, ticked)
	if err != nil {
		return nil, err
	}
	o := ref.order
	shown := map[string]bool{}
	var chosen []fhir.Reference
	for _, g := range groups {
		for _, c := range g {
			shown[c.Ref] = true
			if c.Ticked {
				chosen = append(chosen, fhir.Reference{Reference: c.Ref, Display: c.Label})
			}
		}
	}
	for _, x := range ref.Supporting {
		if !shown[x.Reference] {
			chosen = append(chosen, x)
		}
	}
	o.Supporting = chosen
	if to := f.Text("to"); to != ref.to() {
		o.Performer = nil
		if to != "" {
			o.Performer = []fhir.Reference{{Display: to}}
		}
	}
	if q := f.Text("question"); len(o.Note) == 0 && q != "" || len(o.Note) > 0 && q != o.Note[len(o.Note)-1].Text {
		o.Note = slices.Clone(o.Note[:max(0, len(o.Note)-1)])
		if q != "" {
			o.Note = append(o.Note, facts.Note(q, facts.Author(ctx), e.d.Shell.Clock()))
		}
	}
	doc, err := fhir.Merge(ref.version.Resource(), o)
	if err != nil {
		return nil, err
	}
	ops := []record.Op{{Verb: record.Update, Type: "ServiceRequest", ID: ref.ID, Resource: doc, IfMatch: facts.Editing(f)}}
	if t := ref.follow(); ref.task != nil && (t.ReferTo() != o.to() || t.Code.In(facts.SNOMED) != ref.task.Code.In(facts.SNOMED)) { // the front desk sends it by what the Task says
		t.SetReferTo(o.to())
		op, err := ref.keep(t)
		if err != nil {
			return nil, err
		}
		ops = append(ops, op)
	}
	if _, err := chart.Session.Do(ctx, ops); err != nil {
		w, werr := e.chooseWork(ctx, chart, ref, f, ticked, http.StatusConflict)
		if werr != nil {
			return nil, werr
		}
		switch reason := facts.Refused(err); {
		case facts.Changed(err):
			f.Set("version", strconv.FormatInt(ref.version.Version, 10))
			w.Messages = []ui.Message{{Tone: ui.Caution, Lead: "The order was changed by somebody else meanwhile.", Text: "What you chose is ticked below; save again to keep it."}}
		case reason != "":
			w.Status, w.Messages = http.StatusUnprocessableEntity, []ui.Message{{Tone: ui.Critical, Lead: "Not saved.", Text: reason}}
		default:
			return nil, err
		}
		return w, nil
	}
	return web.Done{To: at(chart.ID, ref.ID) + "/packet", Say: ui.Message{Lead: ref.name() + ":", Text: format.Count(len(chosen), "enclosure", "enclosures") + " chosen."}}, nil
}
