package search

import (
	"fmt"
	"math"
	"math/big"
	"slices"
	"strconv"
	"strings"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/fhir/definitions"
	"github.com/osler-ehr/osler/store"
)

// token: [system]|[code], with the modifiers not, text, in, not-in, above, below, of-type.
func (c *compiler) token(sp *Parameter, name, modifier string, values []string, top bool) (store.Cond, error) {
	is := store.TokenIs{Atoms: numbers(sp.Atoms), Rank: rank(sp)}
	negate := false
	switch modifier {
	case "", "not":
		negate = modifier == "not"
		for _, v := range values {
			if t, ok := c.tokenValue(sp, v); ok {
				is.Values = append(is.Values, t)
			}
		}
	case "in", "not-in":
		negate = modifier == "not-in"
		for _, v := range values {
			codes, err := valueSetCodes(name, unescape(v))
			if err != nil {
				return nil, err
			}
			is.Values = append(is.Values, c.codings(sp, codes)...)
		}
	case "above", "below":
		for _, v := range values {
			codes, err := hierarchy(name, v, modifier == "below")
			if err != nil {
				return nil, err
			}
			is.Values = append(is.Values, c.codings(sp, codes)...)
		}
	case "text":
		if !top {
			return nil, unsupported(name, ":text is not supported inside a chain")
		}
		c.residual(func(r *fhir.Resource) bool { return displays(sp.extract.nodes(r.Root()), values) })
		return store.Has{Atoms: is.Atoms, Kind: store.Tokens}, nil
	case "of-type":
		return c.ofType(sp, name, values, top)
	default:
		return nil, unsupported(name, "the modifier %q is not known for a token", modifier)
	}
	if negate {
		return store.Not{Cond: is}, nil
	}
	return is, nil
}

// rank guesses how few rows a token leaves: see store.TokenIs.
func rank(sp *Parameter) int {
	if sp.Name == "category" || strings.HasPrefix(sp.Name, "_") || strings.HasSuffix(sp.Name, "status") {
		return 2
	}
	best := 2
	for _, a := range sp.Atoms {
		for _, t := range a.Types {
			switch t {
			case "Identifier", "ContactPoint":
				return 0
			case "CodeableConcept", "Coding":
				best = 1
			}
		}
	}
	return best
}

// tokenValue reads [system]|[code]. It is false when no value can match.
func (c *compiler) tokenValue(sp *Parameter, v string) (store.TokenValue, bool) {
	parts := splitEscaped(v, '|')
	if len(parts) == 1 {
		return store.TokenValue{Code: c.Token(unescape(v)), HasCode: true}, true
	}
	system, code := unescape(parts[0]), unescape(strings.Join(parts[1:], "|"))
	t := store.TokenValue{System: c.System(system), HasSystem: true}
	if code != "" {
		t.Code, t.HasCode = c.Token(code), true
	} else if system == "" {
		return t, false
	}
	if bare(sp) { // the value stands without its system
		if !t.HasCode {
			return t, false
		}
		t.HasSystem, t.System = false, 0
		if system != "" && !bound(sp, system, code) {
			return t, false
		}
	}
	return t, true
}

// bare is true of a parameter whose values are codes, strings or booleans without a system.
func bare(sp *Parameter) bool {
	for _, a := range sp.Atoms {
		for _, t := range a.Types {
			switch t {
			case "Coding", "CodeableConcept", "Identifier":
				return false
			}
		}
	}
	return true
}

// bound reports whether a code of a system can be a value, by the element's binding. Strings and contacts
// have none: they are of no system.
func bound(sp *Parameter, system, code string) bool {
	for _, a := range sp.Atoms {
		if slices.Equal(a.Types, []string{"boolean"}) {
			return true
		}
		if a.Binding == "" {
			continue
		}
		vs, ok := definitions.LookupValueSet(a.Binding)
		if !ok {
			return true
		}
		if in, known := vs.Contains(system, code); in || !known {
			return true
		}
	}
	return false
}

func (c *compiler) codings(sp *Parameter, codes []definitions.Coding) []store.TokenValue {
	out := make([]store.TokenValue, 0, len(codes))
	for _, k := range codes {
		out = append(out, store.TokenValue{Code: c.Token(k.Code), HasCode: true, System: c.System(k.System), HasSystem: !bare(sp)})
	}
	return out
}

