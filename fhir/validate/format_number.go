package validate

import (
	"strconv"
	"strings"

	"github.com/osler-ehr/osler/fhir"
)

// number checks a JSON number against a numeric type. decimal takes every JSON number.
func (w *walker) number(s, typeName string) {
	if typeName == "decimal" {
		return
	}
	if strings.ContainsAny(s, ".eE") || s == "-0" {
		w.fail(fhir.CodeValue, ruleFormat, "a whole number belongs here, without a decimal point or exponent")
		return
	}
	v, err := strconv.ParseInt(s, 10, 32)
	switch {
	case err != nil:
		w.fail(fhir.CodeValue, ruleFormat, "the number is out of range: -2147483648 to 2147483647")
	case typeName == "unsignedInt" && v < 0:
		w.fail(fhir.CodeValue, ruleFormat, "the number must not be negative")
	case typeName == "positiveInt" && v < 1:
		w.fail(fhir.CodeValue, ruleFormat, "the number must be 1 or more")
	}
}
