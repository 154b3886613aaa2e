// Package documents keeps what others wrote of a patient: files from the chart's own page, and the queue of faxes, mail and
// scans that are not filed yet.
//
// A document is a DocumentReference, its file a Binary beside it. Both stand in the patient's record, the Binary by its
// securityContext, so that they are sealed under that patient's key and exported with it. What came in and is nobody's yet
// is a DocumentReference without subject.
package documents
