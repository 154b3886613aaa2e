package record_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	mathrand "math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/osler-ehr/osler/clock"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/record/keys"
	"github.com/osler-ehr/osler/store/sqlite"
	"github.com/osler-ehr/osler/store/sqlite/sqlitetest"
)

// shelf is a record that can be closed, damaged on disk and opened again.
type shelf struct {
	dir  string
	ring *keys.Keyring
}

func newShelf(t *testing.T) *shelf {
	ring, err := keys.Create(filepath.Join(t.TempDir(), "keyring"), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return &shelf{t.TempDir(), ring}
}

func (s *shelf) file() string { return filepath.Join(s.dir, "record.db") }

// with opens the record, lets f use it, and closes it. The error is that of opening or of f.
func (s *shelf) with(file string, f func(r *record.Record, as *record.Session) error) error {
	ctx := context.Background()
	at := clock.At(time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC))
	seal, err := record.AuditSealer(s.ring)
	if err != nil {
		return err
	}
	db, err := sqlite.Open(ctx, file, sqlite.Options{Clock: at, Audit: seal})
	if err != nil {
		return err
	}
	defer db.Close()
	r, err := record.Open(ctx, record.Options{Store: db, Keyring: s.ring, Clock: at})
	if err != nil {
		return err
	}
	return f(r, r.As(access.Actor{ID: "test", Roles: []access.Role{access.Program}, Org: 1}))
}

