package immunization

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/slice"
	"github.com/osler-ehr/osler/web"
	"github.com/osler-ehr/osler/web/facts"
	"github.com/osler-ehr/osler/web/ui"
	"github.com/osler-ehr/osler/workflow/immunization/gs1"
	"github.com/osler-ehr/osler/workflow/immunization/stock"
)

// stockroom is the pages of the vaccine stock.
type stockroom struct{ d slice.Deps }

// room is the stock for reading.
type room struct {
	onHand, aside, used []stock.Lot
	all                 bool // those used up were asked for
	now                 time.Time
}

// list draws the stock: what may be given, what must be set aside, and if it is asked for what is used up.
func (p *stockroom) list(r *http.Request) (web.View, error) {
	s, err := p.d.Session(r)
	if err != nil {
		return nil, err
	}
	v := room{now: p.d.Shell.Clock(), all: r.FormValue("used") == "yes"}
	read := stock.OnHand
	if v.all {
		read = stock.All
	}
	all, err := read(r.Context(), s)
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(all, func(a, b stock.Lot) int {
		return cmp.Or(strings.Compare(strings.ToLower(a.Vaccine()), strings.ToLower(b.Vaccine())), strings.Compare(a.Expires().String(), b.Expires().String()), strings.Compare(a.Site().Display, b.Site().Display))
	})
	for _, l := range all {
		switch {
		case l.OnHand == 0:
			v.used = append(v.used, l)
		case l.Recalled() || l.Expired(v.now):
			v.aside = append(v.aside, l)
		default:
			v.onHand = append(v.onHand, l)
		}
	}
	return web.Page{Title: "Vaccine stock", Current: "vaccines", Body: roomPage(v)}, nil
}

// place is the view of a Location.
type place struct {
	ID, Name, Status string
	PartOf           fhir.Reference
}

// places are the sites where stock may be kept: those that are no part of another.
func places(ctx context.Context, s *record.Session) ([]place, error) {
	var out []place
	err := facts.Each(ctx, s, record.Query{Type: "Location", Params: facts.Params("status", "active", "_count", "500")}, func(e *record.Entry) error {
		l, err := fhir.View[place](e.Resource())
		if err == nil && l.PartOf.IsZero() {
			out = append(out, l)
		}
		return err
	})
	slices.SortFunc(out, func(a, b place) int { return strings.Compare(a.Name, b.Name) })
	return out, err
}

func placeOptions(list []place, not string) (out []ui.Option) {
	out = append(out, ui.Option{Label: "Choose a site"})
	for _, l := range list {
		if "Location/"+l.ID != not {
			out = append(out, ui.Option{Value: l.ID, Label: l.Name})
		}
	}
	return out
}

// placeField takes the site that a form names.
func placeField(f *web.Form, list []place) fhir.Reference {
	for _, l := range list {
		if l.ID == f.Text("place") {
			ref := fhir.To("Location", l.ID)
			ref.Display = l.Name
			return ref
		}
	}
	f.Wrong("place", "Choose the site.")
	return fhir.Reference{}
}

// count takes a number of doses.
func count(f *web.Form, name string, least int) int {
	n, err := strconv.Atoi(f.Text(name))
	switch {
	case err != nil:
		f.Wrong(name, "Write how many doses, as a number.")
	case n < least:
		f.Wrong(name, "Write a number of "+strconv.Itoa(least)+" or more.")
	case n > 10_000:
		f.Wrong(name, "More than 10,000 doses at once cannot be right.")
	default:
		return n
	}
	return 0
}

// receiving is the form of a delivery, and what it is drawn with.
type receiving struct {
	form   *web.Form
	places []place
	focus  string
}

func (p *stockroom) openReceiving(r *http.Request) (*record.Session, receiving, error) {
	s, err := p.d.Session(r)
	if err != nil {
		return nil, receiving{}, err
	}
	list, err := places(r.Context(), s)
	return s, receiving{places: list, focus: "scan"}, err
}

