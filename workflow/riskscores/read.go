package riskscores

import (
	"context"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"time"

	"github.com/osler-ehr/osler/drugs"
	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/terms/ucum"
	"github.com/osler-ehr/osler/web/facts"
	"github.com/osler-ehr/osler/web/format"
	"github.com/osler-ehr/osler/workflow/riskscores/score"
)

// known is an input as the record has it.
type known struct {
	score.Value
	From  string           // where it comes from: "21-Nov-2026", "Problem list: hypertension"
	Basis []fhir.Reference // what it rests on; none where the record says nothing of it
	On    fhir.DateTime    // when it was measured
}

// person is what a record says of a patient's inputs.
type person struct {
	facts    map[string]known
	asks     map[string]string // why an input is not known
	dead     bool
	problems []problem
	meds     medicines
	stay     *stay // the newest discharge of the last 30 days
	reported *known
	visits   *attendance
}

// measure is something measured that scores need.
type measure struct {
	name  string
	label string
	codes []string // of the Observation, LOINC
	part  string   // LOINC of the value among components, where the Observation may be a panel
	unit  string   // UCUM, in which the score wants it
	molar float64  // mmol/L (or µmol/L) times this is mg/dL; 0 = not converted
}

var measures = []measure{
	{name: "cholesterol", label: "total cholesterol", codes: []string{"2093-3", "14647-2"}, unit: "mg/dL", molar: 38.67},
	{name: "hdl", label: "HDL cholesterol", codes: []string{"2085-9", "14646-4"}, unit: "mg/dL", molar: 38.67},
	{name: "systolic", label: "blood pressure", codes: []string{"85354-9", "8480-6"}, part: "8480-6", unit: "mm[Hg]"},
	{name: "diastolic", label: "blood pressure", codes: []string{"85354-9", "8462-4"}, part: "8462-4", unit: "mm[Hg]"},
	{name: "creatinine", label: "creatinine", codes: []string{"2160-0", "38483-4", "14682-9"}, unit: "mg/dL", molar: 1 / 88.4},
	{name: "ast", label: "AST", codes: []string{"1920-8"}, unit: "U/L"},
	{name: "alt", label: "ALT", codes: []string{"1742-6", "1743-4", "1744-2"}, unit: "U/L"},
	{name: "platelets", label: "platelets", codes: []string{"777-3", "26515-7"}, unit: "10*9/L"},
	{name: "urea", label: "urea nitrogen", codes: []string{"3094-0", "6299-2"}, unit: "mg/dL"},
	{name: "respirations", label: "respiratory rate", codes: []string{"9279-1"}, unit: "/min"},
	{name: "temperature", label: "temperature", codes: []string{"8310-5"}, unit: "Cel"},
	{name: "pulse", label: "heart rate", codes: []string{"8867-4"}, unit: "/min"},
}

// acute are the inputs of scores for today's illness: an older value than of the last day must not stand in for it.
var acute = []string{"curb-65", "centor-mcisaac", "wells-pe", "wells-dvt"}

// filtrationCodes are those of a reported eGFR; smoking is that of the smoking status.
var (
	filtrationCodes = []string{"98979-8", "62238-1", "33914-3", "48642-3", "48643-1"}
	smokingCodes    = []string{"72166-2"}
)

// gather reads what the scores need, at once.
func gather(ctx context.Context, s *record.Session, patient string, library *drugs.Library, now time.Time) (*person, error) {
	var (
		p      = &person{facts: map[string]known{}, asks: map[string]string{}}
		groups [][]string
		found  [][]facts.Observation
		who    *record.Version
		stays  []encounter
		errs   [6]error
	)
	for _, m := range measures {
		groups = append(groups, m.codes)
	}
	groups = append(groups, filtrationCodes, smokingCodes)
	facts.Together(
		func() { who, errs[0] = s.Read(ctx, "Patient", patient) },
		func() { p.problems, errs[1] = readProblems(ctx, s, patient) },
		func() { found, errs[2] = facts.Newest[facts.Observation](ctx, s, "Observation", patient, groups, 5) },
		func() { p.meds, errs[3] = readMedicines(ctx, s, patient, library) },
		func() { stays, errs[4] = readStays(ctx, s, patient, now) },
		func() { p.visits, errs[5] = readAttendance(ctx, s, patient, now) },
	)
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	if err := p.identify(who, now); err != nil {
		return nil, err
	}
	for i, m := range measures {
		p.measure(m, found[i], now)
	}
	p.reportedFiltration(found[len(measures)], now)
	p.smoking(found[len(measures)+1], now)
	p.diagnoses()
	p.treated()
	p.bleeding()
	p.lace(stays, now)
	return p, nil
}

func readProblems(ctx context.Context, s *record.Session, patient string) ([]problem, error) {
	return facts.FindAll[problem](ctx, s, "Condition", patient, facts.Params("_count", "500")...)
}

