package validate

import "strings"

// maxString is the most that R4 allows in a string: 1 MB.
const maxString = 1 << 20

// validString refuses control characters other than tab, line feed and carriage return.
func validString(s string) bool {
	if len(s) > maxString {
		return false
	}
	for i := range len(s) {
		if c := s[i]; c < ' ' && c != '\t' && c != '\n' && c != '\r' {
			return false
		}
	}
	return true
}

// validCode accepts words with single blanks between them.
func validCode(s string) bool {
	blank := true // so that none stands in front
	for i := range len(s) {
		switch c := s[i]; {
		case c == ' ':
			if blank {
				return false
			}
			blank = true
		case c < ' ':
			return false
		default:
			blank = false
		}
	}
	return !blank
}

// validURI refuses white space and control characters. R4 asks no more of a uri.
func validURI(s string) bool {
	for i := range len(s) {
		if s[i] <= ' ' {
			return false
		}
	}
	return true
}

// validOID accepts urn:oid: and numbers between full stops, the first of them 0, 1 or 2.
func validOID(s string) bool {
	s, ok := strings.CutPrefix(s, "urn:oid:")
	if !ok {
		return false
	}
	count := 0
	for part := range strings.SplitSeq(s, ".") {
		if part == "" || len(part) > 1 && part[0] == '0' || strings.Trim(part, "0123456789") != "" {
			return false
		}
		if count == 0 && part != "0" && part != "1" && part != "2" {
			return false
		}
		count++
	}
	return count > 1
}

// validUUID accepts urn:uuid: and the hexadecimal form in small letters.
func validUUID(s string) bool {
	s, ok := strings.CutPrefix(s, "urn:uuid:")
	if !ok || len(s) != 36 {
		return false
	}
	for i := range len(s) {
		c := s[i]
		if i == 8 || i == 13 || i == 18 || i == 23 {
			if c != '-' {
				return false
			}
		} else if (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}

// validBase64 accepts base64 with padding; white space may stand anywhere in it.
func validBase64(s string) bool {
	count, padding := 0, 0
	for i := range len(s) {
		switch c := s[i]; {
		case c == ' ' || c == '\n' || c == '\r' || c == '\t':
			continue
		case c == '=':
			padding++
		case c >= 'A' && c <= 'Z', c >= 'a' && c <= 'z', c >= '0' && c <= '9', c == '+', c == '/':
			if padding > 0 {
				return false
			}
		default:
			return false
		}
		count++
	}
	return count%4 == 0 && count > 0 && padding <= 2
}
