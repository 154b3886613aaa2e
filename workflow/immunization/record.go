package immunization

import (
	"cmp"
	"context"
	"hash/fnv"
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
	"github.com/osler-ehr/osler/web/format"
	"github.com/osler-ehr/osler/web/ui"
	"github.com/osler-ehr/osler/workflow/immunization/gs1"
	"github.com/osler-ehr/osler/workflow/immunization/stock"
)

// editor records doses.
type editor struct{ d slice.Deps }

func base(patient string) string {
	return "/patients/" + url.PathEscape(patient) + "/immunizations"
}

// giving is the form with which a dose is given, and what it is drawn with.
type giving struct {
	chart    facts.Chart
	person   person
	shelf    shelf
	form     *web.Form
	lot      stock.Lot // chosen; without an id: none, or one not from stock
	label    *gs1.Label
	warnings []string // what speaks against the dose as the form stands
	focus    string
	now      time.Time
	who      whoGave
}

// open reads what the form is drawn with.
func (e *editor) open(r *http.Request) (giving, error) {
	g := giving{now: e.d.Shell.Clock()}
	var who person
	var on shelf
	chart, err := facts.OpenChart(r, e.d.Session, e.d.Shell, func(s *record.Session, id string) (err error) {
		if who, err = gather(r.Context(), s, id); err != nil {
			return err
		}
		if g.who, err = readWhoGave(r.Context(), s, e.d.Identity, id, g.now); err == nil {
			on, err = readShelf(r.Context(), s, id, g.now)
		}
		return err
	})
	g.chart, g.person, g.shelf = chart, who, on
	return g, err
}

// blank is the form, filled with what is due and the lot for it.
func (e *editor) blank(r *http.Request) (web.View, error) {
	g, err := e.open(r)
	if err != nil {
		return nil, err
	}
	g.form = web.NewForm(url.Values{"once": {facts.NewUUID()}, "site": {"LD"}, "given": {format.Date(g.now)}})
	if under(g.person, 3, g.now) {
		g.form.Set("site", "LVL")
	}
	category := ""
	if under(g.person, child, g.now) && medicaid(r.Context(), g.chart.Session, g.chart.ID, g.now) {
		category = "V02"
		g.form.Set("vfc", category)
	}
	if l, ok := g.shelf.usual(g.person, category, g.now); ok {
		g.lot = l
		g.form.Set("lot", l.ID)
	}
	g.form.Set("giver", self)
	g.form.Set("orderer", g.who.usualOrderer())
	g.focus = "scan"
	return g.work(0), nil
}

// cover is the view of a Coverage.
type cover struct {
	Status string
	Type   fhir.CodeableConcept
	Period fhir.Period
}

// medicaid reports whether the patient is insured by Medicaid. (Source of Payment Typology 2; of other systems the name says it.)
func medicaid(ctx context.Context, s *record.Session, patient string, now time.Time) bool {
	plans, err := facts.Find[cover](ctx, s, "Coverage", patient, facts.Params("_count", "20")...)
	if err != nil {
		return false
	}
	for _, c := range plans {
		if c.Status == "active" && (c.Period.IsZero() || c.Period.Contains(now, now.Location())) &&
			(strings.HasPrefix(c.Type.In("https://nahdo.org/sopt"), "2") || strings.Contains(strings.ToLower(c.Type.Display()), "medicaid")) {
			return true
		}
	}
	return false
}

// scan is what the scanner sent, with the separators that a field would lose.
func scan(f *web.Form) string {
	if all := f.All("scan"); len(all) > 0 {
		return strings.TrimSpace(all[0])
	}
	return ""
}

