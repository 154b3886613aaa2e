package load_test

import (
	"archive/tar"
	"archive/zip"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/osler-ehr/osler/terms"
	"github.com/osler-ehr/osler/terms/load"
)

const sampleData = "../../../shared/data/terminology"

func sample(t *testing.T, name string) string {
	t.Helper()
	name = filepath.Join(sampleData, name)
	if _, err := os.Stat(name); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("the sample data is missing: ", err)
		}
		t.Skip("the sample data is not beside the project: ", err)
	}
	return name
}

func add(t *testing.T, dir, name, version string) []load.Result {
	t.Helper()
	results, err := load.Add(t.Context(), name, load.Options{Dir: dir, Version: version})
	if err != nil {
		t.Fatal(err)
	}
	return results
}

func open(t *testing.T, dir, url, version string) *terms.System {
	t.Helper()
	l, err := terms.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	s, err := l.System(t.Context(), url, version)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// What the publishers hand out loads as it is.
func TestReleases(t *testing.T) {
	for _, c := range []struct {
		file, given  string // version
		url, version string
		concepts     int
		code         string
		display      string
		parent       string
	}{
		{"icd10cm/icd10cm-order-Jan-2021.txt.gz", "", terms.ICD10CM, "2021", 95668, "E11.9", "Type 2 diabetes mellitus without complications", "E11"},
		{"icd10pcs/2026-icd-10-pcs-codes-file.zip", "", terms.ICD10PCS, "2026", 79193, "0016070", "Bypass Cerebral Ventricle to Nasopharynx with Autologous Tissue Substitute, Open Approach", ""},
		{"hcpcs/2019-Alpha-Numeric-HCPCS-File.zip", "", terms.HCPCS, "2019", 6800, "G0438", "Annual wellness visit; includes a personalized prevention plan of service (pps), initial visit", ""},
		{"cdc-iis/cvx.xml", "", terms.CVX, "20251119", 288, "143", "Adenovirus types 4 and 7", ""},
		{"cdc-iis/mvx.xml", "", terms.MVX, "20241206", 89, "PFR", "Pfizer, Inc", ""},
		{"loinc/LoincUniversalLabOrdersValueSet.csv", "2.66", terms.LOINC, "2.66", 1521, "42176-8", "1,3 beta glucan [Mass/volume] in Serum", ""},
	} {
		t.Run(c.file, func(t *testing.T) {
			dir := t.TempDir()
			got := add(t, dir, sample(t, c.file), c.given)
			if len(got) != 1 || got[0].URL != c.url || got[0].Version != c.version || got[0].Count != c.concepts {
				t.Fatalf("got %+v, want %s|%s with %d concepts", got, c.url, c.version, c.concepts)
			}
			if r := got[0].Report; r.Twice > 0 || r.Orphans > 0 || r.Nameless > 0 || r.Repaired > 0 {
				t.Errorf("odd: %+v", r)
			}
			s := open(t, dir, c.url, c.version)
			id, ok := s.Find(c.code)
			if !ok || s.Display(id) != c.display {
				t.Fatalf("%s: found %t, %q", c.code, ok, s.Display(id))
			}
			if c.parent != "" {
				if p := s.Parents(id); len(p) != 1 || s.Code(p[0]) != c.parent {
					t.Errorf("%s stands below %v", c.code, p)
				}
			}
		})
	}
}

// What ships with the program is what the publisher's file gives.
func TestBuiltinICD10CMIsTheRelease(t *testing.T) {
	dir := t.TempDir()
	add(t, dir, sample(t, "icd10cm/icd10cm-order-Jan-2021.txt.gz"), "2021")
	loaded, shipped := open(t, dir, terms.ICD10CM, ""), open(t, "", terms.ICD10CM, "")
	if loaded.Info().Source == "" || shipped.Info().Source != "" || loaded.Len() != shipped.Len() {
		t.Fatalf("%d and %d concepts", loaded.Len(), shipped.Len())
	}
	for id := range terms.ID(loaded.Len()) {
		a, b := loaded.Concept(id), shipped.Concept(id)
		if a.Code != b.Code || a.Display != b.Display || a.Rank != b.Rank || strings.Join(a.Parents, ",") != strings.Join(b.Parents, ",") || len(a.Designations) != len(b.Designations) {
			t.Fatalf("%+v differs from %+v", a, b)
		}
	}
}

// THO as HL7 publishes its sources, in part: each file is made durable by itself.
func TestFHIRPackage(t *testing.T) {
	f, err := os.Open(sample(t, "hl7-tho/THO-codeSystems.tar.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	for r := tar.NewReader(z); ; {
		h, err := r.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(h.Name, "v3-Act") {
			data, err := io.ReadAll(r)
			if err != nil {
				t.Fatal(err)
			}
			files[h.Name] = string(data)
		}
	}
	dir := t.TempDir()
	got := add(t, dir, zipped(t, "tho.zip", files), "")
	if len(got) < 15 || len(got) > len(files) {
		t.Fatalf("%d systems of %d files", len(got), len(files))
	}
	s := open(t, dir, "http://terminology.hl7.org/CodeSystem/v3-ActCode", "")
	id, ok := s.Find("AMB")
	if !ok || s.Display(id) != "ambulatory" {
		t.Fatalf("AMB: %t", ok)
	}
	class, ok := s.Find("_ActEncounterCode")
	if !ok || !s.IsA(id, class) || s.IsA(class, id) || !s.Abstract(class) {
		t.Error("AMB does not stand below the abstract _ActEncounterCode")
	}
}

// zipped makes an archive of files and their contents.
func zipped(t *testing.T, name string, files map[string]string) string {
	t.Helper()
	name = filepath.Join(t.TempDir(), name)
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	z := zip.NewWriter(f)
	for n, content := range files {
		w, err := z.Create(n)
		if err == nil {
			_, err = w.Write([]byte(content))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(z.Close(), f.Close()); err != nil {
		t.Fatal(err)
	}
	return name
}

// tabbed is text with tabs for bars.
func tabbed(s string) string { return strings.ReplaceAll(strings.TrimSpace(s), "|", "\t") + "\r\n" }

// The tables that follow have the form of the releases and invented content.

func TestSNOMED(t *testing.T) {
	const root = "SnomedCT_US_20260301/Snapshot/"
	name := zipped(t, "snomed.zip", map[string]string{
		root + "Terminology/sct2_Concept_Snapshot_US1000124_20260301.txt": tabbed(`
id|effectiveTime|active|moduleId|definitionStatusId
138875005|20020131|1|900000000000207008|900000000000074008
1000001|20020131|1|900000000000207008|900000000000074008
1000002|20020131|1|900000000000207008|900000000000074008
1000003|20020131|1|731000124108|900000000000074008
1000004|20020131|0|900000000000207008|900000000000074008`),
		root + "Terminology/sct2_Description_Snapshot-en_US1000124_20260301.txt": tabbed(`
id|effectiveTime|active|moduleId|conceptId|languageCode|typeId|term|caseSignificanceId
1|20020131|1|x|138875005|en|900000000000003001|Everything (root)|x
2|20020131|1|x|1000001|en|900000000000003001|Ailment of nose (disorder)|x
3|20020131|1|x|1000001|en|900000000000013009|Nose trouble|x
4|20020131|1|x|1000001|en|900000000000013009|Ailment of nose|x
5|20020131|0|x|1000001|en|900000000000013009|Withdrawn name|x
6|20020131|1|x|1000002|en|900000000000003001|Sneezing "fit" (finding)|x
7|20020131|1|x|1000002|en|900000000000013009|Sneezing "fit"|x
8|20020131|1|x|1000003|en|900000000000003001|Nose job (procedure)|x
9|20020131|1|x|1000004|en|900000000000003001|Old ailment (disorder)|x`),
		root + "Terminology/sct2_Relationship_Snapshot_US1000124_20260301.txt": tabbed(`
id|effectiveTime|active|moduleId|sourceId|destinationId|relationshipGroup|typeId|characteristicTypeId|modifierId
1|20020131|1|x|1000001|138875005|0|116680003|x|x
2|20020131|1|x|1000002|1000001|0|116680003|x|x
3|20020131|1|x|1000003|138875005|0|116680003|x|x
4|20020131|0|x|1000003|1000001|0|116680003|x|x
5|20020131|1|x|1000003|1000001|0|363698007|x|x`),
		root + "Refset/Language/der2_cRefset_LanguageSnapshot-en_US1000124_20260301.txt": tabbed(`
id|effectiveTime|active|moduleId|refsetId|referencedComponentId|acceptabilityId
a|20020131|1|x|900000000000509007|4|900000000000548007
b|20020131|1|x|900000000000509007|3|900000000000549004
c|20020131|1|x|900000000000508004|3|900000000000548007
d|20020131|1|x|900000000000509007|7|900000000000548007`),
		root + "Refset/Content/der2_Refset_SimpleSnapshot_US1000124_20260301.txt": tabbed(`
id|effectiveTime|active|moduleId|refsetId|referencedComponentId
a|20020131|1|x|2000001|1000002
b|20020131|0|x|2000001|1000001`),
		root + "Refset/Map/der2_iisssccRefset_ExtendedMapSnapshot_US1000124_20260301.txt": tabbed(`
id|effectiveTime|active|moduleId|refsetId|referencedComponentId|mapGroup|mapPriority|mapRule|mapAdvice|mapTarget|correlationId|mapCategoryId
a|20020131|1|x|6011000124106|1000001|1|2|OTHERWISE TRUE|ALWAYS J34.9|J34.9|x|y
b|20020131|1|x|6011000124106|1000001|1|1|IFA 445518008|IF AGE|P96.9|x|y
c|20020131|1|x|6011000124106|1000003|1|1|TRUE|CANNOT BE CLASSIFIED||x|y
d|20020131|1|x|447562003|1000001|1|1|TRUE|ALWAYS J34.9|J34.9|x|y`),
	})
	dir := t.TempDir()
	got := add(t, dir, name, "")
	const version = "http://snomed.info/sct/731000124108/version/20260301"
	if len(got) != 2 || got[0].Version != version || got[0].Count != 5 || got[1].URL != load.SNOMEDToICD10CM || got[1].Count != 3 || len(got[1].Notes) != 1 {
		t.Fatalf("got %+v", got)
	}
	s := open(t, dir, terms.SNOMEDCT, "http://snomed.info/sct/731000124108")
	nose, _ := s.Find("1000001")
	c := s.Concept(nose)
	if c.Display != "Ailment of nose" || len(c.Designations) != 2 || c.Designations[1].Value != "Nose trouble" || c.Properties[0] != (terms.Value{Property: "semanticTag", Value: "disorder"}) {
		t.Errorf("%+v", c)
	}
	sneeze, _ := s.Find("1000002")
	if s.Display(sneeze) != `Sneezing "fit"` || !s.IsA(sneeze, nose) {
		t.Errorf("%q, below the nose: %t", s.Display(sneeze), s.IsA(sneeze, nose))
	}
	old, _ := s.Find("1000004")
	if !s.Inactive(old) {
		t.Error("an inactive concept is active")
	}
	if hits := s.Search(terms.Query{Text: "nose", Selectable: true, Count: 5}).Hits; len(hits) != 2 || hits[0].ID != nose && s.Code(hits[0].ID) != "1000003" {
		t.Errorf("%v", hits)
	}
	members, err := s.Select(terms.Filter{Property: "concept", Op: "in", Value: "2000001"})
	if err != nil || members.Len() != 1 || !members.Has(sneeze) {
		t.Errorf("the reference set has %d members, %v", members.Len(), err)
	}
	l, err := terms.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	m, err := l.Map(t.Context(), load.SNOMEDToICD10CM, "")
	if err != nil {
		t.Fatal(err)
	}
	lines := m.Translate(terms.SNOMEDCT, "1000001")
	if len(lines) != 2 || lines[0].Target.Code != "P96.9" || len(lines[0].DependsOn) != 1 || lines[1].Target.Code != "J34.9" || lines[1].Equivalence != "wider" {
		t.Errorf("%+v", lines)
	}
	if back := m.Reverse(terms.ICD10CM, "J34.9"); len(back) != 1 || back[0].Source.Code != "1000001" {
		t.Errorf("%+v", back)
	}
	if none := m.Translate(terms.SNOMEDCT, "1000003"); len(none) != 1 || none[0].Equivalence != "unmatched" {
		t.Errorf("%+v", none)
	}
}

func TestRxNorm(t *testing.T) {
	name := zipped(t, "RxNorm_full_03022026.zip", map[string]string{
		"rrf/RXNSAB.RRF": "C1|C2|RXNORM_20AA_260302F|RXNORM|RxNorm|RXNORM|20AA_260302F|||||||||||||||||\n",
		"rrf/RXNCONSO.RRF": `10|ENG||||||1|1|10||RXNORM|IN|10|exampline||N|4096|
11|ENG||||||2|2|11||RXNORM|SCD|11|exampline 500 MG Oral Tablet||N|4096|
11|ENG||||||3|3|11||RXNORM|PSN|11|Exampline 500 mg tablet||N|4096|
11|ENG||||||3|3|11||MMSL|CD|11|not for everybody||N|4096|
12|ENG||||||4|4|12||RXNORM|SBD|12|exampline 500 MG Oral Tablet [Brandol]||N|4096|
13|ENG||||||5|5|13||RXNORM|BN|13|Brandol||O|4096|
14|ENG||||||6|6|14||RXNORM|SY|14|synonym of nothing||N|4096|
15|ENG||||||7|7|15||RXNORM|SCDF|15|exampline Oral Tablet||N|4096|
`,
		"prescribe/rrf/RXNCONSO.RRF": "99|ENG||||||1|1|10||RXNORM|IN|10|the wrong file||N|4096|\n",
		"rrf/RXNREL.RRF": `10||CUI|RO|11||CUI|has_ingredient|1||RXNORM|RXNORM|||N|4096|
15||CUI|RB|11||CUI|isa|2||RXNORM|RXNORM|||N|4096|
11||CUI|RB|12||CUI|tradename_of|3||RXNORM|RXNORM|||N|4096|
10||CUI|RO|99||CUI|has_ingredient|4||RXNORM|RXNORM|||N|4096|
`,
		"rrf/RXNSAT.RRF": "11||||CUI|11|||NDC|RXNORM|00000000001|N|4096|\n11||||CUI|11|||NDC|GS|0000-0001|N|4096|\n11||||CUI|11|||RXN_STRENGTH|RXNORM|500|N|4096|\n",
	})
	dir := t.TempDir()
	got := add(t, dir, name, "")
	if len(got) != 2 || got[0].Version != "03022026" || got[0].Count != 5 || got[1].URL != load.RxNormNDC || got[1].Count != 1 {
		t.Fatalf("got %+v", got)
	}
	s := open(t, dir, terms.RxNorm, "")
	tablet, _ := s.Find("11")
	c := s.Concept(tablet)
	if c.Display != "exampline 500 MG Oral Tablet" || len(c.Designations) != 1 || c.Designations[0].Use != "PSN" || len(c.Parents) != 1 || c.Parents[0] != "15" || len(c.Properties) != 2 {
		t.Errorf("%+v", c)
	}
	if brand, _ := s.Find("13"); !s.Inactive(brand) {
		t.Error("an obsolete name is active")
	}
	with, err := s.Select(terms.Filter{Property: "has_ingredient", Op: "=", Value: "10"})
	if err != nil || with.Len() != 1 || !with.Has(tablet) {
		t.Errorf("%v, %v", with, err)
	}
	if a := s.Search(terms.Query{Text: "exam 500", Selectable: true, Count: 5}); len(a.Hits) != 2 || a.Hits[0].ID != tablet {
		t.Errorf("%+v", a)
	}
}

func TestLOINC(t *testing.T) {
	name := zipped(t, "Loinc_2.78.zip", map[string]string{
		"LoincTable/Loinc.csv": "\ufeff" + `"LOINC_NUM","COMPONENT","PROPERTY","TIME_ASPCT","SYSTEM","SCALE_TYP","METHOD_TYP","CLASS","VersionLastChanged","STATUS","CONSUMER_NAME","CLASSTYPE","RELATEDNAMES2","SHORTNAME","ORDER_OBS","LONG_COMMON_NAME","EXAMPLE_UCUM_UNITS","COMMON_TEST_RANK","COMMON_ORDER_RANK","DisplayName"
"00001-0","Examplase","MCnc","Pt","Ser/Plas","Qn","","CHEM","2.70","ACTIVE","Examplase, Blood","1","XMPL; Enzyme","Examplase SerPl-mCnc","Both","Examplase [Mass/volume] in Serum, or ""Plasma""","mg/dL","12","0","Examplase (S/P)"
"00002-8","Examplase","MCnc","Pt","Urine","Qn","","CHEM","2.9","ACTIVE","","1","","","Both","Examplase [Mass/volume] in Urine","mg/dL","0","0",""
"00003-6","Old test","MCnc","Pt","Ser","Qn","","CHEM","2.40","DEPRECATED","","1","","","Both","Old test","mg/dL","0","0",""
`,
		"AccessoryFiles/ComponentHierarchyBySystem/ComponentHierarchyBySystem.csv": `PATH_TO_ROOT,SEQUENCE,IMMEDIATE_PARENT,CODE,CODE_TEXT
,1,,LP1,Laboratory
LP1,1,LP1,LP2,Examplase
LP1.LP2,1,LP2,00001-0,Examplase SerPl
LP1.LP2,2,LP2,00002-8,Examplase Urine
`,
	})
	dir := t.TempDir()
	got := add(t, dir, name, "")
	if len(got) != 1 || got[0].Version != "2.78" || got[0].Count != 5 || len(got[0].Notes) != 0 {
		t.Fatalf("got %+v", got)
	}
	s := open(t, dir, terms.LOINC, "")
	if !s.Complete() {
		t.Error("the full table is taken for a part")
	}
	serum, _ := s.Find("00001-0")
	if d := s.Display(serum); d != `Examplase [Mass/volume] in Serum, or "Plasma"` {
		t.Error(d)
	}
	top, _ := s.Find("LP1")
	below, err := s.Select(terms.Filter{Property: "concept", Op: "descendent-of", Value: "LP1"})
	if err != nil || below.Len() != 3 || !s.IsA(serum, top) || !s.Abstract(top) {
		t.Errorf("%d below LP1, %v", below.Len(), err)
	}
	if a := s.Search(terms.Query{Text: "xmpl", Selectable: true, Count: 5}); a.Total != 1 || a.Hits[0].ID != serum {
		t.Errorf("the related name finds %+v", a)
	}
	if a := s.Search(terms.Query{Text: "examplase", Selectable: true, Count: 5}); a.Total != 2 || a.Hits[0].ID != serum {
		t.Errorf("the common test is not first: %+v", a)
	}
	urine, err := s.Select(terms.Filter{Property: "SYSTEM", Op: "=", Value: "Urine"})
	if err != nil || urine.Len() != 1 {
		t.Errorf("%d in urine, %v", urine.Len(), err)
	}
}

// A newer version takes over; the one before stays for those who ask for it. The same version replaces itself.
func TestVersions(t *testing.T) {
	dir := t.TempDir()
	resource := func(version, display string) string {
		name := filepath.Join(t.TempDir(), "example.json")
		if err := os.WriteFile(name, []byte(`{"resourceType":"CodeSystem","url":"http://example.org/cs","version":"`+version+`","name":"Example","status":"active","content":"complete","concept":[{"code":"a","display":"`+display+`"}]}`), 0o600); err != nil {
			t.Fatal(err)
		}
		return name
	}
	shown := func(version string) string {
		s := open(t, dir, "http://example.org/cs", version)
		return s.Display(0)
	}
	add(t, dir, resource("2.9", "nine"), "")
	add(t, dir, resource("2.10", "ten"), "")
	if shown("") != "ten" || shown("2.9") != "nine" {
		t.Errorf("newest %s, 2.9 %s", shown(""), shown("2.9"))
	}
	add(t, dir, resource("2.9", "nine again"), "")
	if shown("2.9") != "nine again" {
		t.Error("the version was not replaced")
	}
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(files) != 2 {
		t.Errorf("the folder holds %v", files)
	}
	removed, err := terms.Remove(dir, "http://example.org/cs", "2.10")
	if err != nil || len(removed) != 1 || shown("") != "nine again" {
		t.Errorf("removed %v, %v", removed, err)
	}
}

// A load that is stopped in the middle leaves the version before in use, and nothing else.
func TestInterrupted(t *testing.T) {
	name := sample(t, "icd10pcs/2026-icd-10-pcs-codes-file.zip")
	dir := t.TempDir()
	ctx, stop := context.WithCancelCause(t.Context())
	why := errors.New("the plug was pulled")
	told := 0
	_, err := load.Add(ctx, name, load.Options{Dir: dir, Progress: func(p load.Progress) {
		if told++; p.Done > 2<<20 {
			stop(why)
		}
		if p.Total < 6<<20 || p.Done > p.Total {
			t.Errorf("progress %+v", p)
		}
	}})
	if !errors.Is(err, why) || told < 2 {
		t.Fatalf("got %v after %d reports", err, told)
	}
	if files, _ := filepath.Glob(filepath.Join(dir, "*")); len(files) != 0 {
		t.Errorf("left behind: %v", files)
	}
}

func TestRefused(t *testing.T) {
	for name, c := range map[string]struct {
		file, content, want string
	}{
		"nothing known":    {"letter.txt", "Dear Sir", "no release of a code system was recognised"},
		"no version":       {"icd10cm_order.txt", "00001 A00     0 Cholera                                                      Cholera\n", "--version"},
		"wrong columns":    {"icd10cm-order-2026.txt", "A00 Cholera\n", "line 1: this is not a line of an order file"},
		"loinc columns":    {"loinc.csv", "a,b\n1,2\n", "LOINC_NUM and LONG_COMMON_NAME are missing"},
		"no concepts":      {"icd10pcs_codes_2026.txt", "\n", "there is no concept in it"},
		"broken resource":  {"cs.json", `{"resourceType":"CodeSystem","url":`, "cs.json"},
		"value set":        {"vs.json", `{"resourceType":"ValueSet","url":"http://example.org","status":"active"}`, "osler import"},
		"snapshot in part": {"sct2_Concept_Snapshot_INT_20260301.txt", "id\tactive\n", "lacks its description or relationship file"},
		"rxnorm fields":    {"RXNCONSO.RRF", "1|2|3\n", "line 1: the row has too few fields"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			file := filepath.Join(dir, c.file)
			if err := os.WriteFile(file, []byte(c.content), 0o600); err != nil {
				t.Fatal(err)
			}
			version := "1"
			if name == "no version" {
				version = ""
			}
			library := filepath.Join(dir, "library")
			_, err := load.Add(t.Context(), file, load.Options{Dir: library, Version: version})
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Fatalf("got %v, want %q", err, c.want)
			}
			if files, _ := filepath.Glob(filepath.Join(library, "*")); len(files) != 0 {
				t.Errorf("left behind: %v", files)
			}
		})
	}
}
