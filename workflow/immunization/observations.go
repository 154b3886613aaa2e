package immunization

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/web/facts"
	"github.com/osler-ehr/osler/workflow/immunization/forecast"
)

const icd10cm = "http://hl7.org/fhir/sid/icd-10-cm"

// Observation codes of CDSi that are treated in their own way.
const (
	pregnant         = "007"
	onsetOfPregnancy = "170"
	diabetes         = "014"
	smokes           = "042"
)

// byICD10 are observation codes of CDSi by the beginning of ICD-10-CM codes, for the supporting data name SNOMED CT
// alone. A condition is listed where the code says all that the observation asks for: HIV without its stage is no more
// than HIV. The longest beginning that fits decides.
var byICD10 = map[string][]string{
	"A15": {"031"}, "A17": {"031"}, "A18": {"031"}, "A19": {"031"},
	"B01": {"024"}, "B02": {"025"},
	"B17.1": {"005"}, "B18": {"015"}, "B18.2": {"005", "015"}, "B20": {"186"}, "Z21": {"186"},
	"C81": {"180"}, "C82": {"179"}, "C83": {"179"}, "C84": {"179"}, "C85": {"179"}, "C90.0": {"181"}, "C91": {"178"}, "C92": {"178"}, "C93": {"178"}, "C94": {"178"}, "C95": {"178"},
	"D56": {"205"}, "D56.3": nil, // a trait is no disease
	"D57": {"258", "259"}, "D57.3": nil,
	"D73.0": {"160"}, "Q89.01": {"160"}, "Z90.81": {"160"},
	"D81.0": {"013", "147"}, "D81.1": {"013", "147"}, "D81.2": {"013", "147"}, "D84.1": {"151"}, "D84.821": {"158"},
	"E08": {diabetes}, "E09": {diabetes}, "E10": {diabetes, "266"}, "E11": {diabetes}, "E13": {diabetes},
	"E10.22": {diabetes, "266", "256"}, "E11.22": {diabetes, "256"}, "E13.22": {diabetes, "256"},
	"E10.3": {diabetes, "266", "264"}, "E11.3": {diabetes, "264"}, "E13.3": {diabetes, "264"}, "E10.4": {diabetes, "266", "263"}, "E11.4": {diabetes, "263"}, "E13.4": {diabetes, "263"},
	"E66.01": {"204", "257"}, "E66.2": {"204", "257"}, "E66.813": {"204", "257"}, "E66": {"204"}, "E66.3": nil, // overweight
	"E84":    {"200"},
	"F10.2":  {"043"},
	"F10.21": nil, // in remission
	"F01":    {"202"}, "F02": {"202"}, "F03": {"202"}, "G30": {"202"},
	"F17.210": {smokes}, "F17.213": {smokes}, "F17.218": {smokes}, "F17.219": {smokes},
	"G96.0": {"010"}, "Z96.21": {"011"},
	"I11.0": {"016", "254"}, "I13.0": {"016", "254"}, "I13.2": {"016", "254"}, "I42": {"016", "254"}, "I43": {"016", "254"}, "I50": {"016", "254"}, "I25": {"254"},
	"I27.0": {"201"}, "I27.2": {"201"}, "I63": {"206"}, "I69": {"206"},
	"J41": {"017", "214"}, "J42": {"017", "214"}, "J43": {"017", "214", "215"}, "J44": {"017", "214"}, "J45": {"027"}, "J45.4": {"027", "253"}, "J45.5": {"027", "253"}, "J84": {"199"},
	"K56.1": {"028"}, "K70": {"015"}, "K73": {"015"}, "K74": {"015"}, "K75.4": {"015"},
	"N04": {"167"}, "N18": {"161"}, "N18.6": {"161", "114"}, "Z99.2": {"032"},
	"O09": {pregnant}, "Z33.1": {pregnant}, "Z34": {pregnant}, "Z3A": {pregnant},
	"Q90": {"203"}, "Z59.0": {"121"},
	"Z94.0": {"157"}, "Z94.1": {"157"}, "Z94.2": {"157"}, "Z94.3": {"157"}, "Z94.4": {"157"}, "Z94.82": {"157"}, "Z94.83": {"157"}, "Z94.81": {"004"}, "Z94.84": {"004"},
}

// bySNOMED are observation codes of CDSi by SNOMED CT codes that many records use and the supporting data do not have,
// for they name the general concept alone: kinds of diabetes, stages of kidney disease, heart failure.
var bySNOMED = map[string][]string{
	"44054006": {diabetes}, "46635009": {diabetes, "266"}, "127013003": {diabetes},
	"431855005": {"161"}, "431856006": {"161"}, "433144002": {"161"}, "431857002": {"161"}, "433146000": {"161"}, "46177005": {"161"},
	"84114007": {"016", "254"}, "88805009": {"016", "254"}, "185086009": {"017", "214"},
	"26929004": {"202"}, "230265002": {"202"}, "162864005": {"204"}, "72892002": {pregnant},
}

// lasting are observations that hold though the condition is over: immunity, and what cannot be undone.
var lasting = []string{"004", "011", "018", "019", "020", "021", "022", "023", "024", "025", "028", "079", "157", "160", "169"}