func valueSetCodes(name, url string) ([]definitions.Coding, error) {
	vs, ok := definitions.LookupValueSet(url)
	if !ok {
		return nil, unsupported(name, "the value set %s is not known here", url)
	}
	codes, whole := vs.Expansion()
	if !whole {
		return nil, unsupported(name, "the value set %s holds codes of a system that is not loaded here", url)
	}
	if len(codes) > maxCodes {
		return nil, unsupported(name, "the value set %s has more than %d codes", url, maxCodes)
	}
	return codes, nil
}

func hierarchy(name, v string, down bool) ([]definitions.Coding, error) {
	system, code, ok := strings.Cut(v, "|")
	if !ok {
		return nil, wrong(name, "write it as system|code")
	}
	cs, known := definitions.LookupCodeSystem(unescape(system))
	if !known {
		return nil, unsupported(name, "the code system %s is not loaded here", system)
	}
	var out []definitions.Coding
	for _, k := range cs.Concepts {
		if down && cs.IsA(k.Code, unescape(code)) || !down && cs.IsA(unescape(code), k.Code) {
			out = append(out, definitions.Coding{System: cs.URL, Code: k.Code})
		}
	}
	if len(out) > maxCodes {
		return nil, unsupported(name, "more than %d codes", maxCodes)
	}
	return out, nil
}

func (c *compiler) residual(f func(*fhir.Resource) bool) { c.out.Residual = append(c.out.Residual, f) }

// displays reports whether a text or display among the values begins with one of the texts, or has a word
// that does.
func displays(nodes []fhir.Node, texts []string) bool {
	for _, n := range nodes {
		shown := []string{n.Get("text").Text(), n.Get("display").Text()}
		for coding := range n.Get("coding").Values() {
			shown = append(shown, coding.Get("display").Text())
		}
		if n.Get("type").Exists() { // Identifier.type
			shown = append(shown, n.Get("type").Get("text").Text())
		}
		for _, s := range shown {
			s = " " + Normalize(s)
			for _, t := range texts {
				if strings.Contains(s, " "+Normalize(unescape(t))) {
					return true
				}
			}
		}
	}
	return false
}

// ofType finds identifiers by type and value: system|code|value.
func (c *compiler) ofType(sp *Parameter, name string, values []string, top bool) (store.Cond, error) {
	if !top {
		return nil, unsupported(name, ":of-type is not supported inside a chain")
	}
	is := store.TokenIs{Atoms: numbers(sp.Atoms)}
	type want struct{ system, code, value string }
	lower := func(system, code, value string) want {
		return want{system, strings.ToLower(code), strings.ToLower(value)}
	}
	var wants []want
	for _, v := range values {
		parts := splitEscaped(v, '|')
		if len(parts) != 3 {
			return nil, wrong(name, "write it as system|code|value")
		}
		w := lower(unescape(parts[0]), unescape(parts[1]), unescape(parts[2]))
		wants = append(wants, w)
		is.Values = append(is.Values, store.TokenValue{Code: c.Token(w.value), HasCode: true})
	}
	c.residual(func(r *fhir.Resource) bool {
		for _, n := range sp.extract.nodes(r.Root()) {
			for coding := range n.Get("type").Get("coding").Values() {
				if slices.Contains(wants, lower(coding.Get("system").Text(), coding.Get("code").Text(), n.Get("value").Text())) {
					return true
				}
			}
		}
		return false
	})
	return is, nil
}

