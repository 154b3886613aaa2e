package searchtest_test

import (
	"context"
	"fmt"
	mathrand "math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/osler-ehr/osler/clock"
	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/fhir/definitions"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/record/recordtest"
	"github.com/osler-ehr/osler/record/search"
	"github.com/osler-ehr/osler/record/searchtest"
)

// watcher is somebody who does not see everything.
type watcher struct {
	name string
	as   func(t *testing.T, f *recordtest.Fixture, patient string) *record.Session
	// hides tells, without asking the record, whether a document is surely not for the watcher's eyes. Foreign
	// ones are written by another organisation.
	hides func(doc *fhir.Resource, patient string, foreign bool) bool
}

// other is the number of another organisation in both worlds.
func other(t testing.TB, f *recordtest.Fixture) int64 {
	n, err := f.OrganizationNumber(context.Background(), "Organization/other")
	if err != nil {
		t.Fatal(err)
	}
	return n
}

var watchers = []watcher{
	{"patient",
		func(t *testing.T, f *recordtest.Fixture, patient string) *record.Session {
			return f.AsPatient(t, patient)
		},
		func(doc *fhir.Resource, patient string, _ bool) bool {
			if doc.Type() == "Patient" {
				return doc.ID() != patient
			}
			for _, element := range []string{"patient", "subject", "beneficiary", "for", "individual"} {
				if ref := doc.Get(element).Get("reference").Text(); strings.HasPrefix(ref, "Patient/") {
					return ref != "Patient/"+patient
				}
			}
			return false
		}},
	{"front desk",
		func(t *testing.T, f *recordtest.Fixture, _ string) *record.Session { return f.As(access.FrontDesk) },
		func(doc *fhir.Resource, _ string, _ bool) bool {
			return slices.Contains(strings.Fields(`Observation Condition Procedure Encounter MedicationRequest MedicationAdministration
				DiagnosticReport Immunization Claim ExplanationOfBenefit CarePlan CareTeam Goal AllergyIntolerance DocumentReference
				Composition ServiceRequest FamilyMemberHistory QuestionnaireResponse RiskAssessment Specimen Task Provenance List`), doc.Type())
		}},
	{"clinician of one organisation",
		func(t *testing.T, f *recordtest.Fixture, _ string) *record.Session {
			return f.Record.As(access.Actor{ID: "c", Roles: []access.Role{access.Clinician}, Org: f.Org, Orgs: []int64{f.Org}})
		},
		func(doc *fhir.Resource, _ string, foreign bool) bool { return foreign }},
}

// TestA5TwoWorlds: two records that differ in nothing but what a watcher may not see answer alike, byte for
// byte, whatever is asked.
func TestA5TwoWorlds(t *testing.T) {
	at := clock.At(time.Date(2026, 11, 20, 8, 0, 0, 0, time.UTC))
	f := recordtest.New(t, at)
	load(t, f.As(access.Administrator), at)
	all := world(t, f.As(access.Administrator))
	patient := searchtest.NewDrawer(all, mathrand.New(mathrand.NewPCG(1, 1))).Somebody()
	var docs []*fhir.Resource
	if err := f.As(access.Administrator).Walk(context.Background(), false, func(v *record.Version) error { docs = append(docs, v.Resource()); return nil }); err != nil {
		t.Fatal(err)
	}
	for i, w := range watchers {
		if testing.Short() && i > 0 {
			break
		}
		t.Run(w.name, func(t *testing.T) {
			t.Parallel()
			twoWorlds(t, w, docs, patient)
		})
	}
}

