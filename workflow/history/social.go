package history

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/web/facts"
	"github.com/osler-ehr/osler/web/format"
)

const usCore = "http://hl7.org/fhir/us/core/StructureDefinition/us-core-"

// topic is one thing that a social history asks about.
type topic struct {
	name    string // of its field
	label   string
	system  string
	code    string
	title   string // of the code
	profile string
	answers []answer // nil = words
}

// answer is one of a fixed list.
type answer struct {
	value   string // in the form
	text    string
	coding  []fhir.Coding
	current bool // it goes on now
}

func snomed(code, display string) []fhir.Coding {
	return []fhir.Coding{{System: facts.SNOMED, Code: code, Display: display}}
}

func nullFlavor(code, display string) []fhir.Coding {
	return []fhir.Coding{{System: "http://terminology.hl7.org/CodeSystem/v3-NullFlavor", Code: code, Display: display}}
}

// The names of the topics.
const (
	smoking     = "smoking"
	packYears   = "packyears"
	alcohol     = "alcohol"
	drugs       = "drugs"
	occupation  = "occupation"
	orientation = "orientation"
)

// topics are asked in this order. Codes of answers are those of the value sets that US Core 7.0.0 binds.
var topics = []topic{
	{smoking, "Tobacco smoking", facts.LOINC, "72166-2", "Tobacco smoking status", "smokingstatus", []answer{
		{"never", "Never smoker", snomed("266919005", "Never smoked tobacco (finding)"), false},
		{"former", "Former smoker", snomed("8517006", "Ex-smoker (finding)"), false},
		{"some", "Current some day smoker", snomed("428041000124106", "Occasional tobacco smoker (finding)"), true},
		{"daily", "Current every day smoker", snomed("449868002", "Smokes tobacco daily (finding)"), true},
		{"smoker", "Smoker, how often is not known", snomed("77176002", "Smoker (finding)"), true},
		{"unknown", "Unknown, though asked", snomed("266927001", "Tobacco smoking consumption unknown (finding)"), false},
	}},
	{packYears, "Pack-years", facts.SNOMED, "782516008", "Number of calculated smoking pack years", "smokingstatus|7.0.0", nil}, // earlier versions allow words alone,
	{alcohol, "Alcohol", facts.LOINC, "11331-6", "History of Alcohol use", "simple-observation", use("drinks", "drank")},
	{drugs, "Other drugs", facts.LOINC, "11343-1", "History of Other nonmedical drug use", "simple-observation", use("uses", "used")},
	{occupation, "Occupation", facts.LOINC, "11341-5", "History of Occupation", "observation-occupation", nil},
	{orientation, "Sexual orientation", facts.LOINC, "76690-7", "Sexual orientation", "observation-sexual-orientation", []answer{
		{"straight", "Straight or heterosexual", snomed("20430005", "Heterosexual (finding)"), false},
		{"gay", "Lesbian, gay or homosexual", snomed("38628009", "Homosexual (finding)"), false},
		{"bi", "Bisexual", snomed("42035005", "Bisexual (finding)"), false},
		{"other", "Something else", nullFlavor("OTH", "other"), false},
		{"declined", "Asked, not told", nullFlavor("ASKU", "asked but unknown"), false},
		{"unknown", "Does not know", nullFlavor("UNK", "unknown"), false},
	}},
}

// use are the answers to whether somebody takes something. They carry no code: none that may be shipped says just this.
func use(does, did string) []answer {
	return []answer{{"never", "Never", nil, false}, {"former", "Not now, " + did + " before", nil, false}, {"now", "Now " + does, nil, true}, {"declined", "Asked, not told", nil, false}}
}

func topicOf(name string) topic {
	for _, t := range topics {
		if t.name == name {
			return t
		}
	}
	return topic{}
}

// packYearCodes are the codes under which systems keep pack-years.
var packYearCodes = []string{"782516008", "401201003"}

// is reports whether an observation answers a topic.
func (t topic) is(c fhir.CodeableConcept) bool {
	if t.name == packYears {
		for _, code := range packYearCodes {
			if c.Has(facts.SNOMED, code) {
				return true
			}
		}
		return c.Has(facts.LOINC, "8664-5")
	}
	return c.Has(t.system, t.code)
}

// finding is the view of an Observation of a social history.
type finding struct {
	facts.Observation
	Subject fhir.Reference
	Note    []fhir.Annotation
}

// Row is one thing that is known of a person's life.
type Row struct {
	topic topic
	Label string
	Text  string
	When  string
	Href  string
	finding
}

// Social is a social history: of each topic the newest, and what was recorded before.
type Social struct {
	Now, Before []Row
	Person      []Row // gender identity and pronouns, which stand in the demographics
}

// person is the view of the Patient that a social history shows.
type person struct {
	Extension []fhir.Extension
}

