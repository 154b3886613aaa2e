package definitions

import (
	_ "embed"
	"strings"
	"sync"
)

// The tables. internal/gen describes their lines.
var (
	//go:embed tables/types.txt
	typesTable string
	//go:embed tables/profiles.txt
	profilesTable string
	//go:embed tables/searchparameters.txt
	searchTable string
	//go:embed tables/compartments.txt
	compartmentsTable string
	//go:embed tables/codesystems.txt
	codeSystemsTable string
	//go:embed tables/valuesets.txt
	valueSetsTable string
)

// record is one record of a table: its text, decoded into T when first asked for.
type record[T any] struct {
	once  sync.Once
	text  string // from behind the "=" of its first line
	value *T
}

func (r *record[T]) get(decode func(text string) *T) *T {
	r.once.Do(func() { r.value = decode(r.text) })
	return r.value
}

// index finds the records of a table by their key. Of several records with the same key it finds the first.
type index[T any] struct {
	records map[string]*record[T]
	keys    []string // in the order of the table, which is sorted
}

// newIndex scans a table for its records. With versioned, a record is also found as key|version.
func newIndex[T any](table string, versioned bool) *index[T] {
	count := strings.Count(table, "\n=") + 1
	x := &index[T]{records: make(map[string]*record[T], count), keys: make([]string, 0, count)}
	all := make([]record[T], 0, count)
	for table != "" {
		end := strings.Index(table, "\n=")
		text := table[1:]
		if end >= 0 {
			text, table = table[1:end+1], table[end+1:]
		} else {
			table = ""
		}
		all = append(all, record[T]{text: text})
		r := &all[len(all)-1]
		key := field(line(text), 0)
		if _, twice := x.records[key]; !twice {
			x.records[key] = r
			x.keys = append(x.keys, key)
		}
		if versioned {
			x.records[key+"|"+field(line(text), 1)] = r
		}
	}
	return x
}

// line is the first line of text.
func line(text string) string {
	l, _, _ := strings.Cut(text, "\n")
	return l
}

// field is field i of a line, "" when the line has fewer.
func field(line string, i int) string {
	for ; i > 0; i-- {
		_, rest, ok := strings.Cut(line, "\t")
		if !ok {
			return ""
		}
		line = rest
	}
	f, _, _ := strings.Cut(line, "\t")
	return f
}

// fields splits a line into the given number of fields; those it lacks are "".
func fields(line string, into []string) {
	clear(into)
	for i := range into {
		f, rest, more := strings.Cut(line, "\t")
		into[i] = f
		if !more {
			return
		}
		line = rest
	}
}

// body yields the lines behind a record's first.
func body(text string) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		_, rest, _ := strings.Cut(text, "\n")
		for rest != "" {
			var l string
			l, rest, _ = strings.Cut(rest, "\n")
			if !yield(l) {
				return
			}
		}
	}
}

// list splits "a,b,c"; nil when s is empty.
func list(s string) []string {
	if s == "" {
		return nil
	}
	return strings.Split(s, ",")
}

// withoutVersion strips the "|version" of a canonical URL.
func withoutVersion(url string) string {
	u, _, _ := strings.Cut(url, "|")
	return u
}