// copy makes a copy of the database, to be damaged.
func (s *shelf) copy(t *testing.T) string {
	t.Helper()
	b, err := os.ReadFile(s.file())
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "record.db")
	if err := os.WriteFile(file, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// fill stores two patients with results, changes some and deletes one.
func (s *shelf) fill(t *testing.T) {
	t.Helper()
	ctx := context.Background()
	err := s.with(s.file(), func(r *record.Record, as *record.Session) error {
		do := func(ops ...record.Op) {
			t.Helper()
			if _, err := as.Do(ctx, ops); err != nil {
				t.Fatal(err)
			}
		}
		result := func(id, patient string, value int) record.Op {
			return put(parse(t, fmt.Sprintf(`{"resourceType":"Observation","id":%q,"status":"final","code":{"coding":[{"system":"http://loinc.org","code":"8867-4"}]},"subject":{"reference":"Patient/%s"},"encounter":{"reference":"Encounter/%s"},"effectiveDateTime":"2020-01-02","valueQuantity":{"value":%d,"unit":"/min","system":"http://unitsofmeasure.org","code":"/min"}}`, id, patient, patient, value)))
		}
		for _, p := range []string{"a", "b"} {
			do(put(parse(t, fmt.Sprintf(`{"resourceType":"Patient","id":%q,"name":[{"family":"Family%s"}],"birthDate":"1980-02-03"}`, p, p))))
			do(put(instance(t, "Encounter", p, `"subject":{"reference":"Patient/`+p+`"}`)))
		}
		do(put(parse(t, `{"resourceType":"Practitioner","id":"ada","name":[{"family":"Lovelace"}]}`)))
		for i := range 10 {
			do(result(fmt.Sprint("o", i), []string{"a", "b"}[i%2], 60+i))
		}
		do(result("o0", "a", 90))
		do(result("o0", "a", 91))
		do(record.Op{Verb: record.Delete, Type: "Observation", ID: "o9"})
		_, err := as.Read(ctx, "Observation", "o1")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// problems are what Verify says of a database, or why it cannot be opened.
func (s *shelf) problems(file string) []string {
	var found []string
	err := s.with(file, func(r *record.Record, _ *record.Session) error {
		v, err := r.Verify(context.Background(), nil)
		if err == nil {
			found = v.Problems
		}
		return err
	})
	if err != nil {
		return append(found, "error: "+err.Error())
	}
	return found
}

// TestVerifyNamesDamage damages the file in one place after the other and expects Verify to name it.
func TestVerifyNamesDamage(t *testing.T) {
	s := newShelf(t)
	s.fill(t)
	if found := s.problems(s.copy(t)); len(found) > 0 {
		t.Fatalf("a sound record: %v", found)
	}
	one := func(t *testing.T, file, sql string, args ...any) any {
		t.Helper()
		rows, err := sqlitetest.Query(file, sql, args...)
		if err != nil || len(rows) == 0 {
			t.Fatalf("%s: %v, %d rows", sql, err, len(rows))
		}
		return rows[0][0]
	}
	flip := func(b any, at int) []byte {
		out := bytes.Clone(b.([]byte))
		out[(at+len(out))%len(out)] ^= 4
		return out
	}
	const o0, o1 = `(SELECT key FROM resource WHERE id='o0')`, `(SELECT key FROM resource WHERE id='o1')`
	cases := []struct {
		name   string
		damage func(t *testing.T, file string, exec func(sql string, args ...any))
		want   string // in one of the problems
	}{
		{"a bit of a body", func(t *testing.T, f string, exec func(string, ...any)) {
			exec(`UPDATE resource SET body=? WHERE id='o1'`, flip(one(t, f, `SELECT body FROM resource WHERE id='o1'`), 40))
		}, "Observation/o1 version 1"},
		{"the last bit of a body", func(t *testing.T, f string, exec func(string, ...any)) {
			exec(`UPDATE resource SET body=? WHERE id='a' AND hash=(SELECT hash FROM resource WHERE key>>24&255=103 AND id='a')`, flip(one(t, f, `SELECT body FROM resource WHERE id='a' AND key>>24&255=103`), -1))
		}, "Patient/a version 1"},
		{"an empty body", func(t *testing.T, f string, exec func(string, ...any)) {
			exec(`UPDATE resource SET body=x'' WHERE id='ada'`)
		}, "Practitioner/ada version 1"},
		{"bodies of two resources of a patient exchanged", func(t *testing.T, f string, exec func(string, ...any)) {
			exec(`UPDATE resource SET body=? WHERE id='o2'`, one(t, f, `SELECT body FROM resource WHERE id='o4'`))
		}, "Observation/o2 version 1"},
		{"an old version's body put back", func(t *testing.T, f string, exec func(string, ...any)) {
			exec(`UPDATE resource SET body=(SELECT body FROM history h WHERE h.hash=resource.hash AND h.version=1) WHERE id='o0'`)
		}, "Observation/o0 version 3"},
		{"a bit of an old version", func(t *testing.T, f string, exec func(string, ...any)) {
			exec(`UPDATE history SET body=? WHERE id='o0' AND version=2`, flip(one(t, f, `SELECT body FROM history WHERE id='o0' AND version=2`), 40))
		}, "Observation/o0 version 2"},
		{"a row of another id", func(t *testing.T, f string, exec func(string, ...any)) {
			exec(`UPDATE resource SET id='o77' WHERE id='o1'`)
		}, "Observation/o77"},
		{"a row under another hash", func(t *testing.T, f string, exec func(string, ...any)) {
			exec(`UPDATE resource SET hash=hash+1 WHERE id='o1'`)
		}, "Observation/o1: stands under a hash that is not its own"},
		{"a row of another version", func(t *testing.T, f string, exec func(string, ...any)) {
			exec(`UPDATE resource SET version=7 WHERE id='o1'`)
		}, "Observation/o1 version 7"},
		{"a row of another time", func(t *testing.T, f string, exec func(string, ...any)) {
			exec(`UPDATE resource SET at=at-86400000 WHERE id='o1'`)
		}, "Observation/o1"},
		{"a row of another organisation", func(t *testing.T, f string, exec func(string, ...any)) {
			exec(`UPDATE resource SET org=org+1 WHERE id='o1'`)
		}, "Observation/o1"},
		{"a row put into another patient's record", func(t *testing.T, f string, exec func(string, ...any)) {
			exec(`UPDATE resource SET key=key-(1<<32)+100 WHERE id='o1'`)
		}, "Observation/o1"},
		{"a row given to nobody", func(t *testing.T, f string, exec func(string, ...any)) {
			exec(`UPDATE resource SET key=key&((1<<32)-1) WHERE id='o1'`)
		}, "Observation/o1"},
		{"a resource that is gone", func(t *testing.T, f string, exec func(string, ...any)) {
			exec(`DELETE FROM resource WHERE id='o1'`)
		}, "version 1 of a Observation is missing"},
		{"an old version that is gone", func(t *testing.T, f string, exec func(string, ...any)) {
			exec(`DELETE FROM history WHERE id='o0' AND version=1`)
		}, "version 1 of a Observation is missing"},
		{"a deletion that is gone", func(t *testing.T, f string, exec func(string, ...any)) {
			exec(`DELETE FROM history WHERE id='o9' AND version=2`)
		}, "version 2 of a Observation is missing"},
		{"a line of the change log that is gone", func(t *testing.T, f string, exec func(string, ...any)) {
			exec(`DELETE FROM change WHERE seq=(SELECT change FROM resource WHERE id='o1')`)
		}, "change log"},
		{"the last line of the change log that is gone", func(t *testing.T, f string, exec func(string, ...any)) {
			exec(`DELETE FROM change WHERE seq=(SELECT max(seq) FROM change)`)
		}, "change log"},
		{"a line of the change log about another version", func(t *testing.T, f string, exec func(string, ...any)) {
			exec(`UPDATE change SET version=9 WHERE seq=(SELECT change FROM resource WHERE id='o1')`)
		}, "version 9 of a Observation is missing"},
		{"a token that is gone", func(t *testing.T, f string, exec func(string, ...any)) {
			exec(`DELETE FROM ix_token WHERE (atom, code, key, system) IN (SELECT atom, code, key, system FROM ix_token WHERE key=` + o1 + ` LIMIT 1)`)
		}, "Observation/o1: its index rows"},
		{"a token of another code", func(t *testing.T, f string, exec func(string, ...any)) {
			exec(`UPDATE ix_token SET code=code+1 WHERE (atom, code, key, system) IN (SELECT atom, code, key, system FROM ix_token WHERE key=` + o1 + ` LIMIT 1)`)
		}, "Observation/o1: its index rows"},
		{"a token too many", func(t *testing.T, f string, exec func(string, ...any)) {
			exec(`INSERT INTO ix_token SELECT atom, code+1, key, system FROM ix_token WHERE key=` + o0 + ` LIMIT 1`)
		}, "Observation/o0: its index rows"},
		{"a reference that is gone", func(t *testing.T, f string, exec func(string, ...any)) {
			exec(`DELETE FROM ix_ref WHERE key=` + o1)
		}, "Observation/o1: its index rows"},
		{"a date moved", func(t *testing.T, f string, exec func(string, ...any)) {
			exec(`UPDATE ix_date SET hi=hi+1 WHERE key=` + o1)
		}, "Observation/o1: its index rows"},
		{"a name that is another", func(t *testing.T, f string, exec func(string, ...any)) {
			exec(`UPDATE ix_text SET value=value||'x' WHERE key=(SELECT key FROM resource WHERE id='ada')`)
		}, "Practitioner/ada: its index rows"},
		{"an amount that is another", func(t *testing.T, f string, exec func(string, ...any)) {
			exec(`UPDATE ix_amount SET value=value+1 WHERE key=` + o1)
		}, "Observation/o1: its index rows"},
		{"index rows of nothing, before all", func(t *testing.T, f string, exec func(string, ...any)) {
			exec(`INSERT INTO ix_token VALUES (1, 1, 5, 1)`)
		}, "does not exist"},
		{"index rows of nothing, in between", func(t *testing.T, f string, exec func(string, ...any)) {
			exec(`INSERT INTO ix_ref VALUES (1, 1, ` + o1 + `+1000)`)
		}, "does not exist"},
		{"index rows of nothing, behind all", func(t *testing.T, f string, exec func(string, ...any)) {
			exec(`INSERT INTO ix_date VALUES (1, 1<<50, 1, 2)`)
		}, "does not exist"},
		{"a patient's key that is gone", func(t *testing.T, f string, exec func(string, ...any)) {
			exec(`DELETE FROM patient_key WHERE patient=1`)
		}, "the key of this patient's record was destroyed"},
		{"a patient's key that is another's", func(t *testing.T, f string, exec func(string, ...any)) {
			exec(`UPDATE patient_key SET wrapped=? WHERE patient=1`, one(t, f, `SELECT wrapped FROM patient_key WHERE patient=2`))
		}, "Patient/a"},
		{"an audit chunk altered", func(t *testing.T, f string, exec func(string, ...any)) {
			exec(`UPDATE audit SET body=? WHERE seq=3`, flip(one(t, f, `SELECT body FROM audit WHERE seq=3`), 20))
		}, "chunk 3: was altered"},
		{"an audit chunk's hash altered", func(t *testing.T, f string, exec func(string, ...any)) {
			exec(`UPDATE audit SET hash=? WHERE seq=3`, flip(one(t, f, `SELECT hash FROM audit WHERE seq=3`), 2))
		}, "chunk 3: was altered"},
		{"an audit chunk's link altered", func(t *testing.T, f string, exec func(string, ...any)) {
			exec(`UPDATE audit SET prev=? WHERE seq=3`, flip(one(t, f, `SELECT prev FROM audit WHERE seq=3`), 2))
		}, "chunk 3"},
		{"an audit chunk that is gone", func(t *testing.T, f string, exec func(string, ...any)) {
			exec(`DELETE FROM audit WHERE seq=4`)
		}, "chunks 4 to 4 are missing"},
		{"the first audit chunk that is gone", func(t *testing.T, f string, exec func(string, ...any)) {
			exec(`DELETE FROM audit WHERE seq=1`)
		}, "chunks 1 to 1 are missing"},
		{"an audit chunk that is gone, the others moved up", func(t *testing.T, f string, exec func(string, ...any)) {
			exec(`DELETE FROM audit WHERE seq=4`)
			exec(`UPDATE audit SET seq=seq-1 WHERE seq=5`)
		}, "chunk 4: "},
		{"two audit chunks exchanged", func(t *testing.T, f string, exec func(string, ...any)) {
			exec(`UPDATE audit SET seq=1000 WHERE seq=4`)
			exec(`UPDATE audit SET seq=4 WHERE seq=5`)
			exec(`UPDATE audit SET seq=5 WHERE seq=1000`)
		}, "chunk 4: "},
		{"the end of the audit log cut off", func(t *testing.T, f string, exec func(string, ...any)) {
			exec(`DELETE FROM audit WHERE seq >= (SELECT max(seq) FROM audit)-2`)
		}, "not in the audit log"},
		{"the whole audit log gone", func(t *testing.T, f string, exec func(string, ...any)) {
			exec(`DELETE FROM audit`)
		}, "not in the audit log"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			file := s.copy(t)
			c.damage(t, file, func(sql string, args ...any) {
				t.Helper()
				if n, err := sqlitetest.Exec(file, sql, args...); err != nil || n == 0 {
					t.Fatalf("%s: %v, %d rows changed", sql, err, n)
				}
			})
			found := s.problems(file)
			if !strings.Contains(strings.Join(found, "\n"), c.want) {
				t.Errorf("found %d problems, none of which says %q:\n%s", len(found), c.want, strings.Join(found, "\n"))
			}
			for _, p := range found {
				for _, secret := range []string{"FamilyA", "Familya", "Familyb", "Lovelace", "1980"} {
					if strings.Contains(p, secret) {
						t.Errorf("a problem tells patient data: %s", p)
					}
				}
			}
		})
	}
}

// TestVerifyFlippedBits flips single bits of the file anywhere: each is found, or nothing that is read has
// changed.
func TestVerifyFlippedBits(t *testing.T) {
	s := newShelf(t)
	s.fill(t)
	sound, err := os.ReadFile(s.file())
	if err != nil {
		t.Fatal(err)
	}
	read := func(file string) (string, error) {
		var b strings.Builder
		err := s.with(file, func(r *record.Record, as *record.Session) error {
			return as.Walk(context.Background(), true, func(v *record.Version) error {
				_, err := fmt.Fprintln(&b, v.Type, v.ID, v.Version, v.At, v.Action, string(v.Body))
				return err
			})
		})
		return b.String(), err
	}
	want, err := read(s.copy(t))
	if err != nil {
		t.Fatal(err)
	}
	rng := mathrand.New(mathrand.NewPCG(7, 7))
	n, found, harmless := 80, 0, 0
	if testing.Short() {
		n = 8
	}
	for range n {
		at, bit := rng.IntN(len(sound)), rng.IntN(8)
		b := bytes.Clone(sound)
		b[at] ^= 1 << bit
		file := filepath.Join(t.TempDir(), "record.db")
		if err := os.WriteFile(file, b, 0o600); err != nil {
			t.Fatal(err)
		}
		if len(s.problems(file)) > 0 {
			found++
			continue
		}
		got, err := read(file)
		if err != nil || got != want {
			t.Errorf("bit %d of byte %d: verify finds nothing, but what is read differs (%v)", bit, at, err)
		}
		harmless++
	}
	t.Logf("%d bits of %d bytes: %d found, %d without effect", n, len(sound), found, harmless)
}
