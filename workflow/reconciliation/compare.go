package reconciliation

import (
	"math/big"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/osler-ehr/osler/drugs"
	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/web/facts"
	"github.com/osler-ehr/osler/wire/ccda"
)

// Column is where a row of the comparison stands.
type Column string

// The columns.
const (
	Here    Column = "Only here"
	Same    Column = "Identical"
	Similar Column = "Different here and there"
	There   Column = "Only in the document"
	Words   Column = "To be read, not taken over"
)

// columns are what is to be decided first.
var columns = []Column{Similar, There, Words, Here, Same}

// Row is one medicine, allergy or problem of the comparison.
type Row struct {
	Field        string // of the form; "" if there is nothing to decide
	Column       Column
	Name         string
	Ours, Theirs string
	Differs      []string // what differs, each as a sentence fragment: "Dose: 10 mg here, 20 mg there"
	Doubts       []string
	Advice       []string
	Findings     []finding // of the safety checks
	Take         string    // label of taking it; "" if it cannot be taken
	Both         string    // label of taking it beside ours; "" if it replaces ours or there is none
	Leave        string
	Later        string // label of deciding nothing, which is chosen at first; "" if a decision is asked for
	Stop         string // label of stopping ours because it is not taken any more; "" if that is not offered

	entry *ccda.Entry
	ours  *standing
}

// standing is something of the chart.
type standing struct {
	typ, id string
	version int64
	name    string
	words   string
	code    fhir.CodeableConcept
	dosage  []fhir.Dosage
	state   string
	doc     *fhir.Resource // of an allergy or a problem
	match   drugs.Match
	used    bool
}

func sameIngredients(a, b drugs.Match) bool {
	if len(a.Ingredients) == 0 || len(a.Ingredients) != len(b.Ingredients) {
		return false
	}
	for _, i := range a.Ingredients {
		if !slices.ContainsFunc(b.Ingredients, func(o *drugs.Ingredient) bool { return o.RxCUI == i.RxCUI }) {
			return false
		}
	}
	return true
}

func sharedCode(a, b fhir.CodeableConcept) bool {
	for _, x := range a.Coding {
		if x.Code != "" && x.System != "" && b.Has(x.System, x.Code) {
			return true
		}
	}
	return false
}

func plain(s string) string { return strings.Join(strings.Fields(strings.ToLower(s)), " ") }

// medicines holds the medicines of the document against those of the chart.
func medicines(library *drugs.Library, ours []standing, section ccda.Section, now time.Time) []Row {
	var rows []Row
	for i := range section.Entries {
		x := &section.Entries[i]
		row := Row{Name: x.Code.Text, Theirs: theirs(x), Doubts: x.Doubts, entry: x}
		if x.Kind != ccda.Says {
			rows = append(rows, reading(row, x))
			continue
		}
		match := library.Resolve(x.Code)
		find := func(same func(s *standing) bool) *standing {
			for i := range ours {
				if !ours[i].used && same(&ours[i]) {
					return &ours[i]
				}
			}
			return nil
		}
		product := func(s *standing) bool { return sharedCode(s.code, x.Code) || plain(s.name) == plain(x.Code.Text) }
		found := find(func(s *standing) bool { return product(s) && len(differences(*s, x, true)) == 0 })
		if found == nil {
			found = find(product)
		}
		if found == nil {
			found = find(func(s *standing) bool { return sameIngredients(s.match, match) })
		}
		over := ended(x, now)
		switch {
		case found == nil && over != "":
			row.Column = Words
			row.Differs = []string{over}
		case found == nil:
			row.Column, row.Take, row.Leave = There, "Take over", "Leave"
			if x.State == "completed" { // many systems send this of whatever was ordered
				row.Differs, row.Take = []string{"The document says completed and names no end: ask whether it is still taken"}, "It is taken: take over"
			}
		default:
			found.used = true
			row.ours, row.Ours = found, found.words
			row.Differs = differences(*found, x, product(found))
			if over != "" {
				row.Differs = append(row.Differs, over)
			}
			if len(row.Differs) == 0 && len(x.Doubts) == 0 {
				row.Column = Same
				break
			}
			row.Column, row.Leave = Similar, "Keep ours"
			if over != "" {
				break
			}
			row.Take = "Take theirs, stop ours"
			if !product(found) { // another strength may be meant to be taken too
				row.Both = "Take theirs, keep ours too"
			}
		}
		rows = append(rows, row)
	}
	for i := range ours {
		if !ours[i].used {
			rows = append(rows, Row{Column: Here, Name: ours[i].name, Ours: ours[i].words, Leave: "Still taken", Stop: "Stopped", Later: "Not decided", ours: &ours[i]})
		}
	}
	return rows
}

