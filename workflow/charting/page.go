package charting

import (
	"cmp"
	"context"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/identity"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/slice"
	"github.com/osler-ehr/osler/web"
	"github.com/osler-ehr/osler/web/clinical"
	"github.com/osler-ehr/osler/web/facts"
	"github.com/osler-ehr/osler/web/format"
	"github.com/osler-ehr/osler/web/ui"
)

// Editor is the page on which a note is written.
type Editor struct {
	Href      string
	Title     string
	When      string // of the visit
	Kind      string // Draft, Addendum, Amendment
	About     string // of an amendment: why; of an addendum: to what
	Saved     string // 10:47:12
	Sections  []EditSection
	Others    []string
	Key       string // for text that a browser keeps while the server cannot be reached
	Prior     string // shingles of the last signed note, for the script
	PriorDay  string
	Stamp     string
	Diagnoses Diagnoses
	Checks    []Check
	Left      []templ.Component
	Orders    templ.Component // nil without the feature
	Banner    clinical.Banner
	Messages  []ui.Message
	Visit     bool // the note is that of a visit, not an addendum
}

// EditSection is one section with its text as source.go defines it.
type EditSection struct {
	Code, Title, Text string
	Version           string // that the text follows
	To                string // the version that a form without script makes of it
	Open              bool
	Essential         bool   // must not be empty
	Optional          string // sentences that are left out if nobody fills them in, as a JSON list
	Theirs, TheirsBy  string // what somebody else wrote meanwhile
}

// Check is a line of the list before signing. The script keeps those of a kind up to date.
type Check struct {
	Kind string // blanks, essential, diagnosis; "" for one that the server alone knows
	OK   bool
	Text string
}

// targetWords is the length up to which a note is easily read. (A median of 350 words is the aim.)
const targetWords = 350

// open is the page of a note: the editor of a draft for those who may write, the text of a signed one.
func (n *notes) open(r *http.Request) (web.View, error) {
	var c note
	chart, err := facts.OpenChart(r, n.d.Session, n.d.Shell, func(s *record.Session, id string) (err error) {
		c, err = n.read(r.Context(), s, id, r.PathValue("note"))
		return err
	})
	if err != nil {
		return nil, err
	}
	if c.locked() {
		return n.signedPage(r, chart, c)
	}
	if !slice.Roles(access.Clinician, access.Nurse).Admits(identity.From(r.Context())) {
		return nil, web.ErrNotFound
	}
	return n.editor(r, chart, outcome{Note: c.composition, Version: c.Version}, nil, 0)
}

