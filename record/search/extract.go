package search

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/store"
)

// Extract appends to rows what searches find the resource by. ownedByPatient tells that the row's key
// already says which patient the owning element names. The rows are in order and each stands once, so that
// two versions can be compared by Diff.
func (x *Index) Extract(r *fhir.Resource, ownedByPatient bool) *store.Index {
	out := &store.Index{}
	t := x.Edition().byType[r.Type()]
	if t == nil {
		return out
	}
	skip := ""
	if ownedByPatient {
		skip = t.owner
	}
	root := r.Root()
	for c := range root.Children() {
		key := c.Key()
		for _, b := range t.root.children[key] {
			if key == skip && c.Kind() == fhir.Object && !c.Get("identifier").Exists() {
				continue
			}
			x.walk(c, b, out)
		}
	}
	if t.deceased != nil {
		dead := "false"
		if root.Get("deceasedBoolean").Bool() || root.Get("deceasedDateTime").Exists() {
			dead = "true"
		}
		out.Tokens = append(out.Tokens, store.Token{Atom: t.deceased.No, Code: x.Token(dead)})
	}
	for i := range t.computed {
		x.compute(r, &t.computed[i], out)
	}
	sortIndex(out)
	return out
}

func (x *Index) walk(n fhir.Node, b branch, out *store.Index) {
	if n.Kind() == fhir.Array {
		for c := range n.Children() {
			x.one(c, b, out)
			if b.when.first {
				return
			}
		}
		return
	}
	x.one(n, b, out)
}

func (x *Index) one(n fhir.Node, b branch, out *store.Index) {
	if n.Kind() == fhir.Null || !b.when.holds(n) {
		return
	}
	for i := range b.next.emits {
		x.emit(n, &b.next.emits[i], out)
	}
	if len(b.next.children) == 0 || n.Kind() != fhir.Object {
		return
	}
	for c := range n.Children() {
		for _, next := range b.next.children[c.Key()] {
			x.walk(c, next, out)
		}
	}
}

// below extracts from an object that an extractor is relative to.
func (x *Index) below(n fhir.Node, e *extractor) *store.Index {
	out := &store.Index{}
	for c := range n.Children() {
		for _, b := range e.children[c.Key()] {
			x.walk(c, b, out)
		}
	}
	return out
}

// nodes are the places that an extractor leads to.
func (e *extractor) nodes(root fhir.Node) (out []fhir.Node) {
	for c := range root.Children() {
		for _, b := range e.children[c.Key()] {
			for v := range c.Values() {
				if !b.when.holds(v) {
					continue
				}
				if len(b.next.children) == 0 {
					out = append(out, v)
				} else {
					out = append(out, b.next.nodes(v)...)
				}
			}
		}
	}
	return out
}

func (x *Index) emit(n fhir.Node, e *emit, out *store.Index) {
	switch e.atom.Kind {
	case store.Tokens:
		x.token(n, e, out)
	case store.Refs:
		x.ref(n, e, out)
	case store.Dates:
		if lo, hi, ok := dateSpan(n, e.fhirType); ok {
			out.Dates = append(out.Dates, store.Date{Atom: e.atom.No, Lo: lo, Hi: hi})
		}
	case store.Texts:
		text := n.Text()
		if !isAddress(e.fhirType) {
			text = Normalize(text)
		}
		if text != "" {
			out.Texts = append(out.Texts, store.Text{Atom: e.atom.No, Value: clip(strings.Clone(text))})
		}
		if len(text) > maxText && e.atom.Long != nil {
			out.Tokens = append(out.Tokens, store.Token{Atom: e.atom.Long.No, Code: present})
		}
	case store.Amounts:
		x.amount(n, e, out)
	}
}

// isAddress is true of the types whose values are compared exactly.
func isAddress(fhirType string) bool {
	switch fhirType {
	case "uri", "url", "canonical", "oid", "uuid":
		return true
	}
	return false
}

// maxText bounds an indexed string: what people search for stands at the beginning.
const maxText = 200

func clip(s string) string {
	if len(s) <= maxText {
		return s
	}
	n := maxText
	for n > 0 && s[n]&0xC0 == 0x80 {
		n--
	}
	return s[:n]
}

// present stands in the index for a value that has nothing to be found by, such as a concept of which only
// the text is given, so that :missing knows of it. No code and no resource has this hash.
const present = 0

func (x *Index) token(n fhir.Node, e *emit, out *store.Index) {
	before := len(out.Tokens)
	add := func(system, code string) {
		if code == "" && system == "" {
			return
		}
		t := store.Token{Atom: e.atom.No, Code: x.Token(code), System: x.System(system)}
		if e.atom.Exact {
			t.Code = x.Code(code)
		}
		out.Tokens = append(out.Tokens, t)
	}
	defer func() {
		if len(out.Tokens) == before {
			out.Tokens = append(out.Tokens, store.Token{Atom: e.atom.No, Code: present})
		}
	}()
	switch e.fhirType {
	case "Coding":
		add(n.Get("system").Text(), n.Get("code").Text())
	case "CodeableConcept":
		for c := range n.Get("coding").Values() {
			add(c.Get("system").Text(), c.Get("code").Text())
		}
	case "Identifier":
		add(n.Get("system").Text(), n.Get("value").Text())
	case "ContactPoint":
		value := n.Get("value").Text()
		add("", value)
		if d := dialled(n.Get("system").Text(), value); d != "" && d != value {
			add("", d)
		}
	case "canonical":
		add("", n.Text())
		if url, version, _ := strings.Cut(n.Text(), "|"); version != "" {
			add("", url)
		}
	default:
		add("", n.Text())
	}
}

