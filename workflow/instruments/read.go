package instruments

import (
	"cmp"
	"context"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/web/clinical"
	"github.com/osler-ehr/osler/web/facts"
)

// kept is the view of an Observation that a form has made, or that has the code of a score.
type kept struct {
	facts.Observation
	DerivedFrom []fhir.Reference
}

// trendOf is one score or measure over time.
type series struct {
	name   string
	unit   string
	place  int // among the instruments that come with the program
	source string
	values []point // newest first
	trend  *clinical.Trend
}

// point is one value with what it means.
type point struct {
	at   fhir.DateTime
	text string
	band string
	flag clinical.Flag
	href string // of the answers; "" where only the score is known
}

// warning is an alert that stands until the question is answered otherwise.
type warning struct {
	lead, text, href string
}

// most is how many Observations are read at a time: those of twenty years.
const most = 1000

// readSeries reads all scores and measures of a patient, and the alerts that stand.
func readSeries(ctx context.Context, s *record.Session, patient string, now time.Time) ([]series, []warning, error) {
	known, err := builtins()
	if err != nil {
		return nil, nil, err
	}
	all, err := facts.FindAll[kept](ctx, s, "Observation", patient, facts.Params("category", "survey,exam", "_sort", "-date", "_count", strconv.Itoa(most))...)
	if err != nil {
		return nil, nil, err
	}
	asked, err := readAsked(ctx, s, known, patient)
	if err != nil {
		return nil, nil, err
	}
	v, err := s.Read(ctx, "Patient", patient)
	if err != nil {
		return nil, nil, err
	}
	who, err := fhir.View[asker](v.Resource())
	if err != nil {
		return nil, nil, err
	}
	return seriesOf(known, all, who.Gender, patient, now.Location()), warningsOf(known, asked, patient, now.Location()), nil
}

// readAsked reads the answers to the questions that have an alert, newest first and by themselves: no number of other Observations may
// hide one.
func readAsked(ctx context.Context, s *record.Session, known []*questionnaire, patient string) ([]kept, error) {
	var codes []string
	for _, q := range known {
		for _, it := range q.all() {
			if _, _, ok := it.alert(); ok && len(it.Code) > 0 {
				codes = append(codes, it.Code[0].System+"|"+it.Code[0].Code)
			}
		}
	}
	if len(codes) == 0 {
		return nil, nil
	}
	return facts.FindAll[kept](ctx, s, "Observation", patient, facts.Params("code", strings.Join(codes, ","), "_sort", "-date", "_count", strconv.Itoa(most))...)
}

// totals are the items that hold a score, by LOINC or own code, with their place.
func totals(known []*questionnaire) map[string]struct {
	q     *questionnaire
	it    *item
	place int
} {
	out := map[string]struct {
		q     *questionnaire
		it    *item
		place int
	}{}
	for n, q := range known {
		for _, it := range q.all() {
			if _, ok := fhir.FindExtension(it.Extension, scoreURL); ok && len(it.Code) > 0 {
				out[it.Code[0].System+"|"+it.Code[0].Code] = struct {
					q     *questionnaire
					it    *item
					place int
				}{q, it, n}
			}
		}
	}
	return out
}

