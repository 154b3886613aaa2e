package drugs

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// Kinds of sets that can be added.
const (
	KindIngredients  = "ingredients"
	KindInteractions = "interactions"
	KindAllergies    = "allergies"
	KindDoses        = "doses"
)

// columns are the columns of each kind of set, as the first line of its file names them. A list in a field stands between semicolons.
var columns = map[string][]string{
	KindIngredients:  {"name", "rxcui", "classes", "brands", "other_names"},
	KindInteractions: {"id", "severity", "side_a", "side_b", "effect", "advice"},
	KindAllergies:    {"class", "name", "members", "recorded_as", "cross_severity"},
	KindDoses:        {"ingredient", "route", "from_years", "below_years", "most_at_once", "most_in_period", "unit", "period"},
}

// Columns are the columns of a kind of set; nil if there is no such kind.
func Columns(kind string) []string { return slices.Clone(columns[kind]) }

// Added is a set of names or rules that a practice loaded beside what ships.
type Added struct {
	ID      string    `json:"id"` // of title and kind: a newer version takes the place of an older one
	Kind    string    `json:"kind"`
	Title   string    `json:"title"` // of the source, as findings show it
	Version string    `json:"version"`
	Date    time.Time `json:"date"` // of the version
	AddedAt time.Time `json:"addedAt"`
	Rows    int       `json:"rows"`

	rows []addedRow
}

type addedRow struct {
	line   int
	fields []string
}

// Source is where the rules of the set come from.
func (a *Added) Source() Source {
	return Source{ID: "added:" + a.ID, Title: a.Title, Version: a.Version, Date: a.Date}
}

// Broken is a set that was added and cannot be read any more.
type Broken struct{ ID, Kind, Why string }

// LineErrors are the lines of a file that are wrong, each with its number. Nothing of the file is used.
type LineErrors struct {
	Lines []string
	More  int // that are not listed
}

// mostLines is how many wrong lines are told of one file.
const mostLines = 20

func (e *LineErrors) Error() string {
	s := strings.Join(e.Lines, "\n")
	if e.More > 0 {
		s += fmt.Sprintf("\nand %d more", e.More)
	}
	return s
}

func (e *LineErrors) add(line int, err error) {
	if len(e.Lines) == mostLines {
		e.More++
		return
	}
	e.Lines = append(e.Lines, fmt.Sprintf("line %d: %v", line, err))
}

func (e *LineErrors) err() error {
	if len(e.Lines) == 0 {
		return nil
	}
	return e
}

// ReadAdded reads a CSV file (RFC 4180, UTF-8) whose first line names the columns of a kind. about holds title, version and date.
// progress, if not nil, is told how many lines were read.
func ReadAdded(file io.Reader, about Added, progress func(lines int)) (*Added, error) {
	r := csv.NewReader(file)
	r.FieldsPerRecord = -1
	r.ReuseRecord = false
	head, err := r.Read()
	if err != nil {
		return nil, fmt.Errorf("line 1: the names of the columns cannot be read: %w", err)
	}
	if len(head) > 0 {
		head[0] = strings.TrimPrefix(head[0], "\ufeff")
	}
	for i := range head {
		head[i] = strings.ToLower(strings.TrimSpace(head[i]))
	}
	for kind, names := range columns {
		if slices.Equal(head, names) {
			about.Kind = kind
		}
	}
	if about.Kind == "" {
		var known []string
		for _, kind := range []string{KindInteractions, KindAllergies, KindDoses, KindIngredients} {
			known = append(known, kind+": "+strings.Join(columns[kind], ","))
		}
		return nil, fmt.Errorf("line 1: the columns are those of no kind of set; write one of\n  %s", strings.Join(known, "\n  "))
	}
	about.ID = slug(about.Title) + "-" + about.Kind
	var wrong LineErrors
	for {
		fields, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			var parse *csv.ParseError
			if errors.As(err, &parse) {
				wrong.add(parse.Line, parse.Err)
				return nil, wrong.err() // what follows cannot be told apart
			}
			return nil, err
		}
		line, _ := r.FieldPos(0)
		if len(fields) != len(head) {
			wrong.add(line, fmt.Errorf("%d fields, not %d", len(fields), len(head)))
			continue
		}
		for i := range fields {
			fields[i] = strings.TrimSpace(fields[i])
			if !utf8.ValidString(fields[i]) {
				wrong.add(line, fmt.Errorf("column %s is not UTF-8", head[i]))
			}
		}
		about.rows = append(about.rows, addedRow{line, fields})
		if progress != nil && len(about.rows)%1000 == 0 {
			progress(len(about.rows))
		}
	}
	if len(about.rows) == 0 && wrong.err() == nil {
		return nil, errors.New("line 2: the file has no rows")
	}
	about.Rows = len(about.rows)
	return &about, wrong.err()
}

