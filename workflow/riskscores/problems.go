package riskscores

import (
	"slices"
	"strings"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/web/facts"
)

// disease is a group of diagnoses that scores ask about: ICD-10-CM categories, and the words by which a problem without such a code is
// known; not words that would make it another.
type disease struct {
	name   string // of the fact
	codes  []string
	words  []string
	not    []string
	lasts  bool // once had is always had: a resolved problem counts too
	weight int  // in the Charlson score of the LACE study; 0 = it is not part of it
	over   string
}

// family are words that make a diagnosis somebody else's, or none.
var family = []string{"family history", "risk of", "at risk", "rule out", "suspected", "screening", "no history", "fear of"}

var diseases = []disease{
	{name: "fibrillation", codes: []string{"I48"}, words: []string{"atrial fibrillation", "atrial flutter"}},
	{name: "valve", codes: []string{"I05.0", "I05.2", "I34.2", "Z95.2"}, words: []string{"mitral stenosis", "mechanical valve", "mechanical heart valve", "prosthetic heart valve"}, not: []string{"mild"}, lasts: true},
	{name: "failure", codes: []string{"I50", "I11.0", "I13.0", "I13.2", "I09.81", "I25.5", "I42"}, words: []string{"heart failure", "cardiomyopathy", "left ventricular dysfunction"}, lasts: true},
	{name: "hypertension", codes: []string{"I10", "I11", "I12", "I13", "I15", "I16"}, words: []string{"hypertension", "hypertensive"}, not: []string{"pulmonary", "portal", "ocular", "intracranial", "gestational", "white coat"}},
	{name: "diabetes", codes: []string{"E08", "E09", "E10", "E11", "E13"}, words: []string{"diabetes mellitus", "diabetes type", "type 1 diabetes", "type 2 diabetes", "diabetic"}, not: []string{"prediabetes", "pre-diabetes", "gestational", "insipidus"}},
	{name: "embolism", codes: []string{"I63", "G45.0", "G45.1", "G45.2", "G45.3", "G45.8", "G45.9", "I69.3", "I74", "Z86.73"}, words: []string{"stroke", "cerebral infarction", "transient ischemic attack", "arterial embolism"}, not: []string{"heat stroke", "hemorrhagic"}, lasts: true},
	{name: "stroke", codes: []string{"I60", "I61", "I62", "I63", "I69", "Z86.73"}, words: []string{"stroke", "cerebral infarction", "intracerebral hemorrhage", "subarachnoid hemorrhage"}, not: []string{"heat stroke"}, lasts: true},
	{name: "vascular", codes: []string{"I21", "I22", "I25.2", "I70", "I73.9"}, words: []string{"myocardial infarction", "heart attack", "peripheral artery disease", "peripheral arterial disease", "peripheral vascular disease", "aortic plaque", "aortic atherosclerosis"}, lasts: true},
	{name: "ascvd", codes: []string{"I20", "I21", "I22", "I23", "I24", "I25", "I63", "G45.0", "G45.1", "G45.2", "G45.3", "G45.8", "G45.9", "I69.3", "I70", "I73.9", "Z86.73", "Z95.1", "Z95.5", "Z98.61"},
		words: []string{"myocardial infarction", "heart attack", "coronary artery disease", "coronary heart disease", "ischemic heart disease", "angina pectoris", "stroke", "cerebral infarction", "transient ischemic attack", "peripheral artery disease", "peripheral arterial disease"}, not: []string{"heat stroke", "hemorrhagic"}, lasts: true},
	{name: "renal", codes: []string{"Z99.2", "Z94.0", "N18.6"}, words: []string{"dialysis", "kidney transplant", "end stage renal", "end-stage renal"}, lasts: true},
	{name: "liver", codes: []string{"K70.2", "K70.3", "K70.4", "K71.7", "K72.1", "K72.9", "K73", "K74", "K76.6", "K76.7"}, words: []string{"cirrhosis", "chronic hepatitis", "liver failure"}},
	{name: "bleeding", codes: []string{"I60", "I61", "I62", "K25.0", "K25.2", "K25.4", "K25.6", "K26.0", "K26.2", "K26.4", "K26.6", "K27.0", "K27.2", "K27.4", "K27.6", "K28.0", "K28.2", "K28.4", "K28.6", "K92.0", "K92.1", "K92.2"},
		words: []string{"gastrointestinal hemorrhage", "gastrointestinal bleeding", "intracranial hemorrhage", "intracerebral hemorrhage", "subarachnoid hemorrhage", "bleeding ulcer"}, lasts: true},
	{name: "bleeding", codes: []string{"D50", "D51", "D52", "D53", "D55", "D56", "D57", "D58", "D59", "D60", "D61", "D62", "D63", "D64", "D65", "D66", "D67", "D68.0", "D68.1", "D68.2", "D68.3", "D68.4", "D69"},
		words: []string{"anemia", "hemophilia", "von willebrand", "thrombocytopenia"}},
	{name: "previous", codes: []string{"I26", "I82", "Z86.71"}, words: []string{"pulmonary embolism", "deep vein thrombosis", "deep venous thrombosis"}, lasts: true},
	{name: "steatosis", codes: []string{"K76.0", "K75.81", "B18", "E66", "K70"}, words: []string{"fatty liver", "steatosis", "steatohepatitis", "hepatitis c", "obesity"}},
	// The Charlson score with the weights of the LACE study.
	{name: "charlson heart attack", codes: []string{"I21", "I22", "I25.2"}, words: []string{"myocardial infarction", "heart attack"}, lasts: true, weight: 1},
	{name: "charlson stroke", codes: []string{"G45", "G46", "I60", "I61", "I62", "I63", "I64", "I65", "I66", "I67", "I68", "I69", "Z86.73"}, words: []string{"stroke", "cerebral infarction", "transient ischemic attack"}, not: []string{"heat stroke"}, lasts: true, weight: 1},
	{name: "charlson peripheral artery disease", codes: []string{"I70", "I71", "I73.1", "I73.8", "I73.9", "I77.1"}, words: []string{"peripheral artery disease", "peripheral vascular disease", "aortic aneurysm"}, lasts: true, weight: 1},
	{name: "charlson diabetes", codes: []string{"E08", "E09", "E10", "E11", "E13"}, words: []string{"diabetes mellitus", "type 1 diabetes", "type 2 diabetes"}, not: []string{"prediabetes", "gestational"}, weight: 1},
	{name: "charlson diabetes with organ damage", codes: organDamage(), weight: 2, over: "charlson diabetes"},
	{name: "charlson heart failure", codes: []string{"I50", "I11.0", "I13.0", "I13.2", "I42"}, words: []string{"heart failure"}, lasts: true, weight: 2},
	{name: "charlson lung disease", codes: []string{"J40", "J41", "J42", "J43", "J44", "J45", "J46", "J47", "J60", "J61", "J62", "J63", "J64", "J65", "J66", "J67"}, words: []string{"chronic obstructive pulmonary disease", "copd", "emphysema", "asthma", "bronchiectasis"}, weight: 2},
	{name: "charlson mild liver or kidney disease", codes: []string{"K70.0", "K70.1", "K70.2", "K70.9", "K73", "K74.0", "B18", "N18.1", "N18.2", "N18.3", "N18.9"}, words: []string{"chronic kidney disease", "chronic hepatitis"}, weight: 2},
	{name: "charlson cancer", codes: cancers(), words: []string{"cancer", "lymphoma", "leukemia", "malignant"}, not: []string{"skin", "basal cell", "squamous cell", "history of"}, weight: 2},
	{name: "charlson dementia", codes: []string{"F01", "F02", "F03", "G30", "G31.0", "G31.83"}, words: []string{"dementia", "alzheimer"}, weight: 3},
	{name: "charlson connective tissue disease", codes: []string{"M05", "M06", "M31.5", "M32", "M33", "M34", "M35.1", "M35.3", "M36.0"}, words: []string{"rheumatoid arthritis", "lupus", "polymyalgia rheumatica", "scleroderma"}, weight: 3},
	{name: "charlson AIDS", codes: []string{"B20"}, words: []string{"aids"}, weight: 4},
	{name: "charlson severe liver or kidney disease", codes: []string{"K70.3", "K70.4", "K71.7", "K72.1", "K72.9", "K74.3", "K74.4", "K74.5", "K74.6", "K76.6", "K76.7", "I85", "N18.4", "N18.5", "N18.6", "Z99.2", "Z94.0"}, words: []string{"cirrhosis", "dialysis", "end stage renal"}, weight: 4, over: "charlson mild liver or kidney disease"},
	{name: "charlson metastatic cancer", codes: []string{"C77", "C78", "C79", "C7B"}, words: []string{"metastatic", "metastasis"}, weight: 6, over: "charlson cancer"},
}

