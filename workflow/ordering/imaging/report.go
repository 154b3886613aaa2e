package imaging

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/osler-ehr/osler/drugs"
	"github.com/osler-ehr/osler/web/format"
)

// Check names a kind of check.
type Check string

// The checks, in the order in which they are shown.
const (
	Pregnancy       Check = "Pregnancy"
	ContrastAllergy Check = "Contrast allergy"
	Kidneys         Check = "Contrast and kidneys"
	Metformin       Check = "Metformin"
	Implants        Check = "MRI and implants"
)

// Checks are all checks.
var Checks = []Check{Pregnancy, ContrastAllergy, Kidneys, Metformin, Implants}

// Finding is something to heed.
type Finding struct {
	Rule     string // stable, by which it is measured and tuned: imaging/pregnancy
	Check    Check
	Severity drugs.Severity
	Study    string // what is ordered
	Place    int    // of the order among those checked, from 0
	Against  string // what of the record it meets, with its day: eGFR 28 on 20-Nov-2026
	Text     string // what happens
	Advice   string // what to do
	Source   drugs.Source
	ByName   bool // the study was understood from words alone
}

// Key tells findings apart.
func (f Finding) Key() string { return f.Rule + "|" + f.Study + "|" + f.Against }

// Line is the finding as sentences.
func (f Finding) Line() string {
	out := f.Text
	if f.Against != "" {
		out = f.Against + ": " + f.Text
	}
	if !strings.HasSuffix(out, ".") {
		out += "."
	}
	if f.Advice != "" {
		out += " " + f.Advice
	}
	if f.ByName {
		out += " (Understood from its name, not from a code.)"
	}
	return out
}

// Gap is what was not checked, or not wholly.
type Gap struct {
	Check Check
	Study string
	Place int
	Text  string // a sentence: why
}

// Passed is a check that ran whole and found nothing.
type Passed struct {
	Check Check
	Study string
	Place int
	Text  string
}

// Report is the outcome of all checks.
type Report struct {
	Findings []Finding // the severest first
	Gaps     []Gap
	Passed   []Passed
	Off      []Finding // of rules that the practice switched off
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

// Checker checks orders.
type Checker struct {
	Tuning map[string]Mode // what a practice made of rules, by their names
}

// Check checks studies against what is known of a patient.
func (c Checker) Check(p Patient, studies []Study) Report {
	r := run{c: c, p: p, seen: map[string]bool{}}
	for _, s := range studies {
		r.study = s
		r.check()
	}
	slices.SortStableFunc(r.report.Findings, func(a, b Finding) int {
		return cmp.Or(int(b.Severity)-int(a.Severity), slices.Index(Checks, a.Check)-slices.Index(Checks, b.Check))
	})
	return r.report
}

// run is one call of Check.
type run struct {
	c      Checker
	p      Patient
	study  Study
	report Report
	seen   map[string]bool
}

func (r *run) check() {
	if r.study.Modality == Unknown {
		for _, c := range Checks {
			r.gap(c, "It is not understood how "+r.study.Name+" is done: radiation, contrast and magnet were not checked.")
		}
		return
	}
	r.step(Pregnancy, r.pregnancy)
	r.step(ContrastAllergy, r.allergies)
	r.step(Kidneys, r.kidneys)
	r.step(Metformin, r.metformin)
	r.step(Implants, r.implants)
}

// step runs one check. It passes if it applies, found nothing, and nothing that it needs is missing.
func (r *run) step(c Check, f func() (passed string)) {
	findings, gaps := len(r.report.Findings)+len(r.report.Off), len(r.report.Gaps)
	passed := f()
	if passed == notConcerned {
		return
	}
	for _, why := range r.p.Unread[c] {
		r.gap(c, why)
	}
	if passed != "" && len(r.report.Findings)+len(r.report.Off) == findings && len(r.report.Gaps) == gaps {
		r.report.Passed = append(r.report.Passed, Passed{c, r.study.Name, r.study.Place, passed})
	}
}

// notConcerned is what a check answers that has nothing to do with a study.
const notConcerned = "-"

func (r *run) find(rule Rule, severity drugs.Severity, against, text string, advice ...string) {
	f := Finding{Rule: rule.Name, Check: rule.Check, Severity: severity, Study: r.study.Name, Place: r.study.Place, Against: against, Text: text, Advice: strings.Join(advice, " "), Source: rule.Source, ByName: r.study.ByName}
	if r.seen[f.Key()] {
		return
	}
	r.seen[f.Key()] = true
	switch mode := r.c.Tuning[rule.Name]; {
	case mode == Interruptive:
		f.Severity = drugs.Stop
	case rule.Fixed && severity == drugs.Stop: // nothing lowers it
	case mode == Passive:
		f.Severity = min(f.Severity, drugs.Caution)
	case mode == Off:
		r.report.Off = append(r.report.Off, f)
		return
	}
	r.report.Findings = append(r.report.Findings, f)
}

func (r *run) gap(c Check, text string) {
	r.report.Gaps = append(r.report.Gaps, Gap{c, r.study.Name, r.study.Place, text})
}

// perhaps lowers what holds only if contrast is given, and says so.
func (r *run) perhaps(s drugs.Severity, text string) (drugs.Severity, string) {
	if r.study.Contrast == PerhapsContrast {
		return min(s, drugs.Caution), "the order does not say whether contrast is given; if it is, " + text
	}
	return s, text
}

// days is how many whole days ago something was; -1 if its day is not known.
func (p Patient) days(at time.Time) int {
	if at.IsZero() {
		return -1
	}
	return int(p.Now.Sub(at).Hours() / 24)
}

// on is the day of a fact: on 20-Nov-2026, 3 days ago.
func (p Patient) on(at time.Time) string {
	n := p.days(at)
	switch {
	case n < 0 && at.IsZero():
		return "on a day not recorded"
	case n <= 0:
		return "on " + format.Date(at)
	}
	return "on " + format.Date(at) + ", " + format.Count(n, "day", "days") + " ago"
}

func (p Patient) fact(f *Fact) string { return fmt.Sprintf("%s %s", f.Text, p.on(f.At)) }
