package clinical

import (
	"regexp"
	"strings"
)

// doNotUse are the abbreviations of the Joint Commission's list, as they stand in text from elsewhere, with what they mean.
var doNotUse = []struct {
	pattern *regexp.Regexp
	means   string
}{
	{regexp.MustCompile(`(?i)\bq\.?\s?o\.?\s?d\b\.?`), "every other day"},
	{regexp.MustCompile(`(?i)\bq\.?\s?d\b\.?`), "daily"},
	{regexp.MustCompile(`\b(?:[0-9,.]+ ?)?IU\b`), "international units"},
	{regexp.MustCompile(`\b[0-9,.]+ ?[Uu]\b`), "units"},
	{regexp.MustCompile(`\bMgSO4\b`), "magnesium sulfate"},
	{regexp.MustCompile(`\bMSO4\b`), "morphine sulfate"},
	{regexp.MustCompile(`\bMS\b`), "may mean morphine sulfate or magnesium sulfate"},
	{regexp.MustCompile(`(?i)\b[0-9]+\.[0-9]*0 ?(?:mg|g|ml|mcg|meq|units?|tabs?|tablets?|caps?|capsules?|puffs?|sprays?|drops?|patch(?:es)?|doses?|minutes?|hours?|hrs?|days?|weeks?|months?)\b`), "no decimals"},
	{regexp.MustCompile(`(?:^|[^0-9])(\.[0-9]+)`), "leading zero missing"},
}

// Expand keeps instructions from elsewhere exactly as they are and adds what their dangerous abbreviations mean:
//
//	Take 1 tab QD [QD: daily]
func Expand(text string) string {
	var notes []string
	seen := map[string]bool{}
	covered := text
	for _, a := range doNotUse {
		for _, m := range a.pattern.FindAllStringSubmatch(covered, -1) {
			found := strings.TrimSpace(m[len(m)-1])
			if seen[found] {
				continue
			}
			seen[found] = true
			means := a.means
			switch means {
			case "no decimals":
				end := strings.LastIndexAny(found, "0123456789") + 1
				means = strings.TrimRight(strings.TrimRight(found[:end], "0"), ".") + " " + strings.TrimLeft(found[end:], " ")
			case "leading zero missing":
				means = "0" + found
			}
			notes = append(notes, found+": "+means)
		}
		covered = a.pattern.ReplaceAllString(covered, " ")
	}
	if len(notes) == 0 {
		return text
	}
	return text + " [" + strings.Join(notes, "; ") + "]"
}
