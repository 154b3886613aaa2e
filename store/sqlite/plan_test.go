package sqlite

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/osler-ehr/osler/store"
	"github.com/osler-ehr/osler/store/internal/sqlplan"
	"zombiezen.com/go/sqlite"
)

// What is asked for by name is looked up by name, however many of its type there are.
func TestReadingManyByNameDoesNotGoThroughTheirType(t *testing.T) {
	s, err := Open(t.Context(), filepath.Join(t.TempDir(), "record.db"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for _, hashes := range [][]int64{{1}, {1, 2, 3}} {
		st := sqlplan.Search(sqlplan.SQLite, &store.Plan{Type: 96, Where: []store.Cond{store.HashIs{Hashes: hashes}}, Limit: 3})
		var plan strings.Builder
		err := s.read(t.Context(), func(c *conn) error {
			return c.query("EXPLAIN QUERY PLAN "+st.SQL, st.Args, func(q *sqlite.Stmt) error {
				plan.WriteString(q.ColumnText(3) + "\n")
				return nil
			})
		})
		if err != nil {
			t.Fatal(err)
		}
		if got := plan.String(); !strings.Contains(got, "resource_hash") || strings.Contains(got, "resource_type") {
			t.Errorf("%d names are found by\n%s", len(hashes), got)
		}
	}
}
