package vitals

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func show(entries []entry) string {
	var out []string
	for _, e := range entries {
		out = append(out, e.sign.name+" "+e.String())
	}
	return strings.Join(out, "; ")
}

func TestParseLine(t *testing.T) {
	for _, c := range []struct {
		line string
		in   system
		want string
	}{
		{"bp 128/82 p 72 t 37.1 w 81.5kg h 178cm", asMeasured, "bp 128/82 mmHg; pulse 72 /min; temp 37.1 °C; weight 81.5 kg; height 178 cm"},
		{"BP: 128/82, HR 72; T 98.6F, RR=16\nSpO2 98%, wt 180 lbs, ht 5'10\", pain 3/10", asMeasured, "bp 128/82 mmHg; pulse 72 /min; temp 98.6 °F; resp 16 /min; spo2 98 %; weight 180 lb; height 70 in; pain 3"},
		{"128/82", asMeasured, "bp 128/82 mmHg"},
		{"p 72 128 / 82 mmHg", asMeasured, "pulse 72 /min; bp 128/82 mmHg"},
		{"bp 128 over 82", asMeasured, "bp 128/82 mmHg"},
		{"w 19lb 3oz l 24.5 in hc 43.2", asMeasured, "weight 19.1875 lb; length 24.5 in; head 43.2 cm"},
		{"w 8.70kg", asMeasured, "weight 8.70 kg"}, // digits as they were typed
		{"w 3250 g", asMeasured, "weight 3,250 g"},
		{"t 98.6 w 180 h 70", customary, "temp 98.6 °F; weight 180 lb; height 70 in"},
		{"t 37 w 81.5 kg", customary, "temp 37 °F; weight 81.5 kg"},
		{"h 5 ft 10 in", asMeasured, "height 70 in"}, {"h 6 ft p 72", asMeasured, "height 72 in; pulse 72 /min"}, {"h 5′10½", asMeasured, "error"},
		{"sat 95 on 2 L p 88", asMeasured, "spo2 95 % on 2 L/min; pulse 88 /min"}, {"o2 sat 97% ra", asMeasured, "spo2 97 %"}, {"spo2 97 room air t 37", asMeasured, "spo2 97 %; temp 37 °C"},
		{"pain 0", asMeasured, "pain 0"}, {"temp 37.1.", asMeasured, "temp 37.1 °C"}, {"heart rate 72 blood pressure 120/80", asMeasured, "pulse 72 /min; bp 120/80 mmHg"},
		{"", asMeasured, ""}, {" , ;", asMeasured, ""},
		{"72", asMeasured, "error"}, {"p 72 98", asMeasured, "error"}, {"p", asMeasured, "error"}, {"bp 128", asMeasured, "error"}, {"bp 128/", asMeasured, "error"},
		{"t 37,1", asMeasured, "error"}, {"w 81 stone", asMeasured, "error"}, {"w 81kgs7", asMeasured, "error"}, {"w 81stone", asMeasured, "error"}, {"p 72 p 73", asMeasured, "error"},
		{"bp 120/80 130/85", asMeasured, "error"}, {"t .5", asMeasured, "error"}, {"t -3", asMeasured, "error"}, {"h 5'72", asMeasured, "error"}, {"w 5lb 17oz", asMeasured, "error"},
		{"potassium 4.1", asMeasured, "error"}, {"w 1.78 m", asMeasured, "error"}, {"w 9999999", asMeasured, "error"}, {strings.Repeat("p 72 ", 200), asMeasured, "error"},
	} {
		got, err := parseLine(c.line, c.in)
		if c.want == "error" {
			if err == nil {
				t.Errorf("%q is read as %q", c.line, show(got))
			}
			continue
		}
		if err != nil || show(got) != c.want {
			t.Errorf("%q\n got %q, %v\nwant %q", c.line, show(got), err, c.want)
		}
	}
}