func (p *stockroom) blank(r *http.Request) (web.View, error) {
	_, g, err := p.openReceiving(r)
	if err != nil {
		return nil, err
	}
	g.form = web.NewForm(url.Values{"once": {facts.NewUUID()}, "route": {"IM"}, "dose": {"0.5"}, "funding": {string(stock.Private)}})
	if len(g.places) == 1 {
		g.form.Set("place", g.places[0].ID)
	}
	return g.work(0), nil
}

func (g receiving) work(status int) web.Work {
	return web.Work{Title: "Receive vaccine", Current: "vaccines", Back: "/vaccines", Action: "/vaccines", Body: receiveFields(g), Status: status, Buttons: []ui.Button{{Label: "Receive", Kind: ui.Primary}}}
}

// receive takes a delivery into stock: a new lot, or more of one that is there.
func (p *stockroom) receive(r *http.Request) (web.View, error) {
	f, err := web.ReadForm(r)
	if err != nil {
		return nil, err
	}
	s, g, err := p.openReceiving(r)
	if err != nil {
		return nil, err
	}
	g.form = f
	now := p.d.Shell.Clock()
	if text := scan(f); text != "" {
		f.Set("scan", strings.ReplaceAll(text, "\x1d", "<GS>"))
		label, err := gs1.Parse(text, now)
		if err != nil {
			f.Wrong("scan", err.Error())
			return g.work(http.StatusUnprocessableEntity), nil
		}
		if f.Text("shown") != f.Text("scan") {
			g.read(label)
			return g.work(http.StatusUnprocessableEntity), nil
		}
	}
	a := g.about(now)
	n := count(f, "count", 1)
	if !f.OK() {
		return g.work(http.StatusUnprocessableEntity), nil
	}
	if f.Text("once") == "" {
		f.Set("once", facts.NewUUID())
	}
	m := stock.Move{Kind: stock.Received, By: n, Author: facts.Author(r.Context()), At: now}
	m.Once, m.Condition = facts.Once(f, "stock")
	said := web.Done{To: "/vaccines", Say: ui.Message{Lead: a.Vaccine.Display() + ", lot " + a.Number, Text: strconv.Itoa(n) + " doses received."}}
	for range attempts {
		id, _ := facts.Once(f, "lot")
		l, err := lotLike(r.Context(), s, a, id)
		if err != nil {
			return nil, err
		}
		if sent, err := facts.Sent(r.Context(), s, "SupplyDelivery", g.sent()); err != nil || sent {
			return said, err
		}
		if l.Version != 0 && !l.Expires().IsZero() && l.Expires() != a.Expires {
			f.Wrong("expires", "This lot is in stock already, and expires on "+fhirDate(l.Expires())+". Compare with the label; if the stock is wrong, open the lot and correct it.")
			return g.work(http.StatusUnprocessableEntity), nil
		}
		ops, err := l.Ops(m)
		if err == nil {
			_, err = s.Do(r.Context(), ops)
		}
		if err == nil {
			return said, nil
		}
		if reason := facts.Refused(err); reason != "" {
			w := g.work(http.StatusUnprocessableEntity)
			w.Messages = []ui.Message{{Tone: ui.Critical, Lead: "Not saved.", Text: reason}}
			return w, nil
		}
		if !facts.Changed(err) {
			return nil, err
		}
	}
	return nil, &web.Problem{Kind: web.ErrConflict}
}

// sent is the form as facts.Sent looks for it: by the movement that it makes.
func (g receiving) sent() *web.Form {
	f := web.NewForm(nil)
	f.Set("once", g.form.Text("once"))
	return f
}

// lotLike is the lot of the same vaccine, number, site and funding, or a new one.
func lotLike(ctx context.Context, s *record.Session, a stock.About, id []fhir.Identifier) (stock.Lot, error) {
	all, err := stock.All(ctx, s)
	if err != nil {
		return stock.Lot{}, err
	}
	for _, l := range all {
		if l.CVX() == a.Vaccine.In(cvx) && strings.EqualFold(l.Number(), a.Number) && l.Site().Reference == a.Site.Reference && l.Funding() == a.Funding {
			return l, nil
		}
	}
	return stock.New(a, id), nil
}

