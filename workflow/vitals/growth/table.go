package growth

import (
	"bufio"
	"fmt"
	"io"
	"sort"
	"strconv"
	"strings"
)

// Table is one chart of one sex: rows of L, M and S by age in months, or by length or stature in cm.
type Table struct {
	From, To float64 // what the chart covers, both included
	x        []float64
	rows     []LMS
}

// At is the row at a place, interpolated linearly between its neighbours; ok is false outside of the chart.
func (t *Table) At(x float64) (row LMS, ok bool) {
	if t == nil || !(x >= t.From && x <= t.To) {
		return LMS{}, false
	}
	i := sort.SearchFloat64s(t.x, x)
	switch {
	case i < len(t.x) && t.x[i] == x:
		return t.rows[i], true
	case i == 0 || i == len(t.x):
		return LMS{}, false
	}
	return t.rows[i-1].between(t.rows[i], (x-t.x[i-1])/(t.x[i]-t.x[i-1])), true
}

// add appends a row; places must ascend.
func (t *Table) add(x float64, row LMS) error {
	switch {
	case len(t.x) > 0 && x <= t.x[len(t.x)-1]:
		return fmt.Errorf("the row at %v does not come after the row at %v", x, t.x[len(t.x)-1])
	case !(row.M > 0) || !(row.S > 0):
		return fmt.Errorf("the row at %v: M and S must be above 0", x)
	}
	t.x, t.rows = append(t.x, x), append(t.rows, row)
	return nil
}

type chart struct {
	measure Measure
	sex     Sex
}

// readTables reads the form that internal/growth writes: "@measure sex from to", then rows of place, L, M and S; tabs between.
func readTables(r io.Reader) (map[chart]*Table, error) {
	all := map[chart]*Table{}
	var t *Table
	lines := bufio.NewScanner(r)
	for n := 1; lines.Scan(); n++ {
		line := lines.Text()
		if line == "" || line[0] == '#' {
			continue
		}
		fields := strings.Split(strings.TrimPrefix(line, "@"), "\t")
		if len(fields) != 4 {
			return nil, fmt.Errorf("line %d has %d columns, not 4", n, len(fields))
		}
		if line[0] == '@' {
			v, err := numbers(fields[2:])
			if err != nil {
				return nil, fmt.Errorf("line %d: %w", n, err)
			}
			t = &Table{From: v[0], To: v[1]}
			all[chart{Measure(fields[0]), sexOf(fields[1])}] = t
			continue
		}
		v, err := numbers(fields)
		if err == nil && t == nil {
			err = fmt.Errorf("a row stands before the first chart")
		}
		if err == nil {
			err = t.add(v[0], LMS{v[1], v[2], v[3]})
		}
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
	}
	return all, lines.Err()
}

func sexOf(s string) Sex {
	switch s {
	case "male", "1":
		return Male
	case "female", "2":
		return Female
	}
	return 0
}

func numbers(fields []string) ([]float64, error) {
	out := make([]float64, len(fields))
	for i, f := range fields {
		v, err := strconv.ParseFloat(f, 64)
		if err != nil {
			return nil, fmt.Errorf("%q is not a number", f)
		}
		out[i] = v
	}
	return out, nil
}
