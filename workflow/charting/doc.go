// Package charting is the visit note: drafts that cannot be lost, and notes that cannot be changed once they are signed.
//
// A note is a Composition of the patient's record from its first word on: preliminary while it is written, final when it
// is signed. What the pages need beside the standard's elements, such as the text with its live links, stands in extensions
// of the Composition; see draft.go.
package charting