// editor draws the editor. changes are what the person sent and was not written, of the sections in conflict.
func (n *notes) editor(r *http.Request, chart facts.Chart, out outcome, changes []change, status int, messages ...ui.Message) (web.View, error) {
	ctx, who, zone := r.Context(), identity.From(r.Context()), n.d.Shell.Location()
	c, t := out.Note, n.template(out.Note)
	all := c.parts()
	v := Editor{
		Href: at(chart.ID, c.ID), Title: c.Title, When: facts.Moment(c.Date, zone), Kind: "Draft", Banner: chart.Banner, Key: c.said(browserKey),
		Messages: messages, Visit: c.related("appends") == "",
	}
	switch {
	case c.related("replaces") != "":
		v.Kind, v.About = "Amendment", c.said(unlockReason)
	case !v.Visit:
		v.Kind = "Addendum"
	}
	var (
		keys []string
		now  map[string]string
		list []diagnosis
		last prior
		errs [3]error
	)
	newest := fhir.Instant{}
	for _, p := range all {
		keys = append(keys, links(p.Text)...)
		if p.At.Time().After(newest.Time()) {
			newest = p.At
		}
	}
	if !newest.IsZero() {
		v.Saved = format.Seconds(newest.Time().In(zone))
	}
	facts.Together(
		func() { now, errs[0] = n.resolve(ctx, chart.Session, chart.ID, keys) },
		func() { list, errs[1] = readDiagnoses(ctx, chart.Session, chart.ID, c.visit()) },
		func() { last, errs[2] = readPrior(ctx, chart.Session, chart.ID, c.visit(), zone) },
		func() { v.Left, v.Orders = n.left(ctx, chart.Session, who, chart.ID) },
	)
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	for _, s := range t.Sections {
		e := EditSection{Code: s.Code, Title: s.Title, Open: s.Open, Version: all[s.Code].Version, Text: relink(all[s.Code].Text, now), To: facts.NewUUID(), Optional: optionalOf(s), Essential: s.Code == t.Essential}
		if slices.Contains(out.Conflicts, s.Code) {
			e.Theirs, e.TheirsBy, e.Open = plain(all[s.Code].Text), all[s.Code].By+" at "+format.Seconds(all[s.Code].At.Time().In(zone)), true
			for _, x := range changes {
				if x.Code == s.Code {
					e.Text = x.Text
				}
			}
		}
		v.Sections = append(v.Sections, e)
	}
	if len(out.Conflicts) > 0 {
		v.Messages = append(v.Messages, ui.Message{Tone: ui.Caution, Lead: "Not saved over theirs.", Text: "Somebody else wrote in the same section. Both texts are below: make one of them, then save."})
	}
	v.Diagnoses = diagnosesOf(v.Href, list)
	v.Checks = n.checklist(c, t, v)
	v.PriorDay = format.FHIRDate(last.Day, zone)
	var hashes []string
	for _, h := range shingles(last.Text) {
		hashes = append(hashes, strconv.FormatUint(uint64(h), 36))
	}
	v.Prior = strings.Join(hashes, " ")
	others, stamp := n.present.seen(c.ID, who.ID, who.Name, n.d.Shell.Clock())
	v.Others, v.Stamp = names(others, n), strconv.Itoa(stamp)
	return web.Page{Title: c.Title + ", " + chart.Banner.Name.Short(), Current: "chart", Patient: &chart.Banner, Fixed: true, Body: editorPage(v), Status: status}, nil
}

func optionalOf(s Section) string {
	b, _ := json.Marshal(append([]string{}, s.optional()...)) // strings alone: it never fails
	return string(b)
}

// names says who else has the note open, since when.
func names(others []visitor, n *notes) (out []string) {
	for _, o := range others {
		out = append(out, o.Name+" since "+format.Time(o.Since.In(n.d.Shell.Location())))
	}
	return out
}

// checklist is what to look at before signing.
func (n *notes) checklist(c composition, t Template, v Editor) []Check {
	var out []Check
	if s := t.section(t.Essential); s != nil {
		ok := strings.TrimSpace(s.answered(c.text(s.Code))) != ""
		text := s.Title + " written"
		if !ok {
			text = s.Title + " is empty"
		}
		out = append(out, Check{Kind: "essential", OK: ok, Text: text})
	}
	all, count := 0, 0
	for i, s := range t.Sections {
		all += blanks(v.Sections[i].Text)
		count += blanks(s.answered(v.Sections[i].Text))
	}
	text := "No blanks left"
	switch {
	case count > 0:
		text = format.Count(count, "blank", "blanks") + " *** to fill in"
	case all > 0:
		text = "What was not filled in is left out"
	}
	out = append(out, Check{Kind: "blanks", OK: count == 0, Text: text})
	if v.Visit {
		text = "Has a diagnosis"
		if len(v.Diagnoses.Rows) == 0 {
			text = "No diagnosis of this visit yet"
		}
		out = append(out, Check{Kind: "diagnosis", OK: len(v.Diagnoses.Rows) > 0, Text: text})
	}
	switch v.Banner.Allergies {
	case clinical.AllergiesNotRecorded:
		out = append(out, Check{Text: "Allergies are not recorded"})
	case clinical.AllergiesUnavailable:
		out = append(out, Check{Text: "Allergies could not be read"})
	}
	return out
}

