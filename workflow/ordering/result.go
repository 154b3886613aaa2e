package ordering

import (
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
	"github.com/osler-ehr/osler/web/facts"
	"github.com/osler-ehr/osler/web/format"
	"github.com/osler-ehr/osler/web/ui"
)

// The profiles that a result entered by hand claims.
const (
	labProfile    = "http://hl7.org/fhir/us/core/StructureDefinition/us-core-observation-lab"
	reportProfile = "http://hl7.org/fhir/us/core/StructureDefinition/us-core-diagnosticreport-lab"
)

// bench is the form of a result that is entered by hand.
type bench struct {
	order  tracked
	orders []analyte
}

func (e *desk) bench(r *http.Request) (facts.Chart, bench, *record.Version, *record.Version, error) {
	var b bench
	var ov, tv *record.Version
	var p facts.Patient
	ctx, zone := r.Context(), e.d.Shell.Location()
	chart, err := facts.OpenChart(r, e.d.Session, e.d.Shell, func(s *record.Session, id string) (err error) {
		if b.order, ov, tv, err = find(ctx, s, id, r.PathValue("order"), zone); err != nil {
			return err
		}
		v, err := s.Read(ctx, "Patient", id)
		if err != nil {
			return err
		}
		p, err = fhir.View[facts.Patient](v.Resource())
		return err
	})
	if err != nil {
		return chart, b, nil, nil, err
	}
	line, ok := e.catalogue.Of(b.order.Code)
	if !ok {
		line = Orderable{Name: b.order.name(), Code: b.order.Code}
	}
	b.orders, err = analytes(line, p.Gender, p.Born(zone).Time, e.d.Shell.Clock())
	return chart, b, ov, tv, err
}

// blankResult is the form for the result of a test done here.
func (e *desk) blankResult(r *http.Request) (web.View, error) {
	chart, b, ov, tv, err := e.bench(r)
	if err != nil {
		return nil, err
	}
	f := web.NewForm(url.Values{"once": {facts.NewUUID()}, "when": {format.DateTime(e.d.Shell.Clock())}})
	f.Set("version", strconv.FormatInt(written(ov, tv), 10))
	for i, a := range b.orders {
		n := strconv.Itoa(i)
		f.Set("low."+n, a.Low)
		f.Set("high."+n, a.High)
		f.Set("unit."+n, a.Unit)
	}
	return benchWork(chart, b, f, 0), nil
}

func benchWork(chart facts.Chart, b bench, f *web.Form, status int) web.Work {
	href := base(chart.ID) + "/" + url.PathEscape(b.order.ID)
	return web.Work{Title: "Result: " + b.order.name(), Current: "chart", Patient: &chart.Banner, Back: href, Action: href + "/result", Body: b.fields(f), Status: status,
		Buttons: []ui.Button{{Label: "Save the result", Kind: ui.Primary}}}
}

