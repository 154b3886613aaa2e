// Package prevention says which preventive care and which checks of chronic disease a patient is due for, and why: the
// recommendations of grade A and B of the US Preventive Services Task Force that can be told from a record, and the
// monitoring of common diseases. Each says who recommends it, since when, what it was judged by, and what was missing.
//
// A recommendation that does not suit this patient is left out for a time, or for good, with a reason: as a
// ServiceRequest with doNotPerform, so that it is part of the record like any other decision.
package prevention
