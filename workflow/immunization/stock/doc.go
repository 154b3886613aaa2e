// Package stock keeps count of vaccines by lot.
//
// A lot at a site is a Group of medications (FHIR R4): its quantity is what is on hand. Each movement is a SupplyDelivery whose quantity is
// the change, negative for what leaves, so that the movements of a lot always add up to what is on hand. Both are written in one
// transaction, and the lot only if nobody changed it meanwhile. Patients see neither.
package stock
