package main

import (
	"bytes"
	"strings"
)

// table is a text table being written: records that begin with a line "=key ...", and fields separated by tabs.
type table struct{ bytes.Buffer }

// line writes one line of fields. Empty fields at the end are left out.
func (t *table) line(fields ...string) {
	end := len(fields)
	for end > 1 && fields[end-1] == "" {
		end--
	}
	for i, f := range fields[:end] {
		if i > 0 {
			t.WriteByte('\t')
		}
		t.WriteString(plain(f))
	}
	t.WriteByte('\n')
}

// plain turns the tabs and line ends of a text into single blanks, for a field cannot hold them. Blanks at the
// front, which may carry meaning, stay.
func plain(s string) string {
	if !strings.ContainsAny(s, "\t\n\r") {
		return strings.TrimRight(s, " ")
	}
	return strings.Join(strings.Fields(s), " ")
}
