package fhir_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/osler-ehr/osler/fhir"
)

// stricter are the reasons for which Parse may refuse what encoding/json calls valid.
var stricter = []string{
	"a FHIR resource is a JSON object",
	"the property resourceType is missing",
	"stands twice in this object",
	"differ only in upper and lower case",
	"without escapes",
	"the property name is too long",
	"are not UTF-8",
	"surrogate stands alone",
	"nested deeper than",
	"more than the limit",
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{
		heartRate, `{}`, `[]`, ``, ` {"resourceType" : "Basic" } `, `{"resourceType":"Basic","a":"\ud83d\ude00\u0000\"\\\/é"}`,
		`{"resourceType":"Basic","a":[1,-0,1.50,1e5,-2.5E-3,true,false,null,[],{}]}`, `{"resourceType":"Basic","a":1,"A":2}`,
		`{"resourceType":"Basic","a":01}`, `{"resourceType":"Basic","":0,"_":{"":[]}}`, "{\"resourceType\":\"B\xff\"}",
		`{"resourceType":"Basic","a":"` + strings.Repeat("x", 30) + "\t" + `"}`, `{"resourceType":"Basic","a":"\ud800\u0041"}`,
		`{"resourceType":"Basic","x":` + strings.Repeat("[", 63) + strings.Repeat("]", 63) + `}`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		before := bytes.Clone(src)
		r, err := fhir.Parse(src)
		if !bytes.Equal(src, before) {
			t.Fatal("the input was changed")
		}
		if err != nil {
			refused(t, src, err)
			return
		}
		if !json.Valid(src) || !utf8.Valid(src) {
			t.Fatalf("accepted what is not JSON in UTF-8: %q", src)
		}
		if !reflect.DeepEqual(value(r.Root()), decode(t, src)) {
			t.Fatalf("read differently from encoding/json: %q", src)
		}
		var want bytes.Buffer
		if err := json.Compact(&want, src); err != nil {
			t.Fatal(err)
		}
		if got := r.Compact().Bytes(); !bytes.Equal(got, want.Bytes()) {
			t.Fatalf("compacted %q\nto %q\nnot %q", src, got, want.Bytes())
		}
		walk(t, r, r.Root())
	})
}

// refused checks that an error says what and where, and that only named reasons refuse valid JSON.
func refused(t *testing.T, src []byte, err error) {
	var syntax *fhir.SyntaxError
	if !errors.As(err, &syntax) || syntax.Offset < 0 || syntax.Offset > len(src) || syntax.Reason == "" {
		t.Fatalf("%q: the error does not tell what and where: %v", src, err)
	}
	if !json.Valid(src) {
		return
	}
	for _, reason := range stricter {
		if strings.Contains(syntax.Reason, reason) {
			return
		}
	}
	t.Fatalf("valid JSON refused for an unnamed reason: %q: %v", src, err)
}

// walk tries every node's place in the document.
func walk(t *testing.T, r *fhir.Resource, n fhir.Node) {
	start, end := n.Span()
	if !bytes.Equal(r.Bytes()[start:end], n.Raw()) {
		t.Fatalf("%s: span %d to %d is not %q", n.Location(), start, end, n.Raw())
	}
	if n.Kind() == fhir.String {
		again, err := fhir.Parse(append(fhir.AppendString([]byte(`{"resourceType":"Basic","s":`), n.Text()), '}'))
		if err != nil || again.Get("s").Text() != n.Text() {
			t.Fatalf("%q does not survive being written (%v)", n.Text(), err)
		}
	}
	if inner := n.Resource(); inner != nil && !inner.Root().Equal(n) {
		t.Fatalf("%s: not the same taken out", n.Location())
	}
	for c := range n.Children() {
		walk(t, r, c)
	}
}

func FuzzParseReference(f *testing.F) {
	for _, s := range []string{"Patient/1", "https://a/Patient/1/_history/2", "urn:uuid:x", "#a", "Patient?a=b", "://"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, ok := fhir.ParseReference(s)
		if !ok {
			return
		}
		again := got.Type + "/" + got.ID
		if got.Version != "" {
			again += "/_history/" + got.Version
		}
		switch got.Kind {
		case fhir.AbsoluteTarget:
			again = got.Base + "/" + again
		case fhir.RelativeTarget:
		default:
			return
		}
		if !fhir.ValidID(got.ID) || again != strings.SplitN(s, "#", 2)[0] {
			t.Fatalf("%q was read as %+v, which is %q", s, got, again)
		}
	})
}

func FuzzTemporal(f *testing.F) {
	for _, s := range []string{"2026", "2026-11-24T09:30:00.123Z", "2024-02-29", "09:30:00", "2026-11-24T09:30-14:00", "0001"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d, err := fhir.ParseSearchDateTime(s)
		if err != nil {
			if _, err := fhir.ParseDateTime(s); err == nil {
				t.Fatalf("%q may stand in a document and not in a search", s)
			}
			return
		}
		from, to := d.Range(nil)
		if !from.Before(to) || d.String() != s || d.Date().IsZero() {
			t.Fatalf("%q means %s to %s", s, from, to)
		}
	})
}