// organDamage are the codes of diabetes with damage to kidneys, eyes, nerves or vessels.
func organDamage() (out []string) {
	for _, kind := range []string{"E08", "E09", "E10", "E11", "E13"} {
		for _, damage := range []string{".2", ".3", ".4", ".5"} {
			out = append(out, kind+damage)
		}
	}
	return out
}

// cancers are the categories of malignant tumors, without those of the skin that are no melanoma.
func cancers() (out []string) {
	for _, tens := range "0123456789" {
		for _, ones := range "0123456789" {
			if c := "C" + string(tens) + string(ones); c != "C44" && c != "C77" && c != "C78" && c != "C79" {
				out = append(out, c)
			}
		}
	}
	return out
}

// problem is the view of a Condition.
type problem struct {
	ID           string
	Clinical     fhir.CodeableConcept `fhir:"clinicalStatus"`
	Verification fhir.CodeableConcept `fhir:"verificationStatus"`
	Code         fhir.CodeableConcept
	Abatement    fhir.Choice `fhir:"abatement[x]"`
}

// stands reports whether a patient has or had it; current, whether it goes on.
func (c problem) stands() (had, current bool) {
	switch facts.Code(c.Verification, facts.ConditionVerification) {
	case "refuted", "entered-in-error", "unconfirmed", "provisional", "differential":
		return false, false
	}
	switch facts.Code(c.Clinical, facts.ConditionClinical) {
	case "inactive", "resolved", "remission":
		return true, false
	case "":
		return true, c.Abatement.IsZero()
	}
	return true, true
}

