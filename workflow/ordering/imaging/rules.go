package imaging

import (
	"time"

	"github.com/osler-ehr/osler/drugs"
)

func day(y int, m time.Month) time.Time { return time.Date(y, m, 1, 0, 0, 0, 0, time.UTC) }

// The sources of the rules. None of their text is used.
var (
	Contrasts = drugs.Source{ID: "acr-contrast", Title: "ACR Manual on Contrast Media", Version: "2024", Date: day(2024, time.April)}
	// Pregnancies is the practice parameter for imaging pregnant or potentially pregnant patients with ionizing radiation.
	Pregnancies = drugs.Source{ID: "acr-spr-pregnancy", Title: "ACR–SPR Practice Parameter, ionizing radiation in pregnancy", Version: "2023", Date: day(2023, time.January)}
	// Consensus is Davenport et al., Radiology 2020;294:660.
	Consensus = drugs.Source{ID: "acr-nkf-2020", Title: "ACR and NKF consensus, iodinated contrast and kidney disease", Version: "2020", Date: day(2020, time.March)}
	// Fibrosis is Weinreb et al., Radiology 2021;298:28.
	Fibrosis = drugs.Source{ID: "acr-nkf-2021", Title: "ACR and NKF consensus, group II gadolinium in kidney disease", Version: "2021", Date: day(2021, time.January)}
	Magnets  = drugs.Source{ID: "acr-mr-safety", Title: "ACR Manual on MR Safety", Version: "2024", Date: day(2024, time.January)}
	// MetforminLabel is the labelling of metformin after the safety communication of the FDA of 8 April 2016.
	MetforminLabel = drugs.Source{ID: "fda-metformin", Title: "FDA label of metformin", Version: "2016", Date: day(2016, time.April)}
)

// Rule is one rule that can be measured and tuned.
type Rule struct {
	Name     string
	Check    Check
	Severity drugs.Severity // the gravest that its findings ship with
	Source   drugs.Source
	Text     string
	Fixed    bool // its stops cannot be lowered or switched off
}

// The rules.
var (
	rulePregnant        = Rule{"imaging/pregnancy", Pregnancy, drugs.Stop, Pregnancies, "ionizing radiation near the uterus of who is pregnant", true}
	rulePregnantFar     = Rule{"imaging/pregnancy-far", Pregnancy, drugs.Note, Pregnancies, "ionizing radiation far from the uterus of who is pregnant", false}
	rulePerhapsPregnant = Rule{"imaging/pregnancy-possible", Pregnancy, drugs.Caution, Pregnancies, "ionizing radiation near the uterus where pregnancy was not ruled out", false}
	ruleGadoPregnant    = Rule{"imaging/gadolinium-pregnancy", Pregnancy, drugs.Stop, Contrasts, "gadolinium for who is pregnant", true}
	ruleKidneys         = Rule{"imaging/contrast-kidneys", Kidneys, drugs.Stop, Consensus, "iodinated contrast with eGFR below 30, or acute kidney injury", false}
	ruleGado            = Rule{"imaging/gadolinium-kidneys", Kidneys, drugs.Stop, Fibrosis, "gadolinium of group I with eGFR below 30, acute kidney injury or dialysis", true}
	ruleAllergy         = Rule{"imaging/contrast-allergy", ContrastAllergy, drugs.Stop, Contrasts, "contrast of the kind that the patient reacted to", true}
	ruleIodine          = Rule{"imaging/iodine-allergy", ContrastAllergy, drugs.Caution, Contrasts, "an allergy to iodine that may be one to contrast", false}
	ruleMetformin       = Rule{"imaging/metformin", Metformin, drugs.Stop, Contrasts, "iodinated contrast for who takes metformin with eGFR below 30 or acute kidney injury", false}
	ruleMetforminLabel  = Rule{"imaging/metformin-label", Metformin, drugs.Note, MetforminLabel, "iodinated contrast for who takes metformin with eGFR of 30 to 60", false}
	ruleMagnet          = Rule{"imaging/implant", Implants, drugs.Stop, Magnets, "MRI with an implant that is MR Unsafe, or an active one of which nothing is known", true}
	ruleMagnetOther     = Rule{"imaging/implant-conditional", Implants, drugs.Caution, Magnets, "MRI with an implant that is MR Conditional, or of which nothing is known", false}
)

// Rules are all rules.
func Rules() []Rule {
	return []Rule{rulePregnant, rulePregnantFar, rulePerhapsPregnant, ruleGadoPregnant, ruleKidneys, ruleGado, ruleAllergy, ruleIodine, ruleMetformin, ruleMetforminLabel, ruleMagnet, ruleMagnetOther}
}
