package immunization

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/osler-ehr/osler/web/format"
	"github.com/osler-ehr/osler/web/ui"
	"github.com/osler-ehr/osler/workflow/immunization/forecast"
)

// Plan is the page of a patient's vaccines: what is recommended, and what was given.
type Plan struct {
	Due      []Line // overdue ones first
	Shared   []Line // to be decided together with the patient
	Upcoming []Line
	Later    []Line // more than two years ahead
	Barred   []Line // contraindicated
	Not      []Line // immune, too old, not recommended
	Complete []string
	History  []GroupHistory
	Left     []LeftOut // immunizations that are not evaluated
	Because  []string  // what the forecast took into account beside age and doses
	Messages []ui.Message
	Outdated []string // seasonal vaccines of which nothing is known for the present season
	AddHref  string   // below which doses are recorded; "" without the right
	Version  string   // of CDC's supporting data
}

// Line is a recommendation.
type Line struct {
	Name     string // DTaP/Tdap/Td, dose 2
	Tag      string
	Tone     ui.Tone
	When     string
	Why      string
	With     string // vaccines
	Guidance []string
	by       forecast.Date
}

// GroupHistory is what was given for a vaccine group.
type GroupHistory struct {
	Group string
	Doses []Given
}

// Given is a dose with its evaluation.
type Given struct {
	Date    string
	Vaccine string
	Counts  string // Dose 2; Does not count; Not needed
	Tone    ui.Tone
	Why     string
	Href    string
	id      string
	dose    int
	risk    bool
}

// LeftOut is an immunization that is not evaluated, and why.
type LeftOut struct{ Date, Vaccine, Why, Href, id string }

// later is how many days ahead a recommendation must lie to be listed apart, tooLate from where on it is not listed: a
// child's page need not speak of the vaccines of old age. agedOut is for how many days a vaccine is listed that the
// patient has become too old for.
const (
	later   = 2 * 365
	tooLate = 20 * 365
	agedOut = 2 * 365
)

// plan makes the page of a person on a day.
func plan(p person, on forecast.Date, zone *time.Location) Plan {
	v := Plan{Messages: warnings(p)}
	in, left := p.input(on, zone)
	r := forecast.CDC().Forecast(in, on)
	v.Version = r.Version
	var outdated []string
	for _, g := range r.Groups {
		if g.Outdated && !slices.Contains(outdated, named(g.Group)) {
			outdated = append(outdated, named(g.Group))
		}
		v.add(g, on)
	}
	if len(outdated) > 0 {
		v.Outdated = outdated
		v.Messages = append(v.Messages, ui.Message{Tone: ui.Caution, Lead: list(outdated) + ": not known for this season.",
			Text: "CDC's supporting data " + r.Version + " describe an earlier season. Follow the current recommendation, and ask for an update of Osler."})
	}
	for _, list := range [][]Line{v.Due, v.Shared, v.Upcoming, v.Later} {
		slices.SortStableFunc(list, func(a, b Line) int { return cmp.Compare(a.by, b.by) })
	}
	slices.SortStableFunc(v.Due, func(a, b Line) int { return cmp.Compare(urgency(a), urgency(b)) })
	for _, o := range in.Observations {
		if title := forecast.CDC().ObservationTitle(o.Code); !slices.Contains(v.Because, title) {
			v.Because = append(v.Because, title)
		}
	}
	v.history(r)
	v.leftOut(p, left, r.Unknown, zone)
	return v
}

func urgency(l Line) int {
	if l.Tone == ui.Caution {
		return 0
	}
	return 1
}

// warnings are what a reader must know before trusting the forecast.
func warnings(p person) []ui.Message {
	var out []ui.Message
	if p.Patient.gone() {
		return []ui.Message{{Tone: ui.Here, Text: "Nothing is recommended: the patient has died."}}
	}
	if wholeDate(p.Patient.Birth) == 0 {
		out = append(out, ui.Message{Tone: ui.Caution, Lead: "No forecast.", Text: "The day of birth is not recorded. Record it in the patient's details."})
	}
	if len(p.Unread) > 0 {
		out = append(out, ui.Message{Tone: ui.Caution, Lead: "Incomplete.", Text: "Your role may not read " + list(p.Unread) + ": contraindications and risks recorded there are not considered."})
	}
	return out
}

