package vitals

import (
	"context"
	"slices"
	"strconv"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/web/clinical"
	"github.com/osler-ehr/osler/web/facts"
)

// reading is one vital sign as it was measured once.
type reading struct {
	sign   string // its name; bmiRow for a body mass index
	value  amount
	second amount // the diastolic pressure
	at     fhir.DateTime
	id     string        // of the Observation
	struck bool          // entered in error: shown struck through, and counted nowhere
	stated clinical.Flag // as whoever measured it said, or by the range that came with it
}

// most is how many Observations a page reads. A child who is weighed every week for ten years has half as many.
const most = 1000

// readAll reads all vital signs of a patient, newest first. limited says that there are more than were read.
func readAll(ctx context.Context, s *record.Session, patient string, zone *time.Location) (all []reading, limited bool, err error) {
	return readNewest(ctx, s, patient, zone, most)
}

// readNewest reads what the newest so many Observations of vital signs say, newest first.
func readNewest(ctx context.Context, s *record.Session, patient string, zone *time.Location, count int) (all []reading, limited bool, err error) {
	found, err := facts.Find[facts.Observation](ctx, s, "Observation", patient, facts.Params("category", "vital-signs", "_sort", "-date", "_count", strconv.Itoa(count))...)
	if err != nil {
		return nil, false, err
	}
	return readingsIn(found, zone), len(found) == count, nil
}

// readingsIn are the readings of Observations, newest first.
func readingsIn(found []facts.Observation, zone *time.Location) (all []reading) {
	for _, o := range found {
		all = append(all, readingsOf(o)...)
	}
	slices.SortStableFunc(all, func(a, b reading) int { return b.at.Time(zone).Compare(a.at.Time(zone)) })
	return all
}

// readingsOf are the vital signs of one Observation. Most have one; a pressure has its parts in components, and some systems put a whole
// set of vital signs into the components of one Observation.
func readingsOf(o facts.Observation) []reading {
	switch o.Status {
	case "cancelled", "registered":
		return nil
	}
	var out []reading
	blank := reading{at: o.At(), id: o.ID, struck: o.Status == struckStatus}
	pressure := blank
	pressure.sign = bloodPressure
	for _, v := range o.Values() {
		q, ok := v.Quantity()
		if !ok {
			continue
		}
		code := v.Code.In(facts.LOINC)
		switch s := signByCode(code); {
		case code == systolic:
			pressure.value, pressure.stated = amountOf(q), max(pressure.stated, v.Flag())
		case code == diastolic:
			pressure.second, pressure.stated = amountOf(q), max(pressure.stated, v.Flag())
		case code == bmi:
			r := blank
			r.sign, r.value = bmiRow, amountOf(q)
			r.stated = v.Flag()
			out = append(out, r)
		case s != nil && s.name != bloodPressure:
			r := blank
			r.sign, r.value, r.stated = s.name, amountOf(q), v.Flag()
			out = append(out, r)
		case signOfAny(v.Code) != nil: // the second code of a pulse oximetry stands first
			r := blank
			r.sign, r.value, r.stated = signOfAny(v.Code).name, amountOf(q), v.Flag()
			out = append(out, r)
		}
	}
	if !pressure.value.isZero() || !pressure.second.isZero() {
		out = append(out, pressure)
	}
	return slices.DeleteFunc(out, func(r reading) bool { return r.value.isZero() && r.second.isZero() })
}

func signOfAny(c fhir.CodeableConcept) *sign {
	for _, coding := range c.Coding {
		if coding.System == facts.LOINC {
			if s := signByCode(coding.Code); s != nil && s.name != bloodPressure {
				return s
			}
		}
	}
	return nil
}
