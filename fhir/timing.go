package fhir

// Timing is when something happens: at stated moments, or by a rule that repeats.
type Timing struct {
	Event  []DateTime
	Repeat TimingRepeat
	Code   CodeableConcept // such as BID; bounds in Repeat apply to it too
}

// Read takes the timing at n.
func (t *Timing) Read(n Node) error {
	*t = Timing{}
	var in reader
	if !in.object(n, "a Timing object") {
		return in.err
	}
	for f := range n.Children() {
		switch f.Key() {
		case "event":
			t.Event = readList[DateTime](&in, f)
		case "repeat":
			readOne(&in, f, &t.Repeat)
		case "code":
			readOne(&in, f, &t.Code)
		}
	}
	return in.err
}

// AppendJSON appends the timing with its properties in the order of the specification.
func (t Timing) AppendJSON(out []byte) []byte {
	w := begin(out)
	writeList(&w, "event", t.Event)
	writeOne(&w, "repeat", t.Repeat)
	writeOne(&w, "code", t.Code)
	return w.end()
}

// IsZero is true when nothing is stated.
func (t Timing) IsZero() bool {
	return noneStated(t.Event) && t.Repeat.IsZero() && t.Code.IsZero()
}

// TimingRepeat is the rule: frequency times in period periodUnits, within bounds. At most one of the three
// bounds may be stated.
type TimingRepeat struct {
	BoundsDuration Quantity
	BoundsRange    Range
	BoundsPeriod   Period
	Count          int
	CountMax       int
	Duration       Decimal
	DurationMax    Decimal
	DurationUnit   string // s, min, h, d, wk, mo or a
	Frequency      int
	FrequencyMax   int
	Period         Decimal
	PeriodMax      Decimal
	PeriodUnit     string   // s, min, h, d, wk, mo or a
	DayOfWeek      []string // mon to sun
	TimeOfDay      []Time
	When           []string // such as AC, before meals
	Offset         int      // minutes from When
}

// Read takes the timing repeat at n.
func (t *TimingRepeat) Read(n Node) error {
	*t = TimingRepeat{}
	var in reader
	if !in.object(n, "a TimingRepeat object") {
		return in.err
	}
	for f := range n.Children() {
		switch f.Key() {
		case "boundsDuration":
			readOne(&in, f, &t.BoundsDuration)
		case "boundsRange":
			readOne(&in, f, &t.BoundsRange)
		case "boundsPeriod":
			readOne(&in, f, &t.BoundsPeriod)
		case "count":
			t.Count = in.integer(f)
		case "countMax":
			t.CountMax = in.integer(f)
		case "duration":
			readOne(&in, f, &t.Duration)
		case "durationMax":
			readOne(&in, f, &t.DurationMax)
		case "durationUnit":
			t.DurationUnit = in.str(f)
		case "frequency":
			t.Frequency = in.integer(f)
		case "frequencyMax":
			t.FrequencyMax = in.integer(f)
		case "period":
			readOne(&in, f, &t.Period)
		case "periodMax":
			readOne(&in, f, &t.PeriodMax)
		case "periodUnit":
			t.PeriodUnit = in.str(f)
		case "dayOfWeek":
			t.DayOfWeek = in.strs(f)
		case "timeOfDay":
			t.TimeOfDay = readList[Time](&in, f)
		case "when":
			t.When = in.strs(f)
		case "offset":
			t.Offset = in.integer(f)
		}
	}
	return in.err
}

// AppendJSON appends the timing repeat with its properties in the order of the specification.
func (t TimingRepeat) AppendJSON(out []byte) []byte {
	w := begin(out)
	writeOne(&w, "boundsDuration", t.BoundsDuration)
	writeOne(&w, "boundsRange", t.BoundsRange)
	writeOne(&w, "boundsPeriod", t.BoundsPeriod)
	w.integer("count", t.Count)
	w.integer("countMax", t.CountMax)
	writeOne(&w, "duration", t.Duration)
	writeOne(&w, "durationMax", t.DurationMax)
	w.str("durationUnit", t.DurationUnit)
	w.integer("frequency", t.Frequency)
	w.integer("frequencyMax", t.FrequencyMax)
	writeOne(&w, "period", t.Period)
	writeOne(&w, "periodMax", t.PeriodMax)
	w.str("periodUnit", t.PeriodUnit)
	w.strs("dayOfWeek", t.DayOfWeek)
	writeList(&w, "timeOfDay", t.TimeOfDay)
	w.strs("when", t.When)
	w.integer("offset", t.Offset)
	return w.end()
}

// IsZero is true when nothing is stated.
func (t TimingRepeat) IsZero() bool {
	return t.BoundsDuration.IsZero() && t.BoundsRange.IsZero() && t.BoundsPeriod.IsZero() && t.Count == 0 &&
		t.CountMax == 0 && t.Duration.IsZero() && t.DurationMax.IsZero() && t.DurationUnit == "" &&
		t.Frequency == 0 && t.FrequencyMax == 0 && t.Period.IsZero() && t.PeriodMax.IsZero() && t.PeriodUnit == "" &&
		noText(t.DayOfWeek) && noneStated(t.TimeOfDay) && noText(t.When) && t.Offset == 0
}