// text: begins with, :exact, :contains.
func (c *compiler) text(sp *Parameter, name, modifier string, values []string, top bool) (store.Cond, error) {
	is := store.TextIs{Atoms: numbers(sp.Atoms)}
	for _, v := range values {
		is.Values = append(is.Values, clip(Normalize(unescape(v))))
	}
	switch modifier {
	case "":
	case "contains":
		is.Op = store.TextContains
		var long []int64
		for _, a := range sp.Atoms {
			if a.Long != nil {
				long = append(long, a.Long.No)
			}
		}
		if top && len(long) > 0 { // the index holds the beginning only; inside a chain that must do
			c.residual(func(r *fhir.Resource) bool {
				return slices.ContainsFunc(sp.extract.nodes(r.Root()), func(n fhir.Node) bool {
					text := Normalize(n.Text())
					return slices.ContainsFunc(values, func(v string) bool { return strings.Contains(text, Normalize(unescape(v))) })
				})
			})
			return store.Or{is, store.Has{Atoms: long, Kind: store.Tokens}}, nil
		}
	case "exact":
		if !top {
			return nil, unsupported(name, ":exact is not supported inside a chain")
		}
		is.Op = store.TextEqual
		exact := make([]string, len(values))
		for i, v := range values {
			exact[i] = unescape(v)
		}
		c.residual(func(r *fhir.Resource) bool {
			for _, n := range sp.extract.nodes(r.Root()) {
				if slices.Contains(exact, n.Text()) {
					return true
				}
			}
			return false
		})
	default:
		return nil, unsupported(name, "the modifier %q is not known for a string", modifier)
	}
	return is, nil
}

// uri: the whole address; :below and :above by path.
func (c *compiler) uri(sp *Parameter, name, modifier string, values []string, top bool) (store.Cond, error) {
	switch modifier {
	case "":
		is := store.TokenIs{Atoms: numbers(sp.Atoms), Rank: rank(sp)}
		for _, v := range values {
			is.Values = append(is.Values, store.TokenValue{Code: c.Code(unescape(v)), HasCode: true})
		}
		return is, nil
	case "below", "above":
		if !top {
			return nil, unsupported(name, ":%s is not supported inside a chain", modifier)
		}
		c.residual(func(r *fhir.Resource) bool {
			for _, n := range sp.extract.nodes(r.Root()) {
				for _, v := range values {
					long, short := n.Text(), unescape(v)
					if modifier == "above" {
						long, short = short, long
					}
					if long == short || strings.HasPrefix(long, strings.TrimSuffix(short, "/")+"/") || strings.HasPrefix(long, short+"|") {
						return true
					}
				}
			}
			return false
		})
		return store.Has{Atoms: numbers(sp.Atoms), Kind: store.Tokens}, nil
	}
	return nil, unsupported(name, "the modifier %q is not known for an address", modifier)
}

// local makes an address of this record's own interface the name of a resource in it.
func (c *compiler) local(v string) string {
	if c.env.Base == "" {
		return v
	}
	if name, ok := strings.CutPrefix(v, c.env.Base+"/"); ok {
		return name
	}
	return v
}

// reference: id, Type/id or address; the modifier is a type, or identifier.
func (c *compiler) reference(sp *Parameter, name, modifier string, values []string) (store.Cond, error) {
	if modifier == "identifier" {
		is := store.TokenIs{}
		for _, a := range refAtoms(sp) {
			if ident := c.atoms["t:"+a.Name[2:]+":identifier"]; ident != nil {
				is.Atoms = append(is.Atoms, ident.No)
			}
		}
		if len(is.Atoms) == 0 {
			return nil, unsupported(name, ":identifier is not supported for this parameter")
		}
		for _, v := range values {
			parts := splitEscaped(v, '|')
			code := unescape(strings.Join(parts[min(1, len(parts)-1):], "|"))
			t := store.TokenValue{HasCode: code != "", Code: c.Token(code)}
			if len(parts) > 1 {
				t.HasSystem, t.System = true, c.System(unescape(parts[0]))
			}
			if t.HasCode || t.System != 0 {
				is.Values = append(is.Values, t)
			}
		}
		return is, nil
	}
	if modifier != "" && c.Number(modifier) == 0 {
		return nil, unsupported(name, "the modifier %q is neither a resource type nor identifier", modifier)
	}
	var targets, patients []int64
	var guesses []candidates
	for _, v := range values {
		v = c.local(unescape(v))
		if t, ok := fhir.ParseReference(v); ok && t.Kind == fhir.RelativeTarget {
			if modifier != "" && t.Type != modifier || sp.Only != "" && t.Type != sp.Only {
				continue
			}
			hash := c.ResourceOf(t.Type, t.ID)
			if t.Type == "Patient" {
				patients = append(patients, hash)
			} else {
				targets = append(targets, hash)
			}
			continue
		}
		if strings.Contains(v, ":") { // an address, for what is not in this record
			targets = append(targets, c.Resource(v))
			continue
		}
		if !fhir.ValidID(v) {
			return nil, wrong(name, "%q is neither an id, nor Type/id, nor an address", v)
		}
		types := sp.Targets
		switch {
		case modifier != "":
			types = []string{modifier}
		case sp.Only != "":
			types = []string{sp.Only}
		case types == nil:
			types = c.Names()
		}
		bare := candidates{}
		for _, t := range types {
			if hash := c.ResourceOf(t, v); t == "Patient" {
				bare.patient = hash
				patients = append(patients, hash)
			} else {
				bare.others = append(bare.others, hash)
			}
		}
		guesses = append(guesses, bare)
	}
	owned := store.OwnedBy{}
	var keys map[int64]store.Key
	if sp.Owner && len(patients) > 0 {
		var err error
		if keys, err = c.env.Exists(c.ctx, patients); err != nil {
			return nil, err
		}
		for _, h := range patients {
			if k, ok := keys[h]; ok {
				owned.Patients = append(owned.Patients, k.Patient())
			}
		}
		patients = nil
	}
	for _, g := range guesses {
		if _, isPatient := keys[g.patient]; !isPatient { // else the id is that patient's, not that of a group or device too
			targets = append(targets, g.others...)
		}
	}
	refs := store.RefIs{Atoms: numbers(refAtoms(sp)), Targets: append(targets, patients...)}
	switch {
	case !sp.Owner || len(owned.Patients) == 0 && len(refs.Targets) > 0:
		return refs, nil
	case len(refs.Targets) == 0:
		return owned, nil
	}
	return store.Or{owned, refs}, nil
}

