package devices

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/web"
	"github.com/osler-ehr/osler/web/facts"
	"github.com/osler-ehr/osler/web/ui"
	"github.com/osler-ehr/osler/workflow/devices/udi"
)

// blank is the form for a new device: it begins with the scan.
func (e *editor) blank(r *http.Request) (web.View, error) {
	chart, err := facts.OpenChart(r, e.d.Session, e.d.Shell, func(*record.Session, string) error { return nil })
	if err != nil {
		return nil, err
	}
	return e.work(chart, adding{form: web.NewForm(url.Values{"once": {facts.NewUUID()}})}, 0), nil
}

// adding is what the form of a new device is drawn with.
type adding struct {
	form *web.Form
	read *udi.UDI // what the carrier says; nil before it was scanned
	now  time.Time
}

// scanned is what was scanned, with the separators that a field would lose. A scan that was read before comes back beside its readable form.
func scanned(f *web.Form) string {
	typed := ""
	if all := f.All("udi"); len(all) > 0 {
		typed = strings.TrimSpace(all[0])
	}
	return typed
}

// create reads what was scanned, shows it, and makes the device once it is said what it is.
func (e *editor) create(r *http.Request) (web.View, error) {
	f, err := web.ReadForm(r)
	if err != nil {
		return nil, err
	}
	now := e.d.Shell.Clock()
	var have List
	chart, err := facts.OpenChart(r, e.d.Session, e.d.Shell, func(s *record.Session, id string) (err error) {
		have, err = readList(r.Context(), s, id, now)
		return err
	})
	if err != nil {
		return nil, err
	}
	if f.Has("none") {
		return e.sayNone(r, chart, f, have)
	}
	t := adding{form: f, now: now}
	if text := scanned(f); text != "" {
		u, err := udi.Parse(text, now)
		if err != nil {
			f.Wrong("udi", err.Error())
			return e.work(chart, t, http.StatusUnprocessableEntity), nil
		}
		if raw := f.Text("scanned"); u.Scanned == "" && raw != "" { // read before
			if before, err := udi.Parse(raw, now); err == nil && before.Human == u.Human {
				u.Scanned = before.Scanned
				if u.Scanned == "" {
					u.Scanned = raw
				}
				u.Doubts = before.Doubts
			}
		}
		t.read = &u
		f.Set("udi", u.Human)
		if u.Scanned != "" {
			f.Set("scanned", strings.ReplaceAll(u.Scanned, "\x1d", "<GS>"))
		}
		for _, i := range have.In {
			for _, c := range i.Carrier {
				if c.HRF == u.Human {
					f.Wrong("udi", "This device is in the list already: "+i.name()+".")
				}
			}
		}
		if f.Text("type") == "" && f.Text("shown") != u.Human && f.OK() { // just scanned: what it says is shown before it is kept
			w := e.work(chart, t, http.StatusUnprocessableEntity)
			w.Messages = []ui.Message{{Lead: "The UDI was read.", Text: "Say what the device is and when it was implanted."}}
			return w, nil
		}
		if len(u.Doubts) > 0 && !f.Has("sure") {
			f.Wrong("udi", strings.Join(u.Doubts, " ")+" Compare it with the label.")
		}
	}
	f.Need("type", "Say what it is, such as hip prosthesis or pacemaker.")
	implanted := facts.PastDate(f, "implanted", now)
	if !f.OK() {
		return e.work(chart, t, http.StatusUnprocessableEntity), nil
	}
	ops, err := e.ops(r, chart, t, implanted)
	if err != nil {
		return nil, err
	}
	if _, err := chart.Session.Do(r.Context(), ops); err != nil {
		reason := facts.Refused(err)
		if reason == "" {
			return nil, err
		}
		w := e.work(chart, t, http.StatusUnprocessableEntity)
		w.Messages = []ui.Message{{Tone: ui.Critical, Lead: "Not saved.", Text: reason}}
		return w, nil
	}
	return web.Done{To: base(chart.ID), Say: ui.Message{Lead: f.Text("type"), Text: "added to the implanted devices of " + chart.Banner.Name.Plain() + "."}}, nil
}

