package fhir

// Meta is what the record knows about a version of a resource.
type Meta struct {
	VersionID   string
	LastUpdated Instant
	Source      string   // URI of where the data came from
	Profile     []string // canonical URLs of the profiles that it claims to follow
	Security    []Coding // labels
	Tag         []Coding
}

// Read takes the meta at n.
func (m *Meta) Read(n Node) error {
	*m = Meta{}
	var in reader
	if !in.object(n, "a Meta object") {
		return in.err
	}
	for f := range n.Children() {
		switch f.Key() {
		case "versionId":
			m.VersionID = in.str(f)
		case "lastUpdated":
			readOne(&in, f, &m.LastUpdated)
		case "source":
			m.Source = in.str(f)
		case "profile":
			m.Profile = in.strs(f)
		case "security":
			m.Security = readList[Coding](&in, f)
		case "tag":
			m.Tag = readList[Coding](&in, f)
		}
	}
	return in.err
}

// AppendJSON appends the meta with its properties in the order of the specification.
func (m Meta) AppendJSON(out []byte) []byte {
	w := begin(out)
	w.str("versionId", m.VersionID)
	writeOne(&w, "lastUpdated", m.LastUpdated)
	w.str("source", m.Source)
	w.strs("profile", m.Profile)
	writeList(&w, "security", m.Security)
	writeList(&w, "tag", m.Tag)
	return w.end()
}

// IsZero is true when nothing is stated.
func (m Meta) IsZero() bool {
	return m.VersionID == "" && m.LastUpdated.IsZero() && m.Source == "" && noText(m.Profile) &&
		noneStated(m.Security) && noneStated(m.Tag)
}
