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
	parents  [][]string // of each concept
	texts    struct{ codes, displays, designations, properties textWriter }
	flags    []byte
	ranks    []byte
	values   dictionary     // of properties
	uses     dictionary     // of designations: language, tab, use
	words    map[string]int // place in postings
	postings []posting
	report   Report
	scratch  []byte
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
func (b *Builder) Len() int { return len(b.flags) }

// Has reports whether a code has been added.
func (b *Builder) Has(code string) bool { _, ok := b.codes[code]; return ok }

// Report tells what was odd so far; of parents, only once the system was written.
func (b *Builder) Report() Report { return b.report }

// Add adds a concept. A code that was added before is ignored and counted; a text that is not UTF-8 is mended, also in the lists of c.
func (b *Builder) Add(c Concept) error {
	if c.Code == "" {
		return errors.New("a concept has no code")
	}
	if b.Len() == maxConcepts {
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
	for i := range c.Designations {
		if err := b.tidy(&c.Designations[i].Value); err != nil {
			return err
		}
	}
	for i := range c.Properties {
		if err := b.tidy(&c.Properties[i].Value); err != nil {
			return err
		}
	}
	id := ID(b.Len())
	var flags uint8
	if c.Abstract {
		flags |= flagAbstract
	}
	if c.Inactive {
		flags |= flagInactive
	}
	scratch := b.scratch[:0]
	b.index(id, c.Display, 0)
	for _, d := range c.Designations {
		scratch = binary.AppendUvarint(scratch, uint64(b.uses.number(d.Language+"\t"+d.Use)))
		scratch = binary.AppendUvarint(scratch, uint64(len(d.Value)))
		scratch = append(scratch, d.Value...)
		if !d.Unsearched {
			b.index(id, d.Value, synonymOnly)
		}
	}
	b.texts.designations.add(scratch)
	scratch = scratch[:0]
	for _, v := range c.Properties {
		p := slices.IndexFunc(b.info.Properties, func(p Property) bool { return p.Code == v.Property })
		if p < 0 {
			p = len(b.info.Properties)
			b.info.Properties = append(b.info.Properties, Property{Code: v.Property, Type: "string"})
		}
		scratch = binary.AppendUvarint(scratch, uint64(p))
		scratch = binary.AppendUvarint(scratch, uint64(b.values.number(v.Value)))
	}
	b.texts.properties.add(scratch)
	b.scratch = scratch
	b.texts.codes.add([]byte(c.Code))
	b.texts.displays.add([]byte(c.Display))
	b.flags, b.ranks = append(b.flags, flags), append(b.ranks, c.Rank)
	b.codes[c.Code] = id
	b.parents = append(b.parents, c.Parents)
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
	h, err := b.head()
	if err != nil {
		return nil, err
	}
	file, err := fileInMemory(h)
	if err != nil {
		return nil, err
	}
	return openSystem(file)
}

// Write writes the finished system as a file.
func (b *Builder) Write(w io.Writer) error {
	h, err := b.head()
	if err != nil {
		return err
	}
	return writeFile(w, h)
}

// head is the head of the finished system's file, with the content of its sections.
func (b *Builder) head() (h head, err error) {
	if b.info.URL == "" {
		return h, errors.New("the code system has no URL")
	}
	if b.Len() == 0 {
		return h, errors.New("there is no concept in it")
	}
	b.info.Concepts, b.info.Words = b.Len(), len(b.words)
	t := &b.texts
	if len(t.displays.bytes) > maxBytes || len(t.designations.bytes) > maxBytes {
		return h, errors.New("the texts have more than 4 GB")
	}
	h = head{Kind: "codesystem", Sections: []section{{Name: "flags", data: b.flags}, {Name: "ranks", data: b.ranks}, {Name: "bycode", data: b.byCode()}}}
	h.Sections = append(h.Sections, t.codes.sections("codes")...)
	h.Sections = append(h.Sections, t.displays.sections("displays")...)
	h.Sections = append(h.Sections, t.designations.sections("designations")...)
	h.Sections = append(h.Sections, t.properties.sections("properties")...)
	h.Sections = append(h.Sections, b.values.write().sections("values")...)
	h.Sections = append(h.Sections, b.uses.write().sections("uses")...)
	h.Sections = append(h.Sections, b.hierarchy()...)
	h.Sections = append(h.Sections, b.vocabulary()...)
	h.Info = b.info
	return h, nil
}

// byCode are the concepts in the order of their folded codes.
func (b *Builder) byCode() []byte {
	type key struct {
		folded string
		id     ID
	}
	keys := make([]key, 0, len(b.codes))
	for code, id := range b.codes {
		keys = append(keys, key{string(foldCode(nil, code)), id})
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
	up, down := make([][]ID, b.Len()), make([][]ID, b.Len())
	links := 0
	for i := range b.parents {
		for _, code := range b.parents[i] {
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
	var bytes []byte
	for _, list := range links {
		bytes = bytes[:0]
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
