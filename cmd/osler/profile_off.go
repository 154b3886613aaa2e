//go:build !profile

package main

// startProfile does nothing: a program that serves patients is not profiled.
func startProfile() (stop func() error, err error) { return func() error { return nil }, nil }
