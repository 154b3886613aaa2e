package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
)

// latin1 reads files that say so.
func latin1(charset string, in io.Reader) (io.Reader, error) {
	if !strings.EqualFold(charset, "iso-8859-1") {
		return nil, fmt.Errorf("the file is in %s", charset)
	}
	b, err := io.ReadAll(in)
	if err != nil {
		return nil, err
	}
	var out strings.Builder
	for _, c := range b {
		out.WriteRune(rune(c))
	}
	return strings.NewReader(out.String()), nil
}

// field is a text of one line.
func field(s string) string { return strings.Join(strings.Fields(s), " ") }

// line writes fields between tabs.
func line(out *bytes.Buffer, fields ...string) {
	for i, f := range fields {
		if i > 0 {
			out.WriteByte('\t')
		}
		out.WriteString(field(f))
	}
	out.WriteByte('\n')
}

// cvx is the table of vaccines: code, short name, full name, status, vaccine groups, notes.
func cvx(data string) ([]byte, error) {
	var list struct {
		Codes []struct {
			Short  string `xml:"ShortDescription"`
			Full   string `xml:"FullVaccinename"`
			Code   string `xml:"CVXCode"`
			Notes  string `xml:"Notes"`
			Status string `xml:"Status"`
		} `xml:"CVXInfo"`
	}
	if err := readXML(data+"/cdc-iis/cvx.xml", &list); err != nil {
		return nil, err
	}
	var groups pairs
	if err := readXML(data+"/cdc-iis/vac2vg.xml", &groups); err != nil {
		return nil, err
	}
	in := map[string][]string{} // code to groups
	for _, g := range groups.Groups {
		f := g.fields()
		code, name := f["CVXCode"], f["Vaccine Group Name"]
		if !slices.Contains(in[code], name) {
			in[code] = append(in[code], name)
		}
	}
	var out bytes.Buffer
	for _, c := range list.Codes {
		code := field(c.Code)
		line(&out, code, c.Short, c.Full, c.Status, strings.Join(in[code], ","), c.Notes)
	}
	return out.Bytes(), nil
}

// pairs are CDC's lists of names and values that take turns.
type pairs struct {
	Groups        []pairList `xml:"CVXVGInfo"`
	Manufacturers []pairList `xml:"MVXInfo"`
	Products      []pairList `xml:"prodInfo"`
}

type pairList struct {
	Names  []string `xml:"Name"`
	Values []string `xml:"Value"`
}

func (p *pairList) fields() map[string]string {
	out := map[string]string{}
	for i := range min(len(p.Names), len(p.Values)) {
		out[field(p.Names[i])] = field(p.Values[i])
	}
	return out
}

// mvx is the table of manufacturers of vaccines: code, name, status, notes.
func mvx(data string) ([]byte, error) {
	var list pairs
	if err := readXML(data+"/cdc-iis/mvx.xml", &list); err != nil {
		return nil, err
	}
	var out bytes.Buffer
	for _, m := range list.Manufacturers {
		f := m.fields()
		line(&out, f["MVX_CODE"], f["Manufacturer Name"], f["Status"], f["Notes"])
	}
	return out.Bytes(), nil
}

// products is the table of trade names of vaccines: name, CVX, MVX.
func products(data string) ([]byte, error) {
	var list pairs
	if err := readXML(data+"/cdc-iis/tradename.xml", &list); err != nil {
		return nil, err
	}
	var out bytes.Buffer
	for _, p := range list.Products {
		f := p.fields()
		line(&out, f["CDC Product Name"], f["CVXCode"], f["MVX Code"])
	}
	return out.Bytes(), nil
}

// ndc is the table of package codes of vaccines: NDC of eleven digits in groups, CVX.
func ndc(data string) ([]byte, error) {
	known := map[string]string{}
	var order []string
	for _, file := range []struct {
		name     string
		cvx, ndc int
	}{{"NDC_Unit_sale.txt", 12, 14}, {"NDC_Unit_use.txt", 11, 14}} {
		b, err := os.ReadFile(data + "/cdc-iis/" + file.name)
		if err != nil {
			return nil, err
		}
		for l := range strings.Lines(string(b)) {
			f := strings.Split(strings.TrimRight(l, "\r\n"), "|")
			if len(f) <= file.ndc {
				continue
			}
			code, vaccine := field(f[file.ndc]), field(f[file.cvx])
			if len(code) != 13 || strings.Count(code, "-") != 2 || vaccine == "" {
				continue
			}
			if _, twice := known[code]; !twice {
				order = append(order, code)
			}
			known[code] = vaccine
		}
	}
	slices.Sort(order)
	var out bytes.Buffer
	for _, code := range order {
		line(&out, code, known[code])
	}
	return out.Bytes(), nil
}