// enterResult keeps the values as Observations with their report, and carries the order on, in one transaction. Who
// ordered the test and enters its result has seen it; for everybody else's it waits in their inbox.
func (e *desk) enterResult(r *http.Request) (web.View, error) {
	f, err := web.ReadForm(r)
	if err != nil {
		return nil, err
	}
	chart, b, ov, tv, err := e.bench(r)
	if err != nil {
		return nil, err
	}
	ctx, now, author := r.Context(), e.d.Shell.Clock(), facts.Author(r.Context())
	if sent, err := e.entered(ctx, chart.Session, f); err != nil {
		return nil, err
	} else if sent {
		return web.Done{To: "/patients/" + url.PathEscape(chart.ID), Say: ui.Message{Lead: b.order.name(), Text: "kept already."}}, nil
	}
	if facts.Editing(f) != written(ov, tv) {
		f.Set("version", strconv.FormatInt(written(ov, tv), 10))
		w := benchWork(chart, b, f, http.StatusConflict)
		w.Messages = []ui.Message{{Tone: ui.Caution, Lead: "The order was changed by somebody else meanwhile.", Text: "It is “" + b.order.name() + "” now, " + b.order.state.words() + ". Nothing was saved; what you typed is below. Compare it with the order, then save again."}}
		return w, nil
	}
	if !b.order.state.open() {
		f.Wrong("v.0", "This order is closed; order the test again.")
	}
	at, ok := typedMoment(f.Text("when"), now)
	if !ok || at.After(now.Add(time.Minute)) {
		f.Wrong("when", "Not a time that is past. Write it as 23-Nov-2026 10:22, or 10:22 for today.")
	}
	var ops []record.Op
	report := struct {
		Meta       fhir.Meta
		Identifier []fhir.Identifier
		BasedOn    []fhir.Reference
		Status     string
		Category   []fhir.CodeableConcept
		Code       fhir.CodeableConcept
		Subject    fhir.Reference
		Effective  fhir.Choice `fhir:"effective[x]"`
		Issued     fhir.Instant
		Performer  []fhir.Reference
		Result     []fhir.Reference
	}{
		Meta: fhir.Meta{Profile: []string{reportProfile}}, BasedOn: []fhir.Reference{fhir.To("ServiceRequest", b.order.ID)}, Status: "final",
		Category: []fhir.CodeableConcept{fhir.Concept("http://terminology.hl7.org/CodeSystem/v2-0074", "LAB", "Laboratory")}, Code: b.order.Code,
		Subject: fhir.To("Patient", chart.ID), Effective: fhir.ChoiceOf(fhir.DateTimeOf(at, fhir.Second)), Issued: fhir.InstantOf(now), Performer: performers(author),
	}
	for i, a := range b.orders {
		o, empty := a.observe(f, strconv.Itoa(i))
		if empty {
			continue
		}
		o.Meta, o.BasedOn, o.Status, o.Subject, o.Effective, o.Issued, o.Performer = fhir.Meta{Profile: []string{labProfile}}, report.BasedOn, "final", report.Subject, report.Effective, report.Issued, report.Performer
		o.Category = []fhir.CodeableConcept{fhir.Concept(facts.ObservationCategory, "laboratory", "Laboratory")}
		op := record.Op{Verb: record.Create, Type: "Observation", FullURL: "urn:uuid:" + facts.NewUUID()}
		o.Identifier, op.Condition = facts.Once(f, "value-"+strconv.Itoa(i))
		if op.Resource, err = fhir.New("Observation", o); err != nil {
			return nil, err
		}
		report.Result = append(report.Result, fhir.Reference{Reference: op.FullURL})
		ops = append(ops, op)
	}
	if len(ops) == 0 {
		f.Wrong("v.0", "Enter what was found.")
	}
	if !f.OK() {
		return benchWork(chart, b, f, http.StatusUnprocessableEntity), nil
	}
	op := record.Op{Verb: record.Create, Type: "DiagnosticReport", FullURL: "urn:uuid:" + facts.NewUUID()}
	report.Identifier, op.Condition = facts.Once(f, "report")
	if op.Resource, err = fhir.New("DiagnosticReport", report); err != nil {
		return nil, err
	}
	follower := follow(b.order.order, fhir.To("ServiceRequest", b.order.ID), b.order.due)
	if b.order.task != nil {
		follower = *b.order.task
	}
	said := "kept. It waits in the inbox of " + or(follower.Owner.Display, "everybody") + "."
	seen := author.Reference != "" && author.Reference == follower.Owner.Reference
	ref := fhir.Reference{Reference: op.FullURL}
	follower.Output = append(follower.Output, facts.Part("result", fhir.ChoiceOf(ref)))
	follower.Business, follower.Status = Resulted.concept(), "in-progress"
	follower.Say(author, now, "Result entered.")
	review := facts.Task{Status: "requested", Intent: "order", Priority: "routine", BasedOn: report.BasedOn, Code: fhir.Concept(facts.TaskKind, facts.ReviewTask, "Review result"),
		Description: b.order.name(), Focus: ref, For: report.Subject, Authored: fhir.DateTimeOf(now, fhir.Second), Modified: fhir.DateTimeOf(now, fhir.Second), Requester: author, Owner: follower.Owner, PerformerType: follower.PerformerType}
	ops = append(ops, op)
	if seen {
		said = "kept."
		follower.Business, follower.Status = Closed.concept(), "completed"
		review.Status, review.Execution.End = "completed", review.Authored
		review.Input = []facts.TaskPart{facts.Part("seen", fhir.ChoiceOf(facts.Seen(1, slices.Repeat([]int64{1}, len(report.Result))...)))}
		review.Say(author, now, "Entered by whoever ordered it.")
		o := b.order.order
		o.Status = "completed"
		doc, err := fhir.Merge(ov.Resource(), o)
		if err != nil {
			return nil, err
		}
		ops = append(ops, record.Op{Verb: record.Update, Type: "ServiceRequest", ID: o.ID, Resource: doc, IfMatch: ov.Version})
	}
	last, err := keep(follower, tv)
	if err != nil {
		return nil, err
	}
	doc, err := fhir.New("Task", review)
	if err != nil {
		return nil, err
	}
	ops = append(ops, last, record.Op{Verb: record.Create, Type: "Task", Resource: doc})
	if _, err := chart.Session.Do(ctx, ops); err != nil {
		reason := facts.Refused(err)
		if facts.Changed(err) {
			reason = "The order was changed meanwhile. Look at it again before you save."
		}
		if reason == "" {
			return nil, err
		}
		w := benchWork(chart, b, f, http.StatusUnprocessableEntity)
		w.Messages = []ui.Message{{Tone: ui.Critical, Lead: "Not saved.", Text: reason}}
		return w, nil
	}
	return web.Done{To: "/patients/" + url.PathEscape(chart.ID), Say: ui.Message{Lead: b.order.name(), Text: said}}, nil
}

