// Package cdshooks serves every rule of the program to other systems as CDS Hooks services: patient-view for what a rule
// says of a patient, order-select and order-sign for what it says of orders about to be made. (CDS Hooks 2.0, HL7.)
//
// The services read this record, with the rights of whoever holds the access token that the call brings. A patient who is
// not in it cannot be judged; the call is then answered with 412, as the specification asks.
package cdshooks
