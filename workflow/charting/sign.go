package charting

import (
	"context"
	"crypto/sha1" //nolint:gosec // the hash of an Attachment, as R4 defines it
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/identity"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/web"
	"github.com/osler-ehr/osler/web/facts"
	"github.com/osler-ehr/osler/web/format"
	"github.com/osler-ehr/osler/web/ui"
)

// sign signs a note as the person has it before them: what the form brings is saved first; if anything differs then from what
// was shown, nothing is signed.
func (n *notes) sign(r *http.Request) (web.View, error) {
	f, err := web.ReadForm(r)
	if err != nil {
		return nil, err
	}
	ctx, id := r.Context(), r.PathValue("note")
	chart, err := facts.OpenChart(r, n.d.Session, n.d.Shell, nothing)
	if err != nil {
		return nil, err
	}
	changes, seen, err := changesOf(r.PostForm)
	if err != nil {
		return nil, err
	}
	there := web.Redirect{To: at(chart.ID, id)}
	out, err := n.save(ctx, chart.Session, chart.ID, id, changes)
	if err == errSigned {
		return there, nil
	}
	if err != nil {
		return nil, err
	}
	if len(out.Conflicts) > 0 {
		return n.editor(r, chart, out, changes, http.StatusConflict)
	}
	for _, x := range changes {
		seen[x.Code] = append(seen[x.Code], x.To)
	}
	for code, p := range out.Note.parts() {
		if !slices.Contains(seen[code], p.Version) {
			return n.editor(r, chart, out, nil, http.StatusConflict, ui.Message{Tone: ui.Caution, Lead: "Not signed.", Text: "This note was changed by " + p.By + " at " + format.Seconds(p.At.Time().In(n.d.Shell.Location())) + ". Read it as it is now, then sign it."})
		}
	}
	if moved, err := n.refresh(ctx, chart.Session, chart.ID, id, &out); err != nil {
		return nil, err
	} else if len(moved) > 0 {
		return n.editor(r, chart, out, nil, http.StatusConflict, ui.Message{Tone: ui.Caution, Lead: "Not signed.", Text: "The chart says something new: " + strings.Join(moved, "; ") + ". The note has it now; read it, then sign."})
	}
	list, err := readDiagnoses(ctx, chart.Session, chart.ID, out.Note.visit())
	if err != nil {
		return nil, err
	}
	if now := diagnosesOf("", list).ids(); f.Has("diagnoses") && f.Text("diagnoses") != now {
		return n.editor(r, chart, out, nil, http.StatusConflict, ui.Message{Tone: ui.Caution, Lead: "Not signed.", Text: "Somebody changed the diagnoses of this visit. Look at them as they are now, then sign."})
	}
	if wrong := n.unready(out.Note); len(wrong) > 0 {
		return n.editor(r, chart, out, nil, http.StatusUnprocessableEntity, wrong...)
	}
	if err := n.seal(ctx, chart, out, list, identity.From(ctx)); err != nil {
		if facts.Changed(err) {
			return n.editor(r, chart, out, nil, http.StatusConflict, ui.Message{Tone: ui.Caution, Lead: "Not signed.", Text: "This note was changed in this moment. Read it as it is now, then sign it."})
		}
		if reason := facts.Refused(err); reason != "" {
			return n.editor(r, chart, out, nil, http.StatusUnprocessableEntity, ui.Message{Tone: ui.Critical, Lead: "Not signed.", Text: reason})
		}
		return nil, err
	}
	n.present.saved(id)
	return there, nil
}

