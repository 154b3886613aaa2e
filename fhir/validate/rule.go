package validate

// The names of the rules, as the diagnostics of an issue give them. Those of R4's invariants go by R4's keys.
const (
	ruleResourceType = "resource-type"     // resourceType names a concrete R4 type
	ruleUnknown      = "unknown-element"   // only R4's elements stand in an object
	ruleShape        = "json-shape"        // object, array, string, number or boolean, as the element asks
	ruleEmpty        = "not-empty"         // no empty object, array or string
	ruleNull         = "null"              // null only pads the arrays of primitives
	ruleSibling      = "primitive-sibling" // "_name" belongs to a primitive and is aligned with it
	ruleCardinality  = "cardinality"
	ruleChoice       = "choice"     // one type of a choice
	ruleFormat       = "format"     // a primitive has the form of its type
	ruleBinding      = "binding"    // a code is in its value set
	ruleReference    = "reference"  // a reference has a form and may point at such a resource
	ruleContained    = "contained"  // "#id" leads to a contained resource, which has an id
	ruleBundle       = "bundle"     // entries have what the type of Bundle asks
	ruleNarrative    = "narrative"  // a narrative is safe XHTML
	ruleFixed        = "fixed"      // a profile fixes the value
	rulePattern      = "pattern"    // a profile gives a pattern for the value
	ruleSlice        = "slice"      // a profile's slices
	ruleType         = "type"       // a profile narrows the types
	ruleExtension    = "extension"  // an extension follows its definition
	ruleProfile      = "profile"    // a profile fits the resource and is known
	ruleInvariantSys = "evaluation" // an invariant could not be evaluated
)