// candidates are what a bare id may mean.
type candidates struct {
	patient int64
	others  []int64
}

// prefixes of dates and numbers (R4 search, 3.1.1.5.4).
func prefix(v string) (op, rest string) {
	if len(v) > 2 {
		switch v[:2] {
		case "eq", "ne", "gt", "lt", "ge", "le", "sa", "eb", "ap":
			return v[:2], v[2:]
		}
	}
	return "eq", v
}

var dateOps = map[string]store.DateOp{
	"eq": store.DateEq, "ne": store.DateNe, "gt": store.DateGt, "lt": store.DateLt, "ge": store.DateGe, "le": store.DateLe,
	"sa": store.DateSa, "eb": store.DateEb, "ap": store.DateAp,
}

func span(name, v string) (lo, hi int64, err error) {
	d, perr := fhir.ParseSearchDateTime(strings.ReplaceAll(v, " ", "+"))
	if perr != nil {
		return 0, 0, wrong(name, "%q is not a date; write 2026, 2026-11, 2026-11-24 or 2026-11-24T09:30:00Z", v)
	}
	from, to := d.Range(nil)
	hi = to.UnixMilli()
	if to.Nanosecond()%1e6 != 0 {
		hi++
	}
	return from.UnixMilli(), hi, nil
}

func (c *compiler) date(sp *Parameter, name, modifier string, values []string) (store.Cond, error) {
	if modifier != "" {
		return nil, unsupported(name, "the modifier %q is not known for a date", modifier)
	}
	var any store.Or
	for _, v := range values {
		op, rest := prefix(v)
		lo, hi, err := span(name, rest)
		if err != nil {
			return nil, err
		}
		any = append(any, store.DateIs{Atoms: numbers(sp.Atoms), Op: dateOps[op], Lo: lo, Hi: hi})
	}
	return one(any), nil
}

func one(any store.Or) store.Cond {
	if len(any) == 1 {
		return any[0]
	}
	return any
}

func (c *compiler) lastUpdated(name, modifier, value string) (store.Cond, error) {
	if modifier != "" {
		return nil, unsupported(name, "the modifier %q is not known for _lastUpdated", modifier)
	}
	values, err := split(name, value)
	if err != nil {
		return nil, err
	}
	var any store.Or
	for _, v := range values {
		op, rest := prefix(v)
		lo, hi, err := span(name, rest)
		if err != nil {
			return nil, err
		}
		switch op {
		case "eq", "ap":
			any = append(any, store.UpdatedIs{From: lo, To: hi})
		case "ne":
			any = append(any, store.Not{Cond: store.UpdatedIs{From: lo, To: hi}})
		case "gt", "sa":
			any = append(any, store.UpdatedIs{From: hi})
		case "ge":
			any = append(any, store.UpdatedIs{From: lo})
		case "lt", "eb":
			any = append(any, store.UpdatedIs{To: lo})
		case "le":
			any = append(any, store.UpdatedIs{To: hi})
		}
	}
	return one(any), nil
}

