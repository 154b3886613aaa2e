package rest

import (
	"net/http"
	"strings"
)

// prefer is what the client would like (RFC 7240; FHIR R4 http.html#ops and #handling).
type prefer struct {
	strict bool // handling=strict: what is not understood is an error; otherwise it is ignored with a warning
	back   returned
}

// returned is what a change answers with.
type returned uint8

const (
	notSaid returned = iota // the resource; within a bundle nothing
	minimal
	representation
	outcome
)

func preferOf(h http.Header) (p prefer) {
	for _, line := range h["Prefer"] {
		for part := range strings.FieldsFuncSeq(line, func(c rune) bool { return c == ',' || c == ';' }) {
			name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
			value = strings.Trim(strings.TrimSpace(value), `"`)
			switch strings.ToLower(strings.TrimSpace(name)) {
			case "handling":
				p.strict = value == "strict"
			case "return":
				switch value {
				case "minimal":
					p.back = minimal
				case "representation":
					p.back = representation
				case "OperationOutcome":
					p.back = outcome
				}
			}
		}
	}
	return p
}
