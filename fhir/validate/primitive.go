package validate

import (
	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/fhir/definitions"
)

// primitive checks one value of a primitive type: its JSON kind, its form, and its code where a value set is required.
func (w *walker) primitive(n fhir.Node, p *definitions.Property) {
	switch p.Type {
	case "boolean":
		if n.Kind() != fhir.Bool {
			w.fail(fhir.CodeStructure, ruleShape, "a boolean is written as true or false, without quotes")
		}
		return
	case "decimal", "integer", "unsignedInt", "positiveInt":
		if n.Kind() != fhir.Number {
			w.fail(fhir.CodeStructure, ruleShape, "a number ("+p.Type+") is written as digits, without quotes")
			return
		}
		w.number(n.Text(), p.Type)
		return
	}
	if n.Kind() != fhir.String {
		w.fail(fhir.CodeStructure, ruleShape, "a value of type "+p.Type+" is written as a JSON string, in quotes")
		return
	}
	s := n.Text()
	if s == "" {
		w.fail(fhir.CodeStructure, ruleEmpty, "the string is empty: leave the property out")
		return
	}
	if !validForm(p.Type, s) {
		w.fail(fhir.CodeValue, ruleFormat, formOf(p.Type))
		return
	}
	w.stringRules(s, p)
}

// stringRules checks what certain strings mean.
func (w *walker) stringRules(s string, p *definitions.Property) {
	switch p.Type {
	case "code":
		if b := p.Element.Binding; b != nil && b.Strength == "required" {
			w.code(s, b)
		}
	case "xhtml":
		w.narrative(s)
	case "uri", "url", "canonical":
		if s[0] == '#' {
			w.fragment(s[1:])
		}
	}
}

// validForm tells whether a string has the form of a primitive type. The forms are those of R4's regular expressions,
// and dates exist in the calendar.
func validForm(typeName, s string) bool {
	switch typeName {
	case "string", "markdown":
		return validString(s)
	case "code":
		return validCode(s)
	case "uri", "url", "canonical":
		return validURI(s)
	case "id":
		return fhir.ValidID(s)
	case "date":
		return validDate(s)
	case "dateTime":
		return validDateTime(s)
	case "instant":
		return validInstant(s)
	case "time":
		return validTime(s)
	case "oid":
		return validOID(s)
	case "uuid":
		return validUUID(s)
	case "base64Binary":
		return validBase64(s)
	}
	return true
}

// formOf tells a person how to write a value of the type.
func formOf(typeName string) string {
	switch typeName {
	case "string", "markdown":
		return "a text has at most 1 MB and no control characters but tab, line feed and carriage return"
	case "code":
		return "a code has no blanks at its ends, no two in a row and no line ends"
	case "uri", "url", "canonical":
		return "a " + typeName + " has no white space: remove it or write it as %20"
	case "id":
		return "an id has 1 to 64 characters of A-Z, a-z, 0-9, - and the full stop"
	case "date":
		return "a date is written YYYY, YYYY-MM or YYYY-MM-DD and exists in the calendar"
	case "dateTime":
		return "a dateTime is written YYYY, YYYY-MM, YYYY-MM-DD or YYYY-MM-DDThh:mm:ss with a time zone (Z or +hh:mm), and exists in the calendar"
	case "instant":
		return "an instant is written YYYY-MM-DDThh:mm:ss, with fractions of a second if known, and a time zone (Z or +hh:mm)"
	case "time":
		return "a time is written hh:mm:ss, with fractions of a second if known and no time zone"
	case "oid":
		return "an oid is written urn:oid: and numbers with full stops, such as urn:oid:2.16.840.1"
	case "uuid":
		return "a uuid is written urn:uuid: and 36 characters in small letters, such as urn:uuid:c757873d-ec9a-4326-a141-556f43239520"
	case "base64Binary":
		return "this is not base64: groups of four characters of A-Z, a-z, 0-9, + and /, the last filled up with ="
	}
	return "the value does not have the form of its type"
}