// create gives a dose. A bar code that was just scanned is read first, and shown before anything is kept.
func (e *editor) create(r *http.Request) (web.View, error) {
	f, err := web.ReadForm(r)
	if err != nil {
		return nil, err
	}
	g, err := e.open(r)
	if err != nil {
		return nil, err
	}
	g.form = f
	if f.Text("once") == "" {
		f.Set("once", facts.NewUUID())
	}
	if sent, err := facts.Sent(r.Context(), g.chart.Session, "Immunization", f); err != nil {
		return nil, err
	} else if sent {
		return g.done("The dose"), nil
	}
	if err := g.usedUp(r.Context(), scan(f)); err != nil {
		return nil, err
	}
	at := g.when()
	if text := scan(f); text != "" {
		f.Set("scan", strings.ReplaceAll(text, "\x1d", "<GS>"))
		label, err := gs1.Parse(text, g.now)
		if err != nil {
			f.Wrong("scan", err.Error())
			return g.work(http.StatusUnprocessableEntity), nil
		}
		g.label = &label
		if f.Text("shown") != f.Text("scan") {
			return g.read(at), nil
		}
	}
	if typed := f.Text("vaccine") + f.Text("lotNumber"); typed != "" && f.Text("lot") == "" {
		f.Set("lot", elsewhere)
	} else if typed != "" && f.Text("lot") != elsewhere {
		f.Wrong("lot", "A lot of the stock is chosen, and another vaccine is filled in below. Empty the one or the other.")
	}
	var d dose
	if f.Text("lot") == elsewhere {
		d = g.notFromStock(at)
	} else if d, err = g.fromStock(at); err != nil {
		return nil, err
	}
	g.fill(&d, at, facts.Author(r.Context()))
	if !f.OK() || !g.agreed() {
		return g.work(http.StatusUnprocessableEntity), nil
	}
	return e.give(r, &g, d)
}

// usedUp adds to what is at hand the lots of which nothing is left, if the form names one: why it cannot be given is then said.
func (g *giving) usedUp(ctx context.Context, scanned string) error {
	wanted := g.form.Text("lot")
	_, there := g.shelf.byID(wanted)
	if label, err := gs1.Parse(scanned, g.now); scanned != "" && err == nil {
		there = len(g.shelf.scanned(label, g.now)) > 0
	} else if wanted == "" || wanted == elsewhere {
		return nil
	}
	if there {
		return nil
	}
	all, err := stock.All(ctx, g.chart.Session)
	if record.KindOf(err) == record.KindForbidden {
		return nil
	}
	g.shelf.all = all
	return err
}

// when is the time at which the dose was given: now, unless the form names another day.
func (g *giving) when() fhir.DateTime {
	at := fhir.DateTimeOf(g.now, fhir.Second)
	if g.form.Text("given") == "" {
		return at
	}
	d := facts.PastDate(g.form, "given", g.now)
	switch {
	case d.IsZero():
		return at
	case d.Precision() < fhir.Day:
		g.form.Wrong("given", "Write the whole day on which it was given. What is known less exactly goes into the history.")
	case d.Date() == at.Date():
		return at
	}
	if born := wholeDate(g.person.Patient.Birth); born != 0 && d.Time(g.now.Location()).Format(time.DateOnly) < born.Time().Format(time.DateOnly) {
		g.form.Wrong("given", "This lies before the birth.")
	}
	return d
}

// moment is when the dose was given, for comparing: noon of a day that is not today.
func (g *giving) moment(at fhir.DateTime) time.Time {
	t := at.Time(g.now.Location()).In(g.now.Location())
	if !at.HasTime() {
		t = t.Add(12 * time.Hour)
	}
	return t
}

