package validate

import (
	"html"
	"slices"
	"strings"

	"github.com/osler-ehr/osler/fhir"
)

// narrative checks that a narrative is XHTML that is safe to show (txt-1) and says something (txt-2): well-formed, in a div,
// with only the elements and attributes that R4 lists, no script and no event handlers.
func (w *walker) narrative(s string) {
	if problem := narrativeProblem(s); problem != "" {
		w.fail(fhir.CodeInvalid, ruleNarrative, problem)
	}
}

// narrativeElements are the elements that R4 allows in a narrative, sorted.
var narrativeElements = []string{
	"a", "abbr", "acronym", "b", "big", "blockquote", "br", "caption", "cite", "code", "col", "colgroup", "dd", "dfn", "div",
	"dl", "dt", "em", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "i", "img", "li", "ol", "p", "pre", "q", "samp", "small", "span",
	"strong", "sub", "sup", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "tt", "ul", "var",
}

// narrativeAttributes are the attributes that R4 allows in a narrative, sorted, with the namespace and language of XML.
var narrativeAttributes = []string{
	"abbr", "accesskey", "align", "alt", "axis", "bgcolor", "border", "cellhalign", "cellpadding", "cellspacing", "cellvalign",
	"char", "charoff", "charset", "cite", "class", "colspan", "compact", "coords", "dir", "frame", "headers", "height", "href",
	"hreflang", "hspace", "id", "lang", "longdesc", "name", "nowrap", "rel", "rev", "rowspan", "rules", "scope", "shape", "span",
	"src", "start", "style", "summary", "tabindex", "title", "type", "valign", "value", "vspace", "width", "xml:lang", "xml:space", "xmlns",
}

// narrativeProblem tells what is wrong with a narrative; "" when nothing is.
func narrativeProblem(s string) string {
	s = strings.TrimSpace(s)
	if !strings.HasPrefix(s, "<div") {
		return "a narrative is a div element: begin with <div xmlns=\"http://www.w3.org/1999/xhtml\">"
	}
	x := xhtml{text: s}
	for x.at < len(s) && x.problem == "" {
		if s[x.at] == '<' {
			x.markup()
		} else {
			x.content()
		}
	}
	switch {
	case x.problem != "":
		return x.problem
	case len(x.open) > 0:
		return "an element of the narrative is not closed: close " + x.open[len(x.open)-1]
	case !x.says:
		return "the narrative says nothing: write something between the tags, or leave the text out"
	}
	return ""
}

// xhtml reads a narrative from front to back.
type xhtml struct {
	text    string
	at      int
	open    []string // names of the elements that are open
	says    bool     // text or an image has been seen
	problem string
}

// content reads text up to the next markup.
func (x *xhtml) content() {
	end := strings.IndexByte(x.text[x.at:], '<')
	if end < 0 {
		end = len(x.text) - x.at
	}
	text := x.text[x.at : x.at+end]
	x.at += end
	if strings.TrimSpace(text) == "" {
		return
	}
	x.says = true
	if len(x.open) == 0 {
		x.problem = "text stands behind the div of the narrative: put all into the div"
	}
	x.references(text)
}

