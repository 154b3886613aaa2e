package load

import (
	"encoding/xml"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/osler-ehr/osler/terms"
	"github.com/osler-ehr/osler/terms/tables"
)

// maxVaccineFile bounds CDC's XML files, which are read whole.
const maxVaccineFile = 16 << 20

// cvx reads CDC's list of vaccines, and the vaccine groups if that file is there too.
func (j *job) cvx() (bool, error) {
	m := j.release.find(between("cvx", "cvx.xml"))
	if m == nil {
		m = j.release.find(between("cvx", ".xml"))
	}
	if m == nil || strings.Contains(strings.ToLower(m.base()), "vis") {
		return false, nil
	}
	var list struct {
		XMLName xml.Name `xml:"CVXCodes"`
		Codes   []struct {
			Short   string `xml:"ShortDescription"`
			Full    string `xml:"FullVaccinename"`
			Code    string `xml:"CVXCode"`
			Notes   string `xml:"Notes"`
			Status  string `xml:"Status"`
			Updated string `xml:"LastUpdated"`
		} `xml:"CVXInfo"`
	}
	if err := j.xml(m, &list); err != nil {
		return true, err
	}
	groups := map[string][]string{}
	if g := j.release.find(between("vac2vg", ".xml")); g != nil {
		var all pairs
		if err := j.xml(g, &all); err != nil {
			return true, err
		}
		for _, p := range all.Groups {
			f := p.fields()
			if name := f["Vaccine Group Name"]; !slices.Contains(groups[f["CVXCode"]], name) {
				groups[f["CVXCode"]] = append(groups[f["CVXCode"]], name)
			}
		}
	} else {
		for _, v := range tables.CVX() {
			groups[v.Code] = v.Groups
		}
	}
	products := map[string][]terms.Designation{}
	for _, p := range tables.Products() {
		products[p.CVX] = append(products[p.CVX], terms.Designation{Use: "tradename", Value: p.Name})
	}
	last := time.Time{}
	for _, c := range list.Codes {
		last = later(last, c.Updated)
	}
	info := terms.CVXInfo()
	info.Source = m.base()
	var err error
	if info.Version, err = j.version(dated(last)); err != nil {
		return true, err
	}
	b := terms.NewBuilder(info)
	for _, c := range list.Codes {
		v := tables.Vaccine{Code: squeezed(c.Code), Short: squeezed(c.Short), Full: squeezed(c.Full), Status: squeezed(c.Status), Notes: squeezed(c.Notes)}
		v.Groups = groups[v.Code]
		concept := terms.CVXConcept(v)
		concept.Designations = append(concept.Designations, products[v.Code]...)
		if err := b.Add(concept); err != nil {
			return true, fmt.Errorf("%s, code %q: %w", m.base(), v.Code, err)
		}
	}
	return true, j.install(b)
}

// mvx reads CDC's list of manufacturers.
func (j *job) mvx() (bool, error) {
	m := j.release.find(between("mvx", ".xml"))
	if m == nil {
		return false, nil
	}
	var list pairs
	if err := j.xml(m, &list); err != nil {
		return true, err
	}
	last := time.Time{}
	for _, p := range list.Manufacturers {
		last = later(last, p.fields()["Last Updated"])
	}
	info := terms.MVXInfo()
	info.Source = m.base()
	var err error
	if info.Version, err = j.version(dated(last)); err != nil {
		return true, err
	}
	b := terms.NewBuilder(info)
	for _, p := range list.Manufacturers {
		f := p.fields()
		if err := b.Add(terms.MVXConcept(tables.Manufacturer{Code: f["MVX_CODE"], Name: f["Manufacturer Name"], Status: f["Status"], Notes: f["Notes"]})); err != nil {
			return true, fmt.Errorf("%s: %w", m.base(), err)
		}
	}
	return true, j.install(b)
}

// pairs are CDC's lists of names and values that take turns.
type pairs struct {
	Groups        []pairList `xml:"CVXVGInfo"`
	Manufacturers []pairList `xml:"MVXInfo"`
}

type pairList struct {
	Names  []string `xml:"Name"`
	Values []string `xml:"Value"`
}

func (p *pairList) fields() map[string]string {
	out := map[string]string{}
	for i := range min(len(p.Names), len(p.Values)) {
		out[squeezed(p.Names[i])] = squeezed(p.Values[i])
	}
	return out
}

func squeezed(s string) string { return strings.Join(strings.Fields(s), " ") }

// later is the later of a time and a date as CDC writes it.
func later(t time.Time, date string) time.Time {
	if d, err := time.Parse("1/2/2006", squeezed(date)); err == nil && d.After(t) {
		return d
	}
	return t
}

func dated(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format("20060102")
}

// xml reads a small XML file whole.
func (j *job) xml(m *member, into any) error {
	data, err := readAll(m, maxVaccineFile)
	if err != nil {
		return err
	}
	d := xml.NewDecoder(strings.NewReader(string(data)))
	d.CharsetReader = func(charset string, in io.Reader) (io.Reader, error) {
		switch strings.ToLower(charset) {
		case "iso-8859-1", "windows-1252", "ascii", "us-ascii":
		default:
			return nil, fmt.Errorf("it is written in %s, which cannot be read", charset)
		}
		b, err := io.ReadAll(in)
		return strings.NewReader(fromLatin1(string(b))), err
	}
	if err := d.Decode(into); err != nil {
		return fmt.Errorf("%s: %w", m.base(), err)
	}
	return nil
}