// slug is a title as a name of a file.
func slug(title string) string {
	s := strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			return r
		case r >= 'A' && r <= 'Z':
			return r + 'a' - 'A'
		}
		return '-'
	}, title)
	for strings.Contains(s, "--") {
		s = strings.ReplaceAll(s, "--", "-")
	}
	if s = strings.Trim(s, "-"); len(s) > 40 {
		s = s[:40]
	}
	return s
}

// With is the library that ships with sets added to it. The error names every line that is wrong, of the first set that has one.
func With(sets ...*Added) (*Library, error) { return build(sets) }

// each reads the rows of the sets of a kind.
func each(sets []*Added, kind string, read func(a *Added, fields []string) error) error {
	for _, a := range sets {
		if a.Kind != kind {
			continue
		}
		var wrong LineErrors
		for _, row := range a.rows {
			if err := read(a, row.fields); err != nil {
				wrong.add(row.line, err)
			}
		}
		if err := wrong.err(); err != nil {
			return err
		}
	}
	return nil
}

// addNames adds ingredients and classes.
func (l *Library) addNames(sets []*Added) error {
	err := each(sets, KindIngredients, func(_ *Added, f []string) error {
		if f[0] == "" {
			return errors.New("an ingredient needs a name")
		}
		return l.addIngredient([]string{strings.ToLower(f[0]), f[1], f[2], f[3], strings.ToLower(f[4])})
	})
	if err != nil {
		return err
	}
	return each(sets, KindAllergies, func(_ *Added, f []string) error {
		if f[0] == "" || f[1] == "" {
			return errors.New("a class needs an id and a name")
		}
		if slices.ContainsFunc([]rune(f[0]), func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '-' }) {
			return fmt.Errorf("class %q: write its id in small letters, digits and hyphens", f[0])
		}
		members, err := l.members(f[2])
		if err != nil {
			return err
		}
		if f[4] != "" {
			if _, err := ParseSeverity(f[4]); err != nil {
				return err
			}
		}
		if err := l.addClass([]string{f[0], f[1], "", "", strings.ToLower(f[3])}); err != nil {
			return err
		}
		c := l.classes[f[0]]
		for _, i := range members {
			i.Classes = append(i.Classes, c)
			c.Members = append(c.Members, i)
		}
		return nil
	})
}

// Named are the ingredients that a text names between semicolons: by name, by rxcui:CODE, or all of an @class. The error says what is not
// known.
func (l *Library) Named(text string) ([]*Ingredient, error) { return l.members(text) }

// members are ingredients by name, by rxcui:CODE, or all of an @class.
func (l *Library) members(text string) (out []*Ingredient, err error) {
	add := func(i *Ingredient) {
		if !slices.Contains(out, i) {
			out = append(out, i)
		}
	}
	for _, name := range list(text) {
		name = strings.ToLower(strings.TrimSpace(name))
		if id, ok := strings.CutPrefix(name, "@"); ok {
			c, ok := l.classes[id]
			if !ok || len(c.Members) == 0 {
				return nil, fmt.Errorf("class %q is not known, or nothing belongs to it", id)
			}
			for _, i := range c.Members {
				add(i)
			}
			continue
		}
		if code, ok := strings.CutPrefix(name, "rxcui:"); ok {
			i, ok := l.ingredient[code]
			if !ok {
				return nil, fmt.Errorf("no ingredient has the RxNorm code %s: add it with a file of ingredients", code)
			}
			add(i)
			continue
		}
		i, ok := l.named[name]
		if !ok {
			return nil, fmt.Errorf("ingredient %q is not known: add it with a file of ingredients", name)
		}
		add(i)
	}
	if len(out) == 0 {
		return nil, errors.New("no ingredient or class is named")
	}
	return out, nil
}

