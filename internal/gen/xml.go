package main

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
)

// xmlNode is an element of FHIR's XML form: a primitive has its value in an attribute.
type xmlNode struct {
	name, value string
	id, url     string // the attributes of an element and of an extension
	children    []*xmlNode
}

func (n *xmlNode) get(name string) *xmlNode {
	if n != nil {
		for _, c := range n.children {
			if c.name == name {
				return c
			}
		}
	}
	return nil
}

func (n *xmlNode) text(name string) string {
	if c := n.get(name); c != nil {
		return c.value
	}
	return ""
}

func (n *xmlNode) is(name string) bool { return n.text(name) == "true" }

func (n *xmlNode) all(name string) []*xmlNode {
	var list []*xmlNode
	if n != nil {
		for _, c := range n.children {
			if c.name == name {
				list = append(list, c)
			}
		}
	}
	return list
}

func (n *xmlNode) texts(name string) []string {
	var list []string
	for _, c := range n.all(name) {
		list = append(list, c.value)
	}
	return list
}

// resourcesOf calls f for every resource of a Bundle in XML.
func resourcesOf(r io.Reader, f func(*xmlNode)) error {
	d := xml.NewDecoder(r)
	inResource := false
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		start, ok := token.(xml.StartElement)
		if !ok {
			continue
		}
		if !inResource {
			inResource = start.Name.Local == "resource"
			continue
		}
		n, err := readElement(d, start)
		if err != nil {
			return err
		}
		f(n)
		inResource = false
	}
}

func readElement(d *xml.Decoder, start xml.StartElement) (*xmlNode, error) {
	n := &xmlNode{name: start.Name.Local}
	for _, a := range start.Attr {
		switch a.Name.Local {
		case "value":
			n.value = a.Value
		case "url":
			n.url = a.Value
		case "id":
			n.id = a.Value
		}
	}
	for {
		token, err := d.Token()
		if err != nil {
			return nil, fmt.Errorf("<%s>: %w", n.name, err)
		}
		switch t := token.(type) {
		case xml.EndElement:
			return n, nil
		case xml.StartElement:
			if t.Name.Local == "div" {
				if err := d.Skip(); err != nil { // the narrative
					return nil, err
				}
				continue
			}
			c, err := readElement(d, t)
			if err != nil {
				return nil, err
			}
			n.children = append(n.children, c)
		}
	}
}

// listNames are the repeating elements of the data types that R4's own profiles fix.
var listNames = []string{"coding", "extension", "line", "given"}

// memberTypes gives the types of members that are not written as JSON strings.
var memberTypes = map[string]string{"Quantity.value": "Decimal"}

// json writes the value of a fixed[x] or pattern[x] as JSON.
func (n *xmlNode) json(typeSuffix string) json.RawMessage {
	if len(n.children) == 0 {
		switch typeSuffix {
		case "Boolean", "Integer", "Decimal", "PositiveInt", "UnsignedInt":
			return json.RawMessage(n.value)
		}
		return quoted(n.value)
	}
	out := []byte{'{'}
	for i, c := range n.children {
		if slices.ContainsFunc(n.children[:i], func(before *xmlNode) bool { return before.name == c.name }) {
			continue
		}
		if len(out) > 1 {
			out = append(out, ',')
		}
		out = append(out, quoted(c.name)...)
		out = append(out, ':')
		if !slices.Contains(listNames, c.name) {
			out = append(out, c.json(memberTypes[typeSuffix+"."+c.name])...)
			continue
		}
		for j, item := range n.all(c.name) {
			out = append(out, "[,"[min(j, 1)])
			out = append(out, item.json("")...)
		}
		out = append(out, ']')
	}
	return append(out, '}')
}

// quoted is s as a JSON string.
func quoted(s string) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(s); err != nil {
		panic(err) // a string can always be written
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}
