package instruments

import (
	"embed"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/osler-ehr/osler/fhir"
)

// The extensions by which a Questionnaire says more than R4 has elements for.
const (
	own          = "https://osler.example/fhir/StructureDefinition/questionnaire-"
	scoreURL     = own + "score"     // on the item of a score: method, bands, source
	alertURL     = own + "alert"     // on an item: which answers call for action at once
	usualURL     = own + "usual"     // on a number: what is usual, for the hint
	categoryURL  = own + "category"  // on the form: what its Observations are about besides, as us-core-category codes it
	qualifierURL = own + "qualifier" // on a choice: its answer qualifies what is measured; valueCode "side"

	ordinalURL = "http://hl7.org/fhir/StructureDefinition/ordinalValue"
	unitURL    = "http://hl7.org/fhir/StructureDefinition/questionnaire-unit"
	minURL     = "http://hl7.org/fhir/StructureDefinition/minValue"
	maxURL     = "http://hl7.org/fhir/StructureDefinition/maxValue"
	sdc        = "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-"
	extractURL = sdc + "observationExtract"
	linkURL    = sdc + "observationLinkPeriod"
)

// questionnaire is a form with where it came from.
type questionnaire struct {
	view
	doc     *fhir.Resource
	builtin bool // it came with the program
}

// view is the view of a Questionnaire.
type view struct {
	ID          string
	Extension   []fhir.Extension
	URL         string `fhir:"url"`
	Version     string
	Name        string
	Title       string
	Status      string
	SubjectType []string
	Description string
	Copyright   string
	Code        []fhir.Coding
	Item        []item
}

// item is a question, a group of them, or words.
type item struct {
	Extension      []fhir.Extension
	LinkID         string `fhir:"linkId"`
	Code           []fhir.Coding
	Prefix         string
	Text           string
	Type           string
	EnableWhen     []condition
	EnableBehavior string
	Required       bool
	Repeats        bool
	ReadOnly       bool
	AnswerValueSet string
	AnswerOption   []option
	Item           []item
}

// condition is when an item is asked.
type condition struct {
	Question string
	Operator string
	Answer   fhir.Choice `fhir:"answer[x]"`
}

// option is a permitted answer.
type option struct {
	Extension []fhir.Extension
	Value     fhir.Choice `fhir:"value[x]"`
}

// title is what the instrument is called.
func (q *questionnaire) title() string {
	for _, s := range []string{q.Title, q.Name, q.URL} {
		if s != "" {
			return s
		}
	}
	return "Form without a title"
}

// canonical is how a QuestionnaireResponse names it.
func (q *questionnaire) canonical() string {
	url := q.URL
	if url == "" {
		return "Questionnaire/" + q.ID
	}
	if q.Version != "" {
		url += "|" + q.Version
	}
	return url
}

// all are the items in the order in which they are asked, those within others included.
func (q *questionnaire) all() []*item {
	var out []*item
	var walk func([]item)
	walk = func(items []item) {
		for i := range items {
			out = append(out, &items[i])
			walk(items[i].Item)
		}
	}
	walk(q.Item)
	return out
}

// find is the item of a linkId; nil if there is none.
func (q *questionnaire) find(link string) *item {
	for _, it := range q.all() {
		if it.LinkID == link {
			return it
		}
	}
	return nil
}

// has reports whether a boolean extension is set.
func (it *item) has(url string) bool {
	e, ok := fhir.FindExtension(it.Extension, url)
	yes, _ := fhir.ChoiceValue[bool](e.Value)
	return ok && yes
}

// points are what an answer counts; ok is false for one that counts nothing.
func (o option) points() (n fhir.Decimal, ok bool) {
	e, found := fhir.FindExtension(o.Extension, ordinalURL)
	if !found {
		return n, false
	}
	return fhir.ChoiceValue[fhir.Decimal](e.Value)
}

// scored reports whether the answers of an item count.
func (it *item) scored() bool {
	return slices.ContainsFunc(it.AnswerOption, func(o option) bool { _, ok := o.points(); return ok })
}

