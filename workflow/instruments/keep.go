package instruments

import (
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/fhir/validate"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/web"
	"github.com/osler-ehr/osler/web/facts"
)

const (
	usCore          = "http://hl7.org/fhir/us/core/StructureDefinition/us-core-"
	responseProfile = usCore + "questionnaireresponse"
	screening       = usCore + "observation-screening-assessment"
	clinicalResult  = usCore + "observation-clinical-result"
)

// response is a QuestionnaireResponse as it is written here.
type response struct {
	Meta          fhir.Meta
	Identifier    fhir.Identifier
	Questionnaire string
	Status        string
	Subject       fhir.Reference
	Encounter     fhir.Reference
	Authored      fhir.DateTime
	Author        fhir.Reference
	Item          []given
}

// given is an item of a response.
type given struct {
	LinkID string `fhir:"linkId"`
	Text   string
	Answer []answer
	Item   []given
}

type answer struct {
	Value fhir.Choice `fhir:"value[x]"`
	Item  []given
}

// observation is an Observation as it is written here.
type observation struct {
	Meta           fhir.Meta
	Identifier     []fhir.Identifier
	Status         string
	Category       []fhir.CodeableConcept
	Code           fhir.CodeableConcept
	Subject        fhir.Reference
	Encounter      fhir.Reference
	Effective      fhir.Choice `fhir:"effective[x]"`
	Issued         fhir.Instant
	Performer      []fhir.Reference
	Value          fhir.Choice `fhir:"value[x]"`
	Interpretation []fhir.CodeableConcept
	Note           []fhir.Annotation
	BodySite       fhir.CodeableConcept
	HasMember      []fhir.Reference
	DerivedFrom    []fhir.Reference
}

// filled is a form that was filled in, with all that is kept of it.
type filled struct {
	q          *questionnaire
	form       *web.Form
	answers    answers
	who        person
	patient    string
	encounter  string
	at         fhir.DateTime
	now        time.Time
	author     fhir.Reference
	unfinished bool
	continues  *record.Version // the unfinished response that is gone on with; nil for a new one
	score      score
	scored     bool
	alerts     []alert
}

// ops are what is written, in one transaction: the questionnaire where the record does not hold it yet, the response, the Observations
// that follow from it, and a task for each alert.
func (x *filled) ops() ([]record.Op, error) {
	var ops []record.Op
	if x.q.builtin {
		ops = append(ops, record.Op{Verb: record.Create, Type: "Questionnaire", Resource: x.q.doc, Condition: "url=" + x.q.URL + "&version=" + x.q.Version})
	}
	ref := fhir.Reference{Reference: "urn:uuid:" + facts.NewUUID()}
	id, condition := facts.Once(x.form, "response")
	r := response{
		Meta: fhir.Meta{Profile: []string{responseProfile}}, Questionnaire: x.q.canonical(), Status: "completed", Subject: fhir.To("Patient", x.patient),
		Encounter: x.visit(), Authored: x.at, Author: x.author, Item: x.items(x.q.Item, x.on()),
	}
	if !r.Authored.HasTime() && x.at.Date() == fhir.DateOf(x.now) {
		r.Authored = fhir.DateTimeOf(x.now, fhir.Second)
	}
	if x.unfinished {
		r.Status = "in-progress"
	}
	if len(id) > 0 {
		r.Identifier = id[0]
	}
	if x.continues != nil {
		ref = fhir.To("QuestionnaireResponse", x.continues.ID)
		doc, err := fhir.Merge(x.continues.Resource(), r)
		if err != nil {
			return nil, err
		}
		ops = append(ops, record.Op{Verb: record.Update, Type: "QuestionnaireResponse", ID: x.continues.ID, Resource: doc, IfMatch: facts.Editing(x.form)})
	} else {
		doc, err := checked("QuestionnaireResponse", r)
		if err != nil {
			return nil, err
		}
		ops = append(ops, record.Op{Verb: record.Create, Type: "QuestionnaireResponse", FullURL: ref.Reference, Resource: doc, Condition: condition})
	}
	more, err := x.observations(ref)
	if err != nil {
		return nil, err
	}
	ops = append(ops, more...)
	for i, a := range x.alerts {
		op, err := x.task(a, i, ref)
		if err != nil {
			return nil, err
		}
		ops = append(ops, op)
	}
	return ops, nil
}

// on are the items that are asked, by linkId.
func (x *filled) on() map[string]bool {
	on := map[string]bool{}
	for _, it := range x.q.enabled(x.answers) {
		on[it.LinkID] = true
	}
	return on
}

