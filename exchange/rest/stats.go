package rest

import (
	"fmt"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/record/search"
	"github.com/osler-ehr/osler/terms/ucum"
)

// statistic is one; of is nil for a count.
type statistic struct {
	code, display string
	of            func(sorted []float64) float64
}

// statistics are those that $stats computes of values in order, and whether they are counts.
// (http://hl7.org/fhir/R4/valueset-observation-statistics.html)
var statistics = []statistic{
	{"average", "Average", mean},
	{"maximum", "Maximum", func(v []float64) float64 { return v[len(v)-1] }},
	{"minimum", "Minimum", func(v []float64) float64 { return v[0] }},
	{"count", "Count", nil},
	{"total-count", "Total Count", nil},
	{"median", "Median", func(v []float64) float64 { return quantile(v, 0.5) }},
	{"std-dev", "Standard Deviation", func(v []float64) float64 { return math.Sqrt(variance(v)) }},
	{"sum", "Sum", sum},
	{"variance", "Variance", variance},
	{"20-percent", "20th Percentile", func(v []float64) float64 { return quantile(v, 0.2) }},
	{"80-percent", "80th Percentile", func(v []float64) float64 { return quantile(v, 0.8) }},
	{"4-lower", "Lower Quartile", func(v []float64) float64 { return quantile(v, 0.25) }},
	{"4-upper", "Upper Quartile", func(v []float64) float64 { return quantile(v, 0.75) }},
}

// maxStatCodes is how many codes one request may ask for: each is a search of its own.
const maxStatCodes = 50

var statsTakes = []string{"subject", "code", "system", "coding", "duration", "period", "statistic", "include", "limit"}

// stats answers with statistics of the observations of a patient, one Observation for each code.
// (http://hl7.org/fhir/R4/observation-operation-stats.html)
func (c *call) stats() (answer, error) {
	subject, _ := c.param("subject")
	codes, err := c.statCodes()
	if err != nil {
		return answer{}, err
	}
	wanted, err := c.statWanted()
	switch {
	case err != nil:
		return answer{}, err
	case !localReference(subject):
		return answer{}, refused(http.StatusBadRequest, "required", "say whose observations are meant: subject=Patient/[id]")
	case len(codes) == 0:
		return answer{}, refused(http.StatusBadRequest, "required", "say which observations are meant: code and system, or coding")
	case len(codes) > maxStatCodes:
		return answer{}, refused(http.StatusBadRequest, "too-costly", "more than "+strconv.Itoa(maxStatCodes)+" codes; ask in several requests")
	}
	dates, err := c.statDates()
	if err != nil {
		return answer{}, err
	}
	limit := 0
	if text, ok := c.param("include"); ok && text == "true" {
		limit = math.MaxInt
	}
	if text, ok := c.param("limit"); ok {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 {
			return answer{}, refused(http.StatusBadRequest, "value", "limit must be a number of 1 or more")
		}
		limit = min(limit, n)
	}
	out := []byte(`{"resourceType":"Parameters","parameter":[`)
	var sources []record.Entry
	for i, code := range codes {
		set, err := c.observed(subject, code, dates, limit-min(limit, len(sources)))
		if err != nil {
			return answer{}, err
		}
		if i > 0 {
			out = append(out, ',')
		}
		out = append(out, `{"name":"statistics","resource":`...)
		out = append(set.write(out, subject, code, wanted), '}')
		sources = append(sources, set.sources...)
	}
	for i := range sources {
		out = append(append(append(out, `,{"name":"source","resource":`...), sources[i].Body...), '}')
	}
	return answer{status: http.StatusOK, body: append(out, `]}`...)}, nil
}

// statCodes are the codes asked for, as system|code.
func (c *call) statCodes() (out []string, err error) {
	system, _ := c.param("system")
	add := func(system, code string) {
		if code = search.Escape(system) + "|" + search.Escape(code); !slices.Contains(out, code) {
			out = append(out, code)
		}
	}
	for _, p := range c.params {
		switch {
		case p.Value == "":
		case p.Name == "code" && system == "":
			return nil, refused(http.StatusBadRequest, "required", "say of which system the code is: system=http://loinc.org")
		case p.Name == "code":
			add(system, p.Value)
		case p.Name == "coding": // in an address, as a token
			s, code, ok := strings.Cut(p.Value, "|")
			if !ok {
				return nil, refused(http.StatusBadRequest, "value", "write coding as system|code")
			}
			add(s, code)
		}
	}
	for p := range c.given("coding") {
		v := p.Get("valueCoding")
		add(v.Get("system").Text(), v.Get("code").Text())
	}
	return out, nil
}

