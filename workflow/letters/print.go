package letters

import (
	"context"
	"encoding/base64"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/pdf"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/web"
	"github.com/osler-ehr/osler/web/facts"
	"github.com/osler-ehr/osler/web/format"
)

// chapter is a part of the chart that can be printed.
type chapter struct {
	ID, Name string
	Type     string // of what it is made: who may not search it prints a sentence instead
	Dated    bool   // the range of dates limits it
	draw     func(ctx context.Context, x *printing) error
}

// printing is one print.
type printing struct {
	s           *record.Session
	patient     string
	zone        *time.Location
	from, until string // days, "" = open
	d           *pdf.Writer
	rows        int
}

// mostRows is how many rows or documents of a part are printed.
const mostRows = 20000

var chapters = []chapter{
	{"problems", "Problems", "Condition", false, printProblems},
	{"medications", "Medications", "MedicationRequest", false, printMedicines},
	{"allergies", "Allergies", "AllergyIntolerance", false, printAllergies},
	{"immunizations", "Immunizations", "Immunization", false, printVaccines},
	{"vitals", "Vital signs", "Observation", true, func(ctx context.Context, x *printing) error { return printValues(ctx, x, "vital-signs") }},
	{"results", "Results", "Observation", true, func(ctx context.Context, x *printing) error { return printValues(ctx, x, "laboratory") }},
	{"notes", "Notes and letters", "DocumentReference", true, printNotes},
}

// chosen reads what the address asks for: the parts, and the days between which the dated ones lie.
func chosen(f *web.Form, now time.Time) (parts []chapter, from, until string) {
	ids := f.All("part")
	for _, c := range chapters {
		if slices.Contains(ids, c.ID) {
			parts = append(parts, c)
		}
	}
	if len(parts) == 0 {
		f.Wrong("part", "Tick at least one part.")
	}
	day := func(name string) string {
		text := f.Text(name)
		if text == "" {
			return ""
		}
		iso, ok := format.TypedDate(text, now)
		if !ok {
			f.Wrong(name, "Not a date. Write it as 14-Mar-2014, Mar 2014, 2014, or y-1 for one year ago.")
		}
		return iso
	}
	from, until = day("from"), day("until")
	if from != "" && until != "" && until < from[:min(len(from), len(until))] {
		f.Wrong("until", "It cannot end before it begins.")
	}
	return parts, from, until
}

// usual are the parts that are printed where nothing else is asked for.
func usual(f *web.Form) url.Values {
	q := url.Values{"from": {f.Text("from")}, "until": {f.Text("until")}}
	for _, c := range chapters {
		if c.ID != "notes" && c.ID != "vitals" {
			q.Add("part", c.ID)
		}
	}
	return q
}

// choose is the form of what is printed; asked with parts that are right it leads to the file.
func (e *desk) choose(r *http.Request) (web.View, error) {
	chart, err := facts.OpenChart(r, e.d.Session, e.d.Shell, nothing)
	if err != nil {
		return nil, err
	}
	f, status := web.NewForm(r.URL.Query()), 0
	if r.URL.Query().Has("asked") {
		parts, _, _ := chosen(f, e.d.Shell.Clock())
		if f.OK() {
			q := url.Values{"from": {f.Text("from")}, "until": {f.Text("until")}}
			for _, p := range parts {
				q.Add("part", p.ID)
			}
			return web.Redirect{To: chartOf(chart.ID) + "/print/pdf?" + q.Encode()}, nil
		}
		status = http.StatusUnprocessableEntity
	} else {
		f = web.NewForm(usual(f))
	}
	return web.Page{Title: "Print, " + chart.Banner.Name.Short(), Current: "chart", Tab: "letters", Patient: &chart.Banner, Body: choosePage(f, chartOf(chart.ID)+"/print", base(chart.ID)), Status: status}, nil
}

