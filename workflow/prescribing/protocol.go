package prescribing

import (
	"cmp"
	"context"
	_ "embed"
	"fmt"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/osler-ehr/osler/drugs"
	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/web/facts"
	"github.com/osler-ehr/osler/web/format"
)

// Protocol says which requests for a refill may be approved together. Beside what stands here a request passes only if it asks for the
// same medicine and dose, the medicine is known and no controlled substance, and the safety checks ran whole and found nothing that
// would stop it; nobody can leave those out.
type Protocol struct {
	VisitMonths int // a visit within so many months
	Monitoring  []Monitoring
	By, On      string // who set it; "" = as it ships

	plan    plan
	version int64
}

// Monitoring is which tests a medicine needs.
type Monitoring struct {
	Medicines string // ingredients and @classes between ;
	Tests     []Test
	Months    int

	set []*drugs.Ingredient
}

// Test is a laboratory test by the LOINC codes that stand for it.
type Test struct {
	Name  string
	Codes []string
}

// shippedProtocol is what holds until a practice sets its own: testing intervals of FDA labelling and common practice.
//
//go:embed protocol.txt
var shippedProtocol string

// shippedVisit is within how many months a patient must have been seen.
const shippedVisit = 12

// about reports whether the line is about a medicine.
func (m Monitoring) about(match drugs.Match) bool {
	return slices.ContainsFunc(match.Ingredients, func(i *drugs.Ingredient) bool { return slices.Contains(m.set, i) })
}

// line is the row as it is edited.
func (m Monitoring) line() string {
	var tests []string
	for _, t := range m.Tests {
		tests = append(tests, t.Name+" "+strings.Join(t.Codes, "/"))
	}
	return m.Medicines + " | " + strings.Join(tests, ", ") + " | " + strconv.Itoa(m.Months)
}

// text are the rows as they are edited.
func (p Protocol) text() string {
	var lines []string
	for _, m := range p.Monitoring {
		lines = append(lines, m.line())
	}
	return strings.Join(lines, "\n")
}

// readMonitoring reads rows as they are edited: medicines | test code/code, test code | months. The error names the line.
func readMonitoring(text string, l *drugs.Library) (out []Monitoring, err error) {
	number := 0
	for line := range strings.Lines(text) {
		number++
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		wrong := func(format string, args ...any) error {
			return fmt.Errorf("line %d: %s", number, fmt.Sprintf(format, args...))
		}
		part := strings.Split(line, "|")
		if len(part) != 3 {
			return nil, wrong("write medicines | tests | months")
		}
		m := Monitoring{Medicines: strings.TrimSpace(part[0])}
		if m.set, err = l.Named(m.Medicines); err != nil {
			return nil, wrong("%v", err)
		}
		if m.Months, err = strconv.Atoi(strings.TrimSuffix(strings.TrimSpace(part[2]), " months")); err != nil || m.Months < 1 || m.Months > 60 {
			return nil, wrong("%q is no number of months from 1 to 60", strings.TrimSpace(part[2]))
		}
		for test := range strings.SplitSeq(part[1], ",") {
			words := strings.Fields(test)
			if len(words) < 2 {
				return nil, wrong("%q: write a test with its LOINC code, such as potassium 2823-3", strings.TrimSpace(test))
			}
			t := Test{Name: strings.Join(words[:len(words)-1], " "), Codes: strings.Split(words[len(words)-1], "/")}
			for _, code := range t.Codes {
				if !loincCode(code) {
					return nil, wrong("%q is no LOINC code, such as 2823-3", code)
				}
			}
			m.Tests = append(m.Tests, t)
		}
		out = append(out, m)
	}
	return out, nil
}

// loincCode reports whether a text has the form of a code of LOINC: digits, a hyphen, a check digit.
func loincCode(s string) bool {
	number, check, ok := strings.Cut(s, "-")
	digits := func(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }
	return ok && digits(number) && len(number) <= 7 && digits(check) && len(check) == 1
}

// shipped is the protocol that holds until a practice sets its own.
func shipped(l *drugs.Library) (Protocol, error) {
	m, err := readMonitoring(shippedProtocol, l)
	return Protocol{VisitMonths: shippedVisit, Monitoring: m}, err
}

// protocol is what holds in this practice.
func (e *editor) protocol(ctx context.Context) (Protocol, error) {
	all, versions, err := plans(ctx, e.d.Program("refill-protocol"), "protocol")
	if err != nil {
		return Protocol{}, err
	}
	for i, p := range all {
		if p.named(planSystem) == refillPlan {
			return protocolOf(p, versions[i], e.library, e.d.Shell.Location())
		}
	}
	return shipped(e.library)
}