// added adds the rules of sets.
func (r *ruleReader) added(sets []*Added) error {
	r.out.Sources = map[string][]Source{}
	for _, a := range sets {
		r.out.Sources[a.Kind] = append(r.out.Sources[a.Kind], a.Source())
	}
	if err := each(sets, KindAllergies, func(a *Added, f []string) error {
		if f[4] == "" {
			return nil
		}
		s, err := ParseSeverity(f[4])
		r.out.Cross = append(r.out.Cross, Cross{r.l.classes[f[0]], s, a.Source()})
		return err
	}); err != nil {
		return err
	}
	if err := each(sets, KindInteractions, r.addedInteraction); err != nil {
		return err
	}
	// A limit of the practice goes before one that ships.
	shipped := r.out.Doses
	r.out.Doses = nil
	if err := each(sets, KindDoses, r.addedDose); err != nil {
		return err
	}
	r.out.Doses = append(r.out.Doses, shipped...)
	return nil
}

func (r *ruleReader) side(text string) (Set, error) {
	members, err := r.l.members(text)
	out := Set{Text: text, has: map[*Ingredient]bool{}}
	for _, i := range members {
		out.has[i] = true
	}
	return out, err
}

func (r *ruleReader) addedInteraction(a *Added, f []string) (err error) {
	if f[0] == "" || f[4] == "" {
		return errors.New("an interaction needs an id and an effect")
	}
	i := &Interaction{ID: a.ID + "." + f[0], Source: a.Source(), Effect: f[4], Advice: f[5]}
	if i.Severity, err = ParseSeverity(f[1]); err != nil {
		return err
	}
	if i.A, err = r.side(f[2]); err != nil {
		return fmt.Errorf("side_a: %w", err)
	}
	if i.B, err = r.side(f[3]); err != nil {
		return fmt.Errorf("side_b: %w", err)
	}
	if r.ids[i.ID] {
		return fmt.Errorf("the id %s stands here twice", f[0])
	}
	r.ids[i.ID] = true
	r.out.Interactions = append(r.out.Interactions, i)
	return nil
}

func (r *ruleReader) addedDose(a *Added, f []string) error {
	members, err := r.l.members(f[0])
	if err != nil {
		return err
	}
	if f[6] != "mg" && f[6] != "units" && f[6] != "mEq" {
		return fmt.Errorf("unit %q: write mg, units or mEq", f[6])
	}
	for _, i := range members {
		d := &DoseLimit{ID: "dose/" + a.ID + "." + strings.Join(slices.DeleteFunc([]string{i.Name, f[1], f[2], f[3]}, func(s string) bool { return s == "" }), "-"), Ingredient: i, Route: f[1], Unit: f[6], Period: f[7], Source: a.Source()}
		if d.Route == "" {
			d.Route = "any"
		}
		if d.Ages, err = r.ages(f[2], f[3]); err != nil {
			return err
		}
		if d.Once, err = r.limit(f[4]); err != nil {
			return err
		}
		if d.Most, err = r.limit(f[5]); err != nil {
			return err
		}
		for _, l := range []Limit{d.Once, d.Most} {
			if l.Amount != nil && l.Amount.Sign() <= 0 {
				return errors.New("a limit must be above 0")
			}
		}
		if d.Once.Amount == nil && d.Most.Amount == nil || d.Period != "day" && d.Period != "week" {
			return errors.New("a limit needs an amount, and a day or week as its period")
		}
		r.out.Doses = append(r.out.Doses, d)
	}
	return nil
}
