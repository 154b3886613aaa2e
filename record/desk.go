package record

import (
	"context"
	"slices"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record/access"
)

// What makes a document administrative, and a Task one of a referral.
const (
	loinc    = "http://loinc.org"
	snomed   = "http://snomed.info/sct"
	taskKind = "https://osler.example/fhir/CodeSystem/task"

	// DeskDocument is the code system of types of documents that no other one has: identification.
	DeskDocument = "https://osler.example/fhir/CodeSystem/document-type"
	// ReferralStates is the code system of where a referral stands. (Task.businessStatus)
	ReferralStates = "https://osler.example/fhir/CodeSystem/referral-state"
	orderStates    = "https://osler.example/fhir/CodeSystem/order-state"
)

// referralLetter is the letter by which a patient is sent here. The front desk sees it where it came by fax, mail or scan: a category of
// documentSource says so. One that was written here, or sent as a whole record, is clinical.
const (
	referralLetter = loinc + "|57133-1"
	documentSource = "https://osler.example/fhir/CodeSystem/document-source"
)

// deskDocuments are the types of documents of a chart that the front desk sees: who somebody is, who pays, what was consented to, and
// the letter by which a patient was sent here.
var deskDocuments = map[string]bool{
	loinc + "|64290-0":               true, // insurance card
	loinc + "|59284-0":               true, // consent
	referralLetter:                   true,
	DeskDocument + "|identification": true,
}

// referralCodes are those of SNOMED CT which say that an order refers a patient to somebody else.
var referralCodes = []string{"3457005", "306206005"}

// deskSees reports whether a document is one that the front desk sees. None is what carries a security label, what holds other resources,
// what is of a visit, and the Task of a referral that says why.
func deskSees(doc *fhir.Resource) bool {
	if doc.Root().Path("meta", "security").Len() > 0 || doc.Get("contained").Exists() {
		return false
	}
	switch doc.Type() {
	case "DocumentReference":
		if Signed(doc) || doc.Root().Path("context", "encounter").Len() > 0 || doc.Root().Path("context", "related").Len() > 0 || doc.Get("docStatus").Exists() || doc.Get("relatesTo").Len() > 0 {
			return false
		}
		return !doc.Get("subject").Exists() || doc.Get("status").Text() == "current" && administrative(doc)
	case "Task":
		switch codeIn(doc.Get("code"), taskKind) {
		case "referral-in":
			return true
		case "order", "overdue-order":
			return slices.Contains(referralCodes, codeIn(doc.Get("code"), snomed)) && !doc.Get("reasonCode").Exists() && !doc.Get("reasonReference").Exists()
		case "cover": // who stands in for whom
			return !doc.Get("for").Exists()
		}
	}
	return false
}

// administrative reports whether the type of a document says so in all that it says.
func administrative(doc *fhir.Resource) bool {
	some, came := false, false
	for c := range doc.Get("category").Values() {
		came = came || codeIn(c, documentSource) != ""
	}
	for c := range doc.Get("type").Get("coding").Values() {
		typ := c.Get("system").Text() + "|" + c.Get("code").Text()
		if !deskDocuments[typ] || typ == referralLetter && !came {
			return false
		}
		some = true
	}
	return some
}

// saysOfTray reports whether a document is a Provenance of one document alone which is nobody's and which the front desk sees: it sees that
// as well.
func (b *batch) saysOfTray(ctx context.Context, doc *fhir.Resource) (bool, error) {
	if doc.Type() != "Provenance" || doc.Root().Path("meta", "security").Len() > 0 || doc.Get("target").Len() != 1 {
		return false, nil
	}
	ref, ok := fhir.ParseReference(doc.Get("target").Index(0).Get("reference").Text())
	if !ok || ref.Kind != fhir.RelativeTarget || ref.Type != "DocumentReference" {
		return false, nil
	}
	h := b.s.r.index.ResourceOf(ref.Type, ref.ID)
	if m := b.made[h]; m != nil && m.doc != nil {
		return deskSees(m.doc), nil
	}
	rows, err := b.s.r.store.ReadMany(ctx, []int64{h})
	return err == nil && len(rows) == 1 && rows[0].Key.Patient() == 0 && rows[0].Labels&access.Desk != 0, err
}

