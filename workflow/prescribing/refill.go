package prescribing

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/osler-ehr/osler/drugs"
	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/identity"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/web"
	"github.com/osler-ehr/osler/web/clinical"
	"github.com/osler-ehr/osler/web/facts"
	"github.com/osler-ehr/osler/web/format"
	"github.com/osler-ehr/osler/workflow/prescribing/safety"
)

// A request for a refill is a Task of the kind "refill", as docs/decisions/refill-request.md has it, whoever writes it: the portal, an
// interface to pharmacies, a person. focus is the prescription that is to be renewed. What is asked for, if it is not the same again,
// stands in the input "proposal": a MedicationRequest of the intent proposal.
const proposalInput = "proposal"

// What became of a request. (Task.businessStatus)
const (
	refillState = "https://osler.example/fhir/CodeSystem/refill-state"
	approved    = "approved"
	denied      = "denied"
	altered     = "changed"
)

// asked is a request with all that somebody needs to decide it.
type asked struct {
	facts.Task
	version  int64
	patient  string
	person   facts.Patient
	prior    *record.Version // nil if it is not there or cannot be understood
	old      prescription
	proposal *record.Version // nil: the same again
	want     prescription    // what is asked for: of the proposal, else of the prior one
	lost     string          // what of the directions cannot be taken over
	filled   string          // what is wrong with the form that the prescription fills
	unread   string          // why it cannot be told what is asked for

	fills  []fill
	visit  string // the last one, in words; "" if none is known
	seen   time.Time
	tests  []tested
	form   *web.Form
	draft  draft
	checks composing
	why    []Verdict
}

// Verdict is one line of what the protocol says.
type Verdict struct {
	OK   bool
	Text string
}

// passes reports whether the request may be approved together with others.
func (a *asked) passes() bool {
	return len(a.why) > 0 && !slices.ContainsFunc(a.why, func(v Verdict) bool { return !v.OK })
}

// against is the first line of the protocol that speaks against it. Where nothing was held against it, that alone does.
func (a *asked) against() string {
	for _, v := range a.why {
		if !v.OK {
			return v.Text
		}
	}
	return "It was not held against the protocol"
}

// fill is what a pharmacy handed out.
type fill struct {
	Status   string
	Quantity fhir.Quantity
	Supply   fhir.Quantity `fhir:"daysSupply"`
	Handed   fhir.DateTime `fhir:"whenHandedOver"`
	Prepared fhir.DateTime `fhir:"whenPrepared"`
}

// words are the fill as one line: 90 tablets on 24-Aug-2026, for 90 days.
func (f fill) words(zone *time.Location) string {
	out := cmp.Or(quantityWords(f.Quantity), "dispensed")
	if on := facts.Day(facts.When(f.Handed, f.Prepared), zone); on != "" {
		out += " on " + on
	}
	if days := f.Supply.Value; !days.IsZero() {
		out += ", for " + days.String() + " days"
	}
	return out
}

// tested is a test that the medicine needs, with its newest value.
type tested struct {
	Test
	Months int
	At     time.Time // zero if there is none
	Value  string
	Flag   clinical.Flag
}

func (t tested) due(now time.Time) bool {
	return t.At.IsZero() || t.At.AddDate(0, t.Months, 0).Before(now)
}

func (t tested) words(now time.Time) string {
	if t.At.IsZero() {
		return t.Name + ": no result, due within " + format.Count(t.Months, "month", "months")
	}
	s := t.Name + " " + t.Value + " on " + format.Date(t.At)
	if t.Flag != clinical.Normal {
		s += " (" + t.Flag.Words() + ")"
	}
	if t.due(now) {
		s += ", due: not within " + format.Count(t.Months, "month", "months")
	}
	return s
}

// asked reads the Task of a request.
func (e *editor) asked(ctx context.Context, s *record.Session, id string) (*asked, error) {
	v, err := s.Read(ctx, "Task", id)
	if err != nil {
		return nil, err
	}
	return askedOf(v)
}

func askedOf(v *record.Version) (*asked, error) {
	t, err := fhir.View[facts.Task](v.Resource())
	if err != nil {
		return nil, err
	}
	patient, ok := strings.CutPrefix(t.For.Reference, "Patient/")
	if t.Kind() != facts.RefillTask || !ok {
		return nil, web.ErrNotFound
	}
	return &asked{Task: t, version: v.Version, patient: patient}, nil
}