func seriesOf(known []*questionnaire, all []kept, sex, patient string, zone *time.Location) []series {
	scores := totals(known)
	byKey := map[string]*series{}
	values := map[string][]facts.Value{}
	var order []string
	for _, o := range all {
		q, isNumber := o.Quantity()
		if !o.Valid() || !isNumber || q.Value.IsZero() || len(o.Code.Coding) == 0 {
			continue
		}
		coded := o.Code.Coding[0].System + "|" + o.Code.Coding[0].Code
		p := point{at: o.At(), text: o.Show().Text, flag: o.Flag(), href: answersOf(o, patient)}
		total, isScore := scores[coded]
		key := coded
		if !isScore {
			if p.href == "" { // measured by others, elsewhere
				continue
			}
			key += "|" + o.Code.Text
		}
		row := byKey[key]
		if row == nil {
			row = &series{name: short(facts.Concept(o.Code)), place: len(known), unit: o.Show().Unit}
			if isScore {
				row.name, row.place, row.unit = total.q.title(), total.place, ""
				var s score
				e, _ := fhir.FindExtension(total.it.Extension, scoreURL)
				s.read(e)
				row.source = s.source
			}
			byKey[key] = row
			order = append(order, key)
		}
		value := facts.Value{Measured: o.Measured, At: o.At(), ID: o.ID}
		if isScore { // a score of others is judged as ours are: what they call normal need not be
			e, _ := fhir.FindExtension(total.it.Extension, scoreURL)
			if n, ok := q.Value.Int64(); ok {
				b := bandOf(e, int(n), sex)
				p.band, p.flag = b.label, clinical.FlagOf(b.interpretation)
			}
			for _, i := range o.Interpretation {
				if i.Text != "" && p.href != "" { // as it was said when the form was filled in
					p.band, p.flag = i.Text, o.Flag()
				}
			}
			value.Value = fhir.ChoiceOf(fhir.Quantity{Value: q.Value, Code: "{score}"}) // whatever they call its unit
		}
		row.values = append(row.values, p)
		value.Ranges = nil
		values[key] = append(values[key], value)
	}
	var out []series
	for _, key := range order {
		row := byKey[key]
		if row.trend = facts.Trend(clinical.SparkWide, values[key], zone); row.trend != nil {
			row.trend.Title = row.name
			for i := range row.trend.Series[0].Points { // newest last, as in values from their end
				n := len(row.trend.Series[0].Points) - 1 - i
				row.trend.Series[0].Points[i].Flag = row.values[n].flag
			}
		}
		out = append(out, *row)
	}
	slices.SortStableFunc(out, func(a, b series) int {
		return cmp.Or(cmp.Compare(a.place, b.place), strings.Compare(a.name, b.name))
	})
	return out
}

// answersOf is the address of the answers from which an observation was made.
func answersOf(o kept, patient string) string {
	for _, ref := range o.DerivedFrom {
		if t, ok := ref.Target(); ok && t.Type == "QuestionnaireResponse" && t.ID != "" {
			return base(patient) + "/" + url.PathEscape(t.ID)
		}
	}
	return ""
}

// warningsOf are the alerts of the newest answers to questions that have some.
func warningsOf(known []*questionnaire, all []kept, patient string, zone *time.Location) (out []warning) {
	seen := map[string]bool{}
	for _, o := range all { // newest first
		if !o.Valid() {
			continue
		}
		for _, q := range known {
			for _, it := range q.all() {
				al, from, ok := it.alert()
				if !ok || len(it.Code) == 0 || seen[it.Code[0].Code] || !slices.ContainsFunc(o.Code.Coding, func(c fhir.Coding) bool { return c.Is(it.Code[0].System, it.Code[0].Code) }) {
					continue
				}
				c, ok := fhir.ChoiceValue[fhir.CodeableConcept](o.Value)
				if !ok {
					continue
				}
				for _, coding := range c.Coding {
					n, counted := it.pointsOf([]fhir.Choice{fhir.ChoiceOf(coding)})
					if !counted {
						continue // an answer that is not understood takes nothing back
					}
					seen[it.Code[0].Code] = true
					if n >= from {
						out = append(out, warning{al.lead, q.title() + ", " + facts.Day(o.At(), zone) + ": “" + facts.Concept(c) + "”. " + al.text, answersOf(o, patient)})
					}
					break
				}
			}
		}
	}
	return out
}

// answers are those of a response, by linkId.
func (r response) answers() answers {
	out := answers{}
	var walk func([]given)
	walk = func(items []given) {
		for _, g := range items {
			for _, a := range g.Answer {
				out[g.LinkID] = append(out[g.LinkID], a.Value)
				walk(a.Item)
			}
			walk(g.Item)
		}
	}
	walk(r.Item)
	return out
}
