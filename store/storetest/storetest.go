// Package storetest tests store.Store implementations.
//
// An engine's own test opens stores for it and calls [Run]; whatever passes may hold the record. Expected
// answers come from the contract in package store: searches are compared with a naive evaluation of the
// same plan over rows in memory, never with what another engine says.
package storetest

import (
	"context"
	"testing"

	"github.com/osler-ehr/osler/store"
)

// Run tests an engine. open returns an empty store that seals its audit chunks with [Seal], and closes it
// when the test it is given ends.
func Run(t *testing.T, open func(t *testing.T) store.Store) {
	groups := []struct {
		name string
		test func(t *testing.T, f *fixture)
	}{
		{"versions", testVersions},
		{"conflicts", testConflicts},
		{"history", testHistory},
		{"keys", testKeys},
		{"changes", testChanges},
		{"tailing", testTailing},
		{"atomicity", testAtomicity},
		{"own writes", testOwnWrites},
		{"lost updates", testLostUpdates},
		{"references hold", testReferencesHold},
		{"serialize", testSerialize},
		{"index rows", testIndexRows},
		{"reindex", testReindex},
		{"assert", testAssert},
		{"conditions", testConditions},
		{"filters", testFilters},
		{"paging", testPaging},
		{"dated", testDated},
		{"frequent", testFrequent},
		{"secrets", testSecrets},
		{"patient keys", testPatientKeys},
		{"blobs", testBlobs},
		{"jobs", testJobs},
		{"job workers", testJobWorkers},
		{"audit", testAudit},
		{"audit under load", testAuditUnderLoad},
		{"symbols", testSymbols},
		{"patient numbers", testPatientNumbers},
		{"health", testHealth},
	}
	for _, g := range groups {
		t.Run(g.name, func(t *testing.T) { g.test(t, &fixture{t: t, ctx: context.Background(), s: open(t)}) })
	}
	t.Run("random", func(t *testing.T) { testRandom(t, open) })
}
