package graphql

import "fmt"

// document is a query document, parsed. (GraphQL, June 2018 edition, section 2)
type document struct {
	operations []*operation
	fragments  map[string]*fragment
}

type operation struct {
	kind string // query, mutation or subscription
	name string
	vars []variable
	set  []selection
	at   int
}

type variable struct {
	name     string
	required bool
	fallback *value // nil = none
}

// fragment is one with a name, or one that stands where it is used.
type fragment struct {
	on  string // type; "" = the type around it
	set []selection
}

// selection is a field, or the use of a fragment.
type selection struct {
	field      *field
	spread     string
	inline     *fragment
	directives []directive
	at         int
}

type field struct {
	alias, name string
	args        []argument
	directives  []directive
	set         []selection
	at          int
}

// key is the name of the field in the answer.
func (f *field) key() string {
	if f.alias != "" {
		return f.alias
	}
	return f.name
}

type directive struct {
	name string
	args []argument
	at   int
}

type argument struct {
	name  string
	value value
	at    int
}

type valueKind uint8

const (
	nullValue valueKind = iota
	variableValue
	textValue // a string
	numberValue
	boolValue
	enumValue
	listValue
	objectValue
)

type value struct {
	kind valueKind
	text string // of the scalars, as written; the name of a variable
	list []value
	args []argument // of an object
}

// fault is what is wrong with a query, and where.
type fault struct {
	at     int // byte offset in the query; -1 = nowhere in particular
	status int
	code   string // of the issue
	text   string
	path   []any // in the answer
}

func (f *fault) Error() string { return f.text }

// wrong is a fault of the query itself.
func wrong(at int, format string, args ...any) *fault {
	return &fault{at: at, status: 400, code: "invalid", text: fmt.Sprintf(format, args...)}
}

// costly is a query that goes beyond a limit.
func costly(format string, args ...any) *fault {
	return &fault{at: -1, status: 400, code: "too-costly", text: fmt.Sprintf(format, args...)}
}

// place is the line and column of an offset, from 1.
func place(query string, at int) (line, column int) {
	line, column = 1, 1
	for i := 0; i < at && i < len(query); i++ {
		if column++; query[i] == '\n' {
			line, column = line+1, 1
		}
	}
	return line, column
}
