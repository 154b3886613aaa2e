package postgres

import (
	"encoding/binary"
	"math"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/osler-ehr/osler/store"
	"github.com/osler-ehr/osler/store/internal/sqlplan"
)

// each calls f with the columns of each row, in binary form and valid only within f, and closes the rows.
func each(rows pgx.Rows, f func(v [][]byte)) error {
	defer rows.Close()
	for rows.Next() {
		f(rows.RawValues())
	}
	return rows.Err()
}

// number decodes an integer column of any width.
func number(b []byte) int64 {
	switch len(b) {
	case 8:
		return int64(binary.BigEndian.Uint64(b))
	case 4:
		return int64(int32(binary.BigEndian.Uint32(b)))
	case 2:
		return int64(int16(binary.BigEndian.Uint16(b)))
	}
	return 0
}

func float(b []byte) float64 { return math.Float64frombits(binary.BigEndian.Uint64(b)) }

func bytesOf(b []byte) []byte { return append([]byte{}, b...) }

// columns is how many columns sqlplan.Columns has: key, hash, id, version, at, org, labels, action, change, body.
const columns = 10

// row decodes the columns of sqlplan.Columns.
func row(v [][]byte) store.Row {
	return store.Row{
		Key: store.Key(number(v[0])), Hash: number(v[1]), ID: string(v[2]), Version: number(v[3]), At: number(v[4]),
		Org: number(v[5]), Labels: number(v[6]), Action: store.Action(number(v[7])), Change: number(v[8]), Body: bytesOf(v[9]),
	}
}

// hit decodes a row and the sort values behind it.
func hit(v [][]byte, sorts []store.Sort) store.Hit {
	h := store.Hit{Row: row(v)}
	for i, s := range sorts {
		b := v[columns+i]
		switch {
		case b == nil:
			h.Sort = append(h.Sort, store.SortValue{Missing: true})
		case s.Kind == store.Texts:
			h.Sort = append(h.Sort, store.SortValue{Text: text(b)})
		case s.Kind == store.Amounts:
			h.Sort = append(h.Sort, store.SortValue{Number: float(b)})
		default:
			h.Sort = append(h.Sort, store.SortValue{Number: float64(number(b))})
		}
	}
	return h
}

// PostgreSQL has no text with a zero byte, nor any that is not UTF-8. A zero byte is kept as a character
// that no text has.
const zero = "\uFFFF"

// storable is the text as PostgreSQL takes it.
func storable(s string) string {
	if strings.IndexByte(s, 0) >= 0 {
		s = strings.ReplaceAll(s, "\x00", zero)
	}
	return strings.ToValidUTF8(s, "\uFFFD")
}

// text is what storable was given.
func text(b []byte) string { return strings.ReplaceAll(string(b), zero, "\x00") }

// arguments makes the texts of a plan storable.
func arguments(args []any) []any {
	for i, a := range args {
		if s, ok := a.(string); ok {
			args[i] = storable(s)
		}
	}
	return args
}

const selectRow = "SELECT " + sqlplan.Columns + " FROM resource "
