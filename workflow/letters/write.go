package letters

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/identity"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/web"
	"github.com/osler-ehr/osler/web/facts"
	"github.com/osler-ehr/osler/web/format"
	"github.com/osler-ehr/osler/web/ui"
)

const (
	rfc3986   = "urn:ietf:rfc:3986"
	newLetter = "urn:uuid:6f5d2b1a-64fb-4b59-8d5e-0d5d0b2b7a31" // within one transaction alone
	newFile   = "urn:uuid:6f5d2b1a-64fb-4b59-8d5e-0d5d0b2b7a32"
)

// blank is the form of a new letter, filled from the chart.
func (e *desk) blank(r *http.Request) (web.View, error) {
	chart, err := facts.OpenChart(r, e.d.Session, e.d.Shell, nothing)
	if err != nil {
		return nil, err
	}
	t, ok := templateNamed(r.FormValue("template"))
	if !ok {
		t, _ = templateNamed("free")
	}
	f := web.NewForm(url.Values{"once": {facts.NewUUID()}, "template": {t.ID}, "to": {e.fill(r.Context(), chart, t.To)}, "title": {t.Title}, "text": {e.fill(r.Context(), chart, t.Text)}})
	return e.work(chart, f, "", 0), nil
}

func (e *desk) work(chart facts.Chart, f *web.Form, id string, status int, messages ...ui.Message) web.View {
	action, title := base(chart.ID), "New letter"
	if t, ok := templateNamed(f.Text("template")); ok {
		title = t.Name
	}
	if id != "" {
		action = at(chart.ID, id)
	}
	w := web.Work{Title: title, Current: "chart", Patient: &chart.Banner, Back: base(chart.ID), Action: action, Body: letterFields(f), Status: status, Messages: messages, Wide: true,
		Buttons: []ui.Button{{Label: "Keep as a draft", Attrs: map[string]any{"name": "draft", "value": "yes"}}, {Label: "Sign", Kind: ui.Primary}}}
	if id != "" {
		w.Buttons = append([]ui.Button{{Label: "Throw away", Kind: ui.Danger, Attrs: map[string]any{"name": "discard", "value": "yes"}}}, w.Buttons...)
	}
	return w
}

// create keeps a new letter as a draft, or signs it.
func (e *desk) create(r *http.Request) (web.View, error) {
	f, err := web.ReadForm(r)
	if err != nil {
		return nil, err
	}
	chart, err := facts.OpenChart(r, e.d.Session, e.d.Shell, nothing)
	if err != nil {
		return nil, err
	}
	t, ok := templateNamed(f.Text("template"))
	if !ok {
		return nil, web.ErrNotFound
	}
	ids, condition := facts.Once(f, "")
	if ids == nil {
		ids = []fhir.Identifier{{System: rfc3986, Value: "urn:uuid:" + facts.NewUUID()}}
	}
	me := facts.Author(r.Context())
	l := letter{Identifier: ids[0], Status: preliminary, Type: t.Type, Subject: fhir.To("Patient", chart.ID), Author: []fhir.Reference{me}}
	return e.save(r, chart, f, l, record.Op{Verb: record.Create, Type: "Composition", FullURL: newLetter, Condition: condition}, nil)
}

// update changes a draft, signs it, or throws it away.
func (e *desk) update(r *http.Request) (web.View, error) {
	f, err := web.ReadForm(r)
	if err != nil {
		return nil, err
	}
	chart, err := facts.OpenChart(r, e.d.Session, e.d.Shell, nothing)
	if err != nil {
		return nil, err
	}
	l, v, err := e.find(r.Context(), chart.Session, chart.ID, r.PathValue("letter"))
	if err != nil {
		return nil, err
	}
	if l.signed() {
		return nil, &web.Problem{Kind: web.ErrConflict, Advice: "This letter is signed. Write a new one if something is left to say."}
	}
	op := record.Op{Verb: record.Update, Type: "Composition", ID: v.ID, IfMatch: facts.Editing(f)}
	if f.Has("discard") {
		l.Status = mistaken
		if op.Resource, err = fhir.Merge(v.Resource(), l); err != nil {
			return nil, err
		}
		if _, err := chart.Session.Do(r.Context(), []record.Op{op}); err != nil {
			return e.refused(chart, f, l.ID, err)
		}
		return web.Done{To: base(chart.ID), Say: ui.Message{Lead: l.Title, Text: "thrown away."}}, nil
	}
	return e.save(r, chart, f, l, op, v)
}