func codeIn(concept fhir.Node, system string) string {
	for c := range concept.Get("coding").Values() {
		if c.Get("system").Text() == system {
			return c.Get("code").Text()
		}
	}
	return ""
}

// keepToDesk holds what the front desk writes to what the front desk may: it files documents that are nobody's, with their files, and
// carries referrals on. It changes neither what stands in a chart nor what clinicians decide.
func (b *batch) keepToDesk() error {
	for i, c := range b.changes {
		if !c.decision.Desk || c.gone || c.nothing || c.action == access.Delete {
			continue
		}
		why := ""
		switch c.op.Type {
		case "DocumentReference":
			why = b.deskDocument(c)
		case "Binary":
			why = b.deskFile(c)
		case "Task":
			why = b.deskTask(c)
		case "Provenance":
			why = b.deskSaid(c)
		}
		if why != "" {
			return b.at(i, &Error{Kind: KindForbidden, Outcome: forbidden("the front desk " + why)})
		}
	}
	return nil
}

// deskDocument says why the front desk may not write a document so; "" if it may.
func (b *batch) deskDocument(c *change) string {
	doc, old := c.doc, c.oldDoc
	if old != nil && c.old.Key.Patient() != 0 {
		return "does not change a document that is filed: ask a clinician or a nurse to correct or to move it"
	}
	may := []string{"meta", "text", "status", "type", "category", "subject", "description", "content", "context"}
	if old == nil {
		may = append(may, "identifier", "date", "author")
	}
	if name := differs(doc, old, may...); name != "" {
		return "may not set " + name + " of a document"
	}
	if why := deskMeta(doc, old); why != "" {
		return why
	}
	for n := range doc.Get("context").Children() {
		if n.Key() != "period" {
			return "may not set context." + n.Key() + " of a document"
		}
	}
	subject := doc.Get("subject")
	switch doc.Get("status").Text() {
	case "current":
	case "entered-in-error":
		if subject.Exists() {
			return "may not strike what is in a chart"
		}
	default:
		return "keeps documents as current, or discards them as entered-in-error"
	}
	if subject.Exists() {
		if t, ok := fhir.ParseReference(subject.Get("reference").Text()); !ok || t.Kind != fhir.RelativeTarget || t.Type != "Patient" {
			return "files documents to patients"
		}
		if old == nil && !deskSees(doc) {
			return "puts only administrative documents straight into a chart; others go through the queue"
		}
	}
	if old != nil && !sameFiles(old, doc) {
		return "may not change the files of a document"
	}
	for id := range filesOf(doc) {
		file := b.made[b.s.r.index.ResourceOf("Binary", id)]
		switch {
		case old == nil && (file == nil || file.old != nil || file.doc == nil):
			return "keeps a new document with new files only, in one transaction"
		case old != nil && subject.Exists() && (file == nil || file.doc == nil):
			return "files a document together with its files, in one transaction"
		}
	}
	return ""
}

// deskMeta keeps the front desk from labels and tags: they decide who sees a document, and who may change it.
func deskMeta(doc, old *fhir.Resource) string {
	for _, name := range []string{"security", "tag"} {
		now, was := doc.Root().Path("meta", name), fhir.Node{}
		if old != nil {
			was = old.Root().Path("meta", name)
		}
		if now.Exists() != was.Exists() || now.Exists() && !now.Equal(was) {
			return "may not set meta." + name
		}
	}
	return ""
}

