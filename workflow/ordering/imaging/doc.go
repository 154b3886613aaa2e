// Package imaging checks orders for imaging before they are signed: radiation in pregnancy, contrast media and kidneys, allergies to
// contrast, metformin, and implants in the magnet. It is pure: a [Patient] is a snapshot, and [Checker.Check] reads nothing else.
//
// It fails loud: what it could not check, because a fact is missing, old or not understood, is a [Gap], and a check with a gap never
// counts as passed. The rules were written by engineers after the sources that they name and have not been reviewed by a radiologist; a
// practice reviews them before it relies on them.
package imaging
