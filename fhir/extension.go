package fhir

// Extension is an element that a profile has added.
type Extension struct {
	Extension []Extension // parts of a compound extension, which has no value of its own
	URL       string
	Value     Choice
}

// Read takes the extension at n.
func (e *Extension) Read(n Node) error {
	*e = Extension{}
	var in reader
	if !in.object(n, "an Extension object") {
		return in.err
	}
	for f := range n.Children() {
		switch key := f.Key(); key {
		case "url":
			e.URL = in.str(f)
		case "extension":
			e.Extension = readList[Extension](&in, f)
		default:
			if suffix, ok := choiceSuffix(key, "value"); ok {
				in.fail(e.Value.read(f, suffix))
			}
		}
	}
	return in.err
}

// AppendJSON appends the extension with its properties in the order of the specification.
func (e Extension) AppendJSON(out []byte) []byte {
	w := begin(out)
	writeList(&w, "extension", e.Extension)
	w.str("url", e.URL)
	e.Value.write(&w, "value")
	return w.end()
}

// IsZero is true when nothing is stated.
func (e Extension) IsZero() bool {
	return e.URL == "" && e.Value.IsZero() && noneStated(e.Extension)
}

// Part is the first nested extension with the URL given.
func (e Extension) Part(url string) (Extension, bool) { return FindExtension(e.Extension, url) }

// FindExtension is the first extension with the URL given.
func FindExtension(list []Extension, url string) (Extension, bool) {
	for _, e := range list {
		if e.URL == url {
			return e, true
		}
	}
	return Extension{}, false
}
