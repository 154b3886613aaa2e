package search

import (
	"math"
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
	lower := func(system, code, value string) want { return want{system, strings.ToLower(code), strings.ToLower(value)} }
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
	for _, v := range values {
		v = unescape(v)
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
		for _, t := range types {
			if t == "Patient" {
				patients = append(patients, c.ResourceOf(t, v))
			} else {
				targets = append(targets, c.ResourceOf(t, v))
			}
		}
	}
	atoms := numbers(refAtoms(sp))
	if !sp.Owner {
		return store.RefIs{Atoms: atoms, Targets: append(targets, patients...)}, nil
	}
	owned := store.OwnedBy{}
	if len(patients) > 0 {
		all := append(slices.Clone(patients), targets...)
		if len(all) > 8 {
			all = patients
		}
		keys, err := c.env.Exists(c.ctx, all)
		if err != nil {
			return nil, err
		}
		for _, h := range patients {
			if k, ok := keys[h]; ok {
				owned.Patients = append(owned.Patients, k.Patient())
			}
		}
		if len(all) > len(patients) { // bare ids that are no resource of another type need no look-up
			targets = slices.DeleteFunc(targets, func(h int64) bool { _, ok := keys[h]; return !ok })
		}
	}
	if len(targets) == 0 {
		return owned, nil
	}
	refs := store.RefIs{Atoms: atoms, Targets: targets}
	if len(owned.Patients) == 0 {
		return refs, nil
	}
	return store.Or{owned, refs}, nil
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

// amountIs reads a number with its prefix: eq means within half a unit of the last digit given.
func amountIs(name, v string, atoms, units []int64) (store.AmountIs, error) {
	op, rest := prefix(v)
	f, err := strconv.ParseFloat(rest, 64)
	if err != nil || math.IsInf(f, 0) || math.IsNaN(f) || strings.ContainsAny(rest, "xXpP_iInN") {
		return store.AmountIs{}, wrong(name, "%q is not a number", rest)
	}
	half := halfUnit(rest)
	is := store.AmountIs{Atoms: atoms, Units: units, From: -math.MaxFloat64, To: math.MaxFloat64}
	switch op {
	case "eq":
		is.From, is.To, is.ToOpen = f-half, f+half, true
	case "ne":
		is.From, is.To, is.ToOpen, is.Outside = f-half, f+half, true, true
	case "gt", "sa":
		is.From, is.FromOpen = f, true
	case "ge":
		is.From = f
	case "lt", "eb":
		is.To, is.ToOpen = f, true
	case "le":
		is.To = f
	case "ap":
		d := math.Abs(f) / 10
		is.From, is.To = f-d, f+d
	}
	return is, nil
}

// halfUnit is half of the last digit's place in a number as written: 0.05 for 5.4, 50 for 1e2.
func halfUnit(s string) float64 {
	mantissa, exponent, _ := strings.Cut(strings.ToLower(s), "e")
	e, _ := strconv.Atoi(exponent)
	if _, fraction, ok := strings.Cut(mantissa, "."); ok {
		e -= len(fraction)
	}
	return 0.5 * math.Pow10(e)
}

func (c *compiler) number(sp *Parameter, name, modifier string, values []string) (store.Cond, error) {
	if modifier != "" {
		return nil, unsupported(name, "the modifier %q is not known for a number", modifier)
	}
	var any store.Or
	for _, v := range values {
		is, err := amountIs(name, v, numbers(sp.Atoms), nil)
		if err != nil {
			return nil, err
		}
		any = append(any, is)
	}
	return one(any), nil
}

// quantity: [prefix][number]|[system]|[code].
func (c *compiler) quantity(sp *Parameter, name, modifier string, values []string) (store.Cond, error) {
	if modifier != "" {
		return nil, unsupported(name, "the modifier %q is not known for a quantity", modifier)
	}
	var any store.Or
	for _, v := range values {
		parts := splitEscaped(v, '|')
		var units []int64
		switch len(parts) {
		case 1:
		case 3:
			if parts[2] != "" {
				units = []int64{c.Unit(unescape(parts[2]))}
			}
		default:
			return nil, wrong(name, "%q must be written as number or number|system|code", v)
		}
		is, err := amountIs(name, parts[0], numbers(sp.Atoms), units)
		if err != nil {
			return nil, err
		}
		any = append(any, is)
	}
	return one(any), nil
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
			for i, p := range q.Parts {
				cond, err := c.partIs(p, name, parts[i])
				if err != nil {
					return nil, err
				}
				all = append(all, cond)
			}
			any = append(any, all)
			if q.Base == nil {
				checks = append(checks, func(r *fhir.Resource) bool { return c.Matches(all, c.Extract(r, false)) })
				continue
			}
			paired = true
			checks = append(checks, func(r *fhir.Resource) bool {
				for _, n := range q.Base.nodes(r.Root()) {
					ok := true
					for i, p := range q.Parts {
						ok = ok && c.Matches(all[i], c.below(n, p.relative))
					}
					if ok {
						return true
					}
				}
				return false
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
		return c.quantity(p.Parameter, name, "", []string{value})
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
