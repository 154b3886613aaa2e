package ucum

import (
	_ "embed"
	"math/big"
	"strings"
	"sync"
)

// unitsTable has one line for each prefix, base unit and unit, with fields between tabs:
//
//	prefix  code name symbol value
//	base    code name symbol property
//	unit    code name symbol property flags value unit function
//
// Flags are m (takes prefixes), s (special: on a scale of its own, which the function names) and a (arbitrary).
//
//go:embed tables/units.txt
var unitsTable string

// atom is a unit without prefix or exponent.
type atom struct {
	code, name, symbol, property string
	metric                       bool
	// factor and dim are what one of it is in base units. For a special unit they are those of the unit that its scale
	// counts in.
	factor  *big.Rat
	dim     dimension
	special *scale // nil for most
}

type prefix struct {
	code, name, symbol string
	factor             *big.Rat
}

type table struct {
	version  string
	atoms    map[string]*atom
	prefixes map[string]*prefix
	order    []*atom // as UCUM lists them
}

// load reads the table, once. Units are defined by units that stand before or behind them, so they are worked out in
// rounds.
var load = sync.OnceValue(func() *table {
	t := &table{atoms: map[string]*atom{}, prefixes: map[string]*prefix{}}
	type pending struct {
		*atom
		value, unit, function string
		arbitrary             bool
	}
	var waiting []pending
	for line := range strings.Lines(unitsTable) {
		f := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		switch f[0] {
		case "#":
			t.version = f[2]
		case "prefix":
			t.prefixes[f[1]] = &prefix{f[1], f[2], f[3], number(f[4])}
		case "base":
			a := &atom{code: f[1], name: f[2], symbol: f[3], property: f[4], metric: true, factor: big.NewRat(1, 1), dim: dimension{{f[1], 1}}}
			t.atoms[a.code] = a
			t.order = append(t.order, a)
		case "unit":
			a := &atom{code: f[1], name: f[2], symbol: f[3], property: f[4], metric: strings.Contains(f[5], "m")}
			t.order = append(t.order, a)
			waiting = append(waiting, pending{a, f[6], f[7], f[8], strings.Contains(f[5], "a")})
		}
	}
	for len(waiting) > 0 {
		var later []pending
		for _, p := range waiting {
			if p.code == "mol" || p.arbitrary && p.unit == "1" { // see the package comment
				p.factor, p.dim = big.NewRat(1, 1), dimension{{p.code, 1}}
			} else {
				u, err := t.parse(p.unit)
				if err != nil {
					later = append(later, p)
					continue
				}
				p.factor, p.dim = new(big.Rat).Mul(number(p.value), u.factor), u.dim
			}
			if p.function != "" {
				s := scales[p.function]
				p.special = &s
			}
			t.atoms[p.code] = p.atom
		}
		if len(later) == len(waiting) {
			panic("ucum: the table defines " + later[0].code + " by a unit that it does not have") // the table is part of the program
		}
		waiting = later
	}
	return t
})

// number reads a number of the table.
func number(s string) *big.Rat {
	r, ok := new(big.Rat).SetString(s)
	if !ok {
		panic("ucum: the table holds a number that is none: " + s) // the table is part of the program
	}
	return r
}

// mole is how many things UCUM takes a mole to be.
var mole = sync.OnceValue(func() *big.Rat { return number("6.02214076e23") })

// Version is the version of UCUM.
func Version() string { return load().version }