// ended says why a medicine of the document is not taken any more; "" if it is, or if that is not known.
func ended(x *ccda.Entry, now time.Time) string {
	if !x.End.IsZero() {
		if _, to := x.End.Range(now.Location()); !to.After(now) {
			return "By the document it ended on " + asWritten(x.End)
		}
	}
	if x.State == "stopped" || x.State == "completed" && !x.End.IsZero() {
		return "It is not taken any more, by the document"
	}
	return ""
}

// reading is a row that says something which cannot be taken over.
func reading(row Row, x *ccda.Entry) Row {
	row.Column = Words
	switch x.Kind {
	case ccda.Denies:
		row.Name = "Not: " + row.Name
		row.Differs = []string{"The document says that the patient does not have or take this"}
	case ccda.None:
		row.Differs = []string{"The document says that there are none; record it in the list itself if the patient confirms it"}
	case ccda.Unknown:
		if row.Name == "" {
			row.Name = "Not understood"
		}
		if row.Theirs == "" {
			row.Theirs = "There are no words beside it: open the document"
		}
	}
	return row
}

// theirs is what the document says of a medicine, allergy or problem, in one line.
func theirs(x *ccda.Entry) string {
	var parts []string
	add := func(s string) {
		if s != "" {
			parts = append(parts, s)
		}
	}
	add(x.Dosage.Text)
	for _, r := range x.Reactions {
		add(strings.TrimSpace(r.Severity + " " + facts.Concept(r.Manifestation)))
	}
	if x.Criticality == "high" {
		add("high criticality")
	}
	if x.State != "" && x.State != "active" {
		add(strings.ReplaceAll(x.State, "-", " "))
	}
	if !x.Start.IsZero() {
		add("since " + asWritten(x.Start))
	}
	if !x.End.IsZero() {
		add("until " + asWritten(x.End))
	}
	if x.Kind == ccda.Unknown {
		add(x.Text)
	}
	return strings.Join(parts, ", ")
}

// differences are what a medicine of the chart and one of the document say differently. What one of them does not say is a difference.
func differences(s standing, x *ccda.Entry, product bool) (out []string) {
	differ := func(what, here, there string) {
		if here == "" {
			here = "not recorded"
		}
		if there == "" {
			there = "not given"
		}
		out = append(out, what+": "+here+" here, "+there+" there")
	}
	if !product {
		differ("Medicine", s.name, x.Code.Text)
	}
	if len(s.dosage) != 1 {
		differ("Directions", s.words, x.Dosage.Text)
	} else {
		ours := s.dosage[0]
		if a, b := dose(ours), dose(x.Dosage); a != b || a == "" {
			differ("Dose", a, b)
		}
		if !sameFrequency(ours, x.Dosage) {
			differ("Frequency", often(ours), often(x.Dosage))
		}
		if a, b := route(ours), route(x.Dosage); a != b && a != "" && b != "" {
			differ("Route", a, b)
		}
	}
	theirState := x.State
	if theirState == "" || theirState == "completed" && x.End.IsZero() {
		theirState = s.state
	}
	if s.state != theirState {
		differ("State", s.state, theirState)
	}
	return out
}

// dose is an amount with its unit as it is compared.
func dose(d fhir.Dosage) string {
	if len(d.DoseAndRate) != 1 {
		return ""
	}
	x := d.DoseAndRate[0]
	rate := ""
	one := func(q fhir.Quantity) string {
		if q.Value.IsZero() {
			return ""
		}
		unit := strings.ToLower(strings.Trim(q.Unit, "{}"))
		if unit == "" {
			unit = strings.ToLower(strings.Trim(q.Code, "{}"))
		}
		switch unit {
		case "tab", "tabs", "tablets":
			unit = "tablet"
		case "cap", "caps", "capsules":
			unit = "capsule"
		case "puffs":
			unit = "puff"
		case "":
			unit = "(unit not given)"
		}
		return q.Comparator + q.Value.Rat().RatString() + " " + unit
	}
	if at := one(x.RateQuantity); at != "" {
		rate = " at " + at
	} else if !x.RateRatio.IsZero() || !x.RateRange.IsZero() { // no document gives these: never the same as one that gives none
		rate = " at a rate"
	}
	if low := one(x.DoseRange.Low); low != "" {
		return low + " to " + one(x.DoseRange.High) + rate
	}
	return one(x.DoseQuantity) + rate
}

// daily is how many times a day; false if it cannot be told.
func daily(r fhir.TimingRepeat) (*big.Rat, bool) {
	hours := map[string]int64{"h": 1, "d": 24, "wk": 168}[r.PeriodUnit]
	if hours == 0 || r.Period.Sign() <= 0 || r.PeriodMax.Sign() > 0 || r.FrequencyMax > 0 || len(r.DayOfWeek) > 0 {
		return nil, false
	}
	times := int64(max(r.Frequency, 1))
	return new(big.Rat).Quo(big.NewRat(24*times, hours), r.Period.Rat()), true
}

