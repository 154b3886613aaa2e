package charting

import (
	"context"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/web/clinical"
	"github.com/osler-ehr/osler/web/facts"
	"github.com/osler-ehr/osler/web/format"
)

// datum is what the chart says, as a live link shows it.
type datum struct{ Key, Name, Value string }

// resultKey is the key of a test's latest value: "result/" and what facts.Measured.Key says, with nothing in it that ends a link.
func resultKey(key string) string { return "result/" + url.QueryEscape(key) }

// shown is a value as a note has it: 8.1 % ↑ H, 20-Nov-2026.
func shown(v facts.Value, zone *time.Location) string {
	show := v.Show()
	text := show.Text
	if show.Unit != "" {
		text += " " + show.Unit
	}
	if mark := map[clinical.Flag]string{clinical.High: "↑ H", clinical.Low: "↓ L", clinical.HighCritical: "↑ HH", clinical.LowCritical: "↓ LL", clinical.AbnormalCritical: "AA", clinical.Abnormal: "Abn"}[show.Flag]; mark != "" {
		text += " " + mark
	}
	return text + ", " + facts.Day(v.At, zone)
}

// mostResults is how many results are read for the list of what can be put into a note; the list says where it ends.
const mostResults = 300

// readData reads what the list of links shows: the lists, the latest value of each vital sign, and that of each test among the newest
// results. ends is the day of the oldest result that was read if there are older ones; "" if all were read.
func (n *notes) readData(ctx context.Context, s *record.Session, patient string) (out []datum, ends string, err error) {
	var lists [3]datum
	var measured, taken, usual []facts.Value
	var errs [6]error
	zone := n.d.Shell.Location()
	facts.Together(
		func() { lists[0], errs[0] = n.problems(ctx, s, patient) },
		func() { lists[1], errs[1] = n.medications(ctx, s, patient) },
		func() { lists[2], errs[2] = n.allergies(ctx, s, patient) },
		func() { taken, errs[3] = n.newestDay(ctx, s, patient) },
		func() { usual, errs[4] = n.usualVitals(ctx, s, patient) },
		func() {
			measured, ends, errs[5] = newest(ctx, s, patient, zone, mostResults, nil, "category", "laboratory")
		},
	)
	for _, err := range errs {
		if err != nil {
			return nil, "", err
		}
	}
	out = lists[:]
	out = append(out, datum{"vitals", "Vital signs", vitalLine(taken, zone)})
	for _, v := range unique(slices.Concat(measured, taken, usual), zone) {
		out = append(out, datum{resultKey(v.Key()), v.Name(), shown(v, zone)})
	}
	return out, ends, nil
}

// newestDay reads the vital signs of the newest days, that of the newest one to its end.
func (n *notes) newestDay(ctx context.Context, s *record.Session, patient string) ([]facts.Value, error) {
	zone, day := n.d.Shell.Location(), ""
	all, _, err := newest(ctx, s, patient, zone, 60, func(v facts.Value) bool {
		on := facts.Day(v.At, zone)
		if day == "" {
			day = on
		}
		return on != day
	}, "category", "vital-signs")
	return all, err
}

// vitalCodes are the vital signs that are taken seldom, and must not be lost behind those that are taken each day. (LOINC)
var vitalCodes = [][]string{{"8302-2"}, {"29463-7"}, {"39156-5"}, {"9843-4"}, {"85354-9"}, {"8867-4"}, {"9279-1"}, {"8310-5"}, {"59408-5", "2708-6"}, {"8480-6"}, {"8462-4"}}

func (n *notes) usualVitals(ctx context.Context, s *record.Session, patient string) (out []facts.Value, err error) {
	found, err := facts.Newest[facts.Observation](ctx, s, "Observation", patient, vitalCodes, 5) // more than one: what was struck does not count
	for _, group := range found {
		for _, o := range group {
			if o.Valid() {
				out = append(out, o.Values()...)
			}
		}
	}
	return out, err
}