// references checks the character references in text.
func (x *xhtml) references(text string) {
	for {
		i := strings.IndexByte(text, '&')
		if i < 0 {
			return
		}
		text = text[i+1:]
		end := strings.IndexByte(text, ';')
		if end < 1 || end > 10 || strings.Trim(text[:end], "#0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" {
			x.problem = "a bare & stands in the narrative: write &amp;"
			return
		}
	}
}

func (x *xhtml) markup() {
	rest := x.text[x.at:]
	switch {
	case strings.HasPrefix(rest, "<!--"):
		end := strings.Index(rest, "-->")
		if end < 0 {
			x.problem = "a comment in the narrative does not end: close it with -->"
			return
		}
		x.at += end + len("-->")
	case strings.HasPrefix(rest, "<!"), strings.HasPrefix(rest, "<?"):
		x.problem = "the narrative holds a declaration or processing instruction: remove it"
	case strings.HasPrefix(rest, "</"):
		x.closing(rest)
	default:
		x.opening()
	}
}

func (x *xhtml) closing(rest string) {
	end := strings.IndexByte(rest, '>')
	if end < 0 {
		x.problem = "a tag of the narrative does not end: close it with >"
		return
	}
	name := strings.TrimRight(rest[2:end], " \t\r\n")
	if len(x.open) == 0 || x.open[len(x.open)-1] != name {
		x.problem = "the tags of the narrative do not match: close each element in turn"
		return
	}
	x.open = x.open[:len(x.open)-1]
	x.at += end + 1
}

func (x *xhtml) opening() {
	x.at++
	name := x.word()
	if _, ok := slices.BinarySearch(narrativeElements, name); !ok {
		x.problem = "the narrative holds an element that R4 does not allow (no scripts, forms, frames, heads or bodies): remove it"
		return
	}
	if len(x.open) == 0 && name != "div" {
		x.problem = "something stands behind the div of the narrative: put all into the div"
		return
	}
	if name == "img" {
		x.says = true
	}
	for {
		x.space()
		switch {
		case x.at >= len(x.text):
			x.problem = "a tag of the narrative does not end: close it with >"
			return
		case x.text[x.at] == '>':
			x.at++
			x.open = append(x.open, name)
			return
		case strings.HasPrefix(x.text[x.at:], "/>"):
			x.at += 2
			return
		}
		if !x.attribute() {
			return
		}
	}
}

// attribute reads name="value".
func (x *xhtml) attribute() bool {
	name := x.word()
	if _, ok := slices.BinarySearch(narrativeAttributes, name); !ok {
		x.problem = "the narrative holds an attribute that R4 does not allow (no event handlers): remove it"
		return false
	}
	x.space()
	if x.at+1 >= len(x.text) || x.text[x.at] != '=' {
		x.problem = "an attribute of the narrative has no value in quotes"
		return false
	}
	x.at++
	x.space()
	if x.at >= len(x.text) || x.text[x.at] != '"' && x.text[x.at] != '\'' {
		x.problem = "an attribute of the narrative has no value in quotes"
		return false
	}
	quote := x.text[x.at]
	x.at++
	end := strings.IndexByte(x.text[x.at:], quote)
	if end < 0 {
		x.problem = "an attribute of the narrative does not end: close its quotes"
		return false
	}
	value := x.text[x.at : x.at+end]
	x.at += end + 1
	if (name == "href" || name == "src") && !safeLink(value) {
		x.problem = "a link of the narrative is not safe: only http, https, mailto, tel, local (#...) and images in data: are"
		return false
	}
	if strings.IndexByte(value, '<') >= 0 {
		x.problem = "an attribute of the narrative holds a bare <: write &lt;"
		return false
	}
	x.references(value)
	return x.problem == ""
}

// safeLink refuses schemes that run code, however they are spelled: browsers resolve character references and skip control
// characters before they look for the scheme.
func safeLink(value string) bool {
	value = strings.Map(func(r rune) rune {
		if r <= ' ' || r == 0x7f {
			return -1
		}
		return r
	}, html.UnescapeString(value))
	scheme, _, found := strings.Cut(value, ":")
	if !found || strings.ContainsAny(scheme, "/?#") {
		return true
	}
	switch strings.ToLower(scheme) {
	case "http", "https", "mailto", "tel", "urn", "ftp", "cid":
		return true
	case "data":
		kind := strings.ToLower(value)
		return strings.HasPrefix(kind, "data:image/") && !strings.HasPrefix(kind, "data:image/svg")
	}
	return false
}

func (x *xhtml) space() {
	for x.at < len(x.text) && strings.IndexByte(" \t\r\n", x.text[x.at]) >= 0 {
		x.at++
	}
}

// word reads a name.
func (x *xhtml) word() string {
	start := x.at
	for x.at < len(x.text) && strings.IndexByte(" \t\r\n/>=<\"'", x.text[x.at]) < 0 {
		x.at++
	}
	return x.text[start:x.at]
}
