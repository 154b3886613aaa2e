package reconciliation

import (
	"context"
	"encoding/base64"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/a-h/templ"

	"github.com/osler-ehr/osler/drugs"
	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/identity"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/slice"
	"github.com/osler-ehr/osler/web"
	"github.com/osler-ehr/osler/web/facts"
	"github.com/osler-ehr/osler/wire/ccda"
)

// may are those who reconcile; what is taken here is stopped by clinicians alone, as everywhere.
var may, mayStop = slice.Roles(access.Clinician, access.Nurse), slice.Roles(access.Clinician)

type editor struct {
	d       slice.Deps
	library *drugs.Library
	rules   []slice.Rule
}

// Slice is reconciliation: a panel of the chart that names documents which wait, their list, and the form. The rules of the other
// slices check the medicines that would be taken over.
func Slice(d slice.Deps, medicines *drugs.Library, others []slice.Slice) slice.Slice {
	e := &editor{d: d, library: medicines}
	for _, o := range others {
		for _, r := range o.Rules {
			if r.Check != nil {
				e.rules = append(e.rules, r)
			}
		}
	}
	return slice.Slice{
		Name: "reconciliation",
		Routes: []slice.Route{
			{Method: http.MethodGet, Pattern: "/patients/{id}/reconciliation", Right: may, Page: e.list},
			{Method: http.MethodGet, Pattern: "/patients/{id}/reconciliation/{document}", Right: may, Page: e.open},
			{Method: http.MethodPost, Pattern: "/patients/{id}/reconciliation/{document}", Right: may, Page: e.confirm},
		},
		Panels: []slice.Panel{{Name: "reconciliation", Right: may, Draw: func(ctx context.Context, s *record.Session, patient string) (templ.Component, error) {
			if !may.Admits(identity.From(ctx)) {
				return nil, nil
			}
			all, err := documents(ctx, s, patient)
			if err != nil {
				return nil, err
			}
			waiting := slices.DeleteFunc(all, func(d source) bool { return d.Done })
			if len(waiting) == 0 {
				return nil, nil
			}
			return web.Box{Column: web.End, Order: 5, Body: panel(waiting)}, nil
		}}},
	}
}

func base(patient string) string { return "/patients/" + url.PathEscape(patient) + "/reconciliation" }

// source is a document with which the chart can be reconciled.
type source struct {
	ID, Title, From, Date, Href string
	Done                        bool
}

// document is the view of a DocumentReference.
type document struct {
	ID          string
	Status      string
	Subject     fhir.Reference
	Date        fhir.Instant
	Description string
	Author      []fhir.Reference
	Content     []struct {
		Attachment struct {
			ContentType string
			Data        string
			URL         string
			Title       string
		}
	}
}

func (d document) title() string {
	if len(d.Content) > 0 && d.Content[0].Attachment.Title != "" {
		return d.Content[0].Attachment.Title
	}
	if d.Description != "" {
		return d.Description
	}
	return "Untitled document"
}

func (d document) xml() bool {
	return len(d.Content) > 0 && d.Status == "current" && slices.Contains(facts.Reconcilable(), d.Content[0].Attachment.ContentType)
}

// documents are the XML documents of a chart, newest first.
func documents(ctx context.Context, s *record.Session, patient string) ([]source, error) {
	var out []source
	for _, kind := range facts.Reconcilable() {
		all, err := facts.FindAll[document](ctx, s, "DocumentReference", patient, facts.Params("contenttype", kind, "_sort", "-date", "_count", "50")...)
		if err != nil {
			return nil, err
		}
		for _, d := range all {
			if !d.xml() {
				continue
			}
			x := source{ID: d.ID, Title: d.title(), Date: facts.Day(d.Date.DateTime(), time.UTC), Href: base(patient) + "/" + url.PathEscape(d.ID)}
			if len(d.Author) > 0 {
				x.From = d.Author[0].Display
			}
			out = append(out, x)
		}
	}
	finished, err := done(ctx, s, out)
	for i := range out {
		out[i].Done = finished[out[i].ID]
	}
	return out, err
}

// done finds the documents that a clinician has reconciled with, or a nurse with nothing left, in one search.
func done(ctx context.Context, s *record.Session, of []source) (map[string]bool, error) {
	out := map[string]bool{}
	if len(of) == 0 {
		return out, nil
	}
	targets := make([]string, len(of))
	for i, d := range of {
		targets[i] = "DocumentReference/" + d.ID
	}
	page, err := facts.Whole(ctx, s, record.Query{Type: "Provenance", Params: facts.Params("target", strings.Join(targets, ","), "_count", "200"), Strict: true})
	if err != nil {
		return nil, err
	}
	for i := range page.Entries {
		p := page.Entries[i].Resource()
		if p.Get("activity").Get("text").Text() != reconciled {
			continue
		}
		for j := range p.Get("target").Len() {
			if id, ok := strings.CutPrefix(p.Get("target").Index(j).Get("reference").Text(), "DocumentReference/"); ok {
				out[id] = true
			}
		}
	}
	return out, nil
}

const reconciled, inPart, stillTaken = "Reconciled", "Reconciled in part", "Confirmed as still taken"

// list is the page of the documents.
func (e *editor) list(r *http.Request) (web.View, error) {
	var all []source
	chart, err := facts.OpenChart(r, e.d.Session, e.d.Shell, func(s *record.Session, id string) (err error) {
		all, err = documents(r.Context(), s, id)
		return err
	})
	if err != nil {
		return nil, err
	}
	return web.Page{Title: "Reconciliation, " + chart.Banner.Name.Short(), Current: "chart", Patient: &chart.Banner, Body: listPage(all, "/patients/"+url.PathEscape(chart.ID)+"/documents/new")}, nil
}

// readDocument reads the document that the address names. One of another patient is not there.
func readDocument(r *http.Request, s *record.Session, patient string) (document, *ccda.Document, error) {
	v, err := s.Read(r.Context(), "DocumentReference", r.PathValue("document"))
	if err != nil {
		return document{}, nil, err
	}
	d, err := fhir.View[document](v.Resource())
	if err != nil {
		return d, nil, err
	}
	if d.ID = v.ID; d.Subject.Reference != "Patient/"+patient || !d.xml() {
		return d, nil, web.ErrNotFound
	}
	a := d.Content[0].Attachment
	data := a.Data
	if t, ok := fhir.ParseReference(a.URL); data == "" && ok && t.Type == "Binary" {
		b, err := s.Read(r.Context(), "Binary", t.ID)
		if err != nil {
			return d, nil, err
		}
		data = b.Resource().Get("data").Text()
	}
	body, err := base64.StdEncoding.DecodeString(data)
	if err != nil {
		return d, nil, &web.Problem{Kind: web.ErrInvalid, Advice: "The file of this document is damaged. Ask whoever sent it for a new copy."}
	}
	doc, err := ccda.Read(body)
	if err != nil {
		return d, nil, &web.Problem{Kind: web.ErrInvalid, Advice: "This document cannot be reconciled: " + err.Error() + ". Open it under Notes and documents and read it there."}
	}
	return d, doc, nil
}
