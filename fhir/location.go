package fhir

import (
	"strconv"
	"strings"
)

// Location is where the node stands, as a FHIRPath that a person can follow, such as
// Patient.name[0].family. A resource inside another begins anew in FHIRPath; here the outer path stays,
// so that the place can be found.
func (n Node) Location() string {
	if n.t == nil {
		return ""
	}
	var b strings.Builder
	root := Node{n.t, 0}
	if t := root.Get("resourceType"); t.Kind() == String {
		b.WriteString(t.Text())
	} else {
		b.WriteByte('$')
	}
	for at := root; at.i != n.i; {
		index := 0
		for c := range at.Children() {
			if c.i <= n.i && n.i < n.t.nodes[c.i].next {
				if at.Kind() == Array {
					b.WriteString("[" + strconv.Itoa(index) + "]")
				} else {
					b.WriteString("." + c.Key())
				}
				at = c
				break
			}
			index++
		}
	}
	return b.String()
}
