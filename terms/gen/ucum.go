package main

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"os"
	"strings"
)

// essence is UCUM's own table.
type essence struct {
	Version  string `xml:"version,attr"`
	Date     string `xml:"revision-date,attr"`
	Prefixes []struct {
		Code   string `xml:"Code,attr"`
		Name   string `xml:"name"`
		Symbol text   `xml:"printSymbol"`
		Value  struct {
			Value string `xml:"value,attr"`
		} `xml:"value"`
	} `xml:"prefix"`
	Bases []struct {
		Code     string `xml:"Code,attr"`
		Name     string `xml:"name"`
		Symbol   text   `xml:"printSymbol"`
		Property string `xml:"property"`
	} `xml:"base-unit"`
	Units []struct {
		Code      string   `xml:"Code,attr"`
		Metric    string   `xml:"isMetric,attr"`
		Special   string   `xml:"isSpecial,attr"`
		Arbitrary string   `xml:"isArbitrary,attr"`
		Name      []string `xml:"name"`
		Symbol    text     `xml:"printSymbol"`
		Property  string   `xml:"property"`
		Value     struct {
			Unit     string `xml:"Unit,attr"`
			Value    string `xml:"value,attr"`
			Function struct {
				Name  string `xml:"name,attr"`
				Value string `xml:"value,attr"`
				Unit  string `xml:"Unit,attr"`
			} `xml:"function"`
		} `xml:"value"`
	} `xml:"unit"`
}

// text is the character data of an element with all that is in it.
type text string

func (t *text) UnmarshalXML(d *xml.Decoder, start xml.StartElement) error {
	var b strings.Builder
	for {
		token, err := d.Token()
		if err != nil {
			return err
		}
		switch token := token.(type) {
		case xml.CharData:
			b.Write(token)
		case xml.EndElement:
			if token.Name == start.Name {
				*t = text(strings.Join(strings.Fields(b.String()), " "))
				return nil
			}
		}
	}
}

// units is the table of prefixes and units: see terms/ucum/table.go for its lines.
func units(data string) ([]byte, error) {
	b, err := os.ReadFile(data + "/ucum/ucum-essence.xml")
	if err != nil {
		return nil, err
	}
	var e essence
	d := xml.NewDecoder(bytes.NewReader(bytes.Replace(b, []byte(`encoding="ascii"`), []byte(`encoding="utf-8"`), 1)))
	if err := d.Decode(&e); err != nil {
		return nil, err
	}
	var out bytes.Buffer
	line := func(fields ...string) {
		for i := range fields {
			fields[i] = strings.Join(strings.Fields(fields[i]), " ")
		}
		out.WriteString(strings.Join(fields, "\t") + "\n")
	}
	line("#", "UCUM", e.Version, e.Date)
	for _, p := range e.Prefixes {
		line("prefix", p.Code, p.Name, string(p.Symbol), p.Value.Value)
	}
	for _, u := range e.Bases {
		line("base", u.Code, u.Name, string(u.Symbol), u.Property)
	}
	for _, u := range e.Units {
		flags := ""
		for _, f := range []struct{ value, flag string }{{u.Metric, "m"}, {u.Special, "s"}, {u.Arbitrary, "a"}} {
			if f.value == "yes" {
				flags += f.flag
			}
		}
		value, unit, function := u.Value.Value, u.Value.Unit, u.Value.Function.Name
		if function != "" {
			value, unit = u.Value.Function.Value, u.Value.Function.Unit
		}
		if value == "" || unit == "" || len(u.Name) == 0 {
			return nil, fmt.Errorf("the unit %s has no value or name", u.Code)
		}
		line("unit", u.Code, u.Name[0], string(u.Symbol), u.Property, flags, value, unit, function)
	}
	return out.Bytes(), nil
}
