package record_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/osler-ehr/osler/clock"
	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/record/recordtest"
	"github.com/osler-ehr/osler/record/search"
)

// searched are the ids that a search finds, page by page.
func searched(t *testing.T, s *record.Session, typ, query string, size int) (ids []string) {
	t.Helper()
	params, err := record.ParseParams(query + fmt.Sprintf("&_count=%d", size))
	if err != nil {
		t.Fatal(err)
	}
	q := record.Query{Type: typ, Params: params, Strict: true}
	for {
		page, err := s.Search(context.Background(), q)
		if err != nil {
			t.Fatalf("%s?%s: %v", typ, query, err)
		}
		if len(page.Entries) > size {
			t.Errorf("%s?%s: a page of %d", typ, query, len(page.Entries))
		}
		for _, e := range page.Entries {
			ids = append(ids, e.ID)
		}
		if page.Next == "" {
			return ids
		}
		q.Page = page.Next
	}
}

func keep(t *testing.T, s *record.Session, docs ...string) {
	t.Helper()
	var ops []record.Op
	for _, d := range docs {
		r, err := fhir.Parse([]byte(d))
		if err != nil {
			t.Fatal(err)
		}
		ops = append(ops, record.Op{Verb: record.Update, Type: r.Type(), ID: r.ID(), Resource: r})
	}
	if _, err := s.Do(context.Background(), ops); err != nil {
		t.Fatal(err)
	}
}

func TestSortByWhatNoIndexKeeps(t *testing.T) {
	at := clock.At(time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC))
	f := recordtest.New(t, at)
	s := f.As(access.Clinician)
	obs := func(id, code, status, patient, date string) string {
		return `{"resourceType":"Observation","id":"` + id + `","status":"` + status + `","code":{"coding":[{"system":"s","code":"` + code + `"}]},"subject":{"reference":"Patient/` + patient + `"},"effectiveDateTime":"` + date + `"}`
	}
	keep(t, s,
		`{"resourceType":"Patient","id":"zoe","name":[{"family":"Ay"}]}`, `{"resourceType":"Patient","id":"abe","name":[{"family":"Zed"}]}`,
		obs("o1", "B", "final", "zoe", "2026-01-01"), obs("o2", "a", "preliminary", "zoe", "2026-01-02"), obs("o3", "c", "final", "abe", "2026-01-03"), obs("o4", "A", "amended", "abe", "2026-01-02"),
		`{"resourceType":"Observation","id":"o5","status":"final","code":{"text":"none"},"subject":{"reference":"Patient/abe"}}`,
		`{"resourceType":"ValueSet","id":"v1","status":"active","url":"urn:b","identifier":[{"system":"x","value":"2"}]}`, `{"resourceType":"ValueSet","id":"v2","status":"draft","url":"urn:a"}`, `{"resourceType":"ValueSet","id":"v3","status":"active"}`,
	)
	for query, want := range map[string]string{
		"_sort=_id":                            "o1 o2 o3 o4 o5",
		"_sort=-_id":                           "o5 o4 o3 o2 o1",
		"_sort=code":                           "o2 o4 o1 o3 o5", // letters in either case; what has only a text by that
		"_sort=-code,_id":                      "o5 o3 o1 o2 o4",
		"_sort=status,_id":                     "o4 o1 o3 o5 o2",
		"_sort=status,-date":                   "o4 o3 o1 o5 o2",
		"_sort=-date,code,_id":                 "o3 o2 o4 o1 o5",
		"_sort=patient,_id":                    "o3 o4 o5 o1 o2",
		"_sort=-subject,-_id":                  "o2 o1 o5 o4 o3",
		"_sort=date&_sort=_id":                 "o1 o2 o4 o3 o5",
		"_sort=-_lastUpdated,_id&status=final": "o1 o3 o5",
		"_sort=code&code=s|a":                  "o2 o4",
	} {
		for _, size := range []int{1, 2, 3, 10} {
			if got := strings.Join(searched(t, s, "Observation", query, size), " "); got != want {
				t.Errorf("%s, pages of %d: %s, want %s", query, size, got, want)
			}
		}
	}
	for query, want := range map[string]string{
		"_sort=url": "v2 v1 v3", "_sort=-url": "v1 v2 v3", "_sort=identifier,-_id": "v1 v3 v2", "_sort=-status,url": "v2 v1 v3",
	} {
		if got := strings.Join(searched(t, s, "ValueSet", query, 2), " "); got != want {
			t.Errorf("%s: %s, want %s", query, got, want)
		}
	}
	// What is changed between two pages moves nothing that was there.
	q := record.Query{Type: "Observation", Params: []search.Param{{Name: "_sort", Value: "_id"}, {Name: "_count", Value: "2"}}}
	page, err := s.Search(context.Background(), q)
	if err != nil {
		t.Fatal(err)
	}
	keep(t, s, obs("o0", "x", "final", "zoe", "2026-01-01"), obs("o25", "x", "final", "zoe", "2026-01-01"))
	q.Page = page.Next
	if page, err = s.Search(context.Background(), q); err != nil || page.Entries[0].ID != "o25" || page.Entries[1].ID != "o3" {
		t.Errorf("the second page begins with %v, %v", page, err)
	}
	for _, query := range []string{"_sort=combo-code-value-quantity", "_sort=unheard-of"} {
		params, _ := record.ParseParams(query)
		if _, err := s.Search(context.Background(), record.Query{Type: "Observation", Params: params, Strict: true}); record.KindOf(err) != record.KindNotSupported {
			t.Errorf("%s: %v", query, err)
		}
	}
}

