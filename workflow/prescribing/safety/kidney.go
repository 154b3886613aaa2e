package safety

import (
	"math"
	"math/big"
	"strconv"

	"github.com/osler-ehr/osler/drugs"
	"github.com/osler-ehr/osler/drugs/kidney"
)

// function is a kidney function with how it was got.
type function struct {
	value float64
	words string // eGFR 28 on 20-Nov-2026
	stale string // sentence, if it is old or a stand-in
}

// kidneys checks the order against kidney function.
func (r *run) kidneys() (text, detail string) {
	r.applied(drugs.Label)
	needed := false
	for _, i := range r.order.Match.Ingredients {
		var best *drugs.KidneyRule
		var with function
		for _, rule := range r.c.Drugs.Rules.Kidneys {
			if !rule.Set.Has(i) {
				continue
			}
			needed = true
			f, ok := r.function(rule.Measure)
			if !ok {
				continue
			}
			detail = f.words
			if f.stale != "" {
				r.gap(Kidneys, "%s", f.stale)
			}
			below, _ := rule.Below.Float64()
			if f.value >= below {
				continue
			}
			if best == nil || rule.Severity > best.Severity || rule.Severity == best.Severity && rule.Below.Cmp(best.Below) < 0 {
				best, with = rule, f
			}
		}
		if best != nil {
			r.find(Finding{Rule: best.ID, Check: Kidneys, Severity: best.Severity, Against: with.words, Text: best.Text, Source: best.Source})
		}
	}
	if !needed {
		return "No adjustment known for it", ""
	}
	return "No adjustment needed", detail
}

// function is the kidney function by a measure: egfr or crcl. It notes what is missing.
func (r *run) function(measure string) (function, bool) {
	if r.age == nil {
		r.gap(Kidneys, "The birth date is not known: kidney function was not checked.")
		return function{}, false
	}
	if r.age.Cmp(big.NewRat(18, 1)) < 0 {
		r.gap(Kidneys, "The limits are for adults: kidney function was not checked.")
		return function{}, false
	}
	if r.p.EGFR == nil && r.p.Creatinine == nil {
		r.gap(Kidneys, "No eGFR or creatinine is recorded: kidney function was not checked.")
		return function{}, false
	}
	if measure == "crcl" {
		if f, ok := r.clearance(); ok {
			return f, true
		}
	}
	return r.filtration(measure)
}

// filtration is the newer of the reported eGFR and the one worked out from creatinine.
func (r *run) filtration(measure string) (function, bool) {
	age, _ := r.age.Float64()
	var f function
	switch c, e := r.p.Creatinine, r.p.EGFR; {
	case e != nil && (c == nil || !c.At.After(e.At.AddDate(0, 0, 1)) || !r.sexed()):
		v, _ := e.Value.Float64()
		f = function{value: v, words: "eGFR " + rounded(v) + " on " + day(e.At)}
		if r.old(e.At, 365) {
			f.stale = "The " + f.words + " is more than a year old. It was used all the same."
		}
	case !r.sexed():
		r.gap(Kidneys, "Sex is not recorded: eGFR could not be worked out from creatinine.")
		return function{}, false
	default:
		cr, _ := c.Value.Float64()
		if cr <= 0 {
			r.gap(Kidneys, "The creatinine of %s is no amount: kidney function was not checked.", day(c.At))
			return function{}, false
		}
		v := kidney.CKDEPI(cr, math.Floor(age), r.p.Sex == "female")
		f = function{value: v, words: "eGFR " + rounded(v) + " from creatinine on " + day(c.At)}
		if r.old(c.At, 365) {
			f.stale = "The " + f.words + " is more than a year old. It was used all the same."
		}
	}
	if measure == "crcl" {
		f.stale = "Creatinine clearance could not be worked out, for lack of weight, creatinine or sex: " + f.words + " was used."
	}
	return f, true
}

// clearance is by Cockcroft and Gault.
func (r *run) clearance() (function, bool) {
	if r.p.Creatinine == nil || r.p.Weight == nil || !r.sexed() {
		return function{}, false
	}
	age, _ := r.age.Float64()
	cr, _ := r.p.Creatinine.Value.Float64()
	w, _ := r.p.Weight.Value.Float64()
	if cr <= 0 || w <= 0 {
		return function{}, false
	}
	v := kidney.CockcroftGault(cr, math.Floor(age), w, r.p.Sex == "female")
	f := function{value: v, words: "CrCl " + rounded(v) + " mL/min from creatinine on " + day(r.p.Creatinine.At)}
	if r.old(r.p.Creatinine.At, 365) {
		f.stale = "The " + f.words + " is more than a year old. It was used all the same."
	} else if r.old(r.p.Weight.At, 365) {
		f.stale = "The weight of " + day(r.p.Weight.At) + " in " + f.words + " is more than a year old. It was used all the same."
	}
	return f, true
}

func (r *run) sexed() bool { return r.p.Sex == "female" || r.p.Sex == "male" }

// rounded writes a kidney function as a whole number, downward: 29.9 is below 30 and must not be shown as 30.
func rounded(v float64) string { return strconv.Itoa(int(math.Floor(v))) }
