package vitals

import "slices"

// sign is one vital sign: how it is entered, coded and recognised.
type sign struct {
	name  string // of its field in the form: "temp"
	label string
	loinc string // as which it is written
	title string // what LOINC calls it
	// also are other LOINC codes under which others write the same. What was said of the birth (8339-4, 89269-5) or by the patient
	// (3142-7, 3138-5) is not among them: it may be written down years later, and is no measurement of that day.
	also    []string
	profile string   // of US Core, the last part of its address; its number version is left open
	units   []unit   // in which it may be entered; the first is the one where none is typed
	words   []string // by which a line names it
}

// unit is a unit as it is coded and as people type it.
type unit struct {
	ucum  string
	words []string
}

// The units of vital signs. US Core allows no others for them.
var (
	celsius    = unit{"Cel", []string{"c", "°c", "cel", "degc"}}
	fahrenheit = unit{"[degF]", []string{"f", "°f", "degf"}}
	kilogram   = unit{"kg", []string{"kg", "kgs", "kilo", "kilos"}}
	pound      = unit{"[lb_av]", []string{"lb", "lbs", "pound", "pounds", "#"}}
	gram       = unit{"g", []string{"g", "gm", "grams"}}
	centimetre = unit{"cm", []string{"cm"}}
	inch       = unit{"[in_i]", []string{"in", "inch", "inches", "\"", "″", "”"}}
	perMinute  = unit{"/min", []string{"/min", "bpm", "min"}}
	percent    = unit{"%", []string{"%", "percent"}}
	mercury    = unit{"mm[Hg]", []string{"mmhg", "mm[hg]", "mm hg"}}
	score      = unit{"{score}", []string{"/10", "of 10", "out of 10"}}
)

// The fields of the form, by name.
const (
	bloodPressure = "bp"
	pulse         = "pulse"
	temperature   = "temp"
	respiration   = "resp"
	saturation    = "spo2"
	weight        = "weight"
	height        = "height"
	length        = "length" // lying
	head          = "head"
	pain          = "pain"
)

// The codes of a blood pressure's parts. (US Core blood pressure profile.)
const (
	systolic  = "8480-6"
	diastolic = "8462-4"
	panelBP   = "85354-9"
)

// The codes of the parts of a pulse oximetry. (US Core pulse oximetry profile.)
const (
	oxygenFlow = "3151-8"
	// oximetry is the second code that the profile asks for beside the sign's own.
	oximetry = "59408-5"
)

// bmi is only read: it follows from weight and height, and is not entered.
const bmi = "39156-5"

// signs are all that can be entered, in the order of the form.
var signs = []sign{
	{name: bloodPressure, label: "Blood pressure", loinc: panelBP, title: "Blood pressure panel with all children optional", profile: "us-core-blood-pressure", units: []unit{mercury}, words: []string{"bp", "blood pressure", "b/p"}},
	{name: pulse, label: "Pulse", loinc: "8867-4", title: "Heart rate", profile: "us-core-heart-rate", units: []unit{perMinute}, words: []string{"p", "hr", "pulse", "heart rate", "pr"}},
	{name: temperature, label: "Temperature", loinc: "8310-5", title: "Body temperature", also: []string{"8331-1", "8329-5", "8328-7", "8332-9", "8333-7"}, profile: "us-core-body-temperature", units: []unit{celsius, fahrenheit}, words: []string{"t", "temp", "temperature"}},
	{name: respiration, label: "Respiration", loinc: "9279-1", title: "Respiratory rate", profile: "us-core-respiratory-rate", units: []unit{perMinute}, words: []string{"r", "rr", "resp", "respiration", "respirations", "respiratory rate"}},
	{name: saturation, label: "Oxygen sat.", loinc: "2708-6", title: "Oxygen saturation in Arterial blood", also: []string{oximetry}, profile: "us-core-pulse-oximetry", units: []unit{percent}, words: []string{"spo2", "o2", "o2sat", "o2 sat", "sat", "sats", "sao2", "oxygen"}},
	{name: weight, label: "Weight", loinc: "29463-7", title: "Body weight", also: []string{"3141-9"}, profile: "us-core-body-weight", units: []unit{kilogram, pound, gram}, words: []string{"w", "wt", "weight"}},
	{name: height, label: "Height", loinc: "8302-2", title: "Body height", also: []string{"3137-7"}, profile: "us-core-body-height", units: []unit{centimetre, inch}, words: []string{"h", "ht", "height"}},
	{name: length, label: "Length, lying", loinc: "8306-3", title: "Body height --lying", profile: "us-core-vital-signs", units: []unit{centimetre, inch}, words: []string{"l", "len", "length"}},
	{name: head, label: "Head circ.", loinc: "9843-4", title: "Head Occipital-frontal circumference", also: []string{"8287-5"}, profile: "us-core-head-circumference", units: []unit{centimetre, inch}, words: []string{"hc", "head", "ofc", "head circ", "head circumference"}},
	{name: pain, label: "Pain", loinc: "72514-3", title: "Pain severity - 0-10 verbal numeric rating [Score] - Reported", profile: "us-core-vital-signs", units: []unit{score}, words: []string{"pain"}},
}

// signOf is the sign of a field; nil if there is none.
func signOf(name string) *sign {
	for i := range signs {
		if signs[i].name == name {
			return &signs[i]
		}
	}
	return nil
}

// place is the sign's place in the order of the form.
func (s *sign) place() int {
	return slices.IndexFunc(signs, func(o sign) bool { return o.name == s.name })
}

// codes are all by which the sign is recognised.
func (s *sign) codes() []string { return append([]string{s.loinc}, s.also...) }

// signByCode is the sign that a LOINC code names; nil if it is none of these.
func signByCode(loinc string) *sign {
	for i := range signs {
		if loinc != "" && slices.Contains(signs[i].codes(), loinc) {
			return &signs[i]
		}
	}
	return nil
}
