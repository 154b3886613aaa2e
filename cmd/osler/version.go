package main

import "fmt"

// version of the program; set by the linker for releases.
var version = "0.1.0-dev"

type versionCommand struct{}

func (versionCommand) Run(p *program) error {
	_, err := fmt.Fprintln(p.stdout, "osler", version)
	return err
}
