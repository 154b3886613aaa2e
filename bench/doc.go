// Command bench measures a server against the published workload: see docs/performance.md.
//
//	go run ./bench --osler ./osler                         on SQLite
//	go run ./bench --osler ./osler --database postgres://... on PostgreSQL
//	go run ./bench --osler ./osler --against ./older       two programs, measured alternately
//	go run ./bench --osler ./osler --growth                records of 10 thousand to a million resources
//
// It makes an empty record, starts the program as a process of its own, ingests a corpus of transaction
// bundles, and then runs each operation in a closed loop over HTTP on loopback with several numbers of
// clients. Everything is on: authentication, the access filter, the audit log, encryption, validation.
//
// It reports requests per second, latencies, and the CPU time of all server processes for each request,
// which is the figure to trust on a machine that is shared.
package main
