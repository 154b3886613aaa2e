package validate

import "github.com/osler-ehr/osler/fhir"

// extension checks that an extension has either a value or extensions of its own (ext-1).
func (w *walker) extension(n fhir.Node) {
	value, nested := false, false
	for c := n.First(); c.Exists(); c = c.Sibling(n) {
		key := c.Key()
		if len(key) > 5 && key[:5] == "value" || len(key) > 6 && key[:6] == "_value" {
			value = true
		} else if key == "extension" {
			nested = true
		}
	}
	switch {
	case value && nested:
		w.fail(fhir.CodeInvariant, "ext-1", "an extension has a value or extensions, not both: remove one")
	case !value && !nested:
		w.fail(fhir.CodeInvariant, "ext-1", "an extension needs a value or extensions: add one")
	}
}
