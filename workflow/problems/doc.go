// Package problems keeps a patient's problem list.
package problems