// number is a number of a search with its prefix: eq and ne mean the span of half a unit of the last digit
// given around it, ap that of a tenth.
type number struct {
	op       string
	value    float64
	from, to float64 // the span of eq, ne and ap
}

// maxDigits bounds a number as written, and its exponent, so that exact arithmetic stays cheap.
const maxDigits = 100

func readNumber(name, v string) (n number, err error) {
	var rest string
	n.op, rest = prefix(v)
	f, perr := strconv.ParseFloat(rest, 64)
	if perr != nil || math.IsInf(f, 0) || math.IsNaN(f) || len(rest) > maxDigits || strings.ContainsAny(rest, "xXpP_iInN") {
		return n, wrong(name, "%q is not a number", rest)
	}
	mantissa, exponent, _ := strings.Cut(strings.ToLower(rest), "e")
	e, _ := strconv.Atoi(exponent)
	if e < -400 || e > 400 {
		return n, wrong(name, "%q is too large or too small", rest)
	}
	if _, fraction, ok := strings.Cut(mantissa, "."); ok {
		e -= len(fraction)
	}
	exact, ok := new(big.Rat).SetString(rest)
	half, ok2 := new(big.Rat).SetString(fmt.Sprintf("0.5e%d", e))
	if !ok || !ok2 {
		return n, wrong(name, "%q is not a number", rest)
	}
	if n.op == "ap" {
		half = new(big.Rat).Mul(new(big.Rat).Abs(exact), big.NewRat(1, 10))
	}
	// The ends are computed exactly and rounded once, as the values in the index are: 5.35 is in the span of
	// 5.4, which 5.4-0.05 in binary arithmetic would miss.
	n.value = f
	n.from, _ = new(big.Rat).Sub(exact, half).Float64()
	n.to, _ = new(big.Rat).Add(exact, half).Float64()
	return n, nil
}

// amountIs is the condition on one point.
func (n number) amountIs(atoms, units []int64) store.AmountIs {
	is := store.AmountIs{Atoms: atoms, Units: units, From: -math.MaxFloat64, To: math.MaxFloat64}
	switch n.op {
	case "eq":
		is.From, is.To, is.ToOpen = n.from, n.to, true
	case "ne":
		is.From, is.To, is.ToOpen, is.Outside = n.from, n.to, true, true
	case "gt", "sa":
		is.From, is.FromOpen = n.value, true
	case "ge":
		is.From = n.value
	case "lt", "eb":
		is.To, is.ToOpen = n.value, true
	case "le":
		is.To = n.value
	case "ap":
		is.From, is.To = n.from, n.to
	}
	return is
}

// rangeHolds compares a range from low to high, by the table of prefixes (R4 search, 3.1.1.4.5).
func (n number) rangeHolds(low, high float64) bool {
	switch n.op {
	case "eq":
		return low >= n.from && high < n.to
	case "ne":
		return low < n.from || high >= n.to
	case "gt":
		return high > n.value
	case "lt":
		return low < n.value
	case "ge":
		return high > n.value || low == n.value && high == n.value
	case "le":
		return low < n.value || low == n.value && high == n.value
	case "sa":
		return low > n.value
	case "eb":
		return high < n.value
	}
	return high >= n.from && low <= n.to
}

// endsSuffice reports whether a range can be compared by each of its ends alone.
func (n number) endsSuffice() bool { return n.op == "gt" || n.op == "lt" || n.op == "ne" }

func (c *compiler) number(sp *Parameter, name, modifier string, values []string) (store.Cond, error) {
	if modifier != "" {
		return nil, unsupported(name, "the modifier %q is not known for a number", modifier)
	}
	var any store.Or
	for _, v := range values {
		n, err := readNumber(name, v)
		if err != nil {
			return nil, err
		}
		any = append(any, n.amountIs(numbers(sp.Atoms), nil))
	}
	return one(any), nil
}

