package patch

import (
	"bytes"

	"github.com/osler-ehr/osler/fhir"
)

// removal cuts a child out of its object or array, with the comma that is then too many.
func removal(src []byte, parent, child fhir.Node) fhir.Edit {
	start, end := child.Span()
	if parent.Kind() == fhir.Object {
		start = keyStart(src, start)
	}
	if next := child.Sibling(parent); next.Exists() {
		end, _ = next.Span()
		if parent.Kind() == fhir.Object {
			end = keyStart(src, end)
		}
		return fhir.Edit{Start: start, End: end}
	}
	// The last child takes the comma before it along.
	if before := bytes.TrimRight(src[:start], " \t\r\n"); len(before) > 0 && before[len(before)-1] == ',' {
		start = len(before) - 1
	}
	return fhir.Edit{Start: start, End: end}
}

// keyStart is where the property name begins whose value begins at i.
func keyStart(src []byte, i int) int {
	colon := bytes.LastIndexByte(src[:i], ':')
	closing := bytes.LastIndexByte(src[:colon], '"')
	return bytes.LastIndexByte(src[:closing], '"')
}

// appending puts text behind the last child of an object or array.
func appending(parent fhir.Node, text []byte) fhir.Edit {
	var last fhir.Node
	for c := range parent.Children() {
		last = c
	}
	if !last.Exists() {
		start, _ := parent.Span()
		return fhir.Edit{Start: start + 1, End: start + 1, Text: text}
	}
	_, end := last.Span()
	return fhir.Edit{Start: end, End: end, Text: append([]byte{','}, text...)}
}

// insertion puts text before a child of an array.
func insertion(child fhir.Node, text []byte) fhir.Edit {
	start, _ := child.Span()
	return fhir.Edit{Start: start, End: start, Text: append(text[:len(text):len(text)], ',')}
}

// replacement puts text in the place of a value.
func replacement(n fhir.Node, text []byte) fhir.Edit {
	start, end := n.Span()
	return fhir.Edit{Start: start, End: end, Text: text}
}

// property writes "key":value.
func property(key string, value []byte) []byte {
	out := fhir.AppendString(make([]byte, 0, len(key)+len(value)+3), key)
	return append(append(out, ':'), value...)
}