func TestSortOfTooMany(t *testing.T) {
	if testing.Short() {
		t.Skip("stores thousands of resources")
	}
	at := clock.At(time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC))
	s := recordtest.New(t, at).As(access.Administrator)
	for from := 0; from <= search.MaxOrdered; from += 1000 {
		var docs []string
		for i := from; i < min(from+1000, search.MaxOrdered+1); i++ {
			docs = append(docs, fmt.Sprintf(`{"resourceType":"Basic","id":"b%d","code":{"text":"x"}}`, i))
		}
		keep(t, s, docs...)
	}
	params, _ := record.ParseParams("_sort=code")
	_, err := s.Search(context.Background(), record.Query{Type: "Basic", Params: params})
	if record.KindOf(err) != record.KindTooCostly || !strings.Contains(err.Error(), "narrow") {
		t.Errorf("too many to sort: %v", err)
	}
	ids := searched(t, s, "Basic", "_sort=_id", 700)
	slices.Sort(ids)
	if n := len(slices.Compact(ids)); n != search.MaxOrdered+1 {
		t.Errorf("by id, %d of %d", n, search.MaxOrdered+1)
	}
}

func TestTextAndContentAndList(t *testing.T) {
	at := clock.At(time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC))
	f := recordtest.New(t, at)
	s := f.As(access.Clinician)
	div := func(text string) string {
		return `"text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\">` + text + `</div>"}`
	}
	keep(t, s,
		`{"resourceType":"Patient","id":"p"}`, `{"resourceType":"Patient","id":"q"}`,
		`{"resourceType":"Condition","id":"c1",`+div(`Asthma <b>since</b> child-hood, n&#233;e`)+`,"subject":{"reference":"Patient/p"},"note":[{"text":"Worse in spring"}]}`,
		`{"resourceType":"Condition","id":"c2",`+div(`No asthmatic symptoms`)+`,"subject":{"reference":"Patient/p"}}`,
		`{"resourceType":"Condition","id":"c3","subject":{"reference":"Patient/q"},"code":{"text":"Asthma"}}`,
		`{"resourceType":"List","id":"l","status":"current","mode":"working","entry":[{"item":{"reference":"Condition/c1"}},{"item":{"reference":"Condition/c3"}},{"item":{"reference":"Patient/p"}}]}`,
		`{"resourceType":"List","id":"m","status":"current","mode":"working","subject":{"reference":"Patient/q"},"entry":[{"item":{"reference":"Condition/c2"}}]}`,
	)
	for query, want := range map[string]string{
		"_text=asthma":                  "c1 c2",
		"_text=ASTHMA since":            "c1",
		"_text=asthmatic,since":         "c1 c2",
		"_text=sthma":                   "",
		"_text=xhtml":                   "", // a tag is no text
		"_text=hood":                    "",
		"_text=child-hood":              "c1",
		"_content=asthma":               "c1 c2 c3",
		"_content=spring worse":         "c1",
		"_content=asthma&subject=p":     "c1 c2",
		"_text=asthma&_sort=-_id":       "c2 c1",
		"_list=l":                       "c1 c3",
		"_list=List/l,m":                "c1 c2 c3",
		"_list=l&_content=spring":       "c1",
		"_list=absent":                  "",
		"subject:Patient._list=l":       "c1 c2",
		"_list=l&subject:Patient._id=q": "c3",
	} {
		if got := strings.Join(searched(t, s, "Condition", query+map[bool]string{true: "", false: "&_sort=_id"}[strings.Contains(query, "_sort")], 10), " "); got != want {
			t.Errorf("%s: %q, want %q", query, got, want)
		}
	}
	if got := searched(t, f.AsPatient(t, "p"), "Condition", "_list=l", 10); len(got) != 0 {
		t.Errorf("a patient who may not see lists finds %v by one", got)
	}
	for _, query := range []string{"_list=$current-problems", "_text:exact=x", "subject:Patient._text=x", "_content:missing=true"} {
		params, _ := record.ParseParams(query)
		if _, err := s.Search(context.Background(), record.Query{Type: "Condition", Params: params, Strict: true}); record.KindOf(err) != record.KindNotSupported {
			t.Errorf("%s: %v", query, err)
		}
	}
}
