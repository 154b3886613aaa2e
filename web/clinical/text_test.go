package clinical

import (
	"context"
	"regexp"
	"strings"
	"testing"

	"github.com/a-h/templ"
	"pgregory.net/rapid"
)

var (
	blocks = regexp.MustCompile(`</?(?:div|p|li|ol|ul|dl|dt|dd|h[1-6]|section|header|article|small)\b[^>]*>`)
	tags   = regexp.MustCompile(`<[^>]*>`)
)

// seen is what a reader sees of a component: blocks apart, other tags gone, white space folded as a browser folds it.
func seen(t testing.TB, c templ.Component) string {
	t.Helper()
	var b strings.Builder
	if err := c.Render(context.Background(), &b); err != nil {
		t.Fatal(err)
	}
	s := tags.ReplaceAllString(blocks.ReplaceAllString(b.String(), " "), "")
	for _, e := range [][2]string{{"&amp;", "&"}, {"&lt;", "<"}, {"&gt;", ">"}, {"&#34;", `"`}, {"&#39;", "'"}} {
		s = strings.ReplaceAll(s, e[0], e[1])
	}
	return strings.Join(strings.Fields(s), " ")
}

// TestMedLine holds the one text of a medication against the golden lines, in plain text and as it is drawn.
func TestMedLine(t *testing.T) {
	for _, c := range []struct {
		med  Medication
		line string
	}{
		{Medication{Generic: "Metformin", Form: "tablet", DoseNumber: "1000.0", DoseUnit: "mg", Route: "by mouth", Frequency: "twice daily"},
			"metFORMIN — tablet — DOSE 1,000 mg — by mouth — twice daily"},
		{Medication{Generic: "empagliflozin", Brand: "Jardiance", Form: "tablet", DoseNumber: "10", DoseUnit: "mg", Route: "by mouth", Frequency: "every morning"},
			"empagliflozin JARDIANCE — tablet — DOSE 10 mg — by mouth — every morning"},
		{Medication{Generic: "levothyroxine", Form: "tablet", DoseNumber: "75", DoseUnit: "ug", Route: "by mouth", Frequency: "daily"},
			"levothyroxine — tablet — DOSE 75 micrograms — by mouth — daily"},
		{Medication{Generic: "hydroxyzine", Strength: "25 mg", Form: "tablet", DoseNumber: "1", DoseUnit: "tablet", Route: "by mouth", Frequency: "every 6 hours", AsNeeded: "as needed for itching"},
			"hydrOXYzine 25 mg — tablet — DOSE 1 tablet — by mouth — every 6 hours — as needed for itching"},
		{Medication{Generic: "insulin glargine", Brand: "Lantus", DoseNumber: ".5", DoseUnit: "U", Route: "under the skin", Frequency: "nightly"},
			"insulin glargine LANTUS — DOSE 0.5 units — under the skin — nightly"},
		{Medication{Product: "24 HR Metformin hydrochloride 500 MG Extended Release Oral Tablet", Text: "Take with the evening meal"},
			"24 HR metFORMIN hydrochloride 500 MG Extended Release Oral Tablet — Take with the evening meal"},
		{Medication{Generic: "warfarin", Form: "tablet", DoseNumber: "5", DoseUnit: "mg", Route: "by mouth", Frequency: "daily", Status: "on hold"},
			"warfarin — tablet — DOSE 5 mg — by mouth — daily — on hold"},
		{Medication{Generic: "acetaminophen and oxycodone", Form: "tablet", Text: "Take 1 tab QD [QD: daily]"},
			"acetaminophen and oxyCODONE — tablet — Take 1 tab QD [QD: daily]"},
		{Medication{Product: "Medication not named"}, "Medication not named"},
		{Medication{Generic: "clonidine", Status: "stopped"}, "clonidine — stopped"},
	} {
		if got := c.med.Line(); got != c.line {
			t.Errorf("Line:\n got %q\nwant %q", got, c.line)
		}
		if got := seen(t, MedLineOne(c.med)); got != c.line {
			t.Errorf("drawn on one line:\n got %q\nwant %q", got, c.line)
		}
		// On two lines a line break stands in place of the separator between name and directions.
		two := seen(t, MedLine(c.med))
		if joined := strings.Replace(c.line, " — ", " ", strings.Count(c.line, " — ")); strings.ReplaceAll(two, " — ", " ") != joined {
			t.Errorf("drawn on two lines, the words differ:\n got %q\nwant %q", two, c.line)
		}
	}
}

