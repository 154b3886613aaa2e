package fhir

// Dosage is how a medication is taken. At most one of the two asNeeded may be stated.
type Dosage struct {
	Sequence                 int
	Text                     string // the sig as a person reads it
	AdditionalInstruction    []CodeableConcept
	PatientInstruction       string
	Timing                   Timing
	AsNeededBoolean          bool
	AsNeededCodeableConcept  CodeableConcept
	Site                     CodeableConcept
	Route                    CodeableConcept
	Method                   CodeableConcept
	DoseAndRate              []DoseAndRate
	MaxDosePerPeriod         Ratio
	MaxDosePerAdministration Quantity
	MaxDosePerLifetime       Quantity
}

// Read takes the dosage at n.
func (d *Dosage) Read(n Node) error {
	*d = Dosage{}
	var in reader
	if !in.object(n, "a Dosage object") {
		return in.err
	}
	for f := range n.Children() {
		switch f.Key() {
		case "sequence":
			d.Sequence = in.integer(f)
		case "text":
			d.Text = in.str(f)
		case "additionalInstruction":
			d.AdditionalInstruction = readList[CodeableConcept](&in, f)
		case "patientInstruction":
			d.PatientInstruction = in.str(f)
		case "timing":
			readOne(&in, f, &d.Timing)
		case "asNeededBoolean":
			d.AsNeededBoolean = in.boolean(f)
		case "asNeededCodeableConcept":
			readOne(&in, f, &d.AsNeededCodeableConcept)
		case "site":
			readOne(&in, f, &d.Site)
		case "route":
			readOne(&in, f, &d.Route)
		case "method":
			readOne(&in, f, &d.Method)
		case "doseAndRate":
			d.DoseAndRate = readList[DoseAndRate](&in, f)
		case "maxDosePerPeriod":
			readOne(&in, f, &d.MaxDosePerPeriod)
		case "maxDosePerAdministration":
			readOne(&in, f, &d.MaxDosePerAdministration)
		case "maxDosePerLifetime":
			readOne(&in, f, &d.MaxDosePerLifetime)
		}
	}
	return in.err
}

// AppendJSON appends the dosage with its properties in the order of the specification.
func (d Dosage) AppendJSON(out []byte) []byte {
	w := begin(out)
	w.integer("sequence", d.Sequence)
	w.str("text", d.Text)
	writeList(&w, "additionalInstruction", d.AdditionalInstruction)
	w.str("patientInstruction", d.PatientInstruction)
	writeOne(&w, "timing", d.Timing)
	w.boolean("asNeededBoolean", d.AsNeededBoolean)
	writeOne(&w, "asNeededCodeableConcept", d.AsNeededCodeableConcept)
	writeOne(&w, "site", d.Site)
	writeOne(&w, "route", d.Route)
	writeOne(&w, "method", d.Method)
	writeList(&w, "doseAndRate", d.DoseAndRate)
	writeOne(&w, "maxDosePerPeriod", d.MaxDosePerPeriod)
	writeOne(&w, "maxDosePerAdministration", d.MaxDosePerAdministration)
	writeOne(&w, "maxDosePerLifetime", d.MaxDosePerLifetime)
	return w.end()
}

// IsZero is true when nothing is stated.
func (d Dosage) IsZero() bool {
	return d.Sequence == 0 && d.Text == "" && noneStated(d.AdditionalInstruction) && d.PatientInstruction == "" &&
		d.Timing.IsZero() && !d.AsNeededBoolean && d.AsNeededCodeableConcept.IsZero() && d.Site.IsZero() &&
		d.Route.IsZero() && d.Method.IsZero() && noneStated(d.DoseAndRate) && d.MaxDosePerPeriod.IsZero() &&
		d.MaxDosePerAdministration.IsZero() && d.MaxDosePerLifetime.IsZero()
}

// DoseAndRate is an amount for each administration, or an amount in time. At most one dose and one rate
// may be stated.
type DoseAndRate struct {
	Type         CodeableConcept
	DoseRange    Range
	DoseQuantity Quantity
	RateRatio    Ratio
	RateRange    Range
	RateQuantity Quantity
}

// Read takes the dose and rate at n.
func (d *DoseAndRate) Read(n Node) error {
	*d = DoseAndRate{}
	var in reader
	if !in.object(n, "a DoseAndRate object") {
		return in.err
	}
	for f := range n.Children() {
		switch f.Key() {
		case "type":
			readOne(&in, f, &d.Type)
		case "doseRange":
			readOne(&in, f, &d.DoseRange)
		case "doseQuantity":
			readOne(&in, f, &d.DoseQuantity)
		case "rateRatio":
			readOne(&in, f, &d.RateRatio)
		case "rateRange":
			readOne(&in, f, &d.RateRange)
		case "rateQuantity":
			readOne(&in, f, &d.RateQuantity)
		}
	}
	return in.err
}

// AppendJSON appends the dose and rate with its properties in the order of the specification.
func (d DoseAndRate) AppendJSON(out []byte) []byte {
	w := begin(out)
	writeOne(&w, "type", d.Type)
	writeOne(&w, "doseRange", d.DoseRange)
	writeOne(&w, "doseQuantity", d.DoseQuantity)
	writeOne(&w, "rateRatio", d.RateRatio)
	writeOne(&w, "rateRange", d.RateRange)
	writeOne(&w, "rateQuantity", d.RateQuantity)
	return w.end()
}

// IsZero is true when nothing is stated.
func (d DoseAndRate) IsZero() bool {
	return d.Type.IsZero() && d.DoseRange.IsZero() && d.DoseQuantity.IsZero() && d.RateRatio.IsZero() &&
		d.RateRange.IsZero() && d.RateQuantity.IsZero()
}
