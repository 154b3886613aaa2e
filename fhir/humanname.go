package fhir

import "strings"

// HumanName is a name of a person.
type HumanName struct {
	Use    string // usual, official, temp, nickname, anonymous, old or maiden
	Text   string // the whole name as it is shown
	Family string
	Given  []string // first names, then middle names
	Prefix []string
	Suffix []string
	Period Period
}

// Read takes the human name at n.
func (h *HumanName) Read(n Node) error {
	*h = HumanName{}
	var in reader
	if !in.object(n, "a HumanName object") {
		return in.err
	}
	for f := range n.Children() {
		switch f.Key() {
		case "use":
			h.Use = in.str(f)
		case "text":
			h.Text = in.str(f)
		case "family":
			h.Family = in.str(f)
		case "given":
			h.Given = in.strs(f)
		case "prefix":
			h.Prefix = in.strs(f)
		case "suffix":
			h.Suffix = in.strs(f)
		case "period":
			readOne(&in, f, &h.Period)
		}
	}
	return in.err
}

// AppendJSON appends the human name with its properties in the order of the specification.
func (h HumanName) AppendJSON(out []byte) []byte {
	w := begin(out)
	w.str("use", h.Use)
	w.str("text", h.Text)
	w.str("family", h.Family)
	w.strs("given", h.Given)
	w.strs("prefix", h.Prefix)
	w.strs("suffix", h.Suffix)
	writeOne(&w, "period", h.Period)
	return w.end()
}

// IsZero is true when nothing is stated.
func (h HumanName) IsZero() bool {
	return h.Use == "" && h.Text == "" && h.Family == "" && noText(h.Given) && noText(h.Prefix) &&
		noText(h.Suffix) && h.Period.IsZero()
}

// String is the name as it is read aloud: the text if stated, else prefix, given, family, suffix.
func (h HumanName) String() string {
	if h.Text != "" {
		return h.Text
	}
	var parts []string
	for _, group := range [][]string{h.Prefix, h.Given, {h.Family}, h.Suffix} {
		for _, p := range group {
			if p != "" {
				parts = append(parts, p)
			}
		}
	}
	return strings.Join(parts, " ")
}
