package xml

import (
	"bytes"
	stdxml "encoding/xml"
	"strings"
)

// narrative takes a div as it stands in the source. Only where it uses a namespace prefix, which the JSON
// form has no place to declare, is it written anew without the prefix.
func (r *treeReader) narrative(start stdxml.StartElement) (string, error) {
	from := r.start
	plain := bytes.HasPrefix(r.src[from:], []byte("<div")) && declares(start, xhtmlNamespace)
	var b strings.Builder
	var open []bool // whether the start tag still lacks its >
	writeStart(&b, start, true)
	open = append(open, true)
	closeTag := func() {
		if open[len(open)-1] {
			b.WriteByte('>')
			open[len(open)-1] = false
		}
	}
	for {
		t, err := r.token()
		if err != nil {
			return "", err
		}
		switch t := t.(type) {
		case stdxml.StartElement:
			if t.Name.Space != xhtmlNamespace {
				return "", r.fail("the narrative holds an element %s that is not XHTML", t.Name.Local)
			}
			if len(r.names)+len(open) > MaxDepth {
				return "", r.fail("nested deeper than %d levels", MaxDepth)
			}
			plain = plain && bytes.HasPrefix(r.src[r.start:], []byte("<"+t.Name.Local))
			closeTag()
			writeStart(&b, t, false)
			open = append(open, true)
		case stdxml.EndElement:
			if open[len(open)-1] {
				b.WriteString("/>")
			} else {
				b.WriteString("</" + t.Name.Local + ">")
			}
			open = open[:len(open)-1]
			if len(open) == 0 {
				if plain {
					raw := string(r.src[from:r.d.InputOffset()])
					return strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(raw), nil // as XML reads line ends
				}
				return b.String(), nil
			}
		case stdxml.CharData:
			closeTag()
			escapeText(&b, string(t), false)
		case stdxml.Comment:
			closeTag()
			b.WriteString("<!--" + string(t) + "-->")
		}
	}
}

// declares reports whether the element itself declares the default namespace.
func declares(start stdxml.StartElement, space string) bool {
	for _, a := range start.Attr {
		if a.Name.Space == "" && a.Name.Local == "xmlns" && a.Value == space {
			return true
		}
	}
	return false
}

func writeStart(b *strings.Builder, start stdxml.StartElement, root bool) {
	b.WriteString("<" + start.Name.Local)
	if root {
		b.WriteString(` xmlns="` + xhtmlNamespace + `"`)
	}
	for _, a := range start.Attr {
		switch {
		case a.Name.Local == "xmlns" || a.Name.Space == "xmlns":
			continue
		case a.Name.Space == "http://www.w3.org/XML/1998/namespace":
			b.WriteString(" xml:" + a.Name.Local + `="`)
		default:
			b.WriteString(" " + a.Name.Local + `="`)
		}
		escapeText(b, a.Value, true)
		b.WriteByte('"')
	}
}

// escapeText writes text for XML. In an attribute, line ends and tabs are written as references, because a
// reader would make them blanks.
func escapeText(b *strings.Builder, s string, attribute bool) {
	for _, r := range s {
		switch {
		case r == '&':
			b.WriteString("&amp;")
		case r == '<':
			b.WriteString("&lt;")
		case r == '>':
			b.WriteString("&gt;")
		case r == '"' && attribute:
			b.WriteString("&quot;")
		case r == '\r':
			b.WriteString("&#xD;")
		case r == '\n' && attribute:
			b.WriteString("&#xA;")
		case r == '\t' && attribute:
			b.WriteString("&#x9;")
		default:
			b.WriteRune(r)
		}
	}
}