// identify reads age and sex.
func (p *person) identify(v *record.Version, now time.Time) error {
	who, err := fhir.View[facts.Patient](v.Resource())
	if err != nil {
		return err
	}
	p.dead, _ = who.Died()
	basis := []fhir.Reference{fhir.To("Patient", v.ID)}
	switch born := who.Birth.String(); {
	case born == "":
		p.asks["age"] = "The birth date is not recorded."
	case len(born) < len(time.DateOnly):
		p.asks["age"] = "The birth date is known as " + born + " only."
	default:
		at, _ := who.Birth.Range(now.Location())
		p.facts["age"] = known{Value: score.Value{Number: float64(wholeYears(at, now))}, From: "born " + format.Date(at), Basis: basis}
	}
	switch who.Gender {
	case "female", "male":
		p.facts["sex"] = known{Value: score.Value{Choice: who.Gender}, From: "as recorded", Basis: basis}
	default:
		p.asks["sex"] = "The record says neither female nor male."
	}
	p.asks["coefficients"] = "Never taken from the record: ask the patient."
	return nil
}

// wholeYears is an age; someone born on 29 February has the birthday on 1 March of other years.
func wholeYears(birth, now time.Time) int {
	years := now.Year() - birth.Year()
	if now.Month() < birth.Month() || now.Month() == birth.Month() && now.Day() < birth.Day() {
		years--
	}
	return years
}

// measure takes the newest value that can be used. One that says nothing true, or is no exact number, is passed over; where one in a
// unit that cannot be converted is newer, nothing older stands in for it.
func (p *person) measure(m measure, list []facts.Observation, now time.Time) {
	p.asks[m.name] = "Not recorded: " + m.label + "."
	for _, o := range list {
		if !o.Valid() || o.Status == "preliminary" {
			continue
		}
		at := o.At()
		if at.IsZero() || at.Time(now.Location()).After(now.AddDate(0, 0, 1)) {
			continue
		}
		for _, v := range o.Values() {
			if m.part != "" && v.Key() != "loinc|"+m.part || m.part == "" && !slices.Contains(m.codes, strings.TrimPrefix(v.Key(), "loinc|")) {
				continue
			}
			q, ok := v.Quantity()
			if !ok || q.Value.IsZero() {
				continue
			}
			number, err := m.convert(q)
			if err != nil {
				p.asks[m.name] = fmt.Sprintf("The %s of %s cannot be used: %s %s.", m.label, facts.Day(at, now.Location()), q.Comparator+q.Value.String(), q.Unit)
				return
			}
			k := known{Value: score.Value{Number: number}, From: facts.Day(at, now.Location()), Basis: []fhir.Reference{fhir.To("Observation", o.ID)}, On: at}
			if at.Time(now.Location()).Before(now.AddDate(-1, 0, 0)) {
				k.From += ", over a year old"
			}
			p.facts[m.name] = k
			delete(p.asks, m.name)
			return
		}
	}
}

// convert gives a quantity as a number in the unit of the score, rounded to what a laboratory reports.
func (m measure) convert(q fhir.Quantity) (float64, error) {
	if q.Comparator != "" {
		return 0, fmt.Errorf("%s is no exact value", q.Comparator)
	}
	from := q.Code
	if from == "" {
		from = q.Unit
	}
	if spelled := map[string]string{"mg/dl": "mg/dL", "mmHg": "mm[Hg]", "mm Hg": "mm[Hg]", "°C": "Cel", "°F": "[degF]", "IU/L": "U/L", "[IU]/L": "U/L", "K/uL": "10*3/uL", "x10E3/uL": "10*3/uL", "bpm": "/min", "beats/minute": "/min", "{beats}/min": "/min", "breaths/minute": "/min", "{breaths}/min": "/min"}[from]; spelled != "" {
		from = spelled
	}
	if m.molar != 0 && (from == "mmol/L" || m.name == "creatinine" && (from == "umol/L" || from == "µmol/L")) {
		if m.name == "creatinine" && from == "mmol/L" {
			return q.Value.Float64() * 1000 * m.molar, nil
		}
		return round(q.Value.Float64()*m.molar, 2), nil
	}
	if from == m.unit {
		return q.Value.Float64(), nil
	}
	r, err := ucum.ConvertRat(new(big.Rat).Set(q.Value.Rat()), from, m.unit)
	if err != nil {
		return 0, err
	}
	f, _ := r.Float64()
	return round(f, 2), nil
}

func round(f float64, digits int) float64 {
	r, _, err := big.ParseFloat(fmt.Sprintf("%.*f", digits, f), 10, 64, big.ToNearestEven)
	if err != nil {
		return f
	}
	out, _ := r.Float64()
	return out
}

func (p *person) reportedFiltration(list []facts.Observation, now time.Time) {
	for _, o := range list {
		if n, ok := o.Number(); ok && o.Valid() {
			p.reported = &known{Value: score.Value{Number: n}, From: facts.Day(o.At(), now.Location()), Basis: []fhir.Reference{fhir.To("Observation", o.ID)}}
			return
		}
	}
}