// resolve says what links show now. What cannot be found any more is left out.
func (n *notes) resolve(ctx context.Context, s *record.Session, patient string, keys []string) (map[string]string, error) {
	if len(keys) == 0 {
		return nil, nil
	}
	slices.Sort(keys)
	keys = slices.Compact(keys)
	zone := n.d.Shell.Location()
	found := make([]string, len(keys))
	errs := make([]error, len(keys))
	var reads []func()
	for i, key := range keys {
		reads = append(reads, func() {
			var d datum
			switch key {
			case "problems":
				d, errs[i] = n.problems(ctx, s, patient)
			case "medications":
				d, errs[i] = n.medications(ctx, s, patient)
			case "allergies":
				d, errs[i] = n.allergies(ctx, s, patient)
			case "vitals":
				var all []facts.Value
				all, errs[i] = n.newestDay(ctx, s, patient)
				d.Value = vitalLine(all, zone)
			default:
				d.Value, errs[i] = n.latest(ctx, s, patient, key)
			}
			found[i] = d.Value
		})
	}
	facts.Together(reads...)
	out := map[string]string{}
	for i, key := range keys {
		if errs[i] != nil {
			return nil, errs[i]
		}
		if found[i] != "" {
			out[key] = unbracket(found[i])
		}
	}
	return out, nil
}

// latest is the newest value of one test.
func (n *notes) latest(ctx context.Context, s *record.Session, patient, key string) (string, error) {
	escaped, ok := strings.CutPrefix(key, "result/")
	name, err := url.QueryUnescape(escaped)
	if !ok || err != nil {
		return "", nil
	}
	var params []string
	if system, code, found := strings.Cut(name, "|"); found && system != "text" && code != "" {
		if system == "loinc" {
			system = facts.LOINC
		}
		params = []string{"combo-code", system + "|" + code}
	}
	zone := n.d.Shell.Location()
	all, _, err := newest(ctx, s, patient, zone, 1, func(v facts.Value) bool { return v.Key() == name }, params...)
	if err != nil {
		return "", err
	}
	for _, v := range all {
		if v.Key() == name {
			return shown(v, zone), nil
		}
	}
	return "", nil
}

// newest reads observations from the newest on and gives the newest value of each test among them. It ends with the page in which least of
// them were read and enough says so of a value; a nil enough is always so. ends is the day of the oldest that was read if there are more.
func newest(ctx context.Context, s *record.Session, patient string, zone *time.Location, least int, enough func(facts.Value) bool, params ...string) (out []facts.Value, ends string, err error) {
	q := facts.Of("Observation", patient, facts.Params(append(params, "_sort", "-date", "_count", strconv.Itoa(max(60, least)))...)...)
	read, done := 0, enough == nil
	for {
		page, err := s.Search(ctx, q)
		if err != nil {
			return nil, "", err
		}
		oldest := ""
		for i := range page.Entries {
			o, err := facts.ReadObservation(page.Entries[i].Resource())
			if err != nil {
				return nil, "", err
			}
			read, oldest = read+1, facts.Day(o.At(), zone)
			if !o.Valid() {
				continue
			}
			for _, v := range o.Values() {
				done = enough != nil && enough(v) || done
				out = append(out, v)
			}
		}
		if page.Next == "" || done && read >= least {
			if page.Next != "" {
				ends = oldest
			}
			return unique(out, zone), ends, nil
		}
		q.Page = page.Next
	}
}

// unique leaves the newest value of each test, newest first.
func unique(all []facts.Value, zone *time.Location) []facts.Value {
	all = slices.Clone(all)
	slices.SortStableFunc(all, func(a, b facts.Value) int { return facts.Later(a, b, zone) })
	seen := map[string]bool{}
	return slices.DeleteFunc(all, func(v facts.Value) bool {
		again := seen[v.Key()] || v.Name() == "" || v.Show().Text == ""
		seen[v.Key()] = true
		return again
	})
}