// ops make the device and the procedure by which it came, and end what was said of there being none.
func (e *editor) ops(r *http.Request, chart facts.Chart, t adding, implanted fhir.DateTime) ([]record.Op, error) {
	ctx, f, author := r.Context(), t.form, facts.Author(r.Context())
	d := device{
		Meta: fhir.Meta{Profile: []string{profile}}, Status: "active", Manufacturer: f.Text("manufacturer"), Model: f.Text("model"),
		Type: fhir.CodeableConcept{Text: f.Text("type")}, Patient: fhir.To("Patient", chart.ID),
	}
	if name := f.Text("product"); name != "" {
		d.Names = []deviceName{{name, "user-friendly-name"}}
	}
	if u := t.read; u != nil {
		c := carrier{DI: u.DI, Issuer: string(u.Agency), Jurisdiction: fda, HRF: u.Human, EntryType: "manual"}
		if u.Scanned != "" {
			c.AIDC, c.EntryType = base64.StdEncoding.EncodeToString([]byte(u.Scanned)), "barcode"
		}
		d.Carrier = []carrier{c}
		d.Lot, d.Serial, d.Distinct, d.Made, d.Expires = u.Lot, u.Serial, u.Distinct, date(u.Made), date(u.Expires)
	}
	if note := f.Text("note"); note != "" {
		d.Note = []fhir.Annotation{facts.Note(note, author, t.now)}
	}
	op := record.Op{Verb: record.Create, Type: "Device", FullURL: "urn:uuid:" + facts.NewUUID()}
	d.Identifier, op.Condition = facts.Once(f, "device")
	var err error
	if op.Resource, err = fhir.New("Device", d); err != nil {
		return nil, err
	}
	ops := []record.Op{op}
	if !implanted.IsZero() || f.Text("site") != "" {
		p := procedure{
			Meta: fhir.Meta{Profile: []string{procedureProfile}}, Status: "completed", Code: fhir.CodeableConcept{Text: "Implantation of " + lower(f.Text("type"))},
			Subject: fhir.To("Patient", chart.ID), Recorder: author,
			Focal: []focal{{fhir.Concept(deviceAction, "implanted", "Implanted"), fhir.Reference{Reference: op.FullURL}}},
		}
		if implanted.IsZero() {
			p.Performed = fhir.ChoiceOf("on an unknown date")
		} else {
			p.Performed = fhir.ChoiceOf(implanted)
		}
		if site := f.Text("site"); site != "" {
			p.BodySite = []fhir.CodeableConcept{{Text: site}}
		}
		more := record.Op{Verb: record.Create, Type: "Procedure"}
		p.Identifier, more.Condition = facts.Once(f, "procedure")
		if more.Resource, err = fhir.New("Procedure", p); err != nil {
			return nil, err
		}
		ops = append(ops, more)
	}
	end, err := facts.EndNilKnown(ctx, chart.Session, chart.ID, section)
	return append(ops, end...), err
}

// sayNone records that there are none.
func (e *editor) sayNone(r *http.Request, chart facts.Chart, f *web.Form, have List) (web.View, error) {
	if len(have.In) > 0 {
		w := e.work(chart, adding{form: f}, http.StatusUnprocessableEntity)
		w.Messages = []ui.Message{{Tone: ui.Caution, Lead: "There are some.", Text: "A device is in the list: " + have.In[0].name() + ". If it is not there any more, say so at the device."}}
		return w, nil
	}
	op, err := facts.SayNilKnown(f, chart.ID, section, "Implanted devices", facts.Author(r.Context()), fhir.DateTimeOf(e.d.Shell.Clock(), fhir.Second))
	if err != nil {
		return nil, err
	}
	if have.Nil == nil {
		if _, err := chart.Session.Do(r.Context(), []record.Op{op}); err != nil {
			return nil, err
		}
	}
	return web.Done{To: base(chart.ID), Say: ui.Message{Lead: "No implanted devices", Text: "recorded for " + chart.Banner.Name.Plain() + "."}}, nil
}

// work is the form of a new device.
func (e *editor) work(chart facts.Chart, t adding, status int) web.Work {
	t.now = e.d.Shell.Clock()
	return web.Work{
		Title: "Add an implanted device", Current: "chart", Patient: &chart.Banner, Back: base(chart.ID), Action: base(chart.ID), Status: status, Body: fields(t),
		Buttons: []ui.Button{
			{Label: "There are none", Attrs: map[string]any{"name": "none", "value": "yes"}},
			{Label: "Add device", Kind: ui.Primary},
		},
	}
}

// one shows a device.
func (e *editor) one(r *http.Request) (web.View, error) {
	chart, i, v, err := e.read(r)
	if err != nil {
		return nil, err
	}
	return e.oneWork(r, chart, i, web.NewForm(url.Values{"version": {strconv.FormatInt(v.Version, 10)}, "once": {facts.NewUUID()}}), 0), nil
}

// read reads the device that the address names. One of another patient is not there.
func (e *editor) read(r *http.Request) (facts.Chart, implant, *record.Version, error) {
	var v *record.Version
	var done []procedure
	chart, err := facts.OpenChart(r, e.d.Session, e.d.Shell, func(s *record.Session, id string) (err error) {
		if v, err = s.Read(r.Context(), "Device", r.PathValue("device")); err != nil {
			return err
		}
		done, err = facts.FindAll[procedure](r.Context(), s, "Procedure", id, facts.Params("_sort", "-date", "_count", "500")...)
		if record.KindOf(err) == record.KindForbidden {
			err = nil
		}
		return err
	})
	if err != nil {
		return chart, implant{}, nil, err
	}
	d, err := fhir.View[device](v.Resource())
	if err != nil {
		return chart, implant{}, nil, err
	}
	if d.Patient.Reference != "Patient/"+chart.ID {
		return chart, implant{}, nil, web.ErrNotFound
	}
	d.ID = v.ID
	i := implant{device: d, href: base(chart.ID) + "/" + url.PathEscape(v.ID)}
	i.in, i.out = happened(done, v.ID)
	return chart, i, v, nil
}

