package searchtest

import (
	"math/rand/v2"
	"slices"
	"sort"
	"strings"
	"time"

	"github.com/osler-ehr/osler/fhir/definitions"
	"github.com/osler-ehr/osler/fhir/path"
)

// Drawer makes random searches out of what stands in a world.
type Drawer struct {
	w     *World
	rng   *rand.Rand
	types []string // each as often as it is to be drawn
	// Chains is how many references a parameter may follow.
	Chains int
	// Only limits the types searched for; nil = all.
	Only func(typ string) bool
}

// NewDrawer makes a drawer. Types with many resources are drawn more often, though not as much as that.
func NewDrawer(w *World, rng *rand.Rand) *Drawer {
	d := &Drawer{w: w, rng: rng, Chains: 2}
	for typ, all := range w.byType {
		slices.SortFunc(all, func(a, b *Resource) int { return strings.Compare(a.ID, b.ID) })
		for n := len(all); n > 0; n /= 4 {
			d.types = append(d.types, typ)
		}
	}
	sort.Strings(d.types)
	return d
}

func pick[T any](r *rand.Rand, from []T) T { return from[r.IntN(len(from))] }

func (d *Drawer) chance(percent int) bool { return d.rng.IntN(100) < percent }

// Query draws a search of one to three parameters about one resource, so that together they find something.
func (d *Drawer) Query() Query {
	typ := pick(d.rng, d.types)
	for d.Only != nil && !d.Only(typ) || d.w.Len(typ) < 5 && d.chance(75) { // of few resources a search tells little
		typ = pick(d.rng, d.types)
	}
	about := pick(d.rng, d.w.byType[typ])
	if d.chance(3) {
		return Query{Params: d.params("", about)}
	}
	return Query{Type: typ, Params: d.params(typ, about)}
}

func (d *Drawer) params(typ string, about *Resource) (out []Param) {
	for range 1 + d.rng.IntN(6)/3 + d.rng.IntN(6)/5 {
		if d.chance(8) { // of another resource, so that perhaps nothing is found
			about = pick(d.rng, d.w.byType[about.Type])
		}
		if p, ok := d.param(typ, about, d.Chains, true); ok {
			out = append(out, p)
		}
	}
	return out
}

var onAllTypes = []string{"_id", "_lastUpdated", "_profile", "_tag", "_security", "_source"}

// param draws one parameter that a resource probably satisfies. top is false in chains, where not every
// modifier is offered.
func (d *Drawer) param(typ string, about *Resource, chains int, top bool) (Param, bool) {
	if typ == "" {
		name := pick(d.rng, onAllTypes)
		sp, _ := param("", name)
		return d.plainParam(sp, about, top)
	}
	if top && d.chance(12) {
		if f, ok := d.filter(about); ok {
			return Param{"_filter", f}, true
		}
	}
	if chains > 0 && d.chance(12) {
		if p, ok := d.has(about, chains); ok {
			return p, true
		}
	}
	var filled, all []definitions.SearchParameter
	for _, sp := range definitions.SearchParameters(typ) {
		if sp.Type == "special" || sp.Expression == "" && sp.Name != "_id" && sp.Name != "_lastUpdated" || !top && sp.Type == "composite" {
			continue
		}
		all = append(all, sp)
		if len(d.w.values(about, sp)) > 0 {
			filled = append(filled, sp)
		}
	}
	sp := pick(d.rng, filled)
	if d.chance(6) {
		sp = pick(d.rng, all)
	}
	if sp.Type == "reference" && chains > 0 && d.chance(35) {
		if p, ok := d.chain(sp, about, chains); ok {
			return p, true
		}
	}
	return d.plainParam(sp, about, top)
}

