// Package coverage keeps who pays for a patient's care.
package coverage
