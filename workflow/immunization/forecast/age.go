package forecast

type ageVerdict int

const (
	rightAge ageVerdict = iota
	tooYoung
	tooOld
)

// limits are the ages of a dose that hold for a day; some change with a recommendation.
func (d *seriesDose) limits(on Date) ageLimits {
	for _, a := range d.ages {
		if on >= a.effective.or(everBefore) && on <= a.cessation.or(everAfter) {
			return a
		}
	}
	return ageLimits{}
}

// age judges the age at which a dose was given. (table 6-15)
func (c *call) age(d *seriesDose, given Date) (ageVerdict, []Reason) {
	limits, birth := d.limits(given), c.patient.Birth
	minimum := birth.plus(limits.minimum).or(everBefore)
	switch absolute := birth.plus(limits.absoluteMinimum).or(everBefore); {
	case given < absolute:
		return tooYoung, []Reason{{Code: TooYoung, Date: absolute, Span: limits.minimum.or(limits.absoluteMinimum).String()}}
	case given < minimum:
		return rightAge, []Reason{{Code: GracePeriod, Date: minimum, Span: limits.minimum.String()}}
	case given >= birth.plus(limits.maximum).or(everAfter):
		return tooOld, []Reason{{Code: TooOld, Date: birth.plus(limits.maximum), Span: limits.maximum.String()}}
	}
	return rightAge, nil
}
