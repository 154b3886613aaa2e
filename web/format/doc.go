// Package format writes the values that people act on: dates, ages, names, numbers with their units, record numbers.
//
// Every page, print-out and message takes its text from here, so that one value looks the same everywhere. The forms follow the NHS
// Common User Interface guidance (dates 14-Jul-1968, names FAMILY, Given, ages by band) and the Joint Commission's do-not-use list
// (units spelled out, a zero before and none after the decimal point of a dose). A value that cannot be understood is shown as it
// was received, never guessed at and never dropped.
package format

// NotKnown stands in for a value that the record does not hold. It is never replaced by a question mark or left blank.
const NotKnown = "Not known"
