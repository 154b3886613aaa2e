// Package synthetic invents a family practice: its people, its patients and the years of care they had there.
//
// Nobody in it exists. The histories hang together all the same: a condition brings visits, the visits bring vital signs, tests,
// prescriptions and a note, a prescription moves the next test, and the note quotes the figures of its own visit.
// Everything is FHIR R4, and says that it follows US Core 6.1.0 wherever US Core has a profile.
//
// [Practice] streams the resources; [WriteNDJSON] writes them as one file per type. The same [Options] give the same bytes.
// Patient k depends on the seed, on the day and on k alone, so a practice of ten million patients needs no more memory than one of ten.
//
// # How it is made
//
// Shared resources (organisations, places, staff, schedules) come first, then patient after patient. A patient is lived before it is
// written: [patient] is drawn (identity.go, patient.go), each [module] says when the patient fell ill with it, the visits are then held
// one after another (career.go), and only at the end is the whole chart written as JSON (write_*.go).
//
// A disease is one file: condition_hypertension.go says who gets it, what is measured, which ladder of drugs is climbed and what
// the clinician writes. Sudden illnesses are rows of one table (sudden.go). Codes sit beside what uses them.
//
// The first patients are the cast (cast.go): the people of the practice's pictures and manuals, with a set story. Their day is the
// day of the first clinician.
package synthetic