// localReference is true of a reference to a resource of the record.
func localReference(reference string) bool {
	t, ok := fhir.ParseReference(reference)
	return ok && t.Kind == fhir.RelativeTarget
}

// statWanted are the indexes of the statistics asked for.
func (c *call) statWanted() (out []int, err error) {
	for _, p := range c.params {
		if p.Name != "statistic" {
			continue
		}
		for code := range strings.SplitSeq(p.Value, ",") {
			i := slices.IndexFunc(statistics, func(s statistic) bool { return s.code == code })
			if i < 0 {
				var all []string
				for _, s := range statistics {
					all = append(all, s.code)
				}
				return nil, refused(http.StatusBadRequest, "not-supported", "the statistic "+strconv.Quote(clip(code))+" is not computed here; there are "+strings.Join(all, ", "))
			}
			out = append(out, i)
		}
	}
	if out == nil {
		return nil, refused(http.StatusBadRequest, "required", "say what is to be computed, as in statistic=average,maximum")
	}
	return out, nil
}

// statDates limits to the period, or to the hours before now, that are meant.
func (c *call) statDates() (out []search.Param, err error) {
	if text, ok := c.param("duration"); ok {
		hours, err := strconv.ParseFloat(text, 64)
		if err != nil || !(hours > 0) || hours > 1e6 {
			return nil, refused(http.StatusBadRequest, "value", "duration must be a number of hours")
		}
		from := c.clock.Now().Add(-time.Duration(hours * float64(time.Hour)))
		out = append(out, search.Param{Name: "date", Value: "ge" + from.UTC().Format("2006-01-02T15:04:05Z")})
	}
	for p := range c.given("period") {
		v := p.Get("valuePeriod")
		if from := v.Get("start").Text(); from != "" {
			out = append(out, search.Param{Name: "date", Value: "ge" + from})
		}
		if to := v.Get("end").Text(); to != "" {
			out = append(out, search.Param{Name: "date", Value: "le" + to})
		}
	}
	if text, ok := c.param("period"); ok {
		from, to, both := strings.Cut(text, ",")
		if !both {
			return nil, refused(http.StatusBadRequest, "value", "in an address, write period=[start],[end]; either may be left away")
		}
		if from != "" {
			out = append(out, search.Param{Name: "date", Value: "ge" + from})
		}
		if to != "" {
			out = append(out, search.Param{Name: "date", Value: "le" + to})
		}
	}
	return out, nil
}

// observed are the values of a code: of observations, and of their components.
type observed struct {
	values  []float64 // in order
	unit    fhir.Node // a Quantity in the unit of all of them
	all     int       // those without a value too
	sources []record.Entry
}

// observed looks at the observations of a code. At most so many of them are kept as sources.
func (c *call) observed(subject, code string, dates []search.Param, keep int) (*observed, error) {
	out, looked := &observed{}, 0
	params := append([]search.Param{{Name: "subject", Value: subject}, {Name: "combo-code", Value: code}, {Name: "status:not", Value: "entered-in-error,cancelled"},
		{Name: "_sort", Value: "-date"}, {Name: "_count", Value: "1000"}}, dates...)
	q := record.Query{Type: "Observation", Params: params, Strict: true, Base: c.base}
	for {
		page, err := c.session.Search(c.ctx, q)
		if err != nil {
			return nil, err
		}
		for i := range page.Entries {
			doc := page.Entries[i].Resource()
			places := []fhir.Node{doc.Root()}
			for v := range doc.Get("component").Values() {
				places = append(places, v)
			}
			for _, p := range places {
				if !hasCode(p.Get("code"), code) {
					continue
				}
				out.all++
				if err := out.add(p.Get("valueQuantity")); err != nil {
					return nil, err
				}
			}
		}
		looked += len(page.Entries)
		out.sources = append(out.sources, page.Entries[:min(len(page.Entries), keep-len(out.sources))]...)
		if page.Next == "" {
			slices.Sort(out.values)
			return out, nil
		}
		if looked >= maxLooked {
			return nil, refused(http.StatusBadRequest, "too-costly", "there are more than "+strconv.Itoa(maxLooked)+" observations to look at; give a period or a duration")
		}
		q.Page, q.Params = page.Next, nil
	}
}

