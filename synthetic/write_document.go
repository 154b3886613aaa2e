package synthetic

import (
	"encoding/base64"
	"fmt"
	"strings"
)

// base64 writes text or a file as base64Binary.
func (w *writer) base64(name, data string) {
	w.name(name)
	w.buf = append(w.buf, '"')
	w.buf = base64.StdEncoding.AppendEncode(w.buf, []byte(data))
	w.buf = append(w.buf, '"')
}

var (
	clinicalNote   = coded("http://hl7.org/fhir/us/core/CodeSystem/us-core-documentreference-category", "clinical-note", "Clinical Note", "")
	administrative = words("Administrative")
)

// note writes a visit's note as a document.
func (w *writer) note(v *visit) {
	text := v.text()
	p := v.patient
	at := v.signed()
	if v.kind.elsewhere() {
		at = v.at.plus(v.minutes + 45)
		if at.after(v.now) {
			at = v.now
		}
	}
	id := p.newID("doc")
	w.resource("DocumentReference", id, "us-core-documentreference")
	w.array("identifier")
	w.identifier("", "https://harborstreet.example/document", id)
	w.endArray()
	w.text("status", "current")
	if v.state == visitUnsigned {
		w.text("docStatus", "preliminary")
	} else {
		w.text("docStatus", "final")
	}
	w.concept("type", v.kind.note)
	w.concepts("category", clinicalNote)
	w.referenceTo("subject", p.ref, p.display())
	w.time("date", at)
	w.array("author")
	if v.kind.elsewhere() {
		w.referenceTo("", countyHospital.ref(), countyHospital.name)
	} else {
		w.raw("", v.by.who)
	}
	w.endArray()
	if v.state == visitDone && !v.kind.elsewhere() {
		w.raw("authenticator", v.by.who)
	}
	w.referenceTo("custodian", practiceOrganization.ref(), practiceOrganization.name)
	w.text("description", v.title)
	w.array("content")
	w.object("")
	w.object("attachment")
	w.text("contentType", "text/plain")
	w.base64("data", text)
	w.int("size", len(text))
	w.text("title", v.kind.note.text+": "+v.title)
	w.time("creation", at)
	w.end()
	w.end()
	w.endArray()
	w.object("context")
	w.array("encounter")
	w.reference("", "Encounter/"+v.id)
	w.endArray()
	end := v.at.plus(v.minutes)
	if end.after(v.now) {
		end = v.now
	}
	w.period("period", v.at, end)
	w.end()
	w.finish()
}

// paper writes a scanned or faxed document.
func (w *writer) paper(p *patient, x *paper) {
	w.resource("DocumentReference", p.newID("doc"), "us-core-documentreference")
	w.text("status", "current")
	w.text("docStatus", "final")
	w.concept("type", x.kind)
	if x.clinic {
		w.concepts("category", clinicalNote)
	} else {
		w.concepts("category", administrative)
	}
	w.subject("subject", p)
	w.time("date", x.on)
	w.array("author")
	if x.from != nil {
		w.referenceTo("", x.from.ref(), x.from.name)
	} else {
		w.referenceTo("", practiceOrganization.ref(), practiceOrganization.name)
	}
	w.endArray()
	w.referenceTo("custodian", practiceOrganization.ref(), practiceOrganization.name)
	w.text("description", x.title)
	w.array("content")
	w.object("")
	w.object("attachment")
	w.text("contentType", "application/pdf")
	file := pdf(x.pages)
	w.base64("data", file)
	w.int("size", len(file))
	w.text("title", x.title)
	w.end()
	w.end()
	w.endArray()
	w.object("context")
	w.period("period", x.on, x.on)
	w.end()
	w.finish()
}

// pdf is a one-page document with the lines set in Helvetica.
func pdf(lines []string) string {
	var content strings.Builder
	content.WriteString("BT /F1 12 Tf 72 720 Td 16 TL\n")
	for _, l := range lines {
		for _, row := range wrap(l, 84) {
			content.WriteString("(" + pdfEscape.Replace(pdfLetters(row)) + ") Tj T*\n")
		}
	}
	content.WriteString("ET\n")
	objects := []string{
		"<< /Type /Catalog /Pages 2 0 R >>",
		"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
		"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Resources << /Font << /F1 4 0 R >> >> /Contents 5 0 R >>",
		"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
		fmt.Sprintf("<< /Length %d >>\nstream\n%sendstream", content.Len(), content.String()),
	}
	var b strings.Builder
	b.WriteString("%PDF-1.4\n")
	offsets := make([]int, len(objects))
	for i, o := range objects {
		offsets[i] = b.Len()
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", i+1, o)
	}
	start := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(objects)+1)
	for _, o := range offsets {
		fmt.Fprintf(&b, "%010d 00000 n \n", o)
	}
	fmt.Fprintf(&b, "trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n", len(objects)+1, start)
	return b.String()
}

var pdfEscape = strings.NewReplacer(`\`, `\\`, "(", `\(`, ")", `\)`)

// pdfLetters keeps what the font's WinAnsi encoding has, one byte a letter.
func pdfLetters(s string) string {
	var b strings.Builder
	for _, r := range s {
		if r >= 0x80 && (r < 0xa0 || r > 0xff) {
			plain := plainLetters(string(r))
			if len(plain) != 1 {
				plain = "?"
			}
			b.WriteString(plain)
			continue
		}
		b.WriteByte(byte(r))
	}
	return b.String()
}

func wrap(s string, width int) []string {
	var rows []string
	row := ""
	for _, word := range strings.Fields(s) {
		if row != "" && len(row)+1+len(word) > width {
			rows = append(rows, row)
			row = ""
		}
		if row != "" {
			row += " "
		}
		row += word
	}
	return append(rows, row)
}
