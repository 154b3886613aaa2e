package immunization

import (
	"strings"
	"testing"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/workflow/immunization/stock"
)

// okafor is a woman of 58 with a few doses of each vaccine, the last of influenza in the season before.
func okafor(t *testing.T) person {
	p := person{Patient: patient{ID: "okafor", Birth: day(t, "1968-07-14"), Gender: "female"}}
	for _, d := range []string{"208 2021-04-23", "208 2021-05-05", "208 2021-12-21", "309 2025-10-01", "115 2014-09-06", "113 2025-05-29", "150 2021-12-21", "140 2024-12-25", "140 2025-10-01", "187 2021-06-14", "187 2022-06-20"} {
		code, on, _ := strings.Cut(d, " ")
		p.Immunizations = append(p.Immunizations, view(t, `"status":"completed","vaccineCode":{"coding":[{"system":"`+cvx+`","code":"`+code+`"}]},"occurrenceDateTime":"`+on+`"`))
	}
	return p
}

func day(t *testing.T, s string) fhir.Date {
	t.Helper()
	d, err := fhir.ParseDate(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// The form begins with the lot of what is most due that CDC's schedule names first at this age, of the site where the patient is.
func TestUsualLot(t *testing.T) {
	at := time.Date(2026, 11, 25, 10, 0, 0, 0, time.UTC)
	lot := func(code, number, site string) stock.Lot {
		l := stock.New(stock.About{Vaccine: fhir.Concept(cvx, code, code), Number: number, Expires: day(t, "2027-06-23"), Site: fhir.Reference{Reference: site}, Funding: stock.Private}, nil)
		l.ID, l.OnHand = number, 5
		return l
	}
	high, flu, away, tdap := lot("135", "high", "Location/harbor"), lot("140", "flu", "Location/harbor"), lot("140", "away", "Location/pond"), lot("115", "tdap", "Location/harbor")
	for _, tt := range []struct {
		lots  []stock.Lot
		birth string
		want  string
	}{
		{[]stock.Lot{high, flu, away}, "1968-07-14", "flu"},
		{[]stock.Lot{flu, high}, "1958-07-14", "high"},
		{[]stock.Lot{high}, "1968-07-14", ""}, // allowed, and nobody's first choice at 58
		{[]stock.Lot{away}, "1968-07-14", ""}, // in another town
		{[]stock.Lot{flu, tdap}, "1968-07-14", "tdap"},
	} {
		p := okafor(t)
		p.Patient.Birth = day(t, tt.birth)
		l, _ := shelf{lots: tt.lots, all: tt.lots, here: "Location/harbor"}.usual(p, "", at)
		if l.ID != tt.want {
			t.Errorf("born %s: begins with %q, want %q", tt.birth, l.ID, tt.want)
		}
	}
}
