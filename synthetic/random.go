package synthetic

import (
	"math"
	"math/bits"
)

// dice is a small random generator (SplitMix64). It is ours, so that the same seed gives the same practice with every Go release.
type dice struct{ state uint64 }

// diceFor is the generator of one thing in the practice, for example patient number k: independent of all the others.
func diceFor(seed, k uint64) dice {
	d := dice{seed ^ 0x9e3779b97f4a7c15}
	d.state = d.next() + k*0xd1342543de82ef95
	d.next()
	return d
}

func (d *dice) next() uint64 {
	d.state += 0x9e3779b97f4a7c15
	z := d.state
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// below is a number from 0 to n-1; n must be positive.
func (d *dice) below(n int) int {
	hi, _ := bits.Mul64(d.next(), uint64(n))
	return int(hi)
}

// between is a whole number from low to high, both included.
func (d *dice) between(low, high int) int { return low + d.below(high-low+1) }

// unit is a number from 0 up to 1.
func (d *dice) unit() float64 { return float64(d.next()>>11) / (1 << 53) }

// chance is true with probability p.
func (d *dice) chance(p float64) bool { return d.unit() < p }

// normal is a bell-shaped number with mean 0 and standard deviation 1, never beyond 3.4: no patient is impossible.
func (d *dice) normal() float64 {
	sum := -2.0
	for range 4 {
		sum += d.unit()
	}
	return sum * math.Sqrt(3)
}

// pick is one of the list.
func pick[T any](d *dice, list []T) T { return list[d.below(len(list))] }

// weighted is an index of weights, each as likely as its weight.
func (d *dice) weighted(weights []float64) int {
	total := 0.0
	for _, w := range weights {
		total += w
	}
	x := d.unit() * total
	for i, w := range weights {
		if x < w {
			return i
		}
		x -= w
	}
	return len(weights) - 1
}