// sameFrequency reports whether two directions are surely taken equally often and at the same times. For how long is told apart, by
// the end. What neither says is not the same.
func sameFrequency(a, b fhir.Dosage) bool {
	x, y := a.Timing.Repeat, b.Timing.Repeat
	for _, r := range []*fhir.TimingRepeat{&x, &y} {
		r.BoundsDuration, r.BoundsRange, r.BoundsPeriod = fhir.Quantity{}, fhir.Range{}, fhir.Period{}
	}
	n, known := daily(x)
	m, too := daily(y)
	if known != too || known && n.Cmp(m) != 0 || asNeeded(a) != asNeeded(b) {
		return false
	}
	if known {
		for _, r := range []*fhir.TimingRepeat{&x, &y} {
			r.Frequency, r.Period, r.PeriodUnit = 0, fhir.Decimal{}, ""
		}
	} else if reflect.ValueOf(x).IsZero() && plain(a.Text) != plain(b.Text) {
		return false
	}
	return reflect.DeepEqual(x, y)
}

func asNeeded(d fhir.Dosage) bool { return d.AsNeededBoolean || !d.AsNeededCodeableConcept.IsZero() }

// often says the frequency in words.
func often(d fhir.Dosage) string {
	var s string
	if n, ok := daily(d.Timing.Repeat); ok {
		switch {
		case n.Cmp(big.NewRat(1, 1)) == 0:
			s = "once daily"
		case n.Cmp(big.NewRat(2, 1)) == 0:
			s = "twice daily"
		case n.IsInt():
			s = n.Num().String() + " times daily"
		case n.Num().IsInt64() && n.Num().Int64() == 1:
			s = "every " + n.Denom().String() + " days"
		default: // exactly, never rounded: 3 times a week is not every 2.3 days
			s = n.Num().String() + " times in " + n.Denom().String() + " days"
		}
	} else if s = d.Text; s == "" {
		return ""
	}
	if r := d.Timing.Repeat; s != d.Text && len(r.When) > 0 {
		s += " (" + strings.Join(r.When, ", ") + ")"
	}
	if asNeeded(d) && !strings.Contains(s, "as needed") {
		s += " as needed"
	}
	return s
}

func route(d fhir.Dosage) string {
	s := strings.ToLower(facts.Concept(d.Route))
	if strings.Contains(s, "oral") || strings.Contains(s, "mouth") {
		return "oral"
	}
	return strings.TrimSuffix(strings.TrimSuffix(s, " route of administration"), " route")
}

// findings holds allergies or problems of the document against those of the chart.
func findings(ours []standing, section ccda.Section, same func(s *standing, c fhir.CodeableConcept) bool) []Row {
	var rows []Row
	for i := range section.Entries {
		x := &section.Entries[i]
		row := Row{Name: x.Code.Text, Theirs: theirs(x), Doubts: x.Doubts, entry: x}
		if x.Kind != ccda.Says {
			rows = append(rows, reading(row, x))
			continue
		}
		at := slices.IndexFunc(ours, func(s standing) bool {
			return sharedCode(s.code, x.Code) || plain(s.name) == plain(x.Code.Text) || same(&s, x.Code)
		})
		if at < 0 {
			row.Column, row.Take, row.Leave = There, "Take over", "Leave"
			rows = append(rows, row)
			continue
		}
		s := &ours[at]
		s.used, row.ours, row.Ours = true, s, s.words
		_, changes, err := changed(s.doc, x)
		switch {
		case err != nil:
			row.Column, row.Differs = Words, []string{"The entry of the chart could not be understood: open it"}
		case len(changes) > 0:
			row.Column, row.Take, row.Leave = Similar, "Change ours", "Keep ours"
			for _, c := range changes {
				row.Differs = append(row.Differs, c.String())
			}
		case len(x.Doubts) > 0:
			row.Column, row.Differs = Words, []string{"If the document is right, change the entry of the chart"}
		default:
			row.Column = Same
		}
		rows = append(rows, row)
	}
	for i := range ours {
		if !ours[i].used {
			rows = append(rows, Row{Column: Here, Name: ours[i].name, Ours: ours[i].words, ours: &ours[i]})
		}
	}
	return rows
}

// nowhere is the zone of dates as they were written.
var nowhere = time.UTC

// asWritten is the day that the document gives, in its own zone.
func asWritten(t fhir.DateTime) string { return facts.Day(t.Date().DateTime(), nowhere) }
