package forecast

// Gender is that of the patient, as far as recommendations differ.
type Gender string

const (
	Female        Gender = "female"
	Male          Gender = "male"
	UnknownGender Gender = "unknown"
)

// Patient is what a forecast is made from.
type Patient struct {
	Birth        Date // needed: without it nothing can be said
	Gender       Gender
	BirthCountry string // "U.S." = born there; "" = not known
	Doses        []Dose // in any order
	// Observations are what is known of the patient beside the vaccines, by the codes of the supporting data.
	Observations []Observation
}

// Dose is a vaccine that was given.
type Dose struct {
	ID         string // of the caller's; comes back in the report
	CVX        string
	MVX        string // maker; "" = not known
	Given      Date
	LotExpires Date
	Flawed     bool    // not to be counted, such as after a break of the cold chain or a recall
	Volume     float64 // mL; 0 = not known
}

// Observation is a condition, an exposure, a reaction or a plan of the patient's that recommendations depend on.
type Observation struct {
	Code string // of the supporting data, such as 014 for diabetes
	Date Date   // when it began; 0 = not known
}
