package validate

import (
	"slices"

	"github.com/osler-ehr/osler/fhir"
)

// contained finds the contained resource that "#id" means, and remembers that it is referred to.
func (w *walker) contained(id string) (fhir.Node, bool) {
	if !slices.Contains(w.fragments, id) {
		w.fragments = append(w.fragments, id)
	}
	list := w.container.Get("contained")
	for c := list.First(); c.Exists(); c = c.Sibling(list) {
		if c.Get("id").Text() == id {
			return c, true
		}
	}
	return fhir.Node{}, false
}

// fragment notes a "#id" in a uri or canonical. There it may also name an element of the resource, so it need not lead to a
// contained resource.
func (w *walker) fragment(id string) {
	if id != "" {
		w.contained(id)
	}
}

// containedRules checks what R4 asks of a contained resource beyond its type.
func (w *walker) containedRules(n fhir.Node) {
	if !n.Get("id").Exists() {
		w.fail(fhir.CodeRequired, ruleContained, "a contained resource needs an id, by which it is referred to as #id")
	}
	meta := n.Get("meta")
	if meta.Get("versionId").Exists() || meta.Get("lastUpdated").Exists() {
		w.failAt("meta", fhir.CodeInvariant, "dom-4", "a contained resource has no versionId and lastUpdated of its own: remove them")
	}
	if meta.Get("security").Exists() {
		w.failAt("meta", fhir.CodeInvariant, "dom-5", "a contained resource has no security labels of its own: label the outermost")
	}
}

// containedAreUsed checks that each contained resource is referred to, or refers to its container (dom-3).
func (w *walker) containedAreUsed(n fhir.Node) {
	list := n.Get("contained")
	if list.Kind() != fhir.Array {
		return
	}
	i := 0
	for c := list.First(); c.Exists(); c = c.Sibling(list) {
		if id := c.Get("id").Text(); id != "" && !slices.Contains(w.fragments, id) && !refersToContainer(c) {
			w.push("contained", i)
			w.fail(fhir.CodeInvariant, "dom-3", "nothing refers to this contained resource: refer to it by # and its id, or remove it")
			w.pop()
		}
		i++
	}
}

// refersToContainer finds the reference "#".
func refersToContainer(n fhir.Node) bool {
	for c := n.First(); c.Exists(); c = c.Sibling(n) {
		switch c.Kind() {
		case fhir.String:
			if c.Text() == "#" {
				return true
			}
		case fhir.Object, fhir.Array:
			if refersToContainer(c) {
				return true
			}
		}
	}
	return false
}
