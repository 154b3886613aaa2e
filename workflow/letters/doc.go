// Package letters is what leaves the practice on paper or as a file: letters, the summary of a visit for the patient, and the chart or
// chosen parts of it.
//
// A letter is a Composition while it is written; signed, it is frozen as notes are (record.TagSigned), and a DocumentReference with its
// text and its PDF stands beside it: both carry the same identifier (Composition.identifier, DocumentReference.masterIdentifier), and what
// is printed later are those very bytes. A visit summary and a print of the chart are made anew each time; every page says whose it is, who
// printed it and when. Each PDF is a disclosure: an AuditEvent says so before the first byte leaves.
package letters
