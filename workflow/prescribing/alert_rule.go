package prescribing

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/slice"
	"github.com/osler-ehr/osler/web"
	"github.com/osler-ehr/osler/web/facts"
	"github.com/osler-ehr/osler/web/ui"
	"github.com/osler-ehr/osler/workflow/prescribing/safety"
)

// mayTune are those who change how much a rule weighs: administrators, and a clinician who is one too. (45 CFR 170.315(a)(4): a limited
// set of identified users.)
var mayTune = slice.Roles(access.Administrator)

// modeOptions are what a practice can make of a rule.
var modeOptions = []ui.Option{
	{Value: "as-shipped", Label: "As it ships"}, {Value: "interruptive", Label: "Interruptive: asks for a reason"},
	{Value: "passive", Label: "Passive: a line beside the order"}, {Value: "off", Label: "Off: not shown"},
}

// rule is the rule that a form or address names, with what was made of it.
func (e *editor) ruleNamed(r *http.Request, name string) (known, *tuned, error) {
	k, ok := e.rules()[name]
	if !ok {
		return known{}, nil, web.ErrNotFound
	}
	all, err := e.tunings(r.Context())
	if err != nil {
		return k, nil, err
	}
	if i := slices.IndexFunc(all, func(t tuned) bool { return t.Rule == name }); i >= 0 {
		return k, &all[i], nil
	}
	return k, nil, nil
}

// ruleForm asks what becomes of a rule.
func (e *editor) ruleForm(r *http.Request) (web.View, error) {
	k, before, err := e.ruleNamed(r, r.FormValue("rule"))
	if err != nil {
		return nil, err
	}
	f := web.NewForm(url.Values{"mode": {"as-shipped"}})
	if before != nil {
		f = web.NewForm(url.Values{"mode": {modeName(before.Mode)}, "version": {strconv.FormatInt(before.version, 10)}})
	}
	return e.ruleWork(r, k, f, 0)
}

func (e *editor) ruleWork(r *http.Request, k known, f *web.Form, status int) (web.View, error) {
	s, err := e.d.Session(r)
	if err != nil {
		return nil, err
	}
	a, err := countAlerts(r.Context(), s, e.d.Shell.Clock(), periods[1])
	if err != nil {
		return nil, err
	}
	var count AlertRule
	for _, row := range a.Rules {
		if row.Rule == k.Rule {
			count = row
		}
	}
	w := web.Work{Title: "Change an alert", Current: "reports", Back: "/reports/medication-alerts", Status: status, Body: ruleBody(k, f, count, periods[1])}
	if k.severe() {
		w.Messages = []ui.Message{{Tone: ui.Caution, Text: "A stop for an allergy, an interaction or a pregnancy cannot be lowered or switched off."}}
		return w, nil
	}
	w.Action, w.Buttons = "/reports/medication-alerts/rule", []ui.Button{{Label: "Keep", Kind: ui.Primary}}
	if wrong := f.Error("state"); wrong != "" {
		w.Messages = []ui.Message{{Tone: ui.Caution, Lead: "Nothing was changed.", Text: wrong}}
	}
	return w, nil
}

// setRule keeps what becomes of a rule.
func (e *editor) setRule(r *http.Request) (web.View, error) {
	f, err := web.ReadForm(r)
	if err != nil {
		return nil, err
	}
	k, before, err := e.ruleNamed(r, f.Text("rule"))
	if err != nil {
		return nil, err
	}
	if k.severe() {
		return e.ruleWork(r, k, f, http.StatusUnprocessableEntity)
	}
	mode, ok := modes[f.Text("mode")]
	if !ok && f.Text("mode") != "as-shipped" {
		f.Wrong("mode", "Choose one of these.")
	}
	f.Need("why", "Say why it is changed.")
	version := facts.EditingOrNew(f)
	if before == nil && version != 0 || before != nil && version != before.version {
		f.Wrong("state", "Somebody else changed it meanwhile. Close this form and open it again.")
	}
	if !f.OK() {
		return e.ruleWork(r, k, f, http.StatusUnprocessableEntity)
	}
	s, err := e.d.Session(r)
	if err != nil {
		return nil, err
	}
	// A rule that was set before and taken back has its plan still.
	if before == nil {
		if before, err = e.takenBack(r, k.Rule); err != nil {
			return nil, err
		}
		if before != nil {
			version = before.version
		}
	}
	if err := e.tune(r.Context(), s, k, before, mode, f.Text("why"), version, e.d.Shell.Clock()); err != nil {
		if !facts.Changed(err) {
			return nil, err
		}
		f.Wrong("state", "Somebody else changed it meanwhile. Close this form and open it again.")
		return e.ruleWork(r, k, f, http.StatusConflict)
	}
	say := modeName(mode)
	if mode == safety.AsShipped {
		say = "weighs again what it ships with"
	} else {
		say = "is " + say + " now"
	}
	return web.Done{To: "/reports/medication-alerts", Say: ui.Message{Lead: k.Rule, Text: say + ": " + f.Text("why") + "."}}, nil
}

// takenBack is the plan of a rule that weighs what it ships with, if there was one before.
func (e *editor) takenBack(r *http.Request, rule string) (*tuned, error) {
	all, versions, err := plans(r.Context(), e.d.Program("medication-safety"), "eca-rule")
	for i, p := range all {
		if p.named(facts.AlertRule) == rule {
			return &tuned{Rule: rule, plan: p, version: versions[i]}, nil
		}
	}
	return nil, err
}
