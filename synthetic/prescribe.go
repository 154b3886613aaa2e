package synthetic

import "strings"

// prescription is one order for a drug.
type prescription struct {
	id       string
	drug     *drug
	sig      sig
	c        *condition
	by       *staff
	visit    *visit
	on       moment
	end      day // when it stopped; 0 while it goes on
	finished bool
	why      string // it was stopped
	prior    *prescription
	refills  int
	supply   int  // days handed out at a time
	old      bool // taken since before the records begin
}

// allergic is true if the patient must not have a drug.
func (p *patient) allergic(d *drug) bool {
	if d.class == noClass {
		return false
	}
	for _, a := range p.allergies {
		if a.kind.class == d.class {
			return true
		}
	}
	return d.class == nsaidClass && d != aspirin81 && (p.has(kidneyDisease, p.last) != nil || p.has(heartFailure, p.last) != nil)
}

// prescribe writes a prescription.
func (v *visit) prescribe(c *condition, d *drug, s sig) *prescription {
	r := &prescription{drug: d, sig: s, c: c, by: v.by, visit: v, on: v.at.plus(v.minutes - 6), supply: 90, refills: 3}
	if s.days > 0 {
		r.supply, r.refills = s.days, 0
		r.end, r.finished = v.at.day+day(s.days), true
		if r.end > v.last {
			r.end, r.finished = 0, false
		}
	} else if d.packUnit.human != "" {
		r.supply, r.refills = 30, 5
	}
	v.medicines = append(v.medicines, r)
	return r
}

// begin prescribes, and says so in the plan.
func (v *visit) begin(c *condition, d *drug, s sig) (*prescription, string) {
	return v.prescribe(c, d, s), "Start " + d.brief(s) + "."
}

// stop ends a prescription.
func (v *visit) stop(r *prescription, why string) {
	r.end, r.why, r.finished = v.at.day, why, false
	for _, c := range v.conditions {
		for i, h := range c.held {
			if h == r {
				c.held = append(c.held[:i:i], c.held[i+1:]...)
				return
			}
		}
	}
}

// change ends one prescription and begins another in its place.
func (v *visit) change(r *prescription, d *drug, s sig, why string) *prescription {
	v.stop(r, why)
	next := v.prescribe(r.c, d, s)
	next.prior = r
	return next
}

// renew writes the yearly renewal of what the patient keeps taking.
func (v *visit) renew() {
	for _, r := range v.medicines {
		if r.end != 0 || r.sig.days > 0 || v.at.day-r.on.day < 330 {
			continue
		}
		r.end, r.finished = v.at.day, true
		next := v.prescribe(r.c, r.drug, r.sig)
		next.prior = r
		for i, h := range r.c.held {
			if h == r {
				r.c.held[i] = next
			}
		}
	}
}

// climb goes one rung up a condition's ladder, past what the patient must not take. It says what was done; "" at the top.
func (v *visit) climb(c *condition) string {
	l := c.module.ladder(v.patient, c)
	for c.rung < len(l.rungs) {
		step := l.rungs[c.rung]
		if l.enough(v.patient, step) && v.part == nil {
			return ""
		}
		c.rung++
		if v.allergic(step.drug) || !step.swap && v.taking(step.drug) != nil {
			continue
		}
		v.shift(l.signal, step.shift)
		if step.side != nil {
			step.side(v.patient)
		}
		if step.swap && len(c.held) > 0 {
			old := c.held[len(c.held)-1]
			why := "Dose increased"
			text := "Increase " + step.drug.name + " to " + doseWords(step.drug, step.sig) + " " + step.sig.often + "."
			if old.drug.name != step.drug.name {
				why = "Changed to " + step.drug.name
				text = "Change " + old.drug.name + " to " + step.drug.brief(step.sig) + "."
			}
			next := v.change(old, step.drug, step.sig, why)
			c.held = append(c.held, next)
			return text
		}
		r, text := v.begin(c, step.drug, step.sig)
		c.held = append(c.held, r)
		return text
	}
	return ""
}

func doseWords(d *drug, s sig) string {
	if w := d.strengthWords(s); w != "" {
		return w
	}
	return number(s.units) + " " + d.forms
}

// establish puts a condition that is older than the records on the rungs that were climbed before. The prescriptions are written at
// the first visit.
func (v *visit) establish(c *condition) {
	if c.module.ladder == nil {
		return
	}
	l := c.module.ladder(v.patient, c)
	if len(l.rungs) == 0 {
		return
	}
	reach := 1 + v.d.below(len(l.rungs))
	if reach > 2 && v.d.chance(0.4) {
		reach--
	}
	if v.part != nil {
		reach = 0
		if ch := v.part.chapter(c.is); ch != nil {
			reach = min(ch.rungs, len(l.rungs))
		}
	}
	for c.rung < reach {
		step := l.rungs[c.rung]
		if l.enough(v.patient, step) && v.part == nil {
			return
		}
		c.rung++
		if v.allergic(step.drug) || !step.swap && v.taking(step.drug) != nil {
			continue
		}
		v.levels[l.signal].target = max(v.levels[l.signal].target+step.shift, l.signal.test().floor)
		if step.side != nil {
			step.side(v.patient)
		}
		r := v.prescribe(c, step.drug, step.sig)
		r.old = true
		if step.swap && len(c.held) > 0 {
			old := c.held[len(c.held)-1]
			c.held = c.held[:len(c.held)-1]
			v.forget(old)
		}
		c.held = append(c.held, r)
	}
}

// forget removes a prescription that was never written.
func (v *visit) forget(r *prescription) {
	for i, m := range v.medicines {
		if m == r {
			v.medicines = append(v.medicines[:i:i], v.medicines[i+1:]...)
			return
		}
	}
}

// taking finds a standing prescription of the same product.
func (p *patient) taking(d *drug) *prescription {
	for _, r := range p.medicines {
		if r.end == 0 && r.drug.name == d.name {
			return r
		}
	}
	return nil
}

// keepOn says what a condition's treatment is: "metformin 1,000 mg by mouth twice daily and empagliflozin 10 mg by mouth every morning".
func (c *condition) keepOn() string {
	var list []string
	for _, r := range c.held {
		list = append(list, r.drug.brief(r.sig))
	}
	return joined(list)
}

// continued is the plan line for an unchanged treatment; "" if there is none.
func (c *condition) continued() string {
	if len(c.held) == 0 {
		return ""
	}
	return "Continue " + c.keepOn() + "."
}

// joined is a list in a sentence.
func joined(list []string) string {
	switch len(list) {
	case 0:
		return ""
	case 1:
		return list[0]
	}
	return strings.Join(list[:len(list)-1], ", ") + " and " + list[len(list)-1]
}

// quantity is how much the pharmacy hands out for a supply.
func (r *prescription) quantity() (float64, unit) {
	if r.drug.packUnit.human != "" {
		return r.drug.pack, r.drug.packUnit
	}
	days := float64(r.supply)
	perDay := float64(r.sig.frequency) / float64(r.sig.period)
	switch r.sig.periodUnit {
	case "wk":
		perDay /= 7
	case "h":
		perDay *= 24
	}
	amount := r.sig.units * perDay * days
	if r.sig.asNeeded != "" {
		amount = min(amount, 30*r.sig.units)
	}
	amount = float64(int(amount + 0.999))
	switch r.drug.form {
	case "capsule":
		return amount, capsule
	case "mL":
		return float64((int(amount) + 9) / 10 * 10), millilitre
	}
	return amount, tabletUnit
}
