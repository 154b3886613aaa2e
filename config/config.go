// Package config finds the options of a command: on the command line, in the environment and in a file.
//
// The options themselves are the fields of a kong grammar (github.com/alecthomas/kong), which belongs to the
// commands. This package knows none of them. It adds to each option that has the flag --idle-clinical
//
//   - the environment variable OSLER_IDLE_CLINICAL, and
//   - the line "idle-clinical = 15m" in the configuration file.
//
// The command line goes before the environment, the environment before the file, and the file before the default.
// A name that is no option, or a value that an option cannot have, is refused with the place where it stands, so
// that a slip of the pen never silently leaves a safeguard at its default.
//
// # Tags
//
// Beside kong's own tags a field may have
//
//	only:"flag"   the option can be given on the command line only, such as a confirmation
//	secret:""     the value is never shown
package config

import (
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/alecthomas/kong"
)

// File is to be embedded in the grammar. It gives every command the option --config.
type File struct {
	Config string `help:"Read options from this file." placeholder:"FILE"`
}

// Source is where options come from and where help goes.
type Source struct {
	Args        []string // without the name of the program
	Environ     []string // as os.Environ gives it
	DefaultFile string   // read if it exists and no other file is named; "" = none
	Stdout      io.Writer
	Stderr      io.Writer
	Exit        func(code int) // called after help was printed; usually os.Exit
}

// Command is a command with its options.
type Command struct {
	context *kong.Context
	origins map[*kong.Flag]string
}

// Parse fills a grammar, a pointer to a struct, from the source. The error tells the person what is wrong, and
// where. The kong options are the caller's, such as kong.Name, kong.Description and kong.Vars.
func Parse(grammar any, s Source, options ...kong.Option) (*Command, error) {
	cmd := &Command{origins: map[*kong.Flag]string{}}
	options = append(slices.Clone(options),
		kong.Writers(s.Stdout, s.Stderr),
		kong.Exit(s.Exit),
		kong.ValueFormatter(helpText),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
		kong.WithBeforeResolve(func(ctx *kong.Context) error { return cmd.look(ctx, s) }),
	)
	parser, err := kong.New(grammar, options...)
	if err != nil {
		return nil, fmt.Errorf("the commands are declared wrongly: %w", err)
	}
	cmd.context, err = parser.Parse(s.Args)
	if err != nil {
		var p *kong.ParseError
		if errors.As(err, &p) && p.Unwrap() != nil {
			err = p.Unwrap()
		}
		return nil, err
	}
	return cmd, nil
}

// Name is the command that was given, such as "serve" or "backup create".
func (c *Command) Name() string { return commandPath(c.context.Selected()) }

// Run calls the Run method of the command's struct, with the arguments that it asks for from among binds.
func (c *Command) Run(binds ...any) error { return c.context.Run(binds...) }

// look reads the environment and the file, and lets kong take from them what the command line leaves open.
func (c *Command) look(ctx *kong.Context, s Source) error {
	known := newNames(ctx.Model)
	env, err := readEnviron(s.Environ, known)
	if err != nil {
		return err
	}
	file, err := readFile(configFile(ctx, env, s.DefaultFile))
	if err != nil {
		return err
	}
	if err := file.check(known); err != nil {
		return err
	}
	found := map[*kong.Flag]entry{}
	command := commandPath(ctx.Selected())
	for _, path := range ctx.Path {
		for _, flag := range path.Flags {
			if givenAsFlag(ctx, flag) {
				c.origins[flag] = "command line"
				continue
			}
			e, ok := env.find(flag.Name)
			if !ok {
				e, ok = file.find(command, flag.Name)
			}
			if !ok || !settable(flag) {
				continue
			}
			e.value = tidyList(flag, e.value)
			if err := tryValue(flag, e); err != nil {
				return err
			}
			found[flag] = e
			c.origins[flag] = e.place
		}
	}
	ctx.AddResolver(kong.ResolverFunc(func(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
		if e, ok := found[flag]; ok {
			return e.value, nil
		}
		return nil, nil
	}))
	return nil
}

// configFile says which file to read, and whether it must be there.
func configFile(ctx *kong.Context, env environ, usual string) (path string, required bool) {
	for _, flag := range ctx.Model.Flags {
		if flag.Name != configOption {
			continue
		}
		if givenAsFlag(ctx, flag) {
			return fmt.Sprint(ctx.FlagValue(flag)), true
		}
		if e, ok := env.find(configOption); ok {
			return e.value, true
		}
	}
	return usual, false
}

// configOption names the file; the file cannot name itself.
const configOption = "config"

func givenAsFlag(ctx *kong.Context, flag *kong.Flag) bool {
	return slices.ContainsFunc(ctx.Path, func(p *kong.Path) bool { return p.Flag == flag })
}
