package terms

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"unicode/utf8"
)

// Builder makes a [System] concept by concept. It holds everything in memory until it is written.
type Builder struct {
	info     Info
	codes    map[string]ID
	concepts []entry
	values   dictionary     // of properties
	uses     dictionary     // of designations: language, tab, use
	words    map[string]int // place in postings
	postings []posting
	report   Report
}

// Report counts what was odd in what a [Builder] was given. None of it keeps the system from being used.
type Report struct {
	// Twice are concepts whose code had been added before; the first one stands.
	Twice int
	// Orphans are links to a parent that is not in the system.
	Orphans int
	// Nameless concepts have no display; the code stands for it.
	Nameless int
	// Repaired texts were not UTF-8.
	Repaired int
}

// entry is a concept as it waits to be written.
type entry struct {
	code, display string
	flags, rank   uint8
	parents       []string
	designations  []byte
	properties    []byte
}

// posting lists the concepts that have a word.
type posting struct {
	last  ID
	used  bool
	bytes []byte
}

const (
	flagAbstract = 1 << iota
	flagInactive
)

// What a posting tells beside the concept.
const (
	firstWord   = 1 << iota // the word begins a name
	synonymOnly             // the word is not in the display
	postingBits = 2
)

// Limits of one system.
const (
	maxConcepts = 1 << 24
	maxText     = 1 << 16 // bytes of one text
	maxWord     = 200     // longer ones are sequences of bases, which nobody types
)

// NewBuilder begins a system. info.Concepts, Words and Hierarchy need not be given.
func NewBuilder(info Info) *Builder {
	if info.Content == "" {
		info.Content = "complete"
	}
	return &Builder{info: info, codes: map[string]ID{}, words: map[string]int{}}
}

// Len is how many concepts have been added.
func (b *Builder) Len() int { return len(b.concepts) }

// Has reports whether a code has been added.
func (b *Builder) Has(code string) bool { _, ok := b.codes[code]; return ok }

// Report tells what was odd so far; of parents, only once the system was written.
func (b *Builder) Report() Report { return b.report }

// Add adds a concept. A code that was added before is ignored and counted.
func (b *Builder) Add(c Concept) error {
	if c.Code == "" {
		return errors.New("a concept has no code")
	}
	if len(b.concepts) == maxConcepts {
		return fmt.Errorf("more than %d concepts", maxConcepts)
	}
	for _, s := range []*string{&c.Code, &c.Display} {
		if err := b.tidy(s); err != nil {
			return err
		}
	}
	if _, twice := b.codes[c.Code]; twice {
		b.report.Twice++
		return nil
	}
	if c.Display == "" {
		b.report.Nameless++
		c.Display = c.Code
	}
	id := ID(len(b.concepts))
	e := entry{code: c.Code, display: c.Display, rank: c.Rank, parents: c.Parents}
	if c.Abstract {
		e.flags |= flagAbstract
	}
	if c.Inactive {
		e.flags |= flagInactive
	}
	b.index(id, c.Display, 0)
	for _, d := range c.Designations {
		if err := b.tidy(&d.Value); err != nil {
			return err
		}
		e.designations = binary.AppendUvarint(e.designations, uint64(b.uses.number(d.Language+"\t"+d.Use)))
		e.designations = binary.AppendUvarint(e.designations, uint64(len(d.Value)))
		e.designations = append(e.designations, d.Value...)
		if !d.Unsearched {
			b.index(id, d.Value, synonymOnly)
		}
	}
	for _, v := range c.Properties {
		if err := b.tidy(&v.Value); err != nil {
			return err
		}
		p := slices.IndexFunc(b.info.Properties, func(p Property) bool { return p.Code == v.Property })
		if p < 0 {
			p = len(b.info.Properties)
			b.info.Properties = append(b.info.Properties, Property{Code: v.Property, Type: "string"})
		}
		e.properties = binary.AppendUvarint(e.properties, uint64(p))
		e.properties = binary.AppendUvarint(e.properties, uint64(b.values.number(v.Value)))
	}
	b.codes[c.Code] = id
	b.concepts = append(b.concepts, e)
	return nil
}

// tidy makes a text storable: valid UTF-8 of bounded length.
func (b *Builder) tidy(s *string) error {
	if len(*s) > maxText {
		return fmt.Errorf("a text has %d bytes, more than the limit of %d", len(*s), maxText)
	}
	if !utf8.ValidString(*s) {
		b.report.Repaired++
		*s = string(bytes.ToValidUTF8([]byte(*s), []byte("\ufffd")))
	}
	return nil
}

