package validate

import (
	"slices"
	"strconv"

	"github.com/osler-ehr/osler/fhir"
)

// maxIssues ends the collecting: a document that is wrong from end to end needs no longer list.
const maxIssues = 100

// step is one level of the way from the root: an element's name, and its index when the element repeats.
type step struct {
	name  string
	index int32 // -1 for an element that does not repeat
}

// trail is the way from the root to where a check stands, and the issues found so far.
type trail struct {
	root   string // the resource type
	steps  []step
	first  [24]step // the memory of most ways
	issues []fhir.Issue
}

func (t *trail) push(name string, index int) {
	if t.steps == nil {
		t.steps = t.first[:0]
	}
	t.steps = append(t.steps, step{name, int32(index)})
}

func (t *trail) pop() { t.steps = t.steps[:len(t.steps)-1] }

// here writes the way as FHIRPath.
func (t *trail) here() string {
	out := append(make([]byte, 0, 64), t.root...)
	for _, s := range t.steps {
		out = append(out, '.')
		out = append(out, s.name...)
		if s.index >= 0 {
			out = append(out, '[')
			out = strconv.AppendInt(out, int64(s.index), 10)
			out = append(out, ']')
		}
	}
	return string(out)
}

// fail adds an error at this place.
func (t *trail) fail(code, rule, text string) { t.add(fhir.SeverityError, code, rule, text) }

// warn adds a warning at this place.
func (t *trail) warn(code, rule, text string) { t.add(fhir.SeverityWarning, code, rule, text) }

// failAt adds an error at an element below this place.
func (t *trail) failAt(name, code, rule, text string) {
	t.push(name, -1)
	t.fail(code, rule, text)
	t.pop()
}

func (t *trail) add(severity fhir.Severity, code, rule, text string) {
	if len(t.issues) > maxIssues {
		return
	}
	if len(t.issues) == maxIssues {
		text, rule, code = "there are more problems than are listed; mend these first", "too-many", fhir.CodeTooCostly
	}
	issue := fhir.Issue{
		Severity: severity, Code: code, Details: fhir.CodeableConcept{Text: text},
		Diagnostics: "rule: " + rule, Expression: []string{t.here()},
	}
	if !slices.ContainsFunc(t.issues, func(said fhir.Issue) bool { return same(said, issue) }) {
		t.issues = append(t.issues, issue)
	}
}

// same is true of issues that say the same: a slice of a profile repeats much of what its element asks.
func same(a, b fhir.Issue) bool {
	return a.Expression[0] == b.Expression[0] && a.Diagnostics == b.Diagnostics && a.Details.Text == b.Details.Text
}
