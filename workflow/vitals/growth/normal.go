package growth

import "math"

// Percentile is the share of the standard normal distribution below z, in percent.
func Percentile(z float64) float64 { return 50 * math.Erfc(-z/math.Sqrt2) }

// Quantile is the z-score below which so many percent lie. It is the inverse of Percentile.
func Quantile(percent float64) float64 {
	return -math.Sqrt2 * math.Erfcinv(percent/50)
}
