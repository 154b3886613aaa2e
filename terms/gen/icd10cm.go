package main

import (
	"bufio"
	"bytes"
	"cmp"
	"compress/gzip"
	"encoding/xml"
	"fmt"
	"os"
	"slices"
	"strings"
)

// tabular is the part of the ICD-10-CM tabular list that the table takes: chapters, blocks and inclusion terms.
type tabular struct {
	Version  string `xml:"version"`
	Chapters []struct {
		Name string `xml:"name"`
		Desc string `xml:"desc"`
		Refs []struct {
			First string `xml:"first,attr"`
			Last  string `xml:"last,attr"`
			ID    string `xml:"id,attr"`
		} `xml:"sectionIndex>sectionRef"`
		Sections []block `xml:"section"`
	} `xml:"chapter"`
}

type block struct {
	ID    string `xml:"id,attr"`
	Desc  string `xml:"desc"`
	Diags []diag `xml:"diag"`
}

type diag struct {
	Name       string   `xml:"name"`
	Inclusions []string `xml:"inclusionTerm>note"`
	Diags      []diag   `xml:"diag"`
}

// icd10cm is the table of ICD-10-CM: see terms/tables/icd10cm.go for its parts.
func icd10cm(data string) ([]byte, error) {
	var t tabular
	if err := readXML(data+"/icd10cm/icd10cm_tabular_2021.xml.gz", &t); err != nil {
		return nil, err
	}
	f, err := os.Open(data + "/icd10cm/icd10cm-order-Jan-2021.txt.gz")
	if err != nil {
		return nil, err
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	fmt.Fprintf(&out, "ICD-10-CM\t%s\n", t.Version)
	if err := writeBlocks(&out, &t); err != nil {
		return nil, err
	}
	var codes, names bytes.Buffer
	displays := map[string]string{}
	lastCode, last := "", ""
	for s := bufio.NewScanner(z); s.Scan(); {
		line := s.Text()
		if strings.TrimSpace(line) == "" {
			continue
		}
		code, header, display := strings.TrimSpace(line[6:13]), line[14] == '0', strings.TrimSpace(line[77:])
		n := common(lastCode, code)
		fmt.Fprintf(&codes, "%d%s", n, code[n:])
		if header {
			codes.WriteByte('*')
		}
		codes.WriteByte('\n')
		above := ""
		for p := code[:len(code)-1]; len(p) >= 3 && above == ""; p = p[:len(p)-1] {
			above = displays[p]
		}
		if n, m := common(last, display), common(above, display); m > n {
			fmt.Fprintf(&names, "^%d %s\n", m, display[m:])
		} else {
			fmt.Fprintf(&names, "%d %s\n", n, display[n:])
		}
		displays[code], lastCode, last = display, code, display
	}
	out.WriteByte('\n')
	out.Write(codes.Bytes())
	out.WriteByte('\n')
	out.Write(names.Bytes())
	out.WriteByte('\n')
	for _, c := range t.Chapters {
		for _, s := range c.Sections {
			for i := range s.Diags {
				if err := writeInclusions(&out, &s.Diags[i], displays); err != nil {
					return nil, err
				}
			}
		}
	}
	return packed(out.Bytes())
}

// writeBlocks writes chapters and blocks, and makes sure that a category's block follows from its code: it is the
// narrowest whose range the category lies in, or that of the category before.
func writeBlocks(out *bytes.Buffer, t *tabular) error {
	type span struct{ first, last string }
	var all []span
	byID := map[string]span{}
	for _, c := range t.Chapters {
		open := strings.LastIndex(c.Desc, " (")
		first, last, ok := strings.Cut(strings.TrimSuffix(c.Desc[open+2:], ")"), "-")
		if !ok {
			return fmt.Errorf("chapter %s has no range", c.Name)
		}
		fmt.Fprintf(out, "%s-%s\t%s\n", first, last, c.Desc[:open])
		for _, r := range c.Refs {
			i := slices.IndexFunc(c.Sections, func(s block) bool { return s.ID == r.ID })
			if i < 0 {
				return fmt.Errorf("block %s is not in chapter %s", r.ID, c.Name)
			}
			desc := c.Sections[i].Desc
			fmt.Fprintf(out, "\t%s-%s\t%s\n", r.First, r.Last, desc[:strings.LastIndex(desc, " (")])
			byID[r.ID] = span{r.First, r.Last}
			all = append(all, byID[r.ID])
		}
	}
	for _, c := range t.Chapters {
		for _, s := range c.Sections {
			before := span{}
			for _, d := range s.Diags {
				fits := slices.DeleteFunc(slices.Clone(all), func(b span) bool { return d.Name < b.first || d.Name > b.last })
				slices.SortStableFunc(fits, func(a, b span) int { return cmp.Or(cmp.Compare(b.first, a.first), cmp.Compare(a.last, b.last)) })
				at := before // C4A stands behind C43, and not between C43 and C44
				if len(fits) > 0 {
					at = fits[0]
				}
				if at != byID[s.ID] {
					return fmt.Errorf("category %s lies in %v, not %s", d.Name, at, s.ID)
				}
				before = at
			}
		}
	}
	return nil
}

func writeInclusions(out *bytes.Buffer, d *diag, displays map[string]string) error {
	code := strings.ReplaceAll(d.Name, ".", "")
	if displays[code] == "" {
		return fmt.Errorf("the tabular list has %s, the order file has not", d.Name)
	}
	for _, term := range d.Inclusions {
		if term = strings.Join(strings.Fields(term), " "); term != displays[code] {
			fmt.Fprintf(out, "%s\t%s\n", code, term)
		}
	}
	for i := range d.Diags {
		if err := writeInclusions(out, &d.Diags[i], displays); err != nil {
			return err
		}
	}
	return nil
}

// common is how many bytes two texts begin alike.
func common(a, b string) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}

func readXML(name string, into any) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	if strings.HasSuffix(name, ".gz") {
		z, err := gzip.NewReader(f)
		if err != nil {
			return err
		}
		return xml.NewDecoder(z).Decode(into)
	}
	d := xml.NewDecoder(f)
	d.CharsetReader = latin1
	return d.Decode(into)
}

// packed is a table compressed by gzip, without name and time.
func packed(table []byte) ([]byte, error) {
	var out bytes.Buffer
	z, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := z.Write(table); err != nil {
		return nil, err
	}
	if err := z.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}
