package config

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// file is the options that a file gives, by section and option. Those before any section are under "".
type file struct {
	path     string
	sections map[string]map[string]fileEntry
}

type fileEntry struct {
	value string
	line  int
}

const maxFileSize = 1 << 20

// readFile reads a file; nothing is no error unless the file is required.
func readFile(path string, required bool) (file, error) {
	if path == "" {
		return file{}, nil
	}
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) && !required {
		return file{}, nil
	}
	if err != nil {
		return file{}, fmt.Errorf("configuration file: %w", err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxFileSize+1))
	if err != nil {
		return file{}, fmt.Errorf("configuration file: %w", err)
	}
	if len(data) > maxFileSize {
		return file{}, fmt.Errorf("configuration file %s: it is larger than %d bytes, so it is probably something else", path, maxFileSize)
	}
	return parseFile(path, string(data))
}

// parseFile reads lines of the forms
//
//	# a comment
//	[command]
//	option = value
//	option = "value with \"quotes\", # signs or spaces at its ends"   # a comment
func parseFile(path, text string) (file, error) {
	f := file{path: path, sections: map[string]map[string]fileEntry{}}
	section := ""
	text = strings.TrimPrefix(text, "\ufeff") // some editors on Windows write it
	for i, line := range strings.Split(text, "\n") {
		at := func(format string, args ...any) error {
			return fmt.Errorf("%s:%d: %s", path, i+1, fmt.Sprintf(format, args...))
		}
		if !utf8.ValidString(line) || strings.ContainsRune(line, 0) {
			return file{}, at("this is not text in UTF-8")
		}
		line = strings.TrimSpace(line)
		switch {
		case line == "" || line[0] == '#':
		case line[0] == '[':
			name, rest, ok := strings.Cut(line[1:], "]")
			if !ok || !blank(rest) {
				return file{}, at("write a section as [command]")
			}
			section = strings.Join(strings.Fields(name), " ")
			if section == "" {
				return file{}, at("write a section as [command]")
			}
			if f.sections[section] == nil {
				f.sections[section] = map[string]fileEntry{}
			}
		default:
			option, raw, ok := strings.Cut(line, "=")
			option = strings.TrimSpace(option)
			if !ok || option == "" {
				return file{}, at("write an option as name = value")
			}
			value, err := parseValue(strings.TrimSpace(raw))
			if err != nil {
				return file{}, at("%s: %v", option, err)
			}
			if f.sections[section] == nil {
				f.sections[section] = map[string]fileEntry{}
			}
			if before, twice := f.sections[section][option]; twice {
				return file{}, at("%s was given in line %d already", option, before.line)
			}
			f.sections[section][option] = fileEntry{value, i + 1}
		}
	}
	return f, nil
}

// blank reports whether nothing but a comment follows.
func blank(rest string) bool {
	rest = strings.TrimSpace(rest)
	return rest == "" || rest[0] == '#'
}

func parseValue(raw string) (string, error) {
	if !strings.HasPrefix(raw, `"`) {
		// A # begins a comment after a space only, so that addresses with a fragment need no quotes.
		for i := range len(raw) {
			if raw[i] == '#' && (i == 0 || raw[i-1] == ' ' || raw[i-1] == '\t') {
				raw = raw[:i]
				break
			}
		}
		return strings.TrimSpace(raw), nil
	}
	quoted, err := strconv.QuotedPrefix(raw)
	if err != nil {
		return "", errors.New(`the quotes are not closed, or a backslash is not followed by \, ", n or t`)
	}
	if !blank(raw[len(quoted):]) {
		return "", errors.New("something follows after the quotes")
	}
	return strconv.Unquote(quoted)
}

// check refuses sections and options that there are not.
func (f file) check(known names) error {
	// The first wrong line is named, so that the message is the same each time.
	line, message := 0, ""
	wrong := func(at int, format string, args ...any) {
		if line == 0 || at < line {
			line, message = at, fmt.Sprintf(format, args...)
		}
	}
	for section, entries := range f.sections {
		options, ok := known[section]
		for option, e := range entries {
			switch {
			case !ok:
				wrong(e.line, "the section [%s] above is about no command%s", section, suggest(section, slices.Sorted(maps.Keys(known))))
			case option == configOption:
				wrong(e.line, "a file cannot name another one; use the option --config")
			case !slices.Contains(options, option):
				if section != "" && slices.Contains(known[""], option) {
					wrong(e.line, "%s is not an option of the command %s", option, section)
				} else {
					wrong(e.line, "there is no option %s%s", option, suggest(option, options))
				}
			}
		}
	}
	if line == 0 {
		return nil
	}
	return fmt.Errorf("%s:%d: %s", f.path, line, message)
}

// find looks in the section of the command, in those of the commands above it, and then before all sections.
func (f file) find(command, option string) (entry, bool) {
	for {
		if e, ok := f.sections[command][option]; ok {
			return entry{e.value, fmt.Sprintf("%s:%d", f.path, e.line)}, true
		}
		if command == "" {
			return entry{}, false
		}
		command = command[:max(strings.LastIndexByte(command, ' '), 0)]
	}
}
