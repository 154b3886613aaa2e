package documents

import (
	"context"
	"encoding/base64"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/identity"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/slice"
	"github.com/osler-ehr/osler/web"
	"github.com/osler-ehr/osler/web/facts"
	"github.com/osler-ehr/osler/web/format"
)

// List is the page of all documents, or of those that a search found.
type List struct {
	Rows    []Row
	Total   int
	Older   string
	Href    string // of the page itself
	AddHref string
	Found   *Found
	Desk    bool // the front desk's: administrative documents alone
}

func (v List) title() string {
	if v.Desk {
		return "Administrative documents"
	}
	return "Notes and documents"
}

func (v List) none() string {
	if v.Desk {
		return "No administrative documents"
	}
	return "No documents recorded"
}

// mayReconcile are those who reconcile a chart with a document.
var mayReconcile = slice.Roles(access.Clinician, access.Nurse)

// Row is one document of the list.
type Row struct {
	Document
	Kind    string // Progress note, Specialist letter
	Snippet []Span // where the words stand that were searched for
}

// Opened is the page of one document.
type Opened struct {
	Title, Kind, From, Date string
	Source, Filed           string
	State                   string // Signed by Dr P. Rao, 24-Aug-2026 11:02; not signed
	Unsigned                bool
	Replaced                bool // a newer document takes its place
	Texts                   []string
	Files                   []File
	BackHref                string
	NoteHref                string // the note whose signed text this is, where it is printed, amended and added to
	EditHref                string
	ReconcileHref           string // where the chart is reconciled with it; "" if it is no C-CDA, or not for whoever reads it
	Happened                []Happened
}

// File is an attachment that is opened by itself.
type File struct{ Label, Kind, Size, Href, Shown string }

// How a file stands in the page.
const (
	asPicture = "picture"
	asFrame   = "frame"
)

// Happened is a line of what was done with the document.
type Happened struct{ When, Who, What, Why string }

