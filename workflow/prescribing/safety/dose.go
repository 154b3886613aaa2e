package safety

import (
	"math/big"

	"github.com/osler-ehr/osler/drugs"
	"github.com/osler-ehr/osler/workflow/prescribing/sig"
)

// dose checks the order's dose against the largest of the label, for one time and for a day or week, together with what is taken of
// the same ingredient already.
func (r *run) dose(others []Medicine) (text, detail string) {
	r.applied(drugs.Label)
	r.appliedToo(drugs.KindDoses)
	s := r.order.Sig
	if !r.order.Match.Form.Systemic() {
		return "Used locally; no dose for the body is known here", ""
	}
	if s == nil {
		r.gap(Dose, "The dose of %s is not in a form that can be checked.", r.name)
		return "", ""
	}
	if p := r.order.Match.Product; p != nil {
		for _, part := range p.Parts {
			r.dosePart(part, s, others)
		}
		return "Within the limits of the label", r.doseBasis()
	}
	if len(r.order.Match.Ingredients) != 1 {
		r.gap(Dose, "The strengths in %s are not known here: the dose was not checked.", r.name)
		return "", ""
	}
	r.dosePart(drugs.Part{Ingredient: r.order.Match.Ingredients[0]}, s, others)
	return "Within the limits of the label", r.doseBasis()
}

func (r *run) doseBasis() string {
	if r.p.Weight == nil {
		return ""
	}
	return "weight " + drugs.Number(r.p.Weight.Value) + " kg on " + day(r.p.Weight.At)
}

func (r *run) dosePart(part drugs.Part, s *sig.Sig, others []Medicine) {
	name := part.Ingredient.Name
	limit, ok := r.limitOf(part.Ingredient)
	if !ok {
		return
	}
	most := s.High
	if most == nil {
		most = s.Low
	}
	once, unit, ok := sig.Mass(most, s.Unit, part)
	if !ok || unit != limit.Unit {
		r.gap(Dose, "How much %s a %s holds is not known here: the dose was not checked.", name, sig.Unit(s.Unit, false))
		return
	}
	if allowed, ok := r.allowed(limit.Once, name); ok && once.Cmp(allowed) > 0 {
		r.tooMuch(limit, once, allowed, "at once")
	}
	allowed, ok := r.allowed(limit.Most, name)
	if !ok {
		return
	}
	perDay, ok := s.PerDay()
	if !ok {
		if !s.Frequency.Once {
			r.gap(Dose, "It does not say how often %s may be taken: the dose for a day was not checked.", name)
		}
		return
	}
	total, _, _ := sig.Mass(perDay, s.Unit, part)
	for _, m := range others {
		if add, ok := r.alsoTaken(part.Ingredient, m, limit.Unit); ok {
			total = new(big.Rat).Add(total, add)
		}
	}
	if limit.Period == "week" {
		total = new(big.Rat).Mul(total, big.NewRat(7, 1))
	}
	if total.Cmp(allowed) > 0 {
		r.tooMuch(limit, total, allowed, "in a "+limit.Period)
	}
}

// alsoTaken is how much of an ingredient another medicine brings in a day.
func (r *run) alsoTaken(i *drugs.Ingredient, m Medicine, unit string) (*big.Rat, bool) {
	for _, ingredient := range m.Match.Ingredients {
		if ingredient != i || !m.Match.Form.Systemic() {
			continue
		}
		part := drugs.Part{Ingredient: i}
		if m.Match.Product != nil {
			for _, p := range m.Match.Product.Parts {
				if p.Ingredient == i {
					part = p
				}
			}
		}
		if m.Sig != nil {
			if perDay, ok := m.Sig.PerDay(); ok {
				if mass, of, ok := sig.Mass(perDay, m.Sig.Unit, part); ok && of == unit {
					return mass, true
				}
			}
		}
		r.gap(Dose, "%s has %s too, in a dose that cannot be read: it is not in the sum.", label(m), i.Name)
	}
	return nil, false
}

// limitOf is the limit for the patient's age and the order's route.
func (r *run) limitOf(i *drugs.Ingredient) (*drugs.DoseLimit, bool) {
	route := r.order.Match.Form.Route
	if r.order.Sig != nil && r.order.Sig.Route != "" {
		route = r.order.Sig.Route
	}
	any, byAge := false, false
	for _, l := range r.c.Drugs.Rules.Doses {
		if l.Ingredient != i || l.Route != "any" && l.Route != route || l.Route == "any" && !r.order.Match.Form.Systemic() {
			continue
		}
		any = true
		if l.Ages.Limited() && r.age == nil {
			byAge = true
			continue
		}
		if !l.Ages.Limited() || l.Ages.Contains(r.age) {
			return l, true
		}
	}
	switch {
	case byAge:
		r.gap(Dose, "The birth date is not known: the dose of %s was not checked.", i.Name)
	case any:
		r.gap(Dose, "No dose of %s is known here for this age: it was not checked.", i.Name)
	default:
		r.gap(Dose, "No largest dose of %s is known here: it was not checked.", i.Name)
	}
	return nil, false
}

// allowed is a limit for this patient; ok is false if there is none, or if it needs a weight that is not there.
func (r *run) allowed(l drugs.Limit, name string) (*big.Rat, bool) {
	if l.Amount == nil {
		return nil, false
	}
	if !l.PerKg {
		return l.Amount, true
	}
	if r.p.Weight == nil {
		r.gap(Dose, "No weight is recorded: the dose of %s was not checked.", name)
		return nil, false
	}
	days := 90
	if r.age != nil && r.age.Cmp(big.NewRat(2, 1)) < 0 {
		days = 30
	}
	if r.old(r.p.Weight.At, days) {
		r.gap(Dose, "The weight is of %s: weigh the child again. The dose was checked with %s kg.", day(r.p.Weight.At), drugs.Number(r.p.Weight.Value))
	}
	return new(big.Rat).Mul(l.Amount, r.p.Weight.Value), true
}

// tooMuch reports a dose beyond a limit: to weigh, and from twice the limit not without a reason. What is taken by the week is deadly
// by the day, so that every excess of it counts as grave.
func (r *run) tooMuch(l *drugs.DoseLimit, amount, allowed *big.Rat, when string) {
	severity := drugs.Caution
	if l.Period == "week" || amount.Cmp(new(big.Rat).Mul(allowed, big.NewRat(2, 1))) >= 0 {
		severity = drugs.Stop
	}
	write := func(v *big.Rat) string {
		n, unit := drugs.Readable(v, l.Unit)
		return drugs.Number(n) + " " + unit
	}
	r.find(Finding{
		Rule: l.ID, Check: Dose, Severity: severity, Source: l.Source,
		Text:   l.Ingredient.Name + " " + write(amount) + " " + when + " is more than " + write(allowed),
		Advice: r.perKg(l, when),
	})
}

// perKg tells that a limit was worked out from the weight.
func (r *run) perKg(l *drugs.DoseLimit, when string) string {
	limit := l.Most
	if when == "at once" {
		limit = l.Once
	}
	if !limit.PerKg {
		return ""
	}
	return "The limit is " + sig.ByWeight{PerKg: limit.Amount, Unit: l.Unit, Weight: r.p.Weight.Value}.Words() + "."
}
