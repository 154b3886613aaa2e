package terms

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
)

// A file is a head and sections:
//
//	magic           8 bytes
//	length of head  4 bytes, little-endian as all numbers
//	CRC of head     4 bytes, Castagnoli
//	head            JSON: what the file is, and where its sections are
//	sections        each begins at a multiple of 8 bytes from the start of the file
//
// Files never change. Another content is another file.
const magic = "OSLERT01"

// head is the head of a file.
type head struct {
	Kind     string    `json:"kind"` // "codesystem" or "conceptmap"
	Info     Info      `json:"info"`
	Map      *MapInfo  `json:"map,omitempty"`
	Sections []section `json:"sections"`
}

type section struct {
	Name string `json:"name"`
	// From is counted from the end of the head.
	From int64  `json:"from"`
	Size int64  `json:"size"`
	CRC  uint32 `json:"crc"`

	data []byte
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// maxHead bounds the head of a file.
const maxHead = 1 << 20

// errDamaged is what every kind of damage is.
var errDamaged = errors.New("the file is damaged; load it again with `osler terminology add`")

// layout places the sections, and returns the bytes before them and the size of the whole file.
func (h *head) layout() (start []byte, size int64, err error) {
	var at int64
	for i := range h.Sections {
		s := &h.Sections[i]
		s.From, s.Size, s.CRC = at, int64(len(s.data)), crc32.Checksum(s.data, castagnoli)
		at += (s.Size + 7) &^ 7
	}
	text, err := json.Marshal(h)
	if err != nil {
		return nil, 0, err
	}
	for (len(magic)+8+len(text))%8 != 0 {
		text = append(text, ' ')
	}
	if len(text) > maxHead {
		return nil, 0, fmt.Errorf("the head has %d bytes, more than the limit of %d", len(text), maxHead)
	}
	start = append([]byte(magic), make([]byte, 8)...)
	binary.LittleEndian.PutUint32(start[len(magic):], uint32(len(text)))
	binary.LittleEndian.PutUint32(start[len(magic)+4:], crc32.Checksum(text, castagnoli))
	start = append(start, text...)
	return start, int64(len(start)) + at, nil
}

// writeFile writes head and sections.
func writeFile(w io.Writer, h head) error {
	start, _, err := h.layout()
	if err != nil {
		return err
	}
	b := bufio.NewWriterSize(w, 1<<20)
	b.Write(start)
	for _, s := range h.Sections {
		b.Write(s.data)
		b.Write(make([]byte, (8-len(s.data)%8)%8))
	}
	return b.Flush()
}

// fileInMemory is what writeFile would write, in memory for good.
func fileInMemory(h head) ([]byte, error) {
	start, size, err := h.layout()
	if err != nil {
		return nil, err
	}
	file, err := memory(int(size))
	if err != nil {
		return nil, err
	}
	body := file[copy(file, start):]
	for _, s := range h.Sections {
		copy(body[s.From:], s.data)
	}
	return file, nil
}

// fixedSize is the size of what comes before the head.
const fixedSize = len(magic) + 8

// headSize is the size of the head, from what comes before it.
func headSize(file []byte) (int, error) {
	if len(file) < fixedSize || string(file[:len(magic)]) != magic {
		return 0, errors.New("this is no terminology file of this program's version; load its source again with `osler terminology add`")
	}
	size := binary.LittleEndian.Uint32(file[len(magic):])
	if size > maxHead {
		return 0, errDamaged
	}
	return int(size), nil
}

// readHead reads the head alone, and gives what comes behind it.
func readHead(file []byte) (h head, body []byte, err error) {
	size, err := headSize(file)
	if err != nil {
		return h, nil, err
	}
	if size > len(file)-fixedSize {
		return h, nil, errDamaged
	}
	text := file[fixedSize : fixedSize+size]
	if crc32.Checksum(text, castagnoli) != binary.LittleEndian.Uint32(file[len(magic)+4:]) {
		return h, nil, errDamaged
	}
	if err := json.Unmarshal(text, &h); err != nil {
		return h, nil, errDamaged
	}
	return h, file[fixedSize+size:], nil
}

// readFile reads head and sections and checks every byte.
func readFile(file []byte) (h head, sections map[string][]byte, err error) {
	h, body, err := readHead(file)
	if err != nil {
		return h, nil, err
	}
	sections = make(map[string][]byte, len(h.Sections))
	for _, s := range h.Sections {
		if s.From < 0 || s.Size < 0 || s.From > int64(len(body)) || s.Size > int64(len(body))-s.From {
			return h, nil, errDamaged
		}
		data := body[s.From : s.From+s.Size : s.From+s.Size]
		if crc32.Checksum(data, castagnoli) != s.CRC {
			return h, nil, errDamaged
		}
		sections[s.Name] = data
	}
	return h, sections, nil
}

// numbers is a list of 32-bit numbers in a file.
type numbers []byte

func (n numbers) at(i int) uint32 { return binary.LittleEndian.Uint32(n[4*i:]) }
func (n numbers) len() int        { return len(n) / 4 }

func appendNumber(b []byte, n int) []byte { return binary.LittleEndian.AppendUint32(b, uint32(n)) }

// texts is a list of byte strings in a file: entry i lies between offsets i and i+1.
type texts struct {
	offsets numbers
	bytes   []byte
}

func (t texts) len() int          { return max(t.offsets.len()-1, 0) }
func (t texts) at(i int) []byte   { return t.bytes[t.offsets.at(i):t.offsets.at(i+1)] }
func (t texts) size(i int) int    { return int(t.offsets.at(i+1) - t.offsets.at(i)) }
func (t texts) text(i int) string { return string(t.at(i)) }

// check makes sure that reading any entry stays inside the bytes.
func (t texts) check(n int) error {
	if n == 0 && len(t.offsets) == 0 {
		return nil
	}
	if t.offsets.len() != n+1 || len(t.offsets)%4 != 0 {
		return errDamaged
	}
	last := uint32(0)
	for i := range n + 1 {
		at := t.offsets.at(i)
		if at < last {
			return errDamaged
		}
		last = at
	}
	if int(last) > len(t.bytes) {
		return errDamaged
	}
	return nil
}

// textWriter makes a texts.
type textWriter struct{ offsets, bytes []byte }

func (w *textWriter) add(b []byte) {
	if len(w.offsets) == 0 {
		w.offsets = appendNumber(nil, 0)
	}
	w.bytes = append(w.bytes, b...)
	w.offsets = appendNumber(w.offsets, len(w.bytes))
}

func (w *textWriter) sections(name string) []section {
	return []section{{Name: name + ".at", data: w.offsets}, {Name: name, data: w.bytes}}
}

// maxBytes is what a list of texts can hold: its offsets have 32 bits.
const maxBytes = 1<<32 - 1

// textsOf finds a texts among the sections.
func textsOf(sections map[string][]byte, name string) texts {
	return texts{sections[name+".at"], sections[name]}
}

// dictionary numbers distinct strings in the order of their first use.
type dictionary struct {
	numbers map[string]int
	list    []string
}

func (d *dictionary) number(s string) int {
	n, ok := d.numbers[s]
	if !ok {
		if d.numbers == nil {
			d.numbers = map[string]int{}
		}
		n = len(d.list)
		d.numbers[s] = n
		d.list = append(d.list, s)
	}
	return n
}

func (d *dictionary) write() *textWriter {
	w := &textWriter{}
	for _, s := range d.list {
		w.add([]byte(s))
	}
	return w
}
