package prescribing

import (
	"regexp"
	"strings"

	"github.com/osler-ehr/osler/web/clinical"
)

// Named takes a drug's name apart that follows the pattern of RxNorm's clinical drugs, such as
//
//	24 HR metformin hydrochloride 500 MG Extended Release Oral Tablet [Glucophage]
//
// into ingredient, strength, form and brand. A name of any other pattern is kept whole, as it was received.
func Named(name string) clinical.Medication {
	name = strings.TrimSpace(name)
	if name == "" {
		return clinical.Medication{Product: "Medication not named"}
	}
	m := clinical.Medication{Product: name}
	rest := name
	if at := brand.FindStringSubmatchIndex(rest); at != nil {
		m.Brand = rest[at[2]:at[3]]
		rest = rest[:at[0]]
	}
	rest = strings.TrimPrefix(rest, prefix.FindString(rest))
	parts := strings.Split(rest, " / ")
	var ingredients, strengths []string
	for i, part := range parts {
		match := component.FindStringSubmatch(part)
		if match == nil || longDigit.MatchString(match[1]) || i < len(parts)-1 && match[3] != "" || i == len(parts)-1 && match[3] == "" {
			return whole(name)
		}
		ingredients = append(ingredients, ingredient(match[1]))
		strengths = append(strengths, strength(match[2]))
		if match[3] != "" {
			form, ok := forms[strings.ToLower(match[3])]
			if !ok {
				return whole(name)
			}
			m.Form = form
		}
	}
	m.Product = ""
	m.Generic = strings.Join(ingredients, " and ")
	m.Strength = strings.Join(strengths, " and ")
	return m
}

func whole(name string) clinical.Medication { return clinical.Medication{Product: name} }

var (
	brand     = regexp.MustCompile(` \[([^\]]+)\]$`)
	prefix    = regexp.MustCompile(`^[0-9]+ (?:HR|ACTUAT) `)
	longDigit = regexp.MustCompile(`[0-9]{3}`)
	component = regexp.MustCompile(`^([A-Za-z][A-Za-z0-9 ,'-]*?) ([0-9]*\.?[0-9]+ (?:MG|MCG|UNT|MEQ|ML|%|G|GM)(?:/(?:[0-9.]+ )?(?:ML|ACTUAT|HR|MG))?)(?: ([A-Za-z][A-Za-z ,-]*))?$`)
)

// salts are the parts of an ingredient's name that a line leaves out, because no look-alike is told apart by them.
var salts = []string{" hydrochloride", " sodium", " potassium", " calcium", " besylate", " tartrate", " maleate", " mesylate", " hydrobromide", " monohydrate", " acetate", " dihydrate"}

func ingredient(s string) string {
	s = strings.ToLower(strings.TrimSpace(s))
	for _, salt := range salts {
		if cut, ok := strings.CutSuffix(s, salt); ok && keepsMeaning(cut) {
			return strings.TrimSuffix(cut, ",")
		}
	}
	return s
}

// keepsMeaning guards against cutting what is the drug itself: potassium chloride, sodium bicarbonate, calcium acetate; and against metoprolol,
// whose salts are not the same medicine.
func keepsMeaning(cut string) bool {
	switch cut {
	case "", "potassium", "sodium", "calcium", "magnesium", "metoprolol", "penicillin v", "penicillin g", "valproate", "divalproex", "diclofenac", "medroxyprogesterone":
		return false
	}
	return true
}

// strength writes RxNorm's capitals as labels do: 500 MG as 500 mg.
func strength(s string) string {
	number, unit, _ := strings.Cut(s, " ")
	units := strings.NewReplacer("MCG", "micrograms", "UNT", "units", "MEQ", "mEq", "MG", "mg", "ML", "mL", "ACTUAT", "puff", "HR", "hour", "GM", "g", "G", "g")
	return strings.TrimSpace(doseNumber(number) + " " + units.Replace(unit))
}

// forms are RxNorm's dose forms in the words of a label.
var forms = map[string]string{
	"oral tablet": "tablet", "oral capsule": "capsule", "extended release oral tablet": "extended-release tablet", "extended release oral capsule": "extended-release capsule",
	"delayed release oral tablet": "delayed-release tablet", "delayed release oral capsule": "delayed-release capsule", "chewable tablet": "chewable tablet",
	"disintegrating oral tablet": "disintegrating tablet", "sublingual tablet": "sublingual tablet", "oral solution": "oral solution", "oral suspension": "oral suspension",
	"injectable solution": "injection", "injectable suspension": "injection", "injection": "injection", "prefilled syringe": "prefilled syringe", "pen injector": "pen injector",
	"metered dose inhaler": "inhaler", "dry powder inhaler": "dry powder inhaler", "inhalation solution": "inhalation solution", "inhalant solution": "inhalation solution",
	"nasal spray": "nasal spray", "metered dose nasal spray": "nasal spray", "inhalation spray": "inhaler", "topical cream": "cream", "topical ointment": "ointment", "topical gel": "gel", "topical solution": "topical solution", "topical lotion": "lotion",
	"transdermal system": "patch", "transdermal patch": "patch", "ophthalmic solution": "eye drops", "ophthalmic ointment": "eye ointment", "otic solution": "ear drops", "vaginal cream": "vaginal cream", "rectal suppository": "suppository",
	"oral tablet, extended release": "extended-release tablet", "drug implant": "implant", "vaginal ring": "vaginal ring",
}
