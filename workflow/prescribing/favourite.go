package prescribing

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/identity"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/web"
	"github.com/osler-ehr/osler/web/facts"
	"github.com/osler-ehr/osler/web/ui"
)

// A favourite is a prescription without a patient: an ActivityDefinition of the kind MedicationRequest, with the prescriber as one
// identifier and what it is as another, so that the same is kept once.
const (
	favouriteOf  = "https://osler.example/fhir/favourite-of"
	favouriteKey = "https://osler.example/fhir/favourite"
	// mostFavourites is how many somebody can have: all of them are shown.
	mostFavourites = 30
	refillsPath    = "dispenseRequest.numberOfRepeatsAllowed"
)

// favourite is the view of an ActivityDefinition.
type favourite struct {
	ID         string
	Identifier []fhir.Identifier
	Title      string
	Status     string
	Kind       string
	Product    fhir.CodeableConcept `fhir:"productCodeableConcept"`
	Quantity   fhir.Quantity
	Dosage     []fhir.Dosage
	Dynamic    []dynamic `fhir:"dynamicValue"`
}

type dynamic struct {
	Path       string
	Expression fhir.Expression
}

// prescription is the favourite as it fills a form.
func (v favourite) prescription() prescription {
	p := prescription{Medication: fhir.ChoiceOf(v.Product), Dosage: v.Dosage, Dispense: dispense{Quantity: v.Quantity}}
	for _, d := range v.Dynamic {
		if n, err := strconv.Atoi(d.Expression.Expression); err == nil && d.Path == refillsPath {
			p.Dispense.Repeats = &n
		}
	}
	return p
}

// mineAs is whose favourites they are.
func mineAs(ctx context.Context) string {
	who := identity.From(ctx)
	return cmp.Or(strings.TrimPrefix(who.Resource, "Practitioner/"), who.ID)
}

// keepable reports whether a prescription can be used for other patients as it stands: one that was worked out from a weight cannot.
func keepable(p prescription) bool {
	for _, d := range p.Dosage {
		for _, r := range d.DoseAndRate {
			if r.Type.In("http://terminology.hl7.org/CodeSystem/dose-rate-type") == "calculated" {
				return false
			}
		}
	}
	_, coded := fhir.ChoiceValue[fhir.CodeableConcept](p.Medication)
	return coded && len(p.Dosage) == 1 && p.Intent == "order"
}

// title says what it is, shortly: lisinopril 10 mg tablet, 1 tablet daily, 90.
func (e *editor) title(p prescription) string {
	f := web.NewForm(nil)
	e.show(p, f)
	s := f.Text("drug")
	if how := strings.TrimSpace(f.Text("dose") + " " + f.Text("frequency")); how != "" {
		s += ", " + how
	}
	if f.Has("prn") {
		s += " as needed"
	}
	if days := f.Text("days"); days != "" {
		s += " for " + days + " days"
	}
	if q := quantityWords(p.Dispense.Quantity); q != "" {
		s += ", " + q
	}
	return s
}

// keepFavourite makes a favourite of a prescription.
func (e *editor) keepFavourite(r *http.Request) (web.View, error) {
	f, err := web.ReadForm(r)
	if err != nil {
		return nil, err
	}
	chart, err := e.chart(r)
	if err != nil {
		return nil, err
	}
	ctx := r.Context()
	v, p, err := e.open(ctx, chart.Session, chart.ID, r.PathValue("rx"))
	if err != nil {
		return nil, err
	}
	if facts.Editing(f) != v.Version { // a favourite is for many patients: no dose is kept that was not looked at
		w, err := e.shown(r, chart, v, p, f, http.StatusConflict)
		if work, ok := w.(web.Work); ok {
			work.Messages = append(work.Messages, ui.Message{Tone: ui.Caution, Lead: "Changed by somebody else meanwhile.", Text: "This is how it stands now. It was not kept as a favourite."})
			w = work
		}
		return w, err
	}
	if !keepable(p) {
		return nil, &web.Problem{Kind: web.ErrInvalid, Advice: "It cannot be a favourite: its dose is worked out for this patient, or has several parts."}
	}
	c, _ := fhir.ChoiceValue[fhir.CodeableConcept](p.Medication)
	me, title := mineAs(ctx), e.title(p)
	kept := favourite{Title: title, Status: "active", Kind: "MedicationRequest", Product: c, Quantity: p.Dispense.Quantity, Dosage: p.Dosage}
	if n := p.Dispense.Repeats; n != nil {
		kept.Dynamic = []dynamic{{refillsPath, fhir.Expression{Language: "text/fhirpath", Expression: strconv.Itoa(*n)}}}
	}
	// Two are the same only if all of them is: one for 5 days is not one for 10, whatever their titles say.
	whole, err := fhir.New("ActivityDefinition", kept)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(append([]byte(me+"\x00"), whole.Bytes()...))
	kept.Identifier = []fhir.Identifier{{System: favouriteOf, Value: me}, {System: favouriteKey, Value: hex.EncodeToString(sum[:16])}}
	have := e.favourites(ctx, chart.Session)
	same := func(v favourite) bool {
		return slices.ContainsFunc(v.Identifier, func(i fhir.Identifier) bool { return i.System == favouriteKey && i.Value == kept.Identifier[1].Value })
	}
	if len(have) >= mostFavourites && !slices.ContainsFunc(have, same) {
		return nil, &web.Problem{Kind: web.ErrInvalid, Advice: "You have " + strconv.Itoa(mostFavourites) + " favourites, and no more are shown: take one from the list first."}
	}
	op := record.Op{Verb: record.Create, Type: "ActivityDefinition", Condition: "identifier=" + favouriteKey + "|" + kept.Identifier[1].Value + "&status=active"}
	if op.Resource, err = fhir.New("ActivityDefinition", kept); err != nil {
		return nil, err
	}
	if _, err := chart.Session.Do(ctx, []record.Op{op}); err != nil {
		return nil, refusedRefill(err)
	}
	return web.Done{To: base(chart.ID) + "/" + url.PathEscape(v.ID), Say: ui.Message{Lead: title, Text: "is among your favourites."}}, nil
}

