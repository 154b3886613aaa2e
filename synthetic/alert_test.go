package synthetic

import (
	"regexp"
	"testing"
	"time"
)

// TestAlertsOfSomeWeeks: the practice of a demonstration has alerts to report, some overridden with different reasons and some heeded.
func TestAlertsOfSomeWeeks(t *testing.T) {
	answer := regexp.MustCompile(`safety-answer","code":"([a-z-]+)"`)
	rule := regexp.MustCompile(`safety-rule","version":"[^"]*","code":"([^"]+)"`)
	n, answers, rules, settings := 0, map[string]int{}, map[string]int{}, 0
	for item := range Practice(Options{Patients: 60, Seed: 1, Today: time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)}) {
		switch item.Type {
		case "PlanDefinition":
			settings++
		case "DetectedIssue":
			n++
			rules[rule.FindStringSubmatch(string(item.JSON))[1]]++
			if m := answer.FindStringSubmatch(string(item.JSON)); m != nil {
				answers[m[1]]++
			}
		}
	}
	t.Logf("%d alerts, answers %v, rules %v", n, answers, rules)
	if n < 6 || len(answers) < 3 || len(rules) < 2 || settings != 2 {
		t.Errorf("%d alerts, answers %v, rules %v, %d settings", n, answers, rules, settings)
	}
}