// left draws the panels that stand at the left of the chart, and the one named orders, which stands beside the signature.
func (n *notes) left(ctx context.Context, s *record.Session, who identity.Principal, patient string) (left []templ.Component, orders templ.Component) {
	boxes := make([]*web.Box, len(n.panels))
	var reads []func()
	for i, p := range n.panels {
		if p.Right.Admits(who) {
			reads = append(reads, func() {
				drawn, err := p.Draw(ctx, s, patient)
				if err != nil {
					n.d.Log.ErrorContext(ctx, "a panel beside a note failed", "panel", p.Name, "error", err.Error())
					boxes[i] = &web.Box{Order: -1, Body: failedPanel(p.Name)}
				} else if p.Name == "orders" {
					orders = drawn
				} else if b, ok := drawn.(web.Box); ok && b.Column == web.Start {
					boxes[i] = &b
				}
			})
		}
	}
	facts.Together(reads...)
	boxes = slices.DeleteFunc(boxes, func(b *web.Box) bool { return b == nil })
	slices.SortStableFunc(boxes, func(a, b *web.Box) int { return cmp.Compare(a.Order, b.Order) })
	for _, b := range boxes {
		left = append(left, b.Body)
	}
	return left, orders
}

// Signed is the page of a signed note.
type Signed struct {
	Href    string
	Title   string
	Text    string // exactly what was signed
	Print   string // fingerprint of the text
	State   string // Signed by ...
	Signers []string
	Waits   bool // for a cosignature
	MayCosign,
	MayWrite,
	MayAmend bool
	Newer    string // address of the amended version that took its place
	Older    string // address of the note that this one amends
	Original string // address of the note that this one adds to
	Addenda  []Addendum
	Once     string
}

// Addendum is a signed addendum, as the page of its note shows it.
type Addendum struct{ Href, Text string }

// signedPage draws a signed note with its addenda.
func (n *notes) signedPage(r *http.Request, chart facts.Chart, c note) (web.View, error) {
	ctx, who, zone := r.Context(), identity.From(r.Context()), n.d.Shell.Location()
	v := Signed{Href: at(chart.ID, c.ID), Title: c.Title, MayWrite: slice.Roles(access.Clinician, access.Nurse).Admits(who)}
	v.MayAmend = mayAmend(who, c.composition)
	for _, a := range c.Attester {
		v.Signers = append(v.Signers, a.Party.Display+", "+facts.Moment(a.Time, zone))
	}
	if id := c.related("replaces"); id != "" {
		v.Older = at(chart.ID, id)
	}
	if id := c.related("appends"); id != "" {
		v.Original = at(chart.ID, id)
	}
	var wait *task
	var following []composition
	var errs [3]error
	facts.Together(
		func() { v.Text, errs[0] = n.signedText(ctx, chart.Session, chart.ID, c.ID) },
		func() {
			if chart.Session.May(access.Search, "Task") {
				wait, errs[1] = awaiting(ctx, chart.Session, chart.ID, c.ID)
			}
		},
		func() {
			following, errs[2] = facts.FindAll[composition](ctx, chart.Session, "Composition", chart.ID, facts.Params("related-ref", "Composition/"+c.ID, "_sort", "date", "_count", "50")...)
		},
	)
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	for _, f := range following {
		switch {
		case f.locked() && f.related("replaces") == c.ID:
			v.Newer = at(chart.ID, f.ID)
		case f.locked() && f.related("appends") == c.ID:
			text, err := n.signedText(ctx, chart.Session, chart.ID, f.ID)
			if err != nil {
				return nil, err
			}
			v.Addenda = append(v.Addenda, Addendum{Href: at(chart.ID, f.ID), Text: text})
		}
	}
	v.Print = fingerprint(v.Text)
	v.Waits = wait != nil
	v.MayCosign = v.Waits && slice.Roles(access.Clinician).Admits(who) && (wait.Requester.Reference != who.Resource || who.Resource == "")
	return web.Page{Title: c.Title + ", " + chart.Banner.Name.Short(), Current: "chart", Tab: "documents", Patient: &chart.Banner, Body: signedBody(v)}, nil
}

// signedText is the text of the document of a signed note.
func (n *notes) signedText(ctx context.Context, s *record.Session, patient, composition string) (string, error) {
	d, err := n.readDocument(ctx, s, patient, composition)
	if err != nil || len(d.Content) == 0 {
		return "", err
	}
	b, err := base64.StdEncoding.DecodeString(d.Content[0].Attachment.Data)
	return string(b), err
}
