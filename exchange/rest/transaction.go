package rest

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record"
)

// transaction carries out all changes together or none. Reads and searches see the record as it is afterwards,
// wherever they stand (FHIR R4 http.html#trules); one that finds nothing does not undo the changes, but its
// entry says so.
func (c *call) transaction(b *fhir.Bundle) (answer, error) {
	calls := make([]*call, len(b.Entry))
	var ops []record.Op
	var from []int // entry of each op
	names := make(map[string]bool, len(b.Entry))
	for i := range b.Entry {
		e, err := c.entryCall(&b.Entry[i], i)
		if err != nil {
			return answer{}, inEntry(i, err)
		}
		calls[i] = e
		if e.door.change == nil {
			continue
		}
		if e.fullURL != "" && e.door.method != http.MethodDelete {
			if names[e.fullURL] {
				return answer{}, refused(http.StatusBadRequest, "duplicate", "two entries have the same fullUrl", fmt.Sprintf("Bundle.entry[%d].fullUrl", i))
			}
			names[e.fullURL] = true
		}
		op, err := e.door.change(e)
		if err != nil {
			return answer{}, inEntry(i, err)
		}
		ops, from = append(ops, op), append(from, i)
	}
	var results []record.Result
	if len(ops) > 0 {
		var err error
		if results, err = c.session.Do(c.ctx, ops); err != nil {
			return answer{}, renumbered(err, from)
		}
	}
	out := newResponse("transaction-response", len(c.resource.Bytes()))
	next := 0
	for _, e := range calls {
		var a answer
		var err error
		if e.door.change != nil {
			a, err = e.door.changed(e, &results[next])
			next++
		} else {
			a, err = e.door.run(e)
		}
		if err != nil {
			out.refuse(c, err)
			continue
		}
		out.add(e.headed(a))
	}
	return out.answer(), nil
}

// inEntry says which entry an error is about.
func inEntry(i int, err error) error {
	status, o := outcomeOf(err)
	if status == http.StatusInternalServerError {
		return err
	}
	told := &fhir.Outcome{}
	for _, issue := range o.Issue {
		issue.Details.Text = "entry " + strconv.Itoa(i) + ": " + issue.Details.Text
		if len(issue.Expression) == 0 || !strings.HasPrefix(issue.Expression[0], "Bundle") {
			issue.Expression = []string{"Bundle.entry[" + strconv.Itoa(i) + "]"}
		}
		told.Add(issue)
	}
	return &refusal{status, told}
}

// renumbered makes the record's numbers of operations those of entries: they differ where reads stand between
// the changes.
func renumbered(err error, from []int) error {
	e, ok := errors.AsType[*record.Error](err)
	if !ok || len(from) == 0 || from[len(from)-1] == len(from)-1 {
		return err
	}
	status, _ := outcomeOf(err)
	told := &fhir.Outcome{}
	for _, issue := range e.Outcome.Issue {
		issue.Details.Text = renumber(issue.Details.Text, "entry ", from)
		expressions := make([]string, len(issue.Expression))
		for i, x := range issue.Expression {
			expressions[i] = renumber(x, "Bundle.entry[", from)
		}
		issue.Expression = expressions
		told.Add(issue)
	}
	return &refusal{status, told}
}

// renumber replaces the number behind a prefix.
func renumber(text, prefix string, from []int) string {
	rest, ok := strings.CutPrefix(text, prefix)
	if !ok {
		return text
	}
	end := strings.IndexFunc(rest, func(c rune) bool { return c < '0' || c > '9' })
	if end < 0 {
		end = len(rest)
	}
	n, err := strconv.Atoi(rest[:end])
	if err != nil || n >= len(from) {
		return text
	}
	return prefix + strconv.Itoa(from[n]) + rest[end:]
}
