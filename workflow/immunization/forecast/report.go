package forecast

// Report is the outcome of a forecast.
type Report struct {
	On      Date
	Version string // of the supporting data
	Doses   []Dose // as they were given, by date
	Groups  []GroupForecast
	// Unknown are doses whose vaccine the supporting data do not list: they count for nothing.
	Unknown []Dose
}

// Kind is the type of a series.
type Kind int

const (
	Standard       Kind = iota // recommended by age
	Risk                       // recommended because of what is known of the patient
	EvaluationOnly             // never recommended, but accepted when complete
)

// Status is that of a series, and of the forecast of a vaccine group.
type Status int

const (
	NotComplete     Status = iota // a dose is to be given, now or later
	Complete                      // all doses were given
	Immune                        // evidence of immunity
	Contraindicated               // must not be given
	AgedOut                       // too old for it now
	NotRecommended                // no dose is recommended, though the series is not complete
)

// GroupForecast is what is recommended for a vaccine group. A group may have several: one by age, and one for a risk.
type GroupForecast struct {
	Group       string
	Kind        Kind
	SeriesGroup string
	Antigens    []string // whose series are in it
	Series      []string // their names
	Status      Status
	// Shared is true of what is given after clinician and patient decided on it together, not to everybody.
	Shared bool
	// Outdated is true of seasonal vaccines when the season that the supporting data describe began a year ago or more:
	// what holds for the present season is then not known, whatever the status.
	Outdated   bool
	DoseNumber int // of the dose to be given; 0 = none
	// Dates of the next dose; 0 = none. It may be given from Earliest on, should be given on Recommended, is overdue
	// after PastDue, and cannot be given after Latest.
	Earliest, Recommended, PastDue, Latest Date
	// UnadjustedRecommended and UnadjustedPastDue are the dates by the schedule, were the patient in time.
	UnadjustedRecommended, UnadjustedPastDue Date
	Needed                                   []string     // antigens that are due, of a group of several
	Vaccines                                 []string     // CVX of the vaccines that are recommended for the next dose; empty = any of the group
	Reasons                                  []Reason     // why
	Because                                  []string     // observations by which a risk series concerns this patient, in words
	Guidance                                 []string     // CDC's advice to whoever gives it
	Evaluations                              []Evaluation // of the group as a whole
	Members                                  []Member     // the series of its antigens
}

// Member is the series of one antigen within a group.
type Member struct {
	Antigen, Series string
	Doses           int // that the series has; those that repeat count once
	Status          Status
	Evaluations     []Evaluation
}

// Due reports whether the dose should be given on a day. What is to be decided together is never due.
func (g GroupForecast) Due(on Date) bool {
	return g.Status == NotComplete && !g.Shared && g.Recommended != 0 && g.Recommended <= on
}

// Overdue reports whether the dose should have been given before a day.
func (g GroupForecast) Overdue(on Date) bool {
	return g.Due(on) && g.PastDue != 0 && g.PastDue < on
}

// EvaluationStatus is what a dose that was given is worth.
type EvaluationStatus int

const (
	NotEvaluated EvaluationStatus = iota
	Valid
	NotValid
	Extraneous  // not needed: given after the series was complete, or too old for it
	SubStandard // not to be counted whatever else: an expired lot, a flaw
)

// Evaluation is that of a dose within a vaccine group.
type Evaluation struct {
	Dose     int // index into the report's doses
	Antigens []string
	Status   EvaluationStatus
	Number   int // of the valid dose, counted from the first that was given; 0 = not valid
	Reasons  []Reason
	Earliest Date // when it could have been given, if it was given too soon or too young; 0 = not that
}

// ReasonCode says what a reason is.
type ReasonCode int

const (
	None ReasonCode = iota
	// Of evaluations.
	TooYoung
	TooOld
	GracePeriod
	TooSoon
	LiveVirusConflict
	InadvertentVaccine
	WrongVaccine      // neither preferable nor allowable
	VaccineAtWrongAge // one of the vaccines, but not at this age
	LowVolume
	SeriesComplete
	LotExpired
	DoseFlawed
	// Of forecasts.
	ByAge
	ByInterval
	ByRisk
	AfterConflict
	BySeason
	AfterInvalid
	DateNotKnown // of an observation that the interval counts from
	PatientComplete
	HistorySuffices
	EvidenceOfImmunity
	HasContraindication
	SeasonOver
	OverMaximumAge
	CannotFinish
)

// Reason is why a dose counts or not, or why a dose is recommended or not. Its words are made by [Reason.Words].
type Reason struct {
	Code ReasonCode
	Date Date   // that matters: from which on, until which
	Span string // the interval or age that it was measured by, in words
	Text string // what it is about: an observation, a contraindication, a vaccine
}
