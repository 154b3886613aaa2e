package rest

import (
	"slices"
	"strings"

	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/slice"
)

// door is one interaction: how it is addressed, what it needs, and what it does.
type door struct {
	name   string // FHIR's name of the interaction; of an operation, with the dollar sign
	method string
	path   string // below the root; {type}, {id}, {version}, {compartment} stand for one segment
	right  slice.Right

	// A door either reads,
	run func(*call) (answer, error)
	// or says what is to be changed and then tells of the change.
	change  func(*call) (record.Op, error)
	changed func(*call, *record.Result) (answer, error)

	takes    []string // parameters beyond those of every door
	searches bool     // takes search parameters, which the record judges
	body     bodyKind

	defines string // canonical address of the OperationDefinition, if the door is an operation

	segments []segment
}

type bodyKind uint8

const (
	noBody bodyKind = iota
	documentBody
	patchBody
	formBody
	operationBody
)

type place uint8

const (
	literal place = iota
	typePlace
	idPlace
	versionPlace
	compartmentPlace
)

var places = map[string]place{"{type}": typePlace, "{id}": idPlace, "{version}": versionPlace, "{compartment}": compartmentPlace}

type segment struct {
	text  string
	place place
}

// everywhere are the parameters that every door takes.
var everywhere = []string{"_format", "_pretty", "_summary", "_elements"}

func (d *door) takesParam(name string) bool {
	return slices.Contains(everywhere, name) || slices.Contains(d.takes, name)
}

// prepared takes the paths of the doors apart, once.
func prepared(list []door) []door {
	for i := range list {
		d := &list[i]
		if d.path == "" {
			continue
		}
		for text := range strings.SplitSeq(d.path, "/") {
			d.segments = append(d.segments, segment{text, places[text]})
		}
	}
	return list
}

// maxSegments is the longest path of a door.
const maxSegments = 4

// target is what a path names.
type target struct{ compartment, typ, id, version string }

// find is the door for a method and a path below the root. Without one, allow lists the methods that other
// doors have for the path; it is empty when there is no such path.
func find(list []door, method, path string) (d *door, t target, allow []string) {
	var parts [maxSegments]string
	n := 0
	for rest := strings.Trim(path, "/"); rest != ""; n++ {
		if n == maxSegments {
			return nil, target{}, nil
		}
		parts[n], rest, _ = strings.Cut(rest, "/")
		if parts[n] == "" {
			return nil, target{}, nil
		}
	}
	if method == "HEAD" {
		method = "GET"
	}
	for i := range list {
		d := &list[i]
		if len(d.segments) != n || !d.fits(parts[:n], &t) {
			continue
		}
		if d.method == method {
			return d, t, nil
		}
		if !slices.Contains(allow, d.method) {
			allow = append(allow, d.method)
		}
	}
	return nil, target{}, allow
}

// fits reports whether the path is the door's, and takes it apart.
func (d *door) fits(parts []string, t *target) bool {
	*t = target{}
	for i, s := range d.segments {
		switch s.place {
		case literal:
			if parts[i] != s.text {
				return false
			}
			if i == 0 && s.text[0] >= 'A' && s.text[0] <= 'Z' {
				t.typ = s.text
			}
			continue
		case typePlace:
			t.typ = parts[i]
		case idPlace:
			t.id = parts[i]
		case versionPlace:
			t.version = parts[i]
		case compartmentPlace:
			t.compartment = parts[i]
		}
		// What begins with _ or $ is never a name, but an interaction that some door names.
		if parts[i][0] == '_' || parts[i][0] == '$' || i == 0 && parts[i] == "metadata" {
			return false
		}
	}
	return true
}