// refresh looks up what the live links of a draft say now and writes what differs. It tells what is new.
func (n *notes) refresh(ctx context.Context, s *record.Session, patient, id string, out *outcome) (moved []string, err error) {
	all := out.Note.parts()
	var keys []string
	for _, p := range all {
		keys = append(keys, links(p.Text)...)
	}
	now, err := n.resolve(ctx, s, patient, keys)
	if err != nil {
		return nil, err
	}
	var changes []change
	for _, code := range slices.Sorted(maps.Keys(all)) {
		p := all[code]
		text := relink(p.Text, now)
		if text == p.Text {
			continue
		}
		for _, m := range mark.FindAllStringSubmatch(p.Text, -1) {
			if value, ok := now[m[3]]; ok && m[1] == "@" && value != m[2] {
				moved = append(moved, value+" (was "+m[2]+")")
			}
		}
		changes = append(changes, change{Code: code, Text: text, Bases: []string{p.Version}, To: facts.NewUUID()})
	}
	if len(changes) == 0 {
		return nil, nil
	}
	*out, err = n.save(ctx, s, patient, id, changes)
	return moved, err
}

// unready is what keeps a note from being signed.
func (n *notes) unready(c composition) (wrong []ui.Message) {
	t := n.template(c)
	if s := t.section(t.Essential); s != nil && strings.TrimSpace(s.answered(c.text(s.Code))) == "" {
		wrong = append(wrong, ui.Message{Tone: ui.Caution, Lead: "Not signed.", Text: s.Title + " is empty. Say what you think and do."})
	}
	for _, s := range t.Sections {
		if count := blanks(s.answered(c.text(s.Code))); count > 0 {
			wrong = append(wrong, ui.Message{Tone: ui.Caution, Lead: "Not signed.", Text: format.Count(count, "blank", "blanks") + " *** in " + s.Title + ". Fill it in or take it out; F2 leads there."})
		}
	}
	return wrong
}

// seal makes a draft a signed note: the Composition final with what was shown, the document with its text, the visit finished, and
// who did it, in one transaction.
func (n *notes) seal(ctx context.Context, chart facts.Chart, out outcome, list []diagnosis, who identity.Principal) error {
	s, now, zone := chart.Session, n.d.Shell.Clock(), n.d.Shell.Location()
	c, by := out.Note, facts.Author(ctx)
	v, err := s.Read(ctx, "Composition", c.ID)
	if err != nil {
		return err
	}
	t := n.template(c)
	second := who.Has(identity.Role(access.Nurse)) && !who.Has(identity.Role(access.Clinician))
	c.Status = final
	replaces, appends := c.related("replaces"), c.related("appends")
	if replaces != "" {
		c.Status = amended
	}
	all := c.parts()
	for _, section := range t.Sections {
		if p, ok := all[section.Code]; ok {
			p.Text = freeze(section.answered(p.Text))
			c.put(t, p)
		}
	}
	c.Extension = slices.DeleteFunc(c.Extension, func(e fhir.Extension) bool { return e.URL == browserKey })
	c.Meta.Tag = append(c.Meta.Tag, signedTag())
	mode := "legal"
	if second {
		mode = "personal"
	}
	c.Attester = append(c.Attester, attester{Mode: mode, Time: fhir.DateTimeOf(now, fhir.Second), Party: by})
	text := n.render(chart, c, list, now)
	signedDoc, err := fhir.Merge(v.Resource(), c)
	if err != nil {
		return err
	}
	const docURL = "urn:uuid:5f2d8a58-8d5c-4ad0-9a53-6d1c54c1f6f0" // within this transaction alone
	ops := []record.Op{{Verb: record.Update, Type: "Composition", ID: c.ID, IfMatch: out.Version, Resource: signedDoc}}
	doc := documentOf(c, text, by, now, zone)
	for code, other := range map[string]string{"replaces": replaces, "appends": appends} {
		if other == "" {
			continue
		}
		old, err := n.documentFor(ctx, s, chart.ID, other)
		if err != nil {
			return err
		}
		if old == "" {
			continue
		}
		doc.RelatesTo = append(doc.RelatesTo, docRelation{Code: code, Target: fhir.To("DocumentReference", old)})
		if code == "replaces" {
			ops = append(ops, record.Op{Verb: record.Patch, Type: "DocumentReference", ID: old, Patch: func(d *fhir.Resource) (*fhir.Resource, error) {
				return fhir.Merge(d, struct{ Status string }{"superseded"})
			}})
		}
	}
	create := func(typ, fullURL string, resource *fhir.Resource, err error) error {
		ops = append(ops, record.Op{Verb: record.Create, Type: typ, FullURL: fullURL, Resource: resource})
		return err
	}
	made, err := fhir.New("DocumentReference", doc)
	if err := create("DocumentReference", docURL, made, err); err != nil {
		return err
	}
	made, err = fhir.New("Provenance", provenanceOf(c.ID, docURL, text, by, who, now))
	if err := create("Provenance", "", made, err); err != nil {
		return err
	}
	if second {
		made, err = fhir.New("Task", cosignTask(chart.ID, c, by, now))
		if err := create("Task", "", made, err); err != nil {
			return err
		}
	}
	if visit := c.visit(); visit != "" && replaces == "" && appends == "" {
		ops = append(ops, record.Op{Verb: record.Patch, Type: "Encounter", ID: visit, Patch: func(d *fhir.Resource) (*fhir.Resource, error) {
			return finish(d, list, now)
		}})
	}
	_, err = s.Do(ctx, ops)
	return err
}

