package safety

import (
	"math/big"
	"slices"
	"strings"

	"github.com/osler-ehr/osler/drugs"
)

// pregnancy checks the order against pregnancy, known or possible.
func (r *run) pregnancy() (text, detail string) {
	r.applied(drugs.Label)
	var rules []*drugs.PregnancyRule
	for _, rule := range r.c.Drugs.Rules.Pregnancy {
		if slices.ContainsFunc(r.order.Match.Ingredients, rule.Set.Has) {
			rules = append(rules, rule)
		}
	}
	switch {
	case r.p.Pregnant == Yes:
		for _, rule := range rules {
			r.find(Finding{Rule: rule.ID, Check: Pregnancy, Severity: rule.Severity, Advice: r.locally(), Against: "Pregnancy recorded " + day(r.p.PregnantAt), Text: rule.Text, Source: rule.Source})
		}
		if len(rules) == 0 {
			r.gap(Pregnancy, "Nothing is known here of %s in pregnancy.", r.name)
		}
		return "", ""
	case r.p.Sex == "male" || !r.fertile():
		return "Does not apply", ""
	case len(rules) == 0:
		return "Nothing known against it", ""
	case r.p.Pregnant == No && !r.old(r.p.PregnantAt, 90):
		return "Not pregnant", day(r.p.PregnantAt)
	case r.p.Pregnant == No:
		r.gap(Pregnancy, "Not pregnant on %s; ask again. %s", day(r.p.PregnantAt), rules[0].Text)
	default:
		r.gap(Pregnancy, "Pregnancy is not recorded; ask. %s", rules[0].Text)
	}
	return "", ""
}

// fertile reports whether pregnancy is possible by age: what is not known is possible.
func (r *run) fertile() bool {
	return r.age == nil || r.age.Cmp(big.NewRat(10, 1)) >= 0 && r.age.Cmp(big.NewRat(56, 1)) < 0
}

// ages checks the order against age.
func (r *run) ages() (text, detail string) {
	r.applied(drugs.Beers)
	for _, rule := range r.c.Drugs.Rules.Ages {
		if !slices.ContainsFunc(r.order.Match.Ingredients, rule.Set.Has) {
			continue
		}
		if r.age == nil {
			r.gap(Age, "The birth date is not known: age was not checked.")
			return "", ""
		}
		if rule.Ages.Contains(r.age) {
			r.find(Finding{Rule: rule.ID, Check: Age, Severity: rule.Severity, Advice: r.locally(), Against: "Age " + r.ageWords(), Text: rule.Text, Source: rule.Source})
		}
	}
	return "Nothing against it at this age", ""
}

// ageWords are years, and months below two.
func (r *run) ageWords() string {
	if r.age.Cmp(big.NewRat(2, 1)) < 0 {
		months := new(big.Rat).Mul(r.age, big.NewRat(12, 1))
		return plural(int(new(big.Int).Quo(months.Num(), months.Denom()).Int64()), "month")
	}
	return number(int(new(big.Int).Quo(r.age.Num(), r.age.Denom()).Int64()))
}

// conditions checks the order against the problem list.
func (r *run) conditions() (text, detail string) {
	r.applied(drugs.Label)
	for _, p := range r.p.Problems {
		if p.Name == "" && len(p.ICD10) == 0 {
			r.gap(Conditions, "A problem without a name and without a code of ICD-10-CM was not compared.")
			continue
		}
		for _, rule := range r.c.Drugs.Rules.Conditions {
			if slices.ContainsFunc(r.order.Match.Ingredients, rule.Set.Has) && suffers(rule, p) {
				r.find(Finding{Rule: rule.ID, Check: Conditions, Severity: rule.Severity, Advice: r.locally(), Against: nameOfProblem(p), Text: rule.Text, Source: rule.Source})
			}
		}
	}
	if len(r.p.Problems) == 0 {
		return "No problems are recorded", ""
	}
	return "No match with the problem list", plural(len(r.p.Problems), "problem")
}

func nameOfProblem(p Problem) string {
	if p.Name != "" {
		return p.Name
	}
	return p.ICD10[0]
}

// locally is what is added to a finding on the whole body when little of the medicine reaches it.
func (r *run) locally() string {
	if r.order.Match.Form.Systemic() {
		return ""
	}
	return "It is used locally: less reaches the body."
}

// suffers reports whether a problem is the condition of a rule, by its code or by words of its name.
func suffers(rule *drugs.ConditionRule, p Problem) bool {
	for _, code := range p.ICD10 {
		if slices.ContainsFunc(rule.ICD10, func(prefix string) bool { return strings.HasPrefix(code, prefix) }) {
			return true
		}
	}
	name := strings.ToLower(p.Name)
	return slices.ContainsFunc(rule.Words, func(w string) bool { return strings.Contains(name, w) })
}