// status is what changes in a Device when it is taken out, or was a mistake.
type status struct {
	Status string
	Note   []fhir.Annotation
}

// update says that a device was taken out, or entered in error.
func (e *editor) update(r *http.Request) (web.View, error) {
	f, err := web.ReadForm(r)
	if err != nil {
		return nil, err
	}
	chart, i, v, err := e.read(r)
	if err != nil {
		return nil, err
	}
	ctx, now, author := r.Context(), e.d.Shell.Clock(), facts.Author(r.Context())
	s, err := fhir.View[status](v.Resource())
	if err != nil {
		return nil, err
	}
	var ops []record.Op
	text := ""
	switch {
	case i.Status == "entered-in-error":
		return web.Done{To: base(chart.ID), Say: ui.Message{Text: "It is struck already."}}, nil
	case f.Has("mistake"):
		f.Need("reason", "Say why it is wrong: wrong patient, wrong device.")
		s.Status, text = "entered-in-error", "struck as entered in error."
		if reason := f.Text("reason"); reason != "" {
			s.Note = append(s.Note, facts.Note("Entered in error: "+reason, author, now))
		}
	case !i.active():
		return web.Done{To: base(chart.ID), Say: ui.Message{Text: "It was taken out already."}}, nil
	default:
		s.Status, text = "inactive", "taken out."
		out := facts.PastDate(f, "out", now)
		f.Need("out", "Say when it was taken out, as exactly as is known: 2014, Mar 2014, 14-Mar-2014, t for today.")
		if was := performed(i.in); !out.IsZero() && !was.IsZero() {
			if order, known := out.Compare(was, now.Location()); known && order < 0 {
				f.Wrong("out", "It cannot be taken out before it was implanted.")
			}
		}
		if reason := f.Text("reason"); reason != "" {
			s.Note = append(s.Note, facts.Note("Taken out: "+reason, author, now))
		}
		p := procedure{
			Meta: fhir.Meta{Profile: []string{procedureProfile}}, Status: "completed", Code: fhir.CodeableConcept{Text: "Removal of " + lower(i.name())}, Subject: fhir.To("Patient", chart.ID),
			Performed: fhir.ChoiceOf(out), Recorder: author, BodySite: i.in.BodySite, Focal: []focal{{fhir.Concept(deviceAction, "explanted", "Explanted"), fhir.To("Device", v.ID)}},
		}
		op := record.Op{Verb: record.Create, Type: "Procedure"}
		p.Identifier, op.Condition = facts.Once(f, "out")
		if f.OK() {
			if op.Resource, err = fhir.New("Procedure", p); err != nil {
				return nil, err
			}
			ops = append(ops, op)
		}
	}
	if !f.OK() {
		return e.oneWork(r, chart, i, f, http.StatusUnprocessableEntity), nil
	}
	doc, err := fhir.Merge(v.Resource(), s)
	if err != nil {
		return nil, err
	}
	ops = append(ops, record.Op{Verb: record.Update, Type: "Device", ID: v.ID, Resource: doc, IfMatch: facts.Editing(f)})
	if s.Status == "entered-in-error" {
		more, err := strikeProcedures(r, chart, i)
		if err != nil {
			return nil, err
		}
		ops = append(ops, more...)
	}
	if _, err := chart.Session.Do(ctx, ops); err != nil {
		if facts.Changed(err) {
			_, i, v, readErr := e.read(r)
			if readErr != nil {
				return nil, readErr
			}
			f.Set("version", strconv.FormatInt(v.Version, 10))
			w := e.oneWork(r, chart, i, f, http.StatusConflict)
			w.Messages = append(w.Messages, ui.Message{Tone: ui.Caution, Lead: "Changed by somebody else meanwhile.", Text: "What it says now stands below."})
			return w, nil
		}
		return nil, err
	}
	return web.Done{To: base(chart.ID), Say: ui.Message{Lead: i.name(), Text: text}}, nil
}

// strikeProcedures strikes the procedures that were made with a device, of this device alone.
func strikeProcedures(r *http.Request, chart facts.Chart, i implant) (ops []record.Op, err error) {
	for _, p := range []procedure{i.in, i.out} {
		if p.ID == "" || len(p.Focal) != 1 || len(p.Identifier) == 0 || !strings.HasPrefix(p.Identifier[0].Value, "urn:uuid:") || !strings.Contains(p.Identifier[0].Value, "#") {
			continue // of another system, or of more than this device
		}
		v, err := chart.Session.Read(r.Context(), "Procedure", p.ID)
		if err != nil {
			return nil, err
		}
		doc, err := fhir.Merge(v.Resource(), struct{ Status string }{"entered-in-error"})
		if err != nil {
			return nil, err
		}
		ops = append(ops, record.Op{Verb: record.Update, Type: "Procedure", ID: p.ID, Resource: doc, IfMatch: v.Version})
	}
	return ops, nil
}

func lower(s string) string {
	if len(s) > 1 && s[1] >= 'a' && s[1] <= 'z' {
		return strings.ToLower(s[:1]) + s[1:]
	}
	return s
}