// finish ends a visit, with what was diagnosed at it. One that is over already keeps its end.
func finish(doc *fhir.Resource, list []diagnosis, now time.Time) (*fhir.Resource, error) {
	e, err := fhir.View[encounter](doc)
	if err != nil {
		return nil, err
	}
	if e.open() {
		e.Status = "finished"
		if e.Period.End.IsZero() {
			e.Period.End = fhir.DateTimeOf(now, fhir.Second)
		}
	}
	for i, d := range list {
		ref := fhir.To("Condition", d.ID)
		if !slices.ContainsFunc(e.Diagnosis, func(x diagnosisOf) bool { return x.Condition.Reference == ref.Reference }) {
			e.Diagnosis = append(e.Diagnosis, diagnosisOf{Condition: ref, Rank: i + 1})
		}
	}
	return fhir.Merge(doc, e)
}

// render is the note as it is signed, printed, shown and served: plain text.
func (n *notes) render(chart facts.Chart, c composition, list []diagnosis, now time.Time) string {
	var b strings.Builder
	zone := n.d.Shell.Location()
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	line("%s", c.Title)
	line("%s, born %s, MRN %s", chart.Banner.Name.Plain(), chart.Banner.Birth.String(), chart.Banner.MRNText())
	line("%s, %s", facts.Moment(c.Date, zone), n.d.Shell.Practice)
	if reason := c.said(unlockReason); reason != "" {
		line("Amended: %s", reason)
	}
	for _, s := range n.template(c).Sections {
		if text := c.text(s.Code); strings.TrimSpace(text) != "" {
			line("\n%s\n%s", strings.ToUpper(s.Title), text)
		}
	}
	if len(list) > 0 && c.related("appends") == "" {
		line("\nDIAGNOSES OF THIS VISIT")
		for i, d := range list {
			if code := d.Code.In(icd10); code != "" {
				line("%d. %s (%s)", i+1, facts.Concept(d.Code), code)
			} else {
				line("%d. %s", i+1, facts.Concept(d.Code))
			}
		}
	}
	by := c.Attester[len(c.Attester)-1]
	line("\nSigned by %s, %s, %s", by.Party.Display, format.Date(now), format.Seconds(now))
	return b.String()
}

// fingerprint names a text by what it says. (RFC 6920.)
func fingerprint(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "ni:///sha-256;" + base64.RawURLEncoding.EncodeToString(sum[:])
}

