package imaging

import (
	"regexp"
	"slices"
	"strings"

	"github.com/osler-ehr/osler/fhir"
)

// Meaning is what a problem or procedure means to the checks.
type Meaning uint8

// The meanings.
const (
	Nothing       Meaning = iota
	Expecting             // pregnant
	Sterile               // pregnancy is ruled out: sterilisation, hysterectomy, menopause
	Womb                  // there is no uterus
	AcuteKidney           // acute kidney injury
	OnDialysis            // dialysis, or kidney failure that needs it
	KidneyRisk            // chronic kidney disease, one kidney, a transplant, diabetes
	ActiveImplant         // a pacemaker and the like
)

// ends of names of code systems.
const (
	snomed  = "http://snomed.info/sct"
	icd10cm = "http://hl7.org/fhir/sid/icd-10-cm"
	icd10   = "http://hl7.org/fhir/sid/icd-10"
)

// problems are the codes of ICD-10-CM, by their beginnings, and words of names, by what they mean. The first that fits decides.
var problems = []struct {
	means Meaning
	icd   []string
	snt   []string // SNOMED CT
	words *regexp.Regexp
}{
	{Womb, []string{"Z90.710", "Z90.711", "Q51.0"}, []string{"161800001"}, regexp.MustCompile(`hysterectomy|absence of uterus`)},
	{Sterile, []string{"Z98.51", "Z90.722", "Z78.0", "N95.0", "N95.2"}, []string{"161712005", "289903006"}, regexp.MustCompile(`tubal ligation|sterili[sz]ation|salpingectomy, bilateral|bilateral (salpingo-?)?(salpingectomy|oophorectomy)|post-?menopaus|asymptomatic menopaus`)},
	{Expecting, []string{"Z33.1", "Z34", "O09", "Z3A"}, []string{"77386006", "72892002"}, regexp.MustCompile(`^(normal |intrauterine |high-risk |twin )?pregnan(cy|t)$|^supervision of .*pregnancy`)},
	{AcuteKidney, []string{"N17", "O90.4"}, []string{"14669001", "35455006"}, regexp.MustCompile(`acute (kidney|renal) (injury|failure)`)},
	{OnDialysis, []string{"Z99.2", "N18.6"}, []string{"46177005", "265764009"}, regexp.MustCompile(`dialysis|end-?stage (kidney|renal)`)},
	{KidneyRisk, []string{"N18", "E08", "E09", "E10", "E11", "E13", "Z94.0", "Z90.5", "Q60", "C64", "N28.9", "I12", "I13", "Z48.22"}, []string{"709044004", "73211009", "44054006", "46635009"}, regexp.MustCompile(`chronic (kidney|renal)|\bckd\b|diabetes mellitus|type [12] diabetes|kidney transplant|single kidney|nephrectomy`)},
	{ActiveImplant, []string{"Z95.0", "Z95.81", "Z45.0", "Z96.21", "Z96.41", "Z96.82", "Z98.2", "T85.1", "Z18.1"}, nil, active},
}

// planned is what was not done yet, or not to this person.
var planned = regexp.MustCompile(`plan|counsel|request|desire|consider|encounter for|partner|revers`)

// active are implants that a magnet can make dangerous.
var active = regexp.MustCompile(`pacemaker|pulse generator|defibrillator|\bicd\b|cardiac resynch|loop recorder|neurostimulator|nerve stimulat|spinal cord stimulat|brain stimulat|\bdbs\b|cochlear|insulin pump|infusion pump|intrathecal pump|aneurysm clip|ventricular assist|\blvad\b|tissue expander|programmable shunt|metal(lic)? (fragment|foreign body)`)

// ProblemMeans is what a problem means to the checks.
func ProblemMeans(code fhir.CodeableConcept, name string) Meaning {
	name = strings.ToLower(name)
	for _, p := range problems {
		for _, c := range code.Coding {
			switch c.System {
			case icd10cm, icd10:
				if slices.ContainsFunc(p.icd, func(begin string) bool { return strings.HasPrefix(c.Code, begin) }) {
					return p.means
				}
			case snomed:
				if slices.Contains(p.snt, c.Code) {
					return p.means
				}
			}
		}
	}
	if strings.HasPrefix(name, "family history") || strings.HasPrefix(name, "premenopaus") || strings.HasPrefix(name, "perimenopaus") || strings.Contains(name, "gestational") || strings.Contains(name, "insipidus") {
		return Nothing
	}
	for _, p := range problems {
		if (p.means == Womb || p.means == Sterile) && planned.MatchString(name) {
			continue
		}
		if p.words.MatchString(name) {
			return p.means
		}
	}
	return Nothing
}

// sterilizing are procedures after which pregnancy is ruled out. In ICD-10-PCS: resection of the uterus, and excision, resection,
// occlusion or extirpation of both fallopian tubes or ovaries.
var (
	sterilizing    = regexp.MustCompile(`hysterectomy|tubal ligation|tubal occlusion|sterili[sz]ation|bilateral (salpingo-?)?(salpingectomy|oophorectomy)|resection of uterus|(resection|occlusion|destruction) of bilateral (fallopian tubes|ovaries)`)
	sterilizingPCS = []string{"0UT9", "0UT2", "0UT7", "0UL7", "0U57"}
	// sterilizingSCT are hysterectomy, tubal ligation, and removal of both tubes and ovaries.
	sterilizingSCT = []string{"236886002", "287664005", "116028008"}
)

