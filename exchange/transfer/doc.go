// Package transfer moves whole records in and out as files: FHIR JSON bundles and NDJSON, plain or
// compressed by gzip or bzip2.
//
// # Loading
//
// A file is taken apart into units that are loaded all or not at all: a transaction, a part of an NDJSON
// file, each entry of a batch. Units that refer to what is not there yet are tried again after the rest,
// until nothing new can be loaded. What is refused in the end is reported with the reason.
//
// Loading the same file twice changes nothing. An entry that asks the server to choose an id gets one that
// follows from the file's content and its place there; so a unit that was loaded is recognised, also when
// the program was killed before it could note so.
//
// # Exporting
//
// An export is one NDJSON file for each resource type, in the order of the record, with a manifest.
// Loading it into an empty record gives a record whose export is the same, byte for byte: versions and times
// are restored.
package transfer