// printPDF prints the parts that the address names, page by page as they are read.
func (e *desk) printPDF(w http.ResponseWriter, r *http.Request) {
	ctx, now := r.Context(), e.d.Shell.Clock()
	f := web.NewForm(r.URL.Query())
	if !f.Has("part") {
		f = web.NewForm(usual(f))
	}
	parts, from, until := chosen(f, now)
	chart, err := facts.OpenChart(r, e.d.Session, e.d.Shell, nothing)
	if err == nil && !f.OK() {
		err = &web.Problem{Kind: web.ErrInvalid, Advice: "Choose the parts and the dates on the page of prints, then print."}
	}
	var names []string
	for _, p := range parts {
		names = append(names, p.Name)
	}
	about := strings.Join(names, ", ")
	if span := spanWords(from, until, e.d.Shell.Location()); span != "" {
		about += "; dated parts " + span
	}
	if err == nil {
		err = e.disclosed(ctx, chart.ID, "", "Chart as PDF: "+about)
	}
	if err != nil {
		e.d.Shell.Error(w, r, err)
		return
	}
	header(w, "chart.pdf")
	d := e.begin(w, chart, "Chart", printedBy(ctx, now), now)
	x := &printing{s: chart.Session, patient: chart.ID, zone: e.d.Shell.Location(), from: from, until: until, d: d}
	d.Title("Chart")
	sex := strings.ToLower(chart.Banner.Sex)
	if sex == "" {
		sex = "sex not recorded"
	}
	d.Paragraph(chart.Banner.Name.Full() + ", born " + chart.Banner.Born() + ", " + sex + ", MRN " + chart.Banner.MRNText())
	d.Paragraph("Printed parts: " + about + ".")
	for _, p := range parts {
		d.Heading(p.Name)
		if !x.s.May(access.Search, p.Type) {
			d.Paragraph("Not printed: the role of who printed this may not read it.")
			continue
		}
		x.rows = 0
		if err := p.draw(ctx, x); err != nil {
			e.d.Log.ErrorContext(ctx, "a print broke off", "error", err.Error())
			panic(http.ErrAbortHandler) // half a chart must not look like a whole one: the browser says that the file is broken
		}
		if x.rows == 0 && p.ID != "allergies" {
			d.Paragraph("None recorded" + strings.TrimRight(" "+map[bool]string{true: spanWords(from, until, x.zone)}[p.Dated], " ") + ".")
		}
		if x.rows >= mostRows || d.Cut() {
			d.Paragraph("There is more than is printed here. Choose a shorter range of dates.")
		}
	}
	if err := finish(d); err != nil {
		e.d.Log.ErrorContext(ctx, "a print broke off", "error", err.Error())
		panic(http.ErrAbortHandler)
	}
}

func spanWords(from, until string, zone *time.Location) string {
	switch {
	case from == "" && until == "":
		return ""
	case until == "":
		return "since " + format.FHIRDate(from, zone)
	case from == "":
		return "until " + format.FHIRDate(until, zone)
	}
	return "from " + format.FHIRDate(from, zone) + " until " + format.FHIRDate(until, zone)
}

// dated adds the range of dates to a search.
func (x *printing) dated(params ...string) []string {
	if x.from != "" {
		params = append(params, "date", "ge"+x.from)
	}
	if x.until != "" {
		params = append(params, "date", "le"+x.until)
	}
	return params
}

// row draws one row; false = that is enough.
func (x *printing) row(widths []float64, cells ...string) bool {
	x.rows++
	x.d.Row(true, widths, cells...)
	return x.rows < mostRows && !x.d.Cut()
}

func printProblems(ctx context.Context, x *printing) error {
	return each(ctx, x.s, "Condition", x.patient, func(v *record.Version) (bool, error) {
		p, err := problemOf(v)
		if err != nil || !p.stands() || !p.listed() {
			return true, err
		}
		return x.row([]float64{5, 2, 2}, p.name(), p.state(), p.since(x.zone)), nil
	})
}

