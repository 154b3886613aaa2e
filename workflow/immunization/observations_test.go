package immunization

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/fhir/viewcheck"
	"github.com/osler-ehr/osler/web/facts"
	"github.com/osler-ehr/osler/workflow/immunization/forecast"
)

func TestViews(t *testing.T) {
	viewcheck.Resource[patient](t, "Patient")
	viewcheck.Resource[condition](t, "Condition")
	viewcheck.Resource[procedure](t, "Procedure")
	viewcheck.Resource[finding](t, "Observation")
}

// of makes a person of documents.
func of(t *testing.T, docs ...string) person {
	t.Helper()
	var p person
	for _, d := range docs {
		doc, err := fhir.Parse([]byte(d))
		if err != nil {
			t.Fatalf("%s: %v", d, err)
		}
		if err := p.take(doc); err != nil {
			t.Fatal(err)
		}
	}
	return p
}

func on(t *testing.T, s string) forecast.Date {
	t.Helper()
	d, err := forecast.ParseDate(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestObservations(t *testing.T) {
	icd := func(code, more string) string {
		return `{"resourceType":"Condition","code":{"coding":[{"system":"` + icd10cm + `","code":"` + code + `"}]}` + more + `}`
	}
	clinical := func(code string) string {
		return `,"clinicalStatus":{"coding":[{"system":"` + facts.ConditionClinical + `","code":"` + code + `"}]}`
	}
	for name, c := range map[string]struct{ doc, want string }{
		"diabetes":                      {icd("E11.9", clinical("active")), "014"},
		"diabetes of type 1":            {icd("E10.65", ""), "014 266"},
		"diabetes, resolved":            {icd("E11.9", clinical("resolved")), ""},
		"diabetes, refuted":             {icd("E11.9", `,"verificationStatus":{"coding":[{"code":"refuted"}]}`), ""},
		"varicella, over":               {icd("B01.9", clinical("resolved")), "024"},
		"spleen taken out":              {icd("Z90.81", ""), "160"},
		"thalassemia trait":             {icd("D56.3", ""), ""},
		"thalassemia":                   {icd("D56.1", ""), "205"},
		"sickle cell trait":             {icd("D57.3", ""), ""},
		"pregnant":                      {icd("Z34.90", `,"onsetDateTime":"2026-06-01"`), "007 170"},
		"pregnant, date not known":      {icd("Z34.90", ""), "007"},
		"pregnant, two years ago":       {icd("Z34.90", `,"onsetDateTime":"2024-06-01"`), ""},
		"pregnant, recorded long ago":   {icd("Z33.1", `,"recordedDate":"2020-06-01"`), ""},
		"SCID by SNOMED CT":             {`{"resourceType":"Condition","code":{"coding":[{"system":"http://snomed.info/sct","code":"31323000"}]}}`, "013 147"},
		"type 2 diabetes by SNOMED CT":  {`{"resourceType":"Condition","code":{"coding":[{"system":"http://snomed.info/sct","code":"44054006"}]}}`, "014"},
		"cochlear implant":              {`{"resourceType":"Procedure","status":"completed","code":{"coding":[{"system":"http://snomed.info/sct","code":"43252007"}]}}`, "011"},
		"cochlear implant, not done":    {`{"resourceType":"Procedure","status":"not-done","code":{"coding":[{"system":"http://snomed.info/sct","code":"43252007"}]}}`, ""},
		"pregnancy status":              {`{"resourceType":"Observation","status":"final","code":{"coding":[{"system":"http://loinc.org","code":"82810-3"}]},"effectiveDateTime":"2026-10-01","valueCodeableConcept":{"coding":[{"system":"http://snomed.info/sct","code":"77386006"}]}}`, "007 170"},
		"pregnancy status, an old one":  {`{"resourceType":"Observation","status":"final","code":{"coding":[{"system":"http://loinc.org","code":"82810-3"}]},"effectiveDateTime":"2019-10-01","valueCodeableConcept":{"coding":[{"system":"http://snomed.info/sct","code":"77386006"}]}}`, ""},
		"smokes":                        {`{"resourceType":"Observation","status":"final","code":{"coding":[{"system":"http://loinc.org","code":"72166-2"}]},"valueCodeableConcept":{"coding":[{"system":"http://snomed.info/sct","code":"449868002"}]}}`, "042"},
		"severe reaction to MMR":        {`{"resourceType":"AllergyIntolerance","criticality":"high","code":{"coding":[{"system":"` + cvx + `","code":"03"}]}}`, "091 092 093"},
		"mild reaction to MMR":          {`{"resourceType":"AllergyIntolerance","criticality":"low","code":{"coding":[{"system":"` + cvx + `","code":"03"}]}}`, ""},
		"allergy to gelatin":            {`{"resourceType":"AllergyIntolerance","code":{"coding":[{"system":"http://snomed.info/sct","code":"294847001"}]}}`, "102"},
		"allergy to an antiviral":       {`{"resourceType":"AllergyIntolerance","code":{"coding":[{"system":"http://snomed.info/sct","code":"372763006"}]}}`, ""},
		"allergy to gelatin, refuted":   {`{"resourceType":"AllergyIntolerance","verificationStatus":{"coding":[{"code":"refuted"}]},"code":{"coding":[{"system":"http://snomed.info/sct","code":"294847001"}]}}`, ""},
		"tetanus immune globulin":       {`{"resourceType":"Immunization","status":"completed","vaccineCode":{"coding":[{"system":"` + cvx + `","code":"13"}]},"occurrenceDateTime":"2026-10-01"}`, "125"},
		"tetanus immune globulin, past": {`{"resourceType":"Immunization","status":"completed","vaccineCode":{"coding":[{"system":"` + cvx + `","code":"13"}]},"occurrenceDateTime":"2026-08-01"}`, ""},
		"a code of no concern":          {icd("M54.5", ""), ""},
	} {
		t.Run(name, func(t *testing.T) {
			p := of(t, c.doc)
			in, _ := p.input(on(t, "2026-11-24"), time.UTC)
			var got []string
			for _, o := range in.Observations {
				got = append(got, o.Code)
				if forecast.CDC().ObservationTitle(o.Code) == "" {
					t.Errorf("the supporting data have no observation %s", o.Code)
				}
			}
			if strings.Join(got, " ") != c.want {
				t.Errorf("%v, want %s", got, c.want)
			}
		})
	}
}

// Every code of the table of ICD-10-CM is an observation of the supporting data.
func TestObservationCodesExist(t *testing.T) {
	for beginning, list := range byICD10 {
		for _, code := range list {
			if forecast.CDC().ObservationTitle(code) == "" {
				t.Errorf("%s: there is no observation %s", beginning, code)
			}
		}
	}
	for snomed, list := range bySNOMED {
		for _, code := range list {
			if forecast.CDC().ObservationTitle(code) == "" {
				t.Errorf("%s: there is no observation %s", snomed, code)
			}
		}
	}
	for _, code := range lasting {
		if forecast.CDC().ObservationTitle(code) == "" {
			t.Errorf("there is no observation %s", code)
		}
	}
}

func TestNewestFindingCounts(t *testing.T) {
	smoking := func(date, code string) string {
		return `{"resourceType":"Observation","status":"final","code":{"coding":[{"system":"http://loinc.org","code":"72166-2"}]},"effectiveDateTime":"` + date + `","valueCodeableConcept":{"coding":[{"system":"http://snomed.info/sct","code":"` + code + `"}]}}`
	}
	p := of(t, smoking("2026-01-01", "8517006"), smoking("2020-01-01", "449868002")) // the newest first, as they are read
	in, _ := p.input(on(t, "2026-11-24"), time.UTC)
	if len(in.Observations) != 0 {
		t.Errorf("who stopped smoking: %+v", in.Observations)
	}
}

func TestDoses(t *testing.T) {
	one := func(more string) string {
		return `{"resourceType":"Immunization","id":"i","status":"completed",` + more + `}`
	}
	code := `"vaccineCode":{"coding":[{"system":"` + cvx + `","code":"03"}]}`
	for name, c := range map[string]struct {
		doc  string
		want forecast.Dose
		left string
	}{
		"whole":            {one(code + `,"occurrenceDateTime":"2020-02-03"`), forecast.Dose{ID: "i", CVX: "03", Given: on(t, "2020-02-03")}, ""},
		"one digit":        {one(`"vaccineCode":{"coding":[{"system":"` + cvx + `","code":"3"}]},"occurrenceDateTime":"2020-02-03"`), forecast.Dose{ID: "i", CVX: "03", Given: on(t, "2020-02-03")}, ""},
		"local day":        {one(code + `,"occurrenceDateTime":"2020-02-03T23:30:00-05:00"`), forecast.Dose{ID: "i", CVX: "03", Given: on(t, "2020-02-03")}, ""},
		"subpotent":        {one(code + `,"occurrenceDateTime":"2020-02-03","isSubpotent":true`), forecast.Dose{ID: "i", CVX: "03", Given: on(t, "2020-02-03"), Flawed: true}, ""},
		"lot by its month": {one(code + `,"occurrenceDateTime":"2020-02-03","expirationDate":"2020-02"`), forecast.Dose{ID: "i", CVX: "03", Given: on(t, "2020-02-03"), LotExpires: on(t, "2020-02-29")}, ""},
		"maker": {one(code + `,"occurrenceDateTime":"2020-02-03","manufacturer":{"identifier":{"system":"` + mvx + `","value":"MSD"}},"doseQuantity":{"value":0.5,"unit":"mL"}`),
			forecast.Dose{ID: "i", CVX: "03", Given: on(t, "2020-02-03"), MVX: "MSD", Volume: 0.5}, ""},
		"package":   {one(`"vaccineCode":{"coding":[{"system":"` + ndc + `","code":"00006-4681-00"}]},"occurrenceDateTime":"2020-02-03"`), forecast.Dose{ID: "i", CVX: "03", Given: on(t, "2020-02-03")}, ""},
		"year":      {one(code + `,"occurrenceDateTime":"2020"`), forecast.Dose{}, "the day is not known"},
		"words":     {one(code + `,"occurrenceString":"as a child"`), forecast.Dose{}, "the day is not known"},
		"no code":   {one(`"vaccineCode":{"text":"MMR"},"occurrenceDateTime":"2020-02-03"`), forecast.Dose{}, "the vaccine has no CVX code"},
		"in error":  {strings.Replace(one(code+`,"occurrenceDateTime":"2020-02-03"`), "completed", "entered-in-error", 1), forecast.Dose{}, "-"},
		"not given": {strings.Replace(one(code+`,"occurrenceDateTime":"2020-02-03"`), "completed", "not-done", 1), forecast.Dose{}, "-"},
	} {
		t.Run(name, func(t *testing.T) {
			in, left := of(t, c.doc).input(on(t, "2026-11-24"), time.FixedZone("EST", -5*3600))
			switch {
			case c.left == "-":
				if len(in.Doses)+len(left) > 0 {
					t.Errorf("%+v, %+v", in.Doses, left)
				}
			case c.left != "":
				if len(in.Doses) > 0 || len(left) != 1 || left[0].why != c.left {
					t.Errorf("%+v, %+v", in.Doses, left)
				}
			case !slices.Equal(in.Doses, []forecast.Dose{c.want}):
				t.Errorf("%+v, want %+v", in.Doses, c.want)
			}
		})
	}
}

func TestTheDead(t *testing.T) {
	for doc, gone := range map[string]bool{`"deceasedBoolean":true`: true, `"deceasedBoolean":false`: false, `"deceasedDateTime":"2020"`: true, `"active":true`: false} {
		v := plan(of(t, `{"resourceType":"Patient","birthDate":"1990-01-01",`+doc+`}`), on(t, "2026-11-24"), time.UTC)
		if v.blind() != gone {
			t.Errorf("%s: %+v", doc, v)
		}
	}
}
