package keys

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func testKey(t testing.TB) *Key {
	t.Helper()
	k, _, err := newRandomKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestOpenReturnsWhatWasSealed(t *testing.T) {
	k := testKey(t)
	rapid.Check(t, func(t *rapid.T) {
		plain := rapid.SliceOf(rapid.Byte()).Draw(t, "plain")
		aad := rapid.SliceOf(rapid.Byte()).Draw(t, "aad")
		before := rapid.SliceOf(rapid.Byte()).Draw(t, "before")
		sealed := k.Seal(bytes.Clone(before), plain, aad)
		if !bytes.HasPrefix(sealed, before) || len(sealed) != len(before)+len(plain)+Overhead {
			t.Fatalf("sealed %d bytes after %d into %d", len(plain), len(before), len(sealed))
		}
		got, err := k.Open(bytes.Clone(before), sealed[len(before):], aad)
		if err != nil || !bytes.Equal(got, append(bytes.Clone(before), plain...)) {
			t.Fatalf("opened %x, %v", got, err)
		}
	})
}

func TestEveryAlteredBitIsNoticed(t *testing.T) {
	k := testKey(t)
	plain, aad := []byte("Allergic to penicillin"), []byte("place 1")
	sealed := k.Seal(nil, plain, aad)
	for i := range len(sealed) * 8 {
		sealed[i/8] ^= 1 << (i % 8)
		if got, err := k.Open(nil, sealed, aad); err == nil {
			t.Fatalf("bit %d flipped: opened %q", i, got)
		} else if !errors.Is(err, ErrDamaged) && !errors.Is(err, ErrOtherKey) {
			t.Fatalf("bit %d flipped: %v", i, err)
		}
		sealed[i/8] ^= 1 << (i % 8)
	}
	for n := range len(sealed) {
		if _, err := k.Open(nil, sealed[:n], aad); !errors.Is(err, ErrDamaged) {
			t.Fatalf("cut to %d bytes: %v", n, err)
		}
	}
	if _, err := k.Open(nil, append(bytes.Clone(sealed), 0), aad); !errors.Is(err, ErrDamaged) {
		t.Errorf("a byte added: %v", err)
	}
	if _, err := k.Open(nil, sealed, []byte("place 2")); !errors.Is(err, ErrDamaged) {
		t.Errorf("moved to another place: %v", err)
	}
	if _, err := testKey(t).Open(nil, sealed, aad); !errors.Is(err, ErrOtherKey) {
		t.Errorf("another key: %v", err)
	}
	if got, err := k.Open(nil, sealed, aad); err != nil || string(got) != string(plain) {
		t.Errorf("restored: %q, %v", got, err)
	}
}

func TestNoNonceIsUsedTwice(t *testing.T) {
	k := testKey(t)
	seen := map[string]bool{}
	for range 20_000 {
		s := k.Seal(nil, nil, nil)
		nonce := string(s[headerSize : headerSize+nonceSize])
		if seen[nonce] {
			t.Fatal("a nonce came twice")
		}
		seen[nonce] = true
	}
}

func TestSealAndOpenDoNotAllocateWithRoom(t *testing.T) {
	k := testKey(t)
	plain, aad := make([]byte, 400), []byte("place")
	sealed, opened := make([]byte, 0, 1000), make([]byte, 0, 1000)
	n := testing.AllocsPerRun(100, func() {
		sealed = k.Seal(sealed[:0], plain, aad)
		opened, _ = k.Open(opened[:0], sealed, aad)
	})
	if n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func TestKeysAreNeverPrinted(t *testing.T) {
	path := t.TempDir() + "/keyring"
	ring, err := Create(path, strings.NewReader(strings.Repeat("SECRETSECRET!", 20)))
	if err != nil {
		t.Fatal(err)
	}
	key, err := NewKey([]byte(strings.Repeat("SECRET!!", 4)))
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range []any{ring, key, struct{ K any }{key}, struct{ R *Keyring }{ring}} {
		var out strings.Builder
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%d"} {
			fmt.Fprintf(&out, verb+"\n", v)
		}
		slog.New(slog.NewJSONHandler(&out, nil)).Info("x", "k", v)
		slog.New(slog.NewTextHandler(&out, nil)).Info("x", "k", v)
		if j, err := json.Marshal(v); err == nil {
			out.Write(j)
		}
		for _, leak := range []string{"SECRET", "534543524554", "83 69 67 82", "U0VDUkVU", "[83"} {
			if strings.Contains(out.String(), leak) {
				t.Errorf("%T printed %q in %s", v, leak, out.String())
			}
		}
	}
}

func BenchmarkSeal(b *testing.B) {
	for _, size := range []int{400, 4096} {
		b.Run(fmt.Sprintf("%dB", size), func(b *testing.B) {
			k := testKey(b)
			plain, aad, dst := make([]byte, size), make([]byte, 40), make([]byte, 0, 5000)
			b.SetBytes(int64(size))
			b.ReportAllocs()
			for b.Loop() {
				dst = k.Seal(dst[:0], plain, aad)
			}
		})
	}
}

func BenchmarkOpen(b *testing.B) {
	for _, size := range []int{400, 4096} {
		b.Run(fmt.Sprintf("%dB", size), func(b *testing.B) {
			k := testKey(b)
			aad, dst := make([]byte, 40), make([]byte, 0, 5000)
			sealed := k.Seal(nil, make([]byte, size), aad)
			b.SetBytes(int64(size))
			b.ReportAllocs()
			for b.Loop() {
				dst, _ = k.Open(dst[:0], sealed, aad)
			}
		})
	}
}
