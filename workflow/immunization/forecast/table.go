package forecast

import (
	_ "embed"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

//go:embed schedule.txt
var table string

// reader reads the table: each line belongs to what the lines before it have opened.
type reader struct {
	out   *Schedule
	texts []string
	f     []string // fields of the line, without its kind
	err   error
}

func parse(text string) (*Schedule, error) {
	r := &reader{out: &Schedule{vaccines: map[string]vaccine{}, conflicts: map[string][]conflict{}, observations: map[string]observation{}, conflicting: map[string]bool{},
		bySNOMED: map[string][]string{}, byCVX: map[string][]string{}}, texts: []string{""}}
	n := 0
	for line := range strings.Lines(text) {
		n++
		kind, rest, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		r.f = strings.Split(rest, "\t")
		r.line(kind)
		if r.err != nil {
			return nil, fmt.Errorf("line %d: %w", n, r.err)
		}
	}
	r.finish()
	return r.out, nil
}

func (r *reader) line(kind string) {
	switch kind {
	case "version":
		r.out.Version = r.at(0)
	case "text":
		r.texts = append(r.texts, r.at(0))
	case "group", "vaccine", "conflict", "observation":
		r.common(kind)
	case "antigen":
		r.out.antigens = append(r.out.antigens, antigen{name: r.at(0)})
	case "immune", "born", "never", "without", "of":
		r.ofAntigen(kind)
	case "series", "indication":
		r.ofSeries(kind)
	case "dose":
		s := r.series()
		s.doses = append(s.doses, seriesDose{number: r.number(0), recurring: r.yes(1)})
	case "skip", "set", "if":
		r.ofSkip(kind)
	default:
		r.ofDose(kind)
	}
}

func (r *reader) common(kind string) {
	switch kind {
	case "group":
		r.out.Groups = append(r.out.Groups, Group{Name: r.at(0), full: r.yes(1), Antigens: strings.Split(r.at(2), ";")})
	case "vaccine":
		v := vaccine{name: r.at(1)}
		for part := range strings.SplitSeq(r.at(2), ";") {
			name, ages, _ := strings.Cut(part, "@")
			begin, end, _ := strings.Cut(ages, "..")
			if name != "" {
				v.antigens = append(v.antigens, association{name, r.parseSpan(begin), r.parseSpan(end)})
			}
		}
		r.out.vaccines[r.at(0)] = v
	case "conflict":
		c := conflict{r.at(0), r.span(2), r.span(3), r.span(4)}
		r.out.conflicting[c.previous] = true
		for _, current := range strings.Fields(r.at(1)) {
			r.out.conflicts[current] = append(r.out.conflicts[current], c)
		}
	case "observation":
		o := observation{r.at(0), r.at(1)}
		r.out.observations[o.code] = o
		for _, code := range strings.Fields(r.at(2)) {
			r.out.bySNOMED[code] = append(r.out.bySNOMED[code], o.code)
		}
		for _, code := range strings.Fields(r.at(3)) {
			r.out.byCVX[code] = append(r.out.byCVX[code], o.code)
		}
	}
}

func (r *reader) ofAntigen(kind string) {
	if len(r.out.antigens) == 0 {
		r.err = fmt.Errorf("%s stands before any antigen", kind)
		return
	}
	a := &r.out.antigens[len(r.out.antigens)-1]
	switch kind {
	case "immune":
		a.immune = append(a.immune, r.at(0))
	case "born":
		a.born = append(a.born, bornImmunity{r.date(0), r.at(1), strings.Fields(r.at(2))})
	case "never":
		a.never = append(a.never, contraindication{observation: r.at(0), begin: r.span(1), end: r.span(2), text: r.text(3), guidance: r.text(4)})
	case "without":
		a.without = append(a.without, contraindication{observation: r.at(0), text: r.text(1), guidance: r.text(2)})
	case "of":
		if len(a.without) == 0 {
			r.err = fmt.Errorf("vaccines stand before any contraindication")
			return
		}
		c := &a.without[len(a.without)-1]
		c.vaccines = append(c.vaccines, vaccineAges{strings.Fields(r.at(0)), r.span(1), r.span(2)})
	}
}

func (r *reader) ofSeries(kind string) {
	if kind == "indication" {
		s := r.series()
		s.indications = append(s.indications, indication{r.at(0), r.span(1), r.span(2), r.text(3), r.text(4)})
		return
	}
	if len(r.out.antigens) == 0 {
		r.err = fmt.Errorf("a series stands before any antigen")
		return
	}
	s := &series{name: r.at(0), group: r.at(1), byDefault: r.yes(4), product: r.yes(5), seriesGroup: r.at(6), equivalent: strings.FieldsFunc(r.at(7), func(c rune) bool { return c == ',' || c == ';' || c == ' ' }),
		priority: r.at(8), preference: r.preference(9), minimumToStart: r.span(10), maximumToStart: r.span(11)}
	switch r.at(2) {
	case "Standard":
		s.kind = Standard
	case "Risk":
		s.kind = Risk
	case "Evaluation Only":
		s.kind = EvaluationOnly
	default:
		r.err = fmt.Errorf("%q is no type of series", r.at(2))
	}
	s.shared = strings.Contains(strings.ToLower(s.name), "shared clinical decision") // the supporting data tell it by the name alone
	for _, g := range strings.Fields(r.at(3)) {
		s.genders = append(s.genders, Gender(strings.ToLower(g)))
	}
	for _, n := range strings.Fields(r.at(12)) {
		s.guidance = append(s.guidance, r.textOf(n))
	}
	a := &r.out.antigens[len(r.out.antigens)-1]
	a.series = append(a.series, s)
}

func (r *reader) ofDose(kind string) {
	s := r.series()
	if len(s.doses) == 0 {
		r.err = fmt.Errorf("%s stands before any dose", kind)
		return
	}
	d := &s.doses[len(s.doses)-1]
	switch kind {
	case "age":
		d.ages = append(d.ages, ageLimits{r.span(0), r.span(1), r.span(2), r.span(3), r.span(4), r.date(5), r.date(6)})
	case "interval":
		d.intervals = append(d.intervals, interval{r.reference(0), r.span(1), r.span(2), r.span(3), r.span(4), r.yes(5), r.date(6), r.date(7)})
	case "allowable":
		d.allowable = append(d.allowable, interval{from: r.reference(0), absoluteMinimum: r.span(1), effective: r.date(2), cessation: r.date(3)})
	case "prefer":
		p := preferable{cvx: r.at(0), begin: r.span(1), end: r.span(2), mvx: r.at(3), forecast: r.yes(5)}
		if v := r.at(4); v != "" {
			p.volume, r.err = strconv.ParseFloat(v, 64)
		}
		d.preferable = append(d.preferable, p)
	case "allow":
		d.allowed = append(d.allowed, vaccineAges{strings.Fields(r.at(0)), r.span(1), r.span(2)})
	case "inadvertent":
		d.inadvertent = append(d.inadvertent, strings.Fields(r.at(0))...)
	case "season":
		d.seasonStart, d.seasonEnd = r.date(0), r.date(1)
	default:
		r.err = fmt.Errorf("%q is no kind of line", kind)
	}
}

func (r *reader) ofSkip(kind string) {
	s := r.series()
	if len(s.doses) == 0 {
		r.err = fmt.Errorf("%s stands before any dose", kind)
		return
	}
	d := &s.doses[len(s.doses)-1]
	if kind == "skip" {
		context := r.at(0)
		d.skips = append(d.skips, skip{evaluation: context != "Forecast", forecast: context != "Evaluation", any: r.at(1) == "OR"})
		return
	}
	if len(d.skips) == 0 {
		r.err = fmt.Errorf("%s stands before any skip", kind)
		return
	}
	k := &d.skips[len(d.skips)-1]
	if kind == "set" {
		k.sets = append(k.sets, skipSet{any: r.at(0) == "OR", effective: r.date(1), cessation: r.date(2), text: r.text(3)})
		return
	}
	if len(k.sets) == 0 {
		r.err = fmt.Errorf("a condition stands before any set")
		return
	}
	set := &k.sets[len(k.sets)-1]
	set.conditions = append(set.conditions, r.condition())
	if set.conditions[len(set.conditions)-1].kind == byCompletedSeries {
		s.needsOthers = true
	}
}

func (r *reader) condition() condition {
	c := condition{start: r.date(1), end: r.date(2), begin: r.span(3), finish: r.span(4), interval: r.span(5), total: strings.EqualFold(r.at(7), "total"), vaccines: strings.Fields(r.at(9)), groups: strings.Fields(r.at(10))}
	switch kind := strings.ToLower(r.at(0)); {
	case kind == "age":
		c.kind = byAge
	case kind == "completed series":
		c.kind = byCompletedSeries
	case kind == "interval":
		c.kind = byInterval
	case strings.HasPrefix(kind, "vaccine count"):
		c.kind, c.count = byCount, r.number(6)
	default:
		r.err = fmt.Errorf("%q is no type of condition", r.at(0))
	}
	switch strings.ToLower(r.at(8)) {
	case "", "greater than":
		c.compare = moreThan
	case "equal to":
		c.compare = exactly
	case "less than":
		c.compare = fewerThan
	default:
		r.err = fmt.Errorf("%q is no comparison", r.at(8))
	}
	return c
}

// finish orders the series so that those which look at others come after them.
func (r *reader) finish() {
	for i := range r.out.antigens {
		slices.SortStableFunc(r.out.antigens[i].series, func(a, b *series) int {
			switch {
			case a.needsOthers == b.needsOthers:
				return 0
			case b.needsOthers:
				return -1
			}
			return 1
		})
	}
}

// series is the series whose lines are being read.
func (r *reader) series() *series {
	if n := len(r.out.antigens); n > 0 {
		if list := r.out.antigens[n-1].series; len(list) > 0 {
			return list[len(list)-1]
		}
	}
	r.err = fmt.Errorf("the line stands before any series")
	return &series{}
}

func (r *reader) at(i int) string {
	if i < len(r.f) {
		return r.f[i]
	}
	return ""
}

func (r *reader) yes(i int) bool { return r.at(i) == "Y" }

func (r *reader) number(i int) int {
	n, err := strconv.Atoi(r.at(i))
	if err != nil {
		r.err = fmt.Errorf("%q is no number", r.at(i))
	}
	return n
}

// preference is the rank of a series among its like; some series have none.
func (r *reader) preference(i int) int {
	if r.at(i) == "" {
		return 0
	}
	return r.number(i)
}

func (r *reader) text(i int) string { return r.textOf(r.at(i)) }

func (r *reader) textOf(s string) string {
	if s == "" {
		return ""
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < 0 || n >= len(r.texts) {
		r.err = fmt.Errorf("%q is the number of no text", s)
		return ""
	}
	return r.texts[n]
}

func (r *reader) date(i int) Date {
	if r.at(i) == "" {
		return 0
	}
	d, err := ParseDate(r.at(i))
	if err != nil {
		r.err = err
	}
	return d
}

func (r *reader) span(i int) Span { return r.parseSpan(r.at(i)) }

func (r *reader) parseSpan(s string) Span {
	out, err := parseSpan(s)
	if err != nil {
		r.err = err
	}
	return out
}

func (r *reader) reference(i int) reference {
	kind, rest, _ := strings.Cut(r.at(i), " ")
	switch kind {
	case "previous":
		return reference{previous: true}
	case "vaccine":
		return reference{vaccines: strings.Fields(rest)}
	case "observation":
		return reference{observation: rest}
	case "dose":
		if n, err := strconv.Atoi(rest); err == nil {
			return reference{dose: n}
		}
	}
	r.err = fmt.Errorf("%q is nothing to count from", r.at(i))
	return reference{}
}