// read answers a scan: with the lot that it names chosen and the cursor in the next field, or why it cannot be given.
func (g *giving) read(at fhir.DateTime) web.View {
	f := g.form
	f.Set("shown", f.Text("scan"))
	f.Set("dose", "")
	f.Set("route", "")
	f.Set("vis", "")
	g.focus = "site"
	found := g.shelf.scanned(*g.label, g.now)
	if len(found) == 0 {
		f.Set("lot", elsewhere)
		ndcCode, code, known := packageOf(g.label.NDCs())
		f.Set("ndc", ndcCode)
		f.Set("lotNumber", g.label.Lot)
		if d, err := fhir.ParseDate(g.label.Expires); err == nil {
			f.Set("expires", fhirDate(d))
		}
		f.Set("cvx", "")
		f.Set("vaccine", "")
		if known {
			if v, ok := vaccineOf(code); ok {
				f.Set("cvx", code)
				f.Set("vaccine", v.Text)
			}
		}
		g.focus = "vaccine"
		return g.work(http.StatusUnprocessableEntity)
	}
	g.lot = found[0]
	f.Set("lot", g.lot.ID)
	if why := g.lot.Refusal(g.moment(at), fhirDate); why != "" {
		f.Wrong("scan", why)
	} else if said := g.label.Expires; said != "" && !g.lot.Expires().IsZero() && !strings.HasPrefix(said, g.lot.Expires().String()) {
		f.Wrong("scan", "The label says that the lot expires on "+format.FHIRDate(said, time.UTC)+", the stock says "+fhirDate(g.lot.Expires())+". Do not give it before it is known which is right.")
	}
	g.warn(at)
	return g.work(http.StatusUnprocessableEntity)
}

// fromStock is the dose of the lot that was chosen.
func (g *giving) fromStock(at fhir.DateTime) (d dose, err error) {
	f := g.form
	l, ok := g.shelf.byID(f.Text("lot"))
	if !ok {
		f.Wrong("lot", "Choose the lot that is given, or scan it.")
		return d, nil
	}
	g.lot = l
	if g.label != nil {
		if !strings.EqualFold(g.label.Lot, l.Number()) && g.label.Lot != "" {
			f.Wrong("lot", "Lot "+g.label.Lot+" was scanned, and lot "+l.Number()+" is chosen. Choose what is given, or empty the scan.")
		}
		if _, code, known := packageOf(g.label.NDCs()); known && code != l.CVX() {
			f.Wrong("lot", "What was scanned is another vaccine than this lot.")
		}
		if said := g.label.Expires; said != "" && !l.Expires().IsZero() && !strings.HasPrefix(said, l.Expires().String()) {
			f.Wrong("lot", "The label says that the lot expires on "+format.FHIRDate(said, time.UTC)+", the stock says "+fhirDate(l.Expires())+". Do not give it before it is known which is right.")
		}
	}
	if why := l.Refusal(g.moment(at), fhirDate); why != "" {
		f.Wrong("lot", why)
	}
	d = begin(g.chart.ID, completed, fhir.CodeableConcept{}, at, g.now)
	d.fromLot(l)
	d.Route, d.Amount = l.Route(), l.Dose()
	d.Education = educationOf(l.Statements(), fhir.DateTime{})
	return d, nil
}

// notFromStock is a dose of which the form itself says what it is.
func (g *giving) notFromStock(at fhir.DateTime) dose {
	f := g.form
	d := begin(g.chart.ID, completed, vaccineField(f), at, g.now)
	if n := f.Text("ndc"); n != "" && packages()[strings.ReplaceAll(n, "-", "")] == f.Text("cvx") {
		d.Vaccine.Coding = append(d.Vaccine.Coding, fhir.Coding{System: ndc, Code: n})
	}
	f.Need("lotNumber", "Write the lot number, as it stands on the label.")
	d.Lot = f.Text("lotNumber")
	d.Expires = dateField(f, "expires", g.now)
	if !d.Expires.IsZero() {
		if _, end := d.Expires.Range(g.now.Location()); !g.moment(at).Before(end) {
			f.Wrong("expires", "It expired on "+fhirDate(d.Expires)+". Take another lot.")
		}
	}
	if code, name := makerOf(f.Text("cvx")); code != "" {
		d.Manufacturer = fhir.Reference{Identifier: &fhir.Identifier{System: mvx, Value: code}, Display: name}
	}
	if paid := stock.Funding(f.Text("funding")); slices.Contains(stock.Fundings, paid) {
		d.Funding = paid.Concept()
	}
	return d
}

// dateField reads a date that may lie ahead; what is none is wrong.
func dateField(f *web.Form, name string, now time.Time) fhir.Date {
	text := f.Text(name)
	if text == "" {
		return fhir.Date{}
	}
	iso, ok := format.TypedDate(text, now)
	d, err := fhir.ParseDate(iso)
	if !ok || err != nil {
		f.Wrong(name, "Not a date. Write it as 30-Jun-2027, or Jun 2027.")
		return fhir.Date{}
	}
	return d
}

