package vitals

import (
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/osler-ehr/osler/web"
	"github.com/osler-ehr/osler/workflow/vitals/growth"
)

// maya is the child of the growth page's design, born on 11-Aug-2025.
func maya() []string {
	docs := []string{
		`{"resourceType":"Patient","id":"maya","name":[{"family":"Lindqvist","given":["Maya"]}],"birthDate":"2025-08-11","gender":"female"}`,
		gestation("maya", "39", "wk", "2025-08-11"),
	}
	for i, v := range [][4]string{
		{"2025-08-12", "3.4", "49.5", "34.1"}, {"2025-10-13", "5.4", "57.6", "38.5"}, {"2025-12-15", "6.7", "62.6", "40.8"}, {"2026-02-16", "7.6", "66.4", "42.4"},
		{"2026-05-12", "8.5", "70.6", "44.0"}, {"2026-08-12", "8.9", "74.3", "45.1"}, {"2026-11-23", "8.7", "77.7", "45.8"},
	} {
		n := strconv.Itoa(i)
		docs = append(docs, taken("w"+n, "maya", "29463-7", v[1], "kg", v[0]), taken("l"+n, "maya", "8302-2", v[2], "cm", v[0]), taken("h"+n, "maya", "9843-4", v[3], "cm", v[0]))
	}
	return docs
}

func gestation(patient, value, unit, at string) string {
	return `{"resourceType":"Observation","id":"ga-` + patient + `","status":"final","code":{"coding":[{"system":"http://loinc.org","code":"76516-4"}]},"subject":{"reference":"Patient/` + patient + `"},"effectiveDateTime":"` + at + `","valueQuantity":{"value":` + value + `,"unit":"` + unit + `","system":"http://unitsofmeasure.org","code":"` + unit + `"}}`
}

var tags = regexp.MustCompile(`<[^>]*>|\s+`)

// words are the text of a page without its markup, one space between words.
func words(page string) string {
	if i := strings.Index(page, "<main"); i >= 0 {
		page = page[i:]
	}
	return strings.Join(strings.Fields(tags.ReplaceAllString(page, " ")), " ")
}

func TestGrowthPage(t *testing.T) {
	s := open(t, nil, maya()...)
	page := s.get("/patients/maya/growth")
	draw(t, "growth", page)
	has(t, words(page), "Weight for age CDC girls, birth to 36 months. Born at 39 weeks, no correction.", "Weight fell from the 73rd to the 4th percentile since 15-Dec-2025. Length and head are steady.",
		"23-Nov-2026 15 m 12 d", "8.7 kg 4th z −1.77", "77.7 cm 51st z +0.01", "45.8 cm 45th z −0.13", "The WHO's standards for the first two years are not here")
	// Every point can be focused, and says what the table says.
	has(t, page, `tabindex="0" role="img" aria-label="8.7 kg, 4th percentile, z −1.77, 15 m 12 d, 23-Nov-2026"`)
	if n := strings.Count(page, `class="hinted"`); n != 7 {
		t.Errorf("%d points, want 7", n)
	}
	us := s.get("/patients/maya/growth?chart=length", &http.Cookie{Name: unitsCookie, Value: "us"})
	has(t, words(us), "Length for age", "30.59 in 51st z +0.01 measured 77.7 cm", "19.18 lb 4th z −1.77 measured 8.7 kg")
	has(t, us, `aria-label="30.59 in (measured 77.7 cm), 51st percentile`)
	byLength := words(s.get("/patients/maya/growth?chart=weight-length"))
	has(t, byLength, "Weight for length CDC girls, 45 to 103.5 cm.", "length in cm")
	has(t, s.get("/patients/maya/growth?chart=nonsense&ages=never"), "Weight for age")
	// A sheet without points says so.
	has(t, words(s.get("/patients/maya/growth?ages=child")), "No measurement falls into this chart.")
}

