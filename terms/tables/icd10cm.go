package tables

import (
	"bufio"
	"bytes"
	"compress/gzip"
	_ "embed"
	"fmt"
	"io"
	"strconv"
	"strings"
	"sync"
)

// icd10cmTable is gzip over four parts with an empty line between them:
//
//	the version; then chapters and, indented, their blocks: range, tab, name
//	the codes without point, in order: how many characters are as in the code before, the rest, * if it is a heading
//	the names in the same order: how many characters are as in the name before (after ^: in that of the code above), a
//	    space, the rest
//	inclusion terms: code, tab, term
//
//go:embed icd10cm.txt.gz
var icd10cmTable []byte

// Diagnosis is a code of ICD-10-CM, or one of its blocks and chapters.
type Diagnosis struct {
	Code    string // with its point: E11.9; a range for blocks and chapters: E08-E13
	Display string
	Parent  string // code directly above; "" at the top
	// Heading is true of codes that are too unspecific for a claim, Group of blocks and chapters.
	Heading, Group bool
	Inclusions     []string // other names of what the code stands for
}

// ICD10CMVersion is the fiscal year of the table.
var ICD10CMVersion = sync.OnceValues(func() (string, error) {
	z, err := gzip.NewReader(bytes.NewReader(icd10cmTable))
	if err != nil {
		return "", err
	}
	line, err := bufio.NewReaderSize(z, 64).ReadString('\n')
	_, version, _ := strings.Cut(strings.TrimSpace(line), "\t")
	return version, err
})

func icd10cmParts() ([]string, error) {
	z, err := gzip.NewReader(bytes.NewReader(icd10cmTable))
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(z)
	if err != nil {
		return nil, err
	}
	parts := strings.SplitN(string(text), "\n\n", 4)
	if len(parts) != 4 {
		return nil, fmt.Errorf("the table of ICD-10-CM has %d parts", len(parts))
	}
	return parts, nil
}

// ICD10CM gives chapters, blocks and codes to f, those above before those below, until f returns an error.
func ICD10CM(f func(Diagnosis) error) error {
	parts, err := icd10cmParts()
	if err != nil {
		return err
	}
	blocks := blocksOf(parts[0])
	if err := blocks.Each(f); err != nil {
		return err
	}
	inclusions := map[string][]string{}
	for l := range strings.Lines(parts[3]) {
		code, term, _ := strings.Cut(strings.TrimSuffix(l, "\n"), "\t")
		inclusions[code] = append(inclusions[code], term)
	}
	var h Hierarchy
	code, name, names := "", "", parts[2]
	displays := map[string]string{}
	for l := range strings.Lines(parts[1]) {
		l = strings.TrimSuffix(l, "\n")
		l, heading := strings.CutSuffix(l, "*")
		if l == "" || len(code) < int(l[0]-'0') {
			return fmt.Errorf("the table of ICD-10-CM is damaged behind %s", code)
		}
		code = code[:l[0]-'0'] + l[1:]
		var line string
		line, names, _ = strings.Cut(names, "\n")
		n, rest, _ := strings.Cut(line, " ")
		before := name
		if above, ok := strings.CutPrefix(n, "^"); ok {
			n, before = above, displays[h.above(code)]
		}
		same, err := strconv.Atoi(n)
		if err != nil || same > len(before) {
			return fmt.Errorf("the table of ICD-10-CM is damaged at %s", code)
		}
		name = before[:same] + rest
		d := Diagnosis{Code: Dotted(code), Display: name, Heading: heading, Inclusions: inclusions[code]}
		if above := h.Add(code); above != "" {
			d.Parent = Dotted(above)
		} else {
			d.Parent = blocks.Of(code)
		}
		if heading {
			displays[code] = name
		}
		if err := f(d); err != nil {
			return err
		}
	}
	return nil
}

// Dotted is a code with its point: E119 becomes E11.9.
func Dotted(code string) string {
	if len(code) <= 3 {
		return code
	}
	return code[:3] + "." + code[3:]
}

// Hierarchy finds the code above another: the longest one that it begins with, in lists in which a code comes before
// those below it.
type Hierarchy struct{ way []string }

func (h *Hierarchy) above(code string) string {
	for i := len(h.way) - 1; i >= 0; i-- {
		if strings.HasPrefix(code, h.way[i]) {
			return h.way[i]
		}
	}
	return ""
}

// Add adds the next code of the list, and gives the one above; "" at the top.
func (h *Hierarchy) Add(code string) (above string) {
	for len(h.way) > 0 && !strings.HasPrefix(code, h.way[len(h.way)-1]) {
		h.way = h.way[:len(h.way)-1]
	}
	if len(h.way) > 0 {
		above = h.way[len(h.way)-1]
	}
	h.way = append(h.way, code)
	return above
}
