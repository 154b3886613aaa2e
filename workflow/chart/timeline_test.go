package chart

import (
	"context"
	"encoding/base64"
	"fmt"
	"html"
	"regexp"
	"strings"
	"testing"

	"github.com/osler-ehr/osler/clock"
	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/record/recordtest"
	"github.com/osler-ehr/osler/web/clinical"
)

// long is a record with more than a page of everything: 33 visits a month apart, reports with values, prescriptions in heaps, a note that
// was signed years after its visit, and things without a date.
func long(t *testing.T) *recordtest.Fixture {
	t.Helper()
	f := recordtest.New(t, clock.At(now))
	var docs []string
	add := func(format string, args ...any) { docs = append(docs, fmt.Sprintf(format, args...)) }
	about := `"subject":{"reference":"Patient/ada"}`
	add(`{"resourceType":"Patient","id":"ada","name":[{"family":"Okafor","given":["Adaeze"]}]}`)
	add(`{"resourceType":"Patient","id":"tunde","name":[{"family":"Okafor","given":["Tunde"]}]}`)
	lab := func(id, value, flag, date string) {
		add(`{"resourceType":"Observation","id":%q,"status":"final","category":[{"coding":[{"code":"laboratory"}]}],"code":{"text":"Test %s"},%s%s,"valueQuantity":{"value":%s,"unit":"mmol/L"},"interpretation":[{"coding":[{"code":%q}]}]}`, id, id, about, date, value, flag)
	}
	for i := range 33 {
		date := now.AddDate(0, -i, -1).Format("2006-01-02")
		add(`{"resourceType":"Encounter","id":"e%d","status":"finished","class":{"code":"AMB"},%s,"period":{"start":"%sT09:00:00Z"},"reasonCode":[{"text":"Visit-%d."}]}`, i, about, date, i)
		lab(fmt.Sprintf("o%d", i), fmt.Sprintf("%d.5", 100+i), "H", `,"effectiveDateTime":"`+date+`T09:10:00Z"`)
		add(`{"resourceType":"DiagnosticReport","id":"r%d","status":"final","code":{"text":"Panel-%d."},%s,"encounter":{"reference":"Encounter/e%d"},"effectiveDateTime":"%sT09:10:00Z","result":[{"reference":"Observation/o%d"}]}`, i, i, about, i, date, i)
	}
	for i := range 130 { // of which sixty on one day
		date := now.AddDate(0, 0, -max(0, i-59)-40).Format("2006-01-02")
		add(`{"resourceType":"MedicationRequest","id":"m%d","status":"stopped","intent":"order","medicationCodeableConcept":{"text":"drug-%d."},%s,"authoredOn":%q}`, i, i, about, date)
	}
	note := base64.StdEncoding.EncodeToString([]byte("NOTE\nASSESSMENT\nSigned much later.\n"))
	add(`{"resourceType":"DocumentReference","id":"late","status":"current","docStatus":"final",%s,"date":"2026-11-20T16:40:00Z","content":[{"attachment":{"contentType":"text/plain","data":%q}}],"context":{"encounter":[{"reference":"Encounter/e30"}]}}`, about, note)
	// Values that are not among the newest of the laboratory: undated ones, five out of range and a critical one at the end.
	var refs []string
	for i, flag := range []string{"H", "H", "L", "H", "A", "HH"} {
		lab(fmt.Sprintf("u%d", i), fmt.Sprint(900+i), flag, "")
		refs = append(refs, fmt.Sprintf(`{"reference":"Observation/u%d"}`, i))
	}
	add(`{"resourceType":"DiagnosticReport","id":"undated","status":"final","code":{"text":"Undated panel."},%s,"result":[%s]}`, about, strings.Join(refs, ","))
	add(`{"resourceType":"ServiceRequest","id":"other","status":"active","intent":"order","code":{"text":"Not hers."},"subject":{"reference":"Patient/tunde"},"performer":[{"reference":"Patient/ada"}],"authoredOn":"2026-11-20"}`)
	add(`{"resourceType":"Communication","id":"other2","status":"completed","subject":{"reference":"Patient/tunde"},"sender":{"reference":"Patient/ada"},"sent":"2026-11-20","topic":{"text":"About him."}}`)
	var ops []record.Op
	for _, d := range docs {
		r, err := fhir.Parse([]byte(d))
		if err != nil {
			t.Fatalf("%v\n%s", err, d)
		}
		ops = append(ops, record.Op{Verb: record.Update, Type: r.Type(), ID: r.ID(), Resource: r, LooseReferences: true})
	}
	if _, err := f.As(access.Program).Do(context.Background(), ops); err != nil {
		t.Fatal(err)
	}
	return f
}