// items are the answers in the form of the questionnaire. A score stands among them.
func (x *filled) items(items []item, on map[string]bool) (out []given) {
	for i := range items {
		it := &items[i]
		if !on[it.LinkID] || it.Type == "display" {
			continue
		}
		g := given{LinkID: it.LinkID, Text: it.Text, Item: x.items(it.Item, on)}
		for _, v := range x.answers[it.LinkID] {
			g.Answer = append(g.Answer, answer{Value: v})
		}
		if x.counts() && it.LinkID == x.score.item.LinkID {
			value := fhir.ChoiceOf(x.score.value)
			if it.Type == "decimal" {
				value = fhir.ChoiceOf(fhir.DecimalFromInt(int64(x.score.value)))
			}
			g.Answer = []answer{{Value: value}}
		}
		if len(g.Answer) > 0 && it.Type != "group" { // what is asked about an answer stands below it
			g.Answer[0].Item, g.Item = g.Item, nil
		}
		if len(g.Answer) > 0 || len(g.Item) > 0 {
			out = append(out, g)
		}
	}
	return out
}

// counts reports whether there is a score to keep: a form that was left unfinished has none.
func (x *filled) counts() bool { return x.scored && x.score.complete && !x.unfinished }

func (x *filled) visit() fhir.Reference {
	if x.encounter == "" {
		return fhir.Reference{}
	}
	return fhir.To("Encounter", x.encounter)
}

// observations are the score, what else the form says is to be kept so, and the panel that holds them together.
func (x *filled) observations(from fhir.Reference) ([]record.Op, error) {
	if x.unfinished {
		return nil, nil
	}
	var ops []record.Op
	var members []fhir.Reference
	add := func(part string, o observation) error {
		op := record.Op{Verb: record.Create, Type: "Observation", FullURL: "urn:uuid:" + facts.NewUUID()}
		o.Identifier, op.Condition = facts.Once(x.form, part)
		var err error
		if op.Resource, err = checked("Observation", o); err != nil {
			return err
		}
		ops = append(ops, op)
		members = append(members, fhir.Reference{Reference: op.FullURL})
		return nil
	}
	survey := x.scored || !x.measures()
	for _, it := range x.q.enabled(x.answers) {
		if !it.has(extractURL) || len(it.Code) == 0 {
			continue
		}
		o := x.observe(survey, from)
		o.Code = fhir.CodeableConcept{Coding: it.Code, Text: it.Text}
		if it.Code[0].Display != "" {
			o.Code.Text = it.Code[0].Display
		}
		if x.scored && it == x.score.item {
			if !x.score.complete {
				continue
			}
			o.Code.Text = x.q.title()
			o.Value = fhir.ChoiceOf(fhir.Quantity{Value: fhir.DecimalFromInt(int64(x.score.value)), Unit: "score", System: fhir.UCUM, Code: "{score}"})
			if x.score.band.label != "" {
				o.Interpretation = []fhir.CodeableConcept{interpretation(x.score.band)}
			}
		} else if value, ok := x.value(it); ok {
			o.Value = value
			if side := x.side(); side != "" {
				o.Code.Text = side + " " + lower(o.Code.Text)
				o.BodySite = fhir.CodeableConcept{Text: side}
			}
		} else {
			continue
		}
		if err := add(it.LinkID, o); err != nil {
			return nil, err
		}
	}
	panel := x.q.Code
	if len(members) == 0 || len(panel) == 0 || x.scored && panel[0].Code == x.score.item.Code[0].Code {
		return ops, nil
	}
	o := x.observe(survey, from)
	o.Code = fhir.CodeableConcept{Coding: panel, Text: x.q.title()}
	o.HasMember = members
	return ops, add("panel", o)
}

// observe is what all Observations of a form have in common.
func (x *filled) observe(survey bool, from fhir.Reference) observation {
	o := observation{
		Meta: fhir.Meta{Profile: []string{clinicalResult}}, Status: "final", Category: []fhir.CodeableConcept{fhir.Concept(facts.ObservationCategory, "exam", "Exam")},
		Subject: fhir.To("Patient", x.patient), Encounter: x.visit(), Effective: fhir.ChoiceOf(x.at), Issued: fhir.InstantOf(x.now), DerivedFrom: []fhir.Reference{from},
	}
	if survey {
		o.Meta.Profile = []string{screening}
		o.Category = []fhir.CodeableConcept{fhir.Concept(facts.ObservationCategory, "survey", "Survey")}
	}
	if e, ok := fhir.FindExtension(x.q.Extension, categoryURL); ok {
		if c, ok := fhir.ChoiceValue[fhir.Coding](e.Value); ok {
			o.Category = append(o.Category, fhir.CodeableConcept{Coding: []fhir.Coding{c}})
		}
	}
	if !x.author.IsZero() {
		o.Performer = []fhir.Reference{x.author}
	}
	return o
}

