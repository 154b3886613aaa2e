package synthetic

import (
	"archive/tar"
	"archive/zip"
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/csv"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
)

// sampleData is where others' data lie that we check against. Tests that need them are skipped where they are absent.
const sampleData = "../../shared/data"

func sampleFile(t *testing.T, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(sampleData, name))
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("the sample data are not there: %v", err)
		}
		t.Skipf("no sample data at %s", sampleData)
	}
	return data
}

// newer are diagnoses of later editions than the one in the sample data (fiscal year 2022 and on).
var newer = map[string]string{"M54.50": "Low back pain, unspecified", "Z59.82": "Transportation insecurity"}

// coding is how the writer writes a Coding.
var codingForm = regexp.MustCompile(`\{"system":"([^"]+)","code":"([^"]+)"(?:,"display":"((?:[^"\\]|\\.)*)")?`)

// allCodes are the codes of each system in a practice, with their displays.
var allCodes = sync.OnceValue(func() map[string]map[string]string {
	codes := map[string]map[string]string{}
	for item := range Practice(Options{Patients: 400, Seed: 12}) {
		for _, m := range codingForm.FindAllSubmatch(item.JSON, -1) {
			if system := string(m[1]); codes[system] == nil {
				codes[system] = map[string]string{}
			}
			codes[string(m[1])][string(m[2])] = string(m[3])
		}
	}
	return codes
})

func codesUsed(t *testing.T, system string) map[string]string {
	t.Helper()
	codes := allCodes()[system]
	if len(codes) < 3 {
		t.Fatalf("only %d codes of %s", len(codes), system)
	}
	return codes
}

func TestDiagnosesExist(t *testing.T) {
	z, err := gzip.NewReader(bytes.NewReader(sampleFile(t, "terminology/icd10cm/icd10cm-order-Jan-2021.txt.gz")))
	if err != nil {
		t.Fatal(err)
	}
	billable := map[string]string{}
	for lines := bufio.NewScanner(z); lines.Scan(); {
		l := lines.Text()
		if l[14] == '1' {
			billable[strings.TrimSpace(l[6:14])] = strings.TrimSpace(l[77:])
		}
	}
	for code, display := range codesUsed(t, icd10cm) {
		official, ok := billable[strings.ReplaceAll(code, ".", "")]
		if !ok {
			if newer[code] != display {
				t.Errorf("%s %q is not a code that can be billed", code, display)
			}
			continue
		}
		if !strings.EqualFold(official, display) {
			t.Errorf("%s is %q, not %q", code, official, display)
		}
	}
}

func TestVaccineCodesExist(t *testing.T) {
	names := map[string]string{}
	block := regexp.MustCompile(`(?s)<CVXInfo>.*?</CVXInfo>`)
	code := regexp.MustCompile(`<CVXCode>\s*(\d+)\s*</CVXCode>`)
	short := regexp.MustCompile(`<ShortDescription>(.*?)</ShortDescription>`)
	for _, b := range block.FindAll(sampleFile(t, "terminology/cdc-iis/cvx.xml"), -1) {
		if c, s := code.FindSubmatch(b), short.FindSubmatch(b); c != nil && s != nil {
			names[string(c[1])] = strings.TrimSpace(string(s[1]))
		}
	}
	for code, display := range codesUsed(t, cvxURI) {
		if names[code] != display {
			t.Errorf("CVX %s is %q, not %q", code, names[code], display)
		}
	}
}

// Codes that the lists in the sample data do not hold, each looked up in LOINC itself.
var loincElsewhere = map[string]bool{
	"98979-8": true,                                                                                                                                         // CKD-EPI 2021
	"28570-0": true, "34117-2": true, "11506-3": true, "18842-5": true, "11488-4": true, "18748-4": true, "64290-0": true, "59284-0": true, "34133-9": true, // document types
	"24606-6": true, "36643-5": true, "38269-7": true, "11524-6": true, "42148-7": true, "11525-3": true, "18746-8": true, // imaging and procedures
	"LP29684-5": true, "LP29708-2": true, "LP7839-6": true, // parts, as US Core lists them
	"LA29518-0": true, "LA29519-8": true, "LA29520-6": true, // pronouns
	"11341-5": true, "11331-6": true, // occupation, alcohol use
	"79423-0": true, // ASCVD risk
}