// differs is the name of an element that differs between two versions and is not among those that may; "" if there is none. Without an
// old version, elements that may not differ may not be there.
func differs(doc, old *fhir.Resource, but ...string) string {
	may := func(name string) bool { return name == "id" || name == "resourceType" || slices.Contains(but, name) }
	for n := range doc.Root().Children() {
		if !may(n.Key()) && (old == nil || !n.Equal(old.Get(n.Key()))) {
			return n.Key()
		}
	}
	if old != nil {
		for n := range old.Root().Children() {
			if !may(n.Key()) && !doc.Get(n.Key()).Exists() {
				return n.Key()
			}
		}
	}
	return ""
}

// sameFiles reports whether two versions of a document hold the same: their titles aside.
func sameFiles(a, b *fhir.Resource) bool {
	x, y := a.Get("content"), b.Get("content")
	if x.Len() != y.Len() {
		return false
	}
	for i := range x.Len() {
		p, q := x.Index(i), y.Index(i)
		for _, pair := range [][2]fhir.Node{{p, q}, {q, p}} {
			for n := range pair[0].Children() {
				if n.Key() != "attachment" && !n.Equal(pair[1].Get(n.Key())) {
					return false
				}
			}
			for n := range pair[0].Get("attachment").Children() {
				if n.Key() != "title" && n.Key() != "creation" && !n.Equal(pair[1].Get("attachment").Get(n.Key())) {
					return false
				}
			}
		}
	}
	return true
}

// filesOf are the ids of the files that a document names, each with its place in the content.
func filesOf(doc *fhir.Resource) map[string]int {
	out, i := map[string]int{}, 0
	for c := range doc.Get("content").Values() {
		if t, ok := fhir.ParseReference(c.Get("attachment").Get("url").Text()); ok && t.Kind == fhir.RelativeTarget && t.Type == "Binary" {
			out[t.ID] = i
		}
		i++
	}
	return out
}

// filesAlone is why a file by itself is refused.
const filesAlone = "writes files only together with a document that is nobody's yet"

// deskFile says why the front desk may not write a file so: it stands beside a document that is written with it.
func (b *batch) deskFile(c *change) string {
	if name := differs(c.doc, nil, "meta", "contentType", "securityContext", "data"); name != "" {
		return "may not set " + name + " of a file"
	}
	if why := deskMeta(c.doc, c.oldDoc); why != "" {
		return why
	}
	for _, k := range b.changes {
		if k.op.Type != "DocumentReference" || k.doc == nil || !k.decision.Desk {
			continue
		}
		named := k.doc
		if k.oldDoc != nil {
			named = k.oldDoc
		}
		if _, ok := filesOf(named)[c.id]; !ok || (c.old == nil) != (k.old == nil) {
			continue
		}
		if c.doc.Root().Path("securityContext", "reference").Text() != k.doc.Root().Path("subject", "reference").Text() {
			return "keeps a file where its document is: securityContext must be the subject of the document"
		}
		if c.old != nil && (c.old.Key.Patient() != 0 || !c.doc.Get("data").Equal(c.oldDoc.Get("data")) || !c.doc.Get("contentType").Equal(c.oldDoc.Get("contentType"))) {
			return "may not change what a file holds"
		}
		return ""
	}
	return filesAlone
}

// deskSaid says why the front desk may not note so what was done: it speaks of documents that it writes itself, in its own name.
func (b *batch) deskSaid(c *change) string {
	if c.old != nil {
		return "does not change what was noted"
	}
	if name := differs(c.doc, nil, "meta", "target", "recorded", "reason", "activity", "agent"); name != "" {
		return "may not set " + name + " of a Provenance"
	}
	if why := deskMeta(c.doc, nil); why != "" {
		return why
	}
	for t := range c.doc.Get("target").Values() {
		ref, _ := fhir.ParseReference(t.Get("reference").Text())
		k := b.made[b.s.r.index.ResourceOf(ref.Type, ref.ID)]
		if ref.Type != "DocumentReference" || k == nil || k.doc == nil {
			return "notes what it does with documents in the same transaction alone"
		}
	}
	for a := range c.doc.Get("agent").Values() {
		if ref := a.Path("who", "reference").Text(); ref != "" && ref != b.s.actor.Linked {
			return "notes what it does in its own name"
		}
	}
	return ""
}
