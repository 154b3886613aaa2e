package main

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"strings"
)

// harm is what an injected text would do if a browser ran it: leave a mark that the test looks for.
const harm = "window.__xss=1"

// vectors are texts that some context of a page would run.
var vectors = []string{
	"<script>" + harm + "</script>", "<ScRiPt >" + harm + "</sCrIpT >", "<script src=data:,window.__xss=1></script>", "<script/x>" + harm + "</script/x>",
	"<img src=x onerror=" + harm + ">", "<img/src=\"x\"/onerror=" + harm + "//", "<IMG SRC=javascript:" + harm + ">", "<image src=x onerror=" + harm + ">",
	"<svg onload=" + harm + ">", "<svg><script>" + harm + "</script></svg>", "<svg><animate onbegin=" + harm + " attributeName=x dur=1s>", "<svg><a xlink:href=javascript:" + harm + "><text y=20>x",
	"<body onload=" + harm + ">", "<body onpageshow=" + harm + ">", "<iframe src=javascript:" + harm + "></iframe>", "<iframe srcdoc=\"<script>parent." + harm + "</script>\"></iframe>",
	"<object data=javascript:" + harm + "></object>", "<embed src=javascript:" + harm + ">", "<base href=//elsewhere.example/>", "<meta http-equiv=refresh content=\"0;url=javascript:" + harm + "\">",
	"<link rel=stylesheet href=//elsewhere.example/a.css>", "<style>@import'//elsewhere.example/a.css';</style>", "<style>*{background:url(//elsewhere.example/)}</style>",
	"<a href=javascript:" + harm + ">x</a>", "<a href=\"java&#9;script:" + harm + "\">x</a>", "<form action=javascript:" + harm + "><button>x</button></form>", "<button formaction=javascript:" + harm + ">x",
	"<input autofocus onfocus=" + harm + ">", "<details open ontoggle=" + harm + ">", "<video><source onerror=" + harm + ">", "<audio src=x onerror=" + harm + ">", "<marquee onstart=" + harm + ">",
	"<div style=animation-name:x onanimationstart=" + harm + ">", "<div onmouseover=" + harm + ">x", "<math><mtext><table><mglyph><style><img src=x onerror=" + harm + ">",
	"<template><script>" + harm + "</script></template>", "<noscript><p title=\"</noscript><img src=x onerror=" + harm + ">\">", "<div hx-on:load=" + harm + " hx-get=/ hx-trigger=load>", "<div hx-get=/patients hx-trigger=load hx-target=body>",
	"<div data-hx-on--load=" + harm + ">", "javascript:" + harm, "data:text/html,<script>" + harm + "</script>", "vbscript:" + harm, "{{constructor.constructor('" + harm + "')()}}", "${" + harm + "}", "<%= " + harm + " %>", "#{" + harm + "}",
	"&lt;script&gt;" + harm + "&lt;/script&gt;", "&#60;script&#62;" + harm + "&#60;/script&#62;", "%3Cscript%3E" + harm + "%3C/script%3E", `\u003cscript\u003e` + harm + `\u003c/script\u003e`, `\x3cscript\x3e` + harm, "+ADw-script+AD4-" + harm + "+ADw-/script+AD4-",
	"\uff1cscript\uff1e" + harm + "\uff1c/script\uff1e", "<scr\u00adipt>" + harm + "</scr\u00adipt>", "<\u200bscript>" + harm + "</script>", "\u2028" + harm + "\u2029", "\u202e<script>" + harm + "</script>",
}

// breakouts end whatever a text may have been put into, before the vector begins.
var breakouts = []string{"", `">`, `'>`, "`>", `"/><!--`, "-->", "]]>", "</title>", "</textarea>", "</style>", "</script>", "*/"}

// corpus is every vector after every breakout.
func corpus() (out []string) {
	for _, v := range vectors {
		for _, b := range breakouts {
			out = append(out, b+v)
		}
	}
	return append(out, `" autofocus onfocus=`+harm+` x="`, `' autofocus onfocus=`+harm+` x='`, `";`+harm+`//`, `';`+harm+`//`, `\";`+harm+`//`, `" onmouseover="`+harm, "x onmouseover="+harm)
}

// poison puts the texts of the corpus, in turn, into every text of a resource that a person or another system may have written.
type poison struct {
	texts []string
	next  int
}

func (p *poison) text() string {
	p.next++
	return p.texts[p.next%len(p.texts)]
}

// freeTexts are the elements that hold what somebody typed, by name. value is one of them where it is a string: in an identifier, or a
// way to reach somebody.
const freeTexts = " text display title description family given prefix suffix line city district state postalCode country comment patientInstruction" +
	" name alias value valueString unit label lotNumber serialNumber contentString deathString conclusion onsetString abatementString ageString subscriberId" +
	" dependent network instruction summary "

// document is the resource with its texts replaced.
func (p *poison) document(line []byte) ([]byte, error) {
	d := json.NewDecoder(strings.NewReader(string(line)))
	d.UseNumber()
	var doc map[string]any
	if err := d.Decode(&doc); err != nil {
		return nil, err
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, fmt.Errorf("more than one resource in a line")
	}
	p.walk(doc)
	return json.Marshal(doc)
}

func (p *poison) walk(element map[string]any) {
	for name, v := range element {
		switch v := v.(type) {
		case string:
			switch {
			case name == "data" && element["contentType"] != nil:
				element["contentType"], element["data"] = p.file()
			case name == "url" && element["contentType"] != nil:
				element["url"] = "javascript:" + harm
			case strings.Contains(freeTexts, " "+name+" "):
				element[name] = p.text()
			}
		case []any:
			for i, one := range v {
				if inner, ok := one.(map[string]any); ok {
					p.walk(inner)
				} else if _, ok := one.(string); ok && strings.Contains(freeTexts, " "+name+" ") {
					v[i] = p.text()
				}
			}
		case map[string]any:
			p.walk(v)
		}
	}
}

// file is an attachment of a kind that a browser might run.
func (p *poison) file() (kind, data string) {
	kinds := []string{"text/plain", "text/html", "application/xhtml+xml", "image/svg+xml", "text/xml", "application/pdf"}
	text := p.text()
	kind = kinds[p.next%len(kinds)]
	switch kind {
	case "image/svg+xml":
		text = `<svg xmlns="http://www.w3.org/2000/svg" onload="` + harm + `"><script>` + harm + `</script></svg>`
	case "application/xhtml+xml", "text/xml":
		text = `<html xmlns="http://www.w3.org/1999/xhtml"><body onload="` + harm + `"><script>` + harm + `</script></body></html>`
	}
	return kind, base64.StdEncoding.EncodeToString([]byte(text))
}
