package storetest

import (
	"bytes"
	"errors"
	"fmt"
	"testing"

	"github.com/osler-ehr/osler/store"
)

func testSecrets(t *testing.T, f *fixture) {
	set := func(space, name string, value []byte) {
		t.Helper()
		f.update(func(tx store.Tx) error { return tx.SetSecret(f.ctx, space, name, value) })
	}
	set("accounts", "jo", []byte{0, 1, 2})
	set("accounts", "al", []byte("x"))
	set("accounts", "empty", []byte{})
	set("keys", "jo", []byte("other space"))
	set("accounts", "al", []byte("y"))
	got, err := f.s.Secrets(f.ctx, "accounts")
	if err != nil {
		t.Fatal(err)
	}
	f.equal("a space", got, map[string][]byte{"jo": {0, 1, 2}, "al": []byte("y"), "empty": {}})
	if v, err := f.s.Secret(f.ctx, "keys", "jo"); err != nil || string(v) != "other space" {
		t.Errorf("Secret: %q, %v", v, err)
	}
	if v, err := f.s.Secret(f.ctx, "accounts", "empty"); err != nil || len(v) != 0 {
		t.Errorf("an empty secret: %q, %v", v, err)
	}
	set("accounts", "jo", nil)
	set("accounts", "never", nil)
	for _, name := range []string{"jo", "never"} {
		if _, err := f.s.Secret(f.ctx, "accounts", name); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("Secret %s: %v, want ErrNotFound", name, err)
		}
	}
	if m, err := f.s.Secrets(f.ctx, "nothing here"); err != nil || len(m) != 0 {
		t.Errorf("an empty space: %d, %v", len(m), err)
	}
}

func testPatientKeys(t *testing.T, f *fixture) {
	n, err := f.s.NextPatient(f.ctx)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.s.PatientKey(f.ctx, n); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("the key of a patient without one: %v, want ErrNotFound", err)
	}
	for _, key := range []string{"first", "wrapped anew"} {
		f.update(func(tx store.Tx) error { return tx.SetPatientKey(f.ctx, n, []byte(key)) })
		if v, err := f.s.PatientKey(f.ctx, n); err != nil || string(v) != key {
			t.Errorf("PatientKey: %q, %v, want %q", v, err, key)
		}
	}
	f.update(func(tx store.Tx) error { return tx.SetPatientKey(f.ctx, n, nil) })
	if _, err := f.s.PatientKey(f.ctx, n); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("a key that was destroyed: %v, want ErrNotFound", err)
	}
	// A number brought along, as from a restored copy, is not given out again.
	f.update(func(tx store.Tx) error { return tx.SetPatientKey(f.ctx, n+3, []byte("brought along")) })
	for range 8 {
		m, err := f.s.NextPatient(f.ctx)
		if err != nil || m == n || m == n+3 {
			t.Fatalf("NextPatient: %d, %v, but %d and %d are taken", m, err, n, n+3)
		}
	}
}

func testBlobs(t *testing.T, f *fixture) {
	big := bytes.Repeat([]byte("0123456789abcdef\x00\xff"), 300_000) // 5.4 MB
	for name, data := range map[string][]byte{"big": big, "empty": {}, "Binary/1 é": []byte("x")} {
		f.update(func(tx store.Tx) error { return tx.SetBlob(f.ctx, name, data) })
		if got, err := f.s.Blob(f.ctx, name); err != nil || !bytes.Equal(got, data) {
			t.Errorf("Blob %q: %d bytes, %v, want %d", name, len(got), err, len(data))
		}
	}
	f.update(func(tx store.Tx) error { return tx.SetBlob(f.ctx, "big", []byte("small")) })
	if got, err := f.s.Blob(f.ctx, "big"); err != nil || string(got) != "small" {
		t.Errorf("a blob written over: %d bytes, %v", len(got), err)
	}
	f.update(func(tx store.Tx) error { return tx.SetBlob(f.ctx, "big", nil) })
	for _, name := range []string{"big", "never"} {
		if _, err := f.s.Blob(f.ctx, name); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("Blob %q: %v, want ErrNotFound", name, err)
		}
	}
}

func testSymbols(t *testing.T, f *fixture) {
	if m := f.symbols(); len(m) != 0 {
		t.Errorf("the numbers of no names: %v", m)
	}
	one := f.symbols("Patient.name", "Patient.birthDate", "Patient.name")
	if len(one) < 2 || one["Patient.name"] == one["Patient.birthDate"] || one["Patient.name"] < 1 {
		t.Errorf("numbers: %v", one)
	}
	two := f.symbols("Observation.code", "Patient.name")
	if two["Patient.name"] != one["Patient.name"] || two["Observation.code"] < 1 {
		t.Errorf("numbers: %v, then %v", one, two)
	}
	// Many ask for overlapping new names at once, in different orders.
	results := make([]map[string]int64, 16)
	err := together(len(results), func(g int) (err error) {
		var names []string
		for i := range 60 {
			names = append(names, fmt.Sprint("name ", (i*3+g*11)%70))
		}
		results[g], err = f.s.Symbols(f.ctx, names)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	byName, byNumber := map[string]int64{}, map[int64]string{}
	for _, m := range results {
		if len(m) < 60 {
			t.Errorf("%d of 60 names have numbers", len(m))
		}
		for name, no := range m {
			if had, ok := byName[name]; ok && had != no {
				t.Errorf("%s has the numbers %d and %d", name, had, no)
			}
			if had, ok := byNumber[no]; ok && had != name {
				t.Errorf("%s and %s have the number %d", had, name, no)
			}
			byName[name], byNumber[no] = no, name
		}
	}
	for name, no := range f.symbols("name 0", "name 69") {
		if had, ok := byName[name]; ok && had != no {
			t.Errorf("%s has the number %d now, %d before", name, no, had)
		}
	}
}

func testHealth(t *testing.T, f *fixture) {
	before, err := f.s.Size(f.ctx)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 30 {
		w := first(1, observation, fmt.Sprint(i), store.Index{Texts: []store.Text{{Atom: 1, Value: fmt.Sprint(i)}}})
		w.Row.Body = bytes.Repeat([]byte{byte(i), 0x5a, byte(i * 7)}, 30_000)
		f.put(w)
	}
	after, err := f.s.Size(f.ctx)
	if err != nil || after <= before {
		t.Errorf("Size was %d, is %d after 2.7 MB, %v", before, after, err)
	}
	found, err := f.s.Check(f.ctx)
	if err != nil || len(found) != 0 {
		t.Errorf("Check of a sound store: %q, %v", found, err)
	}
}