// immuneGlobulins are observations that an immune globulin was given, which stand in the way of live vaccines for some
// months. (CDC, General Best Practice Guidelines, table 3-6, as the supporting data put it)
var immuneGlobulins = map[string]int{"125": 3, "126": 6, "127": 3, "128": 4, "129": 5}

// pregnancyLasts is for how many days a pregnancy is taken to last after its beginning or its record, if nothing says
// that it ended. One that nobody closed must not bar vaccines for ever.
const pregnancyLasts = 300

// observations are what the record says, in the codes of the supporting data, each once.
func (p person) observations(in forecast.Patient, on forecast.Date, zone *time.Location) []forecast.Observation {
	var out []forecast.Observation
	add := func(code string, at forecast.Date) {
		if code == pregnant && at != 0 {
			if on-at > pregnancyLasts {
				return
			}
			out = append(out, forecast.Observation{Code: onsetOfPregnancy, Date: at})
		}
		out = append(out, forecast.Observation{Code: code, Date: at})
	}
	for _, c := range p.Conditions {
		if !c.stands() {
			continue
		}
		at := dayOf(c.Onset, zone)
		if at == 0 && !c.Recorded.IsZero() {
			at = forecast.DateOf(c.Recorded.Time(zone).In(zone))
		}
		for _, code := range meant(c.Code) {
			if c.active() || slices.Contains(lasting, code) {
				add(code, at)
			}
		}
	}
	for _, d := range p.Procedures {
		if d.Status != "completed" {
			continue
		}
		for _, code := range meant(d.Code) {
			if slices.Contains(lasting, code) { // what a procedure leaves behind; a condition says what goes on
				add(code, dayOf(d.Performed, zone))
			}
		}
	}
	for _, f := range p.current() {
		v, _ := fhir.ChoiceValue[fhir.CodeableConcept](f.Value)
		for _, code := range meant(v) {
			add(code, dayOf(f.Effective, zone))
		}
	}
	for _, a := range p.Allergies {
		for _, code := range reactions(a) {
			add(code, 0)
		}
	}
	for _, d := range in.Doses {
		for _, code := range forecast.CDC().ObservationsAbout(d.CVX) {
			if months, yes := immuneGlobulins[code]; yes && on.Time().Before(d.Given.Time().AddDate(0, months, 0)) {
				add(code, d.Given)
			}
		}
	}
	slices.SortStableFunc(out, func(a, b forecast.Observation) int {
		return cmp.Or(strings.Compare(a.Code, b.Code), cmp.Compare(b.Date, a.Date))
	})
	return slices.CompactFunc(out, func(a, b forecast.Observation) bool { return a.Code == b.Code })
}

// stands reports whether a condition is neither refuted nor entered in error.
func (c condition) stands() bool {
	switch facts.Code(c.Verification, facts.ConditionVerification) {
	case "refuted", "entered-in-error":
		return false
	}
	return true
}

func (c condition) active() bool {
	switch facts.Code(c.Clinical, facts.ConditionClinical) {
	case "inactive", "remission", "resolved":
		return false
	}
	return true
}

// current are the newest findings of each kind: a later one that says no takes the place of an earlier yes.
func (p person) current() []finding {
	var out []finding
	seen := map[string]bool{}
	for _, f := range p.Findings { // newest first
		if f.Status == "entered-in-error" || f.Status == "cancelled" {
			continue
		}
		if kind := facts.Code(f.Code, facts.LOINC); !seen[kind] {
			seen[kind] = true
			out = append(out, f)
		}
	}
	return out
}

// smokers are the SNOMED CT codes of smoking status that mean a person who smokes now.
var smokers = []string{"449868002", "428041000124106", "77176002", "428071000124103", "428061000124105"}

// meant are the observation codes that a concept stands for.
func meant(c fhir.CodeableConcept) []string {
	var out []string
	for _, k := range c.Coding {
		switch k.System {
		case facts.SNOMED:
			out = append(append(out, forecast.CDC().ObservationsOf(k.Code)...), bySNOMED[k.Code]...)
			if slices.Contains(smokers, k.Code) {
				out = append(out, smokes)
			}
		case icd10cm:
			out = append(out, ofICD10(k.Code)...)
		}
	}
	return out
}

func ofICD10(code string) []string {
	for n := len(code); n >= 3; n-- {
		if list, yes := byICD10[code[:n]]; yes {
			return list
		}
	}
	return nil
}

// reactions are the observation codes of an allergy: of the substance, and, if it was severe, of a vaccine. What the
// supporting data call severe must be recorded so.
func reactions(a facts.Allergy) []string {
	if !a.Stands() {
		return nil
	}
	out := slices.DeleteFunc(meant(a.Code), func(code string) bool { return !aboutReaction(forecast.CDC().ObservationTitle(code)) })
	if !a.High() && a.Severity() != "severe" {
		return out
	}
	for _, k := range a.Code.Coding {
		if k.System != cvx {
			continue
		}
		for _, code := range forecast.CDC().ObservationsAbout(k.Code) {
			if _, given := immuneGlobulins[code]; !given {
				out = append(out, code)
			}
		}
	}
	return out
}

// aboutReaction tells observations of allergies from others whose code is the same substance, such as a medicine that is
// taken.
func aboutReaction(title string) bool {
	title = strings.ToLower(title)
	return strings.Contains(title, "allerg") || strings.Contains(title, "hypersensitivity") || strings.Contains(title, "adverse reaction")
}
