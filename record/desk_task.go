package record

import (
	"slices"

	"github.com/osler-ehr/osler/fhir"
)

// deskTask says why the front desk may not write a Task so; "" if it may. It asks somebody to read what it files, enters referrals to
// the practice, and carries referrals on up to the report: to accept, to review, to close and to cancel one is for clinicians.
func (b *batch) deskTask(c *change) string {
	doc, old := c.doc, c.oldDoc
	if why := deskMeta(doc, old); why != "" {
		return why
	}
	if old == nil {
		return b.deskNewTask(doc)
	}
	in := codeIn(old.Get("code"), taskKind) == "referral-in"
	if codeIn(old.Get("code"), taskKind) == "cover" {
		return "does not change who stands in for whom"
	}
	may := []string{"meta", "text", "status", "businessStatus", "lastModified", "performerType", "owner", "note", "restriction", "output"}
	if in {
		may = append(may, "statusReason", "executionPeriod")
	}
	if name := differs(doc, old, may...); name != "" {
		return "may not change " + name + " of a referral"
	}
	for _, name := range []string{"note", "output"} {
		if !extends(old.Get(name), doc.Get(name)) {
			return "adds to what was done for a referral, and changes nothing of it"
		}
	}
	was, now := codeIn(old.Get("businessStatus"), ReferralStates), codeIn(doc.Get("businessStatus"), ReferralStates)
	status, before := doc.Get("status").Text(), old.Get("status").Text()
	if slices.Contains([]string{"completed", "cancelled", "rejected", "failed", "entered-in-error"}, before) {
		return "does not change a referral that is over"
	}
	if in {
		return deskIn(was, now, before, status)
	}
	switch {
	case status != before && status != "in-progress" || before == "on-hold" && status != before:
		return "does not end a referral, nor take it off hold: a clinician does"
	case was == now && doc.Get("businessStatus").Equal(old.Get("businessStatus")):
		return ""
	case !slices.Contains([]string{"sent", "accepted", "declined", "booked", "missed", "seen", "report"}, now),
		!slices.Contains([]string{"ordered", "collected", "resulted"}, codeIn(doc.Get("businessStatus"), orderStates)):
		return "carries a referral on up to its report: to close or to cancel it is for a clinician"
	case was == "report" && now != was:
		return "leaves a referral whose report is here to the clinician who reviews it"
	case before == "on-hold":
		return "leaves a referral alone while its order is on hold"
	}
	return ""
}

// deskIn says why a referral to the practice may not be carried on so.
func deskIn(was, now, before, status string) string {
	switch {
	case now != was && (now == "accepted" || now == "declined"):
		return "does not accept or decline a patient: a clinician or a nurse does"
	case status == "completed" && (was != "seen" || now != "closed"), now == "closed" && status != "completed":
		return "closes a referral when the patient was seen and the referrer has the report"
	case status == "rejected" && was != "declined", now == "cancelled" && status != "rejected":
		return "ends a referral that was declined, when the referrer was told"
	case !slices.Contains([]string{"completed", "rejected", "in-progress", before}, status):
		return "may not set the status " + status + " of a referral"
	}
	return ""
}

// deskNewTask says why the front desk may not ask for something.
func (b *batch) deskNewTask(doc *fhir.Resource) string {
	if status := doc.Get("status").Text(); status != "requested" || doc.Get("output").Exists() {
		return "asks for what is still to be done: the status is requested"
	}
	switch codeIn(doc.Get("code"), taskKind) {
	case "document":
		if name := differs(doc, nil, "meta", "status", "intent", "priority", "code", "description", "focus", "for", "authoredOn", "lastModified", "requester", "performerType", "owner", "note", "identifier"); name != "" {
			return "may not set " + name + " of such a Task"
		}
		ref, _ := fhir.ParseReference(doc.Root().Path("focus", "reference").Text())
		k := b.made[b.s.r.index.ResourceOf(ref.Type, ref.ID)]
		if ref.Type == "DocumentReference" && k != nil && k.doc != nil && k.decision.Desk && k.doc.Get("subject").Exists() &&
			k.doc.Root().Path("subject", "reference").Text() == doc.Root().Path("for", "reference").Text() {
			return ""
		}
		return "asks to read a document that it files in the same transaction"
	case "referral-in":
		if name := differs(doc, nil, "meta", "status", "businessStatus", "intent", "priority", "code", "description", "authoredOn", "lastModified", "requester", "performerType", "owner", "note", "restriction", "input", "identifier"); name != "" {
			return "may not set " + name + " of a referral to the practice"
		}
		if codeIn(doc.Get("businessStatus"), ReferralStates) == "received" && deskSees(doc) {
			return ""
		}
		return "enters a referral to the practice as received"
	}
	return "makes Tasks to read a document, and referrals to the practice; a referral's own Task comes with the order"
}

// extends reports whether a list says what it said before, first.
func extends(was, is fhir.Node) bool {
	if is.Len() < was.Len() {
		return false
	}
	for i := range was.Len() {
		if !was.Index(i).Equal(is.Index(i)) {
			return false
		}
	}
	return true
}
