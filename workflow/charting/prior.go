package charting

import (
	"context"
	"encoding/base64"
	"regexp"
	"strings"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/web/facts"
)

// prior is the latest signed note of an earlier visit, of whoever wrote it.
type prior struct {
	Document string // id of its DocumentReference; "" if there is none
	Day      string // 2026-08-24
	Text     string
}

// readPrior finds the latest note with a text, of another visit than the one given.
func readPrior(ctx context.Context, s *record.Session, patient, visit string, zone *time.Location) (prior, error) {
	type doc struct {
		ID, Status, DocStatus string
		Date                  fhir.Instant
		Content               []struct{ Attachment fhir.Attachment }
		Context               struct {
			Encounter []fhir.Reference
			Period    fhir.Period
		}
	}
	var out prior
	q := facts.Of("DocumentReference", patient, facts.Params("category", documentCategory+"|clinical-note", "status", "current", "_sort", "-date", "_count", "20")...)
	err := facts.Each(ctx, s, q, func(e *record.Entry) error {
		d, err := fhir.View[doc](e.Resource())
		if err != nil {
			return err
		}
		own := len(d.Context.Encounter) > 0 && d.Context.Encounter[0].Reference == "Encounter/"+visit
		if own || d.Status != "current" || d.DocStatus == preliminary || len(d.Content) == 0 {
			return nil
		}
		a := d.Content[0].Attachment
		b, err := base64.StdEncoding.DecodeString(a.Data)
		if err != nil || len(b) == 0 || !strings.HasPrefix(a.ContentType, "text/plain") {
			return nil
		}
		at := facts.When(d.Context.Period.Start, d.Date.DateTime())
		out = prior{Document: d.ID, Day: at.Time(zone).In(zone).Format("2006-01-02"), Text: clean(string(b))}
		return facts.ErrEnough
	})
	return out, err
}

var (
	assessmentHead = regexp.MustCompile(`(?im)^\s*(?:#+\s*)?(?:\*\*)?assessment\b[^\n]*$`)
	nextHead       = regexp.MustCompile(`(?m)^[A-Z][A-Z &/,]{4,}:?$`)
	numbered       = regexp.MustCompile(`(?m)^\s*\d{1,2}[.)]\s+`)
	from           = regexp.MustCompile(` \(from \d{2}-[A-Z][a-z]{2}-\d{4}\)`)
)

// assessed is the assessment of one problem in a note.
type assessed struct{ Name, Text string }

// assessments takes the assessment of a note apart, problem by problem: at its numbers, or else at empty lines.
func (p prior) assessments() []assessed {
	head := assessmentHead.FindStringIndex(p.Text)
	if head == nil {
		return nil
	}
	text := p.Text[head[1]:]
	if end := nextHead.FindStringIndex(text); end != nil {
		text = text[:end[0]]
	}
	text = from.ReplaceAllString(text, "")
	var pieces []string
	if at := numbered.FindAllStringIndex(text, -1); len(at) > 0 {
		for i, a := range at {
			end := len(text)
			if i+1 < len(at) {
				end = at[i+1][0]
			}
			pieces = append(pieces, text[a[1]:end])
		}
	} else {
		pieces = strings.Split(text, "\n\n")
	}
	var out []assessed
	for _, s := range pieces {
		if s = strings.TrimSpace(s); s == "" {
			continue
		}
		name, rest, more := strings.Cut(s, "\n")
		if !more { // one line: all of it is carried
			first, _, _ := strings.Cut(s, ".")
			out = append(out, assessed{Name: first, Text: s})
			continue
		}
		out = append(out, assessed{Name: strings.TrimSpace(name), Text: strings.TrimSpace(rest)})
	}
	return out
}
