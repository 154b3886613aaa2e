package sqlite

import (
	"os"
	"syscall"
)

// datasync flushes a file's content to the disk.
func datasync(f *os.File) error {
	for {
		if err := syscall.Fdatasync(int(f.Fd())); err != syscall.EINTR {
			return err
		}
	}
}
