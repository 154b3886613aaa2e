package immunization

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/web/facts"
	"github.com/osler-ehr/osler/web/format"
	"github.com/osler-ehr/osler/web/ui"
	"github.com/osler-ehr/osler/workflow/immunization/forecast"
	"github.com/osler-ehr/osler/workflow/immunization/gs1"
	"github.com/osler-ehr/osler/workflow/immunization/stock"
)

func fhirDate(d fhir.Date) string { return format.FHIRDate(d.String(), time.UTC) }

// lotWords is a lot as the list of the form names it.
func lotWords(l stock.Lot) string {
	parts := []string{l.Vaccine(), "lot " + l.Number()}
	if !l.Expires().IsZero() {
		parts = append(parts, "expires "+fhirDate(l.Expires()))
	}
	parts = append(parts, strconv.Itoa(l.OnHand)+" left", l.Funding().Words())
	if site := l.Site().Display; site != "" {
		parts = append(parts, site)
	}
	return strings.Join(parts, ", ")
}

// shelf is what a form can be given from.
type shelf struct {
	lots []stock.Lot // those that may be given, in the order of the list
	all  []stock.Lot // those of which doses are left, the recalled and expired ones too
	here string      // the site where the patient is today; "" = not known
}

// readShelf reads the lots; first are those of the site where the patient has an appointment today, of each those that end soonest.
func readShelf(ctx context.Context, s *record.Session, patient string, now time.Time) (shelf, error) {
	all, err := stock.OnHand(ctx, s)
	if record.KindOf(err) == record.KindForbidden {
		return shelf{}, nil
	}
	if err != nil {
		return shelf{}, err
	}
	out := shelf{all: all, here: todaysSite(ctx, s, patient, now)}
	for _, l := range all {
		if l.Refusal(now, fhirDate) == "" {
			out.lots = append(out.lots, l)
		}
	}
	slices.SortStableFunc(out.lots, func(a, b stock.Lot) int {
		return cmp.Or(out.away(a)-out.away(b), strings.Compare(strings.ToLower(a.Vaccine()), strings.ToLower(b.Vaccine())), strings.Compare(a.Expires().String(), b.Expires().String()))
	})
	return out, nil
}

func (h shelf) away(l stock.Lot) int {
	if h.here != "" && l.Site().Reference != h.here {
		return 1
	}
	return 0
}

// visit is the view of an Appointment.
type visit struct {
	Status      string
	Start       fhir.Instant
	Participant []struct{ Actor fhir.Reference }
}

// todaysSite is the site where the patient is booked today; "" if that is not known, or may not be seen. An appointment names a room as
// often as a site, and lots are kept by site.
func todaysSite(ctx context.Context, s *record.Session, patient string, now time.Time) string {
	visits, err := facts.Find[visit](ctx, s, "Appointment", patient, facts.Params("date", now.Format(time.DateOnly), "_count", "10")...)
	if err != nil {
		return ""
	}
	for _, v := range visits {
		if v.Status == "cancelled" || v.Status == "noshow" || v.Status == mistaken {
			continue
		}
		for _, p := range v.Participant {
			if t, ok := p.Actor.Target(); ok && t.Type == "Location" {
				return siteOf(ctx, s, t.ID)
			}
		}
	}
	return ""
}

// siteOf is the site that a Location is a part of, or the Location itself. What may not be seen ends the way up.
func siteOf(ctx context.Context, s *record.Session, id string) string {
	for range 8 { // a room, a floor, a building: more is a circle
		v, err := s.Read(ctx, "Location", id)
		if err != nil {
			break
		}
		l, err := fhir.View[place](v.Resource())
		above, ok := l.PartOf.Target()
		if err != nil || !ok || above.Type != "Location" {
			break
		}
		id = above.ID
	}
	return "Location/" + id
}

// usual is the lot with which the form begins: of the vaccine that is most due, one that nothing speaks against.
func (h shelf) usual(p person, category string, now time.Time) (stock.Lot, bool) {
	isChild, born, on := under(p, child, now), wholeDate(p.Patient.Birth), forecast.DateOf(now)
	for _, group := range dueGroups(p, on, now.Location()) {
		var found stock.Lot
		for _, l := range h.lots {
			// What is merely allowed at this age, as the high dose for those under 65, is for a person to choose.
			from, preferred := forecast.CDC().Preferred(l.CVX(), group, born, on)
			if !preferred || h.away(l) != 0 || funded(l, isChild, category) != "" || len(against(p, l.CVX(), l.Expires(), now)) != 0 {
				continue
			}
			// What is made for older people goes before what everybody may have.
			if from.Time().After(born.Time().AddDate(old, 0, 0)) {
				return l, true
			}
			if found.ID == "" {
				found = l
			}
		}
		if found.ID != "" {
			return found, true
		}
	}
	return stock.Lot{}, false
}

// old is the age from which vaccines are made for older people, in years.
const old = 50

// byID finds a lot.
func (h shelf) byID(id string) (stock.Lot, bool) {
	i := slices.IndexFunc(h.all, func(l stock.Lot) bool { return l.ID == id })
	if i < 0 {
		return stock.Lot{}, false
	}
	return h.all[i], true
}

// scanned finds the lots that a label may be of: by lot number, and the vaccine where the product number is known. Those that may be given
// come first, of the site where the patient is.
func (h shelf) scanned(label gs1.Label, now time.Time) (out []stock.Lot) {
	_, code, known := packageOf(label.NDCs())
	for _, l := range h.all {
		if label.Lot != "" && strings.EqualFold(l.Number(), label.Lot) && (!known || l.CVX() == code) {
			out = append(out, l)
		}
	}
	rank := func(l stock.Lot) int {
		n := h.away(l)
		if l.Refusal(now, fhirDate) != "" {
			n += 2
		}
		return n
	}
	slices.SortStableFunc(out, func(a, b stock.Lot) int { return rank(a) - rank(b) })
	return out
}

// elsewhere is the value of the list for a dose that is not from stock.
const elsewhere = "other"

func (h shelf) options(also stock.Lot) []ui.Option {
	out := []ui.Option{{Label: "Choose a lot"}}
	for _, l := range h.lots {
		out = append(out, ui.Option{Value: l.ID, Label: lotWords(l)})
	}
	if also.ID != "" && !slices.ContainsFunc(h.lots, func(l stock.Lot) bool { return l.ID == also.ID }) {
		out = append(out, ui.Option{Value: also.ID, Label: lotWords(also)})
	}
	return append(out, ui.Option{Value: elsewhere, Label: "Another, not from our stock"})
}