// read fills the form with what a label says.
func (g *receiving) read(label gs1.Label) {
	f := g.form
	f.Set("shown", f.Text("scan"))
	f.Set("lotNumber", label.Lot)
	f.Set("expires", "")
	if d, err := fhir.ParseDate(label.Expires); err == nil {
		f.Set("expires", fhirDate(d))
	}
	ndcCode, code, known := packageOf(label.NDCs())
	f.Set("ndc", ndcCode)
	g.focus = "count"
	if v, ok := vaccineOf(code); ok && known {
		f.Set("cvx", code)
		f.Set("vaccine", v.Text)
	} else {
		f.Set("cvx", "")
		f.Set("vaccine", "")
		g.focus = "vaccine"
	}
	if label.Doubt != "" {
		f.Wrong("lotNumber", label.Doubt)
	}
}

// about is what the form says of the lot.
func (g *receiving) about(now time.Time) stock.About {
	f := g.form
	a := stock.About{Vaccine: vaccineField(f), Number: f.Text("lotNumber"), Funding: stock.Funding(f.Text("funding")), Site: placeField(f, g.places)}
	if n := f.Text("ndc"); n != "" && packages()[strings.ReplaceAll(n, "-", "")] == f.Text("cvx") {
		a.NDC = n
	}
	a.Manufacturer, a.Maker = makerOf(f.Text("cvx"))
	f.Need("lotNumber", "Write the lot number, as it stands on the label.")
	if !slices.Contains(stock.Fundings, a.Funding) {
		f.Wrong("funding", "Choose who paid for it.")
	}
	says(&a, f, now)
	if !a.Expires.IsZero() {
		if _, end := a.Expires.Range(now.Location()); !now.Before(end) {
			f.Wrong("expires", "It expired on "+fhirDate(a.Expires)+". Do not take it into stock.")
		}
	}
	return a
}

// says takes what may be corrected of a lot from the form.
func says(a *stock.About, f *web.Form, now time.Time) {
	f.Need("expires", "Write when it expires: 30-Jun-2027, or Jun 2027.")
	a.Expires = dateField(f, "expires", now)
	if !a.Expires.IsZero() && a.Expires.Precision() < fhir.Month {
		f.Wrong("expires", "Write the day, or at least the month: 30-Jun-2027, or Jun 2027.")
	}
	a.Low = 0
	if f.Text("low") != "" {
		a.Low = count(f, "low", 0)
	}
	a.VIS = statementField(f, "vis", now)
	a.Dose = millilitres(f, "dose")
	if a.Dose.IsZero() {
		f.Wrong("dose", "Write how much one dose is, in mL.")
	}
	c, ok := chosen(routes, routeSystem, f.Text("route"))
	if !ok {
		f.Wrong("route", "Choose how it is given.")
	}
	a.Route = c
}

// changing is the page of a lot with the form that changes its stock.
type changing struct {
	form   *web.Form
	lot    stock.Lot
	ledger []stock.Movement
	places []place
	now    time.Time
}

func (p *stockroom) openLot(r *http.Request) (*record.Session, changing, error) {
	s, err := p.d.Session(r)
	if err != nil {
		return nil, changing{}, err
	}
	c := changing{now: p.d.Shell.Clock()}
	if c.lot, err = stock.Read(r.Context(), s, r.PathValue("lot")); err != nil {
		return nil, c, err
	}
	if !c.lot.IsLot() {
		return nil, c, web.ErrNotFound
	}
	if c.ledger, err = stock.Ledger(r.Context(), s, c.lot); err != nil {
		return nil, c, err
	}
	slices.SortStableFunc(c.ledger, func(a, b stock.Movement) int {
		return b.At().Time(c.now.Location()).Compare(a.At().Time(c.now.Location()))
	})
	c.places, err = places(r.Context(), s)
	return s, c, err
}

