// Package safety checks medicines before they are ordered: against allergies, other medicines, kidney function, pregnancy, age, weight
// and diseases. It is pure: a [Patient] is a snapshot, and [Checker.Check] reads nothing else.
//
// It fails loud. What it could not check, because a fact is missing, old or not understood, or because the medicine is not known here,
// is a [Gap], and a check with a gap never counts as passed. Nothing that was found is left out: two findings are one only if rule,
// order and counterpart are the same.
package safety

import (
	"cmp"
	"math/big"
	"slices"
	"strings"
	"time"

	"github.com/osler-ehr/osler/drugs"
	"github.com/osler-ehr/osler/workflow/prescribing/sig"
)

// Check names a kind of check.
type Check string

// The checks, in the order in which they are shown.
const (
	Allergies    Check = "Allergies"
	Interactions Check = "Interactions"
	Duplicates   Check = "Duplicates"
	Dose         Check = "Dose"
	Kidneys      Check = "Kidneys"
	Pregnancy    Check = "Pregnancy"
	Age          Check = "Age"
	Conditions   Check = "Conditions"
)

// Checks are all checks.
var Checks = []Check{Allergies, Interactions, Duplicates, Dose, Kidneys, Pregnancy, Age, Conditions}

// Patient is what is known of a patient at a moment.
type Patient struct {
	Now          time.Time
	Born         time.Time // zero = not known
	Sex          string    // female, male, other; "" = not known
	Weight       *Measure  // kg
	EGFR         *Measure  // mL/min/1.73 m2, as a laboratory reported it
	Creatinine   *Measure  // mg/dL
	Pregnant     State
	PregnantAt   time.Time // when that was recorded; zero = not known
	Allergies    []Allergy
	AllergyState AllergyState
	Medicines    []Medicine
	Problems     []Problem
	// Unread tells in sentences what of the record could not be read or understood, by the checks that it keeps from being whole.
	Unread map[Check][]string
}

// Measure is a value at a time, in the unit of its field.
type Measure struct {
	Value *big.Rat
	At    time.Time
}

// State is yes, no or not known.
type State uint8

const (
	Unknown State = iota
	Yes
	No
)

// AllergyState says what an empty list of allergies means.
type AllergyState uint8

const (
	NotRecorded AllergyState = iota // nobody asked, or nobody wrote it down
	NoneKnown                       // somebody asked
	Known
	Unavailable
)

// Allergy is one entry of the list.
type Allergy struct {
	ID          string
	Name        string // as it was recorded
	Match       drugs.Match
	NotMedicine bool   // recorded as one to food or the environment
	Reaction    string // anaphylaxis, hives; "" = not recorded
	Severity    string // severe, moderate, mild; "" = not recorded
	Criticality string // high, low; "" = not recorded
	Intolerance bool   // recorded as an intolerance
}

// grave reports whether the next exposure may be a danger: what was not recorded is taken for it.
func (a Allergy) grave() bool {
	switch {
	case a.Criticality == "high" || a.Severity == "severe":
		return true
	case a.Intolerance || a.Criticality == "low":
		return false
	}
	return a.Severity == ""
}

// Medicine is what the patient takes.
type Medicine struct {
	ID    string
	Name  string // as it was recorded
	Match drugs.Match
	Sig   *sig.Sig // nil if it was not understood
}

// Problem is an entry of the problem list.
type Problem struct {
	Name  string
	ICD10 []string
}

// Order is a medicine that somebody is about to order.
type Order struct {
	Medicine
	Replaces string // ID of the medicine that it takes the place of
}

// Finding is something to heed.
type Finding struct {
	Rule     string // stable, by which it is measured and tuned: onc-8, allergy/same
	Check    Check
	Severity drugs.Severity
	Order    string // the medicine ordered, by its generic name
	Place    int    // of the order among those checked, from 0
	Against  string // what it meets: another medicine, an allergy, eGFR 28 on 20-Nov-2026
	Text     string // what happens
	Advice   string // what to do; "" = nothing beyond Text
	Source   drugs.Source
	ByName   bool // something was recognised by its name alone
}

// Key tells findings apart.
func (f Finding) Key() string { return f.Rule + "|" + f.Order + "|" + f.Against }

// Line is the finding as one sentence or two:
//
//	warfarin: bleeding. Check INR within 3 to 5 days.
func (f Finding) Line() string {
	s := f.Text
	if f.Against != "" {
		s = f.Against + ": " + s
	}
	if !strings.HasSuffix(s, ".") {
		s += "."
	}
	if f.Advice != "" {
		s += " " + f.Advice
	}
	if f.ByName {
		s += " (Recognised by name, not by code.)"
	}
	return s
}

// Gap is what was not checked.
type Gap struct {
	Check Check
	Order string // "" = all orders
	Text  string // a sentence: why
}

// Passed is a check that ran whole and found nothing.
type Passed struct {
	Check  Check
	Order  string
	Text   string // No match with 3 known allergies
	Detail string // what it was checked against: 8 medicines
}

// Report is the outcome of all checks.
type Report struct {
	At       time.Time
	Findings []Finding // the severest first
	Gaps     []Gap
	Passed   []Passed
	Off      []Finding      // of rules that the practice switched off: not to be shown as findings, but said to be there
	Sources  []drugs.Source // of the rules that were applied, whether or not they found something
}

