package identity

import (
	"sync"
	"time"
)

// cache remembers what was read, up to a number of entries. Its owner decides from the time of reading whether an
// entry is still to be believed.
type cache[V any] struct {
	mu    *sync.Mutex
	max   int
	m     map[string]cached[V]
	drops *uint64 // how many entries were dropped so far
}

type cached[V any] struct {
	value V
	at    time.Time
}

func newCache[V any](maximum int) cache[V] {
	return cache[V]{mu: new(sync.Mutex), max: maximum, m: map[string]cached[V]{}, drops: new(uint64)}
}

// get returns an entry and whether it was read within freshFor.
func (c cache[V]) get(key string, now time.Time) (value V, fresh, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e, ok := c.m[key]
	// A clock that was set back must not keep an entry for long.
	age := now.Sub(e.at)
	return e.value, ok && age >= 0 && age < freshFor, ok
}

// mark is to be taken before reading from the store what is to be put.
func (c cache[V]) mark() uint64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return *c.drops
}

// put remembers what was read after the mark was taken, unless an entry was dropped meanwhile: then what was
// read may be what the drop was about.
func (c cache[V]) put(key string, value V, now time.Time, mark uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if *c.drops != mark {
		return
	}
	if _, ok := c.m[key]; !ok && len(c.m) >= c.max {
		c.makeRoom(now)
	}
	c.m[key] = cached[V]{value, now}
}

// makeRoom forgets what has not been read for a minute, and some other entries if that is not enough.
func (c cache[V]) makeRoom(now time.Time) {
	for k, e := range c.m {
		if now.Sub(e.at).Abs() > time.Minute {
			delete(c.m, k)
		}
	}
	for k := range c.m {
		if len(c.m) <= c.max*9/10 {
			break
		}
		delete(c.m, k)
	}
}

func (c cache[V]) drop(key string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	*c.drops++
	delete(c.m, key)
}

func (c cache[V]) dropAll() {
	c.mu.Lock()
	defer c.mu.Unlock()
	*c.drops++
	clear(c.m)
}