var olderLink = regexp.MustCompile(`timeline-more">\s*<a[^>]*href="([^"]*before=[^"]*)"`)

// pagesOf walks from the newest page to the end by the links that are on the pages.
func pagesOf(t *testing.T, f *recordtest.Fixture, target string) (pages []string) {
	t.Helper()
	for range 40 {
		status, body := serve(t, f, access.Clinician, nil, target)
		if status != 200 {
			t.Fatalf("%s: %d", target, status)
		}
		_, centre, _ := strings.Cut(body, `class="chart-body"`)
		centre, _, _ = strings.Cut(centre, "<aside")
		pages = append(pages, words(centre))
		m := olderLink.FindStringSubmatch(centre)
		if m == nil {
			return pages
		}
		target = html.UnescapeString(m[1])
	}
	t.Fatal("the pages do not end")
	return nil
}

// Whatever is in a record stands on exactly one page, and each page leads to the next.
func TestTimelineIsWhole(t *testing.T) {
	f := long(t)
	pages := pagesOf(t, f, "/patients/ada")
	if len(pages) < 4 {
		t.Errorf("%d pages for 33 visits and 130 prescriptions", len(pages))
	}
	if n := strings.Count(pages[0], "Visit-"); n == 0 || n > 10 {
		t.Errorf("%d visits on the first page", n)
	}
	all := strings.Join(pages, "\n")
	once := func(what string) {
		if n := strings.Count(all, what); n != 1 {
			t.Errorf("%q stands %d times", what, n)
		}
	}
	for i := range 33 {
		once(fmt.Sprintf("Visit-%d.", i))
		once(fmt.Sprintf("Panel-%d.", i))
		once(fmt.Sprintf("%d.5 mmol/L", 100+i))
	}
	for i := range 130 {
		once(fmt.Sprintf("drug-%d.", i))
	}
	once("Signed much later.")
	once("Undated panel.")
	for _, critical := range []string{"test u5 905 mmol/L", "2 more out of range"} {
		once(critical)
	}
	for _, not := range []string{"Not hers.", "About him."} {
		if strings.Contains(all, not) {
			t.Errorf("%q, which is about somebody else, is in the chart", not)
		}
	}
}

// A filter or search looks further at a time, says how far, and keeps to itself on the next page.
func TestFindGoesOn(t *testing.T) {
	f := long(t)
	pages := pagesOf(t, f, "/patients/ada?find=drug-129.")
	if all := strings.Join(pages, "\n"); strings.Count(all, "drug-129.") < 1 || strings.Contains(all, "drug-12.") {
		t.Error(all)
	}
	if _, body := serve(t, f, access.Clinician, nil, "/patients/ada?before=yesterday"); !strings.Contains(body, "Visit-0.") {
		t.Error("a day that is none is not passed over")
	}
}

func TestFill(t *testing.T) {
	v := map[string]measured{
		"k": {"Potassium", "6.9 mmol/L", clinical.FlagOf("HH")}, "n": {"Sodium", "140 mmol/L", clinical.Normal}, "w": {"Culture", "", clinical.FlagOf("A")},
	}
	for i := range 6 {
		v[fmt.Sprint(i)] = measured{fmt.Sprint("Test ", i), "1", clinical.FlagOf("H")}
	}
	marks := func(ids ...string) *clinical.Entry {
		e := &clinical.Entry{Parts: []clinical.Part{{Text: "Panel"}}}
		for _, id := range ids {
			e.Parts = append(e.Parts, clinical.Part{Text: resultMark + id})
		}
		return e
	}
	for name, c := range map[string]struct {
		ids  []string
		want string
	}{
		"normal ones are left out":         {[]string{"n", "0"}, "Panel|test 0 1"},
		"but not the only one":             {[]string{"n"}, "Panel|sodium 140 mmol/L"},
		"critical first, whatever comes":   {[]string{"0", "1", "2", "3", "4", "k"}, "Panel|potassium 6.9 mmol/L|test 0 1|test 1 1|test 2 1|2 more out of range"},
		"what cannot be found":             {[]string{"gone", "0"}, "Panel|test 0 1"},
		"a flag without a value is a flag": {[]string{"w", "n"}, "Panel|culture "},
	} {
		e := marks(c.ids...)
		fill(e, v)
		var got []string
		for _, p := range e.Parts {
			got = append(got, p.Text)
		}
		if strings.Join(got, "|") != c.want {
			t.Errorf("%s: got %q, want %q", name, strings.Join(got, "|"), c.want)
		}
	}
	e := marks("k")
	unread(e)
	if len(e.Parts) != 2 || e.Parts[1].Text != "the values could not be read" {
		t.Errorf("unread: %+v", e.Parts)
	}
}
