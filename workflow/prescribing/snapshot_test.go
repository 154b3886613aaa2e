package prescribing

import (
	"bufio"
	"bytes"
	"compress/bzip2"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/osler-ehr/osler/drugs"
	"github.com/osler-ehr/osler/drugs/kidney"
	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/workflow/prescribing/safety"
)

var at = time.Date(2026, 11, 23, 10, 22, 0, 0, time.UTC)

func library(t testing.TB) *drugs.Library {
	t.Helper()
	l, err := drugs.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// sort puts documents where the checks look for them, as the searches do.
func (d *documents) put(doc *fhir.Resource) {
	text := func(path ...string) string {
		n := doc.Get(path[0])
		for _, p := range path[1:] {
			n = n.Get(p)
		}
		return n.Text()
	}
	switch doc.Type() {
	case "Patient":
		d.patient = doc
	case "AllergyIntolerance":
		d.allergies = append(d.allergies, doc)
	case "MedicationRequest":
		if s := text("status"); s == "active" || s == "on-hold" || s == "unknown" {
			d.requests = append(d.requests, doc)
		}
	case "MedicationStatement":
		if s := text("status"); s == "active" || s == "on-hold" || s == "intended" || s == "unknown" {
			d.statements = append(d.statements, doc)
		}
	case "Medication":
		d.medications[doc.ID()] = doc
	case "Condition":
		d.conditions = append(d.conditions, doc)
	case "Observation":
		code := "http://loinc.org|" + doc.Get("code").Get("coding").Index(0).Get("code").Text()
		for _, k := range []struct {
			codes string
			into  *[]*fhir.Resource
		}{{weightCodes, &d.weights}, {kidney.FiltrationCodes, &d.filtration}, {kidney.CreatinineCodes, &d.creatinine}, {pregnancyCodes, &d.pregnancy}} {
			if slices.Contains(strings.Split(k.codes, ","), code) {
				*k.into = slices.Insert(*k.into, 0, doc) // documents come oldest first
			}
		}
	}
}

func parsed(t testing.TB, docs ...string) documents {
	t.Helper()
	d := documents{unread: map[safety.Check][]string{}, medications: map[string]*fhir.Resource{}}
	for _, doc := range docs {
		r, err := fhir.Parse([]byte(doc))
		if err != nil {
			t.Fatalf("%v: %s", err, doc)
		}
		d.put(r)
	}
	return d
}

func weight(value, unit, code string) string {
	coded := ""
	if code != "" {
		coded = `,"system":"http://unitsofmeasure.org","code":"` + code + `"`
	}
	return `{"resourceType":"Observation","status":"final","code":{"coding":[{"system":"http://loinc.org","code":"29463-7"}]},"effectiveDateTime":"2026-11-20","valueQuantity":{"value":` + value + `,"unit":"` + unit + `"` + coded + `}}`
}

func TestMeasures(t *testing.T) {
	creatinine := func(value, code string) string {
		return `{"resourceType":"Observation","status":"final","code":{"coding":[{"system":"http://loinc.org","code":"2160-0"}]},"effectiveDateTime":"2026-11-20","valueQuantity":{"value":` + value + `,"system":"http://unitsofmeasure.org","code":"` + code + `"}}`
	}
	for _, c := range []struct{ doc, weight, creatinine, unread string }{
		{doc: weight("72.50", "kg", "kg"), weight: "72.5000"},
		{doc: weight("160", "lb", "[lb_av]"), weight: "72.5748"},
		{doc: weight("160", "lbs", ""), weight: "72.5748"},
		{doc: weight("72500", "g", "g"), weight: "72.5000"},
		{doc: weight("11.4", "stone", ""), unread: `The weight of 20-Nov-2026 is in "stone", which cannot be converted to kg; it was left out.`},
		{doc: creatinine("1.2", "mg/dL"), creatinine: "1.2000"},
		{doc: creatinine("106.08", "umol/L"), creatinine: "1.2000"},
		{doc: strings.Replace(weight("72.5", "kg", "kg"), `"final"`, `"entered-in-error"`, 1)},
	} {
		p := parsed(t, c.doc).snapshot(library(t), at)
		show := func(m *safety.Measure) string {
			if m == nil {
				return ""
			}
			return m.Value.FloatString(4)
		}
		if show(p.Weight) != c.weight || show(p.Creatinine) != c.creatinine {
			t.Errorf("%s: weight %q, creatinine %q", c.doc, show(p.Weight), show(p.Creatinine))
		}
		if got := strings.Join(p.Unread[safety.Dose], " "); got != c.unread {
			t.Errorf("%s: unread %q", c.doc, got)
		}
	}
}

func TestAllergiesOfARecord(t *testing.T) {
	const allergy = `{"resourceType":"AllergyIntolerance",`
	for _, c := range []struct {
		what  string
		docs  []string
		state safety.AllergyState
		n     int
		known int // of them a medicine was recognised
	}{
		{"nothing", nil, safety.NotRecorded, 0, 0},
		{"none known", []string{allergy + `"code":{"coding":[{"system":"http://snomed.info/sct","code":"716186003"}]}}`}, safety.NoneKnown, 0, 0},
		{"by code", []string{allergy + `"code":{"coding":[{"system":"http://www.nlm.nih.gov/research/umls/rxnorm","code":"7980","display":"Penicillin G"}]}}`}, safety.Known, 1, 1},
		{"by name", []string{allergy + `"code":{"coding":[{"system":"http://snomed.info/sct","code":"91936005","display":"Allergy to penicillin"}]}}`}, safety.Known, 1, 1},
		{"by the substance of the reaction", []string{allergy + `"code":{"text":"Antibiotic"},"reaction":[{"substance":{"text":"Amoxicillin"},"manifestation":[{"text":"Hives"}]}]}`}, safety.Known, 1, 1},
		{"not understood", []string{allergy + `"code":{"text":"The blue pill"}}`}, safety.Known, 1, 0},
		{"refuted", []string{allergy + `"verificationStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/allergyintolerance-verification","code":"refuted"}]},"code":{"text":"Penicillin"}}`}, safety.NotRecorded, 0, 0},
	} {
		p := parsed(t, c.docs...).snapshot(library(t), at)
		known := 0
		for _, a := range p.Allergies {
			if a.Match.Found() {
				known++
			}
		}
		if p.AllergyState != c.state || len(p.Allergies) != c.n || known != c.known {
			t.Errorf("%s: state %d, %d allergies, %d known", c.what, p.AllergyState, len(p.Allergies), known)
		}
	}
	d := parsed(t)
	d.unread[safety.Allergies] = []string{"The allergies could not be read."}
	if p := d.snapshot(library(t), at); p.AllergyState != safety.Unavailable {
		t.Errorf("allergies that could not be read are in state %d", p.AllergyState)
	}
}

func TestMedicinesOfARecord(t *testing.T) {
	const rx = `{"resourceType":"MedicationRequest","id":"m","status":"active","intent":"order",`
	for _, c := range []struct {
		what, name string
		docs       []string
		found, sig bool
	}{
		{"by code", "lisinopril 10 MG Oral Tablet", []string{rx + `"medicationCodeableConcept":{"coding":[{"system":"http://www.nlm.nih.gov/research/umls/rxnorm","code":"314076","display":"lisinopril 10 MG Oral Tablet"}]},"dosageInstruction":[{"timing":{"repeat":{"frequency":1,"period":1,"periodUnit":"d"}},"route":{"coding":[{"system":"http://snomed.info/sct","code":"26643006"}]},"doseAndRate":[{"doseQuantity":{"value":1,"unit":"tablet"}}]}]}`}, true, true},
		{"contained", "warfarin 5 MG Oral Tablet", []string{rx + `"medicationReference":{"reference":"#w"},"contained":[{"resourceType":"Medication","id":"w","code":{"text":"warfarin 5 MG Oral Tablet"}}]}`}, true, false},
		{"elsewhere", "warfarin 5 MG Oral Tablet", []string{`{"resourceType":"Medication","id":"w","code":{"text":"warfarin 5 MG Oral Tablet"}}`, rx + `"medicationReference":{"reference":"Medication/w"}}`}, true, false},
		{"lost", "A medicine whose entry could not be read", []string{rx + `"medicationReference":{"reference":"Medication/gone"}}`}, false, false},
		{"unknown", "Kava root", []string{rx + `"medicationCodeableConcept":{"text":"Kava root"}}`}, false, false},
		{"reported", "ibuprofen", []string{`{"resourceType":"MedicationStatement","id":"s","status":"active","medicationCodeableConcept":{"text":"ibuprofen"}}`}, true, false},
	} {
		p := parsed(t, c.docs...).snapshot(library(t), at)
		if len(p.Medicines) != 1 || p.Medicines[0].Name != c.name || p.Medicines[0].Match.Found() != c.found || (p.Medicines[0].Sig != nil) != c.sig {
			t.Errorf("%s: %+v", c.what, p.Medicines)
		}
	}
	if p := parsed(t, strings.Replace(rx, `"order"`, `"proposal"`, 1)+`"medicationCodeableConcept":{"text":"ibuprofen"}}`).snapshot(library(t), at); len(p.Medicines) != 0 {
		t.Error("a proposal counts as taken")
	}
	if p := parsed(t, rx+`"doNotPerform":true,"medicationCodeableConcept":{"text":"ibuprofen"}}`).snapshot(library(t), at); len(p.Medicines) != 0 {
		t.Error("an order not to take it counts as taken")
	}
}

func TestPregnancyOfARecord(t *testing.T) {
	status := func(code string) string {
		return `{"resourceType":"Observation","status":"final","code":{"coding":[{"system":"http://loinc.org","code":"82810-3"}]},"effectiveDateTime":"2026-11-01","valueCodeableConcept":{"coding":[{"system":"http://snomed.info/sct","code":"` + code + `"}]}}`
	}
	condition := func(code string) string {
		return `{"resourceType":"Condition","clinicalStatus":{"coding":[{"code":"active"}]},"code":{"coding":[{"system":"http://hl7.org/fhir/sid/icd-10-cm","code":"` + code + `"}]}}`
	}
	for _, c := range []struct {
		what   string
		docs   []string
		want   safety.State
		unread bool
	}{
		{"nothing", nil, safety.Unknown, false},
		{"pregnant", []string{status("77386006")}, safety.Yes, false},
		{"not pregnant", []string{status("60001007")}, safety.No, false},
		{"possibly", []string{status("146799005")}, safety.Unknown, true},
		{"a problem", []string{condition("Z34.90")}, safety.Yes, false},
		{"both ways", []string{condition("Z34.90"), status("60001007")}, safety.Yes, true},
	} {
		p := parsed(t, c.docs...).snapshot(library(t), at)
		if p.Pregnant != c.want || (len(p.Unread[safety.Pregnancy]) > 0) != c.unread {
			t.Errorf("%s: %d, %q", c.what, p.Pregnant, p.Unread[safety.Pregnancy])
		}
	}
}

// TestRealRecords checks orders against whole records of others: nothing crashes, every check speaks, and most medicines are known.
func TestRealRecords(t *testing.T) {
	const data = "../../../shared/data/"
	files, _ := filepath.Glob(data + "synthea/blaze-2021/*.bz2")
	more, _ := filepath.Glob(data + "synthea/smart-2019/*.json*")
	files = append(files, more...)
	if len(files) == 0 {
		if os.Getenv("CI") == "true" {
			t.Fatal("the sample data is missing: ../shared/data beside the repository")
		}
		t.Skip("no sample data at ../shared/data beside the repository")
	}
	slices.Sort(files)
	for i := range files { // every third is enough for a run
		if i*3 < len(files) {
			files[i] = files[i*3]
		}
	}
	files = files[:(len(files)+2)/3]
	l := library(t)
	c := safety.Checker{Drugs: l}
	var orders []safety.Order
	for _, name := range []string{"Amoxicillin 250 MG Oral Capsule", "Warfarin Sodium 5 MG Oral Tablet", "Ibuprofen 200 MG Oral Tablet", "Simvastatin 20 MG Oral Tablet"} {
		p, _, ok := l.Spell(name)
		if !ok {
			t.Fatal(name)
		}
		m := l.Resolve(fhir.CodeableConcept{Text: name})
		m.Product = p
		orders = append(orders, safety.Order{Medicine: safety.Medicine{Name: name, Match: m}})
	}
	medicines, known, allergies, understood, findings, records := 0, 0, 0, 0, 0, 0
	unknown := map[string]int{}
	for _, file := range files {
		d := readBundle(t, file)
		if d.patient == nil {
			continue
		}
		records++
		p := d.snapshot(l, at)
		for _, m := range p.Medicines {
			medicines++
			if m.Match.Found() && len(m.Match.Unknown) == 0 {
				known++
			} else {
				unknown[m.Name]++
			}
		}
		for _, a := range p.Allergies {
			if !a.NotMedicine {
				allergies++
				if a.Match.Found() {
					understood++
				}
			}
		}
		for _, o := range orders {
			r := c.Check(p, []safety.Order{o})
			findings += len(r.Findings)
			for _, check := range safety.Checks {
				if !slices.ContainsFunc(r.Findings, func(f safety.Finding) bool { return f.Check == check }) &&
					!slices.ContainsFunc(r.Gaps, func(g safety.Gap) bool { return g.Check == check }) &&
					!slices.ContainsFunc(r.Passed, func(g safety.Passed) bool { return g.Check == check }) {
					t.Errorf("%s: %s of %s says nothing", filepath.Base(file), check, o.Name)
				}
			}
		}
	}
	t.Logf("%d records, %d of %d medicines known, %d of %d allergies to medicines, %d findings; not known: %v", records, known, medicines, understood, allergies, findings, unknown)
	if records < 4 || known*10 < medicines*8 {
		t.Errorf("%d records, %d of %d medicines known", records, known, medicines)
	}
}

// readBundle takes a record apart.
func readBundle(t *testing.T, file string) documents {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if strings.HasSuffix(file, ".bz2") {
		if b, err = io.ReadAll(bufio.NewReader(bzip2.NewReader(bytes.NewReader(b)))); err != nil {
			t.Fatal(err)
		}
	}
	b = withinBundle.ReplaceAll(b, []byte(`$1"Medication/`))
	bundle, err := fhir.ParseLarge(b)
	if err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	d := documents{unread: map[safety.Check][]string{}, medications: map[string]*fhir.Resource{}}
	for e := range bundle.Get("entry").Children() {
		doc := fhir.Open(fhir.AppendCompact(nil, e.Get("resource")))
		d.put(doc)
		if id, ok := strings.CutPrefix(e.Get("fullUrl").Text(), "urn:uuid:"); ok && doc.Type() == "Medication" {
			d.medications[id] = doc
		}
	}
	return d
}

// withinBundle are references to medications of the same transaction, which the record would have replaced.
var withinBundle = regexp.MustCompile(`("medicationReference"\s*:\s*\{\s*"reference"\s*:\s*)"urn:uuid:`)

func TestFiltrationBelowALimit(t *testing.T) {
	gfr := func(day, quantity string) string {
		return `{"resourceType":"Observation","status":"final","code":{"coding":[{"system":"http://loinc.org","code":"98979-8"}]},"effectiveDateTime":"` + day +
			`","valueQuantity":{` + quantity + `,"system":"http://unitsofmeasure.org","code":"mL/min/{1.73_m2}"}}`
	}
	p := parsed(t, gfr("2026-05-02", `"value":61`), gfr("2026-11-20", `"value":15,"comparator":"<"`)).snapshot(library(t), at)
	if p.EGFR == nil || p.EGFR.Value.FloatString(0) != "15" || p.EGFR.At.Format("2006-01-02") != "2026-11-20" {
		t.Errorf("an eGFR of <15 gave way to %+v", p.EGFR)
	}
	if got := strings.Join(p.Unread[safety.Kidneys], " "); got != "The eGFR of 20-Nov-2026 is known as less than 15 only." {
		t.Errorf("unread %q", got)
	}
	light := strings.Replace(weight("5", "kg", "kg"), `"value":5`, `"value":5,"comparator":"<"`, 1)
	if p := parsed(t, light).snapshot(library(t), at); p.Weight != nil { // a dose by weight would be too high
		t.Errorf("a weight of <5 kg counts as %s kg", p.Weight.Value)
	}
}
