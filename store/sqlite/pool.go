package sqlite

import (
	"context"
	"sync"
)

// pool lends connections. It gives the one that came back last: its page cache is the warmest, and connections that are not
// needed leave theirs empty.
type pool struct {
	free chan struct{} // as many as there are connections in idle
	mu   sync.Mutex
	idle []*conn
}

func newPool(size int) *pool { return &pool{free: make(chan struct{}, size)} }

// take waits for a connection.
func (p *pool) take(ctx context.Context) (*conn, error) {
	select {
	case <-p.free:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	last := len(p.idle) - 1
	c := p.idle[last]
	p.idle = p.idle[:last]
	return c, nil
}

// give adds a connection, or takes one back.
func (p *pool) give(c *conn) {
	p.mu.Lock()
	p.idle = append(p.idle, c)
	p.mu.Unlock()
	p.free <- struct{}{}
}

// drain waits until every connection has come back, and lends none any more.
func (p *pool) drain() {
	for range cap(p.free) {
		<-p.free
	}
}
