//go:build unix

package terms

import (
	"os"
	"syscall"
)

// mapFile gives a file's bytes without reading them into the heap: the operating system keeps what is used in memory,
// and shares it between processes. The bytes stay for as long as the program runs: somebody may still be reading a system
// that has been replaced, and a file is replaced a few times a year.
func mapFile(name string) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	stat, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if stat.Size() == 0 {
		return nil, errDamaged
	}
	return syscall.Mmap(int(f.Fd()), 0, int(stat.Size()), syscall.PROT_READ, syscall.MAP_SHARED)
}