// unit is the unit of a number, for people and for computers.
func (it *item) unit() (c fhir.Coding, ok bool) {
	e, found := fhir.FindExtension(it.Extension, unitURL)
	if !found {
		return c, false
	}
	return fhir.ChoiceValue[fhir.Coding](e.Value)
}

// limit is the least or the greatest number that is permitted.
func (it *item) limit(url string) (fhir.Decimal, bool) {
	e, ok := fhir.FindExtension(it.Extension, url)
	if !ok {
		return fhir.Decimal{}, false
	}
	switch v := e.Value.Value().(type) {
	case int:
		return fhir.DecimalFromInt(int64(v)), true
	case fhir.Decimal:
		return v, true
	}
	return fhir.Decimal{}, false
}

// unsupported is why an item cannot be asked here; "" if it can.
func (it *item) unsupported() string {
	switch it.Type {
	case "display":
		return ""
	case "group":
		if it.Repeats {
			return "a group that repeats"
		}
		return ""
	case "boolean", "integer", "decimal", "date", "string", "text":
		if it.Repeats {
			return "an answer of type " + it.Type + " that repeats"
		}
		return ""
	case "choice", "open-choice":
		if len(it.AnswerOption) == 0 {
			return "a choice from a list that does not stand in the form (" + it.AnswerValueSet + ")"
		}
		if it.Type == "open-choice" && it.Repeats {
			return "several answers, or others than the listed ones"
		}
		for _, o := range it.AnswerOption {
			if _, ok := token(o.Value); !ok {
				return "an answer of type " + o.Value.Type()
			}
		}
		return ""
	case "":
		return "an item without a type"
	}
	return "an answer of type " + it.Type
}

// asked reports whether a person answers the item here.
func (it *item) asked() bool {
	return it.Type != "display" && it.Type != "group" && !it.ReadOnly && it.unsupported() == ""
}

// token is how a form sends an answer from a list, and label what people read.
func token(c fhir.Choice) (string, bool) {
	switch v := c.Value().(type) {
	case fhir.Coding:
		return v.System + "|" + v.Code, v.Code != ""
	case string:
		return v, v != ""
	case int:
		return fhir.DecimalFromInt(int64(v)).String(), true
	case fhir.Date:
		return v.String(), true
	}
	return "", false
}

func label(c fhir.Choice) string {
	switch v := c.Value().(type) {
	case fhir.Coding:
		if v.Display != "" {
			return v.Display
		}
		return v.Code
	case bool:
		if v {
			return "Yes"
		}
		return "No"
	case fhir.Decimal:
		return v.String()
	}
	s, _ := token(c)
	return s
}

//go:embed builtin/*.json
var files embed.FS

// builtins are the instruments that come with the program, in the order in which they are offered.
func builtins() ([]*questionnaire, error) {
	var out []*questionnaire
	for _, name := range []string{"phq-2", "phq-9", "gad-7", "audit-c", "pain", "news2", "range-of-motion", "social-needs"} {
		src, err := files.ReadFile(path.Join("builtin", name+".json"))
		if err != nil {
			return nil, err
		}
		doc, err := fhir.Parse(src)
		if err != nil {
			return nil, fmt.Errorf("%s.json: %w", name, err)
		}
		q, err := read(doc)
		if err != nil {
			return nil, fmt.Errorf("%s.json: %w", name, err)
		}
		q.ID, q.builtin = name, true
		out = append(out, q)
	}
	return out, nil
}

// read is the questionnaire of a document.
func read(doc *fhir.Resource) (*questionnaire, error) {
	v, err := fhir.View[view](doc)
	if err != nil {
		return nil, err
	}
	return &questionnaire{view: v, doc: doc}, nil
}

// forPatients reports whether it is asked of people, not of specimens or practices.
func (q *questionnaire) forPatients() bool {
	return len(q.SubjectType) == 0 || slices.Contains(q.SubjectType, "Patient")
}

// short is the name without what stands in brackets, for a row.
func short(name string) string {
	name, _, _ = strings.Cut(name, " [")
	return strings.TrimSpace(name)
}
