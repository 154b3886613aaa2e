package fhir

import (
	"errors"
	"strings"
)

// Severity of an issue: what it means for the operation.
type Severity string

const (
	SeverityFatal       Severity = "fatal"
	SeverityError       Severity = "error"
	SeverityWarning     Severity = "warning"
	SeverityInformation Severity = "information"
)

// Issue codes of http://hl7.org/fhir/issue-type that servers use most.
const (
	CodeInvalid       = "invalid"       // content breaks the rules
	CodeStructure     = "structure"     // not even the form is right
	CodeRequired      = "required"      // something is missing
	CodeValue         = "value"         // a value is out of bounds
	CodeInvariant     = "invariant"     // a rule between elements is broken
	CodeCodeInvalid   = "code-invalid"  // a code is not in its value set
	CodeExtension     = "extension"     // an extension is not acceptable
	CodeSecurity      = "security"      // refused, and not said why
	CodeLogin         = "login"         // sign in first
	CodeForbidden     = "forbidden"     // the user may not
	CodeThrottled     = "throttled"     // slow down
	CodeNotSupported  = "not-supported" // the server does not do this
	CodeDuplicate     = "duplicate"     // it is there already
	CodeMultiple      = "multiple-matches"
	CodeNotFound      = "not-found"     // it is not there, or not for this user
	CodeDeleted       = "deleted"       // it was there
	CodeTooLong       = "too-long"      // more than the server takes
	CodeTooCostly     = "too-costly"    // more work than the server does for one request
	CodeBusinessRule  = "business-rule" // the practice's rules forbid it
	CodeConflict      = "conflict"      // somebody else changed it meanwhile
	CodeProcessing    = "processing"    // it went wrong, for none of the other reasons
	CodeException     = "exception"     // a fault in the server
	CodeTimeout       = "timeout"       // it took too long
	CodeInformational = "informational" // nothing is wrong
)

// Issue is one thing to say about an operation.
type Issue struct {
	Severity    Severity
	Code        string          // of http://hl7.org/fhir/issue-type
	Details     CodeableConcept // what to tell a person is Details.Text
	Diagnostics string          // for a technician; never patient data
	Expression  []string        // FHIRPaths of what it is about
}

// Read takes the issue at n.
func (i *Issue) Read(n Node) error {
	*i = Issue{}
	var in reader
	if !in.object(n, "an issue object") {
		return in.err
	}
	for f := range n.Children() {
		switch f.Key() {
		case "severity":
			i.Severity = Severity(in.str(f))
		case "code":
			i.Code = in.str(f)
		case "details":
			readOne(&in, f, &i.Details)
		case "diagnostics":
			i.Diagnostics = in.str(f)
		case "expression":
			i.Expression = in.strs(f)
		}
	}
	return in.err
}

// AppendJSON appends the issue. A missing severity is written as error, a missing code as processing:
// both are required.
func (i Issue) AppendJSON(out []byte) []byte {
	if i.Severity == "" {
		i.Severity = SeverityError
	}
	if i.Code == "" {
		i.Code = CodeProcessing
	}
	w := begin(out)
	w.str("severity", string(i.Severity))
	w.str("code", i.Code)
	writeOne(&w, "details", i.Details)
	w.str("diagnostics", i.Diagnostics)
	w.strs("expression", i.Expression)
	return w.end()
}

// IsZero is true when nothing is stated.
func (i Issue) IsZero() bool {
	return i.Severity == "" && i.Code == "" && i.Details.IsZero() && i.Diagnostics == "" && len(i.Expression) == 0
}

// Outcome is an OperationOutcome: what an operation has to say besides its result. It is an error too, so
// that a function deep down can say precisely what the client should read.
type Outcome struct{ Issue []Issue }

// NewOutcome is an outcome of one error-severity issue with a text for people.
func NewOutcome(code, text string, expression ...string) *Outcome {
	return &Outcome{[]Issue{{Severity: SeverityError, Code: code, Details: CodeableConcept{Text: text}, Expression: expression}}}
}

// Error joins the texts of the issues.
func (o *Outcome) Error() string {
	var parts []string
	for _, i := range o.Issue {
		text := i.Details.Display()
		if text == "" {
			text = i.Diagnostics
		}
		if text == "" {
			text = i.Code
		}
		if len(i.Expression) > 0 {
			text = i.Expression[0] + ": " + text
		}
		parts = append(parts, text)
	}
	if len(parts) == 0 {
		return "all is well"
	}
	return strings.Join(parts, "; ")
}

// Failed is true when an issue is an error or fatal.
func (o *Outcome) Failed() bool {
	for _, i := range o.Issue {
		if i.Severity == SeverityError || i.Severity == SeverityFatal || i.Severity == "" {
			return true
		}
	}
	return false
}

// Add appends an issue.
func (o *Outcome) Add(i Issue) { o.Issue = append(o.Issue, i) }

// Err is o if it failed, else nil: for a caller that collects issues and returns an error.
func (o *Outcome) Err() error {
	if o == nil || !o.Failed() {
		return nil
	}
	return o
}

// AppendJSON appends the OperationOutcome. Without issues, which FHIR does not allow, it says that all is well.
func (o *Outcome) AppendJSON(out []byte) []byte {
	issues := o.Issue
	if len(issues) == 0 {
		issues = []Issue{{Severity: SeverityInformation, Code: CodeInformational, Details: CodeableConcept{Text: "All OK"}}}
	}
	w := begin(out)
	w.str("resourceType", "OperationOutcome")
	writeList(&w, "issue", issues)
	return w.end()
}

// Bytes is the OperationOutcome as a document.
func (o *Outcome) Bytes() []byte { return o.AppendJSON(nil) }

// Read takes the OperationOutcome at n.
func (o *Outcome) Read(n Node) error {
	*o = Outcome{}
	var in reader
	if !in.object(n, "an OperationOutcome") {
		return in.err
	}
	o.Issue = readList[Issue](&in, n.Get("issue"))
	return in.err
}

// OutcomeOf is what to answer for an error: an [Outcome] in its chain as it is, a [SyntaxError] or
// [TypeError] with its place, several joined errors as several issues. Any other error is not shown: its
// text may hold what strangers must not see.
func OutcomeOf(err error) *Outcome {
	if err == nil {
		return &Outcome{}
	}
	if many, ok := err.(interface{ Unwrap() []error }); ok {
		all := &Outcome{}
		for _, e := range many.Unwrap() {
			all.Issue = append(all.Issue, OutcomeOf(e).Issue...)
		}
		return all
	}
	var outcome *Outcome
	if errors.As(err, &outcome) {
		return outcome
	}
	var syntax *SyntaxError
	if errors.As(err, &syntax) {
		return syntax.Outcome()
	}
	var kind *TypeError
	if errors.As(err, &kind) {
		return kind.Outcome()
	}
	return &Outcome{[]Issue{{
		Severity: SeverityFatal, Code: CodeException,
		Details: CodeableConcept{Text: "Something went wrong in the server. Try again; if it stays, tell the administrator."},
	}}}
}

// Outcome tells the client what to mend and where.
func (e *SyntaxError) Outcome() *Outcome {
	o := NewOutcome(CodeStructure, e.Error())
	if e.Path != "" && e.Path[0] != '$' {
		o.Issue[0].Expression = []string{e.Path}
	}
	return o
}

// Outcome tells the client what to mend and where.
func (e *TypeError) Outcome() *Outcome {
	o := NewOutcome(CodeStructure, e.Error())
	if e.Path != "" && e.Path[0] != '$' {
		o.Issue[0].Expression = []string{e.Path}
	}
	return o
}
