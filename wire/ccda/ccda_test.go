package ccda_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/osler-ehr/osler/wire/ccda"
)

func document(sections string) string {
	return `<?xml version="1.0" encoding="UTF-8"?><ClinicalDocument xmlns="urn:hl7-org:v3" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:sdtc="urn:hl7-org:sdtc"><title>Summary</title><effectiveTime value="202611201015-0500"/><recordTarget><patientRole><id root="1.2.3" extension="77"/><patient><name use="L"><given>Ada</given><given>Q</given><family>Okafor</family></name><administrativeGenderCode code="F"/><birthTime value="196807"/></patient></patientRole></recordTarget><component><structuredBody>` + sections + `</structuredBody></component></ClinicalDocument>`
}

func section(code, text, entries string) string {
	return `<component><section><code code="` + code + `"/><text>` + text + `</text>` + entries + `</section></component>`
}

func medicine(inner string) string {
	return `<entry><substanceAdministration classCode="SBADM" moodCode="EVN"><statusCode code="active"/>` + inner + `</substanceAdministration></entry>`
}

const product = `<consumable><manufacturedProduct><manufacturedMaterial><code code="314076" codeSystem="2.16.840.1.113883.6.88" displayName="lisinopril 10 MG Oral Tablet"/></manufacturedMaterial></manufacturedProduct></consumable>`

// TestMedicines: what a dose says is patient safety. The words are held here one by one.
func TestMedicines(t *testing.T) {
	for _, c := range []struct{ inner, want string }{
		{`<effectiveTime xsi:type="IVL_TS"><low value="2024"/></effectiveTime><effectiveTime xsi:type="PIVL_TS"><period value="12" unit="h"/></effectiveTime><routeCode code="C38288" displayName="ORAL"/><doseQuantity value="1.50" unit="mg"/>` + product,
			"says lisinopril 10 MG Oral Tablet: 1.50 mg, oral, every 12 hours [active 2024..]"},
		{`<doseQuantity value="2"/>` + product, "says lisinopril 10 MG Oral Tablet: 2 (unit not given) [active ..]"},
		{`<doseQuantity value=".5" unit="mg"/>` + product, "says lisinopril 10 MG Oral Tablet: 0.5 mg [active ..]"},
		{`<doseQuantity nullFlavor="UNK"/>` + product, "says lisinopril 10 MG Oral Tablet:  [active ..]"},
		{`<doseQuantity value="one" unit="mg"/>` + product, "says lisinopril 10 MG Oral Tablet:  [active ..] ! The dose could not be understood: one mg."},
		{`<doseQuantity><low value="1" unit="mg"/><high value="2" unit="mg"/></doseQuantity>` + product, "says lisinopril 10 MG Oral Tablet: 1 mg to 2 mg [active ..]"},
		{`<effectiveTime xsi:type="PIVL_TS"><period><low value="4" unit="h"/><high value="6" unit="h"/></period></effectiveTime><precondition><criterion><value displayName="pain"/></criterion></precondition>` + product, "says lisinopril 10 MG Oral Tablet: every 4 to 6 hours, as needed for pain [active ..]"},
		{`<doseQuantity><low value="2" unit="mg"/><high value="1" unit="mg"/></doseQuantity>` + product, "says lisinopril 10 MG Oral Tablet:  [active ..] ! The dose could not be understood: 2 mg to 1 mg."},
		{`<doseQuantity><low value="1" unit="mg"/><high value="2" unit="g"/></doseQuantity>` + product, "says lisinopril 10 MG Oral Tablet:  [active ..] ! The dose could not be understood: 1 mg to 2 g."},
		{`<doseQuantity value="-1" unit="mg"/>` + product, "says lisinopril 10 MG Oral Tablet:  [active ..] ! The dose could not be understood: -1 mg."},
		{`<effectiveTime xsi:type="PIVL_TS"><period><low value="6" unit="h"/><high value="4" unit="h"/></period></effectiveTime>` + product, "says lisinopril 10 MG Oral Tablet:  [active ..] ! How often it is taken could not be understood."},
		{`<effectiveTime xsi:type="EIVL_TS"><event code="HS"/></effectiveTime>` + product, "says lisinopril 10 MG Oral Tablet: at bedtime [active ..]"},
		{`<effectiveTime xsi:type="PIVL_TS"><period value="3" unit="moons"/></effectiveTime>` + product, "says lisinopril 10 MG Oral Tablet:  [active ..] ! How often it is taken could not be understood: 3 moons."},
		{`<effectiveTime xsi:type="IVL_TS"><low value="20240105"/><high value="20240303"/></effectiveTime>` + product, "says lisinopril 10 MG Oral Tablet:  [active 2024-01-05..2024-03-03]"},
		{`<consumable><manufacturedProduct><manufacturedMaterial><code nullFlavor="UNK"/></manufacturedMaterial></manufacturedProduct></consumable>`, "unknown :  [active ..] ! The medicine is not named."},
	} {
		d, err := ccda.Read([]byte(document(section("10160-0", "", medicine(c.inner)))))
		if err != nil {
			t.Fatal(err)
		}
		if got := line(d.Medicines.Entries[0]); got != c.want {
			t.Errorf("got  %s\nwant %s", got, c.want)
		}
	}
}

