// Package scheduling keeps the book of appointments: who works when and where, the next free times for a visit, and the visits themselves.
//
// Free times are computed from working hours and never stored. A booked time is a Slot that carries a mark for each five minutes of it, and a
// Slot is written only while no other has one of these marks: the record checks that again in the transaction, so that nobody is ever booked
// twice at the same time, however many people book at once.
package scheduling
