package postgres

import (
	"context"
	"fmt"
	"math/rand/v2"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/osler-ehr/osler/store/internal/sqlplan"
	"github.com/osler-ehr/osler/store/postgres/postgrestest"
	"github.com/osler-ehr/osler/store/storetest"
)

var pagesHit = regexp.MustCompile(`Buffers: shared hit=(\d+)`)

// The searches of every day run as they are written: by indexes, and over few pages. A planner that is left
// to guess has taken a thousand times as many for some of them.
func TestSearchesSeek(t *testing.T) {
	c := postgrestest.Require(t)
	ctx := context.Background()
	s, err := Open(ctx, c.Database(t), Options{Audit: storetest.Seal, Readers: 1, Writers: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	const patients = 40
	storetest.Fill(t, s, patients)
	w, err := s.acquire(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.conn.Exec(ctx, "VACUUM ANALYZE"); err != nil {
		t.Fatal(err)
	}
	s.release(w)
	conn, err := s.pool.Acquire(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Release()
	rng := rand.New(rand.NewPCG(1, 2))
	for i, q := range storetest.Questions {
		p := q.Plan(rng, patients)
		st, _, ok := sqlplan.Dated(sqlplan.Postgres, p)
		if !ok {
			st = sqlplan.Search(sqlplan.Postgres, p)
		}
		if _, err := conn.Exec(ctx, fmt.Sprintf("PREPARE q%d AS %s", i, st.SQL)); err != nil {
			t.Fatal(err)
		}
		var args []string
		for _, a := range st.Args {
			if text, ok := a.(string); ok {
				a = "'" + text + "'"
			}
			args = append(args, fmt.Sprint(a))
		}
		var lines []string
		for range 2 { // the second time everything is in memory
			results, err := conn.Conn().PgConn().Exec(ctx, fmt.Sprintf("EXPLAIN (ANALYZE, BUFFERS) EXECUTE q%d (%s)", i, strings.Join(args, ", "))).ReadAll()
			if err != nil {
				t.Fatal(err)
			}
			lines = nil
			for _, row := range results[0].Rows {
				lines = append(lines, string(row[0]))
			}
		}
		plan := strings.Join(lines, "\n")
		pages := 0
		if m := pagesHit.FindStringSubmatch(plan); m != nil {
			pages, _ = strconv.Atoi(m[1])
		}
		t.Logf("%s: %d pages", q.Name, pages)
		for _, bad := range []string{"Seq Scan", "Rows Removed by Join Filter"} {
			if strings.Contains(plan, bad) {
				t.Errorf("%s: %s\n%s\n%s", q.Name, bad, st.SQL, plan)
			}
		}
		if pages == 0 || pages > 1000 {
			t.Errorf("%s: %d pages\n%s\n%s", q.Name, pages, st.SQL, plan)
		}
	}
}
