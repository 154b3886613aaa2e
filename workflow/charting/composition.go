package charting

import (
	"slices"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record"
)

// composition is the view of a Composition as this feature reads and writes it.
type composition struct {
	ID        string
	Meta      fhir.Meta
	Extension []fhir.Extension
	// Identifier makes sure that a form which is sent twice begins one note.
	Identifier fhir.Identifier
	Status     string
	Type       fhir.CodeableConcept
	Category   []fhir.CodeableConcept
	Subject    fhir.Reference
	Encounter  fhir.Reference
	Date       fhir.DateTime
	Author     []fhir.Reference
	Title      string
	Attester   []attester
	RelatesTo  []relation
	Section    []written
}

// attester is who stands behind a signed note. Mode legal is the signature, personal that of somebody whose note waits for
// another's, professional a cosignature.
type attester struct {
	Mode  string
	Time  fhir.DateTime
	Party fhir.Reference
}

// relation ties a note to an earlier one: it replaces or appends.
type relation struct {
	Code   string
	Target fhir.Choice `fhir:"target[x]"`
}

// written is a section as FHIR reads it.
type written struct {
	Title string
	Code  fhir.CodeableConcept
	Text  fhir.Narrative
}

// The states of a Composition.
const (
	preliminary = "preliminary"
	final       = "final"
	amended     = "amended"
	mistaken    = "entered-in-error"
)

// The extensions of a Composition that is written here. The first names the template; the second holds the key with which a
// browser seals text that it could not send, and goes when the note is signed; the third is there once for each section that
// was written in, with its text as source.go defines it.
const (
	extensions   = "https://osler.example/fhir/StructureDefinition/"
	templateOf   = extensions + "note-template"
	browserKey   = extensions + "note-key"
	sectionState = extensions + "note-section"
	unlockReason = extensions + "note-unlock-reason"
)

// signedTag is what a signed document carries; the record lets nobody change what carries it.
func signedTag() fhir.Coding { return fhir.Coding{System: record.TagSystem, Code: record.TagSigned} }

// part is the state of one section.
type part struct {
	Code    string
	Version string // chosen by whoever wrote it
	By      string
	At      fhir.Instant
	Text    string
}

func (p part) extension() fhir.Extension {
	e := fhir.Extension{URL: sectionState, Extension: []fhir.Extension{{URL: "code", Value: fhir.ChoiceAs("code", p.Code)}}}
	for _, x := range []struct{ url, value string }{{"version", p.Version}, {"by", p.By}, {"text", p.Text}} {
		if x.value != "" {
			e.Extension = append(e.Extension, fhir.Extension{URL: x.url, Value: fhir.ChoiceOf(x.value)})
		}
	}
	e.Extension = append(e.Extension, fhir.Extension{URL: "at", Value: fhir.ChoiceOf(p.At)})
	return e
}

func partOf(e fhir.Extension) (p part) {
	for _, x := range e.Extension {
		s, _ := x.Value.Value().(string)
		switch x.URL {
		case "code":
			p.Code = s
		case "version":
			p.Version = s
		case "by":
			p.By = s
		case "text":
			p.Text = s
		case "at":
			p.At, _ = fhir.ChoiceValue[fhir.Instant](x.Value)
		}
	}
	return p
}

// parts are the states of the sections that were written in.
func (c *composition) parts() map[string]part {
	out := map[string]part{}
	for _, e := range c.Extension {
		if e.URL == sectionState {
			p := partOf(e)
			out[p.Code] = p
		}
	}
	return out
}

// text is what stands in a section.
func (c *composition) text(code string) string { return c.parts()[code].Text }

// put writes a section: its state, and the section as others read it. The sections stand in the template's order; an empty one is
// left out, as a section must say something. (FHIR R4, Composition: cmp-1.)
func (c *composition) put(t Template, p part) {
	c.Extension = slices.DeleteFunc(c.Extension, func(e fhir.Extension) bool { return e.URL == sectionState && partOf(e).Code == p.Code })
	c.Extension = append(c.Extension, p.extension())
	all := c.parts()
	c.Section = nil
	for _, s := range t.Sections {
		if text := freeze(all[s.Code].Text); text != "" {
			c.Section = append(c.Section, written{Title: s.Title, Code: s.concept(), Text: fhir.Narrative{Status: "generated", Div: narrative(text)}})
		}
	}
}

// said is the text of an extension; "" if it is not there.
func (c *composition) said(url string) string {
	e, _ := fhir.FindExtension(c.Extension, url)
	s, _ := e.Value.Value().(string)
	return s
}

// related is the id of the note that this one appends or replaces; "" if it stands for itself.
func (c *composition) related(code string) string {
	for _, r := range c.RelatesTo {
		if ref, ok := r.Target.Value().(fhir.Reference); ok && r.Code == code {
			if t, ok := ref.Target(); ok && t.Type == "Composition" {
				return t.ID
			}
		}
	}
	return ""
}

// visit is the id of the encounter.
func (c *composition) visit() string {
	if t, ok := c.Encounter.Target(); ok && t.Type == "Encounter" {
		return t.ID
	}
	return ""
}

// locked reports whether the note is signed.
func (c *composition) locked() bool { return c.Status == final || c.Status == amended }

// wrote adds an author once.
func (c *composition) wrote(by fhir.Reference) {
	if !slices.ContainsFunc(c.Author, func(a fhir.Reference) bool {
		return a.Reference == by.Reference && (by.Reference != "" || a.Display == by.Display)
	}) {
		c.Author = append(c.Author, by)
	}
}