// list joins words: a, b and c.
func list(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " and " + words[len(words)-1]
}

// names of vaccine groups as clinicians write them, where the supporting data abbreviate.
var names = map[string]string{"HepA": "Hepatitis A", "HepB": "Hepatitis B", "Meningococcal": "Meningococcal ACWY", "TBE": "Tick-borne encephalitis", "Orthopoxvirus": "Mpox and smallpox"}

func named(group string) string { return cmp.Or(names[group], group) }

func (v *Plan) add(g forecast.GroupForecast, on forecast.Date) {
	name := named(g.Group)
	if g.Kind == forecast.Risk {
		name += " (risk)"
	}
	l := Line{Name: name, Why: because(g), With: vaccines(g), Guidance: g.Guidance, by: g.Recommended}
	if g.Outdated && (g.Status == forecast.Complete || g.Status == forecast.NotRecommended) {
		return // it was so in the season that the data describe
	}
	switch g.Status {
	case forecast.Complete:
		if !slices.Contains(v.Complete, name) {
			v.Complete = append(v.Complete, name)
		}
		return
	case forecast.NotComplete:
	default:
		l.Tag, l.Tone, l.With = statusWords[g.Status], ui.Neutral, ""
		if g.Status == forecast.Contraindicated {
			l.Tone = ui.Critical
			v.Barred = append(v.Barred, l)
		} else if g.Status != forecast.AgedOut || on-g.Reasons[0].Date < agedOut {
			v.Not = append(v.Not, l)
		}
		return
	}
	l.Name += ", dose " + strconv.Itoa(g.DoseNumber)
	if len(g.Needed) > 0 && len(g.Needed) < len(g.Antigens) {
		l.Name += " (" + strings.ToLower(list(g.Needed)) + ")"
	}
	switch {
	case g.Shared && g.Earliest <= on:
		l.Tag, l.When = "Decide together", "can be given now"
		v.Shared = append(v.Shared, l)
	case g.Overdue(on):
		l.Tag, l.Tone, l.When, l.by = "Overdue", ui.Caution, since(g.PastDue+1, on), g.PastDue
		v.Due = append(v.Due, l)
	case g.Due(on):
		l.Tag, l.Tone, l.When = "Due now", ui.Here, since(g.Recommended, on)
		if g.Kind == forecast.Risk && g.Reasons[0].Code == forecast.ByAge {
			l.When = "" // when the risk began is not what the age tells
		}
		v.Due = append(v.Due, l)
	default:
		l.When = upcoming(g, on)
		switch ahead := g.Recommended - on; {
		case ahead > tooLate:
		case ahead > later:
			v.Later = append(v.Later, l)
		default:
			v.Upcoming = append(v.Upcoming, l)
		}
	}
}

// since is when something became due. A day of long ago tells nobody anything.
func since(d, on forecast.Date) string {
	switch {
	case d == on:
		return "today"
	case on-d > 5*366:
		return "for more than 5 years"
	}
	return "since " + date(d)
}

func upcoming(g forecast.GroupForecast, on forecast.Date) string {
	out := date(g.Recommended)
	switch {
	case g.Earliest <= on:
		out += ", can be given now"
	case g.Earliest < g.Recommended:
		out += ", earliest " + date(g.Earliest)
	}
	return out
}

var statusWords = map[forecast.Status]string{forecast.Immune: "Immune", forecast.Contraindicated: "Contraindicated", forecast.AgedOut: "Past the age", forecast.NotRecommended: "Not recommended"}

// because are the reasons of a forecast in one line.
func because(g forecast.GroupForecast) string {
	var parts []string
	for _, r := range g.Reasons {
		if words := r.Words(date); words != "" && !slices.Contains(parts, words) {
			parts = append(parts, words)
		}
	}
	return capital(strings.Join(parts, "; "))
}