func readSocial(ctx context.Context, s *record.Session, patient string, zone *time.Location) (Social, error) {
	var all []finding
	var codes []string
	for _, t := range topics {
		codes = append(codes, t.system+"|"+t.code)
	}
	codes = append(codes, facts.SNOMED+"|"+packYearCodes[1], facts.LOINC+"|8664-5")
	var l Social
	var err, personErr error
	facts.Together(
		func() {
			all, err = facts.FindAll[finding](ctx, s, "Observation", patient, facts.Params("code", strings.Join(codes, ","), "_count", "300")...)
		},
		func() {
			var v *record.Version
			if v, personErr = s.Read(ctx, "Patient", patient); personErr != nil {
				return
			}
			p, viewErr := fhir.View[person](v.Resource())
			if personErr = viewErr; viewErr == nil {
				l.Person = p.rows()
			}
		},
	)
	if err == nil {
		err = personErr
	}
	if err != nil {
		return l, err
	}
	slices.SortStableFunc(all, func(a, b finding) int {
		return cmp.Or(b.began(zone).Compare(a.began(zone)), b.Issued.Time().Compare(a.Issued.Time()), strings.Compare(b.ID, a.ID))
	})
	for _, t := range topics {
		first := true
		for _, f := range all {
			if !t.is(f.Code) || !f.Valid() {
				continue
			}
			row := Row{topic: t, Label: t.label, Text: f.text(), When: f.when(zone), Href: base(patient) + "/social/" + f.ID, finding: f}
			if row.Text == "" {
				continue
			}
			if first {
				l.Now = append(l.Now, row)
			} else if last := l.Before; len(last) == 0 || last[len(last)-1].topic.name != t.name || last[len(last)-1].Text != row.Text || last[len(last)-1].When != row.When {
				l.Before = append(l.Before, row)
			}
			first = false
		}
	}
	return l, nil
}

// began is when a finding was so; of an occupation when it began.
func (f finding) began(zone *time.Location) time.Time {
	if p, ok := fhir.ChoiceValue[fhir.Period](f.Effective); ok && !p.Start.IsZero() {
		return p.Start.Time(zone)
	}
	return f.At().Time(zone)
}

func (f finding) when(zone *time.Location) string {
	if p, ok := fhir.ChoiceValue[fhir.Period](f.Effective); ok {
		start, end := facts.Day(p.Start, zone), facts.Day(p.End, zone)
		switch {
		case start != "" && end != "":
			return start + " – " + end
		case end != "":
			return "until " + end
		case start != "":
			return "since " + start
		}
		return ""
	}
	return facts.Day(f.At(), zone)
}

// text is what was found, with what more was measured and noted.
func (f finding) text() string {
	v := f.Show()
	s := strings.TrimSpace(v.Text + " " + v.Unit)
	if _, ok := f.Quantity(); ok && topicOf(packYears).is(f.Code) {
		s = v.Text
	}
	for _, c := range f.Components {
		if q, ok := c.Quantity(); ok {
			s += ", " + strings.TrimSpace(format.LabNumber(q.Value.String())+" "+lower(facts.Concept(c.Code)))
		} else if words := c.Show().Text; words != "" {
			s += ", " + words
		}
	}
	for _, n := range f.Note {
		if !strings.HasPrefix(n.Text, "Entered in error") {
			s += ", " + n.Text
		}
	}
	return s
}

// rows are gender identity and pronouns, as the demographics have them.
func (p person) rows() (out []Row) {
	add := func(label string, e fhir.Extension) {
		value := e.Value
		if inner, ok := e.Part("value"); ok {
			value = inner.Value
		}
		if c, ok := fhir.ChoiceValue[fhir.CodeableConcept](value); ok && facts.Concept(c) != "" {
			out = append(out, Row{Label: label, Text: facts.Concept(c)})
		}
	}
	for _, e := range p.Extension {
		switch {
		case strings.HasSuffix(e.URL, "/us-core-genderIdentity"), strings.HasSuffix(e.URL, "/patient-genderIdentity"), strings.HasSuffix(e.URL, "/individual-genderIdentity"):
			add("Gender identity", e)
		case strings.HasSuffix(e.URL, "/individual-pronouns"), strings.HasSuffix(e.URL, "/individual-recordedPronouns"):
			add("Pronouns", e)
		}
	}
	return out
}

// is the answer of a topic that a finding gives; "" for words of its own.
func (r Row) answer() string {
	c, ok := fhir.ChoiceValue[fhir.CodeableConcept](r.Value)
	if !ok {
		return ""
	}
	for _, a := range r.topic.answers {
		for _, coding := range a.coding {
			if c.Has(coding.System, coding.Code) {
				return a.value
			}
		}
		if c.Text == a.text {
			return a.value
		}
	}
	return ""
}

func lower(s string) string {
	if len(s) > 1 && s[1] >= 'a' && s[1] <= 'z' {
		return strings.ToLower(s[:1]) + s[1:]
	}
	return s
}