// vitalLine is the vital signs of the newest day on which any were taken.
func vitalLine(all []facts.Value, zone *time.Location) string {
	if len(all) == 0 {
		return "no vital signs recorded"
	}
	day := facts.Day(all[0].At, zone)
	var systolic, diastolic string
	var parts []string
	for _, v := range all {
		if facts.Day(v.At, zone) != day {
			continue
		}
		show := v.Show()
		switch v.Code.In(facts.LOINC) {
		case "8480-6":
			systolic = show.Text
		case "8462-4":
			diastolic = show.Text
		default:
			parts = append(parts, strings.TrimSpace(lower(v.Name())+" "+show.Text+" "+show.Unit))
		}
	}
	if systolic != "" && diastolic != "" {
		parts = slices.Insert(parts, 0, "blood pressure "+systolic+"/"+diastolic+" mmHg")
	}
	return strings.Join(parts, ", ") + ", " + day
}

// asOf closes a list with its day.
func (n *notes) asOf(list []string, none string) string {
	text := none
	if len(list) > 0 {
		text = strings.Join(list, "; ")
	}
	return text + ", " + format.Date(n.d.Shell.Clock())
}

func (n *notes) problems(ctx context.Context, s *record.Session, patient string) (datum, error) {
	type condition struct {
		Clinical     fhir.CodeableConcept   `fhir:"clinicalStatus"`
		Verification fhir.CodeableConcept   `fhir:"verificationStatus"`
		Category     []fhir.CodeableConcept `fhir:"category"`
		Code         fhir.CodeableConcept
		Abatement    fhir.Choice `fhir:"abatement[x]"`
	}
	all, err := facts.FindAll[condition](ctx, s, "Condition", patient, facts.Params("_count", "500")...)
	var list []string
	for _, c := range all {
		state := facts.Code(c.Clinical, facts.ConditionClinical)
		over := state == "inactive" || state == "resolved" || state == "" && !c.Abatement.IsZero()
		wrong := facts.Code(c.Verification, facts.ConditionVerification)
		listed := len(c.Category) == 0 || slices.ContainsFunc(c.Category, func(cat fhir.CodeableConcept) bool { return cat.In(facts.ConditionCategory) == "problem-list-item" })
		if name := facts.Concept(c.Code); name != "" && listed && !over && wrong != mistaken && wrong != "refuted" && !slices.Contains(list, name) {
			list = append(list, name)
		}
	}
	return datum{"problems", "Problems", n.asOf(list, "no active problems recorded")}, err
}

func (n *notes) medications(ctx context.Context, s *record.Session, patient string) (datum, error) {
	all, whole, err := facts.Medicines(ctx, s, patient, false)
	var list []string
	for _, m := range all {
		line := clinical.TallManWithin(m.Name)
		var directions []string
		for _, d := range m.Dosage {
			if d.Text != "" {
				directions = append(directions, clinical.Expand(d.Text))
			}
		}
		if len(directions) > 0 {
			line += ": " + strings.Join(directions, ", then ")
		}
		if state := m.State(); state != "" {
			line += " (" + state + ")"
		}
		if !slices.Contains(list, line) {
			list = append(list, line)
		}
	}
	if !whole {
		list = append(list, "and more than can be listed here")
	}
	return datum{"medications", "Medications", n.asOf(list, "no medications recorded")}, err
}

func (n *notes) allergies(ctx context.Context, s *record.Session, patient string) (datum, error) {
	all, state, err := facts.Allergies(ctx, s, patient)
	var list []string
	for _, a := range all {
		text := a.Substance()
		if r := a.Reaction(); r != "" {
			text += " (" + r + ")"
		}
		list = append(list, text)
	}
	none := "allergies not recorded"
	if state == clinical.NoKnownAllergies {
		none = "no known allergies"
	}
	return datum{"allergies", "Allergies", n.asOf(list, none)}, err
}

// lower puts a name into a sentence, but leaves abbreviations as they are.
func lower(s string) string {
	if r := []rune(s); len(r) > 1 && unicode.IsLower(r[1]) {
		return string(unicode.ToLower(r[0])) + string(r[1:])
	}
	return s
}
