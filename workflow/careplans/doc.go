// Package careplans keeps the plan of a patient's care: what is to be reached and until when, what is done for it, and who
// takes part.
//
// How far a goal has come is computed from what was measured, each time it is looked at, and never typed. What cannot be
// compared with the target - another unit, another kind of quantity, a value that is too old - is said to be so, not
// guessed at.
package careplans