// icd is the code of ICD-10-CM, or of ICD-10; "" if there is none.
func (c problem) icd() string {
	if code := c.Code.In("http://hl7.org/fhir/sid/icd-10-cm"); code != "" {
		return code
	}
	return c.Code.In("http://hl7.org/fhir/sid/icd-10")
}

// is reports whether a problem is such a disease: by its code of ICD-10-CM where it has one, else by its names.
func (d *disease) is(c problem) bool {
	if code := c.icd(); code != "" {
		return slices.ContainsFunc(d.codes, func(prefix string) bool { return strings.HasPrefix(code, prefix) })
	}
	names := strings.ToLower(facts.Concept(c.Code))
	for _, coding := range c.Code.Coding {
		names += "; " + strings.ToLower(coding.Display)
	}
	has := func(words []string) bool {
		return slices.ContainsFunc(words, func(w string) bool { return strings.Contains(names, w) })
	}
	return has(d.words) && !has(d.not) && !has(family)
}

// diseaseOf is the disease of a name.
func diseaseOf(name string) *disease {
	for i := range diseases {
		if diseases[i].name == name {
			return &diseases[i]
		}
	}
	return nil
}

// had are the problems that make a patient have a disease.
func had(list []problem, d *disease) (out []problem) {
	for _, c := range list {
		ever, current := c.stands()
		if (current || ever && d.lasts) && d.is(c) {
			out = append(out, c)
		}
	}
	return out
}

// charlson is the Charlson score with the weights of the LACE study, and what it is made of. Of two degrees of one disease the worse counts.
func charlson(list []problem) (total int, because []string, basis []fhir.Reference) {
	found := map[string]bool{}
	for i := range diseases {
		if d := &diseases[i]; d.weight > 0 && len(had(list, d)) > 0 {
			found[d.name] = true
			for _, c := range had(list, d) {
				basis = append(basis, fhir.To("Condition", c.ID))
			}
		}
	}
	for i := range diseases {
		if d := &diseases[i]; found[d.name] && d.over != "" {
			delete(found, d.over)
		}
	}
	for i := range diseases {
		if d := &diseases[i]; found[d.name] {
			total += d.weight
			because = append(because, strings.TrimPrefix(d.name, "charlson "))
		}
	}
	return total, because, basis
}
