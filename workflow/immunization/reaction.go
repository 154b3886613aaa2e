package immunization

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/web"
	"github.com/osler-ehr/osler/web/facts"
	"github.com/osler-ehr/osler/web/format"
	"github.com/osler-ehr/osler/web/ui"
)

// reaction is an adverse reaction as a dose has it: the words stand with the reference to its Observation.
type reaction struct {
	Date     fhir.DateTime
	Detail   fhir.Reference
	Reported *bool // by the patient or family, not seen here
}

// words say what it was and when.
func (r reaction) words(zone *time.Location) string {
	out := r.Detail.Display
	if out == "" {
		out = "recorded without words"
	}
	if !r.Date.IsZero() {
		out += ", " + facts.Day(r.Date, zone)
	}
	if r.Reported != nil && *r.Reported {
		out += ", told by patient or family"
	}
	return out
}

// reactionKinds are those that are asked for by name, with their SNOMED CT codes; any other is written in words.
var reactionKinds = []choice{
	{"39579001", "Anaphylaxis"}, {"126485001", "Hives"}, {"41291007", "Swelling of face or throat"}, {"271594007", "Fainting"}, {"91175000", "Seizure"},
	{"386661006", "Fever"}, {"271807003", "Rash"},
}

// otherReaction is the value of the list for what is written in words.
const otherReaction = "other"

// seen is an Observation of a reaction. (LOINC 31044-1, as immunization registries take it.)
type seen struct {
	Identifier []fhir.Identifier
	Status     string
	Code       fhir.CodeableConcept
	Subject    fhir.Reference
	Encounter  fhir.Reference
	Effective  fhir.Choice `fhir:"effective[x]"`
	Issued     fhir.Instant
	Performer  []fhir.Reference
	Value      fhir.Choice `fhir:"value[x]"`
	Note       []fhir.Annotation
	Focus      []fhir.Reference
}

const reactionCode = "31044-1"

// reactionForm asks what happened after a dose.
func (e *editor) reactionForm(r *http.Request) (web.View, error) {
	o, err := e.readDose(r)
	if err != nil {
		return nil, err
	}
	if o.dose.Status != completed {
		return nil, web.ErrNotFound
	}
	o.form = web.NewForm(url.Values{"once": {facts.NewUUID()}, "on": {format.Date(e.d.Shell.Clock())}})
	return o.reactionWork(0), nil
}

func (o openDose) reactionWork(status int) web.Work {
	at := base(o.chart.ID) + "/doses/" + url.PathEscape(o.version.ID)
	return web.Work{
		Title: "Reaction to " + o.dose.name(), Current: "chart", Patient: &o.chart.Banner, Back: base(o.chart.ID), Action: at + "/reaction", Body: reactionFields(o), Status: status,
		Messages: []ui.Message{{Text: "Given on " + facts.Day(o.dose.at(), o.chart.Banner.Now.Location()) + ", lot " + orNotRecorded(o.dose.Lot) + ". A serious reaction is reported to VAERS too, and a severe allergic one is recorded under Allergies: only there is it checked against medicines."}},
		Buttons:  []ui.Button{{Label: "Record the reaction", Kind: ui.Primary}},
	}
}

func orNotRecorded(s string) string {
	if s == "" {
		return "not recorded"
	}
	return s
}

// react records a reaction: an Observation, and the dose that points to it, both or neither.
func (e *editor) react(r *http.Request) (web.View, error) {
	f, err := web.ReadForm(r)
	if err != nil {
		return nil, err
	}
	if f.Text("once") == "" {
		f.Set("once", facts.NewUUID())
	}
	ctx, now := r.Context(), e.d.Shell.Clock()
	o, err := e.readDose(r)
	if err != nil {
		return nil, err
	}
	o.form = f
	if o.dose.Status != completed {
		return nil, facts.Struck()
	}
	said := web.Done{To: base(o.chart.ID), Say: ui.Message{Lead: "A reaction to " + o.dose.name(), Text: "recorded for " + o.chart.Banner.Name.Plain() + "."}}
	if sent, err := facts.Sent(ctx, o.chart.Session, "Observation", f); err != nil || sent {
		return said, err
	}
	what, ok := chosen(reactionKinds, snomedSystem, f.Text("what"))
	words := strings.TrimSpace(f.Text("words"))
	switch {
	case ok:
	case f.Text("what") != otherReaction:
		f.Wrong("what", "Choose what happened.")
	case words == "":
		f.Wrong("words", "Write in a few words what happened.")
	default:
		what = fhir.CodeableConcept{Text: words}
	}
	f.Need("on", "Write when: t for today.")
	on := facts.PastDate(f, "on", now)
	if !on.IsZero() && on.Precision() >= fhir.Day && on.Date().String() < o.dose.at().Date().String() {
		f.Wrong("on", "This lies before the dose.")
	}
	if !f.OK() {
		return o.reactionWork(http.StatusUnprocessableEntity), nil
	}
	by, told := facts.Author(ctx), f.Has("told")
	s := seen{
		Status: "final", Code: fhir.Concept(loincSystem, reactionCode, "Immunization reaction"), Subject: fhir.To("Patient", o.chart.ID), Effective: fhir.ChoiceOf(on),
		Issued: fhir.InstantOf(now), Value: fhir.ChoiceOf(what), Focus: []fhir.Reference{fhir.To("Immunization", o.version.ID)},
	}
	if by.Reference != "" {
		s.Performer = []fhir.Reference{by}
	}
	if ok && words != "" {
		s.Note = []fhir.Annotation{facts.Note(words, by, now)}
	}
	op := record.Op{Verb: record.Create, Type: "Observation", FullURL: "urn:uuid:" + facts.NewUUID()}
	s.Identifier, op.Condition = facts.Once(f, "")
	if op.Resource, err = fhir.New("Observation", s); err != nil {
		return nil, err
	}
	display := facts.Concept(what)
	if ok && words != "" {
		display += ": " + words
	}
	_, err = o.chart.Session.Do(ctx, []record.Op{op, {Verb: record.Patch, Type: "Immunization", ID: o.version.ID, Patch: func(doc *fhir.Resource) (*fhir.Resource, error) {
		d, err := fhir.View[dose](doc)
		if err != nil {
			return nil, err
		}
		if d.Status != completed {
			return nil, facts.Struck()
		}
		d.Reaction = append(d.Reaction, reaction{on, fhir.Reference{Reference: op.FullURL, Display: display}, &told})
		return fhir.Merge(doc, d)
	}}})
	if reason := facts.Refused(err); reason != "" {
		w := o.reactionWork(http.StatusUnprocessableEntity)
		w.Messages = append(w.Messages, ui.Message{Tone: ui.Critical, Lead: "Not saved.", Text: reason})
		return w, nil
	}
	return said, err
}

// reactedBefore names reactions to earlier doses of a vaccine of the same group.
func reactedBefore(p person, groups []string, share func(string) []string, zone *time.Location) (out []string) {
	for _, i := range p.Immunizations {
		if i.Status != completed || len(i.Reaction) == 0 || !overlap(share(i.code()), groups) {
			continue
		}
		at, words := i.on()
		if !at.IsZero() {
			words = facts.Day(at, zone)
		}
		for _, r := range i.Reaction {
			out = append(out, "After "+facts.Concept(i.Vaccine)+" of "+words+" a reaction is recorded: "+r.words(zone)+".")
		}
	}
	return out
}

func overlap(a, b []string) bool {
	for _, x := range a {
		for _, y := range b {
			if x == y {
				return true
			}
		}
	}
	return false
}