// quantity: [prefix][number]|[system]|[code]. Where a parameter's values may be ranges and an end of a range
// does not decide, the documents are looked at; inside a chain an end must do.
func (c *compiler) quantity(sp *Parameter, name, modifier string, values []string, top bool) (store.Cond, error) {
	if modifier != "" {
		return nil, unsupported(name, "the modifier %q is not known for a quantity", modifier)
	}
	var any store.Or
	var checks []func(fhir.Node) bool
	simple := !ranges(sp)
	for _, v := range values {
		n, units, err := c.readQuantity(name, v)
		if err != nil {
			return nil, err
		}
		any = append(any, n.amountIs(numbers(sp.Atoms), units))
		simple = simple || n.endsSuffice()
		checks = append(checks, func(v fhir.Node) bool { return c.holds(n, v, units) })
	}
	if simple || !top {
		return one(any), nil
	}
	c.residual(func(r *fhir.Resource) bool {
		return slices.ContainsFunc(sp.extract.nodes(r.Root()), func(v fhir.Node) bool {
			return slices.ContainsFunc(checks, func(holds func(fhir.Node) bool) bool { return holds(v) })
		})
	})
	return store.Has{Atoms: numbers(sp.Atoms), Kind: store.Amounts}, nil
}

// ranges reports whether a parameter's values may be ranges.
func ranges(sp *Parameter) bool {
	return slices.ContainsFunc(sp.Atoms, func(a *Atom) bool { return slices.Contains(a.Types, "Range") })
}

// readQuantity reads [prefix][number]|[system]|[code].
func (c *compiler) readQuantity(name, v string) (n number, units []int64, err error) {
	parts := splitEscaped(v, '|')
	switch len(parts) {
	case 1:
	case 3:
		units = c.units(unescape(parts[1]), unescape(parts[2]))
	default:
		return n, nil, wrong(name, "%q must be written as number or number|system|code", v)
	}
	n, err = readNumber(name, parts[0])
	return n, units, err
}

// holds compares a quantity or range of a document.
func (c *compiler) holds(n number, v fhir.Node, units []int64) bool {
	const atom = 1
	rows := &store.Index{}
	if !v.Get("low").Exists() && !v.Get("high").Exists() {
		c.amount(v, &emit{atom: &Atom{No: atom}, fhirType: "Quantity"}, rows)
		return c.Matches(n.amountIs([]int64{atom}, units), rows)
	}
	c.amount(v, &emit{atom: &Atom{No: atom}, fhirType: "Range"}, rows)
	low, high, found := math.MaxFloat64, -math.MaxFloat64, false
	for _, a := range rows.Amounts {
		if units == nil || slices.Contains(units, a.Unit) {
			low, high, found = min(low, a.Value), max(high, a.Value), true
		}
	}
	return found && n.rangeHolds(low, high)
}

// units are the hashes under which quantities with a unit are indexed; nil = any unit.
func (c *compiler) units(system, code string) []int64 {
	switch {
	case code == "":
		return nil
	case system != "":
		return []int64{c.UnitOf(system, code)}
	}
	return []int64{c.Unit(code), c.UnitOf(ucum, code)}
}

