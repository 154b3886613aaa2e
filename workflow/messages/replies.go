package messages

import (
	_ "embed"
	"strings"
)

//go:embed replies.tsv
var repliesFile string

// reply is a text that is often sent: its name, and the text with {given}, {me} and {phone} to be filled in.
type reply struct{ Name, Text string }

// replies are the texts that the program comes with.
func replies() (out []reply) {
	for line := range strings.Lines(repliesFile) {
		if name, text, ok := strings.Cut(strings.TrimSpace(line), "\t"); ok {
			out = append(out, reply{name, strings.ReplaceAll(text, `\n`, "\n")})
		}
	}
	return out
}

// fill puts the names into a text.
func (r reply) fill(given, me, phone string) string {
	if phone == "" {
		phone = "the practice"
	}
	return strings.NewReplacer("{given}", given, "{me}", me, "{phone}", phone).Replace(r.Text)
}
