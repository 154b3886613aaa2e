package format

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

var typedNow = time.Date(2026, 3, 31, 10, 0, 0, 0, time.UTC)

func TestTypedDate(t *testing.T) {
	cases := map[string]string{
		"2014": "2014", "3/2014": "2014-03", "Mar 2014": "2014-03", "2014-03": "2014-03", "sept 2014": "2014-09", "2014 march": "2014-03",
		"14-Mar-2014": "2014-03-14", "14 March 2014": "2014-03-14", "March 14, 2014": "2014-03-14", "14th march 2014": "2014-03-14", "2014-03-14": "2014-03-14",
		"3/4/2014": "2014-03-04", "3/14/2014": "2014-03-14", "14/3/2014": "2014-03-14", "14.3.2014": "2014-03-14",
		"t": "2026-03-31", "Today": "2026-03-31", "t-3": "2026-03-28", "d-3": "2026-03-28", "t + 7": "2026-04-07", "w-2": "2026-03-17", "m-1": "2026-02", "m-6": "2025-09", "y-10": "2016", "yesterday": "2026-03-30",
		"": "", "30-Feb-2014": "", "soon": "", "13/13/2014": "", "14": "", "1/2/3/4": "", "0014": "", "3/14/14": "", "ma 2014": "",
	}
	for in, want := range cases {
		if got, ok := TypedDate(in, typedNow); got != want || ok != (want != "") {
			t.Errorf("%q: got %q, %v, want %q", in, got, ok, want)
		}
	}
}

// Every day comes back from every way in which it may be typed.
func TestTypedDateReadsWhatIsShown(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		day := time.Date(1850, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, rapid.IntRange(0, 120_000).Draw(t, "day"))
		for _, layout := range []string{"02-Jan-2006", "2 January 2006", "January 2, 2006", time.DateOnly, "1/2/2006"} {
			if got, ok := TypedDate(day.Format(layout), typedNow); !ok || got != day.Format(time.DateOnly) {
				t.Fatalf("%q: got %q", day.Format(layout), got)
			}
		}
	})
}
