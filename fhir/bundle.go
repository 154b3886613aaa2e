package fhir

import "strconv"

// Bundle is a Bundle document, taken apart as far as its entries. The resources in it stay where they are.
type Bundle struct {
	ID         string
	Type       string // searchset, history, transaction, batch, transaction-response, document, ...
	Identifier Identifier
	Timestamp  Instant
	Total      *int // nil when not stated
	Link       []BundleLink
	Entry      []BundleEntry
}

// BundleLink is a link of a Bundle or entry, such as the next page.
type BundleLink struct {
	Relation string // self, next, previous, first, last
	URL      string
}

// BundleEntry is one entry of a Bundle.
type BundleEntry struct {
	Link     []BundleLink
	FullURL  string
	Resource Node // Missing when the entry has none; [Node.Resource] makes it a document of its own
	Search   BundleSearch
	Request  BundleRequest
	Response BundleResponse
}

// BundleSearch tells why a search returned an entry.
type BundleSearch struct {
	Mode  string // match, include or outcome
	Score Decimal
	Grade string // of a match of $match: certain, probable, possible or certainly-not; an extension of R4
}

// matchGrade is the extension that holds Grade.
const matchGrade = "http://hl7.org/fhir/StructureDefinition/match-grade"

// BundleRequest is what a transaction or batch asks for, or what a history entry was asked.
type BundleRequest struct {
	Method          string
	URL             string
	IfNoneMatch     string
	IfModifiedSince Instant
	IfMatch         string
	IfNoneExist     string
}

// BundleResponse is the outcome of one request.
type BundleResponse struct {
	Status       string // such as 201 Created
	Location     string
	ETag         string
	LastModified Instant
	Outcome      []byte // the exact JSON of an OperationOutcome; nil when there is none
}

// ReadBundle takes a Bundle apart. A document of another type is an error.
func ReadBundle(r *Resource) (*Bundle, error) {
	if err := r.load(); err != nil {
		return nil, err
	}
	root := r.Root()
	if r.Type() != "Bundle" {
		return nil, &TypeError{Path: root.Location(), Want: "a Bundle", Got: root.Kind()}
	}
	b := &Bundle{}
	var in reader
	for f := range root.Children() {
		switch f.Key() {
		case "id":
			b.ID = in.str(f)
		case "type":
			b.Type = in.str(f)
		case "identifier":
			readOne(&in, f, &b.Identifier)
		case "timestamp":
			readOne(&in, f, &b.Timestamp)
		case "total":
			total := in.integer(f)
			b.Total = &total
		case "link":
			b.Link = readList[BundleLink](&in, f)
		case "entry":
			b.Entry = readList[BundleEntry](&in, f)
		}
	}
	if in.err != nil {
		return nil, in.err
	}
	return b, nil
}

// LinkTo is the URL of the link with the relation given; "" if there is none.
func (b *Bundle) LinkTo(relation string) string {
	for _, l := range b.Link {
		if l.Relation == relation {
			return l.URL
		}
	}
	return ""
}

// Read takes the link at n.
func (l *BundleLink) Read(n Node) error {
	*l = BundleLink{}
	var in reader
	if !in.object(n, "a link object") {
		return in.err
	}
	l.Relation = in.str(n.Get("relation"))
	l.URL = in.str(n.Get("url"))
	return in.err
}

// AppendJSON appends the link.
func (l BundleLink) AppendJSON(out []byte) []byte {
	w := begin(out)
	w.str("relation", l.Relation)
	w.str("url", l.URL)
	return w.end()
}

// IsZero is true when nothing is stated.
func (l BundleLink) IsZero() bool { return l == BundleLink{} }

// Read takes the entry at n.
func (e *BundleEntry) Read(n Node) error {
	*e = BundleEntry{}
	var in reader
	if !in.object(n, "an entry object") {
		return in.err
	}
	for f := range n.Children() {
		switch f.Key() {
		case "link":
			e.Link = readList[BundleLink](&in, f)
		case "fullUrl":
			e.FullURL = in.str(f)
		case "resource":
			if in.object(f, "a resource") {
				e.Resource = f
			}
		case "search":
			readOne(&in, f, &e.Search)
		case "request":
			readOne(&in, f, &e.Request)
		case "response":
			readOne(&in, f, &e.Response)
		}
	}
	return in.err
}