func (d *Drawer) plainParam(sp definitions.SearchParameter, about *Resource, top bool) (Param, bool) {
	switch sp.Name {
	case "_id":
		ids := []string{about.ID}
		for d.chance(40) {
			ids = append(ids, pick(d.rng, d.w.byType[about.Type]).ID)
		}
		return Param{"_id", strings.Join(ids, ",")}, true
	case "_lastUpdated":
		return Param{"_lastUpdated", d.dateText(spanOf(about.Updated))}, true
	}
	if sp.Type != "composite" && d.chance(8) {
		return Param{sp.Name + ":missing", pick(d.rng, []string{"true", "false"})}, true
	}
	modifier, value, ok := d.value(sp, about, top)
	if !ok {
		return Param{}, false
	}
	for d.chance(15) { // alternatives, with the same modifier
		for range 4 {
			other := pick(d.rng, d.w.byType[about.Type])
			if m, v, ok := d.value(sp, other, top); ok && m == modifier {
				value += "," + v
				break
			}
		}
	}
	if modifier != "" {
		return Param{sp.Name + ":" + modifier, value}, true
	}
	return Param{sp.Name, value}, true
}

// value draws a modifier and a value of one parameter from a resource.
func (d *Drawer) value(sp definitions.SearchParameter, about *Resource, top bool) (modifier, value string, ok bool) {
	values := d.w.values(about, sp)
	if len(values) == 0 {
		return "", "", false
	}
	v := pick(d.rng, values)
	switch sp.Type {
	case "token":
		return d.token(v, top)
	case "string":
		return d.text(v, top)
	case "date":
		s, ok := dateSpan(v)
		if !ok {
			return "", "", false
		}
		return "", d.dateText(s), true
	case "number", "quantity":
		return d.amount(v, sp.Type == "quantity")
	case "reference":
		return d.reference(sp, v)
	case "uri":
		return d.uri(v, top)
	case "composite":
		return d.composite(about, sp, v)
	}
	return "", "", false
}

func (d *Drawer) token(v path.Value, top bool) (modifier, value string, ok bool) {
	if top && d.chance(8) {
		for _, s := range d.displays(v) {
			return "text", escape(d.beginning(s)), true
		}
	}
	all := codes(v)
	if len(all) == 0 {
		return "", "", false
	}
	c := pick(d.rng, all)
	if c.code == "" && c.system == "" {
		return "", "", false
	}
	if d.chance(12) {
		modifier = "not"
	}
	code := c.code
	if d.chance(5) {
		code = strings.ToUpper(code)
	}
	switch n := d.rng.IntN(10); {
	case c.code == "" || n == 0 && c.system != "":
		return modifier, escape(c.system) + "|", true
	case n < 4 && c.system != "":
		return modifier, escape(c.system) + "|" + escape(code), true
	case n == 4:
		return modifier, "|" + escape(code), true
	case n == 5 && c.system != "":
		return modifier, "http://example.org/another|" + escape(code), true
	}
	return modifier, escape(code), true
}

func (d *Drawer) displays(v path.Value) (out []string) {
	n := v.Node()
	for _, s := range []string{n.Get("text").Text(), n.Get("display").Text(), n.Get("coding").First().Get("display").Text(), n.Get("type").Get("text").Text()} {
		if s != "" && v.TypeName() != "ContactPoint" && (v.TypeName() != "Identifier" || s == n.Get("type").Get("text").Text()) {
			out = append(out, s)
		}
	}
	return out
}

// beginning is a text cut off somewhere.
func (d *Drawer) beginning(s string) string {
	r := []rune(s)
	cut := strings.TrimSpace(string(r[:1+d.rng.IntN(len(r))]))
	if cut == "" {
		return strings.TrimSpace(s)
	}
	return cut
}

func (d *Drawer) text(v path.Value, top bool) (modifier, value string, ok bool) {
	all := texts(v)
	if len(all) == 0 {
		return "", "", false
	}
	s := pick(d.rng, all)
	if strings.TrimSpace(s) == "" {
		return "", "", false
	}
	switch n := d.rng.IntN(10); {
	case n < 2:
		r := []rune(s)
		s = d.beginning(strings.TrimSpace(string(r[d.rng.IntN(len(r)):])) + "")
		modifier = "contains"
		if strings.TrimSpace(s) == "" {
			return "", "", false
		}
	case n < 4 && top:
		if modifier = "exact"; d.chance(20) {
			s = strings.ToLower(s)
		}
	case n < 8:
		s = d.beginning(s)
	}
	if modifier != "exact" && d.chance(30) {
		s = strings.ToUpper(s)
	}
	return modifier, escape(s), true
}

