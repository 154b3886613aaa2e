package ordering

import (
	"context"
	"hash/fnv"
	"net/http"
	"net/url"
	"slices"
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
	"github.com/osler-ehr/osler/workflow/ordering/imaging"
)

// The beginnings of keys that are not of the catalogue.
const (
	inWords = "text:" // an order in own words
	asSet   = "set:"  // several orders at once
)

// item is one order of the basket.
type item struct {
	Orderable
	Last    string // when the same was done last
	Warning string // it was ordered or done so lately that a repeat must be meant
}

// part tells the item apart from the others that one form makes; it stands in a search, so own words become a number.
func (i item) part() string {
	if i.Kind != Other {
		return i.Key
	}
	h := fnv.New64a()
	_, _ = h.Write([]byte(i.Key)) // never fails
	return "text-" + strconv.FormatUint(h.Sum64(), 16)
}

// field is the name of one of the item's fields in the form.
func (i item) field(name string) string { return name + "." + i.Key }

// basket is what the form holds so far.
type basket struct {
	Items   []item
	Reasons []ui.Option // the patient's active problems
	From    string      // id of the Task of the result that is acted on; "" = none
	Others  bool        // services of others are asked too
	New     string      // key of the item that was put in last

	Report imaging.Report // what the checks of imaging say
	Fired  []string       // rules whose findings this form has shown
	Shown  []string       // what it has shown that must be seen before it is signed
}

// of is what the checks say of one order of the basket.
func (b basket) of(place int) (r imaging.Report) {
	for _, f := range b.Report.Findings {
		if f.Place == place {
			r.Findings = append(r.Findings, f)
		}
	}
	for _, g := range b.Report.Gaps {
		if g.Place == place {
			r.Gaps = append(r.Gaps, g)
		}
	}
	for _, p := range b.Report.Passed {
		if p.Place == place {
			r.Passed = append(r.Passed, p)
		}
	}
	for _, f := range b.Report.Off {
		if f.Place == place {
			r.Off = append(r.Off, f)
		}
	}
	return r
}

// keys are the orders that the form holds: those that are in the basket, and what was chosen in the box.
func (e *desk) keys(f *web.Form) (keys []string, added string) {
	add := func(key string) {
		if key != "" && !slices.Contains(keys, key) {
			keys = append(keys, key)
		}
	}
	for _, key := range f.All("item") {
		if key != f.Text("remove") {
			add(key)
		}
	}
	if f.Has("remove") {
		return keys, ""
	}
	code, text := f.Text("add"), f.Text("box")
	if code == "" && text != "" {
		code = inWords + text
		if o, ok := e.catalogue.Named(text); ok {
			code = o.Key
		}
	}
	before := len(keys)
	if name, ok := strings.CutPrefix(code, asSet); ok {
		set, _ := e.catalogue.Set(name)
		for _, key := range set.Keys {
			add(key)
		}
	} else {
		add(code)
	}
	if len(keys) > before {
		added = keys[before]
	}
	return keys, added
}

// fill reads the form into a basket, with what is known of each order, and gives new items their usual details.
func (e *desk) fill(ctx context.Context, s *record.Session, patient string, f *web.Form) (basket, error) {
	keys, added := e.keys(f)
	b := basket{From: f.Text("from"), New: added, Others: e.outside != nil && e.outside.Any()}
	if !fhir.ValidID(b.From) {
		b.From = ""
	}
	for _, key := range keys {
		o, ok := e.catalogue.Get(key)
		if text, own := strings.CutPrefix(key, inWords); own {
			o, ok = Orderable{Key: key, Kind: Other, Name: text, Code: fhir.CodeableConcept{Text: text}, Due: "2 weeks"}, true
		}
		if ok {
			b.Items = append(b.Items, item{Orderable: o})
		}
	}
	var past history
	var conditions []condition
	var err1, err2 error
	facts.Together(
		func() { past, err1 = e.catalogue.readHistory(ctx, s, patient, b.Items) },
		func() {
			conditions, err2 = facts.FindAll[condition](ctx, s, "Condition", patient, facts.Params("_count", "500")...)
		},
	)
	if err1 != nil {
		return b, err1
	}
	if err2 != nil {
		return b, err2
	}
	b.Reasons = reasons(conditions)
	now := e.d.Shell.Clock()
	for i := range b.Items {
		it := &b.Items[i]
		it.Last, it.Warning = past.of(it.Orderable, e.catalogue.wider(it.Key), now)
		if f.Text(it.field("due")) == "" {
			f.Set(it.field("due"), it.Due)
		}
		if f.Text(it.field("priority")) == "" {
			f.Set(it.field("priority"), "routine")
		}
		if i > 0 && !f.Has(it.field("reason")) { // several orders are mostly for one reason
			f.Set(it.field("reason"), f.Text(b.Items[i-1].field("reason")))
		}
	}
	f.Set("box", "")
	f.Set("add", "")
	e.checkBasket(ctx, s, patient, &b, f)
	return b, nil
}

