// Package terms knows code systems, value sets and maps: which codes there are, what they are called, what stands
// above and below them, and which of them a person means who types the first letters.
//
// # Code systems
//
// A [System] is one version of one code system. It is an immutable file, or the same bytes in memory: displays,
// synonyms, properties, hierarchy, and an inverted index of words. A system of some 100,000 concepts opens at once and
// answers a keystroke in about a millisecond. A [Builder] makes one; package terms/load reads the publishers' release
// files with it.
//
// A [Library] holds the systems: those that HL7 defines (fhir/definitions), those that ship with the program (ICD-10-CM,
// CVX, MVX), and those that were loaded into a folder.
//
// # Value sets
//
// A [ValueSet] is the definition, [Expander.Content] works out what it holds. A value set may draw on systems that are
// not here. Then its [Content] is open: a code can be found to be in it, or it cannot be told.
//
// Units of measure are in terms/ucum.
package terms
