package imaging

import (
	"strconv"
	"time"
)

// Patient is what is known of a patient at a moment.
type Patient struct {
	Now  time.Time
	Born time.Time // zero = not known
	// Bearing says whether pregnancy is possible by sex, the one assigned at birth before the other: Yes for female, No for male.
	Bearing State

	Pregnant *Fact // what says that the patient is pregnant; nil = nothing does
	// NotPregnant is the newest that says that the patient is not: a test, or what was asked.
	NotPregnant *Fact
	Excluded    *Fact // what rules pregnancy out for good: sterilisation, hysterectomy, menopause

	EGFR      *Filtration // nil = none is recorded
	AKI       *Fact       // acute kidney injury on the problem list
	Dialysis  *Fact
	RenalRisk []string // why a recent eGFR is asked for: chronic kidney disease, diabetes, metformin

	Allergies      []Allergy // to contrast media, or perhaps to them
	AllergiesAsked bool      // somebody recorded allergies, or that there are none

	Metformin string // the medicine that holds it, as it is named; "" = none is taken

	Implants []Implant
	// NoImplants says who recorded that there are none, and when; "" = nobody did.
	NoImplants string

	// Unread tells in sentences what of the record could not be read or understood, by the checks that it keeps from being whole.
	Unread map[Check][]string
}

// State is yes, no or not known.
type State uint8

// The states.
const (
	NotKnown State = iota
	Yes
	No
)

// Fact is something recorded, with its day; the zero time where the day is not known.
type Fact struct {
	Text string
	At   time.Time
}

// Filtration is an estimated glomerular filtration rate.
type Filtration struct {
	Value float64 // mL/min/1.73 m2
	At    time.Time
	From  string // "creatinine" where it was worked out from that; "" where the laboratory reported it
}

// Medium is a kind of contrast medium.
type Medium uint8

// The kinds.
const (
	Iodinated  Medium = 1 << iota
	Gadolinium        // both bits: which of them was not recorded
	Iodine            // "iodine", which may be a contrast medium or what is put on the skin
)

// Allergy is one that may be to a contrast medium.
type Allergy struct {
	Name     string
	To       Medium
	Reaction string // "" = not recorded
	Grave    bool   // severe, of high criticality, or of a severity that nobody recorded
}

// Magnet is what a device's label says of MRI. (ASTM F2503.)
type Magnet uint8

// What a label says.
const (
	MagnetUnknown     Magnet = iota // nothing was recorded, or the label says nothing
	MagnetSafe                      // MR Safe
	MagnetConditional               // MR Conditional
	MagnetUnsafe                    // MR Unsafe
)

// Implant is a device in the body.
type Implant struct {
	Name   string
	Magnet Magnet
	Active bool // pacemakers, stimulators, pumps, clips on vessels of the brain: what a magnet can make dangerous
	At     time.Time
}

// age is in whole years; ok is false if the birth date is not known.
func (p Patient) age() (years int, ok bool) {
	if p.Born.IsZero() || p.Now.Before(p.Born) {
		return 0, false
	}
	years = p.Now.Year() - p.Born.Year()
	if p.Born.AddDate(years, 0, 0).After(p.Now) {
		years--
	}
	return years, true
}

// Ages between which pregnancy is taken to be possible, both included.
const (
	fertileFrom = 12
	fertileTo   = 55
)

// may reports whether the patient may be pregnant, by sex and age: what is not known may be.
func (p Patient) may() bool {
	age, known := p.age()
	return p.Bearing != No && (!known || age >= fertileFrom && age <= fertileTo)
}

// whole writes an eGFR as a whole number, downward: 29.9 is below 30 and must not be shown as 30.
func (f Filtration) whole() string { return strconv.Itoa(int(f.Value)) }
