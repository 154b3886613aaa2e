package keys

import (
	"bytes"
	"crypto/rand"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

func testRing(t testing.TB) *Keyring {
	t.Helper()
	k, err := Create(filepath.Join(t.TempDir(), "keyring"), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func reopen(t testing.TB, k *Keyring) *Keyring {
	t.Helper()
	again, err := Open(k.Path())
	if err != nil {
		t.Fatal(err)
	}
	return again
}

func TestCreatedKeyringOpensTheSame(t *testing.T) {
	ring := testRing(t)
	again := reopen(t, ring)
	if !bytes.Equal(ring.Derive("index"), again.Derive("index")) {
		t.Error("derived keys differ")
	}
	key, wrapped, err := ring.NewPatientKey(7, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	same, err := again.Unwrap(7, wrapped)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := same.Open(nil, key.Seal(nil, []byte("x"), nil), nil); err != nil || string(got) != "x" {
		t.Errorf("opened %q, %v", got, err)
	}
	info, err := os.Stat(ring.Path())
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
}

func TestDerivedKeysDifferByPurposeAndKeyring(t *testing.T) {
	a, b := testRing(t), testRing(t)
	seen := map[string]string{}
	for _, ring := range []*Keyring{a, b} {
		for _, purpose := range []string{"", "index", "index2", "audit", "cursor", "identity", "token"} {
			k := ring.Derive(purpose)
			if len(k) != 32 {
				t.Errorf("%q: %d bytes", purpose, len(k))
			}
			if other, ok := seen[string(k)]; ok {
				t.Errorf("%q and %q are the same", purpose, other)
			}
			seen[string(k)] = purpose
		}
	}
}

// A known answer, so that an accidental change of the derivation, which would orphan every database, is noticed.
func TestDerivationNeverChanges(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keyring")
	ring, err := Create(path, strings.NewReader(strings.Repeat("0", 32)+strings.Repeat("1", 32)))
	if err != nil {
		t.Fatal(err)
	}
	// Made with another implementation: HMAC-SHA256 by hand, extract with an all-zero salt, then expand.
	want := deriveByHand([]byte(strings.Repeat("0", 32)), "osler index")
	if got := ring.Derive("index"); !bytes.Equal(got, want) {
		t.Errorf("got %x, want %x", got, want)
	}
}

func TestPatientKeyOpensForItsPatientOnly(t *testing.T) {
	ring := testRing(t)
	_, wrapped, err := ring.NewPatientKey(7, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ring.Unwrap(8, wrapped); !errors.Is(err, ErrDamaged) {
		t.Errorf("another patient: %v", err)
	}
	if _, err := testRing(t).Unwrap(7, wrapped); !errors.Is(err, ErrDamaged) {
		t.Errorf("another keyring: %v", err)
	}
	for i := range len(wrapped) * 8 {
		wrapped[i/8] ^= 1 << (i % 8)
		if _, err := ring.Unwrap(7, wrapped); !errors.Is(err, ErrDamaged) && !errors.Is(err, ErrNoEpoch) {
			t.Fatalf("bit %d flipped: %v", i, err)
		}
		wrapped[i/8] ^= 1 << (i % 8)
	}
	if _, err := ring.Unwrap(7, nil); !errors.Is(err, ErrDamaged) {
		t.Errorf("nothing: %v", err)
	}
}

func TestCreateNeverOverwrites(t *testing.T) {
	ring := testRing(t)
	before, _ := os.ReadFile(ring.Path())
	if _, err := Create(ring.Path(), rand.Reader); !errors.Is(err, fs.ErrExist) {
		t.Errorf("second create: %v", err)
	}
	after, _ := os.ReadFile(ring.Path())
	if !bytes.Equal(before, after) {
		t.Error("the file changed")
	}
}

func TestCreateFailsWithoutRandomness(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keyring")
	if _, err := Create(path, strings.NewReader("too short")); err == nil {
		t.Fatal("created")
	}
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a file was left: %v", err)
	}
	if _, _, err := testRing(t).NewPatientKey(1, strings.NewReader("too short")); err == nil {
		t.Error("made a patient key")
	}
}

func TestOpenRefusesWhatOthersCanRead(t *testing.T) {
	ring := testRing(t)
	for _, mode := range []os.FileMode{0o640, 0o604, 0o620, 0o660, 0o644} {
		if err := os.Chmod(ring.Path(), mode); err != nil {
			t.Fatal(err)
		}
		_, err := Open(ring.Path())
		if err == nil || !strings.Contains(err.Error(), "chmod 600 "+ring.Path()) {
			t.Errorf("mode %o: %v", mode, err)
		}
	}
	for _, mode := range []os.FileMode{0o600, 0o400} {
		if err := os.Chmod(ring.Path(), mode); err != nil {
			t.Fatal(err)
		}
		if _, err := Open(ring.Path()); err != nil {
			t.Errorf("mode %o: %v", mode, err)
		}
	}
}

func TestOpenRefusesDamage(t *testing.T) {
	ring := testRing(t)
	good, _ := os.ReadFile(ring.Path())
	root := string(good)[bytes.Index(good, []byte(`"root": "`))+9:][:44]
	for name, data := range map[string]string{
		"empty":         "",
		"cut":           string(good[:len(good)/2]),
		"text":          "hello",
		"two":           string(good) + string(good),
		"newer":         strings.Replace(string(good), `"osler-keyring": 1`, `"osler-keyring": 2`, 1),
		"no root":       strings.Replace(string(good), root, "", 1),
		"zero root":     strings.Replace(string(good), root, strings.Repeat("A", 43)+"=", 1),
		"short root":    strings.Replace(string(good), root, root[4:], 1),
		"no epochs":     `{"osler-keyring":1,"note":"","root":"` + root + `","epochs":[]}`,
		"same epochs":   `{"osler-keyring":1,"note":"","root":"` + root + `","epochs":[{"number":1,"key":"` + root + `"},{"number":1,"key":"` + root + `"}]}`,
		"epoch zero":    `{"osler-keyring":1,"note":"","root":"` + root + `","epochs":[{"number":0,"key":"` + root + `"}]}`,
		"unknown field": strings.Replace(string(good), `"note"`, `"notes"`, 1),
	} {
		if err := os.WriteFile(ring.Path(), []byte(data), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := Open(ring.Path())
		if err == nil {
			t.Errorf("%s: opened", name)
		} else if strings.Contains(err.Error(), root[4:20]) {
			t.Errorf("%s: the error quotes the key: %v", name, err)
		}
	}
	if _, err := Open(filepath.Join(t.TempDir(), "none")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("missing: %v", err)
	}
	if _, err := Open(t.TempDir()); err == nil {
		t.Error("opened a directory")
	}
}

func TestRotationRewrapsWithoutChangingKeys(t *testing.T) {
	ring := testRing(t)
	const patients = 20
	var wrapped, sealed [patients][]byte
	for i := range patients {
		key, w, err := ring.NewPatientKey(int64(i), rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		wrapped[i], sealed[i] = w, key.Seal(nil, []byte{byte(i)}, nil)
	}
	readable := func(ring *Keyring) {
		t.Helper()
		for i := range patients {
			key, err := ring.Unwrap(int64(i), wrapped[i])
			if err != nil {
				t.Fatal(err)
			}
			if got, err := key.Open(nil, sealed[i], nil); err != nil || !bytes.Equal(got, []byte{byte(i)}) {
				t.Fatalf("patient %d: %x, %v", i, got, err)
			}
		}
	}
	old := reopen(t, ring) // a server that runs meanwhile

	epoch, err := ring.Rotate(rand.Reader)
	if err != nil || epoch != 2 {
		t.Fatalf("epoch %d, %v", epoch, err)
	}
	readable(ring)
	if err := ring.Retire(2); err == nil {
		t.Fatal("retired the epoch in use")
	}
	if err := ring.Retire(9); !errors.Is(err, ErrNoEpoch) {
		t.Fatalf("retired an unknown epoch: %v", err)
	}

	backup := wrapped
	for i := range patients {
		again, changed, err := ring.Rewrap(int64(i), wrapped[i])
		if err != nil || !changed || bytes.Equal(again, wrapped[i]) {
			t.Fatalf("patient %d: changed %v, %v", i, changed, err)
		}
		if same, changed, err := ring.Rewrap(int64(i), again); err != nil || changed || !bytes.Equal(same, again) {
			t.Fatalf("patient %d again: changed %v, %v", i, changed, err)
		}
		wrapped[i] = again
	}
	readable(old) // finds the new epoch in the file by itself

	if err := ring.Retire(1); err != nil {
		t.Fatal(err)
	}
	for _, k := range []*Keyring{ring, reopen(t, ring)} {
		readable(k)
		if got := k.Epochs(); !slices.Equal(got, []uint32{2}) {
			t.Errorf("epochs %v", got)
		}
		if _, err := k.Unwrap(0, backup[0]); !errors.Is(err, ErrNoEpoch) {
			t.Errorf("a key in an old backup: %v", err)
		}
		if _, _, err := k.Rewrap(0, backup[0]); !errors.Is(err, ErrNoEpoch) {
			t.Errorf("rewrapping it: %v", err)
		}
	}
	if info, err := os.Stat(ring.Path()); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	if names, _ := filepath.Glob(ring.Path() + ".*"); len(names) != 0 {
		t.Errorf("left behind: %v", names)
	}
}

func TestRotationsOfTwoProcessesDoNotLoseAnEpoch(t *testing.T) {
	ring := testRing(t)
	var done sync.WaitGroup
	var mu sync.Mutex
	made := map[uint32]bool{1: true}
	for range 4 {
		process := reopen(t, ring)
		done.Go(func() {
			for range 5 {
				n, err := process.Rotate(rand.Reader)
				if errors.Is(err, fs.ErrExist) || (err != nil && strings.Contains(err.Error(), "by another process")) {
					continue // refused, which is fine
				}
				mu.Lock()
				if err != nil {
					t.Error(err)
				} else if made[n] {
					t.Errorf("epoch %d was made twice", n)
				}
				made[n] = true
				mu.Unlock()
			}
		})
	}
	done.Wait()
	if got := reopen(t, ring).Epochs(); len(got) != len(made) {
		t.Errorf("%d epochs in the file, %d made", len(got), len(made))
	}
}

func TestRotationAfterACrash(t *testing.T) {
	ring := testRing(t)
	if err := os.WriteFile(ring.Path()+".new", nil, 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := ring.Rotate(rand.Reader)
	if err == nil || !strings.Contains(err.Error(), "remove that file") {
		t.Fatalf("got %v", err)
	}
	_ = os.Remove(ring.Path() + ".new")
	// One that died between writing and renaming.
	if err := os.WriteFile(ring.Path()+".tmp", []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := ring.Rotate(rand.Reader); err != nil {
		t.Fatal(err)
	}
}

func TestReloadRefusesAnotherKeyring(t *testing.T) {
	ring, other := testRing(t), testRing(t)
	data, _ := os.ReadFile(other.Path())
	if err := os.WriteFile(ring.Path(), data, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := ring.Reload(); err == nil || !strings.Contains(err.Error(), "replaced") {
		t.Errorf("got %v", err)
	}
}

func TestSameVolume(t *testing.T) {
	dir := t.TempDir()
	if same, err := SameVolume(dir, dir); err != nil || !same {
		t.Errorf("a directory and itself: %v, %v", same, err)
	}
	if _, err := os.Stat("/proc/self"); err == nil {
		if same, err := SameVolume(dir, "/proc/self"); err != nil || same {
			t.Errorf("a directory and /proc: %v, %v", same, err)
		}
	}
	if _, err := SameVolume(dir, filepath.Join(dir, "none")); err == nil {
		t.Error("a missing path")
	}
}
