package instruments

import (
	"encoding/json"
	"slices"

	"github.com/a-h/templ"

	"github.com/osler-ehr/osler/fhir"
)

// label is a question as it is asked.
func (t asking) label(it *item) string {
	s := it.Text
	if s == "" && len(it.Code) > 0 {
		s = it.Code[0].Display
	}
	if s == "" {
		s = it.LinkID
	}
	if it.Prefix != "" {
		s = it.Prefix + " " + s
	}
	if u, ok := it.unit(); ok {
		if u.Display == "" {
			u.Display = u.Code
		}
		s += ", " + u.Display
	}
	if it.Required {
		s += " (needed)"
	}
	return s
}

// hint is where an answer comes from, what is usual, or how a date is written.
func (t asking) hint(it *item) string {
	if from := t.from[it.LinkID]; from != "" {
		return from
	}
	if e, ok := fhir.FindExtension(it.Extension, usualURL); ok {
		if n, ok := fhir.ChoiceValue[int](e.Value); ok {
			return "Usual: 0 to " + fhir.DecimalFromInt(int64(n)).String()
		}
	}
	if it.Type == "date" {
		return "2014, Mar 2014, 14-Mar-2014"
	}
	return ""
}

func (it *item) attrs() templ.Attributes {
	switch it.Type {
	case "integer":
		return templ.Attributes{"inputmode": "numeric"}
	case "decimal":
		return templ.Attributes{"inputmode": "decimal"}
	}
	return nil
}

func (it *item) inputType() string {
	if it.Repeats {
		return "checkbox"
	}
	return "radio"
}

func tokenOf(o option) string {
	s, _ := token(o.Value)
	return s
}

func (t asking) chosen(it *item, o option) bool {
	return slices.Contains(t.form.All(it.field()), tokenOf(o))
}

// raises reports whether an answer calls for action at once.
func (it *item) raises(o option) bool {
	_, from, ok := it.alert()
	if !ok {
		return false
	}
	n, counted := it.pointsOf([]fhir.Choice{o.Value})
	return counted && n >= from
}

// off reports whether a question is not asked, given what the form holds now.
func (t asking) off(it *item) bool {
	if len(it.EnableWhen) == 0 {
		return false
	}
	a := answers{}
	for _, other := range t.q.all() {
		if other.asked() {
			for _, o := range other.AnswerOption {
				if t.chosen(other, o) {
					a[other.LinkID] = append(a[other.LinkID], o.Value)
				}
			}
			switch text := t.form.Text(other.field()); {
			case text == "" || len(other.AnswerOption) > 0:
			case other.Type == "boolean":
				a[other.LinkID] = []fhir.Choice{fhir.ChoiceOf(text == "true")}
			default:
				if d, err := fhir.ParseDecimal(text); err == nil {
					a[other.LinkID] = []fhir.Choice{fhir.ChoiceOf(d)}
				} else {
					a[other.LinkID] = []fhir.Choice{fhir.ChoiceOf(text)}
				}
			}
		}
	}
	return !slices.Contains(t.q.enabled(a), it)
}

// when tells the script of the page when a question is asked. What the server makes of the answers does not depend on it.
func (t asking) when(it *item) templ.Attributes {
	if len(it.EnableWhen) == 0 {
		return nil
	}
	type rule struct {
		Question string `json:"q"`
		Operator string `json:"op"`
		Value    string `json:"v"`
	}
	rules := []rule{}
	for _, c := range it.EnableWhen {
		v := ""
		switch x := c.Answer.Value().(type) {
		case bool:
			v = "false"
			if x {
				v = "true"
			}
		case fhir.Decimal:
			v = x.String()
		default:
			v, _ = token(c.Answer)
		}
		rules = append(rules, rule{"a." + c.Question, c.Operator, v})
	}
	b, err := json.Marshal(rules)
	if err != nil {
		return nil
	}
	a := templ.Attributes{"data-when": string(b)}
	if it.EnableBehavior == "all" {
		a["data-all"] = true
	}
	return a
}
