package gs1

import (
	"slices"
	"strings"
	"testing"
	"time"
)

var now = time.Date(2026, 11, 23, 10, 22, 0, 0, time.UTC)

// code makes a scanned code of a GTIN without its check digit.
func gtin(thirteen string) string {
	for d := byte('0'); d <= '9'; d++ {
		if s := thirteen + string(d); checked(s) {
			return s
		}
	}
	return ""
}

func TestParse(t *testing.T) {
	g := gtin("0034928142502")
	for name, c := range map[string]struct {
		text string
		want Label
	}{
		"as scanned":            {"01" + g + "17270630" + "10U6123AA", Label{GTIN: g, Lot: "U6123AA", Expires: "2027-06-30"}},
		"with a separator":      {"]d201" + g + "10U61\x1d21SER9\x1d17270600", Label{GTIN: g, Lot: "U61", Serial: "SER9", Expires: "2027-06-30"}},
		"the separator spelled": {"01" + g + "10U61<GS>17270200", Label{GTIN: g, Lot: "U61", Expires: "2027-02-28"}},
		"a leap year":           {"01" + g + "17280200", Label{GTIN: g, Expires: "2028-02-29"}},
		"as people read it":     {"(01)" + g + "(17)270630(10)U61", Label{GTIN: g, Lot: "U61", Expires: "2027-06-30"}},
		"long expired":          {"01" + g + "17991231", Label{GTIN: g, Expires: "1999-12-31"}},
	} {
		if got, err := Parse(c.text, now); err != nil || got != c.want {
			t.Errorf("%s: %+v %v", name, got, err)
		}
	}
	for name, text := range map[string]string{
		"empty": "", "words": "hello", "no product": "10ABC", "cut off": "01" + g[:9], "a wrong digit": "01" + g[:13] + string('0'+(g[13]-'0'+1)%10),
		"no date": "01" + g + "17271345", "30 February": "01" + g + "17270230", "two": "01" + g + "01" + g, "too long a lot": "01" + g + "10" + strings.Repeat("A", 21), "control": "01" + g + "10A\x02",
	} {
		if got, err := Parse(text, now); err == nil {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

// A scanner that swallows the separator must not make one lot of two elements without a word.
func TestLostSeparator(t *testing.T) {
	g := gtin("0034928142502")
	if l, err := Parse("01"+g+"10U6117270630", now); err != nil || l.Doubt == "" {
		t.Errorf("%+v %v", l, err)
	}
}

func TestNDCs(t *testing.T) {
	l := Label{GTIN: gtin("0034928142502")}
	if got := l.NDCs(); !slices.Contains(got, "49281042502") { // 49281-425-02
		t.Errorf("%v", got)
	}
	if got := (Label{GTIN: gtin("0501234567890")}).NDCs(); got != nil {
		t.Errorf("not of the United States: %v", got)
	}
}

func FuzzParse(f *testing.F) {
	g := gtin("0034928142502")
	for _, s := range []string{"01" + g + "17270630" + "10U6123AA", "(01)" + g + "(17)270600(10)U61", "]d201" + g + "10U61\x1d21SER9", "", "(", "01", "(01)"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		l, err := Parse(s, now)
		if err != nil {
			if l != (Label{}) {
				t.Fatalf("an error and %+v", l)
			}
			return
		}
		if len(l.GTIN) != 14 || !checked(l.GTIN) || len(l.Lot) > 20 || len(l.Serial) > 20 || strings.ContainsAny(l.Lot+l.Serial, "\x1d\x00\n") {
			t.Fatalf("%+v", l)
		}
		if l.Expires != "" {
			if _, err := time.Parse(time.DateOnly, l.Expires); err != nil {
				t.Fatal(err)
			}
		}
		again := "01" + l.GTIN
		if l.Expires != "" {
			again += "17" + strings.ReplaceAll(l.Expires, "-", "")[2:]
		}
		if l.Lot != "" {
			again += "10" + l.Lot + "\x1d"
		}
		if l.Serial != "" {
			again += "21" + l.Serial
		}
		l.Doubt = ""
		b, err := Parse(again, now)
		if b.Doubt = ""; err != nil || b != l {
			t.Fatalf("%q is %+v, and written again %+v %v", s, l, b, err)
		}
	})
}