func twoWorlds(t *testing.T, w watcher, docs []*fhir.Resource, patient string) {
	rng := mathrand.New(mathrand.NewPCG(*seed, 1))
	foreign := func(d *fhir.Resource) bool { return len(d.ID())%2 == int(d.ID()[0])%2 }
	var shown, hidden []*fhir.Resource
	for _, d := range docs {
		if w.hides(d, patient, foreign(d)) {
			hidden = append(hidden, d)
		} else {
			shown = append(shown, d)
		}
	}
	changed := change(rng, hidden)
	if len(changed) == len(hidden) && len(changed) > 0 { // so that a count alone tells that the worlds differ
		changed = changed[1:]
	}
	one, two := &side{name: "one"}, &side{name: "two"}
	one.make(t, w, patient, rng, shown, hidden)
	two.make(t, w, patient, rng, shown, changed)
	// The questions are about both: what is shown, what is hidden in one world, and what in the other.
	union := slices.Concat(shown, hidden)
	for _, d := range changed {
		if !slices.ContainsFunc(union, func(u *fhir.Resource) bool { return u.Type() == d.Type() && u.ID() == d.ID() }) {
			union = append(union, d)
		}
	}
	everything, err := searchtest.NewWorld(union)
	if err != nil {
		t.Fatal(err)
	}
	d := searchtest.NewDrawer(everything, rng)
	d.Only = func(typ string) bool { return one.s.May(access.Search, typ) || rng.IntN(40) == 0 }
	n := 1000
	if testing.Short() {
		n = 100
	}
	full, empty := 0, 0
	for range n {
		ask, what := question(rng, d, union)
		a, b := ask(one.s), ask(two.s)
		if a != b {
			t.Fatalf("%s tells the worlds apart:\n%s\n%s", what, excerpt(a, b), excerpt(b, a))
		}
		if strings.Contains(a, "resourceType") {
			full++
		} else {
			empty++
		}
	}
	t.Logf("%d documents shown, %d hidden, %d in the other world; %d questions, of which %d show something", len(shown), len(hidden), len(changed), n, full)
	if full < n/5 {
		t.Errorf("%d of %d questions show nothing", empty, n)
	}
	// The worlds do differ, or the test would prove nothing.
	if one.count(t) == two.count(t) {
		t.Error("both worlds are the same")
	}
}

// change makes other documents of the hidden ones: some are gone, some are others, some are more.
func change(rng *mathrand.Rand, hidden []*fhir.Resource) (out []*fhir.Resource) {
	year := regexp.MustCompile(`"(19|20)(\d\d)-`)
	digit := regexp.MustCompile(`"value":\d`)
	for _, d := range hidden {
		text := string(d.Bytes())
		switch n := rng.IntN(6); {
		case n == 0 && d.Type() != "Patient":
			continue
		case n < 4:
			text = year.ReplaceAllString(text, `"${1}0`+fmt.Sprint(rng.IntN(10))+`-`)
			text = digit.ReplaceAllString(text, `"value":`+fmt.Sprint(1+rng.IntN(9)))
			text = strings.NewReplacer(`"male"`, `"female"`, `"final"`, `"amended"`, `"finished"`, `"planned"`, `"code":"active"`, `"code":"inactive"`, `"family":"`, `"family":"X`).Replace(text)
			if n == 3 && d.Type() != "Patient" {
				text = strings.Replace(text, `"id":"`+d.ID()+`"`, `"id":"more-`+d.ID()[:min(20, len(d.ID()))]+`"`, 1)
				out = append(out, d)
			}
		}
		if doc, err := fhir.Parse([]byte(text)); err == nil {
			out = append(out, doc)
		}
	}
	return out
}

// side is one of the worlds.
type side struct {
	name string
	f    *recordtest.Fixture
	s    *record.Session
}