// vaccines are those that are recommended by name.
func vaccines(g forecast.GroupForecast) string {
	var out []string
	for _, code := range g.Vaccines {
		if name := forecast.CDC().VaccineName(code); !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	return strings.Join(out, "; ")
}

func date(d forecast.Date) string {
	if d == 0 {
		return ""
	}
	return format.Date(d.Time())
}

func capital(s string) string {
	if s == "" {
		return ""
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

// history lists the doses by vaccine group, each once: a later series, such as that of old age, does not judge what was
// given for an earlier one. What a risk series judges differently is listed beside it.
func (v *Plan) history(r forecast.Report) {
	group := func(name string) *GroupHistory {
		i := slices.IndexFunc(v.History, func(h GroupHistory) bool { return h.Group == name })
		if i < 0 {
			i = len(v.History)
			v.History = append(v.History, GroupHistory{Group: name})
		}
		return &v.History[i]
	}
	for _, g := range r.Groups {
		for _, e := range g.Evaluations {
			h, row := group(named(g.Group)), given(r.Doses[e.Dose], e)
			row.risk = g.Kind == forecast.Risk
			h.add(row)
		}
	}
	for i, d := range r.Doses { // what no series of this patient asks for
		for _, name := range forecast.CDC().GroupsOf(d.CVX) {
			judged := func(g forecast.GroupForecast) bool {
				return g.Group == name && slices.ContainsFunc(g.Evaluations, func(e forecast.Evaluation) bool { return e.Dose == i })
			}
			if !slices.ContainsFunc(r.Groups, judged) {
				h := group(named(name))
				h.Doses = append(h.Doses, Given{id: d.ID, Date: date(d.Given), Vaccine: capital(forecast.CDC().VaccineName(d.CVX)), Counts: "Not evaluated", Why: "No series is recommended to this patient"})
			}
		}
	}
}

// add puts a row in the place of one of the same dose that says less, or beside it.
func (h *GroupHistory) add(row Given) {
	at := slices.IndexFunc(h.Doses, func(o Given) bool { return o.dose == row.dose })
	switch {
	case at < 0:
		if row.risk {
			row.Counts += " (risk)"
		}
		h.Doses = append(h.Doses, row)
	case row.risk && row.Counts != h.Doses[at].Counts:
		row.Counts += " (risk)"
		h.Doses = slices.Insert(h.Doses, at+1, row)
	case !row.risk && row.Tone == ui.Done && h.Doses[at].Tone != ui.Done:
		h.Doses[at] = row
	}
}

func given(d forecast.Dose, e forecast.Evaluation) Given {
	row := Given{id: d.ID, Date: date(d.Given), Vaccine: capital(forecast.CDC().VaccineName(d.CVX)), dose: e.Dose}
	var why []string
	for _, r := range e.Reasons {
		if r.Code == forecast.VaccineAtWrongAge && len(why) > 0 {
			continue // too young says it
		}
		why = append(why, r.Words(date))
	}
	row.Why = capital(strings.Join(why, "; "))
	switch e.Status {
	case forecast.Valid:
		row.Counts, row.Tone = "Dose "+strconv.Itoa(e.Number), ui.Done
	case forecast.Extraneous:
		row.Counts = "Not needed"
	default:
		row.Counts, row.Tone = "Does not count", ui.Critical
	}
	return row
}

// leftOut lists what is on record and not evaluated: doses without a code or day, of vaccines that the supporting data
// do not have, and those not given.
func (v *Plan) leftOut(p person, left []uncounted, unknown []forecast.Dose, zone *time.Location) {
	row := func(i immunization, why string) {
		d := doseRow(i, zone)
		v.Left = append(v.Left, LeftOut{Date: d.Date, Vaccine: d.Vaccine, Why: why, id: i.ID})
	}
	for _, u := range left {
		row(u.immunization, "Not evaluated: "+u.why)
	}
	for _, d := range unknown {
		for _, i := range p.Immunizations {
			if i.ID == d.ID {
				row(i, "Not evaluated: CDC's supporting data do not have this vaccine")
			}
		}
	}
	for _, i := range p.Immunizations {
		if i.Status == "not-done" {
			row(i, capital(doseRow(i, zone).Note))
		}
	}
}
