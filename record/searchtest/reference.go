package searchtest

import (
	"slices"
	"strings"

	"github.com/osler-ehr/osler/fhir/definitions"
	"github.com/osler-ehr/osler/fhir/path"
)

// referenceMatches: [id], [Type]/[id] or [url], with a type or "identifier" as modifier.
func referenceMatches(sp definitions.SearchParameter, v path.Value, modifier, want string) bool {
	if modifier == "identifier" {
		// "The search is a token search on the identifier of the reference."
		id := v.Node().Get("identifier")
		if v.TypeName() != "Reference" || !id.Exists() {
			return false
		}
		return tokenMatches(path.Element(id, id.Sibling(v.Node()), "Identifier"), "", want)
	}
	want = plain(want)
	have := reference(v)
	typ, id, isLocal := local(have)
	if strings.Contains(want, ":") {
		// [url]: "a reference to a resource by its absolute location, or by its canonical URL". Without a version
		// any is meant.
		have, _, _ = strings.Cut(have, "/_history/")
		base, _, _ := strings.Cut(have, "|")
		return !isLocal && (have == want || base == want)
	}
	if !isLocal {
		return false
	}
	if t, wantID, ok := strings.Cut(want, "/"); ok {
		return t == typ && wantID == id && (modifier == "" || modifier == typ)
	}
	if modifier != "" { // the same as [Type]/[id]
		return want == id && modifier == typ
	}
	return want == id && (sp.Targets == nil || slices.Contains(sp.Targets, typ))
}

// uriMatches: "matches are precise, case, accent, and escape sensitive, and the entire URI must match", with
// :below and :above by the path. A canonical address with a version is found without it too.
func uriMatches(v path.Value, modifier, want string) bool {
	have, want := v.Text(), plain(want)
	under := func(long, short string) bool {
		return long == short || strings.HasPrefix(long, strings.TrimSuffix(short, "/")+"/") || strings.HasPrefix(long, short+"|")
	}
	switch modifier {
	case "below":
		return under(have, want)
	case "above":
		return under(want, have)
	}
	base, _, versioned := strings.Cut(have, "|")
	return have == want || versioned && v.TypeName() == "canonical" && base == want
}
