// Package messages is the correspondence about a patient: with the patient, and among those who work here.
//
// A message is a Communication; an answer names the first message of its thread (partOf) and the one that it answers (inResponseTo). What
// must be answered is a Task of the kind "message", one for each thread however often the patient writes again, so that it stands in the
// inbox with all other work, has an owner or a pool, and is due. It is unread until somebody for whom it waits opens it: Task.status
// requested becomes received, and Communication.received tells the sender. A watch makes the Task of whatever a patient, or a program for
// one, writes into the record.
//
// What staff write for each other carries a security label which keeps it from the patient (record/access), unless the writer files it
// where the patient reads it.
package messages