// entered reports whether a form was carried out before: its answer was lost, and it comes again.
func (e *desk) entered(ctx context.Context, s *record.Session, f *web.Form) (bool, error) {
	id, _ := facts.Once(f, "report")
	if id == nil {
		return false, nil
	}
	page, err := s.Search(ctx, record.Query{Type: "DiagnosticReport", Params: facts.Params("identifier", id[0].System+"|"+id[0].Value, "_count", "1"), Strict: true})
	if err != nil {
		return false, err
	}
	return len(page.Entries) > 0, nil
}

// value is an Observation as it is written.
type value struct {
	Meta           fhir.Meta
	Identifier     []fhir.Identifier
	BasedOn        []fhir.Reference
	Status         string
	Category       []fhir.CodeableConcept
	Code           fhir.CodeableConcept
	Subject        fhir.Reference
	Effective      fhir.Choice `fhir:"effective[x]"`
	Issued         fhir.Instant
	Performer      []fhir.Reference
	Value          fhir.Choice `fhir:"value[x]"`
	Interpretation []fhir.CodeableConcept
	ReferenceRange []struct{ Low, High fhir.Quantity }
}

// observe reads one value of the form; what is wrong is noted in it.
func (a analyte) observe(f *web.Form, n string) (v value, empty bool) {
	text := f.Text("v." + n)
	if text == "" {
		return v, true
	}
	v.Code = a.Code
	if len(a.Words) > 0 {
		found := false
		for _, w := range a.Words {
			found = found || w == text
		}
		if !found {
			f.Wrong("v."+n, "Choose one of the findings.")
		}
		v.Value, v.Interpretation = fhir.ChoiceOf(fhir.CodeableConcept{Text: text}), a.interpretation(fhir.Decimal{}, text)
		return v, false
	}
	unit := or(a.Unit, f.Text("unit."+n))
	number, err := fhir.ParseDecimal(text)
	if err != nil {
		if a.Unit != "" {
			f.Wrong("v."+n, "Not a number. Write it with a point: 13.4")
		}
		v.Value = fhir.ChoiceOf(text)
		return v, false
	}
	quantity := func(d fhir.Decimal) fhir.Quantity {
		q := fhir.Quantity{Value: d, Unit: unit}
		if a.Unit != "" {
			q.Unit, q.System, q.Code = format.Unit(unit), "http://unitsofmeasure.org", unit
		}
		return q
	}
	v.Value = fhir.ChoiceOf(quantity(number))
	a.Low, a.High = f.Text("low."+n), f.Text("high."+n)
	var limits struct{ Low, High fhir.Quantity }
	for _, l := range []struct {
		name, text string
		to         *fhir.Quantity
	}{{"low.", a.Low, &limits.Low}, {"high.", a.High, &limits.High}} {
		if l.text == "" {
			continue
		}
		d, err := fhir.ParseDecimal(l.text)
		if err != nil {
			f.Wrong(l.name+n, "Not a number. Write it with a point: 13.4")
			continue
		}
		*l.to = quantity(d)
	}
	if a.Low != "" || a.High != "" {
		v.ReferenceRange = append(v.ReferenceRange, limits)
	}
	v.Interpretation = a.interpretation(number, "")
	return v, false
}

func performers(author fhir.Reference) []fhir.Reference {
	if author.IsZero() {
		return nil
	}
	return []fhir.Reference{author}
}

func or(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// typedMoment reads a time: 10:22 for today, 23-Nov-2026 10:22, or a day alone.
func typedMoment(text string, now time.Time) (time.Time, bool) {
	day, clock := strings.TrimSpace(strings.ReplaceAll(text, ",", " ")), ""
	if i := strings.LastIndexByte(day, ' '); i >= 0 && strings.Contains(day[i:], ":") {
		day, clock = day[:i], day[i+1:]
	} else if strings.Contains(day, ":") {
		day, clock = "today", day
	}
	iso, ok := format.TypedDate(day, now)
	if !ok {
		return time.Time{}, false
	}
	if clock == "" {
		clock = "12:00"
		if iso == now.Format(time.DateOnly) {
			return now, true
		}
	}
	at, err := time.ParseInLocation("2006-01-02 15:04", iso+" "+clock, now.Location())
	return at, err == nil
}
