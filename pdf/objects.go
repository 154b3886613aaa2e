package pdf

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"fmt"
	"io"
	"strings"
	"unicode/utf16"
)

// objects writes the objects of a file and remembers where they are. (ISO 32000-1, 7.3 and 7.5.)
type objects struct {
	w   io.Writer
	at  int64
	err error
	off []int64 // of each object; 0 for one that is not written yet
}

func (o *objects) printf(format string, args ...any) {
	if o.err != nil {
		return
	}
	n, err := fmt.Fprintf(o.w, format, args...)
	o.at, o.err = o.at+int64(n), err
}

// reserve gives a number to an object that is written later.
func (o *objects) reserve() int {
	o.off = append(o.off, 0)
	return len(o.off)
}

func (o *objects) write(id int, body string) {
	o.off[id-1] = o.at
	o.printf("%d 0 obj\n%s\nendobj\n", id, body)
}

// stream writes bytes, compressed, with the entries of their dictionary.
func (o *objects) stream(id int, entries string, data []byte) {
	var b bytes.Buffer
	z := zlib.NewWriter(&b)
	_, _ = z.Write(data) // into memory
	_ = z.Close()
	o.off[id-1] = o.at
	o.printf("%d 0 obj\n<<%s/Filter/FlateDecode/Length %d>>\nstream\n", id, entries, b.Len())
	if o.err == nil {
		n, err := o.w.Write(b.Bytes())
		o.at, o.err = o.at+int64(n), err
	}
	o.printf("\nendstream\nendobj\n")
}

// end writes where the objects are, and which is the first.
func (o *objects) end(root, info int) {
	start := o.at
	o.printf("xref\n0 %d\n0000000000 65535 f \n", len(o.off)+1)
	for _, off := range o.off {
		o.printf("%010d 00000 n \n", off)
	}
	o.printf("trailer\n<</Size %d/Root %d 0 R/Info %d 0 R>>\nstartxref\n%d\n%%%%EOF\n", len(o.off)+1, root, info, start)
}

// text16 is a string of the file's own information.
func text16(s string) string {
	var b strings.Builder
	b.WriteString("<FEFF")
	for _, u := range utf16.Encode([]rune(s)) {
		fmt.Fprintf(&b, "%04X", u)
	}
	return b.String() + ">"
}

// face is a font of a file: what of it was used so far.
type face struct {
	*font
	name  string // as pages call it
	title string
	id    int
	codes map[rune]uint16 // by which pages name characters: 1, 2, 3 ... in the order in which they came
	runes []rune          // of the codes, from 1
}

// hex writes a cleaned text as codes. A code is that of a character, not of a glyph, as one glyph may draw several: what is copied out of
// the file, or searched in it, is what was written.
func (f *face) hex(s string) string {
	var b strings.Builder
	b.WriteByte('<')
	for _, r := range s {
		c := f.codes[r]
		if c == 0 {
			f.runes = append(f.runes, r)
			c = uint16(len(f.runes))
			f.codes[r] = c
		}
		fmt.Fprintf(&b, "%04X", c)
	}
	return b.String() + ">"
}

// write writes the font with what was used. (ISO 32000-1, 9.7: composite fonts; 9.10.3: ToUnicode.)
func (f *face) write(o *objects) {
	file, desc, child, cmap, glyphs := o.reserve(), o.reserve(), o.reserve(), o.reserve(), o.reserve()
	used, gids := map[uint16]bool{}, make([]byte, 2, 2+2*len(f.runes)) // the first is that of no character
	for _, r := range f.runes {
		used[f.chars[r]] = true
		gids = binary.BigEndian.AppendUint16(gids, f.chars[r])
	}
	data := f.subset(used)
	o.stream(file, fmt.Sprintf("/Length1 %d", len(data)), data)
	k := func(v int16) int { return int(v) * 1000 / f.units }
	name := "/OSLERA+" + f.title
	o.write(desc, fmt.Sprintf("<</Type/FontDescriptor/FontName%s/Flags 4/FontBBox[%d %d %d %d]/ItalicAngle 0/Ascent %d/Descent %d/CapHeight %d/StemV 80/FontFile2 %d 0 R>>",
		name, k(f.box[0]), k(f.box[1]), k(f.box[2]), k(f.box[3]), k(f.rise[0]), k(f.rise[1]), k(f.rise[0]), file))
	var w, u strings.Builder
	for i, r := range f.runes {
		fmt.Fprintf(&w, "%d ", int(f.widths[f.chars[r]])*1000/f.units)
		if i%100 == 0 {
			if i > 0 {
				u.WriteString("endbfchar\n")
			}
			fmt.Fprintf(&u, "%d beginbfchar\n", min(100, len(f.runes)-i))
		}
		fmt.Fprintf(&u, "<%04X> <", i+1)
		for _, unit := range utf16.Encode([]rune{r}) {
			fmt.Fprintf(&u, "%04X", unit)
		}
		u.WriteString(">\n")
	}
	if len(f.runes) > 0 {
		u.WriteString("endbfchar\n")
	}
	o.write(child, fmt.Sprintf("<</Type/Font/Subtype/CIDFontType2/BaseFont%s/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)/Supplement 0>>/FontDescriptor %d 0 R/CIDToGIDMap %d 0 R/DW 600/W[1[%s]]>>", name, desc, glyphs, strings.TrimSpace(w.String())))
	o.stream(glyphs, "", gids)
	o.stream(cmap, "", []byte("/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n/CIDSystemInfo <</Registry (Adobe) /Ordering (UCS) /Supplement 0>> def\n/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n"+u.String()+"endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n"))
	o.write(f.id, fmt.Sprintf("<</Type/Font/Subtype/Type0/BaseFont%s/Encoding/Identity-H/DescendantFonts[%d 0 R]/ToUnicode %d 0 R>>", name, child, cmap))
}
