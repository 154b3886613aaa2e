//go:build unix

package keys

import (
	"os"
	"syscall"
)

// SameVolume reports whether two paths lie on one mounted file system. A thief of the disk with the database
// must not find the keyring on it.
func SameVolume(a, b string) (bool, error) {
	var dev [2]uint64
	for i, path := range []string{a, b} {
		info, err := os.Stat(path)
		if err != nil {
			return false, err
		}
		dev[i] = uint64(info.Sys().(*syscall.Stat_t).Dev)
	}
	return dev[0] == dev[1], nil
}
