//go:build !unix

package keys

import (
	"path/filepath"
	"strings"
)

// SameVolume reports whether two paths lie on one volume, as far as their names tell. A thief of the disk with
// the database must not find the keyring on it.
func SameVolume(a, b string) (bool, error) {
	a, err := filepath.Abs(a)
	if err != nil {
		return false, err
	}
	b, err = filepath.Abs(b)
	if err != nil {
		return false, err
	}
	return strings.EqualFold(filepath.VolumeName(a), filepath.VolumeName(b)), nil
}
