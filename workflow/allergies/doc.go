// Package allergies keeps what a patient must not be given.
package allergies