// The WHO's tables, made up here, decide where they are: 0 to 24 months by its tables, and the CDC's on request.
func TestGrowthPageByWHO(t *testing.T) {
	rows := func(m0, m1 string) string {
		return "sex\tage\tl\tm\ts\n2\t0\t1\t" + m0 + "\t0.1\n2\t1856\t1\t" + m1 + "\t0.1\n"
	}
	who, err := growth.LoadWHO(fstest.MapFS{"weianthro.txt": {Data: []byte(rows("3", "18"))}, "lenanthro.txt": {Data: []byte(rows("50", "110"))}})
	if err != nil {
		t.Fatal(err)
	}
	s := open(t, []Option{WithWHO(who)}, maya()...)
	page := words(s.get("/patients/maya/growth"))
	has(t, page, "WHO girls, birth to 24 months.", "97th", "85th", "WHO, 0–24 months CDC, 0–36 months CDC, 2–20 years")
	hasNot(t, page, "are not here")
	has(t, words(s.get("/patients/maya/growth?by=cdc")), "CDC girls, birth to 36 months.")
	has(t, words(s.get("/patients/maya/growth?by=who&ages=child")), "CDC girls, 2 to 20 years.")
}

// Ages are corrected for a birth too early only where the record says how early it was, and up to two years.
func TestGrowthOfPreterm(t *testing.T) {
	born := func(id string) string {
		return `{"resourceType":"Patient","id":"` + id + `","birthDate":"2026-05-23","gender":"male"}`
	}
	s := open(t, nil, born("early"), born("unknown"), born("term"), gestation("early", "28.5", "wk", "2026-05-23"), gestation("term", "270", "d", "2026-05-23"),
		taken("e0", "early", "29463-7", "1.1", "kg", "2026-05-23"), taken("e1", "early", "29463-7", "5.2", "kg", "2026-11-23"),
		taken("u1", "unknown", "29463-7", "5.2", "kg", "2026-11-23"), taken("t1", "term", "29463-7", "5.2", "kg", "2026-11-23"))
	early := words(s.get("/patients/early/growth"))
	has(t, early, "Born at 28 weeks 3 days: ages are corrected by 11 weeks 4 days up to 24 months.", "23-Nov-2026 26 w 2 d corrected 14 w 5 d", "5.2 kg 7th z −1.48")
	// Before term no chart judges it; it stands in the table all the same.
	has(t, s.get("/patients/unknown/growth"), "Length of pregnancy not recorded, ages not corrected.")
	has(t, words(s.get("/patients/unknown/growth")), "5.2 kg 0.02th z −3.58")
	has(t, words(s.get("/patients/term/growth")), "Born at 38 weeks 4 days, no correction.", "5.2 kg 0.02th z −3.58")
}

func TestGrowthOfSchoolChild(t *testing.T) {
	s := open(t, nil, `{"resourceType":"Patient","id":"leo","birthDate":"2016-11-23","gender":"unknown","extension":[{"url":"http://hl7.org/fhir/us/core/StructureDefinition/us-core-birthsex","valueCode":"M"}]}`,
		taken("w1", "leo", "29463-7", "121.25", "[lb_av]", "2026-11-20"), taken("h1", "leo", "8302-2", "140", "cm", "2026-11-20"),
		taken("w0", "leo", "29463-7", "32", "kg", "2025-11-20"), taken("h0", "leo", "8302-2", "134", "cm", "2025-11-20"),
		taken("x", "leo", "29463-7", "545", "kg", "2026-06-01"), taken("y", "leo", "29463-7", "40", "kg", "2026-06-01"))
	page := s.get("/patients/leo/growth?chart=bmi")
	draw(t, "growth-bmi", page)
	has(t, words(page), "BMI for age CDC boys, 2 to 20 years.", "age in years", "28.06 kg/m² 99th z +2.33 computed, 127 % of 95th", "121.25 lb", "Not drawn, because it is implausible: Weight 545 kg on 01-Jun-2026", "BMI rose from the 78th to the 99th percentile")
	metricPage := words(s.get("/patients/leo/growth", &http.Cookie{Name: unitsCookie, Value: "metric"}))
	has(t, metricPage, "54.998 kg", "measured 121.25 lb")
}

