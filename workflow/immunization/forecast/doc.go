// Package forecast evaluates the vaccines that a person has had and says which are due, by the logic specification and
// the supporting data of CDC's Clinical Decision Support for Immunization (CDSi), which state the recommendations of the
// Advisory Committee on Immunization Practices.
//
// It is pure: the assessment date is given, and nothing is read but the embedded table (schedule.txt, made by
// internal/cdsi). A forecast is [Schedule.Forecast] of a [Patient] on a [Date].
//
// The files follow the chapters of the logic specification, version 4.5:
//
//	history.go     4.2  vaccines are taken apart into antigens
//	relevant.go    5    which series concern this patient
//	series.go      4.4  a series is walked, dose by dose
//	evaluate.go    6    one dose against one target dose: condition, inadvertent, and what it all comes to
//	skip.go        6.2  conditional skip
//	age.go         6.4
//	interval.go    6.5, 6.6
//	conflict.go    6.7
//	vaccine.go     6.8, 6.9
//	immunity.go    7.2
//	contraindication.go 7.3
//	need.go        7.4  whether another dose is needed
//	dates.go       7.5, 7.6
//	select.go      8    the best series; score.go holds the points
//	group.go       9    series of antigens become forecasts of vaccine groups
//	words.go       reasons in words
//
// Names in capitals, such as CALCDTAGE-1, are the specification's names of business rules.
package forecast
