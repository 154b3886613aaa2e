package instruments

import (
	"slices"
	"strings"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/web"
	"github.com/osler-ehr/osler/web/format"
)

// answers are what was answered, by linkId.
type answers map[string][]fhir.Choice

// field is the name under which a form sends the answer of an item; other is that of an answer which is not in its list.
func (it *item) field() string { return "a." + it.LinkID }
func (it *item) other() string { return "o." + it.LinkID }

// take reads the answers of a form, of the items that are asked given the others, and notes what is wrong with them. Unless the form is
// left unfinished, what must be answered and is not is wrong too.
func (q *questionnaire) take(f *web.Form, now time.Time, unfinished bool) answers {
	typed := answers{}
	for _, it := range q.all() {
		if it.asked() {
			if a := it.read(f, now); len(a) > 0 {
				typed[it.LinkID] = a
			}
		}
	}
	kept := answers{}
	for _, it := range q.enabled(typed) {
		if a, ok := typed[it.LinkID]; ok {
			kept[it.LinkID] = a
		} else if it.Required && it.asked() && !unfinished && f.Error(it.field()) == "" {
			f.Wrong(it.field(), "This must be answered; or save the form unfinished.")
		}
	}
	return kept
}

// read is the answer that a form holds for an item.
func (it *item) read(f *web.Form, now time.Time) []fhir.Choice {
	name := it.field()
	text := f.Text(name)
	if it.Type != "choice" && it.Type != "open-choice" && text == "" {
		return nil
	}
	switch it.Type {
	case "boolean":
		switch text {
		case "true", "false":
			return []fhir.Choice{fhir.ChoiceOf(text == "true")}
		}
		f.Wrong(name, "Choose yes or no.")
	case "integer", "decimal":
		return it.number(f, text)
	case "date":
		iso, ok := format.TypedDate(text, now)
		d, err := fhir.ParseDate(iso)
		if !ok || err != nil {
			f.Wrong(name, "Not a date. Write it as exactly as it is known: 2014, Mar 2014, 14-Mar-2014.")
			return nil
		}
		return []fhir.Choice{fhir.ChoiceOf(d)}
	case "string", "text":
		return []fhir.Choice{fhir.ChoiceOf(text)}
	case "choice", "open-choice":
		var out []fhir.Choice
		for _, sent := range f.All(name) {
			i := slices.IndexFunc(it.AnswerOption, func(o option) bool { t, _ := token(o.Value); return t == sent })
			if i < 0 {
				f.Wrong(name, "Choose an answer from the list.")
				return nil
			}
			out = append(out, it.AnswerOption[i].Value)
		}
		if other := f.Text(it.other()); other != "" && it.Type == "open-choice" {
			out = append(out, fhir.ChoiceOf(other))
		}
		if len(out) > 1 && !it.Repeats {
			f.Wrong(name, "Choose one answer.")
			return nil
		}
		return out
	}
	return nil
}

// number is the answer to a question for a number, within its limits.
func (it *item) number(f *web.Form, text string) []fhir.Choice {
	name := it.field()
	d, err := fhir.ParseDecimal(strings.ReplaceAll(text, ",", "."))
	if err != nil {
		f.Wrong(name, "Not a number.")
		return nil
	}
	if low, ok := it.limit(minURL); ok && d.Compare(low) < 0 {
		f.Wrong(name, "From "+low.String()+" on.")
		return nil
	}
	if high, ok := it.limit(maxURL); ok && d.Compare(high) > 0 {
		f.Wrong(name, "Up to "+high.String()+".")
		return nil
	}
	if it.Type == "decimal" {
		return []fhir.Choice{fhir.ChoiceOf(d)}
	}
	n, ok := d.Int64()
	if !ok || n != int64(int32(n)) {
		f.Wrong(name, "A whole number.")
		return nil
	}
	return []fhir.Choice{fhir.ChoiceOf(int(n))}
}

// enabled are the items that are asked, given the answers: an item within another that is not asked is not asked either. An answer counts
// for a condition only while its own question is asked, so the form is gone through until nothing changes.
func (q *questionnaire) enabled(a answers) []*item {
	all := q.all()
	counted := a
	var out []*item
	for range len(all) + 1 {
		out = nil
		var walk func([]item)
		walk = func(items []item) {
			for i := range items {
				if it := &items[i]; it.enabledBy(counted) {
					out = append(out, it)
					if it.Type == "group" || len(counted[it.LinkID]) > 0 { // what is asked about an answer needs one
						walk(it.Item)
					}
				}
			}
		}
		walk(q.Item)
		next := answers{}
		for _, it := range out {
			if v, ok := a[it.LinkID]; ok {
				next[it.LinkID] = v
			}
		}
		if len(next) == len(counted) {
			break
		}
		counted = next
	}
	return out
}

// enabledBy decides enableWhen. (FHIR R4, Questionnaire.item.enableWhen; without enableBehavior the first condition that is met decides.)
func (it *item) enabledBy(a answers) bool {
	if len(it.EnableWhen) == 0 {
		return true
	}
	for _, c := range it.EnableWhen {
		met := c.met(a[c.Question])
		if it.EnableBehavior == "all" && !met {
			return false
		}
		if it.EnableBehavior != "all" && met {
			return true
		}
	}
	return it.EnableBehavior == "all"
}

// met reports whether one of the answers fits. A question without an answer fits nothing but "exists false".
func (c condition) met(given []fhir.Choice) bool {
	if c.Operator == "exists" {
		want, _ := fhir.ChoiceValue[bool](c.Answer)
		return want == (len(given) > 0)
	}
	return slices.ContainsFunc(given, func(g fhir.Choice) bool {
		switch c.Operator {
		case "=":
			return same(g, c.Answer)
		case "!=":
			return !same(g, c.Answer)
		}
		order, ok := compare(g, c.Answer)
		if !ok {
			return false
		}
		switch c.Operator {
		case ">":
			return order > 0
		case "<":
			return order < 0
		case ">=":
			return order >= 0
		case "<=":
			return order <= 0
		}
		return false
	})
}

// same compares answers: codes by system and code, numbers by value.
func same(a, b fhir.Choice) bool {
	x, ok1 := fhir.ChoiceValue[fhir.Coding](a)
	y, ok2 := fhir.ChoiceValue[fhir.Coding](b)
	if ok1 && ok2 {
		return x.Code == y.Code && (x.System == y.System || y.System == "")
	}
	if order, ok := compare(a, b); ok {
		return order == 0
	}
	return a.Equal(b)
}

// compare orders numbers and dates; ok is false for what has no order.
func compare(a, b fhir.Choice) (order int, ok bool) {
	x, ok1 := numeric(a)
	y, ok2 := numeric(b)
	if ok1 && ok2 {
		return x.Compare(y), true
	}
	d, ok1 := fhir.ChoiceValue[fhir.Date](a)
	e, ok2 := fhir.ChoiceValue[fhir.Date](b)
	if ok1 && ok2 && len(d.String()) == len(e.String()) {
		return strings.Compare(d.String(), e.String()), true
	}
	return 0, false
}

func numeric(c fhir.Choice) (fhir.Decimal, bool) {
	switch v := c.Value().(type) {
	case int:
		return fhir.DecimalFromInt(int64(v)), true
	case fhir.Decimal:
		return v, true
	}
	return fhir.Decimal{}, false
}
