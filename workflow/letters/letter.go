package letters

import (
	"context"
	"crypto/sha1" //nolint:gosec // the hash of an Attachment, as R4 defines it
	"encoding/base64"
	"html"
	"strings"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/web"
	"github.com/osler-ehr/osler/web/facts"
)

// letter is the view of a Composition that is a letter.
type letter struct {
	ID         string
	Meta       fhir.Meta
	Extension  []fhir.Extension
	Identifier fhir.Identifier
	Status     string
	Type       fhir.CodeableConcept
	Subject    fhir.Reference
	Date       fhir.DateTime
	Author     []fhir.Reference
	Title      string
	Attester   []attester
	Section    []section
}

type attester struct {
	Mode  string
	Time  fhir.DateTime
	Party fhir.Reference
}

type section struct {
	Title string
	Text  fhir.Narrative
}

// The extensions of a letter: the template it was begun with, to whom it goes, and its text as it was typed.
const (
	extensions = "https://osler.example/fhir/StructureDefinition/"
	templateOf = extensions + "letter-template"
	goesTo     = extensions + "letter-to"
	typed      = extensions + "letter-text"
)

// The states of a Composition.
const (
	preliminary = "preliminary"
	final       = "final"
	mistaken    = "entered-in-error"
)

func (l letter) said(url string) string {
	e, _ := fhir.FindExtension(l.Extension, url)
	s, _ := e.Value.Value().(string)
	return s
}

func (l letter) signed() bool { return l.Status == final }

// write puts what was typed into the letter.
func (l *letter) write(template, to, title, text string) {
	l.Title, l.Extension, l.Section = title, nil, nil
	for _, x := range [][2]string{{templateOf, template}, {goesTo, to}, {typed, text}} {
		if x[1] != "" {
			l.Extension = append(l.Extension, fhir.Extension{URL: x[0], Value: fhir.ChoiceOf(x[1])})
		}
	}
	if text != "" {
		l.Section = []section{{Title: title, Text: fhir.Narrative{Status: "generated", Div: narrative(text)}}}
	}
}

// narrative writes text as the XHTML of a Narrative.
func narrative(text string) string {
	var b strings.Builder
	b.WriteString(`<div xmlns="http://www.w3.org/1999/xhtml">`)
	for par := range strings.SplitSeq(text, "\n\n") {
		if par = strings.Trim(par, "\n"); strings.TrimSpace(par) != "" {
			b.WriteString("<p>" + strings.ReplaceAll(html.EscapeString(par), "\n", "<br/>") + "</p>")
		}
	}
	return b.String() + "</div>"
}

// find reads a letter of this patient.
func (e *desk) find(ctx context.Context, s *record.Session, patient, id string) (letter, *record.Version, error) {
	v, err := s.Read(ctx, "Composition", id)
	if err != nil {
		return letter{}, nil, err
	}
	l, err := fhir.View[letter](v.Resource())
	if err != nil {
		return letter{}, nil, err
	}
	if t, ok := l.Subject.Target(); !ok || t.Type != "Patient" || t.ID != patient || l.said(templateOf) == "" || l.Status == mistaken {
		return letter{}, nil, web.ErrNotFound
	}
	return l, v, nil
}

// document is the view of the DocumentReference that stands beside a signed letter.
type document struct {
	ID               string
	Meta             fhir.Meta
	MasterIdentifier fhir.Identifier
	Status           string
	DocStatus        string
	Type             fhir.CodeableConcept
	Category         []fhir.CodeableConcept
	Subject          fhir.Reference
	Date             fhir.Instant
	Author           []fhir.Reference
	Authenticator    fhir.Reference
	Description      string
	Content          []content
	Context          struct{ Period fhir.Period }
}

type content struct{ Attachment fhir.Attachment }

// documentProfile is what a signed letter claims to be. (US Core 6.1.0 and 7.0.0.)
const documentProfile = "http://hl7.org/fhir/us/core/StructureDefinition/us-core-documentreference"

func signedTag() fhir.Coding { return fhir.Coding{System: record.TagSystem, Code: record.TagSigned} }

func file(kind, title string, data []byte, now time.Time) content {
	sum := sha1.Sum(data) //nolint:gosec // see above
	return content{fhir.Attachment{ContentType: kind, Data: base64.StdEncoding.EncodeToString(data), Size: len(data), Hash: base64.StdEncoding.EncodeToString(sum[:]), Title: title, Creation: fhir.DateTimeOf(now, fhir.Second)}}
}

func documentOf(l letter, text string, print []byte, by fhir.Reference, now time.Time) document {
	d := document{
		Meta: fhir.Meta{Profile: []string{documentProfile}, Tag: []fhir.Coding{signedTag()}}, MasterIdentifier: l.Identifier, Status: "current", DocStatus: final, Type: l.Type,
		Category: []fhir.CodeableConcept{fhir.Concept("http://hl7.org/fhir/us/core/CodeSystem/us-core-documentreference-category", "clinical-note", "Clinical Note")},
		Subject:  l.Subject, Date: fhir.InstantOf(now), Author: []fhir.Reference{by}, Authenticator: by, Description: l.Title,
		Content: []content{file("text/plain; charset=utf-8", l.Title, []byte(text), now), file("application/pdf", l.Title, print, now)},
	}
	d.Context.Period.Start = fhir.DateTimeOf(now, fhir.Second)
	return d
}

// kept is the document of a signed letter.
func (e *desk) kept(ctx context.Context, s *record.Session, patient string, l letter) (document, error) {
	all, err := facts.Find[document](ctx, s, "DocumentReference", patient, facts.Params("identifier", l.Identifier.System+"|"+l.Identifier.Value, "_count", "5")...)
	if err != nil {
		return document{}, err
	}
	if len(all) == 0 {
		return document{}, web.ErrNotFound
	}
	return all[0], nil
}
