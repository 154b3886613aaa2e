package drugs

import "strings"

// Form is a dose form.
type Form struct {
	Name  string // as labels have it: tablet
	Unit  string // what is counted when it is taken: tablet, mL, puff
	Route string // its usual route, a key of [Routes]: oral
	// Whole is true when a unit is taken whole: extended release, delayed release and capsules.
	Whole bool
}

// Systemic reports whether what is taken so reaches the whole body in an effective amount. A form that is not known is taken
// to be systemic.
func (f Form) Systemic() bool {
	switch f.Route {
	case "topical", "eye", "ear", "nasal", "inhaled", "vaginal", "uterine", "dental":
		return false
	}
	return true
}

// Liquid reports whether it is measured in mL.
func (f Form) Liquid() bool { return f.Unit == "mL" }

// FormOf is the form that RxNorm calls so, such as "Extended Release Oral Tablet".
func FormOf(rxnorm string) (Form, bool) {
	f, ok := forms[strings.ToLower(strings.TrimSpace(rxnorm))]
	return f, ok
}

// forms are RxNorm's dose forms.
var forms = map[string]Form{
	"oral tablet":                   {"tablet", "tablet", "oral", false},
	"chewable tablet":               {"chewable tablet", "tablet", "oral", false},
	"disintegrating oral tablet":    {"disintegrating tablet", "tablet", "oral", true},
	"extended release oral tablet":  {"extended-release tablet", "tablet", "oral", true},
	"delayed release oral tablet":   {"delayed-release tablet", "tablet", "oral", true},
	"oral capsule":                  {"capsule", "capsule", "oral", true},
	"extended release oral capsule": {"extended-release capsule", "capsule", "oral", true},
	"delayed release oral capsule":  {"delayed-release capsule", "capsule", "oral", true},
	"oral solution":                 {"oral solution", "mL", "oral", false},
	"oral suspension":               {"oral suspension", "mL", "oral", false},
	"oral powder":                   {"oral powder", "dose", "oral", false},
	"sublingual tablet":             {"sublingual tablet", "tablet", "sublingual", true},
	"mucosal spray":                 {"spray", "spray", "sublingual", true},
	"oral gel":                      {"oral gel", "application", "dental", false},
	"injectable solution":           {"injection", "mL", "injection", false},
	"injectable suspension":         {"injection", "mL", "injection", false},
	"injection":                     {"injection", "mL", "injection", false},
	"prefilled syringe":             {"prefilled syringe", "mL", "injection", false},
	"pen injector":                  {"pen injector", "mL", "injection", false},
	"auto-injector":                 {"auto-injector", "dose", "injection", true},
	"cartridge":                     {"cartridge", "mL", "injection", false},
	"metered dose inhaler":          {"inhaler", "puff", "inhaled", true},
	"dry powder inhaler":            {"dry powder inhaler", "puff", "inhaled", true},
	"inhalation solution":           {"inhalation solution", "mL", "inhaled", false},
	"inhalation suspension":         {"inhalation suspension", "mL", "inhaled", false},
	"inhalant solution":             {"inhalation solution", "mL", "inhaled", false},
	"metered dose nasal spray":      {"nasal spray", "spray", "nasal", true},
	"inhalation spray":              {"inhaler", "puff", "inhaled", true},
	"nasal spray":                   {"nasal spray", "spray", "nasal", true},
	"topical cream":                 {"cream", "application", "topical", false},
	"topical ointment":              {"ointment", "application", "topical", false},
	"topical gel":                   {"gel", "application", "topical", false},
	"topical lotion":                {"lotion", "application", "topical", false},
	"topical solution":              {"topical solution", "application", "topical", false},
	"transdermal system":            {"patch", "patch", "transdermal", true},
	"ophthalmic solution":           {"eye drops", "drop", "eye", true},
	"ophthalmic suspension":         {"eye drops", "drop", "eye", true},
	"ophthalmic ointment":           {"eye ointment", "application", "eye", false},
	"otic solution":                 {"ear drops", "drop", "ear", true},
	"vaginal cream":                 {"vaginal cream", "application", "vaginal", false},
	"vaginal ring":                  {"vaginal ring", "ring", "vaginal", true},
	"vaginal system":                {"vaginal ring", "ring", "vaginal", true},
	"rectal suppository":            {"suppository", "suppository", "rectal", true},
	"drug implant":                  {"implant", "implant", "injection", true},
	"intrauterine system":           {"intrauterine system", "system", "uterine", true},
}