// look reads what a decision needs, runs the checks as for a prescription that is written now, and holds it against the protocol.
func (e *editor) look(ctx context.Context, s *record.Session, a *asked, p Protocol) error {
	now := e.d.Shell.Clock()
	if err := e.wanted(ctx, s, a); err != nil {
		return err
	}
	var known safety.Patient
	var err1, err2, err3, err4 error
	var person *record.Version
	match := e.matchOf(a.want)
	facts.Together(
		func() { known = Snapshot(ctx, s, a.patient, e.library, now) },
		func() {
			person, err1 = s.Read(ctx, "Patient", a.patient)
		},
		func() {
			if a.prior != nil {
				a.fills, err2 = e.fills(ctx, s, a.patient, a.prior.ID, "3")
			}
		},
		func() { a.visit, a.seen, err3 = lastVisit(ctx, s, a.patient, now) },
		func() { a.tests, err4 = monitored(ctx, s, a.patient, match, p, now.Location()) },
	)
	if err := cmp.Or(err1, err2, err3, err4); err != nil {
		return err
	}
	var err error
	if a.person, err = fhir.View[facts.Patient](person.Resource()); err != nil {
		return err
	}
	a.form = web.NewForm(map[string][]string{"mode": {"renew"}, "task": {a.ID}})
	if a.prior != nil {
		a.form.Set("replaces", a.prior.ID)
	}
	a.lost = e.show(a.want, a.form)
	a.draft = e.read(a.form, known.Weight)
	for _, name := range []string{"drug", "dose", "route", "frequency", "days", "most", "note", "quantity", "refills"} {
		a.filled = cmp.Or(a.filled, a.form.Error(name))
	}
	a.checks = e.composing(ctx, a.patient, a.form, a.draft, known)
	a.why = a.judge(e, p, now)
	return nil
}

// wanted reads the prescription that is asked about, and what is asked for.
func (e *editor) wanted(ctx context.Context, s *record.Session, a *asked) error {
	read := func(ref string) (*record.Version, prescription, error) {
		t, ok := fhir.ParseReference(ref)
		if !ok || t.Type != "MedicationRequest" || t.ID == "" {
			return nil, prescription{}, nil
		}
		v, err := s.Read(ctx, "MedicationRequest", t.ID)
		if k := record.KindOf(err); k == record.KindNotFound || k == record.KindGone {
			return nil, prescription{}, nil
		}
		if err != nil {
			return nil, prescription{}, err
		}
		p, err := fhir.View[prescription](v.Resource())
		if err != nil || p.Subject.Reference != "Patient/"+a.patient { // another patient's is none of this request
			return nil, prescription{}, nil
		}
		return v, p, nil
	}
	var err error
	if a.prior, a.old, err = read(a.Focus.Reference); err != nil {
		return err
	}
	a.want = a.old
	for _, in := range a.Input {
		if facts.Concept(in.Type) != proposalInput {
			continue
		}
		ref, _ := fhir.ChoiceValue[fhir.Reference](in.Value)
		v, p, err := read(ref.Reference)
		if err != nil {
			return err
		}
		// What cannot be read is not the same again. Another intent is what the patient takes, which the end of a request must not end.
		if v == nil || p.Intent != "proposal" || p.Status == "entered-in-error" || a.proposal != nil {
			a.unread = "What is asked for instead is not in the record, or is no single proposal for this patient."
			continue
		}
		a.proposal, a.want = v, p
	}
	return nil
}

// cannot is why the request cannot be approved as it stands, whoever approves and however many with it; "" if it can.
func (a *asked) cannot() string {
	switch {
	case a.prior == nil:
		return "The prescription that it asks about is not in the record."
	case a.old.Status == "entered-in-error":
		return "The prescription that it asks about was entered in error."
	case dead(a.person):
		return "This patient has died: nothing can be prescribed."
	case a.unread != "":
		return a.unread
	case a.lost != "":
		return a.lost
	case !a.draft.sigOK || a.draft.quantity == nil || a.draft.quantity.Sign() <= 0:
		return "Dose or quantity are not in a form that can be carried over."
	case a.filled != "":
		return a.filled
	}
	return ""
}

func (e *editor) matchOf(p prescription) drugs.Match {
	c, _ := fhir.ChoiceValue[fhir.CodeableConcept](p.Medication)
	return e.library.Resolve(c)
}

// fills reads what was dispensed on a prescription, newest first.
func (e *editor) fills(ctx context.Context, s *record.Session, patient, rx, most string) ([]fill, error) {
	if !s.May(access.Search, "MedicationDispense") {
		return nil, nil
	}
	all, err := facts.Find[fill](ctx, s, "MedicationDispense", patient, facts.Params("prescription", "MedicationRequest/"+rx, "_sort", "-whenhandedover", "_count", most)...)
	return slices.DeleteFunc(all, func(f fill) bool { return f.Status != "completed" && f.Status != "in-progress" }), err
}

// lastVisit is when the patient was last seen here: in person, at home or by video.
func lastVisit(ctx context.Context, s *record.Session, patient string, now time.Time) (words string, at time.Time, err error) {
	if !s.May(access.Search, "Encounter") {
		return "", at, nil
	}
	type encounter struct {
		Class  fhir.Coding
		Type   []fhir.CodeableConcept
		Period fhir.Period
	}
	q := facts.Of("Encounter", patient, facts.Params("status", "finished,in-progress,arrived", "date", "le"+now.Format(time.DateOnly), "class", "AMB,HH,VR,FLD", "_sort", "-date", "_count", "20")...)
	err = facts.Each(ctx, s, q, func(e *record.Entry) error {
		v, err := fhir.View[encounter](e.Resource())
		on := facts.When(v.Period.Start, v.Period.End)
		if err != nil || on.IsZero() {
			return err
		}
		words, at = strings.TrimSuffix(facts.Day(on, now.Location())+", "+facts.First(v.Type), ", "), on.Time(now.Location())
		return facts.ErrEnough
	})
	return words, at, err
}

