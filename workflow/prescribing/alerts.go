package prescribing

import (
	"cmp"
	"context"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/web"
	"github.com/osler-ehr/osler/web/facts"
)

// alertDays is how far back the page of alerts looks.
const alertDays = 90

// Alerts is what became of the findings of the safety checks.
type Alerts struct {
	From  string // 25-Aug-2026
	Rules []AlertRule
	Total AlertRule
	// More is true when there were more than could be counted.
	More bool
}

// AlertRule counts the findings of a rule.
type AlertRule struct {
	Rule     string // onc-8
	Check    string // Interactions
	Source   string
	Fired    int // shown while a prescription was written that was signed
	Stopped  int // of them those that asked for a reason
	Override int // signed all the same, with a reason
	Changed  int // the order was changed so that it no longer applied
	// Reasons count the reasons given, the most frequent first.
	Reasons []Reason
}

// Reason is a reason with how often it was given.
type Reason struct {
	Words string
	N     int
}

// Rate is the share of what asked for a reason that was overridden, in percent; "" if nothing did.
func (a AlertRule) Rate() string {
	if a.Stopped+a.Changed == 0 {
		return ""
	}
	return strconv.Itoa((a.Override*100+(a.Stopped+a.Changed)/2)/(a.Stopped+a.Changed)) + " %"
}

// alerts counts what was found in the last three months, over all patients that this person may see.
func (e *editor) alerts(r *http.Request) (web.View, error) {
	s, err := e.d.Session(r)
	if err != nil {
		return nil, err
	}
	a, err := countAlerts(r.Context(), s, e.d.Shell.Clock())
	if err != nil {
		return nil, err
	}
	return web.Page{Title: "Medication alerts", Current: "reports", Body: alertPage(a)}, nil
}

// countAlerts reads the issues that were kept.
func countAlerts(ctx context.Context, s *record.Session, now time.Time) (Alerts, error) {
	from := now.AddDate(0, 0, -alertDays)
	out := Alerts{From: from.Format("02-Jan-2006"), Total: AlertRule{Check: "All"}}
	rules := map[string]*AlertRule{}
	reasons := map[string]map[string]int{}
	q := record.Query{Type: "DetectedIssue", Params: facts.Params("identified", "ge"+from.Format(time.DateOnly), "_count", "500"), Strict: true}
	for pages := 0; ; pages++ {
		page, err := s.Search(ctx, q)
		if err != nil {
			return out, err
		}
		for i := range page.Entries {
			issue, err := fhir.View[issue](page.Entries[i].Resource())
			if err != nil {
				continue // of another system, in a form that is not ours
			}
			rule := issue.Code.In(ruleSystem)
			if rule == "" || issue.Status == "entered-in-error" {
				continue
			}
			count := rules[rule]
			if count == nil {
				count = &AlertRule{Rule: rule, Check: string(checkOf(rule))}
				rules[rule], reasons[rule] = count, map[string]int{}
			}
			for _, c := range issue.Code.Coding {
				if c.System == ruleSystem && c.Display != "" {
					count.Source = c.Display
				}
			}
			for _, c := range []*AlertRule{count, &out.Total} {
				c.add(issue)
			}
			for _, m := range issue.Mitigation {
				if code := m.Action.In(answerSystem); code != changed && code != "" {
					reasons[rule][answerWords(code)]++
				}
			}
		}
		if page.Next == "" {
			break
		}
		if pages >= 40 {
			out.More = true
			break
		}
		q.Page = page.Next
	}
	for rule, count := range rules {
		for words, n := range reasons[rule] {
			count.Reasons = append(count.Reasons, Reason{words, n})
		}
		slices.SortFunc(count.Reasons, func(a, b Reason) int { return cmp.Or(b.N-a.N, cmp.Compare(a.Words, b.Words)) })
	}
	for _, rule := range slices.Sorted(maps.Keys(rules)) {
		out.Rules = append(out.Rules, *rules[rule])
	}
	slices.SortStableFunc(out.Rules, func(a, b AlertRule) int { return b.Fired - a.Fired })
	return out, nil
}

func (a *AlertRule) add(i issue) {
	a.Fired++
	code := ""
	for _, m := range i.Mitigation {
		if c := m.Action.In(answerSystem); c != "" {
			code = c
		}
	}
	switch {
	case code == changed:
		a.Changed++
	case code != "":
		a.Stopped++
		a.Override++
	case i.Severity == "high":
		a.Stopped++
	}
}