// ProcedureMeans is what a procedure that was done means to the checks: Sterile or Nothing.
func ProcedureMeans(code fhir.CodeableConcept, name string) Meaning {
	for _, c := range code.Coding {
		switch {
		case slices.Contains(systemsPCS, c.System) && slices.ContainsFunc(sterilizingPCS, func(begin string) bool { return strings.HasPrefix(c.Code, begin) }),
			c.System == snomed && slices.Contains(sterilizingSCT, c.Code):
			return Sterile
		}
	}
	if sterilizing.MatchString(strings.ToLower(name)) && !planned.MatchString(strings.ToLower(name)) {
		return Sterile
	}
	return Nothing
}

// hcgNegative is up to which hCG in serum a test is negative, in mIU/mL; between it and hcgPositive nothing is said.
const (
	hcgNegative = 5
	hcgPositive = 25
)

// PregnancyResult is what a pregnancy test or status says; neither if it says neither.
func PregnancyResult(code fhir.CodeableConcept, value fhir.Choice) (positive, negative bool) {
	switch v := value.Value().(type) {
	case fhir.CodeableConcept:
		switch {
		case v.Has(snomed, "77386006") || v.Has(snomed, "10828004"):
			return true, false
		case v.Has(snomed, "60001007") || v.Has(snomed, "260385009"):
			return false, true
		}
		return pregnancyWords(v.Display())
	case string:
		return pregnancyWords(v)
	case bool:
		return v, !v
	case fhir.Quantity:
		if v.Value.IsZero() {
			return false, false
		}
		x := v.Value.Float64()
		switch v.Comparator {
		case "<", "<=":
			return false, x <= hcgNegative
		case ">", ">=":
			return x >= hcgPositive, false
		}
		return x >= hcgPositive, x <= hcgNegative
	}
	return false, false
}

func pregnancyWords(s string) (positive, negative bool) {
	switch s = strings.ToLower(strings.TrimSpace(s)); s {
	case "negative", "not detected", "not pregnant", "absent", "neg":
		return false, true
	case "positive", "detected", "pregnant", "present", "pos":
		return true, false
	}
	return false, false
}

var (
	iodinatedNames  = regexp.MustCompile(`iodinated|iohexol|omnipaque|iopamidol|isovue|iodixanol|visipaque|ioversol|optiray|iopromide|ultravist|iothalam|diatriz|ioxagl`)
	gadoliniumNames = regexp.MustCompile(`gado|magnevist|omniscan|dotarem|multihance|prohance|eovist|clariscan|mri contrast|contrast.*mri`)
	contrastNames   = regexp.MustCompile(`contrast|radiographic dye|\bx-?ray dye|\bct dye|\biv dye|radiocontrast`)
	iodineNames     = regexp.MustCompile(`\biodine\b`)
)

// MediumOf is to which kind of contrast medium an allergy is recorded; 0 if to none. Povidone-iodine and seafood are none.
func MediumOf(name string) Medium {
	name = strings.ToLower(name)
	var m Medium
	if gadoliniumNames.MatchString(name) {
		m |= Gadolinium
	}
	if iodinatedNames.MatchString(name) || strings.Contains(name, "radiocontrast") || strings.Contains(name, "ct dye") {
		m |= Iodinated
	}
	switch {
	case m != 0:
		return m
	case contrastNames.MatchString(name):
		return Iodinated | Gadolinium
	case iodineNames.MatchString(name) && !strings.Contains(name, "povidone"):
		return Iodine
	}
	return 0
}

// ActiveDevice reports whether the name of a device is that of an implant that a magnet can make dangerous.
func ActiveDevice(name string) bool { return active.MatchString(strings.ToLower(name)) }

// Terms of the NCI Thesaurus for what a label says of MRI. (FHIR R4, value set device-safety.)
const (
	Thesaurus       = "urn:oid:2.16.840.1.113883.3.26.1.1"
	CodeSafe        = "C106045"
	CodeConditional = "C106046"
	CodeUnsafe      = "C106047"
	CodeUnlabelled  = "C113844"
)

// MagnetOf is what the safety of a device says of MRI; the worst of several.
func MagnetOf(safety []fhir.CodeableConcept) (m Magnet) {
	for _, s := range safety {
		for _, c := range s.Coding {
			switch c.Code {
			case CodeSafe:
				m = max(m, MagnetSafe)
			case CodeConditional:
				m = max(m, MagnetConditional)
			case CodeUnsafe:
				m = max(m, MagnetUnsafe)
			}
		}
		switch text := strings.ToLower(s.Text); {
		case strings.Contains(text, "unsafe"):
			m = max(m, MagnetUnsafe)
		case strings.Contains(text, "conditional"):
			m = max(m, MagnetConditional)
		}
	}
	return m
}
