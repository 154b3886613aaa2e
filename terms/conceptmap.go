package terms

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
)

// MapInfo is what a concept map says of itself.
type MapInfo struct {
	URL     string `json:"url"`
	Version string `json:"version,omitempty"`
	Name    string `json:"name,omitempty"`
	Title   string `json:"title,omitempty"`
	// Source and Target are the value sets between which it maps, if it says so.
	Source   string `json:"source,omitempty"`
	Target   string `json:"target,omitempty"`
	File     string `json:"file,omitempty"` // name of the file it was made from
	Mappings int    `json:"mappings"`
	// Systems are pairs of code systems that it maps from and to.
	Systems  [][2]string `json:"systems,omitempty"`
	Unmapped []Unmapped  `json:"unmapped,omitempty"`
}

// Unmapped says what to do with a code of a system for which there is no mapping (ConceptMap.group.unmapped).
type Unmapped struct {
	Source  string `json:"source"` // code system
	Target  string `json:"target"` // code system
	Mode    string `json:"mode"`   // provided, fixed or other-map
	Code    string `json:"code,omitempty"`
	Display string `json:"display,omitempty"`
	URL     string `json:"url,omitempty"` // of the other map
}

// Coding is a code of a code system.
type Coding struct{ System, Version, Code, Display string }

// Mapping is one line of a map.
type Mapping struct {
	Source, Target Coding
	Equivalence    string // code of http://hl7.org/fhir/concept-map-equivalence
	Comment        string
	DependsOn      []MapItem // what must hold beside
	Product        []MapItem // what else comes out
}

// MapItem is a dependency or product of a mapping.
type MapItem struct{ Property, System, Value, Display string }

// Map is a concept map. It never changes and may be used by any number of goroutines.
type Map struct {
	info              MapInfo
	strings           texts
	forward, backward table
}

// table finds lines by "system tab code", sorted.
type table struct{ keys, rows texts }

// MapBuilder makes a [Map] line by line.
type MapBuilder struct {
	info              MapInfo
	strings           dictionary
	forward, backward map[string][]byte
}

// NewMapBuilder begins a map. info.Mappings and Systems need not be given.
func NewMapBuilder(info MapInfo) *MapBuilder {
	return &MapBuilder{info: info, forward: map[string][]byte{}, backward: map[string][]byte{}}
}

// Len is how many lines have been added.
func (b *MapBuilder) Len() int { return b.info.Mappings }

// Add adds a line. A line without target code says that the source has no match.
func (b *MapBuilder) Add(m Mapping) error {
	if m.Source.System == "" || m.Source.Code == "" {
		return errors.New("a mapping has no source")
	}
	if m.Equivalence == "" {
		m.Equivalence = "equivalent"
	}
	if pair := [2]string{m.Source.System, m.Target.System}; !slices.Contains(b.info.Systems, pair) {
		b.info.Systems = append(b.info.Systems, pair)
	}
	key := m.Source.System + "\t" + m.Source.Code
	b.forward[key] = b.row(b.forward[key], m.Target, &m)
	if m.Target.Code != "" {
		key = m.Target.System + "\t" + m.Target.Code
		b.backward[key] = b.row(b.backward[key], m.Source, &m)
	}
	b.info.Mappings++
	return nil
}

func (b *MapBuilder) row(out []byte, other Coding, m *Mapping) []byte {
	put := func(list ...string) {
		for _, s := range list {
			out = binary.AppendUvarint(out, uint64(b.strings.number(s)))
		}
	}
	put(other.System, other.Version, other.Code, other.Display, m.Equivalence, m.Comment)
	for _, list := range [][]MapItem{m.DependsOn, m.Product} {
		out = binary.AppendUvarint(out, uint64(len(list)))
		for _, i := range list {
			put(i.Property, i.System, i.Value, i.Display)
		}
	}
	return out
}

// Map is the finished map, in memory.
func (b *MapBuilder) Map() (*Map, error) {
	var out bytes.Buffer
	if err := b.Write(&out); err != nil {
		return nil, err
	}
	return openMap(out.Bytes())
}