func printMedicines(ctx context.Context, x *printing) error {
	list, whole, err := facts.Medicines(ctx, x.s, x.patient, true)
	if err != nil {
		return err
	}
	if !whole {
		x.d.Paragraph("There are more than are printed here: of each kind the newest " + format.Thousands(strconv.Itoa(facts.MostMedicines)) + ".")
	}
	for _, current := range []bool{true, false} {
		for _, m := range list {
			status := strings.ReplaceAll(m.Status, "-", " ")
			if m.FromElsewhere() {
				status += ", from elsewhere"
			}
			if m.Current() == current && !x.row([]float64{3, 4, 1.4, 1.6}, m.Name, how(m), status, facts.Day(m.Authored, x.zone)) {
				return nil
			}
		}
	}
	return nil
}

func printAllergies(ctx context.Context, x *printing) error {
	list, state, err := facts.Allergies(ctx, x.s, x.patient)
	if err != nil {
		return err
	}
	if len(list) == 0 {
		x.d.Paragraph(strings.ToUpper(allergyWords(nil, state)[:1]) + allergyWords(nil, state)[1:] + ".")
	}
	for _, a := range list {
		if !x.row([]float64{3, 4, 2}, a.Substance(), a.Reaction(), a.Severity()) {
			return nil
		}
	}
	return nil
}

func printVaccines(ctx context.Context, x *printing) error {
	return each(ctx, x.s, "Immunization", x.patient, func(v *record.Version) (bool, error) {
		i, err := fhir.View[vaccine](v.Resource())
		if err != nil || i.Status == mistaken {
			return true, err
		}
		status := ""
		if i.Status == "not-done" {
			status = "not given"
		}
		name := facts.Concept(i.Vaccine)
		if name == "" {
			name = "Vaccine not named"
		}
		return x.row([]float64{5, 2, 2}, name, i.when(x.zone), strings.TrimSpace(status+strings.TrimSuffix(" lot "+i.Lot, " lot "))), nil
	}, "_sort", "-date")
}

func printValues(ctx context.Context, x *printing, category string) error {
	return values(ctx, x.s, x.patient, category, func(o facts.Observation) bool {
		for _, m := range o.Values() {
			ref := m.Range()
			if ref != "" {
				ref = "reference " + ref
			}
			if !x.row([]float64{4, 3, 2.4, 2.2}, m.Name(), value(m.Measured), ref, facts.Moment(o.At(), x.zone)) {
				return false
			}
		}
		return true
	}, x.dated()...)
}

// note is the view of a DocumentReference whose text is printed.
type note struct {
	Status    string
	DocStatus string
	Type      fhir.CodeableConcept
	Date      fhir.Instant
	Author    []fhir.Reference
	Content   []content
}

func printNotes(ctx context.Context, x *printing) error {
	return each(ctx, x.s, "DocumentReference", x.patient, func(v *record.Version) (bool, error) {
		n, err := fhir.View[note](v.Resource())
		if err != nil || n.Status != "current" || n.DocStatus == preliminary {
			return true, err
		}
		title, texts, files := facts.Concept(n.Type), []string{}, 0
		for _, c := range n.Content {
			if c.Attachment.Title != "" {
				title = c.Attachment.Title
			}
			if text, err := base64.StdEncoding.DecodeString(c.Attachment.Data); err == nil && strings.HasPrefix(c.Attachment.ContentType, "text/plain") && len(text) > 0 {
				texts = append(texts, string(text))
			} else {
				files++
			}
		}
		by := ""
		for _, a := range n.Author {
			by = a.Display
		}
		x.rows++
		x.d.Subheading(strings.Trim(title+", "+facts.Day(n.Date.DateTime(), x.zone)+", "+by, ", "))
		for _, t := range texts {
			x.d.Paragraph(strings.ToValidUTF8(t, "\ufffd"))
		}
		if len(texts) == 0 {
			x.d.Note(format.Count(files, "file that is not text is", "files that are not text are") + " kept in the record and not printed here.")
		}
		return x.rows < mostRows && !x.d.Cut(), nil
	}, x.dated("_sort", "-date")...)
}