// document is the view of a DocumentReference that is a signed note.
type document struct {
	ID            string
	Meta          fhir.Meta
	Status        string
	DocStatus     string
	Type          fhir.CodeableConcept
	Category      []fhir.CodeableConcept
	Subject       fhir.Reference
	Date          fhir.Instant
	Author        []fhir.Reference
	Authenticator fhir.Reference
	RelatesTo     []docRelation
	Content       []struct{ Attachment fhir.Attachment }
	Context       struct {
		Encounter []fhir.Reference
		Period    fhir.Period
		Related   []fhir.Reference
	}
}

type docRelation struct {
	Code   string
	Target fhir.Reference
}

// documentProfile is what a signed note claims to be. (US Core 6.1.0 and 7.0.0.)
const documentProfile = "http://hl7.org/fhir/us/core/StructureDefinition/us-core-documentreference"

func documentOf(c composition, text string, by fhir.Reference, now time.Time, zone *time.Location) document {
	sum := sha1.Sum([]byte(text)) //nolint:gosec // see above
	d := document{
		Meta:   fhir.Meta{Profile: []string{documentProfile}, Tag: []fhir.Coding{signedTag()}},
		Status: "current", DocStatus: c.Status, Type: c.Type, Category: c.Category, Subject: c.Subject, Date: fhir.InstantOf(now), Author: c.Author, Authenticator: by,
		Content: []struct{ Attachment fhir.Attachment }{{fhir.Attachment{
			ContentType: "text/plain; charset=utf-8", Data: base64.StdEncoding.EncodeToString([]byte(text)), Size: len(text),
			Hash: base64.StdEncoding.EncodeToString(sum[:]), Title: c.Title, Creation: fhir.DateTimeOf(now, fhir.Second),
		}}},
	}
	if !c.Encounter.IsZero() {
		d.Context.Encounter = []fhir.Reference{c.Encounter}
	}
	d.Context.Period = fhir.Period{Start: c.Date}
	d.Context.Related = []fhir.Reference{fhir.To("Composition", c.ID)}
	return d
}

// documentFor is the id of the document of a signed note; "" if there is none.
func (n *notes) documentFor(ctx context.Context, s *record.Session, patient, composition string) (string, error) {
	d, err := n.readDocument(ctx, s, patient, composition)
	return d.ID, err
}

func (n *notes) readDocument(ctx context.Context, s *record.Session, patient, composition string) (document, error) {
	all, err := facts.Find[document](ctx, s, "DocumentReference", patient, facts.Params("related", "Composition/"+composition, "_count", "10")...)
	if err != nil || len(all) == 0 {
		return document{}, err
	}
	return all[0], nil
}

// provenance is the view of a Provenance.
type provenance struct {
	Meta     fhir.Meta
	Target   []fhir.Reference
	Recorded fhir.Instant
	Reason   []fhir.CodeableConcept
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

const participantType = "http://terminology.hl7.org/CodeSystem/provenance-participant-type"

func agentOf(role string, by fhir.Reference, who identity.Principal) agent {
	a := agent{Type: fhir.Concept(participantType, role, ""), Who: by}
	if who.Organisation != "" {
		a.OnBehalfOf = fhir.To("Organization", url.PathEscape(who.Organisation))
	}
	return a
}

// provenanceOf says who signed what: the fingerprint is that of the text in the document.
func provenanceOf(composition, docURL, text string, by fhir.Reference, who identity.Principal, now time.Time) provenance {
	p := provenance{
		Meta:   fhir.Meta{Tag: []fhir.Coding{signedTag()}},
		Target: []fhir.Reference{fhir.To("Composition", composition), {Reference: docURL}}, Recorded: fhir.InstantOf(now),
		Activity: fhir.Concept("http://terminology.hl7.org/CodeSystem/v3-DocumentCompletion", "LA", "legally authenticated"), Agent: []agent{agentOf("author", by, who)},
	}
	e := entity{Role: "source"}
	e.What.Identifier = fhir.Identifier{System: "urn:ietf:rfc:6920", Value: fingerprint(text)}
	e.What.Display = "the text that was signed"
	p.Entity = []entity{e}
	return p
}
