// Package family keeps the health of a patient's relatives.
package family
