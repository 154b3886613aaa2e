// Package xml is the XML form of FHIR resources: [Read] turns XML into the document that Osler keeps, and
// [Write] turns a document into XML.
//
// [Read] is the one door for FHIR XML. It refuses document types (and with them every entity but the five
// of XML itself), processing instructions, mixed content, unknown elements, and nesting deeper than
// [MaxDepth]. Comments are dropped. Digits of decimals, and the text of narratives, stay as they are.
//
// See http://hl7.org/fhir/R4/xml.html.
package xml

const (
	namespace      = "http://hl7.org/fhir"
	xhtmlNamespace = "http://www.w3.org/1999/xhtml"
	xsiNamespace   = "http://www.w3.org/2001/XMLSchema-instance"
)

// MaxDepth is how deeply elements may nest.
const MaxDepth = 64
