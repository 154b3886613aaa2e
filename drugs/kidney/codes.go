package kidney

// Codes of LOINC by which kidney function is found in a record, as a search for Observations takes them.
const (
	// FiltrationCodes are estimated glomerular filtration rates, in mL/min/1.73 m2.
	FiltrationCodes = "http://loinc.org|98979-8,http://loinc.org|62238-1,http://loinc.org|33914-3,http://loinc.org|77147-7,http://loinc.org|69405-9,http://loinc.org|88293-6,http://loinc.org|88294-4,http://loinc.org|48642-3,http://loinc.org|48643-1,http://loinc.org|50210-4,http://loinc.org|94677-2"
	// CreatinineCodes are creatinine in serum, plasma or blood.
	CreatinineCodes = "http://loinc.org|2160-0,http://loinc.org|38483-4,http://loinc.org|14682-9"
)