var prefixes = []string{"", "", "", "eq", "ne", "gt", "lt", "ge", "le", "sa", "eb", "ap"}

// dateText draws a date near an interval, to some precision, with a prefix.
func (d *Drawer) dateText(s span) string {
	t := s.from
	if t.IsZero() || !s.to.IsZero() && d.chance(30) {
		t = s.to
	}
	if d.chance(40) {
		t = t.Add(time.Duration(d.rng.IntN(21)-10) * pick(d.rng, []time.Duration{time.Millisecond, time.Second, time.Hour, 24 * time.Hour, 30 * 24 * time.Hour}))
	}
	if d.chance(20) {
		t = t.In(time.FixedZone("", -5*3600))
	}
	layout := pick(d.rng, []string{"2006", "2006-01", "2006-01-02", "2006-01-02T15:04", "2006-01-02T15:04Z07:00", "2006-01-02T15:04:05Z07:00", "2006-01-02T15:04:05.000Z07:00", "2006-01-02T15:04:05Z07:00"})
	return pick(d.rng, prefixes) + t.Format(layout)
}

func (d *Drawer) amount(v path.Value, quantity bool) (modifier, value string, ok bool) {
	a, ok := amountOf(v)
	if !ok {
		return "", "", false
	}
	x := a.low
	if x == nil || a.high != nil && d.chance(40) {
		x = a.high
	}
	digits := d.rng.IntN(4)
	number := x.FloatString(digits)
	if d.chance(50) { // as it stands
		number = x.FloatString(6)
		number = strings.TrimSuffix(strings.TrimRight(number, "0"), ".")
	}
	value = pick(d.rng, prefixes) + number
	if quantity && d.chance(60) {
		switch {
		case a.code != "" && a.system != "" && d.chance(60):
			value += "|" + escape(a.system) + "|" + escape(a.code)
		case a.code != "" && d.chance(15):
			value += "|http://example.org/another|" + escape(a.code)
		case a.unit != "" && d.chance(50):
			value += "||" + escape(a.unit)
		case a.code != "":
			value += "||" + escape(a.code)
		}
	}
	return "", value, true
}

func (d *Drawer) reference(sp definitions.SearchParameter, v path.Value) (modifier, value string, ok bool) {
	if id := v.Node().Get("identifier"); v.TypeName() == "Reference" && id.Exists() && d.chance(60) {
		_, value, ok := d.token(path.Element(id, id.Sibling(v.Node()), "Identifier"), false)
		return "identifier", value, ok && value != ""
	}
	ref := reference(v)
	typ, id, isLocal := local(ref)
	switch {
	case ref == "" || strings.HasPrefix(ref, "#"):
		return "", "", false
	case !isLocal:
		base, _, _ := strings.Cut(ref, "|")
		if d.chance(50) || strings.Contains(ref, "/_history/") {
			ref = base
		}
		ref, _, _ = strings.Cut(ref, "/_history/")
		return "", escape(ref), strings.Contains(ref, ":")
	}
	switch d.rng.IntN(5) {
	case 0:
		return typ, id, true
	case 1:
		if d.chance(10) && len(sp.Targets) > 0 {
			return pick(d.rng, sp.Targets), id, true
		}
		return typ, typ + "/" + id, true
	case 2, 3:
		return "", typ + "/" + id, true
	}
	return "", id, true
}

func (d *Drawer) uri(v path.Value, top bool) (modifier, value string, ok bool) {
	s := v.Text()
	if s == "" {
		return "", "", false
	}
	switch n := d.rng.IntN(10); {
	case n < 2 && top && strings.Count(s, "/") > 2:
		cut := strings.Split(s, "/")
		s = strings.Join(cut[:3+d.rng.IntN(len(cut)-2)], "/")
		if d.chance(30) {
			s += "/"
		}
		return "below", escape(s), true
	case n < 3 && top && strings.Contains(s, "/"):
		return "above", escape(s + "/more"), true
	case n < 4:
		s, _, _ = strings.Cut(s, "|")
	case n == 4:
		s = strings.ToUpper(s) // another address
	}
	return "", escape(s), true
}

