//go:build !unix

package terms

import "os"

// mapFile gives a file's bytes.
func mapFile(name string) ([]byte, error) { return os.ReadFile(name) }
