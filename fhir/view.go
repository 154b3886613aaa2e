package fhir

import "reflect"

// View reads a small struct that names only what a workflow uses from a resource or a node:
//
//	type dose struct {
//		Status     string
//		Vaccine    fhir.CodeableConcept `fhir:"vaccineCode"`
//		Given      fhir.DateTime        `fhir:"occurrenceDateTime"`
//		Performer  []struct{ Actor fhir.Reference }
//		Protocol   []struct {
//			DoseNumber fhir.Choice `fhir:"doseNumber[x]"`
//		} `fhir:"protocolApplied"`
//	}
//	d, err := fhir.View[dose](r)
//
// A field reads the property of its name in lower camel case (BirthDate reads birthDate, VersionID
// versionId), or of the name in its tag. A field may be
//
//   - a string, bool or int, or a type derived from them;
//   - a data type of this package;
//   - a [Choice], whose tag names the element as the specification does: `fhir:"value[x]"`;
//   - a [Node], which takes the value as it stands; tagged `fhir:"."` it takes the place from which the
//     struct itself was read, and lets [Merge] find that place again in a list;
//   - another struct of this kind; an embedded one counts as its fields;
//   - a pointer, nil when the document has nothing there, or a slice, of any of these.
//
// What accompanies a primitive is read where it is asked for, as an [Element] under its own name:
// `fhir:"_birthDate"`. A field tagged `fhir:"-"` is left alone, like an unexported one.
//
// Absent properties leave zero values. A value of another kind than the field's is a [TypeError]; a
// struct that cannot be a view, such as one with a map in it, is an error too.
//
// Strings share the document's memory and keep it alive.
func View[T any, S *Resource | Node](from S) (T, error) {
	var v T
	n, err := rootOf(from)
	if err != nil {
		return v, err
	}
	p, err := planOf(reflect.TypeFor[T]())
	if err != nil {
		return v, err
	}
	var in reader
	p.read(&in, n, reflect.ValueOf(&v).Elem())
	return v, in.err
}

func rootOf[S *Resource | Node](from S) (Node, error) {
	switch s := any(from).(type) {
	case *Resource:
		if err := s.load(); err != nil {
			return Node{}, err
		}
		return s.Root(), nil
	case Node:
		return s, nil
	}
	return Node{}, nil
}
