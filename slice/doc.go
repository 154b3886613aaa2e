// Package slice is the contract of a feature.
//
// A feature is one folder under workflow/ or exchange/ with one constructor, such as
// immunization.Slice(d). It returns a [Slice]: a plain value that lists what the feature adds to the
// program. The program lists its slices by hand and mounts them with [Mount]; nothing registers itself.
//
// Slices never import each other. They meet in the record: through resources, searches and [Watch].
//
// # Rights
//
// Every [Route], [Panel] and [Rule] names the [Right] that it needs. The right is the door's own lock and
// decides who may come in at all; behind it the record's session decides again about every resource. A
// route without a right does not start: [Mount] returns an error that names it.
package slice
