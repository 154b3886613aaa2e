package synthetic

import (
	"strconv"
	"time"
	"unicode/utf8"
)

// writer appends JSON straight to a buffer. Its methods take the name of the member to write, or "" inside an array, and set the
// commas themselves.
type writer struct {
	buf   []byte
	spans []span
	loc   *time.Location

	// offset is the time zone's offset on offsetDay, kept because neighbours mostly share a day.
	offset    string
	offsetDay day
}

func itoa(n int) string { return strconv.Itoa(n) }

// name writes a comma where one is due, and the member's name.
func (w *writer) name(name string) {
	if n := len(w.buf); n > 0 {
		switch w.buf[n-1] {
		case '{', '[', '\n':
		default:
			w.buf = append(w.buf, ',')
		}
	}
	if name != "" {
		w.buf = append(w.buf, '"')
		w.buf = append(w.buf, name...)
		w.buf = append(w.buf, '"', ':')
	}
}

func (w *writer) object(name string) { w.name(name); w.buf = append(w.buf, '{') }
func (w *writer) array(name string)  { w.name(name); w.buf = append(w.buf, '[') }
func (w *writer) end()               { w.buf = append(w.buf, '}') }
func (w *writer) endArray()          { w.buf = append(w.buf, ']') }

// raw writes ready-made JSON.
func (w *writer) raw(name, json string) { w.name(name); w.buf = append(w.buf, json...) }

// text writes a string; nothing at all if it is empty.
func (w *writer) text(name, s string) {
	if s == "" {
		return
	}
	w.name(name)
	w.buf = appendString(w.buf, s)
}

func (w *writer) bool(name string, b bool) {
	w.name(name)
	w.buf = strconv.AppendBool(w.buf, b)
}

func (w *writer) int(name string, n int) {
	w.name(name)
	w.buf = strconv.AppendInt(w.buf, int64(n), 10)
}

// decimal writes v with a fixed number of decimals, as an instrument would: 7.0 stays 7.0.
func (w *writer) decimal(name string, v float64, decimals int) {
	w.name(name)
	w.buf = appendDecimal(w.buf, v, decimals)
}

// date writes a day: 2026-11-23.
func (w *writer) date(name string, d day) {
	w.name(name)
	w.buf = append(w.buf, '"')
	w.buf = appendDay(w.buf, d)
	w.buf = append(w.buf, '"')
}

// time writes a moment with its zone: 2026-11-23T10:30:00-05:00.
func (w *writer) time(name string, m moment) {
	w.name(name)
	w.buf = append(w.buf, '"')
	w.buf = appendDay(w.buf, m.day)
	w.buf = append(w.buf, 'T')
	w.buf = append2(w.buf, m.minute/60)
	w.buf = append(w.buf, ':')
	w.buf = append2(w.buf, m.minute%60)
	w.buf = append(w.buf, ":00"...)
	w.buf = append(w.buf, w.zone(m.day)...)
	w.buf = append(w.buf, '"')
}

// period writes start and end.
func (w *writer) period(name string, start, end moment) {
	w.object(name)
	w.time("start", start)
	w.time("end", end)
	w.end()
}

// zone is the offset that the practice's clocks show at noon of the day.
func (w *writer) zone(d day) string {
	if w.offset == "" || w.offsetDay != d {
		w.offset = time.Unix(int64(d)*86400+12*3600, 0).In(w.loc).Format("-07:00")
		w.offsetDay = d
	}
	return w.offset
}

// reference writes a reference.
func (w *writer) reference(name, ref string) {
	w.name(name)
	w.buf = append(w.buf, `{"reference":`...)
	w.buf = appendString(w.buf, ref)
	w.buf = append(w.buf, '}')
}

// referenceTo writes a reference with what a person reads.
func (w *writer) referenceTo(name, ref, display string) {
	w.name(name)
	w.buf = append(w.buf, `{"reference":`...)
	w.buf = appendString(w.buf, ref)
	w.buf = append(w.buf, `,"display":`...)
	w.buf = appendString(w.buf, display)
	w.buf = append(w.buf, '}')
}

// identifier writes system and value.
func (w *writer) identifier(name, system, value string) {
	w.object(name)
	w.text("system", system)
	w.text("value", value)
	w.end()
}

// quantity writes a UCUM quantity.
func (w *writer) quantity(name string, v float64, decimals int, u unit) {
	w.name(name)
	w.buf = append(w.buf, `{"value":`...)
	w.buf = appendDecimal(w.buf, v, decimals)
	w.buf = append(w.buf, u.json...)
	w.buf = append(w.buf, '}')
}

func append2(b []byte, n int) []byte { return append(b, '0'+byte(n/10), '0'+byte(n%10)) }

func appendDay(b []byte, d day) []byte {
	y, m, dd := d.date()
	b = append2(b, y/100)
	b = append2(b, y%100)
	b = append(b, '-')
	b = append2(b, m)
	b = append(b, '-')
	return append2(b, dd)
}

func appendDecimal(b []byte, v float64, decimals int) []byte {
	return strconv.AppendFloat(b, v, 'f', decimals, 64)
}

// appendString writes a JSON string. Our texts are valid UTF-8; anything else becomes U+FFFD.
func appendString(b []byte, s string) []byte {
	b = append(b, '"')
	start := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c < utf8.RuneSelf {
			if c >= ' ' && c != '"' && c != '\\' {
				i++
				continue
			}
			b = append(b, s[start:i]...)
			switch c {
			case '"', '\\':
				b = append(b, '\\', c)
			case '\n':
				b = append(b, '\\', 'n')
			default:
				const hex = "0123456789abcdef"
				b = append(b, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
			}
			i++
			start = i
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError && size == 1 {
			b = append(b, s[start:i]...)
			b = append(b, "\uFFFD"...)
			i++
			start = i
			continue
		}
		i += size
	}
	b = append(b, s[start:]...)
	return append(b, '"')
}