// condition is the view of a Condition that may be a reason.
type condition struct {
	ID           string
	Clinical     fhir.CodeableConcept   `fhir:"clinicalStatus"`
	Verification fhir.CodeableConcept   `fhir:"verificationStatus"`
	Category     []fhir.CodeableConcept `fhir:"category"`
	Code         fhir.CodeableConcept
	Abatement    fhir.Choice `fhir:"abatement[x]"`
}

func reasons(all []condition) []ui.Option {
	out := []ui.Option{{Value: "", Label: "None stated"}}
	seen := map[string]bool{}
	for _, c := range all {
		name := facts.Concept(c.Code)
		switch facts.Code(c.Verification, facts.ConditionVerification) {
		case "entered-in-error", "refuted":
			continue
		}
		switch facts.Code(c.Clinical, facts.ConditionClinical) {
		case "inactive", "resolved":
			continue
		}
		if name == "" || seen[name] || !c.Abatement.IsZero() {
			continue
		}
		seen[name] = true
		out = append(out, ui.Option{Value: c.ID, Label: name})
	}
	slices.SortStableFunc(out[1:], func(a, b ui.Option) int { return strings.Compare(a.Label, b.Label) })
	return out
}

// blank is the form for new orders. An address may name what to begin with: the keys of ?item=, the Task of ?from=.
func (e *desk) blank(r *http.Request) (web.View, error) {
	q := r.URL.Query()
	f := web.NewForm(url.Values{"once": {facts.NewUUID()}, "from": {q.Get("from")}, "item": q["item"], "add": {q.Get("add")}})
	return e.show(r, f, 0)
}

// step puts into the basket what was chosen, or takes something out.
func (e *desk) step(r *http.Request) (web.View, error) {
	f, err := web.ReadForm(r)
	if err != nil {
		return nil, err
	}
	return e.show(r, f, 0)
}

func (e *desk) show(r *http.Request, f *web.Form, status int) (web.View, error) {
	var b basket
	chart, err := facts.OpenChart(r, e.d.Session, e.d.Shell, func(s *record.Session, id string) (err error) {
		b, err = e.fill(r.Context(), s, id, f)
		return err
	})
	if err != nil {
		return nil, err
	}
	return work(chart, b, f, status), nil
}

func work(chart facts.Chart, b basket, f *web.Form, status int) web.Work {
	label := "Sign order"
	if len(b.Items) > 1 {
		label = "Sign " + format.Count(len(b.Items), "order", "orders")
	}
	return web.Work{
		Title: "Order", Current: "chart", Patient: &chart.Banner, Back: "/patients/" + url.PathEscape(chart.ID), Action: base(chart.ID),
		Body: fields(b, f, base(chart.ID)), Status: status, Buttons: []ui.Button{{Label: label, Kind: ui.Primary}},
	}
}

// mostOffered is how many orders are offered at once.
const mostOffered = 10

// options answers the box: the usual first, then what is called so, then order sets.
func (e *desk) options(r *http.Request) (web.View, error) {
	s, err := e.d.Session(r)
	if err != nil {
		return nil, err
	}
	typed := r.FormValue("q")
	usual, err := e.habits(r.Context(), s)
	if err != nil {
		return nil, err
	}
	var list []web.Option
	found := e.catalogue.Find(typed, usual, mostOffered+1)
	for _, o := range found[:min(mostOffered, len(found))] {
		note := o.Kind.words()
		if usual[o.Key] > 0 {
			note = "Your usual · " + note
		}
		list = append(list, web.Option{Value: o.Key, Label: o.Name, Note: note, Sub: o.Specimen})
	}
	for _, set := range e.catalogue.FindSets(typed) {
		var names []string
		for _, key := range set.Keys {
			o, _ := e.catalogue.Get(key)
			names = append(names, o.Name)
		}
		list = append(list, web.Option{Value: asSet + set.Name, Label: set.Name, Note: "Order set", Sub: strings.Join(names, ", ")})
	}
	if len(found) > mostOffered {
		return web.FirstOptions(list, "More of the catalogue is called so: type more of the name."), nil
	}
	return web.Options(list, "Not in the catalogue. It will be ordered in your own words."), nil
}

// counted is how long a count of somebody's habits holds.
const counted = 10 * time.Minute

// habits counts what the person who asks has ordered lately, by key of the catalogue.
func (e *desk) habits(ctx context.Context, s *record.Session) (map[string]int, error) {
	who, now := identity.From(ctx), e.d.Shell.Clock()
	e.mu.Lock()
	h, ok := e.usual[who.ID]
	e.mu.Unlock()
	if ok && now.Sub(h.at) < counted {
		return h.count, nil
	}
	h = habit{now, map[string]int{}}
	if who.Resource != "" {
		page, err := s.Search(ctx, record.Query{Type: "ServiceRequest", Params: facts.Params("requester", who.Resource, "_sort", "-authored", "_count", "200")})
		if err != nil {
			return nil, err
		}
		for i := range page.Entries {
			o, err := fhir.View[order](page.Entries[i].Resource())
			if err != nil {
				continue
			}
			if line, ok := e.catalogue.Of(o.Code); ok {
				h.count[line.Key]++
			}
		}
	}
	e.mu.Lock()
	e.usual[who.ID] = h
	e.mu.Unlock()
	return h.count, nil
}
