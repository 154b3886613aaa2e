package prescribing

import (
	"cmp"
	"context"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/identity"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/web"
	"github.com/osler-ehr/osler/web/facts"
	"github.com/osler-ehr/osler/workflow/prescribing/safety"
)

// periods are how far back the page of alerts can look, in days; the second unless another is asked for.
var periods = []int{30, 90, 365}

// Alerts is what became of the findings of the safety checks.
type Alerts struct {
	From  string // 25-Aug-2026
	Days  int
	Rules []AlertRule
	Total AlertRule
	// More is true when there were more than could be counted.
	More bool
	Off  string // which rules are switched off, as a sentence; "" = none
	May  bool   // whoever looks may change the rules
	// Silent are the rules that showed nothing in the period.
	Silent []AlertRule
}

// AlertRule counts the findings of a rule.
type AlertRule struct {
	Rule     string // onc-8
	Check    string // Interactions
	Source   string
	Severity string // as it ships: stop, caution, note; "" for a rule that is not known any more
	Mode     string // what the practice made of it; "" = as it ships
	Set      string // by whom and when
	Text     string // what the rule says
	Href     string // where it is changed; "" for those who may not
	Fired    int    // shown while a prescription was written that was signed
	Stopped  int    // of them those that asked for a reason
	Override int    // signed all the same, with a reason
	Changed  int    // the order was changed so that it no longer applied
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

// alerts counts what was found in a period, over all patients that this person may see.
func (e *editor) alerts(r *http.Request) (web.View, error) {
	s, err := e.d.Session(r)
	if err != nil {
		return nil, err
	}
	days := periods[1]
	if n, err := strconv.Atoi(r.FormValue("days")); err == nil && slices.Contains(periods, n) {
		days = n
	}
	a, err := countAlerts(r.Context(), s, e.d.Shell.Clock(), days)
	if err != nil {
		return nil, err
	}
	all, err := e.tunings(r.Context())
	if err != nil {
		return nil, err
	}
	a.May = mayTune.Admits(identity.From(r.Context()))
	e.describe(&a, all)
	return web.Page{Title: "Safety alerts", Current: "reports", Body: alertPage(a)}, nil
}

// countAlerts reads the issues that were kept.
func countAlerts(ctx context.Context, s *record.Session, now time.Time, days int) (Alerts, error) {
	from := now.AddDate(0, 0, -days)
	out := Alerts{Days: days, From: from.Format("02-Jan-2006"), Total: AlertRule{Check: "All"}}
	rules := map[string]*AlertRule{}
	reasons := map[string]map[string]int{}
	q := record.Query{Type: "DetectedIssue", Params: facts.Params("identified", "ge"+from.Format(time.DateOnly), "_count", "500"), Strict: true}
	for pages := 0; ; pages++ {
		page, err := s.Search(ctx, q)
		if err != nil {
			return out, err
		}
		for i := range page.Entries {
			issue, err := fhir.View[facts.Alert](page.Entries[i].Resource())
			if err != nil {
				continue // of another system, in a form that is not ours
			}
			rule := issue.Code.In(facts.AlertRule)
			if rule == "" || issue.Status == "entered-in-error" {
				continue
			}
			count := rules[rule]
			if count == nil {
				count = &AlertRule{Rule: rule, Check: string(checkOf(rule))}
				rules[rule], reasons[rule] = count, map[string]int{}
			}
			for _, c := range issue.Code.Coding {
				if c.System == facts.AlertRule && c.Display != "" {
					count.Source = c.Display
				}
			}
			for _, c := range []*AlertRule{count, &out.Total} {
				c.add(issue)
			}
			for _, m := range issue.Mitigation {
				if code := m.Action.In(facts.AlertAnswer); code != facts.AlertChanged && code != "" {
					reasons[rule][facts.AlertWords(code)]++
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

// describe says of each rule what it is and what the practice made of it.
func (e *editor) describe(a *Alerts, all []tuned) {
	rules := e.rules()
	row := func(r *AlertRule) {
		k, ok := rules[r.Rule]
		if ok {
			r.Check, r.Source, r.Severity, r.Text = string(k.Check), k.Source.Title, k.Severity.String(), k.Text
		}
		for _, t := range all {
			if t.Rule == r.Rule {
				r.Mode = modeName(t.Mode)
				r.Set = strings.TrimSpace("by " + t.By + " on " + t.On + ": " + t.Why)
			}
		}
		if a.May && ok && !k.severe() {
			r.Href = ruleAt(r.Rule)
		}
	}
	shown := map[string]bool{}
	for i := range a.Rules {
		row(&a.Rules[i])
		shown[a.Rules[i].Rule] = true
	}
	for _, t := range all { // what was changed stands in the table, whether or not it showed anything
		if !shown[t.Rule] {
			shown[t.Rule] = true
			r := AlertRule{Rule: t.Rule, Check: string(checkOf(t.Rule))}
			row(&r)
			a.Rules = append(a.Rules, r)
		}
	}
	for _, rule := range slices.Sorted(maps.Keys(rules)) {
		if !shown[rule] {
			r := AlertRule{Rule: rule}
			row(&r)
			a.Silent = append(a.Silent, r)
		}
	}
	off := slices.DeleteFunc(slices.Clone(all), func(t tuned) bool { return t.Mode != safety.Off })
	if len(off) > 0 {
		a.Off = offWords(off)
	}
}

func ruleAt(rule string) string {
	return "/reports/medication-alerts/rule?" + url.Values{"rule": {rule}}.Encode()
}

func (a *AlertRule) add(i facts.Alert) {
	a.Fired++
	code := ""
	for _, m := range i.Mitigation {
		if c := m.Action.In(facts.AlertAnswer); c != "" {
			code = c
		}
	}
	switch {
	case code == facts.AlertChanged:
		a.Changed++
	case code != "":
		a.Stopped++
		a.Override++
	case i.Severity == "high":
		a.Stopped++
	}
}
