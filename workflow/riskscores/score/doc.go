// Package score holds risk scores as their authors published them: what goes in, what comes out, for whom it is valid, and what the
// result means. It knows nothing of records: every score is a function of its inputs.
//
// An input that is not known makes a score incomplete. Nothing is assumed in its place.
package score
