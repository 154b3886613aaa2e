package growth

import (
	"errors"
	"io/fs"
	"math"
	"strings"
	"testing"
	"testing/fstest"
)

const header = "sex\tage\tl\tm\ts\tloh\n"

func TestLoadWHO(t *testing.T) {
	r, err := LoadWHO(fstest.MapFS{
		"weianthro.txt": {Data: []byte("sex\tage\tl\tm\ts\n1\t0\t0.5\t3\t0.15\n1\t31\t0.5\t4\t0.13\n2\t0\t0.4\t3\t0.14\n2\t31\t0.4\t4\t0.13\n")},
		"lenanthro.txt": {Data: []byte(header + "1\t730\t1\t87\t0.035\tL\n1\t731\t1\t86.4\t0.035\tH\n1\t732\t1\t86.5\t0.035\tH\n")},
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		m    Measure
		sex  Sex
		days float64
		want float64 // the median; 0 = no chart
	}{
		{WeightForAge, Male, 0, 3}, {WeightForAge, Male, 15.5, 3.5}, {WeightForAge, Female, 31, 4}, {WeightForAge, Male, 32, 0},
		{LengthForAge, Male, 730, 87}, {LengthForAge, Male, 731, 0}, {StatureForAge, Male, 731, 86.4}, {StatureForAge, Female, 731, 0}, {HeadForAge, Male, 0, 0},
	} {
		v, ok := r.Value(c.m, c.sex, c.days/DaysPerMonth, 50)
		if ok != (c.want > 0) || ok && math.Abs(v-c.want) > 1e-9 {
			t.Errorf("%s of %v at %v days: %v %t, want %v", c.m, c.sex, c.days, v, ok, c.want)
		}
	}
	// Beyond three standard deviations equal steps of weight are equal steps of z; lengths go on as they are.
	row := LMS{.5, 3, .15}
	third, second := row.Value(3), row.Value(2)
	s, _ := r.Assess(Measurement{WeightForAge, Male, 0, third + 2*(third-second)})
	near(t, "z two steps beyond the third", s.Z, 5, 1e-9)
	low3, low2 := row.Value(-3), row.Value(-2)
	s, _ = r.Assess(Measurement{WeightForAge, Male, 0, low3 - .5*(low2-low3)})
	near(t, "z half a step below the third", s.Z, -3.5, 1e-9)
	if s, _ := r.Assess(Measurement{WeightForAge, Male, 0, 30}); !s.Implausible {
		t.Errorf("a newborn of 30 kg is plausible: %+v", s)
	}
}

func TestLoadWHORefuses(t *testing.T) {
	if _, err := LoadWHO(fstest.MapFS{}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("an empty folder: %v", err)
	}
	for name, bad := range map[string]string{"columns": "1\t0\t1\n", "number": "1\t0\tx\t3\t.1\n", "sex": "3\t0\t1\t3\t.1\n", "order": "1\t1\t1\t3\t.1\n1\t0\t1\t3\t.1\n"} {
		_, err := LoadWHO(fstest.MapFS{"weianthro.txt": {Data: []byte(header + bad)}})
		if err == nil || !strings.Contains(err.Error(), "weianthro.txt: line") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := LoadWHO(fstest.MapFS{"weianthro.txt.gz": {Data: []byte("not zipped")}}); err == nil {
		t.Error("what is not compressed is read as if it were")
	}
}

// TestWHOSample holds values that the WHO prints in its tables, by the tables themselves where they are.
func TestWHOSample(t *testing.T) {
	files := fstest.MapFS{}
	for _, name := range []string{"weianthro.txt.gz", "lenanthro.txt.gz", "bmianthro.txt.gz"} {
		files[name] = &fstest.MapFile{Data: sample(t, "growth/"+name)}
	}
	for _, name := range []string{"hcanthro.txt", "wflanthro.txt", "wfhanthro.txt"} {
		files[name] = &fstest.MapFile{Data: sample(t, "growth/who-"+name)}
	}
	r, err := LoadWHO(files)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		m       Measure
		sex     Sex
		x       float64
		percent float64
		want    float64 // printed with one digit after the point
	}{
		{WeightForAge, Male, 0, 3, 2.5}, {WeightForAge, Male, 0, 97, 4.3}, {WeightForAge, Female, 0, 50, 3.2}, {WeightForAge, Female, 12, 50, 8.9}, {WeightForAge, Female, 12, 3, 7.1}, {WeightForAge, Female, 12, 97, 11.3},
		{LengthForAge, Male, 0, 50, 49.9}, {LengthForAge, Female, 12, 50, 74}, {HeadForAge, Male, 0, 50, 34.5}, {HeadForAge, Female, 12, 50, 44.9},
	} {
		v, ok := r.Value(c.m, c.sex, c.x, c.percent)
		if !ok || math.Abs(v-c.want) > .051 {
			t.Errorf("%s of %v at %v, %v %%: %v %t, want %v", c.m, c.sex, c.x, c.percent, v, ok, c.want)
		}
	}
	for _, m := range Measures {
		for _, sex := range []Sex{Male, Female} {
			if _, _, ok := r.Range(m, sex); !ok {
				t.Errorf("no chart of %s, %v", m, sex)
			}
		}
	}
}