// protocolOf reads what is kept.
func protocolOf(p plan, version int64, l *drugs.Library, zone *time.Location) (Protocol, error) {
	out := Protocol{By: p.by(), On: facts.Day(p.Date, zone), plan: p, version: version}
	for _, a := range p.Action {
		months, _ := strconv.Atoi(a.Timing.Value.String())
		switch kind := codeIn(a.Code, refillRule); { // what is not understood is no requirement less
		case months < 1 || a.Timing.Code != "mo":
			return out, fmt.Errorf("the refill protocol has an action %q without months", a.Title)
		case kind == visitRule:
			out.VisitMonths = months
		case kind == monitorsRule:
			m := Monitoring{Medicines: a.Subject.Text, Months: months}
			var err error
			if m.set, err = l.Named(m.Medicines); err != nil {
				return out, fmt.Errorf("the refill protocol: %w", err)
			}
			for _, in := range a.Input {
				var t Test
				for _, f := range in.Filter {
					for _, c := range f.Code {
						t.Name, t.Codes = cmp.Or(t.Name, c.Display), append(t.Codes, c.Code)
					}
				}
				if len(t.Codes) == 0 {
					return out, fmt.Errorf("the refill protocol has an action %q with a test without a code", a.Title)
				}
				m.Tests = append(m.Tests, t)
			}
			if len(m.Tests) == 0 {
				return out, fmt.Errorf("the refill protocol has an action %q without tests", a.Title)
			}
			out.Monitoring = append(out.Monitoring, m)
		default:
			return out, fmt.Errorf("the refill protocol has an action %q that is not known here", a.Title)
		}
	}
	if out.VisitMonths == 0 {
		return out, fmt.Errorf("the refill protocol does not say within how many months a visit must be")
	}
	return out, nil
}

func codeIn(list []fhir.CodeableConcept, system string) string {
	for _, c := range list {
		if code := c.In(system); code != "" {
			return code
		}
	}
	return ""
}

// actions are the protocol as it is kept.
func (p Protocol) actions() []planAction {
	months := func(n int) fhir.Quantity {
		return fhir.Quantity{Value: fhir.DecimalFromInt(int64(n)), Unit: "months", System: fhir.UCUM, Code: "mo"}
	}
	out := []planAction{{Title: "A visit within " + format.Count(p.VisitMonths, "month", "months"), Code: []fhir.CodeableConcept{fhir.Concept(refillRule, visitRule, "Visit within")}, Timing: months(p.VisitMonths)}}
	for _, m := range p.Monitoring {
		a := planAction{Title: m.line(), Code: []fhir.CodeableConcept{fhir.Concept(refillRule, monitorsRule, "Monitoring within")}, Subject: fhir.CodeableConcept{Text: m.Medicines}, Timing: months(m.Months)}
		for _, t := range m.Tests {
			f := planFilter{Path: "code"}
			for _, code := range t.Codes {
				f.Code = append(f.Code, fhir.Coding{System: facts.LOINC, Code: code, Display: t.Name})
			}
			a.Input = append(a.Input, planInput{Type: "Observation", Filter: []planFilter{f}})
		}
		out = append(out, a)
	}
	return out
}

// set keeps the protocol with who set it.
func (p Protocol) set(ctx context.Context, s *record.Session, version int64, why string, now time.Time) error {
	q := p.plan
	q.Identifier = []fhir.Identifier{{System: planSystem, Value: refillPlan}}
	q.Title, q.Status, q.Type = "Refill protocol", "active", fhir.Concept(planType, "protocol", "Protocol")
	q.Date, q.Author, q.Purpose, q.Action = fhir.DateTimeOf(now, fhir.Second), []fhir.ContactDetail{{Name: facts.Author(ctx).Display}}, why, p.actions()
	return keep(ctx, s, q, version)
}

// sameDose reports whether two prescriptions ask for the same of the same medicine.
func sameDose(a, b draft) bool {
	if !a.sigOK || !b.sigOK || a.sig.Words() != b.sig.Words() || !slices.Equal(a.match.Ingredients, b.match.Ingredients) {
		return false
	}
	rat := func(r *big.Rat) string {
		if r == nil {
			return ""
		}
		return r.RatString()
	}
	return a.match.Product == b.match.Product && rat(a.quantity) == rat(b.quantity) && a.refills >= b.refills
}
