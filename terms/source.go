package terms

import (
	"context"
	"errors"
)

// ErrUnknown is what a [Source] returns for what it does not have.
var ErrUnknown = errors.New("not known here")

// Source finds code systems, value sets and maps by their canonical URL. An empty version means the newest that is
// here. What is not here is ErrUnknown. A [Library] is one; others put what a record holds in front of it.
type Source interface {
	System(ctx context.Context, url, version string) (*System, error)
	ValueSet(ctx context.Context, url, version string) (*ValueSet, error)
	// Map finds a map by its URL.
	Map(ctx context.Context, url, version string) (*Map, error)
}
