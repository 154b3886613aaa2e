package documents

import (
	"context"
	"encoding/base64"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/slice"
	"github.com/osler-ehr/osler/web"
	"github.com/osler-ehr/osler/web/facts"
	"github.com/osler-ehr/osler/web/format"
)

type pages struct{ d slice.Deps }

// List is the page of all documents.
type List struct {
	Rows  []Row
	Total int
	Older string
}

// Row is one document of the list.
type Row struct {
	Document
	Kind   string // Progress note, Specialist letter
	Signed string // not signed
}

// Opened is the page of one document.
type Opened struct {
	Title, Kind, From, Date string
	State                   string // Signed by Dr P. Rao, 24-Aug-2026 11:02; not signed
	Unsigned                bool
	Replaced                bool // a newer document takes its place
	Texts                   []string
	Files                   []File
	BackHref                string
	NoteHref                string // the note whose signed text this is, where it is printed, amended and added to
}

// File is an attachment that is opened by itself.
type File struct{ Label, Kind, Size, Href string }

func (p *pages) list(r *http.Request) (web.View, error) {
	var v List
	zone := p.d.Shell.Location()
	chart, err := facts.OpenChart(r, p.d.Session, p.d.Shell, func(s *record.Session, id string) error {
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
			if d.Status == "entered-in-error" {
				continue
			}
			row := Row{Document: Document{Title: d.title(), From: d.from(), Date: facts.Day(d.at(), zone), Href: base(id) + "/" + page.Entries[i].ID}, Kind: facts.Concept(d.Type)}
			if d.DocStatus == "preliminary" {
				row.Signed = "not signed"
			}
			v.Rows = append(v.Rows, row)
		}
		if page.Next != "" {
			v.Older = base(id) + "?" + url.Values{"page": {page.Next}}.Encode()
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return web.Page{Title: "Documents, " + chart.Banner.Name.Short(), Current: "chart", Tab: "documents", Patient: &chart.Banner, Body: listPage(v)}, nil
}

// find reads a document of this patient; one of another patient is not found.
func (p *pages) find(ctx context.Context, s *record.Session, patient, id string) (document, error) {
	v, err := s.Read(ctx, "DocumentReference", id)
	if err != nil {
		return document{}, err
	}
	d, err := fhir.View[document](v.Resource())
	if err != nil {
		return document{}, err
	}
	if t, ok := d.Subject.Target(); !ok || t.Type != "Patient" || t.ID != patient || d.Status == "entered-in-error" {
		return document{}, web.ErrNotFound
	}
	return d, nil
}

func (p *pages) one(r *http.Request) (web.View, error) {
	var v Opened
	zone := p.d.Shell.Location()
	chart, err := facts.OpenChart(r, p.d.Session, p.d.Shell, func(s *record.Session, id string) error {
		d, err := p.find(r.Context(), s, id, r.PathValue("document"))
		if err != nil {
			return err
		}
		v = Opened{Title: d.title(), Kind: facts.Concept(d.Type), From: d.from(), Date: facts.Moment(d.at(), zone), BackHref: base(id), Unsigned: d.DocStatus == "preliminary", Replaced: d.Status == "superseded"}
		if note := d.noteOf(); note != "" {
			v.NoteHref = "/patients/" + url.PathEscape(id) + "/notes/" + url.PathEscape(note)
		}
		switch {
		case v.Unsigned:
			v.State = "Not signed"
		case d.Authenticator.Display != "":
			v.State = "Signed by " + d.Authenticator.Display + ", " + facts.Moment(d.Date.DateTime(), zone)
		}
		for n, c := range d.Content {
			if text, ok := c.Attachment.plain(); ok {
				v.Texts = append(v.Texts, text)
				continue
			}
			v.Files = append(v.Files, File{Label: c.Attachment.label(v.Title), Kind: c.Attachment.ContentType, Size: size(c.Attachment.Size), Href: base(id) + "/" + d.ID + "/files/" + strconv.Itoa(n)})
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return web.Page{Title: v.Title + ", " + chart.Banner.Name.Short(), Current: "chart", Tab: "documents", Patient: &chart.Banner, Body: onePage(v)}, nil
}

// plain is the text of an attachment that is text.
func (a attachment) plain() (string, bool) {
	if !strings.HasPrefix(a.ContentType, "text/plain") || a.Data == "" {
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
