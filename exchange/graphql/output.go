package graphql

import "encoding/json"

// object is a part of the answer: fields in the order of the query. A value is the raw JSON of a document, an *object, a
// list of such, a Go string, a bool, an int, or nil.
type object struct {
	keys   []string
	values map[string]any
}

func newObject() *object { return &object{values: map[string]any{}} }

func (o *object) set(key string, v any) {
	if _, have := o.values[key]; !have {
		o.keys = append(o.keys, key)
	}
	o.values[key] = v
}

// raw is JSON as a document has it: numbers keep their digits.
type raw []byte

func appendJSON(out []byte, v any) []byte {
	switch v := v.(type) {
	case raw:
		return append(out, v...)
	case *object:
		out = append(out, '{')
		for i, k := range v.keys {
			if i > 0 {
				out = append(out, ',')
			}
			out = append(appendJSON(out, k), ':')
			out = appendJSON(out, v.values[k])
		}
		return append(out, '}')
	case []any:
		out = append(out, '[')
		for i, x := range v {
			if i > 0 {
				out = append(out, ',')
			}
			out = appendJSON(out, x)
		}
		return append(out, ']')
	}
	b, err := json.Marshal(v)
	if err != nil {
		panic(err) // strings, booleans and numbers always encode
	}
	return append(out, b...)
}

// sink takes the values of a selection. Where a field is flattened, those of the fields below it go to the object around
// it, as lists.
type sink struct {
	out    *object
	flat   bool
	suffix string // of the names, by @slice
}

// add adds what a field has. repeats says that the element may have several values.
func (s *sink) add(f *field, values []any, repeats, singleton bool) error {
	key := f.key()
	if s.flat {
		key += s.suffix
	}
	if singleton {
		if _, have := s.out.values[key]; len(values) > 1 || have && len(values) > 0 {
			return wrong(f.at, "%s has several values, but @singleton asks for one", key)
		}
		repeats = false
	} else if s.flat {
		repeats = true
		if have, ok := s.out.values[key].([]any); ok {
			values = append(have, values...) // nobody else has it: a copy for each would make long lists slow
		}
	}
	switch {
	case len(values) == 0:
	case repeats:
		s.out.set(key, values)
	default:
		s.out.set(key, values[0])
	}
	return nil
}