func (p *pages) list(r *http.Request) (web.View, error) {
	var v List
	query := strings.TrimSpace(r.FormValue("q"))
	if len(query) > 200 {
		return nil, &web.Problem{Kind: web.ErrInvalid, Advice: "Search for a few words."}
	}
	chart, err := facts.OpenChart(r, p.d.Session, p.d.Shell, func(s *record.Session, id string) error {
		v.Href, v.Desk = base(id), s.May(access.Update, "DocumentReference") && clerk(s)
		if query != "" {
			found, err := p.find(r.Context(), s, id, query)
			v.Found, v.Rows, v.Total = &found, found.Rows, found.All
			return err
		}
		q := facts.Of("DocumentReference", id, facts.Params("_sort", "-date", "_count", "100", "_total", "accurate")...)
		page, err := facts.Page(r.Context(), s, q, id, r.FormValue("page"))
		if err != nil {
			return err
		}
		v.Total = int(page.Total)
		for i := range page.Entries {
			d, err := fhir.View[document](page.Entries[i].Resource())
			if err != nil {
				return err
			}
			if !d.mistaken() {
				v.Rows = append(v.Rows, p.row(d, id))
			}
		}
		if page.Next != "" {
			v.Older = base(id) + "?" + url.Values{"page": {page.Next}}.Encode()
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if slice.To(access.Create, "DocumentReference").Admits(identity.From(r.Context())) {
		v.AddHref = base(chart.ID) + "/new"
	}
	return web.Page{Title: "Documents, " + chart.Banner.Name.Short(), Current: "chart", Tab: "documents", Patient: &chart.Banner, Body: listPage(v)}, nil
}

// row is a document of the list.
func (p *pages) row(d document, patient string) Row {
	return Row{Document: Document{Title: d.title(), From: d.from(), Date: facts.Day(d.at(), p.d.Shell.Location()), Href: base(patient) + "/" + url.PathEscape(d.ID), Standing: d.standing()}, Kind: facts.Concept(d.Type)}
}

// ofPatient reads a document of this patient; one of another patient is not found.
func (p *pages) ofPatient(ctx context.Context, s *record.Session, patient, id string) (*record.Version, document, error) {
	v, err := s.Read(ctx, "DocumentReference", id)
	if err != nil {
		return nil, document{}, err
	}
	d, err := fhir.View[document](v.Resource())
	if err != nil {
		return nil, d, err
	}
	if t, ok := d.Subject.Target(); !ok || t.Type != "Patient" || t.ID != patient || d.mistaken() {
		return nil, d, web.ErrNotFound
	}
	return v, d, nil
}

func (p *pages) one(r *http.Request) (web.View, error) {
	var v Opened
	ctx := r.Context()
	zone := p.d.Shell.Location()
	chart, err := facts.OpenChart(r, p.d.Session, p.d.Shell, func(s *record.Session, id string) error {
		at, d, err := p.ofPatient(ctx, s, id, r.PathValue("document"))
		if err != nil {
			return err
		}
		if v, err = p.opened(ctx, s, d, base(id)+"/"+url.PathEscape(d.ID)); err != nil {
			return err
		}
		v.BackHref = base(id)
		if note := d.noteOf(); note != "" {
			v.NoteHref = "/patients/" + url.PathEscape(id) + "/notes/" + url.PathEscape(note)
		}
		if correctable(at, d) && slice.To(access.Update, "DocumentReference").But(access.FrontDesk).Admits(identity.From(ctx)) {
			v.EditHref = base(id) + "/" + url.PathEscape(d.ID) + "/edit"
		}
		if mayReconcile.Admits(identity.From(ctx)) {
			v.ReconcileHref = facts.ReconcileHref(at.Resource(), id)
		}
		if !s.May(access.Search, "Provenance") {
			return nil
		}
		done, err := trace(ctx, s, []string{d.ID})
		if err != nil {
			return err
		}
		for _, x := range done[d.ID] {
			if x.Activity.Text != "" { // what synthetic and other systems say of whole visits has none
				v.Happened = append(v.Happened, Happened{facts.Moment(x.Recorded.DateTime(), zone), x.who(), x.Activity.Text, facts.First(x.Reason)})
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return web.Page{Title: v.Title + ", " + chart.Banner.Name.Short(), Current: "chart", Tab: "documents", Patient: &chart.Banner, Body: onePage(v)}, nil
}

// shownText is how much of a text stands in the page, in bytes; the whole is in its file.
const shownText = 1 << 20

// opened is what is shown of a document whose page has an address.
func (p *pages) opened(ctx context.Context, s *record.Session, d document, href string) (Opened, error) {
	zone := p.d.Shell.Location()
	v := Opened{Title: d.title(), Kind: facts.Concept(d.Type), From: d.from(), Date: facts.Moment(d.at(), zone), Source: d.source(), Unsigned: d.DocStatus == "preliminary", Replaced: d.Status == "superseded"}
	if filed := facts.Moment(d.Date.DateTime(), zone); filed != v.Date {
		v.Filed = filed
	}
	switch {
	case v.Unsigned:
		v.State = "Not signed"
	case d.Authenticator.Display != "":
		v.State = "Signed by " + d.Authenticator.Display + ", " + facts.Moment(d.Date.DateTime(), zone)
	}
	for n, c := range d.Content {
		a := c.Attachment
		text, ok := a.plain()
		if !ok && strings.HasPrefix(a.ContentType, mediaText) && a.URL != "" && a.Size <= shownText {
			if b, _, err := bytesOf(ctx, s, d, n); err == nil {
				text, ok = strings.ToValidUTF8(string(b), "�"), true
			} else if !unreadable(err) {
				return v, err
			}
		}
		if ok && len(text) <= shownText {
			v.Texts = append(v.Texts, text)
			continue
		}
		f := File{Label: a.label(v.Title), Kind: mediaName(a.ContentType), Size: size(a.Size), Href: href + "/files/" + strconv.Itoa(n)}
		if a.Data != "" || strings.HasPrefix(a.URL, "Binary/") {
			switch {
			case pictures[a.ContentType]:
				f.Shown = asPicture
			case a.ContentType == mediaPDF:
				f.Shown = asFrame
			}
		}
		v.Files = append(v.Files, f)
	}
	return v, nil
}

// unreadable reports whether a file is only not there, damaged or not for whoever asks: the rest of the document is shown.
func unreadable(err error) bool {
	_, told := errors.AsType[*web.Problem](err)
	return told || record.KindOf(err) != 0
}

// plain is the text of an attachment that is text.
func (a attachment) plain() (string, bool) {
	if !strings.HasPrefix(a.ContentType, mediaText) || a.Data == "" {
		return "", false
	}
	b, err := base64.StdEncoding.DecodeString(a.Data)
	return strings.ToValidUTF8(string(b), "�"), err == nil
}

func (a attachment) label(otherwise string) string {
	if a.Title != "" {
		return a.Title
	}
	return otherwise
}

func size(bytes int) string {
	switch {
	case bytes <= 0:
		return ""
	case bytes < 1<<10:
		return format.Count(bytes, "byte", "bytes")
	case bytes < 1<<20:
		return strconv.Itoa((bytes+1023)>>10) + " KB"
	}
	return strconv.Itoa((bytes+1<<20-1)>>20) + " MB"
}
