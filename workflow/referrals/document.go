package referrals

import (
	"cmp"
	"context"
	"encoding/base64"
	"html"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/web/facts"
	"github.com/osler-ehr/osler/web/ui"
)

// document is the view of a DocumentReference.
type document struct {
	ID          string
	Status      string
	DocStatus   string
	Type        fhir.CodeableConcept
	Date        fhir.Instant
	Author      []fhir.Reference
	Description string
	Content     []struct {
		Attachment struct {
			ContentType string
			Data        string
			Title       string
		}
	}
	Custodian fhir.Reference
	Subject   fhir.Reference
}

func (d document) title() string {
	for _, c := range d.Content {
		if c.Attachment.Title != "" {
			return c.Attachment.Title
		}
	}
	return cmp.Or(d.Description, facts.Concept(d.Type), "Untitled document")
}

// words are the title, with what must be known of the document before it is read.
func (d document) words() string {
	switch {
	case d.Status == "superseded":
		return d.title() + ", replaced by a newer version"
	case d.DocStatus == "preliminary":
		return d.title() + ", not signed"
	}
	return d.title()
}

// mistaken reports whether a report, document or note is to be read by nobody: it was entered in error, or cancelled.
func mistaken(r *fhir.Resource) bool {
	s := r.Get("status").Text()
	return s == "entered-in-error" || r.Type() == "DiagnosticReport" && s == "cancelled" || r.Get("docStatus").Text() == "entered-in-error"
}

// text is what can be printed of it; "" for a scan, which goes along as a sheet of its own.
func (d document) text() string {
	var out []string
	for _, c := range d.Content {
		kind, _, _ := strings.Cut(c.Attachment.ContentType, ";")
		if kind != "text/plain" || c.Attachment.Data == "" {
			return ""
		}
		b, err := base64.StdEncoding.DecodeString(c.Attachment.Data)
		if err != nil {
			return ""
		}
		out = append(out, strings.TrimSpace(string(b)))
	}
	return strings.Join(out, "\n\n")
}

// report is the view of a DiagnosticReport.
type report struct {
	ID         string
	Status     string
	Code       fhir.CodeableConcept
	Subject    fhir.Reference
	Effective  fhir.Choice `fhir:"effective[x]"`
	Issued     fhir.Instant
	Performer  []fhir.Reference
	Result     []fhir.Reference
	Conclusion string
}

func (r report) at() fhir.DateTime {
	switch v := r.Effective.Value().(type) {
	case fhir.DateTime:
		return v
	case fhir.Period:
		return facts.When(v.End, v.Start)
	}
	return r.Issued.DateTime()
}

// note is the view of a Composition.
type note struct {
	ID      string
	Status  string
	Type    fhir.CodeableConcept
	Subject fhir.Reference
	Date    fhir.DateTime
	Author  []fhir.Reference
	Title   string
	Section []struct {
		Title string
		Text  struct{ Div string }
	}
}

var (
	breaks = regexp.MustCompile(`(?i)<br\s*/?>|</(?:p|div|li|tr|h[1-6])>`)
	tags   = regexp.MustCompile(`<[^>]*>`)
	blanks = regexp.MustCompile(`[ \t]*\n[ \t\n]*`)
)

// plain is a narrative as lines of text: what is printed must not carry markup of others.
func plain(div string) string {
	s := html.UnescapeString(tags.ReplaceAllString(breaks.ReplaceAllString(div, "\n"), ""))
	return strings.TrimSpace(blanks.ReplaceAllString(s, "\n"))
}

// offered is something that can go with a referral, or be the report that came back.
type offered struct {
	ref, label string
	at         fhir.DateTime
}

func (o offered) words(zone *time.Location) string {
	if day := facts.Day(o.at, zone); day != "" {
		return o.label + ", " + day
	}
	return o.label
}

// offeredAtMost is how many of each kind are offered: the newest.
const offeredAtMost = 60

func documents(ctx context.Context, s *record.Session, patient string) ([]offered, error) {
	list, err := facts.Find[document](ctx, s, "DocumentReference", patient, facts.Params("_sort", "-date", "_count", strconv.Itoa(offeredAtMost))...)
	var out []offered
	for _, d := range list {
		if d.Status != "entered-in-error" && d.DocStatus != "entered-in-error" {
			label := d.words()
			if len(d.Author) > 0 && d.Author[0].Display != "" {
				label += ", " + d.Author[0].Display
			}
			out = append(out, offered{"DocumentReference/" + d.ID, label, d.Date.DateTime()})
		}
	}
	return out, err
}

func results(ctx context.Context, s *record.Session, patient string) ([]offered, error) {
	list, err := facts.Find[report](ctx, s, "DiagnosticReport", patient, facts.Params("_sort", "-date", "_count", strconv.Itoa(offeredAtMost))...)
	var out []offered
	for _, r := range list {
		if r.Status != "entered-in-error" && r.Status != "cancelled" && r.Status != "registered" {
			out = append(out, offered{"DiagnosticReport/" + r.ID, cmp.Or(facts.Concept(r.Code), "Report not named"), r.at()})
		}
	}
	return out, err
}

func notes(ctx context.Context, s *record.Session, patient string) ([]offered, error) {
	list, err := facts.Find[note](ctx, s, "Composition", patient, facts.Params("status", "final,amended", "_sort", "-date", "_count", strconv.Itoa(offeredAtMost))...)
	var out []offered
	for _, n := range list {
		label := cmp.Or(n.Title, facts.Concept(n.Type), "Note")
		if len(n.Author) > 0 && n.Author[0].Display != "" {
			label += ", " + n.Author[0].Display
		}
		out = append(out, offered{"Composition/" + n.ID, label, n.Date})
	}
	return out, err
}

// reports are the papers of the patient that may be the report of a referral, newest first.
func reports(ctx context.Context, s *record.Session, patient string, zone *time.Location) ([]ui.Option, error) {
	var docs, res []offered
	var err1, err2 error
	facts.Together(
		func() { docs, err1 = documents(ctx, s, patient) },
		func() {
			if readsOrders(s) {
				res, err2 = results(ctx, s, patient)
			}
		},
	)
	if err := cmp.Or(err1, err2); err != nil {
		return nil, err
	}
	all := append(docs, res...)
	slices.SortStableFunc(all, func(a, b offered) int { return b.at.Time(zone).Compare(a.at.Time(zone)) })
	out := []ui.Option{{Value: "", Label: "On paper or by telephone: the note says what it says"}}
	for _, o := range all {
		out = append(out, ui.Option{Value: o.ref, Label: o.words(zone)})
	}
	return out, nil
}