func TestLabCodesExist(t *testing.T) {
	known := map[string]string{}
	rows, err := csv.NewReader(bytes.NewReader(sampleFile(t, "terminology/loinc/LoincUniversalLabOrdersValueSet.csv"))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rows {
		known[r[0]] = r[1]
	}
	for _, l := range strings.Split(string(sampleFile(t, "terminology/synthea-module-codes/LOINC.tsv")), "\n") {
		if c, d, ok := strings.Cut(l, "\t"); ok && known[c] == "" {
			known[c] = d
		}
	}
	for code, display := range codesUsed(t, loincURI) {
		if loincElsewhere[code] {
			continue
		}
		want, ok := known[code]
		if !ok {
			t.Errorf("LOINC %s %q is not in the lists", code, display)
		} else if !strings.EqualFold(want, display) && !strings.Contains(strings.ToLower(want), strings.ToLower(strings.Fields(display)[0])) {
			t.Errorf("LOINC %s is %q, not %q", code, want, display)
		}
	}
}

func TestProcedureCodesExist(t *testing.T) {
	data := sampleFile(t, "terminology/icd10pcs/2026-icd-10-pcs-codes-file.zip")
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]string{}
	for _, f := range z.File {
		if !strings.HasPrefix(f.Name, "icd10pcs_codes") {
			continue
		}
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		for lines := bufio.NewScanner(r); lines.Scan(); {
			c, d, _ := strings.Cut(lines.Text(), " ")
			known[c] = d
		}
		r.Close()
	}
	for code, display := range codesUsed(t, icd10pcs) {
		if known[code] != display {
			t.Errorf("ICD-10-PCS %s is %q, not %q", code, known[code], display)
		}
	}
}

// smokingCodes are the answers that US Core has asked for since its first edition.
var smokingCodes = map[string]bool{"266919005": true, "8517006": true, "449868002": true, "428041000124106": true}

// referralCodes are named by C-CDA R2.1, Patient Referral Act.
var referralCodes = map[string]bool{"3457005": true}

