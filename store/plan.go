package store

// Plan is a search, compiled by record/search: what to match, what the caller may see, in which order.
type Plan struct {
	Type   int // type number; 0 = any
	Filter Filter
	Where  []Cond // all must hold
	Sort   []Sort // then by key, ascending
	// After goes on behind this place: the sort values and key of the last hit seen.
	After *Cursor
	Limit int
}

// Filter is what the caller may see at all. It is part of the statement for the rows that are returned
// and for every row that a chain or reverse chain steps on.
type Filter struct {
	// Patients limits to these patients' records; nil = all. Rows that belong to no patient stay visible, but
	// for those of OwnOnly.
	Patients []int64
	// OwnOnly hides rows of these types that belong to no patient.
	OwnOnly []int
	// Orgs limits to resources owned by these organisations; nil = all.
	Orgs []int64
	// DenyLabels hides rows with any of these label bits.
	DenyLabels int64
	// NeedTypes hides rows of these types that have none of the label bits NeedLabels.
	NeedTypes  []int
	NeedLabels int64
	// DenyTypes hides types altogether.
	DenyTypes []int
	// Nothing lets nobody see anything.
	Nothing bool
}

// ByRow reports whether the filter asks for more of a row than what its key says.
func (f Filter) ByRow() bool {
	return f.Orgs != nil || f.DenyLabels != 0 || len(f.NeedTypes) > 0 || f.Nothing
}

// Cond is a condition on a row.
type Cond interface{ cond() }

// And holds when all of its conditions do.
type And []Cond

// Or holds when one of its conditions does.
type Or []Cond

// Not holds when its condition does not.
type Not struct{ Cond Cond }

// TokenIs: the resource has a token of one of the atoms with one of the values.
type TokenIs struct {
	Atoms  []int64
	Values []TokenValue
	// Rank says how selective it is likely to be: 0 = an identifier, 1 = a clinical code, 2 = a status.
	Rank int
}

// TokenValue matches a token. Without HasCode any code of the system matches; without HasSystem any system.
type TokenValue struct {
	Code      int64
	System    int64
	HasCode   bool
	HasSystem bool
}

// RefIs: the resource refers to one of the targets.
type RefIs struct {
	Atoms   []int64
	Targets []int64
}

// OwnedBy: the resource is part of one of these patients' records.
type OwnedBy struct{ Patients []int64 }

// Range compares spans and amounts; the empty ends are open.
type DateOp uint8

const (
	DateEq DateOp = iota // the value's span lies within [Lo, Hi)
	DateNe               // it does not
	DateGt               // the value ends after Hi (value.Hi > Hi)
	DateLt               // the value begins before Lo
	DateGe               // DateGt or DateEq
	DateLe               // DateLt or DateEq
	DateSa               // the value begins at or after Hi
	DateEb               // the value ends at or before Lo
	DateAp               // the spans overlap
)

// DateIs compares a date of one of the atoms with the span [Lo, Hi).
type DateIs struct {
	Atoms  []int64
	Op     DateOp
	Lo, Hi int64
}

// TextOp is how strings are compared.
type TextOp uint8

const (
	TextPrefix TextOp = iota
	TextEqual
	TextContains
)

// TextIs: the resource has a string of one of the atoms that begins with, is or contains one of the values.
type TextIs struct {
	Atoms  []int64
	Op     TextOp
	Values []string
}

// AmountIs: the resource has an amount between From and To (inclusive as said) in one of the units.
type AmountIs struct {
	Atoms            []int64
	From, To         float64
	FromOpen, ToOpen bool    // the end itself is excluded
	Units            []int64 // nil = any
	Outside          bool    // not between: for ne
}

// Has: the resource has any index row of one of the atoms. Kind is the table they are in.
type Has struct {
	Atoms []int64
	Kind  IndexKind
}

// IndexKind names an index.
type IndexKind uint8

const (
	Tokens IndexKind = iota + 1
	Refs
	Dates
	Texts
	Amounts
)

// HashIs: the resource is one of these.
type HashIs struct{ Hashes []int64 }

// UpdatedIs compares when the current version was made: From <= At < To; 0 = open.
type UpdatedIs struct{ From, To int64 }

// Chain: the resource refers by one of the atoms to a resource of type Type for which Where holds and
// that Filter lets the caller see. With Owner the reference is the patient the resource belongs to.
type Chain struct {
	Atoms  []int64
	Owner  bool
	Type   int
	Where  []Cond
	Filter Filter
}

// Reverse: a resource of type Type for which Where holds, and that Filter lets the caller see, refers to
// this one by one of the atoms. With Owner this is a patient and the reference is the owning one.
type Reverse struct {
	Atoms  []int64
	Owner  bool
	Type   int
	Where  []Cond
	Filter Filter
}

func (And) cond()       {}
func (Or) cond()        {}
func (Not) cond()       {}
func (TokenIs) cond()   {}
func (RefIs) cond()     {}
func (OwnedBy) cond()   {}
func (DateIs) cond()    {}
func (TextIs) cond()    {}
func (AmountIs) cond()  {}
func (Has) cond()       {}
func (HashIs) cond()    {}
func (UpdatedIs) cond() {}
func (Chain) cond()     {}
func (Reverse) cond()   {}

// Sort is one sort key. Rows without a value come last. A row with several values sorts by its least, or by
// its greatest when Desc; a date by its beginning; texts by their bytes.
type Sort struct {
	Kind  IndexKind // Dates, Texts or Amounts; 0 = by the time of the current version
	Atoms []int64
	Desc  bool
}

// Cursor is a place in a sorted result.
type Cursor struct {
	Values []SortValue
	Key    Key
}

// SortValue is a row's value for one sort key: a number (dates in milliseconds, amounts) or a text.
type SortValue struct {
	Missing bool
	Number  float64
	Text    string
}

// Hit is a row of a search with its sort values.
type Hit struct {
	Row
	Sort []SortValue
}
