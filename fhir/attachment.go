package fhir

// Attachment is content in another format, inside the document or elsewhere. Attachments can be compared with ==.
type Attachment struct {
	ContentType string // MIME type
	Language    string // BCP 47
	Data        string // base64, as it stands
	URL         string
	Size        int    // bytes, before base64
	Hash        string // SHA-1, base64
	Title       string
	Creation    DateTime
}

// Read takes the attachment at n.
func (a *Attachment) Read(n Node) error {
	*a = Attachment{}
	var in reader
	if !in.object(n, "an Attachment object") {
		return in.err
	}
	for f := range n.Children() {
		switch f.Key() {
		case "contentType":
			a.ContentType = in.str(f)
		case "language":
			a.Language = in.str(f)
		case "data":
			a.Data = in.str(f)
		case "url":
			a.URL = in.str(f)
		case "size":
			a.Size = in.integer(f)
		case "hash":
			a.Hash = in.str(f)
		case "title":
			a.Title = in.str(f)
		case "creation":
			readOne(&in, f, &a.Creation)
		}
	}
	return in.err
}

// AppendJSON appends the attachment with its properties in the order of the specification.
func (a Attachment) AppendJSON(out []byte) []byte {
	w := begin(out)
	w.str("contentType", a.ContentType)
	w.str("language", a.Language)
	w.str("data", a.Data)
	w.str("url", a.URL)
	w.integer("size", a.Size)
	w.str("hash", a.Hash)
	w.str("title", a.Title)
	writeOne(&w, "creation", a.Creation)
	return w.end()
}

// IsZero is true when nothing is stated.
func (a Attachment) IsZero() bool {
	return a == Attachment{}
}