// SNOMED CT is used only where free specifications name the very code: US Core's package and examples, and the R4 specification.
func TestSnomedCodesAreListed(t *testing.T) {
	z, err := gzip.NewReader(bytes.NewReader(sampleFile(t, "packages/us_core_610.tgz")))
	if err != nil {
		t.Fatal(err)
	}
	var all bytes.Buffer
	for files := tar.NewReader(z); ; {
		h, err := files.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(h.Name, ".json") {
			if _, err := io.Copy(&all, files); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, dir := range []string{"us-core/examples", "fhir-r4-examples"} {
		err := filepath.WalkDir(filepath.Join(sampleData, dir), func(name string, d os.DirEntry, err error) error {
			if err == nil && strings.HasSuffix(name, ".json") {
				data, readErr := os.ReadFile(name)
				all.Write(data)
				return readErr
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for code, display := range codesUsed(t, snomed) {
		if !smokingCodes[code] && !referralCodes[code] && !bytes.Contains(all.Bytes(), []byte(`"`+code+`"`)) {
			t.Errorf("SNOMED CT %s %q is listed nowhere", code, display)
		}
	}
}

// drugsElsewhere are the drug codes that the sample data's list does not hold, each looked up in RxNorm. The first part are products,
// the second ingredients, for products of which we state the ingredient's code only.
var drugsElsewhere = map[string]string{
	"308135": "amlodipine 10 MG Oral Tablet", "197499": "chlorthalidone 25 MG Oral Tablet", "310429": "furosemide 20 MG Oral Tablet", "1364445": "apixaban 5 MG Oral Tablet",
	"861007": "metformin hydrochloride 500 MG Oral Tablet", "861004": "metformin hydrochloride 1000 MG Oral Tablet",
	"1545658": "empagliflozin 10 MG Oral Tablet", "310490": "glipizide 5 MG Oral Tablet", "665033": "sitagliptin 100 MG Oral Tablet",
	"1991306": "0.25 MG, 0.5 MG Dose 1.5 ML semaglutide 1.34 MG/ML Pen Injector", "847230": "3 ML insulin glargine 100 UNT/ML Pen Injector",
	"745679": "200 ACTUAT albuterol 0.09 MG/ACTUAT Metered Dose Inhaler", "895994": "120 ACTUAT fluticasone propionate 0.044 MG/ACTUAT Metered Dose Inhaler",
	"896001": "120 ACTUAT fluticasone propionate 0.11 MG/ACTUAT Metered Dose Inhaler", "242438": "montelukast 5 MG Chewable Tablet", "200224": "montelukast 10 MG Oral Tablet",
	"1797907": "fluticasone propionate 0.05 MG/ACTUAT Metered Dose Nasal Spray", "636676": "varenicline 1 MG Oral Tablet", "312941": "sertraline 50 MG Oral Tablet",
	"349332": "escitalopram 10 MG Oral Tablet", "351250": "escitalopram 20 MG Oral Tablet", "993541": "24 HR bupropion hydrochloride 150 MG Extended Release Oral Tablet",
	"856377": "trazodone hydrochloride 50 MG Oral Tablet", "1091155": "24 HR methylphenidate hydrochloride 18 MG Extended Release Oral Tablet",
	"1091170": "24 HR methylphenidate hydrochloride 27 MG Extended Release Oral Tablet", "1091185": "24 HR methylphenidate hydrochloride 36 MG Extended Release Oral Tablet",
	"199888": "topiramate 25 MG Oral Tablet", "151226": "topiramate 50 MG Oral Tablet", "197806": "ibuprofen 600 MG Oral Tablet",
	"828348": "cyclobenzaprine hydrochloride 10 MG Oral Tablet", "198051": "omeprazole 20 MG Delayed Release Oral Capsule", "104894": "ondansetron 4 MG Disintegrating Oral Tablet",
	"863669": "tamsulosin hydrochloride 0.4 MG Oral Capsule", "308191": "amoxicillin 500 MG Oral Capsule", "308189": "amoxicillin 80 MG/ML Oral Suspension",
	"141963": "azithromycin 40 MG/ML Oral Suspension", "309114": "cephalexin 500 MG Oral Capsule", "197361": "amlodipine 5 MG Oral Tablet",

	"10582": "levothyroxine", "46041": "alendronate", "2418": "cholecalciferol", "69120": "tiotropium", "10759": "triamcinolone", "37418": "sumatriptan", "40790": "pantoprazole",
	"2670": "codeine", "18631": "azithromycin", "7984": "penicillin V", "29046": "lisinopril", "5640": "ibuprofen",
}

func TestDrugCodesExist(t *testing.T) {
	known := map[string]string{}
	for _, l := range strings.Split(string(sampleFile(t, "terminology/synthea-module-codes/RxNorm.tsv")), "\n") {
		if c, d, ok := strings.Cut(l, "\t"); ok {
			known[c] = d
		}
	}
	for code, display := range codesUsed(t, rxnorm) {
		if want := drugsElsewhere[code]; want != "" {
			if want != display {
				t.Errorf("RxNorm %s is %q, not %q", code, want, display)
			}
			continue
		}
		if want := known[code]; !strings.EqualFold(want, display) {
			t.Errorf("RxNorm %s is %q, not %q", code, want, display)
		}
	}
}