func (p *stockroom) lot(r *http.Request) (web.View, error) {
	_, c, err := p.openLot(r)
	if err != nil {
		return nil, err
	}
	l := c.lot
	c.form = web.NewForm(url.Values{"once": {facts.NewUUID()}, "expires": {fhirDate(l.Expires())}, "dose": {l.Dose().Value.String()}, "route": {l.Route().In(routeSystem)}})
	c.form.Set("vis", statementWords(l.Statements()))
	if l.Low() > 0 {
		c.form.Set("low", strconv.Itoa(l.Low()))
	}
	return c.work(0), nil
}

func (c changing) work(status int) web.Work {
	return web.Work{Title: c.lot.Name, Current: "vaccines", Back: "/vaccines", Action: "/vaccines/" + url.PathEscape(c.lot.ID), Body: lotFields(c), Status: status, Wide: true,
		Buttons: []ui.Button{{Label: "Record the change", Kind: ui.Primary}}}
}

// change records what happened to a lot.
func (p *stockroom) change(r *http.Request) (web.View, error) {
	f, err := web.ReadForm(r)
	if err != nil {
		return nil, err
	}
	if f.Text("once") == "" {
		f.Set("once", facts.NewUUID())
	}
	for range attempts {
		s, c, err := p.openLot(r)
		if err != nil {
			return nil, err
		}
		c.form = f
		said := web.Done{To: "/vaccines", Say: ui.Message{Lead: c.lot.Name, Text: "stock changed."}}
		sent, err := facts.Sent(r.Context(), s, "SupplyDelivery", receiving{form: f}.sent())
		if err != nil || sent {
			return said, err
		}
		ops, err := c.ops(r.Context(), s)
		if short := (*stock.Short)(nil); errors.As(err, &short) {
			f.Wrong("count", short.Error())
		} else if err != nil {
			return nil, err
		}
		if !f.OK() {
			return c.work(http.StatusUnprocessableEntity), nil
		}
		_, err = s.Do(r.Context(), ops)
		if err == nil {
			return said, nil
		}
		if reason := facts.Refused(err); reason != "" {
			w := c.work(http.StatusUnprocessableEntity)
			w.Messages = []ui.Message{{Tone: ui.Critical, Lead: "Not saved.", Text: reason}}
			return w, nil
		}
		if !facts.Changed(err) {
			return nil, err
		}
	}
	return nil, &web.Problem{Kind: web.ErrConflict}
}

// ops are the operations of the change that the form asks for.
func (c changing) ops(ctx context.Context, s *record.Session) ([]record.Op, error) {
	f := c.form
	m := stock.Move{Kind: stock.Kind(f.Text("what")), Reason: f.Text("reason"), Author: facts.Author(ctx), At: c.now}
	m.Once, m.Condition = facts.Once(f, "stock")
	switch m.Kind {
	case stock.Received:
		m.By = count(f, "count", 1)
	case stock.Wasted, stock.Sent:
		m.By = -count(f, "count", 1)
		if m.Kind == stock.Wasted {
			f.Need("reason", "Say why: expired, broken, drawn up and not given.")
		}
	case stock.Counted:
		m.By = count(f, "count", 0) - c.lot.OnHand
	case stock.Corrected:
		f.Need("reason", "Say what was wrong.")
		a := c.lot.At(c.lot.Site())
		says(&a, f, c.now)
		if f.OK() {
			c.lot.Correct(a)
		}
	case stock.Recall, stock.Released:
		f.Need("reason", "Say who said so, and why.")
	default:
		f.Wrong("what", "Choose what happened.")
	}
	if m.Kind != stock.Sent {
		if !f.OK() {
			return nil, nil
		}
		return c.lot.Ops(m)
	}
	to := placeField(f, c.places)
	if to.Reference != "" && to.Reference == c.lot.Site().Reference {
		f.Wrong("place", "The lot is there already.")
	}
	if !f.OK() {
		return nil, nil
	}
	out, err := c.lot.Ops(m)
	if err != nil {
		return nil, err
	}
	id, _ := facts.Once(f, "lot")
	there, err := lotLike(ctx, s, c.lot.At(to), id)
	if err != nil {
		return nil, err
	}
	m.Kind, m.By = stock.Arrived, -m.By
	m.Once, m.Condition = facts.Once(f, "arrived")
	in, err := there.Ops(m)
	return append(out, in...), err
}
