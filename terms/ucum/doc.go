// Package ucum reads and converts units of the Unified Code for Units of Measure (UCUM), case-sensitive form.
//
//	ucum.Validate("mg/dL")                     // nil
//	ucum.Convert(v, "[degF]", "Cel", 1)        // 98.6 becomes 37.0
//	ucum.Commensurable("mm[Hg]", "kPa")        // true
//
// Factors are exact: they are fractions of whole numbers, not floating point. Units on a scale of their own (degrees
// Celsius, pH, decibel) convert too; a unit that is a logarithm converts as precisely as float64 does.
//
// # Two readings of the mole
//
// To UCUM a mole is a number, 6.02214076e23, and an arbitrary unit such as [iU] compares with itself alone. [Convert]
// follows it. A record must not take 5 mmol for 3e21 of anything, so [Unit.Canonical] and [Commensurable] hold amounts
// of substance apart from numbers.
package ucum
