package facts

import (
	"context"
	"testing"
	"time"

	"github.com/osler-ehr/osler/clock"
	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/fhir/viewcheck"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/record/recordtest"
	"github.com/osler-ehr/osler/web/clinical"
)

var now = time.Date(2026, 11, 23, 10, 22, 0, 0, time.UTC)

func TestViews(t *testing.T) {
	viewcheck.Resource[Patient](t, "Patient")
	viewcheck.Resource[Observation](t, "Observation")
	viewcheck.Resource[Allergy](t, "AllergyIntolerance")
	viewcheck.Resource[flag](t, "Flag")
	viewcheck.Resource[requested](t, "MedicationRequest")
	viewcheck.Resource[stated](t, "MedicationStatement")
	viewcheck.Resource[payer](t, "Coverage")
}

func parse(t *testing.T, doc string) *fhir.Resource {
	t.Helper()
	r, err := fhir.Parse([]byte(doc))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func view[V any](t *testing.T, doc string) V {
	t.Helper()
	v, err := fhir.View[V](parse(t, doc))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestName(t *testing.T) {
	for _, c := range []struct{ names, want string }{
		{`[{"use":"usual","given":["Ada"],"family":"Okafor"},{"use":"official","family":"Okafor","given":["Adaeze","Ngozi"]}]`, "OKAFOR, Adaeze Ngozi (Ada)"},
		{`[{"family":"Lee","given":["Daniel"]},{"use":"nickname","given":["Dan"]}]`, "LEE, Daniel (Dan)"},
		{`[{"use":"maiden","family":"Ward"},{"use":"old","family":"Ward"},{"use":"usual","family":"Silva","given":["Marta"]}]`, "SILVA, Marta"},
		{`[{"use":"official","family":"Ward","given":["Teresa"],"period":{"end":"2010"}},{"use":"official","family":"Silva","given":["Teresa"],"period":{"start":"2010"}}]`, "SILVA, Teresa"},
		{`[{"use":"maiden","family":"Ward","given":["Teresa"]}]`, "WARD, Teresa"},
		{`[{"text":"Baby of Okafor"}]`, "Baby of Okafor"},
		{`[]`, "Name not known"},
	} {
		p := view[Patient](t, `{"resourceType":"Patient","name":`+c.names+`}`)
		if got := p.Name(now).Full(); got != c.want {
			t.Errorf("%s: %q, want %q", c.names, got, c.want)
		}
	}
}

func TestPatient(t *testing.T) {
	p := view[Patient](t, `{"resourceType":"Patient","id":"7","meta":{"security":[{"system":"http://terminology.hl7.org/CodeSystem/v3-Confidentiality","code":"R"}]},
		"extension":[{"url":"http://hl7.org/fhir/StructureDefinition/individual-pronouns","extension":[{"url":"value","valueCodeableConcept":{"text":"she/her/her/hers/herself"}}]}],
		"identifier":[{"system":"http://hl7.org/fhir/sid/us-ssn","value":"999-12-3456"},{"type":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v2-0203","code":"MR"}]},"value":"100482771"}],
		"gender":"female","birthDate":"1968-07-14","deceasedDateTime":"2026-11-03T04:00:00Z","communication":[{"language":{"text":"English"},"preferred":true}]}`)
	ny := time.FixedZone("EST", -5*3600)
	b := p.Banner(now, ny)
	for what, pair := range map[string][2]string{
		"MRN": {b.MRN, "100482771"}, "born": {b.Born(), "14-Jul-1968 (58 y at death)"}, "sex": {b.SexPronouns(), "Female, she/her"}, "language": {b.Subtitle, "English"},
		"death, in the practice's own day": {b.DeathDate, "02-Nov-2026"}, "list": {p.BornLine(now, ny), "14-Jul-1968 (58 y at death)"},
	} {
		if pair[0] != pair[1] {
			t.Errorf("%s: %q, want %q", what, pair[0], pair[1])
		}
	}
	if !b.Restricted || !b.Deceased {
		t.Error("restricted and deceased are not shown")
	}
	if got := view[Patient](t, `{"resourceType":"Patient","identifier":[{"system":"http://hl7.org/fhir/sid/us-ssn","value":"999-12-3456"}]}`).MRN(); got != "" {
		t.Errorf("a social security number is shown as the record number: %q", got)
	}
	newborn := view[Patient](t, `{"resourceType":"Patient","birthDate":"2026-11-23","_birthDate":{"extension":[{"url":"http://hl7.org/fhir/StructureDefinition/patient-birthTime","valueDateTime":"2026-11-23T07:22:00Z"}]}}`)
	if got := newborn.Banner(now, time.UTC).Born(); got != "23-Nov-2026 (3 h)" {
		t.Errorf("newborn: %q", got)
	}
}

func TestAllergyStates(t *testing.T) {
	entry := func(code, more string) Allergy {
		return view[Allergy](t, `{"resourceType":"AllergyIntolerance","code":`+code+more+`}`)
	}
	penicillin := `{"text":"Penicillin"}`
	none := `{"coding":[{"system":"http://snomed.info/sct","code":"716186003"}],"text":"No known allergies"}`
	noDrug := `{"coding":[{"system":"http://snomed.info/sct","code":"409137002"}],"text":"No known drug allergy"}`
	status := func(clinicalCode, verification string) string {
		return `,"clinicalStatus":{"coding":[{"system":"` + AllergyClinical + `","code":"` + clinicalCode + `"}]},"verificationStatus":{"coding":[{"system":"` + AllergyVerification + `","code":"` + verification + `"}]}`
	}
	for _, c := range []struct {
		name  string
		list  []Allergy
		state clinical.AllergyState
		known int
	}{
		{"nothing recorded", nil, clinical.AllergiesNotRecorded, 0},
		{"none known", []Allergy{entry(none, status("active", "confirmed"))}, clinical.NoKnownAllergies, 0},
		{"none known, entered in error", []Allergy{entry(none, status("active", "entered-in-error"))}, clinical.AllergiesNotRecorded, 0},
		{"no drug allergy is not no allergy", []Allergy{entry(noDrug, "")}, clinical.AllergiesNotRecorded, 0},
		{"one known", []Allergy{entry(penicillin, status("active", "confirmed"))}, clinical.KnownAllergies, 1},
		{"without status it is heeded", []Allergy{entry(penicillin, "")}, clinical.KnownAllergies, 1},
		{"a known one outweighs none known", []Allergy{entry(none, ""), entry(penicillin, "")}, clinical.KnownAllergies, 1},
		{"refuted", []Allergy{entry(penicillin, status("active", "refuted"))}, clinical.AllergiesNotRecorded, 0},
		{"resolved", []Allergy{entry(penicillin, status("resolved", "confirmed"))}, clinical.AllergiesNotRecorded, 0},
		{"unconfirmed is heeded", []Allergy{entry(penicillin, status("active", "unconfirmed"))}, clinical.KnownAllergies, 1},
	} {
		list, state := Sort(c.list)
		if state != c.state || len(list) != c.known {
			t.Errorf("%s: state %d with %d, want %d with %d", c.name, state, len(list), c.state, c.known)
		}
	}
	mild := entry(`{"text":"Latex"}`, `,"reaction":[{"manifestation":[{"text":"Hives"}],"severity":"mild"}]`)
	severe := entry(penicillin, `,"reaction":[{"manifestation":[{"text":"Rash"}],"severity":"mild"},{"manifestation":[{"text":"Anaphylaxis"}],"severity":"severe"}]`)
	high := entry(`{"text":"Peanut"}`, `,"criticality":"high"`)
	list, _ := Sort([]Allergy{mild, severe, high})
	if list[0].Substance() != "Peanut" || list[1].Substance() != "Penicillin" || list[1].Reaction() != "anaphylaxis" || list[1].Severity() != "severe" {
		t.Errorf("order %q %q %q, reaction %q", list[0].Substance(), list[1].Substance(), list[2].Substance(), list[1].Reaction())
	}
}

func TestMeasured(t *testing.T) {
	for _, c := range []struct {
		doc, text, unit, ranged string
		flag                    clinical.Flag
	}{
		{`"valueQuantity":{"value":5.60,"unit":"mmol/L"},"interpretation":[{"coding":[{"code":"H"}]}],"referenceRange":[{"low":{"value":3.5},"high":{"value":5.1}}]`, "5.60", "mmol/L", "3.5–5.1", clinical.High},
		{`"valueQuantity":{"value":5.6,"code":"mmol/L"},"referenceRange":[{"low":{"value":3.5},"high":{"value":5.1}}]`, "5.6", "mmol/L", "3.5–5.1", clinical.High},
		{`"valueQuantity":{"value":5.6},"interpretation":[{"coding":[{"code":"N"}]}],"referenceRange":[{"high":{"value":5.1}}]`, "5.6", "", "5.1 or less", clinical.Normal}, // the laboratory knows better
		{`"valueQuantity":{"value":60,"comparator":">","unit":"mL/min/{1.73_m2}"},"referenceRange":[{"low":{"value":90}}]`, "above 60", "mL/min/1.73 m²", "90 or more", clinical.Normal},
		{`"valueQuantity":{"value":5.6,"code":"mmol/L"},"referenceRange":[{"low":{"value":1,"code":"mg/dL"},"high":{"value":2,"code":"mg/dL"}}]`, "5.6", "mmol/L", "1–2", clinical.Normal}, // another unit judges nothing
		{`"valueQuantity":{"value":9},"referenceRange":[{"type":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/referencerange-meaning","code":"therapeutic"}]},"low":{"value":10}}]`, "9", "", "", clinical.Normal},
		{`"valueCodeableConcept":{"text":"Positive"},"interpretation":[{"coding":[{"code":"A"}]}],"referenceRange":[{"text":"Negative"}]`, "Positive", "", "Negative", clinical.Abnormal},
		{`"valueString":"resistant"`, "resistant", "", "", clinical.Normal},
		{`"valueBoolean":true`, "Yes", "", "", clinical.Normal},
		{`"dataAbsentReason":{"text":"Specimen hemolyzed"}`, "Not measured: specimen hemolyzed", "", "", clinical.Normal},
		{`"valueQuantity":{"value":7.1,"unit":"mmol/L"},"interpretation":[{"coding":[{"code":"HH"}]},{"coding":[{"code":"H"}]}]`, "7.1", "mmol/L", "", clinical.HighCritical},
	} {
		o := view[Observation](t, `{"resourceType":"Observation","status":"final","code":{"text":"x"},`+c.doc+`}`)
		v := o.Show()
		if v.Text != c.text || v.Unit != c.unit || v.Flag != c.flag || o.Range() != c.ranged {
			t.Errorf("%s\n got %q %q %q flag %d\nwant %q %q %q flag %d", c.doc, v.Text, v.Unit, o.Range(), v.Flag, c.text, c.unit, c.ranged, c.flag)
		}
	}
}

func TestTrendAndChange(t *testing.T) {
	value := func(v, unit, at string) Value {
		o := view[Observation](t, `{"resourceType":"Observation","status":"final","code":{"text":"Potassium"},"effectiveDateTime":"`+at+`","valueQuantity":{"value":`+v+`,"unit":"`+unit+`","code":"`+unit+`"}}`)
		return o.Values()[0]
	}
	list := []Value{value("5.60", "mmol/L", "2026-11-20"), value("4.9", "mmol/L", "2026-08-24"), value("19", "mg/dL", "2026-06-01"), value("4.6", "mmol/L", "2026-02-01")}
	if text, before := Change(list, time.UTC); text != "+0.70 since 24-Aug-2026" || before != "4.9" {
		t.Errorf("change %q, before %q", text, before)
	}
	if text, _ := Change(list[1:3], time.UTC); text != "" {
		t.Errorf("a change across units: %q", text)
	}
	tr := Trend(clinical.Spark, list, time.UTC)
	if tr == nil || len(tr.Series[0].Points) != 3 || tr.Series[0].Points[0].Text != "4.6" || tr.Series[0].Points[2].Text != "5.60" {
		t.Errorf("trend %+v", tr)
	}
	if Trend(clinical.Spark, list[:1], time.UTC) != nil {
		t.Error("one value makes no trend")
	}
}

func TestConceptAndTestName(t *testing.T) {
	for in, want := range map[string]string{
		"Viral sinusitis (disorder)": "Viral sinusitis", "Body height": "Body height", "Chronic sinusitis (chronic)": "Chronic sinusitis (chronic)",
	} {
		if got := Concept(fhir.CodeableConcept{Text: in}); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	for in, want := range map[string]string{
		"Potassium [Moles/volume] in Serum or Plasma": "Potassium", "Protein [Mass/volume] in Urine by Test strip": "Protein, urine", "Hemoglobin A1c/Hemoglobin.total in Blood": "Hemoglobin A1c/Hemoglobin.total in Blood", "TSH": "TSH",
	} {
		if got := ShortTestName(in); got != want {
			t.Errorf("ShortTestName(%q) = %q, want %q", in, got, want)
		}
	}
	name := fhir.HumanName{Prefix: []string{"Dr."}, Given: []string{"Priya"}, Family: "Rao", Suffix: []string{"MD"}}
	if got := ShortProvider(name); got != "Dr P. Rao" {
		t.Errorf("%q", got)
	}
}

// put writes resources as a program does.
func put(t *testing.T, f *recordtest.Fixture, docs ...string) {
	t.Helper()
	var ops []record.Op
	for _, d := range docs {
		r := parse(t, d)
		ops = append(ops, record.Op{Verb: record.Update, Type: r.Type(), ID: r.ID(), Resource: r})
	}
	if _, err := f.As(access.Program).Do(context.Background(), ops); err != nil {
		t.Fatal(err)
	}
}

// The banner shows what a session may see; allergies that it may not see are unavailable, never none.
func TestReadBanner(t *testing.T) {
	f := recordtest.New(t, clock.At(now))
	put(t, f,
		`{"resourceType":"Patient","id":"ada","name":[{"family":"Okafor","given":["Adaeze"]}],"birthDate":"1968-07-14","generalPractitioner":[{"display":"Dr P. Rao"}]}`,
		`{"resourceType":"AllergyIntolerance","id":"a1","patient":{"reference":"Patient/ada"},"clinicalStatus":{"coding":[{"system":"`+AllergyClinical+`","code":"active"}]},"code":{"text":"Penicillin"},"criticality":"high","reaction":[{"manifestation":[{"text":"Anaphylaxis"}],"severity":"severe"}]}`,
		`{"resourceType":"Flag","id":"f1","status":"active","code":{"text":"Fall risk"},"subject":{"reference":"Patient/ada"}}`,
		`{"resourceType":"Flag","id":"f2","status":"inactive","code":{"text":"Old risk"},"subject":{"reference":"Patient/ada"}}`,
		`{"resourceType":"Coverage","id":"c1","status":"active","beneficiary":{"reference":"Patient/ada"},"payor":[{"display":"Blue Harbor"}],"class":[{"type":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/coverage-class","code":"plan"}]},"value":"ppo","name":"Blue Harbor PPO"}]}`,
		`{"resourceType":"Patient","id":"bea","name":[{"family":"Baker"}]}`,
	)
	ctx := context.Background()
	b, err := ReadBanner(ctx, f.As(access.Clinician), "ada", now, time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	if b.Allergies != clinical.KnownAllergies || b.AllergyText() != "Penicillin (anaphylaxis)" || len(b.Flags) != 1 || b.Flags[0] != "Fall risk" || b.Payer != "Blue Harbor PPO" || b.Subtitle != "PCP Dr P. Rao" {
		t.Errorf("%+v", b)
	}
	if b, err = ReadBanner(ctx, f.As(access.Clinician), "bea", now, time.UTC); err != nil || b.Allergies != clinical.AllergiesNotRecorded || b.Flags != nil || b.Payer != "" {
		t.Errorf("%+v %v", b, err)
	}
	if !access.Permits(access.Biller, "AllergyIntolerance", access.Search) {
		if b, err = ReadBanner(ctx, f.As(access.Biller), "ada", now, time.UTC); err != nil || b.Allergies != clinical.AllergiesUnavailable {
			t.Errorf("a biller sees %q, %v", b.AllergyText(), err)
		}
	}
	if _, err := ReadBanner(ctx, f.As(access.Clinician), "nobody", now, time.UTC); record.KindOf(err) != record.KindNotFound {
		t.Errorf("nobody: %v", err)
	}
}
