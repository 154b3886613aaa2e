package synthetic

// visitKind is what sort of encounter a visit is.
type visitKind struct {
	name    string // in the schedule: "Physical"
	class   string // v3-ActCode as JSON
	kind    *concept
	note    *concept // LOINC type of its note
	minutes int
	vitals  bool
	nurse   bool // a nurse's own visit
	chronic bool // standing conditions are reviewed
}

var (
	ambulatory = coding(thoBase+"v3-ActCode", "AMB", "ambulatory")
	virtual    = coding(thoBase+"v3-ActCode", "VR", "virtual")
	emergency  = coding(thoBase+"v3-ActCode", "EMER", "emergency")
	inpatient  = coding(thoBase+"v3-ActCode", "IMP", "inpatient encounter")
)

var (
	progressNote     = loinc("11506-3", "Progress note", "Progress note")
	historyNote      = loinc("34117-2", "History and physical note", "History and physical")
	dischargeSummary = loinc("18842-5", "Discharge summary", "Discharge summary")
	consultNote      = loinc("11488-4", "Consult note", "Consultation")
)

var (
	followUpVisit  = &visitKind{name: "Follow-up", class: ambulatory, kind: words("Follow-up visit"), note: progressNote, minutes: 30, vitals: true, chronic: true}
	physicalVisit  = &visitKind{name: "Physical", class: ambulatory, kind: words("Annual physical"), note: historyNote, minutes: 60, vitals: true, chronic: true}
	newPatientExam = &visitKind{name: "New patient", class: ambulatory, kind: words("New patient visit"), note: historyNote, minutes: 60, vitals: true, chronic: true}
	wellChildVisit = &visitKind{name: "Well child", class: ambulatory, kind: words("Well child visit"), note: historyNote, minutes: 30, vitals: true, chronic: true}
	sameDayVisit   = &visitKind{name: "Same day", class: ambulatory, kind: words("Same-day visit"), note: progressNote, minutes: 30, vitals: true}
	videoVisit     = &visitKind{name: "Video", class: virtual, kind: words("Video visit"), note: progressNote, minutes: 30, chronic: true}
	nurseVisit     = &visitKind{name: "Nurse", class: ambulatory, kind: words("Nurse visit"), note: progressNote, minutes: 15, nurse: true, vitals: true}
	prenatalVisit  = &visitKind{name: "Prenatal", class: ambulatory, kind: words("Prenatal visit"), note: progressNote, minutes: 30, vitals: true}
	postpartum     = &visitKind{name: "Postpartum", class: ambulatory, kind: words("Postpartum visit"), note: progressNote, minutes: 30, vitals: true}
	emergencyVisit = &visitKind{name: "Emergency", class: emergency, kind: words("Emergency department visit"), note: dischargeSummary, minutes: 240, vitals: true}
	hospitalStay   = &visitKind{name: "Hospital", class: inpatient, kind: words("Hospital stay"), note: dischargeSummary, minutes: 3 * 24 * 60, vitals: true}
)

// elsewhere is true for care that County Hospital gave.
func (k *visitKind) elsewhere() bool { return k == emergencyVisit || k == hospitalStay }
