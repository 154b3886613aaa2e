package vitals

import (
	"math"

	"github.com/osler-ehr/osler/web/clinical"
	"github.com/osler-ehr/osler/web/format"
	"github.com/osler-ehr/osler/workflow/vitals/growth"
)

// band is the range in which a vital sign of a resting person of some age usually lies, in the sign's first unit. NaN is an open end.
type band struct{ low, high float64 }

// aged is a band that holds below an age in months.
type aged struct {
	below float64
	band
}

var ever = math.Inf(1)

// The usual ranges. Pulse and respiration: American Heart Association, Pediatric Advanced Life Support (2020), awake; adults: 60 to 100 and
// 12 to 20. Blood pressure from 13 years on: American College of Cardiology and American Heart Association (2017), normal and elevated;
// below that it depends on sex and height, and no band is drawn. Saturation: British Thoracic Society (2017), from the first days on.
var bands = map[string][]aged{
	pulse:       {{1, band{100, 205}}, {12, band{100, 180}}, {36, band{98, 140}}, {72, band{80, 120}}, {144, band{75, 118}}, {ever, band{60, 100}}},
	respiration: {{12, band{30, 53}}, {36, band{22, 37}}, {72, band{20, 28}}, {144, band{18, 25}}, {ever, band{12, 20}}},
	temperature: {{ever, band{36, 38}}},
	saturation:  {{ever, band{94, math.NaN()}}},
	systolic:    {{13 * 12, band{math.NaN(), math.NaN()}}, {ever, band{90, 130}}},
	diastolic:   {{13 * 12, band{math.NaN(), math.NaN()}}, {ever, band{60, 80}}},
	bmi:         {{240, band{math.NaN(), math.NaN()}}, {ever, band{18.5, 25}}},
}

// bandOf is the band of a sign, or of a part of a pressure by its code, at an age in days; an age below 0 is not known and taken for an
// adult's.
func bandOf(name string, days int) (band, bool) {
	months := growth.Months(days)
	if days < 0 {
		months = 40 * 12
	}
	for _, a := range bands[name] {
		if months < a.below {
			return a.band, !math.IsNaN(a.low) || !math.IsNaN(a.high)
		}
	}
	return band{}, false
}

// flag is how a value stands to the band: within, above or below. The upper end of a pressure is above already.
func (b band) flag(v float64, upperIsHigh bool) clinical.Flag {
	switch {
	case !math.IsNaN(b.high) && (v > b.high || upperIsHigh && v >= b.high):
		return clinical.High
	case !math.IsNaN(b.low) && v < b.low:
		return clinical.Low
	}
	return clinical.Normal
}

// drawn is the band for a trend whose values are in another unit than the sign's first.
func (b band) drawn(from, to string) *clinical.Band {
	out := &clinical.Band{}
	bound := func(v float64) (*float64, string) {
		if math.IsNaN(v) {
			return nil, ""
		}
		if c, ok := (amount{trim(v), from}).float(to); ok {
			v = math.Round(c*10) / 10
		}
		return &v, trim(v)
	}
	var low, high string
	out.Low, low = bound(b.low)
	out.High, high = bound(b.high)
	out.Text = format.Range(low, high)
	return out
}
