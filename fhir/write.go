package fhir

import "strconv"

// writer appends the properties of one object. Every property is written with a comma before it; end
// turns the first comma into the opening brace.
type writer struct {
	out   []byte
	start int
}

func begin(out []byte) writer { return writer{out: out, start: len(out)} }

func (w *writer) end() []byte {
	if len(w.out) == w.start {
		return append(w.out, '{', '}')
	}
	w.out[w.start] = '{'
	return append(w.out, '}')
}

func (w *writer) name(name string) {
	w.out = append(w.out, ',', '"')
	w.out = append(w.out, name...)
	w.out = append(w.out, '"', ':')
}

func (w *writer) str(name, v string) {
	if v != "" {
		w.name(name)
		w.out = AppendString(w.out, v)
	}
}

func (w *writer) boolean(name string, v bool) {
	if v {
		w.name(name)
		w.out = append(w.out, "true"...)
	}
}

func (w *writer) integer(name string, v int) {
	if v != 0 {
		w.name(name)
		w.out = strconv.AppendInt(w.out, int64(v), 10)
	}
}

func (w *writer) strs(name string, vs []string) {
	first := true
	for _, v := range vs {
		if v == "" {
			continue
		}
		if first {
			w.name(name)
			w.out = append(w.out, '[')
		} else {
			w.out = append(w.out, ',')
		}
		first = false
		w.out = AppendString(w.out, v)
	}
	if !first {
		w.out = append(w.out, ']')
	}
}

// raw writes JSON that is known to be well-formed.
func (w *writer) raw(name string, json []byte) {
	if len(json) > 0 {
		w.name(name)
		w.out = append(w.out, json...)
	}
}

// appendable is a data type.
type appendable interface {
	IsZero() bool
	AppendJSON(out []byte) []byte
}

// noneStated is true when every element is empty, and so none would be written.
func noneStated[T appendable](vs []T) bool {
	for _, v := range vs {
		if !v.IsZero() {
			return false
		}
	}
	return true
}

func noText(vs []string) bool {
	for _, v := range vs {
		if v != "" {
			return false
		}
	}
	return true
}

func writeOne[T appendable](w *writer, name string, v T) {
	if !v.IsZero() {
		w.name(name)
		w.out = v.AppendJSON(w.out)
	}
}

func writePointer[T appendable](w *writer, name string, v *T) {
	if v != nil {
		writeOne(w, name, *v)
	}
}

// writeList leaves empty elements out.
func writeList[T appendable](w *writer, name string, vs []T) {
	first := true
	for _, v := range vs {
		if v.IsZero() {
			continue
		}
		if first {
			w.name(name)
			w.out = append(w.out, '[')
		} else {
			w.out = append(w.out, ',')
		}
		first = false
		w.out = v.AppendJSON(w.out)
	}
	if !first {
		w.out = append(w.out, ']')
	}
}
