package pdf

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// font is a TrueType font: which glyph draws a character, and how wide it is. (OpenType specification 1.9, chapters cmap, hmtx, loca, glyf.)
type font struct {
	data   []byte
	tables map[string][]byte
	glyphs int             // how many there are
	units  int             // of the em
	widths []uint16        // of the glyphs, in units
	chars  map[rune]uint16 // glyphs of characters
	offset func(g int) int // into glyf
	box    [4]int16        // of the whole font, in units
	rise   [2]int16        // ascent and descent, in units
}

var errFont = errors.New("the font is damaged")

// parseFont reads a font. The slices that it keeps are parts of data.
func parseFont(data []byte) (f *font, err error) {
	defer func() {
		if recover() != nil { // an index outside of a table
			f, err = nil, errFont
		}
	}()
	f = &font{data: data, tables: map[string][]byte{}, chars: map[rune]uint16{}}
	u16, u32 := binary.BigEndian.Uint16, binary.BigEndian.Uint32
	for i := range int(u16(data[4:])) {
		rec := data[12+16*i:]
		at, size := u32(rec[8:]), u32(rec[12:])
		f.tables[string(rec[:4])] = data[at : at+size]
	}
	for _, name := range []string{"head", "hhea", "maxp", "hmtx", "loca", "glyf", "cmap"} {
		if f.tables[name] == nil {
			return nil, fmt.Errorf("%w: it has no table %s", errFont, name)
		}
	}
	head, hhea := f.tables["head"], f.tables["hhea"]
	f.units, f.glyphs = int(u16(head[18:])), int(u16(f.tables["maxp"][4:]))
	for i := range f.box {
		f.box[i] = int16(u16(head[36+2*i:]))
	}
	f.rise = [2]int16{int16(u16(hhea[4:])), int16(u16(hhea[6:]))}
	long := int(u16(hhea[34:]))
	f.widths = make([]uint16, f.glyphs)
	for g := range f.glyphs {
		f.widths[g] = u16(f.tables["hmtx"][4*min(g, long-1):])
	}
	loca := f.tables["loca"]
	if u16(head[50:]) == 0 {
		f.offset = func(g int) int { return 2 * int(u16(loca[2*g:])) }
	} else {
		f.offset = func(g int) int { return int(u32(loca[4*g:])) }
	}
	return f, f.readChars()
}

// readChars reads the table of characters: its format 12 if there is one, else format 4.
func (f *font) readChars() error {
	u16, u32 := binary.BigEndian.Uint16, binary.BigEndian.Uint32
	cmap := f.tables["cmap"]
	var four, twelve []byte
	for i := range int(u16(cmap[2:])) {
		sub := cmap[u32(cmap[4+8*i+4:]):]
		switch platform := u16(cmap[4+8*i:]); {
		case platform != 0 && platform != 3:
		case u16(sub) == 4:
			four = sub
		case u16(sub) == 12:
			twelve = sub
		}
	}
	switch {
	case twelve != nil:
		for i := range int(u32(twelve[12:])) {
			g := twelve[16+12*i:]
			from, to, first := u32(g), u32(g[4:]), u32(g[8:])
			for c := from; c <= to; c++ {
				f.chars[rune(c)] = uint16(first + c - from)
			}
		}
	case four != nil:
		n := int(u16(four[6:])) / 2
		ends, starts := four[14:], four[16+2*n:]
		deltas, ranges := four[16+4*n:], four[16+6*n:]
		for i := range n {
			for c := int(u16(starts[2*i:])); c <= int(u16(ends[2*i:])) && c != 0xffff; c++ {
				g := uint16(c)
				if r := int(u16(ranges[2*i:])); r != 0 {
					if g = u16(ranges[2*i+r+2*(c-int(u16(starts[2*i:]))):]); g == 0 {
						continue
					}
				}
				f.chars[rune(c)] = g + u16(deltas[2*i:])
			}
		}
	default:
		return fmt.Errorf("%w: it has no table of characters", errFont)
	}
	return nil
}

// glyf is the drawing of a glyph; empty for one that draws nothing.
func (f *font) glyf(g int) []byte { return f.tables["glyf"][f.offset(g):f.offset(g+1)] }

// parts are the glyphs that a composite one is made of.
func (f *font) parts(g int) (out []int) {
	d := f.glyf(g)
	if len(d) < 10 || int16(binary.BigEndian.Uint16(d)) >= 0 {
		return nil
	}
	for d = d[10:]; len(d) >= 4; {
		flags := binary.BigEndian.Uint16(d)
		out = append(out, int(binary.BigEndian.Uint16(d[2:])))
		size := 6
		if flags&1 != 0 { // arguments are words
			size = 8
		}
		switch {
		case flags&8 != 0: // one scale
			size += 2
		case flags&0x40 != 0: // two
			size += 4
		case flags&0x80 != 0: // a matrix
			size += 8
		}
		if flags&0x20 == 0 || len(d) < size { // no more
			break
		}
		d = d[size:]
	}
	return out
}

// subset is a font file with the drawings of the glyphs given alone. The numbers of the glyphs stay, so that text refers to them as it is.
func (f *font) subset(used map[uint16]bool) []byte {
	want := make([]bool, f.glyphs)
	todo := []int{0}
	for g := range used {
		todo = append(todo, int(g))
	}
	for len(todo) > 0 {
		g := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if g < len(want) && !want[g] {
			want[g] = true
			todo = append(todo, f.parts(g)...)
		}
	}
	var glyf []byte
	loca := make([]byte, 0, 4*f.glyphs+4)
	for g := range f.glyphs {
		loca = binary.BigEndian.AppendUint32(loca, uint32(len(glyf)))
		if want[g] {
			glyf = append(glyf, f.glyf(g)...)
			for len(glyf)%4 != 0 {
				glyf = append(glyf, 0)
			}
		}
	}
	loca = binary.BigEndian.AppendUint32(loca, uint32(len(glyf)))
	head := append([]byte{}, f.tables["head"]...)
	binary.BigEndian.PutUint16(head[50:], 1) // long offsets
	binary.BigEndian.PutUint32(head[8:], 0)  // the checksum of the whole, which readers of PDF do not ask for
	names := []string{"cvt ", "fpgm", "glyf", "head", "hhea", "hmtx", "loca", "maxp", "prep"}
	tables := map[string][]byte{"glyf": glyf, "loca": loca, "head": head}
	n := 0
	for _, name := range names {
		if tables[name] == nil {
			tables[name] = f.tables[name]
		}
		if tables[name] != nil {
			n++
		}
	}
	power, shift := 1, 0
	for power*2 <= n {
		power, shift = power*2, shift+1
	}
	out := binary.BigEndian.AppendUint32(nil, 0x00010000)
	for _, v := range []int{n, 16 * power, shift, 16 * (n - power)} {
		out = binary.BigEndian.AppendUint16(out, uint16(v))
	}
	at := 12 + 16*n
	var body []byte
	for _, name := range names {
		t := tables[name]
		if t == nil {
			continue
		}
		out = append(out, name...)
		out = binary.BigEndian.AppendUint32(out, checksum(t))
		out = binary.BigEndian.AppendUint32(out, uint32(at+len(body)))
		out = binary.BigEndian.AppendUint32(out, uint32(len(t)))
		body = append(body, t...)
		for len(body)%4 != 0 {
			body = append(body, 0)
		}
	}
	return append(out, body...)
}

func checksum(t []byte) (sum uint32) {
	for i := 0; i < len(t); i += 4 {
		var word [4]byte
		copy(word[:], t[i:])
		sum += binary.BigEndian.Uint32(word[:])
	}
	return sum
}