func (e *desk) save(r *http.Request, chart facts.Chart, f *web.Form, l letter, op record.Op, v *record.Version) (web.View, error) {
	ctx, now, me := r.Context(), e.d.Shell.Clock(), facts.Author(r.Context())
	sign := !f.Has("draft")
	f.Need("title", "Give the letter a title.")
	f.Need("text", "Write the letter first.")
	if sign {
		f.Need("to", "Say to whom the letter goes.")
		for _, name := range []string{"to", "title", "text"} {
			if n := strings.Count(f.Text(name), "***"); n > 0 {
				f.Wrong(name, format.Count(n, "blank", "blanks")+" ***: fill it in or take it out, then sign.")
			}
		}
	}
	if !f.OK() {
		return e.work(chart, f, l.ID, http.StatusUnprocessableEntity), nil
	}
	l.Date = fhir.DateTimeOf(now, fhir.Second)
	l.write(f.Text("template"), f.Text("to"), f.Text("title"), f.Text("text"))
	ops, said := []record.Op{op}, "kept as a draft."
	if sign {
		l.Status, said = final, "signed."
		l.Meta.Tag = append(l.Meta.Tag, signedTag())
		l.Attester = append(l.Attester, attester{Mode: "legal", Time: l.Date, Party: me})
		more, err := e.seal(chart, l, me, identity.From(ctx), now)
		if err != nil {
			return nil, err
		}
		ops = append(ops, more...)
	}
	var err error
	if v != nil {
		ops[0].Resource, err = fhir.Merge(v.Resource(), l)
	} else {
		ops[0].Resource, err = fhir.New("Composition", l)
	}
	if err != nil {
		return nil, err
	}
	if sign && v == nil { // sent twice: what the first made must not get a second document
		sent, err := facts.Find[letter](ctx, chart.Session, "Composition", chart.ID, facts.Params("identifier", l.Identifier.System+"|"+l.Identifier.Value, "_count", "1")...)
		if err != nil {
			return nil, err
		}
		if len(sent) > 0 {
			return web.Done{To: at(chart.ID, sent[0].ID), Say: ui.Message{Lead: l.Title, Text: said}}, nil
		}
	}
	res, err := chart.Session.Do(ctx, ops)
	if err != nil {
		return e.refused(chart, f, l.ID, err)
	}
	return web.Done{To: at(chart.ID, res[0].ID), Say: ui.Message{Lead: l.Title, Text: said}}, nil
}

func (e *desk) refused(chart facts.Chart, f *web.Form, id string, err error) (web.View, error) {
	switch {
	case facts.Changed(err):
		return e.work(chart, f, id, http.StatusConflict, ui.Message{Tone: ui.Caution, Lead: "Not saved.", Text: "Somebody changed this letter meanwhile. What you typed is still here; open the letter again to see what stands there now."}), nil
	case facts.Refused(err) != "":
		return e.work(chart, f, id, http.StatusUnprocessableEntity, ui.Message{Tone: ui.Critical, Lead: "Not saved.", Text: facts.Refused(err)}), nil
	}
	return nil, err
}

// words are the letter as it is signed, printed, shown and served.
func (e *desk) words(chart facts.Chart, l letter, by string, now time.Time) string {
	b := chart.Banner
	var out strings.Builder
	for _, line := range []string{e.d.Shell.Practice, e.d.Shell.Phone, format.LongDate(now), "", "To: " + l.said(goesTo), "About: " + b.Name.Plain() + ", born " + b.Birth.String() + ", MRN " + b.MRNText(), "", l.Title, "", l.said(typed), "", "Signed by " + by + ", " + format.Date(now) + ", " + format.Seconds(now)} {
		if line != "" || !strings.HasSuffix(out.String(), "\n\n") {
			out.WriteString(line + "\n")
		}
	}
	return out.String()
}

// seal makes the operations that stand beside the signed Composition: the document with text and PDF, and who signed it.
func (e *desk) seal(chart facts.Chart, l letter, me fhir.Reference, who identity.Principal, now time.Time) ([]record.Op, error) {
	text := e.words(chart, l, me.Display, now)
	var print bytes.Buffer
	d := e.begin(&print, chart, l.Title, "Signed by "+me.Display+", "+format.DateTime(now), now)
	for _, line := range strings.Split(strings.TrimRight(text, "\n"), "\n") {
		if line == l.Title {
			d.Heading(line)
		} else if strings.TrimSpace(line) == "" {
			d.Gap(7)
		} else {
			d.Line(line)
		}
	}
	if err := finish(d); err != nil {
		return nil, err
	}
	doc, err := fhir.New("DocumentReference", documentOf(l, text, print.Bytes(), me, now))
	if err != nil {
		return nil, err
	}
	target := newLetter
	if l.ID != "" {
		target = "Composition/" + l.ID
	}
	sum := sha256.Sum256([]byte(text))
	p := provenance{Meta: fhir.Meta{Tag: []fhir.Coding{signedTag()}}, Target: []fhir.Reference{{Reference: target}, {Reference: newFile}}, Recorded: fhir.InstantOf(now),
		Activity: fhir.Concept("http://terminology.hl7.org/CodeSystem/v3-DocumentCompletion", "LA", "legally authenticated"),
		Agent:    []agent{{Type: fhir.Concept("http://terminology.hl7.org/CodeSystem/provenance-participant-type", "author", "Author"), Who: me}}}
	if who.Organisation != "" {
		p.Agent[0].OnBehalfOf = fhir.To("Organization", url.PathEscape(who.Organisation))
	}
	var of entity
	of.Role = "source"
	of.What.Identifier, of.What.Display = fhir.Identifier{System: "urn:ietf:rfc:6920", Value: "ni:///sha-256;" + base64.RawURLEncoding.EncodeToString(sum[:])}, "the text that was signed"
	p.Entity = []entity{of}
	prov, err := fhir.New("Provenance", p)
	return []record.Op{{Verb: record.Create, Type: "DocumentReference", FullURL: newFile, Resource: doc}, {Verb: record.Create, Type: "Provenance", Resource: prov}}, err
}

