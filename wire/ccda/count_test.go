package ccda_test

import (
	"bytes"
	"encoding/xml"
	"io"
	"strings"
	"testing"

	"github.com/osler-ehr/osler/wire/ccda"
)

// counts are how many statements a document holds, by the code of the section: observations of allergies and problems, and medicines.
// They are counted from the tokens of the document alone, with nothing of the reader.
func counts(t *testing.T, data []byte) map[string]int {
	t.Helper()
	const templates = "2.16.840.1.113883.10.20.22.4."
	wanted := map[string]string{"48765-2": templates + "7", "11450-4": templates + "4", "10160-0": templates + "16", "10183-2": templates + "16", "42346-7": templates + "16"}
	type open struct {
		name, section string // code of the section it stands in
		templates     []string
	}
	out := map[string]int{}
	var stack []open
	d := xml.NewDecoder(bytes.NewReader(data))
	d.CharsetReader = func(_ string, r io.Reader) (io.Reader, error) { return r, nil }
	for {
		token, err := d.Token()
		if err == io.EOF {
			return out
		}
		if err != nil {
			t.Fatal(err)
		}
		switch x := token.(type) {
		case xml.StartElement:
			o := open{name: x.Name.Local}
			attr := func(name string) string {
				for _, a := range x.Attr {
					if a.Name.Local == name {
						return a.Value
					}
				}
				return ""
			}
			if n := len(stack); n > 0 {
				o.section = stack[n-1].section
				if o.name == "code" && stack[n-1].name == "section" {
					stack[n-1].section = attr("code")
				}
				if o.name == "templateId" {
					stack[n-1].templates = append(stack[n-1].templates, attr("root"))
				}
			}
			if o.name == "section" {
				o.section = ""
			}
			stack = append(stack, o)
		case xml.EndElement:
			o := stack[len(stack)-1]
			stack = stack[:len(stack)-1]
			if o.name != "observation" && o.name != "substanceAdministration" {
				continue
			}
			for _, root := range o.templates {
				if root == wanted[o.section] {
					out[o.section]++
					break
				}
			}
		}
	}
}

// TestNothingIsDropped counts what the samples hold of allergies, problems and medicines, by another way than the reader's: each stands in
// what was read, by its name or as something that could not be understood.
func TestNothingIsDropped(t *testing.T) {
	total := 0
	each(t, "ccda", func(name string, data []byte) {
		d, err := ccda.Read(data)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			return
		}
		held := counts(t, data)
		for what, c := range map[string]struct {
			held int
			read []ccda.Entry
		}{
			"allergies": {held["48765-2"], d.Allergies.Entries}, "problems": {held["11450-4"], d.Problems.Entries},
			"medicines": {held["10160-0"] + held["10183-2"] + held["42346-7"], d.Medicines.Entries},
		} {
			total += c.held
			if c.held > len(c.read) {
				t.Errorf("%s holds %d %s, and %d were read", name[strings.LastIndexByte(name, '/')+1:], c.held, what, len(c.read))
			}
		}
	})
	if total < 100 {
		t.Errorf("only %d were counted: the count is blind", total)
	}
	t.Logf("%d allergies, problems and medicines", total)
}
