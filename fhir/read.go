package fhir

import (
	"fmt"
	"strconv"
)

// TypeError tells that a value in a document is not of the kind that a data type or view expects.
type TypeError struct {
	Path string // FHIRPath-like place, such as Patient.name[0].family
	Want string // what belongs there, in words
	Got  Kind   // what stands there
	Text string // the offending literal of a primitive that has the right kind and the wrong form; never free text
}

func (e *TypeError) Error() string {
	if e.Text != "" {
		return fmt.Sprintf("%s: %q is not %s", e.Path, e.Text, e.Want)
	}
	return fmt.Sprintf("%s: here %s belongs, not a JSON %s", e.Path, e.Want, e.Got)
}

func wrongKind(n Node, want string) error {
	return &TypeError{Path: n.Location(), Want: want, Got: n.Kind()}
}

// wrongForm quotes only short literals without letters beyond a date's, so that a name typed into a
// date field does not reach a log.
func wrongForm(n Node, want string) error {
	e := &TypeError{Path: n.Location(), Want: want, Got: n.Kind(), Text: "this value"}
	if t := n.Text(); len(t) <= 40 {
		plain := true
		for _, c := range t {
			plain = plain && (c >= '0' && c <= '9' || c == '-' || c == ':' || c == '.' || c == '+' || c == 'T' || c == 'Z' || c == 'e' || c == 'E')
		}
		if plain {
			e.Text = t
		}
	}
	return e
}

// absent is true where there is nothing to read.
func absent(n Node) bool { return n.Kind() == Missing || n.Kind() == Null }

// reader reads the properties of one data type and keeps the first error.
type reader struct{ err error }

// object tells whether n has properties to read. Nothing at all is fine; another kind is an error.
func (r *reader) object(n Node, want string) bool {
	switch n.Kind() {
	case Object:
		return true
	case Missing, Null:
		return false
	}
	r.fail(wrongKind(n, want))
	return false
}

// fail keeps the first error; nil is none.
func (r *reader) fail(err error) {
	if r.err == nil {
		r.err = err
	}
}

func (r *reader) str(n Node) string {
	switch n.Kind() {
	case String:
		return n.Text()
	case Missing, Null:
		return ""
	}
	r.fail(wrongKind(n, "a string"))
	return ""
}

func (r *reader) boolean(n Node) bool {
	if n.Kind() != Bool && !absent(n) {
		r.fail(wrongKind(n, "true or false"))
	}
	return n.Bool()
}

func (r *reader) integer(n Node) int {
	switch n.Kind() {
	case Missing, Null:
		return 0
	case Number:
		v, err := strconv.ParseInt(n.Text(), 10, 32)
		if err != nil {
			r.fail(wrongForm(n, "a whole number of at most 32 bits"))
		}
		return int(v)
	}
	r.fail(wrongKind(n, "a whole number"))
	return 0
}

// array tells whether n is an array; nothing at all is fine.
func (r *reader) array(n Node) bool {
	switch n.Kind() {
	case Array:
		return true
	case Missing, Null:
		return false
	}
	r.fail(wrongKind(n, "an array"))
	return false
}

// strs reads an array of strings. A null, which holds the place of a value that has only extensions,
// reads as "".
func (r *reader) strs(n Node) []string {
	if !r.array(n) {
		return nil
	}
	out := make([]string, 0, n.Len())
	for c := range n.Children() {
		out = append(out, r.str(c))
	}
	return out
}

// readable is a pointer to a data type.
type readable[T any] interface {
	*T
	Read(Node) error
}

func readOne[T any, P readable[T]](r *reader, n Node, into P) {
	if err := into.Read(n); err != nil {
		r.fail(err)
	}
}

func readPointer[T any, P readable[T]](r *reader, n Node) *T {
	if absent(n) {
		return nil
	}
	into := P(new(T))
	readOne(r, n, into)
	return into
}

func readList[T any, P readable[T]](r *reader, n Node) []T {
	if !r.array(n) {
		return nil
	}
	out := make([]T, n.Len())
	i := 0
	for c := range n.Children() {
		readOne(r, c, P(&out[i]))
		i++
	}
	return out
}