// measures reports whether what the form keeps are measured numbers.
func (x *filled) measures() bool {
	for _, it := range x.q.all() {
		if _, ok := it.unit(); ok && it.has(extractURL) {
			return true
		}
	}
	return false
}

// value is an answer as the value of an Observation.
func (x *filled) value(it *item) (fhir.Choice, bool) {
	given := x.answers[it.LinkID]
	if len(given) == 0 {
		return fhir.Choice{}, false
	}
	switch v := given[0].Value().(type) {
	case fhir.Coding:
		return fhir.ChoiceOf(fhir.CodeableConcept{Coding: []fhir.Coding{v}, Text: v.Display}), true
	case bool, string:
		return given[0], true
	case fhir.Date:
		if d, err := fhir.ParseDateTime(v.String()); err == nil {
			return fhir.ChoiceOf(d), true
		}
	}
	n, ok := numeric(given[0])
	if !ok {
		return fhir.Choice{}, false
	}
	u, ok := it.unit()
	if !ok {
		u = fhir.Coding{System: fhir.UCUM, Code: "1"}
	}
	name := u.Display
	if name == "" {
		name = u.Code
	}
	return fhir.ChoiceOf(fhir.Quantity{Value: n, Unit: name, System: u.System, Code: u.Code}), true
}

// side is the answer that qualifies what is measured: Left.
func (x *filled) side() string {
	for _, it := range x.q.all() {
		if _, ok := fhir.FindExtension(it.Extension, qualifierURL); ok && len(x.answers[it.LinkID]) > 0 {
			return label(x.answers[it.LinkID][0])
		}
	}
	return ""
}

// interpretation is a band as an Observation states it.
func interpretation(b band) fhir.CodeableConcept {
	c := fhir.Concept(facts.Interpretation, b.interpretation, map[string]string{"N": "Normal", "A": "Abnormal", "AA": "Critical abnormal"}[b.interpretation])
	c.Text = b.label
	return c
}

// task is the work that an alert makes: urgent, for whoever asked, or for all clinicians where that is nobody who can do it.
func (x *filled) task(a alert, n int, focus fhir.Reference) (record.Op, error) {
	stamp := fhir.DateTimeOf(x.now, fhir.Second)
	t := facts.Task{
		Status: "requested", Intent: "order", Priority: "stat", Code: fhir.Concept(facts.TaskKind, facts.OtherTask, "To do"),
		Description: a.task + ": " + x.q.title() + ", “" + a.said + "”", Focus: focus, For: fhir.To("Patient", x.patient),
		Authored: stamp, Modified: stamp, Requester: x.author,
	}
	if strings.HasPrefix(x.author.Reference, "Practitioner/") {
		t.Give(x.author.Reference, x.author.Display)
	} else {
		t.Give("pool:"+facts.ClinicianPool, "")
	}
	t.Say(x.author, x.now, a.item.Text+": "+a.said+". "+a.text)
	op := record.Op{Verb: record.Create, Type: "Task"}
	t.Identifier, op.Condition = facts.Once(x.form, fmt.Sprintf("alert%d", n))
	var err error
	op.Resource, err = fhir.New("Task", t)
	return op, err
}

// checked makes a resource and holds it against the profile that it claims: what would not pass is a fault of the program or of the
// questionnaire, and is not written.
func checked[V any](typ string, v V) (*fhir.Resource, error) {
	r, err := fhir.New(typ, v)
	if err != nil {
		return nil, err
	}
	for _, issue := range validate.Claimed(r) {
		if issue.Severity == fhir.SeverityError || issue.Severity == fhir.SeverityFatal {
			return nil, fmt.Errorf("the %s does not follow its profile at %s (%s)", typ, issue.Expression, issue.Code)
		}
	}
	return r, nil
}

func lower(s string) string {
	first, size := utf8.DecodeRuneInString(s)
	if size == 0 {
		return s
	}
	return string(unicode.ToLower(first)) + s[size:]
}