// favourites are those of whoever prescribes, by their titles. Without them the form works all the same.
func (e *editor) favourites(ctx context.Context, s *record.Session) []favourite {
	page, err := s.Search(ctx, record.Query{Type: "ActivityDefinition", Params: facts.Params("identifier", favouriteOf+"|"+mineAs(ctx), "status", "active", "_count", strconv.Itoa(mostFavourites)), Strict: true})
	if err != nil {
		e.d.Log.ErrorContext(ctx, "favourites could not be read", "error", err.Error())
		return nil
	}
	var out []favourite
	for i := range page.Entries {
		if v, err := fhir.View[favourite](page.Entries[i].Resource()); err == nil {
			out = append(out, v)
		}
	}
	slices.SortFunc(out, func(a, b favourite) int { return strings.Compare(strings.ToLower(a.Title), strings.ToLower(b.Title)) })
	return out
}

// favouriteNamed is one of one's own favourites.
func (e *editor) favouriteNamed(ctx context.Context, s *record.Session, id string) (favourite, *record.Version, error) {
	v, err := s.Read(ctx, "ActivityDefinition", id)
	if err != nil {
		return favourite{}, nil, err
	}
	f, err := fhir.View[favourite](v.Resource())
	if err != nil {
		return f, nil, err
	}
	if !slices.ContainsFunc(f.Identifier, func(i fhir.Identifier) bool { return i.System == favouriteOf && i.Value == mineAs(ctx) }) || f.Status != "active" {
		return f, nil, web.ErrNotFound
	}
	return f, v, nil
}

// dropFavourite takes one from the list.
func (e *editor) dropFavourite(r *http.Request) (web.View, error) {
	f, err := web.ReadForm(r)
	if err != nil {
		return nil, err
	}
	chart, err := e.chart(r)
	if err != nil {
		return nil, err
	}
	ctx := r.Context()
	kept, v, err := e.favouriteNamed(ctx, chart.Session, f.Text("favourite"))
	if err != nil {
		return nil, err
	}
	if f.Text("favourite-version") != strconv.FormatInt(v.Version, 10) {
		return nil, &web.Problem{Kind: web.ErrConflict, Advice: "This favourite was changed meanwhile. Choose it again and look at it, then take it from the list."}
	}
	doc, err := fhir.Merge(v.Resource(), struct{ Status string }{"retired"})
	if err != nil {
		return nil, err
	}
	if _, err := chart.Session.Do(ctx, []record.Op{{Verb: record.Update, Type: "ActivityDefinition", ID: v.ID, Resource: doc, IfMatch: v.Version}}); err != nil {
		return nil, refusedRefill(err)
	}
	return web.Done{To: "/patients/" + url.PathEscape(chart.ID) + "/medications", Say: ui.Message{Lead: kept.Title, Text: "is no favourite any more."}}, nil
}

func favouriteHref(patient, task, id string) string {
	q := url.Values{"favourite": {id}}
	if task != "" {
		q.Set("task", task)
	}
	return base(patient) + "/new?" + q.Encode()
}