// make fills a record: the shown documents at the same times in the same order, and hidden ones before, between
// and after, some of them changed and deleted later.
func (x *side) make(t *testing.T, w watcher, patient string, rng *mathrand.Rand, shown, hidden []*fhir.Resource) {
	at := clock.At(time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC))
	x.f = recordtest.New(t, at)
	root := x.f.As(access.Program)
	foreign := x.f.Record.As(access.Actor{ID: "o", Roles: []access.Role{access.Program}, Org: other(t, x.f)})
	ofNobody := func(d *fhir.Resource) bool { return d.Type() == "Patient" }
	secret := x.f.Record.As(access.Actor{ID: "s", Roles: []access.Role{access.Program}, Org: x.f.Org})
	if strings.Contains(w.name, "organisation") {
		secret = foreign
	}
	// Patients first, in an order that does not depend on what is hidden; then everything.
	store := func(s *record.Session, docs ...*fhir.Resource) {
		var ops []record.Op
		for _, d := range docs {
			ops = append(ops, record.Op{Verb: record.Update, Type: d.Type(), ID: d.ID(), Resource: d, LooseReferences: true})
		}
		if _, err := s.Do(context.Background(), ops); err != nil {
			if s == secret && record.KindOf(err) == record.KindInvalid && docs[0].Type() != "Patient" {
				return // a changed document that breaks a rule
			}
			t.Fatalf("%s/%s: %v", docs[0].Type(), docs[0].ID(), err)
		}
	}
	for _, patientsOnly := range []bool{true, false} {
		next := 0
		for i, d := range shown {
			at.Set(time.Date(2026, 11, 22, 9, 0, i, 0, time.UTC))
			for next < len(hidden) && rng.IntN(len(shown)) < len(hidden) {
				if ofNobody(hidden[next]) == patientsOnly {
					store(secret, hidden[next])
				}
				next++
			}
			at.Set(time.Date(2026, 11, 22, 9, 0, i, 0, time.UTC))
			if ofNobody(d) == patientsOnly {
				store(root, d)
			}
		}
		for ; next < len(hidden); next++ {
			if ofNobody(hidden[next]) == patientsOnly {
				store(secret, hidden[next])
			}
		}
	}
	for _, d := range hidden {
		if d.Type() == "Patient" || rng.IntN(5) > 0 {
			continue
		}
		_, err := secret.Do(context.Background(), []record.Op{{Verb: record.Delete, Type: d.Type(), ID: d.ID()}})
		if err != nil && record.KindOf(err) != record.KindConflict {
			t.Fatal(err)
		}
	}
	at.Set(time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC))
	x.s = w.as(t, x.f, patient)
}

func (x *side) count(t *testing.T) (n int) {
	if err := x.f.As(access.Administrator).Walk(context.Background(), true, func(*record.Version) error { n++; return nil }); err != nil {
		t.Fatal(err)
	}
	return n
}