// Stops are the findings that need a reason to go on.
func (r Report) Stops() []Finding {
	return slices.DeleteFunc(slices.Clone(r.Findings), func(f Finding) bool { return f.Severity != drugs.Stop })
}

// Mode is what a practice made of a rule.
type Mode uint8

// The modes.
const (
	AsShipped    Mode = iota
	Off               // its findings are not shown, which the report says
	Passive           // at most a line beside the order
	Interruptive      // asks for a reason
)

// Tuning is what a practice made of rules, by their names. Nothing lowers a severe finding, whatever stands here; see [Finding.Severe].
type Tuning map[string]Mode

// Severe reports whether a finding may never be lowered: a stop for an allergy, an interaction or a pregnancy.
func (f Finding) Severe() bool { return f.Severity == drugs.Stop && Grave(f.Check) }

// Grave reports whether the stops of a check are severe.
func Grave(c Check) bool { return c == Allergies || c == Interactions || c == Pregnancy }

// Checker checks orders.
type Checker struct {
	Drugs  *drugs.Library
	Tuning Tuning // nil = as the tables have it
}

// Check checks orders against what is known of a patient, and against each other.
func (c *Checker) Check(p Patient, orders []Order) Report {
	r := run{c: c, p: p, report: Report{At: p.Now}, seen: map[string]int{}, gaps: map[Gap]bool{}}
	r.age = years(p.Born, p.Now)
	for i := range orders {
		r.place = i
		r.check(&orders[i], others(p, orders, i))
	}
	slices.SortStableFunc(r.report.Findings, func(a, b Finding) int {
		return cmp.Or(int(b.Severity)-int(a.Severity), slices.Index(Checks, a.Check)-slices.Index(Checks, b.Check))
	})
	return r.report
}

// others are the medicines that an order meets: those taken, but for the one that it replaces, and the other orders.
func others(p Patient, orders []Order, i int) []Medicine {
	var out []Medicine
	for _, m := range p.Medicines {
		if m.ID == "" || m.ID != orders[i].Replaces && !slices.ContainsFunc(orders, func(o Order) bool { return o.Replaces == m.ID }) {
			out = append(out, m)
		}
	}
	for j, o := range orders {
		if j != i {
			out = append(out, o.Medicine)
		}
	}
	return out
}

// run is one call of Check.
type run struct {
	c      *Checker
	p      Patient
	age    *big.Rat // in years; nil = not known
	report Report
	seen   map[string]int // index in the findings by key
	gaps   map[Gap]bool

	order *Order
	place int    // of the order
	name  string // of the order
}

func (r *run) check(o *Order, others []Medicine) {
	r.order, r.name = o, label(o.Medicine)
	if !o.Match.Found() {
		for _, check := range Checks {
			r.gap(check, "%s is not known here: nothing was checked.", r.name)
		}
		return
	}
	for _, unknown := range o.Match.Unknown {
		for _, check := range Checks {
			r.gap(check, "%s in %s is not known here and was not checked.", unknown, r.name)
		}
	}
	if o.Match.Conflict {
		r.gap(Interactions, "Code and name of %s mean different medicines: both were checked.", r.name)
	}
	for _, step := range []struct {
		check Check
		run   func([]Medicine) (text, detail string)
	}{
		{Allergies, func([]Medicine) (string, string) { return r.allergies() }},
		{Interactions, r.interactions},
		{Duplicates, r.duplicates},
		{Dose, r.dose},
		{Kidneys, func([]Medicine) (string, string) { return r.kidneys() }},
		{Pregnancy, func([]Medicine) (string, string) { return r.pregnancy() }},
		{Age, func([]Medicine) (string, string) { return r.ages() }},
		{Conditions, func([]Medicine) (string, string) { return r.conditions() }},
	} {
		for _, b := range r.c.Drugs.Broken {
			if concerns(b.Kind, step.check) {
				r.gap(step.check, "The rules %s were added here and cannot be read: they were not applied.", b.ID)
			}
		}
		for _, unread := range r.p.Unread[step.check] {
			r.gap(step.check, "%s", unread)
		}
		before, off := len(r.report.Findings), len(r.report.Off)
		text, detail := step.run(others)
		if len(r.report.Findings) == before && len(r.report.Off) == off && !r.hasGap(step.check) && text != "" {
			r.report.Passed = append(r.report.Passed, Passed{step.check, r.name, text, detail})
		}
	}
}

// concerns reports whether a check needs sets of a kind.
func concerns(kind string, c Check) bool {
	switch kind {
	case drugs.KindInteractions:
		return c == Interactions
	case drugs.KindAllergies:
		return c == Allergies
	case drugs.KindDoses:
		return c == Dose
	}
	return true // names: any rule may need them
}

// label is what a medicine is called in a finding.
func label(m Medicine) string {
	if p := m.Match.Product; p != nil {
		return p.Generic()
	}
	if len(m.Match.Ingredients) > 0 && len(m.Match.Unknown) == 0 {
		var names []string
		for _, i := range m.Match.Ingredients {
			names = append(names, i.Name)
		}
		return strings.Join(names, " and ")
	}
	if m.Name == "" {
		return "A medicine without a name"
	}
	return m.Name
}
