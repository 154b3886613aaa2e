// Package facts reads from FHIR documents what pages show: who a patient is, what was measured, in what unit, how it stands to its
// reference range. Slices share it, because these elements look the same in every resource that has them; what only one slice needs
// stays in that slice's own views.
package facts