// question draws something to ask of both worlds; the answer is everything that the asker gets to see.
func question(rng *mathrand.Rand, d *searchtest.Drawer, union []*fhir.Resource) (ask func(*record.Session) string, what string) {
	ctx := context.Background()
	doc := union[rng.IntN(len(union))]
	typ, id := doc.Type(), doc.ID()
	if rng.IntN(10) == 0 {
		id = "not-there"
	}
	switch rng.IntN(14) {
	case 0:
		return func(s *record.Session) string { v, err := s.Read(ctx, typ, id); return show(v, err) }, "read " + typ + "/" + id
	case 1:
		return func(s *record.Session) string { v, err := s.ReadVersion(ctx, typ, id, 1); return show(v, err) }, "version of " + typ + "/" + id
	case 2:
		q := record.HistoryQuery{Type: typ, ID: id, Count: 5}
		if rng.IntN(2) == 0 {
			q.ID = ""
		}
		if rng.IntN(6) == 0 {
			q = record.HistoryQuery{Count: 50}
		}
		if rng.IntN(3) == 0 {
			q.Since = time.Date(2026, 11, 22, 9, 0, rng.IntN(600), 0, time.UTC)
		}
		return func(s *record.Session) string { return history(s, q) }, fmt.Sprintf("history %+v", q)
	case 3:
		q := record.EverythingQuery{Patient: id, Count: rng.IntN(30)}
		return func(s *record.Session) string {
			var b strings.Builder
			q := q
			for range 20 {
				page, err := s.Everything(ctx, q)
				b.WriteString(pageText(page, err))
				if err != nil || page.Next == "" {
					break
				}
				q.Page = page.Next
			}
			return b.String()
		}, "everything of " + id
	}
	q := d.Query()
	var params []search.Param
	for _, p := range q.Params {
		params = append(params, search.Param(p))
	}
	add := func(name, value string) { params = append(params, search.Param{Name: name, Value: value}) }
	add("_count", fmt.Sprint(rng.IntN(30)))
	if q.Type != "" && rng.IntN(3) == 0 {
		add("_sort", d.Sort(q.Type))
	}
	if rng.IntN(2) == 0 {
		add("_total", "accurate")
	}
	if rng.IntN(8) == 0 {
		add("_summary", "count")
	}
	for rng.IntN(2) == 0 {
		name, value := include(rng, q.Type, union)
		add(name, value)
	}
	rq := record.Query{Type: q.Type, Params: params, Strict: rng.IntN(2) == 0}
	if rng.IntN(5) == 0 {
		rq.CompartmentPatient = union[rng.IntN(len(union))].ID()
	}
	return func(s *record.Session) string {
		var b strings.Builder
		rq := rq
		for range 20 {
			page, err := s.Search(ctx, rq)
			b.WriteString(pageText(page, err))
			if err != nil || page.Next == "" {
				break
			}
			rq.Page = page.Next
		}
		return b.String()
	}, fmt.Sprintf("search %+v", rq)
}

// include draws an _include or _revinclude.
func include(rng *mathrand.Rand, typ string, union []*fhir.Resource) (name, value string) {
	from, name := typ, "_include"
	if rng.IntN(2) == 0 || typ == "" {
		from, name = union[rng.IntN(len(union))].Type(), "_revinclude"
	}
	var refs []string
	for _, sp := range definitions.SearchParameters(from) {
		if sp.Type == "reference" {
			refs = append(refs, sp.Name)
		}
	}
	if len(refs) == 0 {
		return "_include", "Patient:general-practitioner"
	}
	if rng.IntN(3) == 0 {
		name += ":iterate"
	}
	return name, from + ":" + refs[rng.IntN(len(refs))]
}

func show(v *record.Version, err error) string {
	if err != nil {
		return fmt.Sprint(record.KindOf(err), " ", err, "\n")
	}
	return fmt.Sprint(v.Type, "/", v.ID, " ", v.Version, " ", v.At, " ", v.Action, " ", string(v.Body), "\n")
}

func pageText(p *record.Page, err error) string {
	if err != nil {
		return show(nil, err)
	}
	var b strings.Builder
	fmt.Fprintln(&b, "total", p.Total, "more", p.Next != "", "used", p.Used, "warnings", p.Warnings)
	var included []string // in the order of hashes, whose key is each record's own
	for i := range p.Entries {
		if text := show(&p.Entries[i].Version, nil); p.Entries[i].Include {
			included = append(included, "included "+text)
		} else {
			b.WriteString(text)
		}
	}
	slices.Sort(included)
	return b.String() + strings.Join(included, "")
}

func history(s *record.Session, q record.HistoryQuery) string {
	var b strings.Builder
	for range 20 {
		page, err := s.History(context.Background(), q)
		if err != nil {
			return b.String() + show(nil, err)
		}
		fmt.Fprintln(&b, "total", page.Total, "more", page.Next != "")
		for i := range page.Versions {
			b.WriteString(show(&page.Versions[i], nil))
		}
		if page.Next == "" {
			break
		}
		q.Page = page.Next
	}
	return b.String()
}

// excerpt is where a begins to differ from b.
func excerpt(a, b string) string {
	i := 0
	for i < len(a) && i < len(b) && a[i] == b[i] {
		i++
	}
	from, to := max(0, i-200), min(len(a), i+300)
	return a[from:to]
}
