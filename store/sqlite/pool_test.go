package sqlite

import (
	"context"
	"errors"
	"testing"
)

func TestPool(t *testing.T) {
	a, b := new(conn), new(conn)
	p := newPool(2)
	p.give(a)
	p.give(b)
	take := func() *conn {
		t.Helper()
		c, err := p.take(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	for range 3 { // one at a time: always the same
		c := take()
		if c != b {
			t.Fatal("another connection than the one that came back last")
		}
		p.give(c)
	}
	first, second := take(), take()
	if first != b || second != a {
		t.Fatal("two at a time did not get the two")
	}
	over, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := p.take(over); !errors.Is(err, context.Canceled) {
		t.Fatalf("with none left and a context that is over: %v", err)
	}
	p.give(first) // it came back last but one
	p.give(second)
	if take() != a {
		t.Error("another connection than the one that came back last")
	}
	p.give(a)
	p.drain() // waits for no one: both are there
	if _, err := p.take(over); err == nil {
		t.Error("a drained pool lends")
	}
}
