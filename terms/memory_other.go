//go:build !unix

package terms

import "os"

// mapFile gives a file's bytes.
func mapFile(name string) ([]byte, error) { return os.ReadFile(name) }

// memory gives memory that is kept for good.
func memory(size int) ([]byte, error) { return make([]byte, size), nil }