// index notes the words of a name.
func (b *Builder) index(id ID, name string, flags byte) {
	first := byte(firstWord)
	eachWord(name, func(w []byte) {
		f := flags | first
		first = 0
		if len(w) > maxWord {
			return
		}
		i, ok := b.words[string(w)]
		if !ok {
			i = len(b.postings)
			b.words[string(w)] = i
			b.postings = append(b.postings, posting{})
		}
		p := &b.postings[i]
		if p.used && p.last == id {
			return // the display comes first, and its first mention of a word tells most
		}
		p.bytes = binary.AppendUvarint(p.bytes, uint64(id-p.last)<<postingBits|uint64(f))
		p.last, p.used = id, true
	})
}

// System is the finished system, in memory.
func (b *Builder) System() (*System, error) {
	var out bytes.Buffer
	if err := b.Write(&out); err != nil {
		return nil, err
	}
	return openSystem(out.Bytes())
}

// Write writes the finished system as a file.
func (b *Builder) Write(w io.Writer) error {
	if b.info.URL == "" {
		return errors.New("the code system has no URL")
	}
	if len(b.concepts) == 0 {
		return errors.New("there is no concept in it")
	}
	b.info.Concepts, b.info.Words = len(b.concepts), len(b.words)
	var codes, displays, designations, properties textWriter
	flags, ranks := make([]byte, 0, len(b.concepts)), make([]byte, 0, len(b.concepts))
	for i := range b.concepts {
		e := &b.concepts[i]
		codes.add([]byte(e.code))
		displays.add([]byte(e.display))
		designations.add(e.designations)
		properties.add(e.properties)
		flags, ranks = append(flags, e.flags), append(ranks, e.rank)
		if len(displays.bytes) > maxBytes || len(designations.bytes) > maxBytes {
			return errors.New("the texts have more than 4 GB")
		}
	}
	h := head{Kind: "codesystem", Sections: []section{{Name: "flags", data: flags}, {Name: "ranks", data: ranks}, {Name: "bycode", data: b.byCode()}}}
	h.Sections = append(h.Sections, codes.sections("codes")...)
	h.Sections = append(h.Sections, displays.sections("displays")...)
	h.Sections = append(h.Sections, designations.sections("designations")...)
	h.Sections = append(h.Sections, properties.sections("properties")...)
	h.Sections = append(h.Sections, b.values.write().sections("values")...)
	h.Sections = append(h.Sections, b.uses.write().sections("uses")...)
	h.Sections = append(h.Sections, b.hierarchy()...)
	h.Sections = append(h.Sections, b.vocabulary()...)
	h.Info = b.info
	return writeFile(w, h)
}

// byCode are the concepts in the order of their folded codes.
func (b *Builder) byCode() []byte {
	type key struct {
		folded string
		id     ID
	}
	keys := make([]key, len(b.concepts))
	for i := range b.concepts {
		keys[i] = key{string(foldCode(nil, b.concepts[i].code)), ID(i)}
	}
	slices.SortFunc(keys, func(x, y key) int { return cmp.Or(cmp.Compare(x.folded, y.folded), cmp.Compare(x.id, y.id)) })
	out := make([]byte, 0, 4*len(keys))
	for _, k := range keys {
		out = appendNumber(out, int(k.id))
	}
	return out
}

// hierarchy are the links upward and downward, none if there are no links.
func (b *Builder) hierarchy() []section {
	up, down := make([][]ID, len(b.concepts)), make([][]ID, len(b.concepts))
	links := 0
	for i := range b.concepts {
		for _, code := range b.concepts[i].parents {
			p, ok := b.codes[code]
			if !ok || p == ID(i) {
				b.report.Orphans++
				continue
			}
			if slices.Contains(up[i], p) {
				continue
			}
			up[i], down[p] = append(up[i], p), append(down[p], ID(i))
			links++
		}
	}
	if b.info.Hierarchy = links > 0; links == 0 {
		return nil
	}
	return append(links32(up, "parents"), links32(down, "children")...)
}

func links32(links [][]ID, name string) []section {
	w := &textWriter{}
	for _, list := range links {
		var bytes []byte
		for _, id := range list {
			bytes = appendNumber(bytes, int(id))
		}
		w.add(bytes)
	}
	return w.sections(name)
}

// vocabulary are the words, sorted, and where they stand.
func (b *Builder) vocabulary() []section {
	var words, postings textWriter
	for _, w := range slices.Sorted(maps.Keys(b.words)) {
		words.add([]byte(w))
		postings.add(b.postings[b.words[w]].bytes)
	}
	return append(words.sections("words"), postings.sections("postings")...)
}

// Info is what the system says of itself; its counts are right once it was written.
func (b *Builder) Info() Info { return b.info }
