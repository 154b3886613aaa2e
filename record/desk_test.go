package record_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/record/recordtest"
)

// resource parses a document of a test.
func resource(t testing.TB, text string) *fhir.Resource {
	t.Helper()
	r, err := fhir.Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// office is a practice with what the front desk sees and what it does not, and the front desk.
type office struct {
	*house
	desk *record.Session
}

const (
	cardType    = `"type":{"coding":[{"system":"http://loinc.org","code":"64290-0"}]}`
	consultType = `"type":{"coding":[{"system":"http://loinc.org","code":"11488-4"}]}`
	orderCode   = `{"system":"https://osler.example/fhir/CodeSystem/task","code":"order"}`
	referral    = `{"system":"http://snomed.info/sct","code":"3457005"}`
	reqd        = `"status":"requested","intent":"order"`
)

func docText(id, extra, file string) string {
	return fmt.Sprintf(`{"resourceType":"DocumentReference","id":"%s","status":"current",%s"content":[{"attachment":{"contentType":"text/plain","url":"Binary/%s","title":"x"}}]}`, id, extra, file)
}

func fileText(id, patient string) string {
	if patient != "" {
		patient = `"securityContext":{"reference":"Patient/` + patient + `"},`
	}
	return fmt.Sprintf(`{"resourceType":"Binary","id":"%s","contentType":"text/plain",%s"data":"%s"}`, id, patient, "c2VjcmV0")
}

func taskText(id, codings, state, extra string) string {
	business := ""
	if state != "" {
		business = `"businessStatus":{"coding":[{"system":"https://osler.example/fhir/CodeSystem/referral-state","code":"` + state + `"},{"system":"https://osler.example/fhir/CodeSystem/order-state","code":"ordered"}]},`
	}
	status := `"status":"requested",`
	if i := strings.Index(extra, `"status"`); i >= 0 {
		status = ""
	}
	return fmt.Sprintf(`{"resourceType":"Task","id":"%s",%s%s"intent":"order",%s"code":{"coding":[%s]}}`, id, status, business, extra, codings)
}

// of is the subject and the type of a filed document.
func of(patient, typ string) string {
	return `"subject":{"reference":"Patient/` + patient + `"},` + typ + `,`
}

func openOffice(t testing.TB) *office {
	f := recordtest.New(t, nil)
	o := &office{&house{f, f.As(access.Program)}, f.As(access.FrontDesk)}
	var ops []record.Op
	for _, text := range []string{
		`{"resourceType":"Patient","id":"a"}`, `{"resourceType":"Patient","id":"b"}`,
		docText("tray", "", "tray-file"), fileText("tray-file", ""),
		docText("card", of("a", cardType), "card-file"), fileText("card-file", "a"),
		docText("consult", of("a", consultType), "consult-file"), fileText("consult-file", "a"),
		docText("mixed", of("a", `"type":{"coding":[{"system":"http://loinc.org","code":"64290-0"},{"system":"http://loinc.org","code":"11488-4"}]}`), "mixed-file"), fileText("mixed-file", "a"),
		docText("secret", `"meta":{"security":[{"system":"http://terminology.hl7.org/CodeSystem/v3-Confidentiality","code":"R"}]},`+of("a", cardType), "secret-file"), fileText("secret-file", "a"),
		docText("untyped", `"subject":{"reference":"Patient/a"},`, "card-file"),
		docText("elsewhere", of("b", cardType), "consult-file"), // names a file of another record
		`{"resourceType":"ServiceRequest","id":"refer","status":"active","intent":"order","code":{"text":"Cardiology"},"subject":{"reference":"Patient/a"}}`,
		taskText("refer", orderCode+","+referral, "ordered", `"focus":{"reference":"ServiceRequest/refer"},"for":{"reference":"Patient/a"},`),
		taskText("why", orderCode+","+referral, "ordered", `"reasonCode":{"text":"secret"},"for":{"reference":"Patient/a"},`),
		strings.Replace(docText("holds", of("a", cardType), "card-file"), `"status"`, `"contained":[{"resourceType":"Practitioner","id":"x","name":[{"family":"secret"}]}],"author":[{"reference":"#x"}],"status"`, 1),
		taskText("lab", orderCode, "", `"for":{"reference":"Patient/a"},`),
		taskText("review", `{"system":"https://osler.example/fhir/CodeSystem/task","code":"review-result"}`, "", `"for":{"reference":"Patient/a"},`),
		taskText("in", `{"system":"https://osler.example/fhir/CodeSystem/task","code":"referral-in"}`, "received", ""),
		`{"resourceType":"Provenance","id":"tray","target":[{"reference":"DocumentReference/tray"}],"recorded":"2026-11-23T10:22:00Z","agent":[{"who":{"display":"x"}}]}`,
		`{"resourceType":"Provenance","id":"card","target":[{"reference":"DocumentReference/card"}],"recorded":"2026-11-23T10:22:00Z","agent":[{"who":{"display":"x"}}]}`,
	} {
		ops = append(ops, put(resource(t, text)))
	}
	o.do(t, ops...)
	return o
}

// TestDeskSees: of the types that are mostly clinical the front desk sees what is administrative or nobody's, the same by every way.
func TestDeskSees(t *testing.T) {
	ctx := context.Background()
	o := openOffice(t)
	visible := strings.Fields("DocumentReference/card DocumentReference/elsewhere DocumentReference/tray Provenance/tray Task/in Task/refer")
	hidden := strings.Fields("DocumentReference/consult DocumentReference/mixed DocumentReference/secret DocumentReference/untyped DocumentReference/holds Task/why Provenance/card Task/lab Task/review Binary/tray-file Binary/card-file Binary/consult-file ServiceRequest/refer")
	for _, name := range append(slices.Clone(visible), hidden...) {
		typ, id, _ := strings.Cut(name, "/")
		want := slices.Contains(visible, name)
		_, err1 := o.desk.Read(ctx, typ, id)
		_, err2 := o.desk.ReadVersion(ctx, typ, id, 1)
		_, err3 := o.desk.History(ctx, record.HistoryQuery{Type: typ, ID: id})
		for way, err := range map[string]error{"read": err1, "version": err2, "history": err3} {
			if (err == nil) != want {
				t.Errorf("%s by %s: %v, want seen %v", name, way, err, want)
			}
		}
	}
	ruledOnly := func(list []string) (out []string) {
		for _, n := range list {
			if typ, _, _ := strings.Cut(n, "/"); slices.Contains(ruled, typ) || typ == "ServiceRequest" {
				out = append(out, n)
			}
		}
		slices.Sort(out)
		return slices.Compact(out)
	}
	for what, got := range map[string][]string{
		"search of everything": find(t, o.desk, "", "_lastUpdated=gt2000&_count=1000"),
		"searches":             slices.Concat(find(t, o.desk, "DocumentReference", "_count=100"), find(t, o.desk, "Task", "_count=100"), find(t, o.desk, "Provenance", "_count=100")),
		"includes": append(slices.Concat(find(t, o.desk, "Patient", "_revinclude=DocumentReference:subject&_revinclude=Task:patient&_revinclude=ServiceRequest:subject&_revinclude=Provenance:target"),
			find(t, o.desk, "DocumentReference", "_revinclude=Provenance:target"), find(t, o.desk, "Task", "_include=Task:focus")), "Task/in"),
		"history": func() []string {
			h, err := o.desk.History(ctx, record.HistoryQuery{Count: 1000})
			if err != nil {
				t.Fatal(err)
			}
			return names(h.Versions)
		}(),
		"export": func() (out []string) {
			if err := o.desk.Walk(ctx, true, func(v *record.Version) error { out = append(out, v.Type+"/"+v.ID); return nil }); err != nil {
				t.Fatal(err)
			}
			return out
		}(),
	} {
		if got := ruledOnly(got); !slices.Equal(got, visible) {
			t.Errorf("%s: %v, want %v", what, got, visible)
		}
	}
	for query, want := range map[string]int{
		"_has:DocumentReference:subject:type=11488-4": 0, "_has:DocumentReference:subject:type=64290-0": 2,
		"_has:Task:patient:code=review-result": 0, "_has:Task:patient:code=order": 1,
		"_has:Provenance:patient:recorded=2026-11-23": 0,
	} {
		if got := find(t, o.desk, "Patient", query); len(got) != want {
			t.Errorf("%s: %v, want %d", query, got, want)
		}
	}
	if got := find(t, o.desk, "Task", "subject.identifier=nobody"); len(got) != 0 {
		t.Errorf("chain: %v", got)
	}
	page, err := o.desk.Everything(ctx, record.EverythingQuery{Patient: "a"})
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, e := range page.Entries {
		all = append(all, e.Type+"/"+e.ID)
	}
	if got := ruledOnly(all); !slices.Equal(got, []string{"DocumentReference/card", "Task/refer"}) {
		t.Errorf("everything of a: %v", got)
	}
	for name, want := range map[string]bool{"tray": true, "card": true, "consult": false, "mixed": false, "secret": false, "untyped": false, "elsewhere": false} {
		v, err := o.desk.File(ctx, name, 0)
		if (err == nil) != want {
			t.Errorf("the file of %s: %v, want seen %v", name, err, want)
		}
		if err != nil && record.KindOf(err) != record.KindNotFound {
			t.Errorf("the file of %s: %v", name, err)
		}
		if err == nil && v.Resource().Get("data").Text() != "c2VjcmV0" {
			t.Errorf("the file of %s: %s", name, v.Body)
		}
	}
	if _, err := o.desk.File(ctx, "tray", 7); record.KindOf(err) != record.KindNotFound {
		t.Errorf("a file that is none: %v", err)
	}
	// Another role that may takes the limits away; scopes stay.
	both := o.Record.As(access.Actor{ID: "both", Roles: []access.Role{access.FrontDesk, access.Nurse}, Org: o.Org})
	if _, err := both.Read(ctx, "DocumentReference", "consult"); err != nil {
		t.Errorf("nurse and front desk: %v", err)
	}
	app := o.Record.As(access.Actor{ID: "app", Roles: []access.Role{access.FrontDesk}, Org: o.Org, Scopes: only{[]string{"DocumentReference"}, []access.Action{access.Read}}})
	if _, err := app.File(ctx, "tray", 0); record.KindOf(err) != record.KindForbidden {
		t.Errorf("a file without the scope for it: %v", err)
	}
}

// TestDeskFiles: the front desk files a document with its file, and sees neither any more in any version where it is clinical.
func TestDeskFiles(t *testing.T) {
	ctx := context.Background()
	for kind, c := range map[string]struct {
		typ  string
		sees bool
	}{"clinical": {consultType, false}, "administrative": {cardType, true}} {
		o := openOffice(t)
		_, err := o.desk.Do(ctx, []record.Op{
			put(resource(t, docText("tray", of("a", c.typ), "tray-file"))), put(resource(t, fileText("tray-file", "a"))),
			{Verb: record.Create, Type: "Provenance", Resource: resource(t, `{"resourceType":"Provenance","target":[{"reference":"DocumentReference/tray"}],"recorded":"2026-11-23T10:22:00Z","agent":[{"who":{"display":"x"}}]}`)},
			{Verb: record.Create, Type: "Task", Resource: resource(t, `{"resourceType":"Task",`+reqd+`,"code":{"coding":[{"system":"https://osler.example/fhir/CodeSystem/task","code":"document"}]},"focus":{"reference":"DocumentReference/tray"},"for":{"reference":"Patient/a"}}`)},
		})
		if err != nil {
			t.Fatalf("%s: %v", kind, err)
		}
		_, read := o.desk.Read(ctx, "DocumentReference", "tray")
		_, first := o.desk.ReadVersion(ctx, "DocumentReference", "tray", 1)
		_, history := o.desk.History(ctx, record.HistoryQuery{Type: "DocumentReference", ID: "tray"})
		_, file := o.desk.File(ctx, "tray", 0)
		for way, err := range map[string]error{"read": read, "the version before": first, "history": history, "file": file} {
			if (err == nil) != c.sees {
				t.Errorf("%s, %s: %v", kind, way, err)
			}
		}
		if _, err := o.desk.ReadVersion(ctx, "Binary", "tray-file", 1); record.KindOf(err) != record.KindForbidden {
			t.Errorf("%s, the file's version before: %v", kind, err)
		}
		listed := strings.Join(find(t, o.desk, "DocumentReference", "_count=100"), " ")
		if strings.Contains(listed, "DocumentReference/tray") != c.sees {
			t.Errorf("%s, search: %s", kind, listed)
		}
		for what, ops := range map[string][]record.Op{
			"moves it":         {put(resource(t, docText("tray", of("b", c.typ), "tray-file"))), put(resource(t, fileText("tray-file", "b")))},
			"takes it back":    {put(resource(t, docText("tray", "", "tray-file"))), put(resource(t, fileText("tray-file", "")))},
			"opens it":         {put(resource(t, docText("tray", of("a", cardType)+`"description":"x",`, "tray-file")))},
			"takes the file":   {put(resource(t, docText("another", "", "tray-file")))},
			"empties the file": {put(resource(t, strings.Replace(fileText("tray-file", "a"), "c2VjcmV0", "", 1)))},
		} {
			before := o.version(t, "DocumentReference", "tray") + o.version(t, "Binary", "tray-file")
			if _, err := o.desk.Do(ctx, ops); err == nil {
				t.Errorf("%s, the front desk %s", kind, what)
			}
			if after := o.version(t, "DocumentReference", "tray") + o.version(t, "Binary", "tray-file"); after != before {
				t.Errorf("%s, the front desk %s: %s", kind, what, after)
			}
		}
		// What was found to be clinical later is closed in all its versions.
		o.do(t, put(resource(t, docText("tray", of("a", consultType)+`"description":"x",`, "tray-file"))))
		if _, err := o.desk.ReadVersion(ctx, "DocumentReference", "tray", 2); record.KindOf(err) != record.KindNotFound {
			t.Errorf("%s, corrected to clinical: %v", kind, err)
		}
		if _, err := o.desk.File(ctx, "tray", 0); record.KindOf(err) != record.KindNotFound {
			t.Errorf("%s, the file of what was corrected to clinical: %v", kind, err)
		}
	}
}

// TestDeskWrites: what the front desk may not write is refused whole.
func TestDeskWrites(t *testing.T) {
	ctx := context.Background()
	o := openOffice(t)
	outOf := func(state, extra string) string {
		return taskText("refer", orderCode+","+referral, state, `"status":"in-progress","focus":{"reference":"ServiceRequest/refer"},"for":{"reference":"Patient/a"},`+extra)
	}
	inTo := func(state, status string) string {
		return taskText("in", `{"system":"https://osler.example/fhir/CodeSystem/task","code":"referral-in"}`, state, `"status":"`+status+`",`)
	}
	says := func(target, who string) string {
		return `{"resourceType":"Provenance","id":"said","target":[{"reference":"` + target + `"}],"recorded":"2026-11-23T10:22:00Z","agent":[{"who":{"reference":"` + who + `"}}]}`
	}
	cases := map[string][]string{
		"a file alone": {fileText("alone", "")},
		"a file of a chart beside a new document":    {docText("n", "", "consult-file")},
		"a file in a chart beside nobody's document": {docText("n", "", "nf"), fileText("nf", "a")},
		"another content":                            {docText("tray", of("a", consultType), "tray-file"), strings.Replace(fileText("tray-file", "a"), "c2VjcmV0", "eA==", 1)},
		"filed without its file":                     {docText("tray", of("a", consultType), "tray-file")},
		"another file":                               {docText("tray", "", "consult-file")},
		"a clinical document straight into a chart":  {docText("n", of("a", consultType), "nf"), fileText("nf", "a")},
		"a signed document":                          {docText("tray", `"meta":{"tag":[{"system":"`+record.TagSystem+`","code":"signed"}]},`, "tray-file")},
		"a labelled document":                        {docText("tray", `"meta":{"security":[{"system":"`+access.InternalSystem+`","code":"NOPAT"}]},`, "tray-file")},
		"a document that replaces another":           {docText("n", `"relatesTo":[{"code":"replaces","target":{"reference":"DocumentReference/consult"}}],`, "nf"), fileText("nf", "")},
		"a document of a visit":                      {docText("tray", `"context":{"related":[{"reference":"Patient/a"}]},`, "tray-file")},
		"an author of what came":                     {docText("tray", `"author":[{"display":"Dr X"}],`, "tray-file")},
		"a filed card":                               {docText("card", of("a", cardType)+`"description":"y",`, "card-file")},
		"a clinical document":                        {docText("consult", of("a", cardType), "consult-file")},
		"an order":                                   {`{"resourceType":"ServiceRequest","id":"refer","status":"revoked","intent":"order","code":{"text":"Cardiology"},"subject":{"reference":"Patient/a"}}`},
		"a referral closed":                          {outOf("closed", "")},
		"a referral cancelled":                       {outOf("cancelled", "")},
		"a referral completed":                       {strings.Replace(outOf("report", ""), "in-progress", "completed", 1)},
		"another reason":                             {outOf("sent", `"reasonCode":{"text":"x"},`)},
		"another patient":                            {strings.Replace(outOf("sent", ""), "Patient/a", "Patient/b", 1)},
		"another order":                              {strings.Replace(outOf("sent", ""), `"focus":{"reference":"ServiceRequest/refer"},`, "", 1)},
		"another priority":                           {outOf("sent", `"priority":"stat",`)},
		"another Task made a referral":               {strings.Replace(taskText("lab", orderCode+","+referral, "sent", ""), "requested", "in-progress", 1)},
		"a Task of a result":                         {taskText("review", `{"system":"https://osler.example/fhir/CodeSystem/task","code":"review-result"}`, "", `"description":"x",`)},
		"a Task for an order":                        {taskText("new", orderCode+","+referral, "ordered", `"focus":{"reference":"ServiceRequest/refer"},`)},
		"a Task to read what is filed":               {taskText("new", `{"system":"https://osler.example/fhir/CodeSystem/task","code":"document"}`, "", `"focus":{"reference":"DocumentReference/consult"},"for":{"reference":"Patient/a"},`)},
		"to do":                                      {taskText("new", `{"system":"https://osler.example/fhir/CodeSystem/task","code":"todo"}`, "", "")},
		"a patient accepted":                         {inTo("accepted", "accepted")},
		"a patient declined":                         {inTo("declined", "on-hold")},
		"a patient closed unseen":                    {inTo("closed", "completed")},
		"a Provenance of what is filed":              {says("DocumentReference/consult", "")},
		"a Provenance of a patient":                  {says("Patient/a", "")},
		"a Provenance in another's name":             {docText("tray", `"description":"x",`, "tray-file"), says("DocumentReference/tray", "Practitioner/rao")},
	}
	for what, texts := range cases {
		var ops []record.Op
		for _, text := range texts {
			ops = append(ops, put(resource(t, strings.ReplaceAll(text, `"who":{"reference":""}`, `"who":{"display":"x"}`))))
		}
		if _, err := o.desk.Do(ctx, ops); record.KindOf(err) != record.KindForbidden && record.KindOf(err) != record.KindNotFound {
			t.Errorf("%s: %v", what, err)
		}
	}
	for _, typ := range ruled {
		if _, err := o.desk.Do(ctx, []record.Op{{Verb: record.Delete, Type: typ, ID: "tray"}}); record.KindOf(err) != record.KindForbidden {
			t.Errorf("delete %s: %v", typ, err)
		}
	}
	// What it may.
	for _, text := range []string{outOf("sent", `"note":[{"text":"Sent"}],`), outOf("booked", `"note":[{"text":"Sent"},{"text":"Booked"}],`), outOf("missed", `"note":[{"text":"Sent"},{"text":"Booked"}],`), outOf("report", `"note":[{"text":"Sent"},{"text":"Booked"}],`), inTo("received", "in-progress"),
		docText("tray", `"description":"x",`, "tray-file"), strings.Replace(docText("tray", `"description":"x",`, "tray-file"), "current", "entered-in-error", 1), docText("tray", `"description":"x",`, "tray-file")} {
		if _, err := o.desk.Do(ctx, []record.Op{put(resource(t, text))}); err != nil {
			t.Errorf("%s: %v", text, err)
		}
	}
	for what, text := range map[string]string{"takes a note away": outOf("report", `"note":[{"text":"Booked"}],`), "takes the report back": outOf("sent", `"note":[{"text":"Sent"},{"text":"Booked"}],`)} {
		if _, err := o.desk.Do(ctx, []record.Op{put(resource(t, text))}); record.KindOf(err) != record.KindForbidden {
			t.Errorf("%s: %v", what, err)
		}
	}
	if _, err := o.desk.Do(ctx, []record.Op{put(resource(t, docText("new", of("a", cardType), "nf"))), put(resource(t, fileText("nf", "a")))}); err != nil {
		t.Errorf("a card that the patient brought: %v", err)
	}
}
