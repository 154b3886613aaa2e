package ccda_test

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/wire/ccda"
)

// TestDosesStandAsTheyWereSent: whatever a document says of a dose and an interval stands with the same number and the same unit, or not at
// all and with a doubt. Nothing is converted, rounded or filled in.
func TestDosesStandAsTheyWereSent(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		number := rapid.OneOf(rapid.StringMatching(`[0-9]{1,4}(\.[0-9]{1,4})?`), rapid.SampledFrom([]string{"", ".5", "+2", "1e3", "1,5", "0", "-1", "one", "1 000", "NaN", "Inf"}))
		unit := rapid.SampledFrom([]string{"", "1", "mg", "MG", "ug", "g", "mL", "[iU]", "{tablet}", "mcg", "h", "d", "wk", "mo", "min", "moons", "H"})
		dose, doseUnit, every, everyUnit := number.Draw(t, "dose"), unit.Draw(t, "dose unit"), number.Draw(t, "every"), unit.Draw(t, "unit of every")
		d, err := ccda.Read([]byte(document(section("10160-0", "", medicine(fmt.Sprintf(`<effectiveTime xsi:type="PIVL_TS"><period value="%s" unit="%s"/></effectiveTime><doseQuantity value="%s" unit="%s"/>%s`, every, everyUnit, dose, doseUnit, product))))))
		if err != nil {
			t.Fatal(err)
		}
		e := d.Medicines.Entries[0]
		doubted := func(about string) bool { return strings.Contains(strings.Join(e.Doubts, " "), about) }
		equal := func(sent string, got fhir.Decimal) bool {
			want, err := fhir.ParseDecimal(sent)
			if strings.HasPrefix(sent, ".") {
				want, err = fhir.ParseDecimal("0" + sent)
			} else if plain, ok := strings.CutPrefix(sent, "+"); ok {
				want, err = fhir.ParseDecimal(plain)
			}
			return err == nil && want.Compare(got) == 0
		}
		if len(e.Dosage.DoseAndRate) == 0 {
			if dose != "" && !doubted("The dose could not be understood") {
				t.Fatalf("a dose of %q %q is gone without a word", dose, doseUnit)
			}
		} else {
			q := e.Dosage.DoseAndRate[0].DoseQuantity
			if !equal(dose, q.Value) || q.Unit != strings.TrimPrefix(doseUnit, "1") || q.Code != "" && q.Code != doseUnit {
				t.Fatalf("%q %q is read as %s %q (%s)", dose, doseUnit, q.Value, q.Unit, q.Code)
			}
			if q.Value.Sign() < 0 {
				t.Fatalf("a dose below nothing: %s", q.Value)
			}
		}
		r := e.Dosage.Timing.Repeat
		if r.Period.IsZero() {
			if every != "" && !doubted("How often it is taken could not be understood") {
				t.Fatalf("every %q %q is gone without a word", every, everyUnit)
			}
			return
		}
		if !equal(every, r.Period) || r.PeriodUnit != everyUnit || r.Frequency != 1 || r.Period.Sign() <= 0 {
			t.Fatalf("every %q %q is read as %d per %s %q", every, everyUnit, r.Frequency, r.Period, r.PeriodUnit)
		}
	})
}