func hasCode(concept fhir.Node, code string) bool {
	for v := range concept.Get("coding").Values() {
		if strings.EqualFold(search.Escape(v.Get("system").Text())+"|"+search.Escape(v.Get("code").Text()), code) {
			return true
		}
	}
	return false
}

// add adds a value, in the unit of the first.
func (o *observed) add(q fhir.Node) error {
	var d fhir.Decimal
	if d.Read(q.Get("value")) != nil || !q.Get("value").Exists() || q.Get("comparator").Exists() {
		return nil
	}
	if !o.unit.Exists() {
		o.unit = q
	}
	from, to := q.Get("code").Text(), o.unit.Get("code").Text()
	if from != to || q.Get("system").Text() != o.unit.Get("system").Text() || from == "" && q.Get("unit").Text() != o.unit.Get("unit").Text() {
		const units = "http://unitsofmeasure.org"
		converted, err := ucum.Convert(d, from, to, 12)
		if err != nil || q.Get("system").Text() != units || o.unit.Get("system").Text() != units {
			return refused(http.StatusUnprocessableEntity, "not-supported", "the observations are in units that cannot be converted into each other; give a period in which they are in one")
		}
		d = converted
	}
	o.values = append(o.values, d.Float64())
	return nil
}

// write writes the Observation with the statistics as components. Where there are no values, or they are too large to reckon with,
// only the counts are there.
func (o *observed) write(out []byte, subject, code string, wanted []int) []byte {
	parts := splitToken(code)
	out = fmt.Appendf(out, `{"resourceType":"Observation","status":"final","code":{"coding":[{"system":%s,"code":%s}]},"subject":{"reference":%s},"component":[`,
		fhir.AppendString(nil, parts[0]), fhir.AppendString(nil, parts[1]), fhir.AppendString(nil, subject))
	for i, n := range wanted {
		s := statistics[n]
		if i > 0 {
			out = append(out, ',')
		}
		out = fmt.Appendf(out, `{"code":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/observation-statistics","code":%q,"display":%q}]},`, s.code, s.display)
		switch {
		case s.code == "count":
			out = fmt.Appendf(out, `"valueQuantity":{"value":%d}}`, len(o.values))
		case s.code == "total-count":
			out = fmt.Appendf(out, `"valueQuantity":{"value":%d}}`, o.all)
		case len(o.values) == 0 || !finite(s.of(o.values)):
			out = append(out, `"dataAbsentReason":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/data-absent-reason","code":"unknown"}]}}`...)
		default:
			out = fmt.Appendf(out, `"valueQuantity":{"value":%s`, strconv.FormatFloat(rounded(s.of(o.values)), 'f', -1, 64))
			for _, key := range []string{"unit", "system", "code"} {
				if v := o.unit.Get(key); v.Exists() && s.code != "variance" { // which is in the square of it
					out = fmt.Appendf(out, `,%q:%s`, key, v.Raw())
				}
			}
			out = append(out, `}}`...)
		}
	}
	return append(out, `]}`...)
}

func splitToken(code string) [2]string {
	unescaped := strings.NewReplacer(`\\`, `\`, `\,`, `,`, `\|`, "\x00", `\$`, `$`).Replace(code)
	system, c, _ := strings.Cut(unescaped, "|")
	return [2]string{strings.ReplaceAll(system, "\x00", "|"), strings.ReplaceAll(c, "\x00", "|")}
}

// finite is false of what is beyond the numbers that are reckoned with here.
func finite(x float64) bool { return !math.IsInf(x, 0) && !math.IsNaN(x) }

// rounded is a number to ten digits: more would be those of the arithmetic.
func rounded(x float64) float64 {
	y, err := strconv.ParseFloat(strconv.FormatFloat(x, 'g', 10, 64), 64)
	if err != nil {
		return x
	}
	return y
}

func sum(v []float64) (s float64) {
	for _, x := range v {
		s += x
	}
	return s
}

func mean(v []float64) float64 { return sum(v) / float64(len(v)) }

// variance is that of a sample; 0 of a single value.
func variance(v []float64) (s float64) {
	m := mean(v)
	for _, x := range v {
		s += (x - m) * (x - m)
	}
	return s / float64(max(len(v)-1, 1))
}

// quantile interpolates between the values in order.
func quantile(sorted []float64, q float64) float64 {
	at := q * float64(len(sorted)-1)
	i := int(at)
	j := min(i+1, len(sorted)-1)
	return sorted[i] + (at-float64(i))*(sorted[j]-sorted[i])
}