// dialled is a telephone number as digits alone, so that it is found however it was typed; a North American
// one without its country code. "" for what is no telephone number.
func dialled(system, value string) string {
	switch system {
	case "phone", "fax", "sms", "pager":
	default:
		return ""
	}
	digits := strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, value)
	if len(digits) == 11 && digits[0] == '1' {
		digits = digits[1:]
	}
	if len(digits) < 7 || len(digits) > 15 {
		return ""
	}
	return digits
}

func (x *Index) ref(n fhir.Node, e *emit, out *store.Index) {
	switch e.fhirType {
	case "Reference":
		if id := n.Get("identifier"); id.Exists() && e.ident != nil {
			out.Tokens = append(out.Tokens, store.Token{Atom: e.ident.No, Code: x.Token(id.Get("value").Text()), System: x.System(id.Get("system").Text())})
		}
		target, ok := x.Target(n.Get("reference").Text())
		if !ok {
			target = present
		}
		out.Refs = append(out.Refs, store.Ref{Atom: e.atom.No, Target: target})
	case "Resource":
		target := int64(present)
		if typ, id := n.Get("resourceType").Text(), n.Get("id").Text(); id != "" {
			target = x.ResourceOf(typ, id)
		}
		out.Refs = append(out.Refs, store.Ref{Atom: e.atom.No, Target: target})
	default:
		// A canonical address with its version is found with and without it.
		url, _, versioned := strings.Cut(n.Text(), "|")
		target, ok := x.Target(url)
		if !ok {
			target = present
		}
		out.Refs = append(out.Refs, store.Ref{Atom: e.atom.No, Target: target})
		if ok && versioned {
			out.Refs = append(out.Refs, store.Ref{Atom: e.atom.No, Target: x.Resource(n.Text())})
		}
	}
}

// Target is the hash of what a reference points at: "Type/id" for one to this record, else its address.
// A reference into the same document points at nothing that can be searched for.
func (x *Index) Target(reference string) (int64, bool) {
	if reference == "" || reference[0] == '#' {
		return 0, false
	}
	if t, ok := fhir.ParseReference(reference); ok && t.Kind == fhir.RelativeTarget {
		return x.ResourceOf(t.Type, t.ID), true
	}
	reference, _, _ = strings.Cut(reference, "/_history/")
	return x.Resource(reference), true
}

// open ends of time, in milliseconds; JSON dates cannot lie beyond.
const (
	minTime = -62135596800000 - 1
	maxTime = 253402300800000 + 1
)

// dateSpan is the interval that a date, period or timing means.
func dateSpan(n fhir.Node, fhirType string) (lo, hi int64, ok bool) {
	switch fhirType {
	case "Period":
		var p fhir.Period
		if p.Read(n) != nil || p.IsZero() {
			return 0, 0, false
		}
		lo, hi = minTime, maxTime
		from, to := p.Range(nil)
		if !p.Start.IsZero() {
			lo = from.UnixMilli()
		}
		if !p.End.IsZero() {
			hi = to.UnixMilli()
		}
		return lo, hi, true
	case "Timing":
		for e := range n.Get("event").Values() {
			if l, h, good := dateSpan(e, "dateTime"); good {
				if !ok || l < lo {
					lo = l
				}
				if !ok || h > hi {
					hi = h
				}
				ok = true
			}
		}
		if l, h, good := dateSpan(n.Get("repeat").Get("boundsPeriod"), "Period"); good && !ok {
			return l, h, true
		}
		return lo, hi, ok
	}
	if n.Kind() != fhir.String {
		return 0, 0, false
	}
	d, err := fhir.ParseDateTime(n.Text())
	if err != nil || d.IsZero() {
		return 0, 0, false
	}
	from, to := d.Range(nil)
	hi = to.UnixMilli()
	if to.Nanosecond()%1e6 != 0 {
		hi++
	}
	return from.UnixMilli(), hi, true
}

