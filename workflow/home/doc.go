// Package home is the page a clinician starts from: the day in one strip, the next patient, what must be acted on, and the work owed.
package home
