package prescribing

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/osler-ehr/osler/drugs"
	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/web/facts"
	"github.com/osler-ehr/osler/web/format"
	"github.com/osler-ehr/osler/workflow/prescribing/safety"
)

// tuned is what the practice made of a rule of the safety checks.
type tuned struct {
	Rule    string
	Mode    safety.Mode
	By, On  string
	Why     string
	plan    plan
	version int64
}

// modes are the names of modes, as they are kept and sent.
var modes = map[string]safety.Mode{"off": safety.Off, "passive": safety.Passive, "interruptive": safety.Interruptive}

func modeName(m safety.Mode) string {
	for name, v := range modes {
		if v == m {
			return name
		}
	}
	return ""
}

// tunings reads what the practice made of rules. It reads as a program: what is set holds for whoever is checked, whatever that person
// may read.
func (e *editor) tunings(ctx context.Context) (out []tuned, err error) {
	all, versions, err := plans(ctx, e.d.Program("medication-safety"), "eca-rule")
	if err != nil {
		return nil, err
	}
	for i, p := range all {
		rule := p.named(facts.AlertRule)
		if rule == "" || len(p.Action) == 0 {
			continue
		}
		if mode := modes[codeIn(p.Action[0].Code, facts.AlertMode)]; mode != safety.AsShipped {
			out = append(out, tuned{rule, mode, p.by(), facts.Day(p.Date, e.d.Shell.Location()), p.Purpose, p, versions[i]})
		}
	}
	slices.SortFunc(out, func(a, b tuned) int { return strings.Compare(a.Rule, b.Rule) })
	return out, nil
}

// checker is the checker as the practice has set it, and the rules that are switched off. What was set and cannot be read is left
// aside: every rule then weighs what it ships with.
func (e *editor) checker(ctx context.Context) (safety.Checker, []tuned) {
	c := safety.Checker{Drugs: e.library, Tuning: safety.Tuning{}}
	all, err := e.tunings(ctx)
	if err != nil {
		e.d.Log.ErrorContext(ctx, "how alerts are set could not be read: all weigh what they ship with", "error", err.Error())
		return c, nil
	}
	var off []tuned
	for _, t := range all {
		c.Tuning[t.Rule] = t.Mode
		if t.Mode == safety.Off {
			off = append(off, t)
		}
	}
	return c, off
}

// offWords say that rules are switched off: 1 kind of check is switched off: onc-low, by Dr Rao on 24-Nov-2026.
func offWords(off []tuned) string {
	var each []string
	for _, t := range off {
		s := t.Rule
		if t.By != "" {
			s += " by " + t.By
		}
		if t.On != "" {
			s += " on " + t.On
		}
		each = append(each, s)
	}
	verb := " are switched off: "
	if len(off) == 1 {
		verb = " is switched off: "
	}
	return format.Count(len(off), "kind of check", "kinds of check") + verb + strings.Join(each, "; ") + "."
}

// known is a rule that the checks may apply.
type known struct {
	Rule     string
	Check    safety.Check
	Severity drugs.Severity // the gravest that its findings ship with
	Source   drugs.Source
	Text     string
	Fixed    bool // a rule of another feature that cannot be lowered
}

// severe reports whether the rule cannot be lowered.
func (k known) severe() bool { return k.Fixed || k.Severity == drugs.Stop && safety.Grave(k.Check) }

// rules are all rules that can be tuned by their names.
func (e *editor) rules() map[string]known {
	out := map[string]known{}
	add := func(k known) {
		if have, ok := out[k.Rule]; !ok || k.Severity > have.Severity {
			out[k.Rule] = k
		}
	}
	r := e.library.Rules
	for _, x := range r.Interactions {
		text := x.Effect
		if x.A.Text != "" {
			text = shorten(strings.ReplaceAll(x.A.Text, ";", ", "), 60) + " with " + shorten(strings.ReplaceAll(x.B.Text, ";", ", "), 60) + ": " + x.Effect
		}
		add(known{x.ID, safety.Interactions, x.Severity, x.Source, text, false})
	}
	for _, x := range r.Doses {
		add(known{x.ID, safety.Dose, drugs.Stop, x.Source, "more " + x.Ingredient.Name + " than the largest dose", false})
	}
	for _, x := range r.Kidneys {
		add(known{x.ID, safety.Kidneys, x.Severity, x.Source, x.Set.Text + ": " + x.Text, false})
	}
	for _, x := range r.Pregnancy {
		add(known{x.ID, safety.Pregnancy, x.Severity, x.Source, x.Set.Text + ": " + x.Text, false})
	}
	for _, x := range r.Ages {
		add(known{x.ID, safety.Age, x.Severity, x.Source, x.Set.Text + ": " + x.Text, false})
	}
	for _, x := range r.Conditions {
		add(known{x.ID, safety.Conditions, x.Severity, x.Source, x.Set.Text + " with " + x.Condition + ": " + x.Text, false})
	}
	for _, x := range safety.Named(e.library) {
		add(known{x.Rule, x.Check, x.Severity, x.Source, x.Text, false})
	}
	for _, x := range e.alertRules {
		severity := drugs.Note
		for _, s := range []drugs.Severity{drugs.Caution, drugs.Stop} {
			if s.String() == x.Severity {
				severity = s
			}
		}
		add(known{x.Name, safety.Check(x.Check), severity, drugs.Source{Title: x.Source, Version: x.Version}, x.Text, x.Fixed})
	}
	return out
}

// tune keeps what a practice makes of a rule, with the reason. AsShipped takes back what was made of it.
func (e *editor) tune(ctx context.Context, s *record.Session, k known, before *tuned, mode safety.Mode, why string, version int64, now time.Time) error {
	p := plan{Identifier: []fhir.Identifier{{System: facts.AlertRule, Value: k.Rule}}}
	if before != nil {
		p = before.plan
	}
	p.Title, p.Type, p.Status = "Alert "+k.Rule, fhir.Concept(planType, "eca-rule", "ECA Rule"), "active"
	p.Date, p.Author, p.Purpose = fhir.DateTimeOf(now, fhir.Second), []fhir.ContactDetail{{Name: facts.Author(ctx).Display}}, why
	code := modeName(mode)
	if mode == safety.AsShipped {
		code = "as-shipped"
	}
	p.Action = []planAction{{Title: code, Code: []fhir.CodeableConcept{fhir.Concept(facts.AlertMode, code, "")}}}
	return keep(ctx, s, p, version)
}
