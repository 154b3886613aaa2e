// Package jobs does what no request waits for: scheduled jobs, reactions to committed changes, and work that
// requests leave behind.
//
// A [Runner] is made over a store before the slices are, because it is also their [slice.Queue], their
// [slice.Changes] and, sealed, their [slice.Spool]. Then [Runner.Run] carries out what the slices list, until its
// context ends, and returns when everything it started has ended.
//
// # On several servers
//
// Whatever must run once runs under a lease, which is a job in the store: a server that does it renews the lease, and
// when it dies another one takes over within the time of a lease. Work is leased piece by piece, all watches together.
//
// # When nothing happens
//
// An idle runner asks four times a second for the newest number of the change log, which is one look at one page,
// and every few seconds for a job that is due. Work that this server itself adds is begun at once.
package jobs
