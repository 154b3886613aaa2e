package fhir

import "strings"

// TargetKind tells how a reference addresses its resource.
type TargetKind uint8

const (
	RelativeTarget    TargetKind = iota + 1 // Patient/7, Patient/7/_history/2
	AbsoluteTarget                          // https://ehr.example/fhir/Patient/7
	URNTarget                               // urn:uuid:..., urn:oid:...
	FragmentTarget                          // #med, or # alone for the container
	ConditionalTarget                       // Patient?identifier=..., only in transactions
	OtherTarget                             // another URI, such as a canonical URL
)

// Target is the address in a reference, taken apart.
type Target struct {
	Kind     TargetKind
	Base     string // of an absolute address, without the last slash: https://ehr.example/fhir
	Type     string // resource type, where the address tells it
	ID       string // logical id, where the address tells it
	Version  string // after _history; "" means the current version
	Fragment string // behind #, without it
	Query    string // behind ?, without it
}

// ParseReference takes a reference's address apart. It reports false for an empty or malformed one.
func ParseReference(s string) (Target, bool) {
	if s == "" || strings.ContainsAny(s, " \t\r\n") {
		return Target{}, false
	}
	if s[0] == '#' {
		return Target{Kind: FragmentTarget, Fragment: s[1:]}, true
	}
	if strings.HasPrefix(s, "urn:") {
		return Target{Kind: URNTarget}, true
	}
	scheme := strings.Index(s, ":")
	absolute := strings.HasPrefix(s, "http://") || strings.HasPrefix(s, "https://")
	t, rest := Target{Kind: RelativeTarget}, s
	if i := strings.IndexByte(rest, '#'); i >= 0 {
		rest, t.Fragment = rest[:i], rest[i+1:]
	}
	if i := strings.IndexByte(rest, '?'); i >= 0 && !absolute {
		if !isTypeName(rest[:i]) {
			return Target{}, false
		}
		return Target{Kind: ConditionalTarget, Type: rest[:i], Query: rest[i+1:]}, true
	}
	if restful(&t, rest, absolute) {
		return t, true
	}
	if scheme > 0 {
		return Target{Kind: OtherTarget}, true
	}
	return Target{}, false
}

// restful reads [base/]Type/id[/_history/version] from the end.
func restful(t *Target, s string, absolute bool) bool {
	if head, version, ok := cutLast(s, "/_history/"); ok {
		if !ValidID(version) {
			return false
		}
		s, t.Version = head, version
	}
	head, id, ok := cutLast(s, "/")
	if !ok || !ValidID(id) {
		return false
	}
	base, name, nested := cutLast(head, "/")
	if !nested {
		base, name = "", head
	}
	if !isTypeName(name) || absolute != nested {
		return false
	}
	if absolute {
		if base == "http:/" || base == "https:/" { // http://Patient/7 has no host
			return false
		}
		t.Kind, t.Base = AbsoluteTarget, base
	}
	t.Type, t.ID = name, id
	return true
}

func cutLast(s, sep string) (before, after string, found bool) {
	if i := strings.LastIndex(s, sep); i >= 0 {
		return s[:i], s[i+len(sep):], true
	}
	return s, "", false
}

// isTypeName tells whether s has the form of a resource type. Whether R4 has it is for the definitions to say.
func isTypeName(s string) bool {
	if s == "" || s[0] < 'A' || s[0] > 'Z' {
		return false
	}
	for i := range len(s) {
		if c := s[i] | 0x20; c < 'a' || c > 'z' {
			return false
		}
	}
	return true
}

// ValidID tells whether s may be a logical id: 1 to 64 of A-Z, a-z, 0-9, - and the full stop.
func ValidID(s string) bool {
	if len(s) == 0 || len(s) > 64 {
		return false
	}
	for i := range len(s) {
		switch c := s[i]; {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '-', c == '.':
		default:
			return false
		}
	}
	return true
}
