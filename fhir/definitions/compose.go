package definitions

// ConceptSet is one include or exclude of a value set's definition: the codes of System that are listed or that all
// filters select, and that are in every one of ValueSets.
type ConceptSet struct {
	System string // "" when only other value sets are named
	Codes  []Coding
	// Withheld is true when codes are listed that may not be handed on; then Codes is empty.
	Withheld  bool
	Filters   []Filter
	ValueSets []string // URLs
}

// Filter selects codes by a property.
type Filter struct{ Property, Op, Value string }

// Compose is the definition of the set, for those who know code systems that are not here.
func (v *ValueSet) Compose() (include, exclude []ConceptSet) {
	return conceptSets(v.include), conceptSets(v.exclude)
}

func conceptSets(list []conceptSet) []ConceptSet {
	out := make([]ConceptSet, len(list))
	for i, s := range list {
		out[i] = ConceptSet{System: s.system, Codes: s.codes, Withheld: s.missing, ValueSets: s.sets}
		for _, f := range s.filters {
			out[i].Filters = append(out[i].Filters, Filter{f.property, f.op, f.value})
		}
	}
	return out
}