// Write writes the finished map as a file.
func (b *MapBuilder) Write(w io.Writer) error {
	if b.info.URL == "" {
		return errors.New("the map has no URL")
	}
	h := head{Kind: "conceptmap", Map: &b.info, Sections: b.strings.write().sections("strings")}
	for name, rows := range map[string]map[string][]byte{"forward": b.forward, "backward": b.backward} {
		var k, r textWriter
		for _, key := range slices.Sorted(maps.Keys(rows)) {
			k.add([]byte(key))
			r.add(rows[key])
		}
		h.Sections = append(append(h.Sections, k.sections(name+".keys")...), r.sections(name+".rows")...)
	}
	slices.SortStableFunc(h.Sections, func(x, y section) int { return bytes.Compare([]byte(x.Name), []byte(y.Name)) })
	return writeFile(w, h)
}

func openMap(file []byte) (*Map, error) {
	h, s, err := readFile(file)
	if err != nil {
		return nil, err
	}
	if h.Kind != "conceptmap" || h.Map == nil {
		return nil, fmt.Errorf("the file holds a %s, not a map", h.Kind)
	}
	m := &Map{info: *h.Map, strings: textsOf(s, "strings"),
		forward:  table{textsOf(s, "forward.keys"), textsOf(s, "forward.rows")},
		backward: table{textsOf(s, "backward.keys"), textsOf(s, "backward.rows")}}
	for _, t := range []struct {
		texts
		n int
	}{{m.strings, m.strings.len()}, {m.forward.keys, m.forward.keys.len()}, {m.forward.rows, m.forward.keys.len()},
		{m.backward.keys, m.backward.keys.len()}, {m.backward.rows, m.backward.keys.len()}} {
		if err := t.check(t.n); err != nil {
			return nil, err
		}
	}
	return m, nil
}

// Info is what the map says of itself. The caller must not change its lists.
func (m *Map) Info() MapInfo { return m.info }

// Translate are the lines for a code, in their order. An empty system means any that the map translates from.
func (m *Map) Translate(system, code string) []Mapping {
	return m.find(m.forward, system, code, func(x *Mapping, key, other Coding) { x.Source, x.Target = key, other }, 0)
}

// Reverse are the lines whose target a code is.
func (m *Map) Reverse(system, code string) []Mapping {
	return m.find(m.backward, system, code, func(x *Mapping, key, other Coding) { x.Target, x.Source = key, other }, 1)
}

func (m *Map) find(t table, system, code string, place func(x *Mapping, key, other Coding), side int) (out []Mapping) {
	systems := []string{system}
	if system == "" {
		systems = nil
		for _, pair := range m.info.Systems {
			if !slices.Contains(systems, pair[side]) {
				systems = append(systems, pair[side])
			}
		}
	}
	for _, s := range systems {
		i, ok := t.keys.search(s + "\t" + code)
		if !ok {
			continue
		}
		for b := t.rows.at(i); len(b) > 0; {
			x, other, rest, ok := m.read(b)
			if !ok {
				break
			}
			place(&x, Coding{System: s, Code: code}, other)
			out, b = append(out, x), rest
		}
	}
	return out
}

// search finds a text in a sorted list.
func (t texts) search(want string) (int, bool) {
	lo, hi := 0, t.len()
	for lo < hi {
		mid := int(uint(lo+hi) >> 1)
		if string(t.at(mid)) < want {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return lo, lo < t.len() && string(t.at(lo)) == want
}

// read reads one row.
func (m *Map) read(b []byte) (x Mapping, other Coding, rest []byte, ok bool) {
	ok = true
	number := func() int {
		v, n := binary.Uvarint(b)
		if n <= 0 {
			ok, b = false, nil
			return 0
		}
		b = b[n:]
		return int(min(v, maxBytes))
	}
	text := func() string {
		n := number()
		if !ok || n >= m.strings.len() {
			ok = false
			return ""
		}
		return m.strings.text(n)
	}
	other = Coding{text(), text(), text(), text()}
	x.Equivalence, x.Comment = text(), text()
	for _, list := range []*[]MapItem{&x.DependsOn, &x.Product} {
		for n := number(); n > 0 && ok; n-- {
			*list = append(*list, MapItem{text(), text(), text(), text()})
		}
	}
	return x, other, b, ok
}

// Info is what the map says of itself.
func (b *MapBuilder) Info() MapInfo { return b.info }
