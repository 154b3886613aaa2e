package validate

import (
	"encoding/base64"
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestForms(t *testing.T) {
	for _, tt := range []struct {
		typ   string
		good  []string
		wrong []string
	}{
		{"date", []string{"2024", "2024-02", "2024-02-29", "0001-01-01", "9999-12-31", "2000-02-29"},
			[]string{"24", "0000", "2024-2", "2024-13", "2024-00", "2024-02-30", "2023-02-29", "1900-02-29", "2024-02-29Z", "2024/02/29", "20240229", "2024-02-", "２０２４", "+024", "2024-1-01"}},
		{"dateTime", []string{"2024", "2024-02-29", "2024-02-29T23:59:59Z", "2024-02-29T00:00:00.123456789-05:00", "2024-06-30T23:59:60Z", "2024-01-01T00:00:00+14:00"},
			[]string{"2024-02-29T10:00:00", "2024-02-29T10:00Z", "2024-02-29T24:00:00Z", "2024-02-29T10:60:00Z", "2024-02-29T10:00:61Z", "2024-02-29 10:00:00Z", "2024-02-29T10:00:00.Z", "2024-02-29T10:00:00+1400", "2024-02-29T10:00:00+14:30", "2024-02T10:00:00Z", "2024-02-29t10:00:00z"}},
		{"instant", []string{"2024-02-29T10:00:00Z", "2024-02-29T10:00:00.1+01:00"}, []string{"2024-02-29", "2024", "2024-02-29T10:00:00"}},
		{"time", []string{"00:00:00", "23:59:59.999"}, []string{"24:00:00", "10:00", "10:00:00Z", "10:00:00.", "1:00:00"}},
		{"code", []string{"a", "a b", "ä"}, []string{" a", "a ", "a  b", "a\tb", "a\nb"}},
		{"id", []string{"a", "A-1.z"}, []string{"a_b", "ä", "a b"}},
		{"uri", []string{"http://x", "urn:x", "#a", "a"}, []string{"a b", "a\n"}},
		{"oid", []string{"urn:oid:1.2", "urn:oid:2.16.840.0"}, []string{"1.2", "urn:oid:3.1", "urn:oid:1", "urn:oid:1.02", "urn:oid:1..2", "urn:oid:1.2."}},
		{"uuid", []string{"urn:uuid:c757873d-ec9a-4326-a141-556f43239520"}, []string{"c757873d-ec9a-4326-a141-556f43239520", "urn:uuid:c757873d-ec9a-4326-a141-556f4323952", "urn:uuid:c757873dxec9a-4326-a141-556f43239520", "urn:uuid:g757873d-ec9a-4326-a141-556f43239520"}},
		{"base64Binary", []string{"aGVsbG8=", "aGVs\nbG8=", "YQ==", "YWJj"}, []string{"aGVsbG8", "aGV=bG8=", "a===", "aGVs-G8=", " "}},
		{"string", []string{"a", "a\tb\r\n", "ä", " "}, []string{"a\u0000", "\u001f"}},
	} {
		for _, s := range tt.good {
			if !validForm(tt.typ, s) {
				t.Errorf("%s: %q is refused", tt.typ, s)
			}
		}
		for _, s := range tt.wrong {
			if validForm(tt.typ, s) {
				t.Errorf("%s: %q is accepted", tt.typ, s)
			}
		}
		if len(formOf(tt.typ)) < 20 || formOf(tt.typ) == formOf("") {
			t.Errorf("%s: no help", tt.typ)
		}
	}
}

// TestDaysExist compares the calendar with that of the standard library, for days right and wrong.
func TestDaysExist(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		y, m, d := rapid.IntRange(1, 9999).Draw(t, "year"), rapid.IntRange(0, 13).Draw(t, "month"), rapid.IntRange(0, 32).Draw(t, "day")
		s := fmt.Sprintf("%04d-%02d-%02d", y, m, d)
		_, err := time.Parse(time.DateOnly, s)
		if validDate(s) != (err == nil) {
			t.Errorf("%s: %v, the library says %v", s, validDate(s), err)
		}
	})
}

func TestInstantsExist(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		at := time.Unix(rapid.Int64Range(-62135596800, 253402300799).Draw(t, "second"), rapid.Int64Range(0, 999999999).Draw(t, "nanosecond"))
		at = at.In(time.FixedZone("", 60*rapid.IntRange(-14*60, 14*60).Draw(t, "zone")))
		if y := at.Year(); y < 1 || y > 9999 {
			t.Skip("beyond the years that a dateTime can write")
		}
		if s := at.Format(time.RFC3339Nano); !validInstant(s) || !validDateTime(s) {
			t.Errorf("%s is refused", s)
		}
	})
}

func TestBase64(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		data := rapid.SliceOfN(rapid.Byte(), 1, 100).Draw(t, "data")
		s := base64.StdEncoding.EncodeToString(data)
		if !validBase64(s) {
			t.Errorf("%q is refused", s)
		}
		if cut := s[:len(s)-1]; validBase64(cut) {
			t.Errorf("%q is accepted", cut)
		}
	})
}

// FuzzBase looks for documents that make a check fail or loop.
func FuzzBase(f *testing.F) {
	for _, doc := range []string{goodPatient, goodObservation, goodCondition, goodBundle, goodQuestionnaire, usPressure} {
		f.Add([]byte(doc))
	}
	for _, d := range damages {
		f.Add([]byte(replaceOnce(d.doc, d.from, d.to)))
	}
	f.Fuzz(func(t *testing.T, data []byte) { checkAll(t, data) })
}

// FuzzNarrative looks for narratives that make the reader fail, and for a script that gets through.
func FuzzNarrative(f *testing.F) {
	f.Add(`<div xmlns="http://www.w3.org/1999/xhtml"><p class='x'>a &amp; b<br/></p><!-- c --></div>`)
	f.Add(`<div><script>x</script></div>`)
	f.Add(`<div><a href="javascript:x">y</a></div>`)
	f.Add(`<div>href=javascript:</div>`) // text, not a link
	f.Fuzz(func(t *testing.T, s string) { checkNarrative(t, s) })
}