// Read takes the search part of an entry.
func (s *BundleSearch) Read(n Node) error {
	*s = BundleSearch{}
	var in reader
	if !in.object(n, "a search object") {
		return in.err
	}
	s.Mode = in.str(n.Get("mode"))
	readOne(&in, n.Get("score"), &s.Score)
	for x := range n.Get("extension").Values() {
		if x.Get("url").Text() == matchGrade {
			s.Grade = in.str(x.Get("valueCode"))
		}
	}
	return in.err
}

// AppendJSON appends the search part of an entry.
func (s BundleSearch) AppendJSON(out []byte) []byte {
	w := begin(out)
	if s.Grade != "" {
		w.raw("extension", append(AppendString([]byte(`[{"url":"`+matchGrade+`","valueCode":`), s.Grade), "}]"...))
	}
	w.str("mode", s.Mode)
	writeOne(&w, "score", s.Score)
	return w.end()
}

// IsZero is true when nothing is stated.
func (s BundleSearch) IsZero() bool { return s == BundleSearch{} }

// Read takes the request part of an entry.
func (q *BundleRequest) Read(n Node) error {
	*q = BundleRequest{}
	var in reader
	if !in.object(n, "a request object") {
		return in.err
	}
	for f := range n.Children() {
		switch f.Key() {
		case "method":
			q.Method = in.str(f)
		case "url":
			q.URL = in.str(f)
		case "ifNoneMatch":
			q.IfNoneMatch = in.str(f)
		case "ifModifiedSince":
			readOne(&in, f, &q.IfModifiedSince)
		case "ifMatch":
			q.IfMatch = in.str(f)
		case "ifNoneExist":
			q.IfNoneExist = in.str(f)
		}
	}
	return in.err
}

// AppendJSON appends the request part of an entry.
func (q BundleRequest) AppendJSON(out []byte) []byte {
	w := begin(out)
	w.str("method", q.Method)
	w.str("url", q.URL)
	w.str("ifNoneMatch", q.IfNoneMatch)
	writeOne(&w, "ifModifiedSince", q.IfModifiedSince)
	w.str("ifMatch", q.IfMatch)
	w.str("ifNoneExist", q.IfNoneExist)
	return w.end()
}

// IsZero is true when nothing is stated.
func (q BundleRequest) IsZero() bool { return q == BundleRequest{} }

// Read takes the response part of an entry.
func (s *BundleResponse) Read(n Node) error {
	*s = BundleResponse{}
	var in reader
	if !in.object(n, "a response object") {
		return in.err
	}
	for f := range n.Children() {
		switch f.Key() {
		case "status":
			s.Status = in.str(f)
		case "location":
			s.Location = in.str(f)
		case "etag":
			s.ETag = in.str(f)
		case "lastModified":
			readOne(&in, f, &s.LastModified)
		case "outcome":
			if in.object(f, "an OperationOutcome") {
				s.Outcome = f.Raw()
			}
		}
	}
	return in.err
}

// AppendJSON appends the response part of an entry.
func (s BundleResponse) AppendJSON(out []byte) []byte {
	w := begin(out)
	w.str("status", s.Status)
	w.str("location", s.Location)
	w.str("etag", s.ETag)
	writeOne(&w, "lastModified", s.LastModified)
	w.raw("outcome", s.Outcome)
	return w.end()
}

// IsZero is true when nothing is stated.
func (s BundleResponse) IsZero() bool {
	return s.Status == "" && s.Location == "" && s.ETag == "" && s.LastModified.IsZero() && len(s.Outcome) == 0
}

// VersionETag is the weak entity tag of a version, as FHIR writes it: W/"3".
func VersionETag(version int64) string { return `W/"` + strconv.FormatInt(version, 10) + `"` }