// composite: values joined by $. On a repeating element the parts must hold of the same element, which is
// checked on the documents.
func (c *compiler) composite(sp *Parameter, name, modifier string, values []string, top bool) (store.Cond, error) {
	if modifier != "" {
		return nil, unsupported(name, "the modifier %q is not known for a composite parameter", modifier)
	}
	var any store.Or
	var checks []func(*fhir.Resource) bool
	paired := false
	for _, v := range values {
		parts := splitEscaped(v, '$')
		for _, alternative := range sp.Parts {
			q := alternative.Parameter
			if len(parts) != len(q.Parts) {
				return nil, wrong(name, "%q must have %d parts joined by $", v, len(q.Parts))
			}
			var all store.And
			var holds []func(fhir.Node) bool // on the base
			for i, p := range q.Parts {
				cond, err := c.partIs(p, name, parts[i])
				if err != nil {
					return nil, err
				}
				check := func(n fhir.Node) bool { return c.Matches(cond, c.below(n, p.relative)) }
				if p.Type == "quantity" && ranges(p.Parameter) { // neither end alone may decide
					n, units, err := c.readQuantity(name, parts[i])
					if err != nil {
						return nil, err
					}
					check = func(base fhir.Node) bool {
						return slices.ContainsFunc(p.relative.nodes(base), func(v fhir.Node) bool { return c.holds(n, v, units) })
					}
					cond = store.Has{Atoms: numbers(p.Atoms), Kind: store.Amounts}
				}
				all, holds = append(all, cond), append(holds, check)
			}
			any = append(any, all)
			if q.Base == nil {
				checks = append(checks, func(r *fhir.Resource) bool { return c.Matches(all, c.Extract(r, false)) })
				continue
			}
			paired = true
			checks = append(checks, func(r *fhir.Resource) bool {
				return slices.ContainsFunc(q.Base.nodes(r.Root()), func(n fhir.Node) bool {
					return !slices.ContainsFunc(holds, func(f func(fhir.Node) bool) bool { return !f(n) })
				})
			})
		}
	}
	if paired {
		if !top {
			return nil, unsupported(name, "this composite is not supported inside a chain")
		}
		c.residual(func(r *fhir.Resource) bool {
			return slices.ContainsFunc(checks, func(f func(*fhir.Resource) bool) bool { return f(r) })
		})
	}
	return one(any), nil
}

func (c *compiler) partIs(p part, name, value string) (store.Cond, error) {
	switch p.Type {
	case "token":
		return c.token(p.Parameter, name, "", []string{value}, false)
	case "string":
		return c.text(p.Parameter, name, "", []string{value}, false)
	case "date":
		return c.date(p.Parameter, name, "", []string{value})
	case "number":
		return c.number(p.Parameter, name, "", []string{value})
	case "quantity":
		return c.quantity(p.Parameter, name, "", []string{value}, false)
	case "reference":
		return c.reference(p.Parameter, name, "", []string{value})
	case "uri":
		return c.uri(p.Parameter, name, "", []string{value}, false)
	}
	return nil, unsupported(name, "a part of type %s is not supported", p.Type)
}

// near: latitude|longitude|distance|units, by great-circle distance.
func (c *compiler) near(sp *Parameter, name string, values []string) (store.Cond, error) {
	if len(values) != 1 {
		return nil, unsupported(name, "give one place")
	}
	parts := strings.Split(values[0], "|")
	if len(parts) < 2 {
		return nil, wrong(name, "write it as latitude|longitude|distance|units")
	}
	lat, err1 := strconv.ParseFloat(parts[0], 64)
	lon, err2 := strconv.ParseFloat(parts[1], 64)
	limit := 10.0
	var err3 error
	if len(parts) > 2 && parts[2] != "" {
		limit, err3 = strconv.ParseFloat(parts[2], 64)
	}
	if err1 != nil || err2 != nil || err3 != nil {
		return nil, wrong(name, "latitude, longitude and distance must be numbers")
	}
	if len(parts) > 3 {
		switch parts[3] {
		case "km", "":
		case "m":
			limit /= 1000
		case "[mi_us]", "[mi_i]", "mi":
			limit *= 1.609344
		default:
			return nil, wrong(name, "the unit %q is not known; use km, m or [mi_i]", parts[3])
		}
	}
	c.residual(func(r *fhir.Resource) bool {
		p := r.Get("position")
		y, err1 := strconv.ParseFloat(p.Get("latitude").Text(), 64)
		x, err2 := strconv.ParseFloat(p.Get("longitude").Text(), 64)
		return err1 == nil && err2 == nil && distance(lat, lon, y, x) <= limit
	})
	return nil, nil
}

// distance is in kilometres on a sphere (haversine).
func distance(lat1, lon1, lat2, lon2 float64) float64 {
	const rad = math.Pi / 180
	a := math.Pow(math.Sin((lat2-lat1)*rad/2), 2) + math.Cos(lat1*rad)*math.Cos(lat2*rad)*math.Pow(math.Sin((lon2-lon1)*rad/2), 2)
	return 2 * 6371 * math.Asin(math.Min(1, math.Sqrt(a)))
}