// fill takes what the form says of the giving into the dose.
func (g *giving) fill(d *dose, at fhir.DateTime, author fhir.Reference) {
	f := g.form
	if code := f.Text("route"); code != "" {
		if c, ok := chosen(routes, routeSystem, code); ok {
			d.Route = c
		} else {
			f.Wrong("route", "Choose how it is given.")
		}
	}
	if d.Route.IsZero() {
		f.Wrong("route", "Choose how it is given: the lot does not say it.")
	}
	if n := millilitres(f, "dose"); !n.IsZero() {
		d.Amount = fhir.Measured(n, "mL")
	}
	if d.Amount.IsZero() {
		f.Wrong("dose", "Write how much is given, in mL: the lot does not say it.")
	}
	if route := d.Route.In(routeSystem); route != "PO" && route != "NASINHLC" {
		c, ok := chosen(sites, siteSystem, f.Text("site"))
		if !ok {
			f.Wrong("site", "Choose where it is given.")
		}
		d.Site = c
	}
	if vis := statementField(f, "vis", g.now); len(vis) > 0 {
		d.Education = educationOf(vis, fhir.DateTime{})
	}
	handed := at.Date().DateTime()
	if on := facts.PastDate(f, "handed", g.now); !on.IsZero() {
		if handed = on.Date().DateTime(); handed.String() > at.Date().String() {
			f.Wrong("handed", "The statement is handed out before the vaccine is given.")
		}
	}
	for i := range d.Education {
		d.Education[i].Presented = handed
	}
	if f.Text("vfc") == "" && under(g.person, child, g.moment(at)) {
		f.Wrong("vfc", "Ask, and choose: whether a child is eligible is asked at every dose.")
	} else if code := f.Text("vfc"); code != "" || !under(g.person, child, g.moment(at)) {
		if code == "" {
			code = "V01"
		}
		if c, ok := chosen(eligible, vfcSystem, code); ok {
			d.Eligible = []fhir.CodeableConcept{c}
		} else {
			f.Wrong("vfc", "Choose a category of the list.")
		}
	}
	d.Performer = g.who.performers(f)
	if g.who.visit != nil && at.Date().String() == fhir.DateOf(g.now).String() {
		d.Encounter = fhir.To("Encounter", g.who.visit.ID)
	}
	d.Protocol = g.protocols(cmp.Or(d.Vaccine.In(cvx), f.Text("cvx")), d.Expires, g.moment(at))
	if note := f.Text("note"); note != "" {
		d.Note = []fhir.Annotation{facts.Note(note, author, g.now)}
	}
	g.warn(at)
}

// warn gathers what speaks against the dose.
func (g *giving) warn(at fhir.DateTime) {
	vaccine, expires := g.lot.CVX(), g.lot.Expires()
	if g.lot.ID == "" {
		vaccine = g.form.Text("cvx")
	}
	if vaccine == "" {
		return
	}
	when := g.moment(at)
	g.warnings = against(g.person, vaccine, expires, when)
	if g.lot.ID != "" {
		if why := funded(g.lot, under(g.person, child, when), g.form.Text("vfc")); why != "" {
			g.warnings = append(g.warnings, why)
		}
	}
	if g.label != nil && g.label.Doubt != "" {
		g.warnings = append(g.warnings, g.label.Doubt)
	}
}

// mark stands for the warnings that the form shows: who agrees to these agrees to no others.
func (g giving) mark() string {
	h := fnv.New64a()
	_, _ = h.Write([]byte(g.lot.ID + "\n" + g.form.Text("cvx") + "\n" + strings.Join(g.warnings, "\n"))) // never fails
	return strconv.FormatUint(h.Sum64(), 36)
}

// agreed reports whether nothing speaks against the dose, or the person saw it and gives it all the same.
func (g giving) agreed() bool { return len(g.warnings) == 0 || g.form.Text("sure") == g.mark() }

// attempts is how often a dose is written anew when others change the lot meanwhile.
const attempts = 20