// smoking reads the newest smoking status. (US Core smoking status; the words are those of its value set.)
func (p *person) smoking(list []facts.Observation, now time.Time) {
	p.asks["smoker"] = "The smoking status is not recorded."
	for _, o := range list {
		c, ok := o.Value.Value().(fhir.CodeableConcept)
		if !o.Valid() || !ok {
			continue
		}
		status := facts.Concept(c)
		k := known{From: status + ", " + facts.Day(o.At(), now.Location()), Basis: []fhir.Reference{fhir.To("Observation", o.ID)}}
		switch lower := strings.ToLower(status); {
		case status == "" || strings.Contains(lower, "unknown"):
			p.asks["smoker"] = "The smoking status of " + facts.Day(o.At(), now.Location()) + " is unknown."
			return
		case strings.Contains(lower, "never"), strings.Contains(lower, "former"), strings.Contains(lower, "ex-smoker"), strings.Contains(lower, "non-smoker"):
		default:
			k.Yes = true
		}
		p.facts["smoker"] = k
		delete(p.asks, "smoker")
		return
	}
}

// diagnoses answers what the problem list can tell. What does not stand there is no, and it says so.
func (p *person) diagnoses() {
	for i := range diseases {
		d := &diseases[i]
		if d.weight > 0 || d.name == "renal" || p.facts[d.name].Yes {
			continue
		}
		list := had(p.problems, d)
		k := known{From: "not on the problem list"}
		for _, c := range list {
			k.Yes = true
			k.Basis = append(k.Basis, fhir.To("Condition", c.ID))
		}
		if k.Yes {
			k.From = facts.Concept(list[0].Code)
		}
		p.facts[d.name] = k
	}
	n, because, basis := charlson(p.problems)
	k := known{Value: score.Value{Number: float64(n)}, From: "nothing of it on the problem list", Basis: basis}
	if n > 0 {
		k.From = strings.Join(because, ", ")
	}
	p.facts["charlson"] = k
}

// bleeding answers what else HAS-BLED asks.
func (p *person) bleeding() {
	k := known{From: "neither dialysis nor transplant on the problem list"}
	for _, c := range had(p.problems, diseaseOf("renal")) {
		k.Yes, k.From, k.Basis = true, facts.Concept(c.Code), append(k.Basis, fhir.To("Condition", c.ID))
	}
	switch c, ok := p.facts["creatinine"]; {
	case k.Yes:
		p.facts["renal"] = k
	case !ok:
		p.asks["renal"] = p.asks["creatinine"]
	default:
		k.Yes = c.Number >= 2.26 // 200 µmol/L
		k.From, k.Basis = fmt.Sprintf("creatinine %s mg/dL, %s", format.LabNumber(fmt.Sprint(c.Number)), c.From), c.Basis
		p.facts["renal"] = k
	}
	p.asks["alcohol"] = "Not recorded as a number of drinks: ask the patient."
	switch warfarin := p.meds.named("warfarin"); {
	case len(p.meds.unknown) > 0 && len(warfarin) == 0:
		p.asks["labile"] = "It is not certain whether warfarin is taken."
	case len(warfarin) == 0:
		p.facts["labile"] = known{From: "warfarin is not taken"}
	default:
		p.asks["labile"] = "Not worked out from INRs: judge the time within range."
	}
	p.ask("antiplatelet", p.meds.of("antiplatelet"))
}

// ask answers whether medicines of a kind are taken: no only if every medicine is known for what it is.
func (p *person) ask(name string, of []drug) {
	switch {
	case len(of) > 0:
		k := known{Value: score.Value{Yes: true}, From: names(of)}
		for _, d := range of {
			k.Basis = append(k.Basis, d.ref)
		}
		p.facts[name] = k
	case len(p.meds.unknown) > 0:
		p.asks[name] = "Not known what these are: " + names(p.meds.unknown) + "."
	case !p.meds.whole:
		p.asks[name] = "The medicines could not be read whole."
	default:
		p.facts[name] = known{From: "none among the medicines"}
	}
}

// treated answers whether hypertension is treated.
func (p *person) treated() {
	lowering := p.meds.of("pressure")
	switch {
	case p.facts["hypertension"].Yes:
		p.ask("treated", lowering)
	case len(lowering) > 0:
		p.asks["treated"] = "Takes " + names(lowering) + ", but hypertension is not on the problem list."
	default:
		p.ask("treated", nil)
	}
}

// of is what is known for a score; for an illness of today, only what was measured today.
func (p *person) of(s *score.Score, now time.Time) map[string]known {
	out := map[string]known{}
	for i := range s.Inputs {
		in := &s.Inputs[i]
		k, ok := p.facts[in.Name]
		if !ok {
			continue
		}
		if slices.Contains(acute, s.ID) && in.Kind == score.Number && in.Name != "age" && k.On.Time(now.Location()).Before(now.Add(-24*time.Hour)) {
			continue
		}
		out[in.Name] = k
	}
	return out
}

// why says why an input is not known.
func (p *person) why(s *score.Score, name string) string {
	if k, ok := p.facts[name]; ok {
		return "The newest is of " + k.From + "; today's is needed."
	}
	if why := p.asks[name]; why != "" {
		return why
	}
	return "The record does not say: ask or examine."
}
