package vitals

import (
	"context"
	"math/big"
	"slices"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/web/facts"
	"github.com/osler-ehr/osler/workflow/vitals/growth"
)

// child is what growth charts need to know of a patient.
type child struct {
	born time.Time  // the day of birth in the practice's zone; zero if it is not known to the day
	sex  growth.Sex // 0 if neither the record's sex at birth nor its gender is male or female
	// gestation is the length of the pregnancy in days; 0 = not known, and then ages are not corrected.
	gestation int
}

// The codes under which a child's record says how long the pregnancy was: at birth, estimated, and as the child's own.
const gestationCodes = facts.LOINC + "|76516-4," + facts.LOINC + "|11884-4," + facts.LOINC + "|18185-9," + facts.LOINC + "|57714-8"

// readChild reads what the charts need beside the measurements.
func readChild(ctx context.Context, s *record.Session, patient string, zone *time.Location) (child, error) {
	c, err := readBorn(ctx, s, patient, zone)
	if err != nil || c.born.IsZero() {
		return c, err
	}
	found, err := facts.Find[facts.Observation](ctx, s, "Observation", patient, facts.Params("code", gestationCodes, "_sort", "date", "_count", "20")...)
	if err != nil {
		return c, err
	}
	for _, o := range found {
		// A record may hold the patient's own pregnancies too: what was said in the first two years of life is of the birth.
		if age := growth.Days(c.born, o.At().Time(zone).In(zone)); !o.Valid() || o.At().IsZero() || age < 0 || age > 731 {
			continue
		}
		if q, ok := o.Quantity(); ok {
			if days := gestationDays(amountOf(q), q.Unit); days > 0 {
				c.gestation = days
				break
			}
		}
	}
	return c, nil
}

// readBorn reads birth and sex alone.
func readBorn(ctx context.Context, s *record.Session, patient string, zone *time.Location) (child, error) {
	v, err := s.Read(ctx, "Patient", patient)
	if err != nil {
		return child{}, err
	}
	p, err := fhir.View[facts.Patient](v.Resource())
	if err != nil {
		return child{}, err
	}
	c := child{sex: sexOf(p)}
	if p.Birth.Precision() == fhir.Day {
		c.born = facts.Partial(p.Birth, zone).Time
	}
	return c, nil
}

// gestationDays is the length of a pregnancy in whole days; 0 for what is no such length.
func gestationDays(a amount, words string) int {
	unit := a.unit
	if unit == "" {
		unit = map[string]string{"weeks": "wk", "week": "wk", "wk": "wk", "days": "d", "d": "d"}[words]
	}
	days := amount{a.number, unit}.in("d")
	if days == nil {
		return 0
	}
	n := new(big.Int).Quo(days.Num(), days.Denom()) // 38.9 weeks are 38 weeks and 6 days
	if !n.IsInt64() || n.Int64() < 20*7 || n.Int64() > 45*7 {
		return 0
	}
	return int(n.Int64())
}

// sexOf is the sex whose chart is used: that recorded at birth, else the administrative one.
func sexOf(p facts.Patient) growth.Sex {
	const birthsex = "http://hl7.org/fhir/us/core/StructureDefinition/us-core-birthsex"
	if e, ok := fhir.FindExtension(p.Extension, birthsex); ok {
		switch code, _ := fhir.ChoiceValue[string](e.Value); code {
		case "M":
			return growth.Male
		case "F":
			return growth.Female
		}
	}
	switch p.Gender {
	case "male":
		return growth.Male
	case "female":
		return growth.Female
	}
	return 0
}

// days is the age in days at a moment; ok is false where either is not known to the day.
func (c child) days(at fhir.DateTime, zone *time.Location) (int, bool) {
	if c.born.IsZero() || at.Precision() < fhir.Day {
		return 0, false
	}
	n := growth.Days(c.born, at.Time(zone).In(zone))
	return n, n >= 0
}

// months is the age by which a child is judged, in months: corrected for a birth too early.
func (c child) months(at fhir.DateTime, zone *time.Location) (float64, bool) {
	days, ok := c.days(at, zone)
	if !ok {
		return 0, false
	}
	days, ok = growth.Corrected(days, growth.Correction(c.gestation))
	return growth.Months(days), ok
}

// grown reports whether the charts are over for the patient at a moment.
func (c child) grown(at time.Time) bool {
	return !c.born.IsZero() && growth.Months(growth.Days(c.born, at)) > 240
}

// measuredYoung reports whether something was measured while the charts were not over.
func (c child) measuredYoung(all []reading, zone *time.Location) bool {
	return slices.ContainsFunc(all, func(r reading) bool {
		days, ok := c.days(r.at, zone)
		return ok && !r.struck && growth.Months(days) <= 240
	})
}