func (d *Drawer) composite(about *Resource, sp definitions.SearchParameter, base path.Value) (modifier, value string, ok bool) {
	var parts []string
	for _, c := range sp.Components {
		of := component(about.Type, c)
		values := d.w.eval(c.Expression, base, about.Doc.Root())
		if len(values) == 0 {
			return "", "", false
		}
		v := pick(d.rng, values)
		var part string
		for range 10 {
			var m string
			switch of.Type {
			case "token":
				m, part, ok = d.token(v, false)
			case "string":
				m, part, ok = d.text(v, false)
			case "date":
				s, is := dateSpan(v)
				if ok = is; ok {
					part = d.dateText(s)
				}
			case "number", "quantity":
				m, part, ok = d.amount(v, of.Type == "quantity")
			case "reference":
				m, part, ok = d.reference(of, v)
			case "uri":
				m, part, ok = d.uri(v, false)
			}
			if ok = ok && m == ""; ok {
				break
			}
		}
		if !ok {
			return "", "", false
		}
		parts = append(parts, part)
	}
	return "", strings.Join(parts, "$"), true
}

// chain follows a reference of the resource and draws a parameter of what it leads to.
func (d *Drawer) chain(sp definitions.SearchParameter, about *Resource, chains int) (Param, bool) {
	for _, v := range d.w.values(about, sp) {
		typ, id, ok := local(reference(v))
		if !ok || sp.Targets != nil && !slices.Contains(sp.Targets, typ) {
			continue
		}
		target := d.w.byName[typ+"/"+id]
		if target == nil {
			continue
		}
		tail, ok := d.param(typ, target, chains-1, false)
		if !ok {
			return tail, false
		}
		head := sp.Name + ":" + typ
		if (len(sp.Targets) == 1 || strings.Contains(sp.Expression, "resolve() is")) && d.chance(50) {
			head = sp.Name
		}
		return Param{head + "." + tail.Name, tail.Value}, true
	}
	return Param{}, false
}

// has looks for a resource that refers to this one and draws a parameter of it.
func (d *Drawer) has(about *Resource, chains int) (Param, bool) {
	for range 12 {
		typ := pick(d.rng, d.types)
		var refs []definitions.SearchParameter
		for _, sp := range definitions.SearchParameters(typ) {
			if sp.Type == "reference" && sp.Expression != "" && (sp.Targets == nil || slices.Contains(sp.Targets, about.Type)) {
				refs = append(refs, sp)
			}
		}
		if len(refs) == 0 {
			continue
		}
		sp := pick(d.rng, refs)
		from := d.w.referrers(typ, sp, about.Name())
		if len(from) == 0 {
			continue
		}
		if tail, ok := d.param(typ, pick(d.rng, from), chains-1, false); ok {
			return Param{"_has:" + typ + ":" + sp.Name + ":" + tail.Name, tail.Value}, true
		}
	}
	return Param{}, false
}

// Sort draws a value of _sort for a type; "" if there is nothing to sort by.
func (d *Drawer) Sort(typ string) string {
	var by []string
	for _, sp := range definitions.SearchParameters(typ) {
		switch sp.Type {
		case "date", "string", "number", "quantity":
			by = append(by, sp.Name)
		}
	}
	if len(by) == 0 {
		return ""
	}
	return pick(d.rng, []string{"", "-"}) + pick(d.rng, by)
}

// Somebody is the id of the patient about whom there is most.
func (d *Drawer) Somebody() string {
	count := map[string]int{}
	best := ""
	for _, all := range d.w.byType {
		for _, r := range all {
			if _, id, ok := local(reference(path.Element(r.Doc.Get("subject"), r.Doc.Get("none"), "Reference"))); ok {
				if d.w.byName["Patient/"+id] == nil {
					continue
				}
				if count[id]++; best == "" || count[id] > count[best] || count[id] == count[best] && id < best {
					best = id
				}
			}
		}
	}
	return best
}
