// Package prescribing keeps what a patient takes: the medication list and prescriptions.
package prescribing
