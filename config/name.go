package config

import (
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

const envPrefix = "OSLER_"

// envName is the environment variable of an option: OSLER_IDLE_CLINICAL for idle-clinical.
func envName(option string) string {
	return envPrefix + strings.ToUpper(strings.NewReplacer("-", "_", ".", "_").Replace(option))
}

// settable reports whether an option can be given elsewhere than on the command line.
func settable(flag *kong.Flag) bool {
	return flag.Name != "help" && flag.Name != "version" && flag.Tag.Get("only") != "flag"
}

// helpText adds the environment variable to an option's help.
func helpText(v *kong.Value) string {
	help := kong.DefaultHelpValueFormatter(v)
	if v.Flag == nil || !settable(v.Flag) {
		return help
	}
	return strings.TrimSpace(help + " ($" + envName(v.Flag.Name) + ")")
}

// names are the options that there are, by command. The options of all commands are under "".
type names map[string][]string

func newNames(app *kong.Application) names {
	n := names{"": nil}
	n.add(app.Node, nil)
	for command := range n {
		slices.Sort(n[command])
		n[command] = slices.Compact(n[command])
	}
	return n
}

// add notes the options of a command under its name and under those of the commands above it. A section of the
// file is about a command and those below it, and may also hold the options that all commands have.
func (n names) add(node *kong.Node, above []string) {
	for _, flag := range node.Flags {
		if settable(flag) {
			above = append(slices.Clip(above), flag.Name)
		}
	}
	for at := node; at != nil; at = at.Parent {
		n[commandPath(at)] = append(n[commandPath(at)], above...)
	}
	for _, child := range node.Children {
		n.add(child, above)
	}
}

// commandPath is the words of a command, such as "backup create"; "" for the program itself.
func commandPath(node *kong.Node) string {
	var words []string
	for ; node != nil; node = node.Parent {
		if node.Type == kong.CommandNode {
			words = append(words, node.Name)
		}
	}
	slices.Reverse(words)
	return strings.Join(words, " ")
}

// suggest ends a message about an unknown name with the nearest known one, if one is near.
func suggest(name string, known []string) string {
	best, distance := "", 4
	for _, k := range known {
		if d := editDistance(name, k); d < distance && d*2 < len(k) {
			best, distance = k, d
		}
	}
	if best == "" {
		return ""
	}
	return "; did you mean " + best + "?"
}

// editDistance is the number of letters to insert, delete or replace to make b of a (Levenshtein).
func editDistance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			diagonal, row[j+1] = row[j+1], min(row[j+1]+1, row[j]+1, diagonal+cost)
		}
	}
	return row[len(b)]
}
