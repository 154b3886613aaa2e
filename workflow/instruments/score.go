package instruments

import (
	"strings"

	"github.com/osler-ehr/osler/fhir"
)

// score is what the answers of an instrument add up to.
type score struct {
	item     *item
	value    int
	complete bool
	missing  []string // questions without an answer, which it needs
	band     band
	refused  string // why there is none although everything is answered: the instrument is not for this person
	most     int    // the highest there is
	source   string // of the bands
}

// band is what a score between two values means.
type band struct {
	low, high      fhir.Decimal
	label          string
	interpretation string // N, A or AA, as R4 codes it
	sex            string // male or female; "" for everybody else
}

// person is what a score must know of whoever answered.
type person struct {
	sex string // administrative gender
	age int    // in whole years; -1 if it is not known
}

// score computes the score of an instrument; ok is false for one that has none.
func (q *questionnaire) score(a answers, who person) (s score, ok bool) {
	for _, it := range q.all() {
		e, found := fhir.FindExtension(it.Extension, scoreURL)
		if !found {
			continue
		}
		s = score{item: it}
		s.read(e)
		method := ""
		if m, ok := e.Part("method"); ok {
			method, _ = fhir.ChoiceValue[string](m.Value)
		}
		switch method {
		case "sum":
			q.sum(&s, a)
		case "news2":
			q.news2(&s, a, who)
		default:
			return s, false
		}
		s.complete = len(s.missing) == 0 && s.refused == ""
		if s.complete {
			s.band = bandOf(e, s.value, who.sex)
			if method == "news2" {
				s.band = newsBand(s.band, a)
			}
		}
		return s, true
	}
	return s, false
}

func (s *score) read(e fhir.Extension) {
	if m, ok := e.Part("most"); ok {
		s.most, _ = fhir.ChoiceValue[int](m.Value)
	}
	if m, ok := e.Part("source"); ok {
		s.source, _ = fhir.ChoiceValue[string](m.Value)
	}
}

// sum adds the points of all answers that count. Every question that counts and is asked must be answered: nothing is guessed for those
// that are not.
func (q *questionnaire) sum(s *score, a answers) {
	total := 0
	for _, it := range q.enabled(a) {
		if !it.scored() {
			continue
		}
		n, ok := it.pointsOf(a[it.LinkID])
		if !ok {
			s.missing = append(s.missing, it.Text)
			continue
		}
		total += n
	}
	s.value = total
}

// pointsOf are the points of the answers given to an item; ok is false without an answer that counts.
func (it *item) pointsOf(given []fhir.Choice) (n int, ok bool) {
	for _, g := range given {
		for _, o := range it.AnswerOption {
			if !same(g, o.Value) {
				continue
			}
			if p, counts := o.points(); counts {
				if whole, exact := p.Int64(); exact {
					n += int(whole)
					ok = true
				}
			}
		}
	}
	return n, ok
}

// bandOf is the band of a value: one for the person's sex before one for everybody.
func bandOf(e fhir.Extension, value int, sex string) (found band) {
	for _, part := range e.Extension {
		if part.URL != "band" {
			continue
		}
		b := readBand(part)
		if b.sex != "" && b.sex != sex || !b.holds(value) {
			continue
		}
		if found.label == "" || b.sex != "" {
			found = b
		}
	}
	return found
}

func readBand(e fhir.Extension) (b band) {
	for _, p := range e.Extension {
		switch p.URL {
		case "range":
			r, _ := fhir.ChoiceValue[fhir.Range](p.Value)
			b.low, b.high = r.Low.Value, r.High.Value
		case "label":
			b.label, _ = fhir.ChoiceValue[string](p.Value)
		case "interpretation":
			b.interpretation, _ = fhir.ChoiceValue[string](p.Value)
		case "sex":
			b.sex, _ = fhir.ChoiceValue[string](p.Value)
		}
	}
	return b
}

func (b band) holds(value int) bool {
	v := fhir.DecimalFromInt(int64(value))
	return (b.low.IsZero() || v.Compare(b.low) >= 0) && (b.high.IsZero() || v.Compare(b.high) <= 0)
}

// why is why there is no score, as a sentence; "" if there is one.
func (s score) why() string {
	switch {
	case s.refused != "":
		return s.refused
	case len(s.missing) == 1:
		return "No score: one question is not answered: " + strings.TrimSuffix(s.missing[0], "?") + "."
	case len(s.missing) > 1:
		return "No score: " + count(len(s.missing)) + " questions are not answered."
	}
	return ""
}

// alert is what an answer calls for at once.
type alert struct {
	item *item
	said string // the answer
	lead string
	text string
	task string // what somebody must do
}

// alerts are those that the answers raise, whatever the score.
func (q *questionnaire) alerts(a answers) (out []alert) {
	for _, it := range q.enabled(a) {
		al, from, ok := it.alert()
		if !ok {
			continue
		}
		if n, counted := it.pointsOf(a[it.LinkID]); counted && n >= from {
			al.said = label(a[it.LinkID][0])
			out = append(out, al)
		}
	}
	return out
}

// alert is the alert of an item, and from how many points on it is raised.
func (it *item) alert() (al alert, from int, ok bool) {
	e, found := fhir.FindExtension(it.Extension, alertURL)
	if !found {
		return al, 0, false
	}
	al.item = it
	for _, p := range e.Extension {
		switch p.URL {
		case "from":
			from, _ = fhir.ChoiceValue[int](p.Value)
		case "lead":
			al.lead, _ = fhir.ChoiceValue[string](p.Value)
		case "text":
			al.text, _ = fhir.ChoiceValue[string](p.Value)
		case "task":
			al.task, _ = fhir.ChoiceValue[string](p.Value)
		}
	}
	return al, from, true
}
