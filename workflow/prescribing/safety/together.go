package safety

import (
	"github.com/osler-ehr/osler/drugs"
)

// interactions checks the order against every other medicine.
func (r *run) interactions(others []Medicine) (text, detail string) {
	r.applied(drugs.ONC)
	r.appliedToo(drugs.KindInteractions)
	r.applied(drugs.Label)
	compared := 0
	for _, m := range others {
		if !r.comparable(Interactions, m) {
			continue
		}
		compared++
		r.interact(m)
	}
	return "None known with what is taken", plural(compared, "medicine")
}

// comparable reports whether a medicine is known well enough, and notes what is not.
func (r *run) comparable(check Check, m Medicine) bool {
	for _, unknown := range m.Match.Unknown {
		r.gap(check, "%s in %s is not known here and was not compared.", unknown, m.Name)
	}
	if m.Match.Conflict {
		r.gap(check, "Code and name of %s mean different medicines: both were compared.", label(m))
	}
	if !m.Match.Found() {
		r.gap(check, "%s is not known here and was not compared.", label(m))
		return false
	}
	return true
}

func (r *run) interact(m Medicine) {
	local := !r.order.Match.Form.Systemic() || !m.Match.Form.Systemic()
	for _, a := range r.order.Match.Ingredients {
		for _, b := range m.Match.Ingredients {
			var minor *drugs.Interaction
			found := false
			for _, rule := range r.c.Drugs.Rules.Between(a, b) {
				if rule.Source.ID == drugs.ONCLow.ID {
					minor = rule
					continue
				}
				found = true
				r.interaction(rule, m, local)
			}
			if minor != nil && !found {
				r.interaction(minor, m, local)
			}
		}
	}
}

func (r *run) interaction(rule *drugs.Interaction, m Medicine, local bool) {
	f := Finding{Rule: rule.ID, Check: Interactions, Severity: rule.Severity, Against: label(m), Text: rule.Effect, Advice: rule.Advice, Source: rule.Source, ByName: m.Match.ByName}
	if local && f.Severity > drugs.Note {
		f.Severity = drugs.Note
		f.Advice = "One of them is used locally: little reaches the body. " + f.Advice
	}
	r.find(f)
}

// duplicates checks whether the same, or what acts the same, is taken already.
func (r *run) duplicates(others []Medicine) (text, detail string) {
	r.applied(drugs.Label)
	compared := 0
	for _, m := range others {
		if !r.comparable(Duplicates, m) {
			continue
		}
		compared++
		if r.order.Match.Form.Systemic() != m.Match.Form.Systemic() || !r.order.Match.Form.Systemic() && r.order.Match.Form.Route != m.Match.Form.Route {
			continue // a cream beside a tablet is no duplicate
		}
		for _, a := range r.order.Match.Ingredients {
			for _, b := range m.Match.Ingredients {
				r.duplicate(a, b, m)
			}
		}
	}
	return "Nothing like it is taken", plural(compared, "medicine")
}

func (r *run) duplicate(a, b *drugs.Ingredient, m Medicine) {
	f := Finding{Check: Duplicates, Against: label(m), Source: drugs.Label, ByName: m.Match.ByName}
	if a == b {
		f.Rule, f.Severity, f.Text = "duplicate/same", drugs.Caution, a.Name+" is taken already"
		if r.order.Match.Form == m.Match.Form && m.Match.Form != (drugs.Form{}) {
			f.Severity = drugs.Stop
			f.Text += ", in the same form"
		}
		f.Advice = "Change or stop the one that is taken, or give the reason for both."
		r.find(f)
		return
	}
	for _, c := range a.AllClasses() {
		if c.Duplicate && b.Is(c.ID) {
			f.Rule, f.Severity, f.Text = "duplicate/"+c.ID, drugs.Caution, "another "+c.Name
			r.find(f)
			return // the nearest class says it
		}
	}
}