func TestGrowthPageWithoutWhatItNeeds(t *testing.T) {
	s := open(t, nil, `{"resourceType":"Patient","id":"sex","birthDate":"2025-08-11"}`, `{"resourceType":"Patient","id":"birth","birthDate":"2025","gender":"female"}`,
		taken("w1", "sex", "29463-7", "8.7", "kg", "2026-11-20"), taken("w2", "birth", "29463-7", "8.7", "kg", "2026-11-20"))
	has(t, words(s.get("/patients/birth/growth")), "Growth charts need the full date of birth")
	page := s.get("/patients/sex/growth")
	has(t, page, "Choose one:", `href="/patients/sex/growth?sex=female"`)
	has(t, words(s.get("/patients/sex/growth?sex=male")), "CDC boys, birth to 36 months.", "8.7 kg")
	has(t, s.get("/patients/sex/growth?sex=male"), `chart=length&amp;sex=male`)
}

func TestGrowthOfGrownUps(t *testing.T) {
	s := open(t, nil, append(ada(), `{"resourceType":"Patient","id":"ben","birthDate":"2004-02-01","gender":"male"}`, taken("b1", "ben", "29463-7", "62", "kg", "2020-02-01"), taken("b2", "ben", "29463-7", "80", "kg", "2026-02-01"))...)
	has(t, words(s.get("/patients/ada/growth")), "Growth charts end at 20 years, and nothing was measured before.")
	page := words(s.get("/patients/ben/growth"))
	has(t, page, "CDC boys, 2 to 20 years.", "62 kg", "01-Feb-2020 16 y")
	hasNot(t, s.get("/patients/ben/vitals"), "/patients/ben/growth")
}

// With the WHO's tables of one sex alone, the other is shown on the CDC's.
func TestGrowthPageByHalfOfWHO(t *testing.T) {
	who, err := growth.LoadWHO(fstest.MapFS{"weianthro.txt": {Data: []byte("sex\tage\tl\tm\ts\n1\t0\t1\t3\t0.1\n1\t1856\t1\t18\t0.1\n")}})
	if err != nil {
		t.Fatal(err)
	}
	s := open(t, []Option{WithWHO(who)}, maya()...)
	has(t, words(s.get("/patients/maya/growth")), "CDC girls, birth to 36 months.", "8.7 kg 4th")
}

// The choice of units is kept as the other preferences of the screen are, and leads back to the page.
func TestUnitsAreKept(t *testing.T) {
	s := open(t, nil, maya()...)
	page := s.get("/patients/maya/growth?chart=head")
	has(t, page, `action="/preferences"`, `name="back" value="/patients/maya/growth?chart=head"`, `name="units" value="us" aria-pressed="false"`)
	w := s.ask(web.PreferencesPath, map[string][]string{"units": {"us"}, "back": {"/patients/maya/growth?chart=head"}})
	c := w.Result().Cookies()
	if w.Code != http.StatusSeeOther || len(c) != 1 || w.Header().Get("Location") != "/patients/maya/growth?chart=head" {
		t.Fatalf("%d %v to %q", w.Code, c, w.Header().Get("Location"))
	}
	has(t, s.get("/patients/maya/growth", c[0]), "19.18 lb", `value="us" aria-pressed="true"`)
	w = s.ask(web.PreferencesPath, map[string][]string{"units": {"measured"}, "back": {"/"}})
	if c = w.Result().Cookies(); len(c) != 1 {
		t.Fatalf("%v", c)
	}
	hasNot(t, s.get("/patients/maya/growth", c[0]), "19.18 lb")
}

func TestPercentileWords(t *testing.T) {
	for p, want := range map[float64]string{0.001: "below 0.01th", .3: "0.3th", 1: "1st", 2.4: "2nd", 3: "3rd", 11.2: "11th", 21: "21st", 50: "50th", 98.6: "99th", 99.4: "99.4th", 99.995: "above 99.99th"} {
		if got := percentile(p); got != want {
			t.Errorf("%v: %q, want %q", p, got, want)
		}
	}
	for z, want := range map[float64]string{0: "0.00", -.001: "0.00", 1.5: "+1.50", -2.345: "−2.35"} {
		if got := zText(z); got != want {
			t.Errorf("%v: %q, want %q", z, got, want)
		}
	}
}
