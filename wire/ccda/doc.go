// Package ccda reads clinical documents of C-CDA R1.1 and R2.1: who a document is about, and its allergies, medicines and problems in the
// data types of FHIR R4. It reads bytes and nothing else: no entity, style sheet or address that a document names is ever followed.
//
// Nothing is guessed. A code, a dose, a unit and a time stand as they were sent; what could not be understood is named in
// [Entry.Doubts], beside the words of the document itself, so that a person can judge.
package ccda
