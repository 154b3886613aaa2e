package charting

import (
	"context"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/record/search"
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

// readData reads all that a link can show: the lists, and the latest value of each test.
func (n *notes) readData(ctx context.Context, s *record.Session, patient string) ([]datum, error) {
	var lists [3]datum
	var measured, vitals []facts.Value
	var errs [5]error
	facts.Together(
		func() { lists[0], errs[0] = n.problems(ctx, s, patient) },
		func() { lists[1], errs[1] = n.medications(ctx, s, patient) },
		func() { lists[2], errs[2] = n.allergies(ctx, s, patient) },
		func() {
			vitals, errs[3] = values(ctx, s, patient, n.d.Shell.Location(), facts.Params("category", "vital-signs", "_sort", "-date", "_count", "60")...)
		},
		func() {
			measured, errs[4] = values(ctx, s, patient, n.d.Shell.Location(), facts.Params("category", "laboratory", "_sort", "-date", "_count", "300")...)
		},
	)
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	zone := n.d.Shell.Location()
	out := lists[:]
	out = append(out, datum{"vitals", "Vital signs", vitalLine(vitals, zone)})
	for _, v := range slices.Concat(measured, vitals) {
		out = append(out, datum{resultKey(v.Key()), v.Name(), shown(v, zone)})
	}
	return out, nil
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
				all, errs[i] = values(ctx, s, patient, zone, facts.Params("category", "vital-signs", "_sort", "-date", "_count", "60")...)
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
	params := facts.Params("_sort", "-date", "_count", "300")
	if system, code, found := strings.Cut(name, "|"); found && system != "text" && code != "" {
		if system == "loinc" {
			system = facts.LOINC
		}
		params = facts.Params("combo-code", system+"|"+code, "_sort", "-date", "_count", "10")
	}
	all, err := values(ctx, s, patient, n.d.Shell.Location(), params...)
	if err != nil {
		return "", err
	}
	for _, v := range all {
		if v.Key() == name {
			return shown(v, n.d.Shell.Location()), nil
		}
	}
	return "", nil
}

// values are the newest value of each test among the observations found.
func values(ctx context.Context, s *record.Session, patient string, zone *time.Location, params ...search.Param) ([]facts.Value, error) {
	page, err := s.Search(ctx, facts.Of("Observation", patient, params...))
	if err != nil {
		return nil, err
	}
	var all []facts.Value
	for i := range page.Entries {
		o, err := facts.ReadObservation(page.Entries[i].Resource())
		if err != nil {
			return nil, err
		}
		if o.Valid() {
			all = append(all, o.Values()...)
		}
	}
	slices.SortStableFunc(all, func(a, b facts.Value) int { return facts.Later(a, b, zone) })
	seen := map[string]bool{}
	return slices.DeleteFunc(all, func(v facts.Value) bool {
		again := seen[v.Key()] || v.Name() == "" || v.Show().Text == ""
		seen[v.Key()] = true
		return again
	}), nil
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