// Whatever is in its parts, a line is drawn with the words of its plain text, in their order, none run together.
func TestMedLineNeverJoinsWords(t *testing.T) {
	part := rapid.StringMatching(`[a-z]{0,6}( [a-z]{1,5})?`)
	rapid.Check(t, func(rt *rapid.T) {
		m := Medication{Generic: "x" + strings.TrimSpace(part.Draw(rt, "generic")), Brand: strings.TrimSpace(part.Draw(rt, "brand")), Form: strings.TrimSpace(part.Draw(rt, "form")),
			DoseNumber: rapid.SampledFrom([]string{"", "1", "0.5", "1000"}).Draw(rt, "number"), DoseUnit: "mg",
			Route: strings.TrimSpace(part.Draw(rt, "route")), Frequency: strings.TrimSpace(part.Draw(rt, "frequency")), AsNeeded: strings.TrimSpace(part.Draw(rt, "needed")), Status: strings.TrimSpace(part.Draw(rt, "status"))}
		if got := seen(t, MedLineOne(m)); got != m.Line() {
			rt.Fatalf("drawn %q, plain %q", got, m.Line())
		}
	})
}

func TestTallMan(t *testing.T) {
	for in, want := range map[string]string{
		"hydralazine": "hydrALAZINE", "HYDROXYZINE": "hydrOXYzine", "Metformin": "metFORMIN", "glipizide": "glipiZIDE", "bupropion": "buPROPion",
		"Lisinopril": "lisinopril", "prednisone": "predniSONE", "metformin hydrochloride": "metFORMIN hydrochloride", "": "",
	} {
		if got := TallMan(in); got != want {
			t.Errorf("TallMan(%q) = %q, want %q", in, got, want)
		}
	}
	for in, want := range map[string]string{
		"Metformin 500 MG Oral Tablet":       "metFORMIN 500 MG Oral Tablet",
		"HydrOXYzine/Prednisone, once":       "hydrOXYzine/predniSONE, once",
		"nometformin stays, Lisinopril too.": "nometformin stays, Lisinopril too.",
	} {
		if got := TallManWithin(in); got != want {
			t.Errorf("TallManWithin(%q) = %q, want %q", in, got, want)
		}
	}
	for plain, tall := range tallMan {
		if strings.ToLower(tall) != plain {
			t.Errorf("%q and %q are not the same name", plain, tall)
		}
		if tall == plain {
			t.Errorf("%q has no tall letters", plain)
		}
	}
}

func TestExpand(t *testing.T) {
	for in, want := range map[string]string{
		"Take 1 tablet by mouth daily":    "Take 1 tablet by mouth daily",
		"Take 1 tab QD":                   "Take 1 tab QD [QD: daily]",
		"1 tab q.o.d. with food":          "1 tab q.o.d. with food [q.o.d.: every other day]",
		"10 U before meals":               "10 U before meals [10 U: units]",
		"400 IU daily":                    "400 IU daily [400 IU: international units]",
		"MSO4 2 mg":                       "MSO4 2 mg [MSO4: morphine sulfate]",
		"MgSO4 2 g":                       "MgSO4 2 g [MgSO4: magnesium sulfate]",
		"5.0 mg twice daily":              "5.0 mg twice daily [5.0 mg: 5 mg]",
		"Take 1.0 tab every 2.0 hours":    "Take 1.0 tab every 2.0 hours [1.0 tab: 1 tab; 2.0 hours: 2 hours]",
		"1.50 mL for 10.0 days":           "1.50 mL for 10.0 days [1.50 mL: 1.5 mL; 10.0 days: 10 days]",
		"Take .5 mg":                      "Take .5 mg [.5: 0.5]",
		"0.5 mg daily, 2.5 mg at night":   "0.5 mg daily, 2.5 mg at night",
		"10.0 units QD for MS":            "10.0 units QD for MS [QD: daily; MS: may mean morphine sulfate or magnesium sulfate; 10.0 units: 10 units]",
		"See instructions in the leaflet": "See instructions in the leaflet",
	} {
		if got := Expand(in); got != want {
			t.Errorf("Expand(%q)\n got %q\nwant %q", in, got, want)
		}
		if !strings.HasPrefix(Expand(in), in) {
			t.Errorf("Expand(%q) changes what was received", in)
		}
	}
}

func TestFlags(t *testing.T) {
	for code, want := range map[string]Flag{"HH": HighCritical, "LL": LowCritical, "AA": AbnormalCritical, "H": High, "L": Low, "A": Abnormal, "N": Normal, "S": Normal, "R": Normal, "": Normal, "HU": HighCritical} {
		if got := FlagOf(code); got != want {
			t.Errorf("FlagOf(%q) = %v, want %v", code, got, want)
		}
	}
	for f, want := range map[Flag]string{HighCritical: "!! HH critical, high", LowCritical: "!! LL critical, low", High: "H high", Low: "L low", Abnormal: "Abn abnormal", Normal: ""} {
		if got := seen(t, f.Draw()); got != want {
			t.Errorf("flag %d drawn as %q, want %q", f, got, want)
		}
	}
	low, high := 3.5, 5.1
	for v, want := range map[float64]Flag{3.4: Low, 3.5: Normal, 5.1: Normal, 5.2: High, 900: High} {
		if got := FlagFromRange(v, &low, &high); got != want {
			t.Errorf("FlagFromRange(%v) = %v, want %v", v, got, want)
		}
	}
}
