package growth

import (
	_ "embed"
	"fmt"
	"math"
	"strings"
	"sync"
)

//go:generate go run ../../../internal/growth -cdc ../../../../shared/data/terminology/growth/CDCref_d.csv.gz -out tables/cdc2000.tsv

//go:embed tables/cdc2000.tsv
var cdcTables string

// CDC is the growth charts of the United States of 2000: weight from birth to 20 years, length and head circumference to 36 months,
// stature and BMI from 2 to 20 years, weight for length and for stature. BMI above the 95th percentile follows the extension of 2022.
var CDC = sync.OnceValue(func() *Reference {
	tables, err := readTables(strings.NewReader(cdcTables))
	if err != nil {
		panic(fmt.Sprintf("the embedded table cdc2000.tsv is damaged: %v", err))
	}
	return &Reference{Name: "CDC", tables: tables, limits: cdcLimits, score: cdcScore, curve: cdcCurve}
})

// cdcLimits are those of the CDC's SAS program, on modified z-scores.
var cdcLimits = map[Measure]limits{
	WeightForAge: {-5, 8, true}, LengthForAge: {-5, 4, true}, StatureForAge: {-5, 4, true}, HeadForAge: {-5, 5, true},
	BMIForAge: {-4, 8, true}, WeightForLength: {-4, 8, true}, WeightForStature: {-4, 8, true},
}

// cdcScore adds the extended percentiles of a BMI: above the 95th percentile of the charts, BMI of children with obesity follows half of
// a normal distribution with the spread sigma.
func cdcScore(s Score, m Measurement) Score {
	if m.Measure != BMIForAge {
		return s
	}
	p95 := s.LMS.Value(Quantile(95))
	s.OfP95 = 100 * m.Value / p95
	if m.Value <= p95 {
		return s
	}
	// The share above is computed from its small side, so that the highest BMIs keep distinct z-scores.
	above := 5 * math.Erfc((m.Value-p95)/sigma(m.Sex, m.X)/math.Sqrt2) // percent
	s.Percentile, s.Extended = 100-above, true
	s.Z = math.Sqrt2 * math.Erfcinv(above/50)
	if math.IsInf(s.Z, 1) {
		s.Z = 8.21 // the CDC's programs say so of what exceeds the numbers' precision
	}
	return s
}

// cdcCurve is the value at a percentile, extended above the 95th for BMI.
func cdcCurve(m Measure, sex Sex, x float64, row LMS, percent float64) float64 {
	if m == BMIForAge && percent > 95 {
		return row.Value(Quantile(95)) + sigma(sex, x)*Quantile((percent-90)*10)
	}
	return row.Value(Quantile(percent))
}

// sigma is the spread of BMI above the 95th percentile by age in months, in kg/m2.
func sigma(sex Sex, months float64) float64 {
	years := months / 12
	if sex == Male {
		return .3728 + .5196*years - .0091*years*years
	}
	return .8334 + .3712*years - .0011*years*years
}