// provenance is the view of a Provenance.
type provenance struct {
	Meta     fhir.Meta
	Target   []fhir.Reference
	Recorded fhir.Instant
	Activity fhir.CodeableConcept
	Agent    []agent
	Entity   []entity
}

type agent struct {
	Type       fhir.CodeableConcept
	Who        fhir.Reference
	OnBehalfOf fhir.Reference
}

type entity struct {
	Role string
	What struct {
		Identifier fhir.Identifier
		Display    string
	}
}

// open is the form of a draft, or the page of a signed letter.
func (e *desk) open(r *http.Request) (web.View, error) {
	chart, err := facts.OpenChart(r, e.d.Session, e.d.Shell, nothing)
	if err != nil {
		return nil, err
	}
	l, v, err := e.find(r.Context(), chart.Session, chart.ID, r.PathValue("letter"))
	if err != nil {
		return nil, err
	}
	if l.signed() {
		return e.shown(r.Context(), chart, l)
	}
	if !writes(identity.From(r.Context())) {
		return nil, web.ErrNotFound
	}
	f := web.NewForm(url.Values{"version": {strconv.FormatInt(v.Version, 10)}, "template": {l.said(templateOf)}, "to": {l.said(goesTo)}, "title": {l.Title}, "text": {l.said(typed)}})
	return e.work(chart, f, l.ID, 0), nil
}

// Shown is a signed letter: its text exactly as it was signed.
type Shown struct {
	Title, Text, Signed          string
	PDFHref, SendHref, LettersAt string
}

func (e *desk) shown(ctx context.Context, chart facts.Chart, l letter) (web.View, error) {
	d, err := e.kept(ctx, chart.Session, chart.ID, l)
	if err != nil {
		return nil, err
	}
	v := Shown{Title: l.Title, PDFHref: at(chart.ID, l.ID) + "/pdf", LettersAt: base(chart.ID)}
	for _, c := range d.Content {
		if strings.HasPrefix(c.Attachment.ContentType, "text/plain") {
			text, err := base64.StdEncoding.DecodeString(c.Attachment.Data)
			if err != nil {
				return nil, err
			}
			v.Text = string(text)
		}
	}
	for _, a := range l.Attester {
		v.Signed = "Signed by " + a.Party.Display
	}
	if writes(identity.From(ctx)) {
		v.SendHref = chartOf(chart.ID) + "/messages/new?about=" + url.QueryEscape("DocumentReference/"+d.ID)
	}
	return web.Page{Title: "Letter, " + chart.Banner.Name.Short(), Current: "chart", Tab: "letters", Patient: &chart.Banner, Body: shownPage(v)}, nil
}

// letterPDF sends the PDF that was signed, byte for byte.
func (e *desk) letterPDF(w http.ResponseWriter, r *http.Request) {
	chart, err := facts.OpenChart(r, e.d.Session, e.d.Shell, nothing)
	var l letter
	if err == nil {
		l, _, err = e.find(r.Context(), chart.Session, chart.ID, r.PathValue("letter"))
	}
	var d document
	if err == nil {
		d, err = e.kept(r.Context(), chart.Session, chart.ID, l)
	}
	if err == nil {
		err = web.ErrNotFound
		for _, c := range d.Content {
			if c.Attachment.ContentType == "application/pdf" {
				var data []byte
				if data, err = base64.StdEncoding.DecodeString(c.Attachment.Data); err == nil {
					if err = e.disclosed(r.Context(), chart.ID, "DocumentReference/"+d.ID, "Letter as PDF"); err == nil {
						header(w, "letter.pdf")
						_, _ = w.Write(data) // the browser went away; there is nobody left to tell
						return
					}
				}
			}
		}
	}
	e.d.Shell.Error(w, r, err)
}
