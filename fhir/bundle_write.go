package fhir

import (
	"slices"
	"strconv"
)

// BundleWriter appends a Bundle entry by entry. Resources are spliced in as the bytes that they are: the
// writer neither decodes nor checks them, so they must be well-formed JSON objects.
//
//	w := fhir.NewBundleWriter(nil, fhir.Bundle{Type: "searchset", Total: &total, Link: links})
//	for ... {
//		w.Add(fhir.BundleEntry{FullURL: url, Search: fhir.BundleSearch{Mode: "match"}}, stored)
//	}
//	body := w.Finish()
//
// A Bundle that is too large to hold is streamed: [BundleWriter.Take] hands over what has been written so far.
type BundleWriter struct {
	out     []byte
	entries int
}

// NewBundleWriter begins a Bundle behind what out holds, usually nothing but capacity. head gives what
// stands before the entries; entries in head are not written.
func NewBundleWriter(out []byte, head Bundle) *BundleWriter {
	w := begin(out)
	w.str("resourceType", "Bundle")
	w.str("id", head.ID)
	writeOne(&w, "identifier", head.Identifier)
	w.str("type", head.Type)
	writeOne(&w, "timestamp", head.Timestamp)
	if head.Total != nil {
		w.name("total")
		w.out = strconv.AppendInt(w.out, int64(*head.Total), 10)
	}
	writeList(&w, "link", head.Link)
	w.out[w.start] = '{'
	return &BundleWriter{out: w.out}
}

// Add appends an entry. resource is its exact JSON; where it is nil, e.Resource stands for it, and where
// that is missing too, the entry has no resource.
func (b *BundleWriter) Add(e BundleEntry, resource []byte) {
	if resource == nil {
		resource = e.Resource.Raw()
	}
	if b.entries == 0 {
		b.out = append(b.out, `,"entry":[`...)
	} else {
		b.out = append(b.out, ',')
	}
	b.entries++
	// Growing once for a large entry is cheaper than by doubling inside it.
	b.out = slices.Grow(b.out, len(resource)+len(e.FullURL)+len(e.Response.Outcome)+64)
	w := begin(b.out)
	writeList(&w, "link", e.Link)
	w.str("fullUrl", e.FullURL)
	w.raw("resource", resource)
	writeOne(&w, "search", e.Search)
	writeOne(&w, "request", e.Request)
	writeOne(&w, "response", e.Response)
	b.out = w.end()
}

// Len counts the entries added.
func (b *BundleWriter) Len() int { return b.entries }

// Size is how many bytes wait to be taken.
func (b *BundleWriter) Size() int { return len(b.out) }

// Take hands over the bytes written since the last Take. They are valid until the next call of Add or Finish.
func (b *BundleWriter) Take() []byte {
	out := b.out
	b.out = b.out[:0]
	return out
}

// Finish ends the Bundle, after the last entry, and returns what has not been taken: the whole Bundle if
// Take was never called. Links may be given that only the end of the work could tell, such as the next
// page; then head must not have had any.
func (b *BundleWriter) Finish(links ...BundleLink) []byte {
	if b.entries > 0 {
		b.out = append(b.out, ']')
	}
	if len(links) > 0 {
		w := writer{out: b.out}
		writeList(&w, "link", links)
		b.out = w.out
	}
	b.out = append(b.out, '}')
	return b.out
}
