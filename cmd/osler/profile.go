//go:build profile

package main

import (
	"errors"
	"io/fs"
	"os"
	"runtime/pprof"
)

// startProfile records where `osler serve` spends its time, in the file that CPUPROFILE names: for default.pgo, see
// the Makefile. Only a program built with the tag "profile" has it.
func startProfile() (stop func() error, err error) {
	path := os.Getenv("CPUPROFILE")
	if path == "" {
		return func() error { return nil }, nil
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return func() error { return nil }, nil // the benchmark starts the server a second time, with nothing to do
	}
	if err != nil {
		return nil, err
	}
	if err := pprof.StartCPUProfile(f); err != nil {
		return nil, err
	}
	return func() error {
		pprof.StopCPUProfile()
		return f.Close()
	}, nil
}
