package growth

import (
	"bufio"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"strings"
)

// whoFiles are the tables as the WHO gives them out with its program Anthro: tab-separated with a heading; age in days, or length or
// height in cm.
var whoFiles = []struct {
	file     string
	lying    Measure
	standing Measure // where the column loh or lorh says H; "" = there is none
}{
	{"weianthro.txt", WeightForAge, ""},
	{"lenanthro.txt", LengthForAge, StatureForAge},
	{"hcanthro.txt", HeadForAge, ""},
	{"bmianthro.txt", BMIForAge, BMIForAge},
	{"wflanthro.txt", WeightForLength, ""},
	{"wfhanthro.txt", "", WeightForStature},
}

// LoadWHO reads the WHO's child growth standards, from birth to five years, from a folder with the tables weianthro.txt, lenanthro.txt,
// hcanthro.txt, bmianthro.txt, wflanthro.txt and wfhanthro.txt, each plain or with .gz behind its name. A table that is not there
// leaves its chart out. The error fs.ErrNotExist says that there is none at all.
func LoadWHO(folder fs.FS) (*Reference, error) {
	r := &Reference{Name: "WHO", tables: map[chart]*Table{}, limits: whoLimits, score: whoScore}
	for _, f := range whoFiles {
		in, err := openTable(folder, f.file)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		err = errors.Join(readWHO(in, r.tables, f.lying, f.standing), in.Close())
		if err != nil {
			return nil, fmt.Errorf("the WHO table %s: %w", f.file, err)
		}
	}
	if len(r.tables) == 0 {
		return nil, fmt.Errorf("the folder has none of the WHO's tables, such as weianthro.txt: %w", fs.ErrNotExist)
	}
	return r, nil
}

func openTable(folder fs.FS, name string) (io.ReadCloser, error) {
	f, err := folder.Open(name)
	if !errors.Is(err, fs.ErrNotExist) {
		return f, err
	}
	if f, err = folder.Open(name + ".gz"); err != nil {
		return nil, err
	}
	z, err := gzip.NewReader(f)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("%s.gz: %w", name, err), f.Close())
	}
	return unzipped{z, f}, nil
}

type unzipped struct {
	io.Reader
	file io.Closer
}

func (u unzipped) Close() error { return u.file.Close() }

func readWHO(in io.Reader, tables map[chart]*Table, lying, standing Measure) error {
	lines := bufio.NewScanner(io.LimitReader(in, 4<<20))
	for n := 1; lines.Scan(); n++ {
		if n == 1 { // the heading
			continue
		}
		fields := strings.Fields(lines.Text())
		if len(fields) < 5 {
			return fmt.Errorf("line %d has %d columns, not 5", n, len(fields))
		}
		v, err := numbers(fields[1:5])
		if err != nil {
			return fmt.Errorf("line %d: %w", n, err)
		}
		sex, measure := sexOf(fields[0]), lying
		if measure == "" || standing != "" && len(fields) > 5 && fields[5] == "H" {
			measure = standing
		}
		if sex == 0 || measure == "" {
			return fmt.Errorf("line %d: its sex is %q, not 1 or 2", n, fields[0])
		}
		x := v[0]
		if measure.ForAge() {
			x /= DaysPerMonth
		}
		t := tables[chart{measure, sex}]
		if t == nil {
			t = &Table{From: x}
			tables[chart{measure, sex}] = t
		}
		if err := t.add(x, LMS{v[1], v[2], v[3]}); err != nil {
			return fmt.Errorf("line %d: %w", n, err)
		}
		t.To = x
	}
	return lines.Err()
}

// whoLimits are those of the WHO's programs.
var whoLimits = map[Measure]limits{
	WeightForAge: {-6, 5, false}, LengthForAge: {-6, 6, false}, StatureForAge: {-6, 6, false}, HeadForAge: {-5, 5, false},
	BMIForAge: {-5, 5, false}, WeightForLength: {-5, 5, false}, WeightForStature: {-5, 5, false},
}

// whoScore restricts the LMS method to three standard deviations for what is made of weight: farther out, distances are those between
// the second and the third. (WHO, "Methods and development", 2006, page 302.)
func whoScore(s Score, m Measurement) Score {
	if m.Measure == LengthForAge || m.Measure == StatureForAge || m.Measure == HeadForAge || math.Abs(s.Z) <= 3 {
		return s
	}
	edge := math.Copysign(3, s.Z)
	third := s.LMS.Value(edge)
	step := math.Abs(third - s.LMS.Value(edge-math.Copysign(1, s.Z)))
	s.Z = edge + (m.Value-third)/step
	s.Percentile = Percentile(s.Z)
	return s
}
