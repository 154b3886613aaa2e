package immunization

import (
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
	"github.com/osler-ehr/osler/web/ui"
	"github.com/osler-ehr/osler/workflow/immunization/stock"
)

// openDose is a dose that somebody looks at.
type openDose struct {
	chart     facts.Chart
	form      *web.Form
	dose      dose
	version   *record.Version
	lot       stock.Lot
	fromStock bool
	may       bool // strike it
}

// readDose reads the dose that the address names. One of another patient is not there.
func (e *editor) readDose(r *http.Request) (openDose, error) {
	var o openDose
	var err error
	o.chart, err = facts.OpenChart(r, e.d.Session, e.d.Shell, func(s *record.Session, _ string) (err error) {
		o.version, err = s.Read(r.Context(), "Immunization", r.PathValue("dose"))
		return err
	})
	if err != nil {
		return o, err
	}
	if o.dose, err = fhir.View[dose](o.version.Resource()); err != nil {
		return o, err
	}
	if o.dose.Patient.Reference != "Patient/"+o.chart.ID {
		return o, web.ErrNotFound
	}
	o.may = slice.To(access.Update, "Immunization").Admits(identity.From(r.Context()))
	if o.may {
		if id, ok := stockID(o.dose, "stock"); ok {
			o.lot, _, o.fromStock, err = stock.OfMovement(r.Context(), o.chart.Session, id)
			if record.KindOf(err) == record.KindForbidden {
				err = nil
			}
		}
	}
	return o, err
}

// stockID identifies a movement that belongs to a dose.
func stockID(d dose, part string) (fhir.Identifier, bool) {
	for _, id := range d.Identifier {
		if strings.HasPrefix(id.Value, "urn:uuid:") {
			return fhir.Identifier{System: id.System, Value: id.Value + "#" + part}, true
		}
	}
	return fhir.Identifier{}, false
}

func (e *editor) show(r *http.Request) (web.View, error) {
	o, err := e.readDose(r)
	if err != nil {
		return nil, err
	}
	o.form = web.NewForm(url.Values{"version": {strconv.FormatInt(o.version.Version, 10)}})
	return o.work(0), nil
}

// strike marks a dose as entered in error, and gives it back to the stock if it was not used.
func (e *editor) strike(r *http.Request) (web.View, error) {
	f, err := web.ReadForm(r)
	if err != nil {
		return nil, err
	}
	ctx, now := r.Context(), e.d.Shell.Clock()
	for range attempts {
		o, err := e.readDose(r)
		if err != nil {
			return nil, err
		}
		o.form = f
		if o.dose.Status == mistaken {
			return nil, facts.Struck()
		}
		if f.Need("reason", "Say what was wrong."); !f.OK() {
			return o.work(http.StatusUnprocessableEntity), nil
		}
		if facts.Editing(f) != o.version.Version {
			return nil, &web.Problem{Kind: web.ErrConflict}
		}
		d := o.dose
		d.Status = mistaken
		d.Extension = append(d.Extension, fhir.Extension{URL: struckURL, Value: fhir.ChoiceOf(f.Text("reason"))})
		doc, err := fhir.Merge(o.version.Resource(), d)
		if err != nil {
			return nil, err
		}
		ops := []record.Op{{Verb: record.Update, Type: "Immunization", ID: o.version.ID, Resource: doc, IfMatch: o.version.Version}}
		text := "struck as entered in error."
		if f.Has("back") && o.fromStock {
			id, _ := stockID(d, "back")
			moved, err := o.lot.Ops(stock.Move{Kind: stock.Returned, By: 1, Reason: f.Text("reason"), Author: facts.Author(ctx), At: now,
				Once: []fhir.Identifier{id}, Condition: "identifier=" + id.System + "|" + id.Value})
			if err != nil {
				return nil, err
			}
			ops, text = append(ops, moved...), "struck as entered in error, and put back into stock."
		}
		_, err = o.chart.Session.Do(ctx, ops)
		if err == nil {
			return web.Done{To: base(o.chart.ID), Say: ui.Message{Lead: d.name(), Text: text}}, nil
		}
		if !facts.Changed(err) {
			return nil, err
		}
	}
	return nil, &web.Problem{Kind: web.ErrConflict}
}

func (o openDose) work(status int) web.Work {
	w := web.Work{Title: o.dose.name(), Current: "chart", Patient: &o.chart.Banner, Back: base(o.chart.ID), Body: doseFields(o), Status: status}
	if o.may && o.dose.Status != mistaken {
		w.Action = base(o.chart.ID) + "/doses/" + url.PathEscape(o.version.ID)
		w.Buttons = []ui.Button{{Label: "Entered in error", Kind: ui.Danger}}
	}
	return w
}

// rows are the facts of a dose for reading.
func (o openDose) rows() (out [][2]string) {
	d, zone := o.dose, o.chart.Banner.Now.Location()
	add := func(name, value string) {
		if value != "" {
			out = append(out, [2]string{name, value})
		}
	}
	switch d.Status {
	case notDone:
		add("Not given", facts.Concept(d.StatusReason))
	case mistaken:
		why := "Entered in error"
		if s := d.struckBecause(); s != "" {
			why += ": " + s
		}
		add("Struck", why)
	}
	add("Date", facts.Moment(d.at(), zone))
	add("Lot", d.Lot)
	if !d.Expires.IsZero() {
		add("Lot expires", fhirDate(d.Expires))
	}
	add("Manufacturer", d.Manufacturer.Display)
	add("Site", facts.Concept(d.Site))
	add("Route", facts.Concept(d.Route))
	if !d.Amount.IsZero() {
		add("Dose", format.Dose(d.Amount.Value.String(), d.Amount.Unit))
	}
	for _, p := range d.Performer {
		name := "Given by"
		if p.Function.In(functions) == ordered {
			name = "Ordered by"
		}
		add(name, p.Actor.Display)
	}
	add("In the series", protocolWords(d.Protocol))
	add("At", d.Location.Display)
	add("Known from", facts.Concept(d.Origin))
	for _, e := range d.Education {
		add("Information statement", e.words(zone))
	}
	for _, c := range d.Eligible {
		add("Vaccines for Children", facts.Concept(c))
	}
	if !d.Funding.IsZero() {
		add("Paid by", facts.Concept(d.Funding))
	}
	for _, a := range d.Reaction {
		add("Reaction", a.words(zone))
	}
	for _, n := range d.Note {
		add("Note", n.Text)
	}
	return out
}
