package forecast

import "sync"

// Schedule is what the supporting data say. It is read-only once it is read.
type Schedule struct {
	Version      string // of the supporting data, such as 4.64
	Groups       []Group
	antigens     []antigen
	vaccines     map[string]vaccine    // by CVX
	conflicts    map[string][]conflict // by the CVX of the vaccine given later
	observations map[string]observation
	conflicting  map[string]bool // CVX of vaccines that stand first in a conflict
	bySNOMED     map[string][]string
	byCVX        map[string][]string
}

// CDC is the schedule of the embedded table.
var CDC = sync.OnceValue(func() *Schedule {
	s, err := parse(table)
	if err != nil {
		panic("forecast: the embedded table does not read: " + err.Error()) // a test reads it
	}
	return s
})

// Group is a vaccine group: antigens that are recommended together.
type Group struct {
	Name     string
	Antigens []string
	full     bool // every antigen of the group is given, though one alone may be due
}

type vaccine struct {
	name     string
	antigens []association
}

// association is an antigen that a vaccine holds for those of an age.
type association struct {
	antigen    string
	begin, end Span
}

// conflict is that between a vaccine given before and one given now. (6.7)
type conflict struct {
	previous               string
	begin, minimumEnd, end Span
}

type observation struct{ code, title string }

type antigen struct {
	name    string
	immune  []string // observations
	born    []bornImmunity
	never   []contraindication
	without []contraindication
	series  []*series
}

// bornImmunity is immunity of those born before a day.
type bornImmunity struct {
	before  Date
	country string
	but     []string // observations that take precedence
}

type contraindication struct {
	observation    string
	begin, end     Span // ages
	text, guidance string
	vaccines       []vaccineAges // of a contraindication of vaccines
}

// vaccineAges are vaccines for those of an age.
type vaccineAges struct {
	cvx        []string
	begin, end Span
}

type series struct {
	name, group    string
	kind           Kind
	genders        []Gender
	byDefault      bool
	product        bool
	seriesGroup    string
	equivalent     []string
	priority       string
	preference     int
	minimumToStart Span
	maximumToStart Span
	guidance       []string
	indications    []indication
	doses          []seriesDose
	needsOthers    bool // a skip looks at the outcome of other series
	shared         bool // by shared clinical decision making
}

type indication struct {
	observation    string
	begin, end     Span
	text, guidance string
}

type seriesDose struct {
	number      int
	recurring   bool
	ages        []ageLimits
	intervals   []interval
	allowable   []interval
	preferable  []preferable
	allowed     []vaccineAges
	inadvertent []string
	seasonStart Date
	seasonEnd   Date
	skips       []skip
}

type ageLimits struct {
	absoluteMinimum, minimum, earliest, latest, maximum Span
	effective, cessation                                Date
}

type interval struct {
	from                                       reference
	absoluteMinimum, minimum, earliest, latest Span
	override                                   bool // FORECASTPRIORITY-1
	effective, cessation                       Date
}

// reference is what an interval is counted from: exactly one of these.
type reference struct {
	previous    bool
	dose        int
	vaccines    []string
	observation string
}

type preferable struct {
	cvx, mvx   string
	begin, end Span
	volume     float64 // mL; 0 = not given
	forecast   bool    // named in forecasts
}

type skip struct {
	evaluation, forecast bool // contexts
	any                  bool // one set suffices
	sets                 []skipSet
}

type skipSet struct {
	any                  bool // one condition suffices
	effective, cessation Date
	text                 string
	conditions           []condition
}

type condition struct {
	kind       conditionKind
	start, end Date
	begin      Span // ages
	finish     Span
	interval   Span
	count      int
	total      bool // doses of any status count, not only valid ones
	compare    comparison
	vaccines   []string
	groups     []string
}

type conditionKind int

const (
	byAge conditionKind = iota
	byCompletedSeries
	byInterval
	byCount
)

type comparison int

const (
	moreThan comparison = iota
	exactly
	fewerThan
)