// give writes the dose and takes it from its lot, both or neither. The last dose of a lot goes to whoever is first.
func (e *editor) give(r *http.Request, g *giving, d dose) (web.View, error) {
	ctx, f := r.Context(), g.form
	op := record.Op{Verb: record.Create, Type: "Immunization"}
	d.Identifier, op.Condition = facts.Once(f, "")
	var err error
	if op.Resource, err = fhir.New("Immunization", d); err != nil {
		return nil, err
	}
	for range attempts {
		ops := []record.Op{op}
		if g.lot.ID != "" {
			l, err := stock.Read(ctx, g.chart.Session, g.lot.ID)
			if err != nil {
				return nil, err
			}
			if sent, err := facts.Sent(ctx, g.chart.Session, "Immunization", f); err != nil || sent {
				return g.done(d.name()), err
			}
			if why := l.Refusal(g.moment(d.at()), fhirDate); why != "" {
				f.Wrong("lot", why)
				return g.work(http.StatusConflict), nil
			}
			m := stock.Move{Kind: stock.Given, By: -1, Author: facts.Author(ctx), At: g.now}
			m.Once, m.Condition = facts.Once(f, "stock")
			moved, err := l.Ops(m)
			if err != nil {
				return nil, err
			}
			ops = append(ops, moved...)
		}
		_, err = g.chart.Session.Do(ctx, ops)
		if err == nil {
			return g.done(d.name()), nil
		}
		if !facts.Changed(err) {
			break
		}
	}
	reason := facts.Refused(err)
	if reason == "" {
		return nil, err
	}
	w := g.work(http.StatusUnprocessableEntity)
	w.Messages = append([]ui.Message{{Tone: ui.Critical, Lead: "Not saved.", Text: reason}}, w.Messages...)
	return w, nil
}

func (g giving) done(name string) web.Done {
	return web.Done{To: base(g.chart.ID), Say: ui.Message{Lead: name, Text: "given to " + g.chart.Banner.Name.Plain() + " and recorded."}}
}

// work is the form.
func (g giving) work(status int) web.Work {
	return web.Work{
		Title: "Give a vaccine", Current: "chart", Patient: &g.chart.Banner, Back: base(g.chart.ID), Action: base(g.chart.ID) + "/doses",
		Body: giveFields(g), Status: status, Messages: g.messages(),
		Buttons: []ui.Button{{Label: "Give and record", Kind: ui.Primary}},
	}
}

// messages are what must be known before a vaccine is given.
func (g giving) messages() (out []ui.Message) {
	v := warnings(g.person)
	out = append(out, v...)
	for _, w := range g.warnings {
		out = append(out, ui.Message{Tone: ui.Critical, Lead: "Look first.", Text: w})
	}
	if g.lot.ID != "" && g.lot.Refusal(g.now, fhirDate) == "" {
		if g.lot.Expiring(g.now) {
			out = append(out, ui.Message{Tone: ui.Caution, Lead: "Expires soon.", Text: "Lot " + g.lot.Number() + " may be given until " + fhirDate(g.lot.Expires()) + "."})
		}
	}
	p := plan(g.person, forecastDay(g.now), g.now.Location())
	for _, l := range p.Barred {
		out = append(out, ui.Message{Tone: ui.Caution, Lead: "Contraindicated: " + l.Name + ".", Text: l.Why})
	}
	if names := standing(g.person); names != "" {
		out = append(out, ui.Message{Tone: ui.Caution, Lead: "Allergies:", Text: names + "."})
	}
	if due := dueGroups(g.person, forecastDay(g.now), g.now.Location()); len(due) > 0 {
		for i := range due {
			due[i] = named(due[i])
		}
		out = append(out, ui.Message{Lead: "Due:", Text: strings.Join(due, ", ") + "."})
	}
	return out
}

// standing names the allergies that stand.
func standing(p person) string {
	var out []string
	for _, a := range p.Allergies {
		if a.Stands() && !a.Denies() {
			out = append(out, a.Substance())
		}
	}
	return strings.Join(out, ", ")
}