func line(e ccda.Entry) string {
	s := fmt.Sprintf("%s %s: %s [%s %s..%s]", e.Kind, e.Code.Text, e.Dosage.Text, e.State, e.Start, e.End)
	for _, d := range e.Doubts {
		s += " ! " + d
	}
	return s
}

func TestWho(t *testing.T) {
	d, err := ccda.Read([]byte(document("")))
	if err != nil {
		t.Fatal(err)
	}
	p := d.Patient
	if p.Birth.String() != "1968-07" || p.Gender != "female" || p.Names[0].Family != "Okafor" || p.Names[0].Given[1] != "Q" || d.Made.String() != "2026-11-20T10:15:00-05:00" {
		t.Errorf("%+v made %s", p, d.Made)
	}
}

func TestNegationAndNarrative(t *testing.T) {
	allergies := section("48765-2", `<table><tr ID="a1"><td>No known drug allergies</td></tr></table>`,
		`<entry><act><templateId root="2.16.840.1.113883.10.20.22.4.30"/><statusCode code="active"/><entryRelationship><observation negationInd="true"><templateId root="2.16.840.1.113883.10.20.22.4.7"/><text><reference value="#a1"/></text><value code="416098002"/><participant><participantRole><playingEntity><code nullFlavor="NA"/></playingEntity></participantRole></participant></observation></entryRelationship></act></entry>
		<entry><act><templateId root="2.16.840.1.113883.10.20.22.4.30"/><entryRelationship><observation negationInd="true"><templateId root="2.16.840.1.113883.10.20.22.4.7"/><value code="414285001"/><participant><participantRole><playingEntity><code code="256349002" codeSystem="2.16.840.1.113883.6.96" displayName="Peanut"/></playingEntity></participantRole></participant></observation></entryRelationship></act></entry>
		<entry><organizer/></entry>`)
	d, err := ccda.Read([]byte(document(allergies + section("11450-4", "<paragraph>Asthma since childhood</paragraph>", ""))))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range d.Allergies.Entries {
		got = append(got, line(e)+" "+e.Text)
	}
	want := "none No known drug allergies:  [active ..] No known drug allergies|denies Peanut:  [ ..] |unknown :  [ ..] ! This entry could not be understood. "
	if strings.Join(got, "|") != want {
		t.Errorf("got  %s\nwant %s", strings.Join(got, "|"), want)
	}
	if d.Problems.Text != "Asthma since childhood" || !d.Problems.Found || d.Medicines.Found {
		t.Errorf("%+v", d.Problems)
	}
}