// monitored reads the newest value of each test that the protocol wants for a medicine.
func monitored(ctx context.Context, s *record.Session, patient string, match drugs.Match, p Protocol, zone *time.Location) ([]tested, error) {
	var out []tested
	for _, m := range p.Monitoring {
		if !m.about(match) {
			continue
		}
		for _, t := range m.Tests {
			at := slices.IndexFunc(out, func(o tested) bool { return slices.Equal(o.Codes, t.Codes) })
			switch {
			case at < 0:
				out = append(out, tested{Test: t, Months: m.Months})
			default:
				out[at].Months = min(out[at].Months, m.Months)
			}
		}
	}
	if !s.May(access.Search, "Observation") {
		return out, nil
	}
	var mu sync.Mutex
	var failed error
	var reads []func()
	for i := range out {
		reads = append(reads, func() {
			var codes []string
			for _, c := range out[i].Codes {
				codes = append(codes, facts.LOINC+"|"+c)
			}
			all, err := facts.Find[facts.Observation](ctx, s, "Observation", patient, facts.Params("code", strings.Join(codes, ","), "_sort", "-date", "_count", "5")...)
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				failed = err
				return
			}
			for _, o := range all {
				if values := o.Values(); o.Valid() && len(values) > 0 && !o.At().IsZero() {
					shown := values[0].Show()
					out[i].At, out[i].Value, out[i].Flag = o.At().Time(zone), strings.TrimSpace(shown.Text+" "+shown.Unit), values[0].Flag()
					return
				}
			}
		})
	}
	facts.Together(reads...)
	return out, failed
}

// judge holds a request against the protocol, line by line.
func (a *asked) judge(e *editor, p Protocol, now time.Time) (out []Verdict) {
	say := func(ok bool, yes, no string) {
		if !ok {
			yes = no
		}
		out = append(out, Verdict{ok, yes})
	}
	if a.prior == nil {
		return []Verdict{{false, "The prescription that it asks about is not in the record"}}
	}
	if a.Priority == "urgent" || a.Priority == "asap" || a.Priority == "stat" {
		say(false, "", "Marked as "+a.Priority)
	}
	if len(a.Note) > 0 { // "I am dizzy since I take it" is not to be approved unread
		say(false, "", "A note came with it: open the request to read it")
	}
	if dead(a.person) {
		say(false, "", "The patient has died")
	}
	active := a.old.Status == "active"
	say(active, "The prescription is active", "The prescription is "+strings.ReplaceAll(a.old.Status, "-", " "))
	same := a.unread == "" && a.lost == "" && a.draft.sigOK
	if a.proposal != nil && same {
		f := web.NewForm(nil)
		same = e.show(a.old, f) == "" && sameDose(e.read(f, nil), a.draft)
	}
	say(same, "The same medicine and dose", cmp.Or(a.unread, a.lost, "Not the same medicine, dose and quantity"))
	if why := a.cannot(); why != "" && same && !dead(a.person) { // else it stands here already
		say(false, "", strings.TrimSuffix(why, "."))
	}
	controlled := slices.ContainsFunc(a.draft.match.Ingredients, (*drugs.Ingredient).Controlled)
	switch {
	case !a.draft.match.Found() || len(a.draft.match.Unknown) > 0:
		say(false, "", "The medicine is not known here: it cannot be told whether it is controlled")
	default:
		say(!controlled, "Not a controlled substance", "A controlled substance")
	}
	limit := now.AddDate(0, -p.VisitMonths, 0)
	switch {
	case a.seen.IsZero():
		say(false, "", "No visit is recorded")
	default:
		say(!a.seen.Before(limit), "Seen within "+format.Count(p.VisitMonths, "month", "months"), "Not seen within "+format.Count(p.VisitMonths, "month", "months"))
	}
	for _, t := range a.tests {
		switch {
		case t.due(now):
			say(false, "", t.words(now))
		case t.Flag.Critical():
			say(false, "", t.words(now))
		}
	}
	if len(a.tests) > 0 && !slices.ContainsFunc(a.tests, func(t tested) bool { return t.due(now) || t.Flag.Critical() }) {
		say(true, "Monitoring is in date", "")
	}
	if stops := a.checks.Report.Stops(); len(stops) > 0 {
		say(false, "", "Safety: "+stops[0].Line())
	} else if missing := a.checks.unchecked(); missing != "" {
		say(false, "", "Not checked: "+missing)
	} else {
		say(true, "No severe alert", "")
	}
	return out
}

func dead(p facts.Patient) bool {
	if yes, ok := fhir.ChoiceValue[bool](p.Deceased); ok {
		return yes
	}
	return !p.Deceased.IsZero()
}

// mine reports whether a request is for somebody who decides: their own, a colleague's for whom they stand in, or nobody's.
func mine(duty facts.Duty, who identity.Principal, t facts.Task) bool {
	return duty.Sees(who.Resource, who.Has(identity.Nurse), who.Has(identity.Clinician), t)
}
