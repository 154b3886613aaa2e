// Command osler is a practice's whole record system. `osler --help` lists what it does, and
// `osler COMMAND --help` is the manual of each command.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"

	"github.com/osler-ehr/osler/config"
)

// commands is the command line: one field for each command, one file for each.
type commands struct {
	Init        initCommand        `cmd:"" help:"Make an empty record and print the set-up link for the first administrator."`
	Serve       serveCommand       `cmd:"" help:"Serve pages and FHIR."`
	Demo        demoCommand        `cmd:"" help:"Make a demo practice (once) and serve it."`
	Generate    generateCommand    `cmd:"" help:"Write a synthetic practice as NDJSON files."`
	Import      importCommand      `cmd:"" help:"Load FHIR bundles and NDJSON files."`
	Export      exportCommand      `cmd:"" help:"Write the whole record as NDJSON files."`
	Token       tokenCommand       `cmd:"" help:"Print an access token for a program."`
	Verify      verifyCommand      `cmd:"" help:"Check every seal, the audit log and every index row."`
	Terminology terminologyCommand `cmd:"" help:"Load, list and remove code systems."`
	Drugs       drugsCommand       `cmd:"" help:"Load, list and remove rules about medicines."`
	Package     packageCommand     `cmd:"" help:"Load, list and remove implementation guides."`
	Version     versionCommand     `cmd:"" help:"Print the version of this program."`
	config.File `embed:""`
}

// program is what every command runs with.
type program struct {
	ctx    context.Context
	stdout io.Writer
	stderr io.Writer
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Environ(), os.Stdout, os.Stderr))
}

// run is the program without the process around it. It returns the exit status: 2 for a wrong command line.
func run(ctx context.Context, args, environ []string, stdout, stderr io.Writer) (status int) {
	defer func() {
		if p := recover(); p != nil {
			if end, ok := p.(ended); ok {
				status = int(end)
				return
			}
			panic(p)
		}
	}()
	var grammar commands
	command, err := config.Parse(&grammar, config.Source{
		Args: args, Environ: environ, DefaultFile: "osler.conf", Stdout: stdout, Stderr: stderr,
		Exit: func(code int) { panic(ended(code)) },
	}, kong.Name("osler"), kong.Description("A practice's whole record system in one program."), kong.ConfigureHelp(kong.HelpOptions{Compact: true}))
	if err != nil {
		fmt.Fprintf(stderr, "osler: %v\nosler: `osler --help` lists the commands, `osler COMMAND --help` their options\n", err)
		return 2
	}
	if err := command.Run(&program{ctx, stdout, stderr}); err != nil && !errors.Is(err, context.Canceled) {
		fmt.Fprintln(stderr, "osler:", err)
		return 1
	}
	return 0
}

// ended stops the parsing of a command line that asked for help.
type ended int