func TestRefused(t *testing.T) {
	for name, c := range map[string]struct{ in, why string }{
		"entities":     {`<!DOCTYPE x [<!ENTITY a "aa">]><ClinicalDocument xmlns="urn:hl7-org:v3">&a;</ClinicalDocument>`, "line 1, column 32: a document type is not accepted"},
		"entity":       {`<ClinicalDocument xmlns="urn:hl7-org:v3">&a;</ClinicalDocument>`, "not well-formed"},
		"deep":         {`<ClinicalDocument xmlns="urn:hl7-org:v3">` + strings.Repeat("<a>", 200), "nested too deeply"},
		"open":         {`<ClinicalDocument xmlns="urn:hl7-org:v3"><a>`, "not well-formed"},
		"another":      {`<html/>`, "no clinical document"},
		"empty":        {"", "empty"},
		"encoding":     {`<?xml version="1.0" encoding="utf-16"?><ClinicalDocument/>`, "UTF-8"},
		"large":        {strings.Repeat(" ", ccda.MaxSize+1), "larger than 12 MB"},
		"nobody":       {`<ClinicalDocument xmlns="urn:hl7-org:v3"/>`, "which patient"},
		"unstructured": {strings.Replace(strings.Replace(document(""), "<structuredBody>", "<nonXMLBody>", 1), "</structuredBody>", "</nonXMLBody>", 1), "no sections"},
	} {
		_, err := ccda.Read([]byte(c.in))
		var refused *ccda.Refused
		if !errors.As(err, &refused) || !strings.Contains(err.Error(), c.why) {
			t.Errorf("%s: %v, want %s", name, err, c.why)
		}
	}
}

// TestSamples reads what other systems made: every document is read, and nothing of its lists is lost on the way.
func TestSamples(t *testing.T) {
	files, entries := 0, 0
	each(t, "ccda", func(name string, data []byte) {
		d, err := ccda.Read(data)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			return
		}
		files++
		for _, s := range []ccda.Section{d.Allergies, d.Medicines, d.Problems} {
			for _, e := range s.Entries {
				entries++
				if e.Kind != ccda.Unknown && e.Code.Text == "" {
					t.Errorf("%s: nameless: %s", name, line(e))
				}
				if os.Getenv("SHOW") != "" {
					t.Log(filepath.Base(name), line(e))
				}
			}
			if s.Found && len(s.Entries) == 0 && s.Text == "" && s.Without == "" {
				t.Errorf("%s: a section says nothing", name)
			}
		}
		if d.Patient.Names == nil || d.Patient.Birth.IsZero() {
			t.Errorf("%s: about %+v", name, d.Patient)
		}
	})
	each(t, "ccda-snippets", func(name string, data []byte) {
		at := strings.Index(string(data), "<section")
		if at < 0 {
			if _, err := ccda.Read(data); err == nil {
				t.Errorf("%s: a fragment is taken for a document", name)
			}
			return
		}
		if d, err := ccda.Read([]byte(document("<component>" + string(data[at:]) + "</component>"))); err == nil {
			files++
			for _, s := range []ccda.Section{d.Allergies, d.Medicines, d.Problems} {
				for _, e := range s.Entries {
					entries++
					if os.Getenv("SHOW") != "" {
						t.Log(filepath.Base(name), line(e))
					}
				}
			}
		} else if err.Error() == "" {
			t.Errorf("%s: refused without a reason", name)
		}
	})
	t.Logf("%d documents with %d entries", files, entries)
}

func each(t *testing.T, folder string, f func(name string, data []byte)) {
	t.Helper()
	root := filepath.Join("../../../shared/data", folder)
	if _, err := os.Stat(root); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal(err)
		}
		t.Skip("the sample data is not there: see ../shared/data")
	}
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.EqualFold(filepath.Ext(name), ".xml") {
			return err
		}
		data, err := os.ReadFile(name)
		if err == nil {
			f(name, data)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(document(section("10160-0", "x", medicine(product)))))
	f.Add([]byte(`<!DOCTYPE a>`))
	f.Fuzz(func(t *testing.T, data []byte) {
		d, err := ccda.Read(data)
		if err != nil {
			var refused *ccda.Refused
			if !errors.As(err, &refused) || err.Error() == "" {
				t.Fatalf("refused without a reason: %v", err)
			}
			return
		}
		for _, e := range d.Medicines.Entries {
			if e.Kind != ccda.Unknown && e.Code.Text == "" {
				t.Fatal("a medicine lost its name")
			}
		}
	})
}
