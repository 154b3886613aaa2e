package config

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

// tidyList takes away the spaces around the commas of a list, which kong would keep: people write them in files.
func tidyList(flag *kong.Flag, value string) string {
	if flag.Target.Kind() != reflect.Slice || flag.Tag.Sep == -1 {
		return value
	}
	separator := string(flag.Tag.Sep)
	parts := strings.Split(value, separator)
	for i := range parts {
		parts[i] = strings.TrimSpace(parts[i])
	}
	return strings.Join(parts, separator)
}

// tryValue says what is wrong with a value that an option is to have from the environment or the file, and where
// it stands.
func tryValue(flag *kong.Flag, e entry) error {
	shown := fmt.Sprintf(" = %q", e.value)
	if flag.Tag.Has("secret") {
		shown = ""
	}
	wrong := func(why string) error { return fmt.Errorf("%s: %s%s: %s", e.place, flag.Name, shown, why) }
	target := reflect.New(flag.Target.Type()).Elem()
	if err := flag.Parse(kong.Scan().PushTyped(e.value, kong.FlagValueToken), target); err != nil {
		if flag.Tag.Has("secret") {
			return wrong("the value cannot be used") // kong's reason quotes it
		}
		return wrong(strings.TrimPrefix(err.Error(), flag.ShortSummary()+": "))
	}
	if flag.Enum == "" {
		return nil
	}
	values := []reflect.Value{target}
	if target.Kind() == reflect.Slice {
		values = nil
		for i := range target.Len() {
			values = append(values, target.Index(i))
		}
	}
	for _, v := range values {
		if allowed := flag.EnumSlice(); !slices.Contains(allowed, fmt.Sprint(v.Interface())) {
			return wrong("use one of " + strings.Join(allowed, ", "))
		}
	}
	return nil
}

// Setting is an option as it is in force.
type Setting struct {
	Name  string
	Value string // "hidden" for secrets
	From  string // where it was given, such as "osler.conf:3"; "default" if nowhere
}

// Settings lists the options of the command, by name.
func (c *Command) Settings() []Setting {
	var all []Setting
	for _, path := range c.context.Path {
		for _, flag := range path.Flags {
			if flag.Name == "help" || flag.Name == "version" {
				continue
			}
			s := Setting{Name: flag.Name, Value: show(flag.Target), From: "default"}
			if flag.Tag.Has("secret") {
				s.Value = "hidden"
			}
			if from := c.origins[flag]; from != "" {
				s.From = from
			}
			all = append(all, s)
		}
	}
	slices.SortFunc(all, func(a, b Setting) int { return strings.Compare(a.Name, b.Name) })
	return all
}

func show(v reflect.Value) string {
	if v.Kind() != reflect.Slice {
		return fmt.Sprint(v.Interface())
	}
	var parts []string
	for i := range v.Len() {
		parts = append(parts, fmt.Sprint(v.Index(i).Interface()))
	}
	return strings.Join(parts, ",")
}
