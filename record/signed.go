package record

import (
	"slices"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record/access"
)

// A document whose meta carries this tag is signed: nobody changes or deletes it any more, by no path, not even an
// administrator. Whoever may write may sign; the tag cannot be taken off.
const (
	TagSystem = "https://osler.example/fhir/CodeSystem/record-tag"
	TagSigned = "signed"
)

// Signed reports whether a document is signed.
func Signed(doc *fhir.Resource) bool {
	for tag := range doc.Root().Path("meta", "tag").Values() {
		if tag.Get("system").Text() == TagSystem && tag.Get("code").Text() == TagSigned {
			return true
		}
	}
	return false
}

// keepSigned refuses to change what is signed. next is nil for a delete. What may still be said about a signed document
// without changing it: that another stands beside or behind it (a Composition gets one more attester), that a newer one took its
// place (a DocumentReference becomes superseded), and who may see it (meta.security).
func keepSigned(old, next *fhir.Resource) error {
	if !Signed(old) {
		return nil
	}
	refuse := func(what string) error {
		return &Error{Kind: KindForbidden, Outcome: fhir.NewOutcome("business-rule", old.Type()+"/"+old.ID()+" is signed: "+what+"; write an addendum, or an amended version that replaces it")}
	}
	if next == nil {
		return refuse("it cannot be deleted")
	}
	if !Signed(next) {
		return refuse("its tag cannot be taken off")
	}
	for _, pair := range [][2]*fhir.Resource{{old, next}, {next, old}} {
		for n := range pair[0].Root().Children() {
			name := n.Key()
			if name == "meta" || mayFollow(old, next, name) {
				continue
			}
			if !n.Equal(pair[1].Get(name)) {
				return refuse("its " + name + " cannot be changed")
			}
		}
	}
	return nil
}

// mayFollow reports whether a signed document may change in an element as it does.
func mayFollow(old, next *fhir.Resource, name string) bool {
	was, is := old.Get(name), next.Get(name)
	switch old.Type() + "." + name {
	case "Composition.attester":
		if is.Len() < was.Len() {
			return false
		}
		for i := range was.Len() {
			if !was.Index(i).Equal(is.Index(i)) {
				return false
			}
		}
		return true
	case "DocumentReference.status":
		return is.Text() == "superseded"
	}
	return false
}

// labelsOf are the labels of a document's row, by which a filter hides it.
func labelsOf(doc *fhir.Resource) (labels int64) {
	if doc.Type() == "Composition" && slices.Contains([]string{"preliminary", "entered-in-error"}, doc.Get("status").Text()) {
		labels |= access.Draft
	}
	for label := range doc.Root().Path("meta", "security").Values() {
		if label.Get("system").Text() == access.InternalSystem && label.Get("code").Text() == access.InternalCode {
			labels |= access.Internal
		}
	}
	if deskSees(doc) {
		labels |= access.Desk
	}
	return labels
}
