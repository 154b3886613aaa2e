// Package bulk moves large parts of the record out and in over HTTP, as NDJSON, while nobody waits: FHIR Bulk Data
// Access 2.0 ($export of everything, of all patients, of a group), and $import.
//
// # An export
//
// A kick-off writes down what is asked for and by whom, and answers at once with the address of its status. Then the
// work is done in steps of some seconds: each step looks up what the requester may do now, reads on in pages with
// the requester's own session, and commits the files written so far together with the place to go on from. So an
// export goes on after a restart where it was, holds a few megabytes however large the record is, and ends when the
// requester's rights end. What it reads is audited as read by the requester.
//
// What changed while the export runs is given as it was when the export began, see [scan.asOf].
//
// Files are kept sealed in the slice's spool, and given to the requester alone, whose rights must then still be what
// they were. After [Options.Keep] they are removed.
//
// # An import
//
// NDJSON is sent in the request or uploaded before, is kept sealed, and is then stored with the requester's session,
// line by line, all that can be. Lines that refer to what is not there yet are tried again after the rest. The
// answer tells how many lines each input had and names those that were refused.
package bulk
