// Package riskscores works out risk scores from what a record holds: each with its inputs, where they come from, what is missing, and
// for whom the score is valid. What the record does not say is asked for; nothing is assumed. An input can be changed to see what it
// would give, without writing anything. A result that somebody keeps becomes a RiskAssessment with its inputs as the basis.
//
// The scores themselves are in the package score.
package riskscores
