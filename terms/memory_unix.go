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

// muchMemory is from where on memory is taken outside the heap.
const muchMemory = 1 << 20

// memory gives memory that is kept for good. Much of it is outside the heap: the garbage collector lets as much garbage gather
// as there is in the heap, and so would count it twice.
func memory(size int) ([]byte, error) {
	if size < muchMemory {
		return make([]byte, size), nil
	}
	return syscall.Mmap(-1, 0, size, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
}
