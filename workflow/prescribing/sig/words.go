package sig

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/osler-ehr/osler/drugs"
)

// units are the units of a dose: how they are written for one and for many, and their code in UCUM.
var units = map[string]struct{ one, many, ucum string }{
	"mg": {"mg", "mg", "mg"}, "micrograms": {"micrograms", "micrograms", "ug"}, "g": {"g", "g", "g"}, "mEq": {"mEq", "mEq", "meq"},
	"units": {"unit", "units", "[iU]"}, "mL": {"mL", "mL", "mL"},
	"tablet": {"tablet", "tablets", "{tbl}"}, "capsule": {"capsule", "capsules", "{capsule}"}, "puff": {"puff", "puffs", "{puff}"}, "spray": {"spray", "sprays", "{spray}"},
	"drop": {"drop", "drops", "[drp]"}, "patch": {"patch", "patches", "{patch}"}, "application": {"application", "applications", "{application}"},
	"suppository": {"suppository", "suppositories", "{suppository}"}, "dose": {"dose", "doses", "{dose}"}, "ring": {"ring", "rings", "{ring}"},
	"implant": {"implant", "implants", "{implant}"}, "system": {"system", "systems", "{system}"},
}

// Units are the units that a dose may have, those of a form first.
func Units(form drugs.Form) []string {
	out := []string{}
	if form.Unit != "" {
		out = append(out, form.Unit)
	}
	for _, u := range []string{"tablet", "capsule", "mL", "mg", "micrograms", "g", "units", "mEq", "puff", "spray", "drop", "patch", "application", "suppository", "dose", "ring", "implant", "system"} {
		if u != form.Unit {
			out = append(out, u)
		}
	}
	return out
}

// Unit writes a unit for an amount: 1 tablet, 2 tablets, half a tablet.
func Unit(unit string, plural bool) string {
	u, ok := units[unit]
	switch {
	case !ok:
		return unit
	case plural:
		return u.many
	}
	return u.one
}

// route is a way in: the verb of the label, the words after the dose, and the code of SNOMED CT, if it has one here.
type route struct{ verb, words, code, display string }

var routes = map[string]route{
	"oral":        {"Take", "by mouth", "26643006", "Oral route"},
	"sublingual":  {"Place", "under the tongue", "37839007", "Sublingual route"},
	"inhaled":     {"Inhale", "by mouth", "447694001", "Respiratory tract route"},
	"nasal":       {"Use", "in the nose", "46713006", "Nasal route"},
	"topical":     {"Apply", "on the skin", "6064005", "Topical route"},
	"transdermal": {"Apply", "to the skin", "45890007", "Transdermal route"},
	"eye":         {"Put", "in the eye", "54485002", "Ophthalmic route"},
	"ear":         {"Put", "in the ear", "10547007", "Otic route"},
	"rectal":      {"Insert", "into the rectum", "37161004", "Rectal route"},
	"vaginal":     {"Insert", "into the vagina", "16857009", "Per vagina"},
	"injection":   {"Inject", "under the skin", "34206005", "Subcutaneous route"},
	"muscle":      {"Inject", "into a muscle", "78421000", "Intramuscular route"},
	"vein":        {"Give", "into a vein", "47625008", "Intravenous route"},
	"uterine":     {"Place", "in the uterus", "", ""},
	"dental":      {"Apply", "in the mouth", "", ""},
}

// Routes are the routes in the order in which a form offers them, each with its words.
func Routes() [][2]string {
	var out [][2]string
	for _, key := range []string{"oral", "sublingual", "inhaled", "nasal", "topical", "transdermal", "eye", "ear", "injection", "muscle", "vein", "rectal", "vaginal", "uterine", "dental"} {
		out = append(out, [2]string{key, RouteWords(key)})
	}
	return out
}

// RouteWords are the words of a route in a list: by mouth, inhaled.
func RouteWords(key string) string {
	if key == "inhaled" {
		return "inhaled"
	}
	return routes[key].words
}

// Words are the sentence on the label:
//
//	Take 1 tablet (100 mg) by mouth daily.
func (s Sig) Words() string {
	r := routes[s.Route]
	words := []string{r.verb, s.doseWords(), r.words, s.Frequency.Words()}
	if s.AsNeeded {
		words = append(words, "as needed")
		if s.Reason != "" {
			words = append(words, "for "+s.Reason)
		}
	}
	if s.Days > 0 {
		words = append(words, "for", counted(s.Days, "day"))
	}
	out := strings.Join(strings.Fields(strings.Join(words, " ")), " ") + "."
	if s.MaxPerDay != nil {
		out += " No more than " + drugs.Number(s.MaxPerDay) + " " + Unit(s.Unit, s.MaxPerDay.Cmp(one) > 0) + " in 24 hours."
	}
	if note := strings.TrimSpace(s.Note); note != "" {
		out += " " + first(note, unicode.ToUpper)
		if !strings.HasSuffix(out, ".") {
			out += "."
		}
	}
	return out
}

// doseWords are the amount: 1 tablet (100 mg), half a tablet, 1 to 2 puffs.
func (s Sig) doseWords() string {
	if s.Low == nil {
		return ""
	}
	if s.High != nil {
		return drugs.Number(s.Low) + " to " + drugs.Number(s.High) + " " + Unit(s.Unit, true) + s.strength()
	}
	amount := drugs.Number(s.Low) + " " + Unit(s.Unit, s.Low.Cmp(one) > 0)
	if whole[s.Unit] {
		switch s.Low.RatString() {
		case "1/2":
			amount = "half a " + Unit(s.Unit, false)
		case "1/4":
			amount = "a quarter of a " + Unit(s.Unit, false)
		}
	}
	return amount + s.strength()
}

// strength is what the dose comes to: (100 mg).
func (s Sig) strength() string {
	if s.Strength.Amount == nil {
		return ""
	}
	low, unit := drugs.Readable(times(s.Low, s.Strength.Amount), s.Strength.Unit)
	if s.High == nil {
		return " (" + drugs.Number(low) + " " + unit + ")"
	}
	high, highUnit := drugs.Readable(times(s.High, s.Strength.Amount), s.Strength.Unit)
	if unit != highUnit {
		return " (" + drugs.Number(low) + " " + unit + " to " + drugs.Number(high) + " " + highUnit + ")"
	}
	return " (" + drugs.Number(low) + " to " + drugs.Number(high) + " " + unit + ")"
}

// first changes the first letter alone.
func first(s string, change func(rune) rune) string {
	r, n := utf8.DecodeRuneInString(s)
	if n == 0 || r == utf8.RuneError {
		return s
	}
	return string(change(r)) + s[n:]
}

func counted(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return strconv.Itoa(n) + " " + noun + "s"
}