func TestParseField(t *testing.T) {
	for _, c := range []struct{ sign, text, want string }{
		{weight, "81.5", "81.5 kg"}, {weight, "180 lb", "180 lb"}, {weight, "180#", "180 lb"}, {temperature, "98.6°F", "98.6 °F"}, {height, "5'10", "70 in"}, {bloodPressure, "128/82", "128/82 mmHg"},
		{pain, "3", "3"}, {pain, "3 of 10", "3"}, {saturation, "97 2l", "97 % on 2 L/min"}, {pulse, "72 bpm", "72 /min"}, {head, "17 in", "17 in"},
		{weight, "81.5 kg p 72", "error"}, {weight, "about 80", "error"}, {weight, "", "error"}, {weight, "80–82", "error"}, {pulse, "72 kg", "error"},
	} {
		e, err := parseField(signOf(c.sign), c.text, asMeasured)
		if c.want == "error" {
			if err == nil {
				t.Errorf("%s %q is read as %s", c.sign, c.text, e)
			}
			continue
		}
		if err != nil || e.String() != c.want {
			t.Errorf("%s %q: %q, %v, want %q", c.sign, c.text, e.String(), err, c.want)
		}
	}
}

// What a line of vital signs says is what is read from it, whatever the order, the spaces and the names of the signs.
func TestParseLineReadsWhatIsSaid(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		order := rapid.Permutation(signs).Draw(rt, "order")
		n := rapid.IntRange(1, len(order)).Draw(rt, "signs")
		var line, want []string
		for _, s := range order[:n] {
			w := rapid.SampledFrom(s.words).Draw(rt, "word")
			gap := rapid.SampledFrom([]string{" ", ": ", "=", " = "}).Draw(rt, "gap")
			number := rapid.StringMatching(`[1-9][0-9]{0,2}(\.[0-9]{1,2})?`).Draw(rt, "number")
			if s.name == bloodPressure {
				low := rapid.StringMatching(`[1-9][0-9]{1,2}`).Draw(rt, "low")
				line = append(line, w+gap+number+"/"+low)
				want = append(want, s.name+" "+amount{number + "/" + low, mercury.ucum}.String())
				continue
			}
			u := rapid.SampledFrom(s.units).Draw(rt, "unit")
			word := rapid.SampledFrom(u.words).Draw(rt, "unit word")
			line = append(line, w+gap+number+rapid.SampledFrom([]string{"", " "}).Draw(rt, "space")+word)
			want = append(want, s.name+" "+amount{number, u.ucum}.String())
		}
		text := strings.Join(line, rapid.SampledFrom([]string{" ", ", ", "; ", "\n"}).Draw(rt, "between"))
		if rapid.Bool().Draw(rt, "upper") {
			text = strings.ToUpper(text)
		}
		got, err := parseLine(text, asMeasured)
		if err != nil || show(got) != strings.Join(want, "; ") {
			rt.Fatalf("%q\n got %q, %v\nwant %q", text, show(got), err, strings.Join(want, "; "))
		}
	})
}

// FuzzParseLine: nothing makes the parser fail otherwise than with an error, and what it reads is numbers of known signs in known units,
// each sign once.
func FuzzParseLine(f *testing.F) {
	for _, s := range []string{"bp 128/82 p 72 t 37.1 w 81.5kg h 178cm", "h 5'10\" w 19lb 3oz", "spo2 97 on 2 l", "128/82", "t 37,1", "p\x00 72", "İ 3", "w 81.5 ㎏", "pain 3/10 hc 17in"} {
		f.Add(s, "us")
	}
	f.Fuzz(func(t *testing.T, line, in string) {
		entries, err := parseLine(line, system(in))
		if err != nil && len(entries) > 0 {
			t.Fatalf("%q gives entries and an error", line)
		}
		seen := map[string]bool{}
		for _, e := range entries {
			if e.value.rat() == nil || e.sign == nil || seen[e.sign.name] {
				t.Fatalf("%q gives %+v", line, e)
			}
			seen[e.sign.name] = true
			if _, ok := e.value.float(e.sign.units[0].ucum); !ok {
				t.Fatalf("%q gives a unit that is none of the sign: %+v", line, e)
			}
			if _, err := e.value.quantity(); err != nil {
				t.Fatalf("%q gives no number that FHIR has: %v", line, err)
			}
			refuse(e)
		}
	})
}
