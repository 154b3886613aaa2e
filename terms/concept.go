package terms

// Info is what a code system says of itself.
type Info struct {
	URL     string `json:"url"`
	Version string `json:"version,omitempty"`
	Name    string `json:"name,omitempty"`  // for programs: ICD10CM
	Title   string `json:"title,omitempty"` // for people: ICD-10-CM
	OID     string `json:"oid,omitempty"`   // without urn:oid:
	// Content is complete, fragment or example (http://hl7.org/fhir/codesystem-content-mode). Only a complete system
	// tells which codes do not exist.
	Content       string `json:"content,omitempty"`
	CaseSensitive bool   `json:"caseSensitive,omitempty"`
	Publisher     string `json:"publisher,omitempty"`
	Copyright     string `json:"copyright,omitempty"`
	// Properties that concepts may have, beside those of FHIR itself (parent, child, inactive, notSelectable).
	Properties []Property `json:"properties,omitempty"`
	Source     string     `json:"source,omitempty"` // name of the file it was made from; "" for what ships with the program
	// Concepts and Words count what is in it.
	Concepts int `json:"concepts"`
	Words    int `json:"words"`
	// Hierarchy is true when concepts stand below others.
	Hierarchy bool `json:"hierarchy,omitempty"`
}

// Property describes a property of concepts.
type Property struct {
	Code        string `json:"code"`
	Type        string `json:"type"` // code, string, integer, boolean, dateTime, decimal or Coding
	Description string `json:"description,omitempty"`
}

// Canonical is the address with the version, if there is one.
func (i Info) Canonical() string {
	if i.Version == "" {
		return i.URL
	}
	return i.URL + "|" + i.Version
}

// Concept is one code with all that is known of it.
type Concept struct {
	Code    string
	Display string
	// Abstract concepts group others and are not to be used themselves.
	Abstract bool
	// Inactive concepts are no longer to be used.
	Inactive bool
	// Rank orders concepts that answer a search equally well: 0 comes first, 255 last.
	Rank         uint8
	Parents      []string // codes directly above
	Designations []Designation
	Properties   []Value
}

// Designation is another name of a concept.
type Designation struct {
	Language string
	Use      string // code of http://terminology.hl7.org/CodeSystem/designation-usage, or of the system itself: "" = synonym
	Value    string
	// Unsearched names are shown, and not searched: definitions and the like.
	Unsearched bool
}

// Value is a property of a concept.
type Value struct{ Property, Value string }

// ID is the number of a concept within a [System]: its place in the order of the definition, from 0. Another version
// of the same code system numbers differently.
type ID uint32