// amount makes the rows of a number or quantity. A quantity in UCUM has one row for its code in UCUM, which is
// found without the system too, and one for its text if that is another; see units in values.go.
func (x *Index) amount(n fhir.Node, e *emit, out *store.Index) {
	add := func(value fhir.Node, unit int64) {
		if v, err := strconv.ParseFloat(value.Text(), 64); err == nil && value.Kind() == fhir.Number {
			out.Amounts = append(out.Amounts, store.Amount{Atom: e.atom.No, Value: v, Unit: unit})
		}
	}
	coded := func(value fhir.Node, system, code, text string) {
		switch {
		case code != "" && system == ucum:
			add(value, x.UnitOf(system, code))
		case code != "" && system != "":
			add(value, x.UnitOf(system, code))
			add(value, x.Unit(code))
		case code != "" || text == "":
			add(value, x.Unit(code))
		}
		if text != "" && text != code {
			add(value, x.Unit(text))
		}
	}
	quantity := func(q fhir.Node) {
		coded(q.Get("value"), q.Get("system").Text(), q.Get("code").Text(), q.Get("unit").Text())
	}
	switch e.fhirType {
	case "integer", "decimal", "positiveInt", "unsignedInt":
		add(n, 0)
	case "Money":
		coded(n.Get("value"), currencies, n.Get("currency").Text(), "")
	case "Range":
		// Its ends, each as a quantity; an end that is not given lies beyond all numbers. Comparisons that need
		// both ends look into the document: see rangeHolds.
		low, high := n.Get("low"), n.Get("high")
		quantity(low)
		quantity(high)
		have := len(out.Amounts)
		switch {
		case low.Get("value").Exists() == high.Get("value").Exists():
		case low.Get("value").Exists():
			quantity(low)
			for i := have; i < len(out.Amounts); i++ {
				out.Amounts[i].Value = math.MaxFloat64
			}
		default:
			quantity(high)
			for i := have; i < len(out.Amounts); i++ {
				out.Amounts[i].Value = -math.MaxFloat64
			}
		}
	default:
		quantity(n)
	}
}

// currencies is the system of the codes of money.
const currencies = "urn:iso:std:iso:4217"

func sortIndex(x *store.Index) {
	x.Tokens = sorted(x.Tokens, func(a, b store.Token) int {
		return cmp.Or(cmp.Compare(a.Atom, b.Atom), cmp.Compare(a.Code, b.Code), cmp.Compare(a.System, b.System))
	})
	x.Refs = sorted(x.Refs, func(a, b store.Ref) int {
		return cmp.Or(cmp.Compare(a.Atom, b.Atom), cmp.Compare(a.Target, b.Target))
	})
	x.Dates = sorted(x.Dates, func(a, b store.Date) int {
		return cmp.Or(cmp.Compare(a.Atom, b.Atom), cmp.Compare(a.Lo, b.Lo), cmp.Compare(a.Hi, b.Hi))
	})
	x.Texts = sorted(x.Texts, func(a, b store.Text) int {
		return cmp.Or(cmp.Compare(a.Atom, b.Atom), strings.Compare(a.Value, b.Value))
	})
	x.Amounts = sorted(x.Amounts, func(a, b store.Amount) int {
		return cmp.Or(cmp.Compare(a.Atom, b.Atom), cmp.Compare(a.Value, b.Value), cmp.Compare(a.Unit, b.Unit))
	})
}

func sorted[T comparable](s []T, order func(a, b T) int) []T {
	slices.SortFunc(s, order)
	return slices.Compact(s)
}

// Diff tells which rows a new version adds and which of the old it no longer has.
func Diff(old, new *store.Index) (add, remove store.Index) {
	add.Tokens, remove.Tokens = diff(old.Tokens, new.Tokens)
	add.Refs, remove.Refs = diff(old.Refs, new.Refs)
	add.Dates, remove.Dates = diff(old.Dates, new.Dates)
	add.Texts, remove.Texts = diff(old.Texts, new.Texts)
	add.Amounts, remove.Amounts = diff(old.Amounts, new.Amounts)
	return add, remove
}

func diff[T comparable](old, new []T) (add, remove []T) {
	for _, v := range new {
		if !slices.Contains(old, v) {
			add = append(add, v)
		}
	}
	for _, v := range old {
		if !slices.Contains(new, v) {
			remove = append(remove, v)
		}
	}
	return add, remove
}

// Owner is the reference to the patient that a resource is about; "" if it names none. single is true when
// the element can hold one reference only.
func (x *Index) Owner(r *fhir.Resource) (reference string, single bool) {
	t := x.Edition().byType[r.Type()]
	if t == nil {
		return "", false
	}
	if t.owner != "" {
		if n := r.Get(t.owner); n.Kind() == fhir.Object {
			return patientReference(n), true
		} else if n.Kind() == fhir.Array { // Account.subject
			for v := range n.Values() {
				if ref := patientReference(v); ref != "" {
					return ref, false
				}
			}
		}
		return "", false
	}
	switch r.Type() {
	case "Appointment":
		for p := range r.Get("participant").Values() {
			if ref := patientReference(p.Get("actor")); ref != "" {
				return ref, false
			}
		}
	case "AppointmentResponse":
		return patientReference(r.Get("actor")), false
	}
	return "", false
}

// Near is a reference to a resource whose patient this one belongs to as well, when it names none itself.
func (x *Index) Near(r *fhir.Resource) string {
	switch r.Type() {
	case "Provenance":
		return r.Get("target").First().Get("reference").Text()
	case "Binary":
		return r.Get("securityContext").Get("reference").Text()
	case "Slot", "Schedule":
		return ""
	}
	return ""
}

func patientReference(n fhir.Node) string {
	ref := n.Get("reference").Text()
	if strings.HasPrefix(ref, "Patient/") {
		return ref
	}
	return ""
}
