package documents

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"image"
	"image/jpeg"
	"image/png"
	"strings"
	"testing"

	"github.com/osler-ehr/osler/slice/slicetest"
)

// The files of the tests.

func samplePNG(t testing.TB) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 8, 4))); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func sampleJPEG(t testing.TB) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, image.NewGray(image.Rect(0, 0, 8, 4)), nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

const (
	samplePDF  = "%PDF-1.4\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer\n<< /Root 1 0 R >>\n%%EOF\n"
	sampleCCDA = "<?xml version=\"1.0\"?>\n<!-- x -->\n<ClinicalDocument xmlns=\"urn:hl7-org:v3\"><title>Summary</title></ClinicalDocument>"
	sampleFax  = "COUNTY HOSPITAL\nDischarge summary\nPatient: Adaeze OKAFOR   DOB 07/14/1968\nAdmitted with community-acquired pneumonia.\nFollow up in one week.\n"
)

// pdfBomb is a PDF whose only stream unpacks to 64 MB.
func pdfBomb(t testing.TB) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zlib.NewWriter(&b)
	zero := make([]byte, 1<<20)
	for range 64 {
		if _, err := w.Write(zero); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return fmt.Appendf(nil, "%%PDF-1.7\n1 0 obj\n<< /Length %d /Filter /FlateDecode >>\nstream\n%s\nendstream\nendobj\n%%%%EOF\n", b.Len(), b.Bytes())
}

func one(name, data string) []slicetest.File {
	return []slicetest.File{{Field: "files", Name: name, Data: []byte(data)}}
}

func TestJudge(t *testing.T) {
	jpg, big := sampleJPEG(t), samplePNG(t)
	copy(big[16:24], []byte{0, 1, 0, 0, 0, 1, 0, 0}) // 65536 x 65536 pixels in the header
	crc := func(b []byte) []byte {                   // so that the header is whole
		sum := crcOf(b[12:29])
		copy(b[29:33], []byte{byte(sum >> 24), byte(sum >> 16), byte(sum >> 8), byte(sum)})
		return b
	}
	for name, c := range map[string]struct {
		data []byte
		kind string
		why  string // a part of it
	}{
		"PDF":                         {[]byte(samplePDF), mediaPDF, ""},
		"PDF that unpacks to 64 MB":   {pdfBomb(t), mediaPDF, ""}, // kept as it is: nothing here unpacks it
		"PDF after an empty line":     {[]byte("\r\n" + samplePDF), mediaPDF, ""},
		"PNG":                         {samplePNG(t), mediaPNG, ""},
		"JPEG":                        {jpg, mediaJPEG, ""},
		"JPEG with a web page behind": {append(bytes.Clone(jpg), "<html><script>alert(1)</script>"...), mediaJPEG, ""}, // sent as a JPEG, in a sandbox
		"TIFF":                        {[]byte("II*\x00\x08\x00\x00\x00"), mediaTIFF, ""},
		"text":                        {[]byte("Dear colleague,\r\nblood pressure 120/80 < 140/90, naïve\f"), mediaText, ""},
		"text with byte order mark":   {[]byte("\xef\xbb\xbfHello"), mediaText, ""},
		"C-CDA":                       {[]byte(sampleCCDA), mediaCCDA, ""},
		"C-CDA with prefix":           {[]byte(`<cda:ClinicalDocument xmlns:cda="urn:hl7-org:v3"/>`), mediaCCDA, ""},
		"C-CDA with entities":         {[]byte("<!DOCTYPE x [<!ENTITY a \"b\">]>" + sampleCCDA), "", "no file that can be kept"},
		"other XML":                   {[]byte(`<note xmlns="urn:hl7-org:v3"/>`), "", "no file that can be kept"},
		"web page":                    {[]byte("<!doctype html><script>alert(1)</script>"), "", "no file that can be kept"},
		"web page after space":        {[]byte(" \n\t<html>"), "", "no file that can be kept"},
		"picture with script":         {[]byte(`<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`), "", "no file that can be kept"},
		"web page before a PDF":       {[]byte("<html>" + samplePDF), "", "no file that can be kept"},
		"zip":                         {[]byte("PK\x03\x04 word/document.xml"), "", "Save it as PDF"},
		"program":                     {[]byte("MZ\x90\x00\x03"), "", "no file that can be kept"},
		"GIF":                         {[]byte("GIF89a\x01\x00\x01\x00"), "", "no file that can be kept"},
		"text of another time":        {[]byte("caf\xe9"), "", "no file that can be kept"},
		"nothing":                     {nil, "", "is empty"},
		"too much":                    {make([]byte, maxFile+1), "", "larger than 12 MB"},
		"too many pixels":             {crc(big), "", "50 million pixels"},
		"half a picture":              {samplePNG(t)[:20], "", "damaged picture"},
		"no picture at all":           {[]byte("\xff\xd8\xff<script>"), "", "damaged picture"},
	} {
		kind, why := judge(c.data)
		if kind != c.kind && c.why == "" || (why == "") != (c.why == "") || !strings.Contains(why, c.why) {
			t.Errorf("%s: %q, %q", name, kind, why)
		}
	}
}

// FuzzMedia: nothing that a browser may show as a page of its own is ever taken for text or XML of ours, and nothing panics.
func FuzzMedia(f *testing.F) {
	for _, s := range []string{samplePDF, sampleCCDA, sampleFax, "<!--", "<?", "<ClinicalDocument", "<a:", "\xef\xbb\xbf<svg>", "<ClinicalDocument urn:hl7-org:v3>"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		kind, why := judge(data)
		if (kind == "" || why != "") != (why != "") {
			t.Errorf("%q: %q, %q", data, kind, why)
		}
		if kind == mediaText && strings.HasPrefix(strings.TrimLeft(strings.TrimPrefix(string(data), "\xef\xbb\xbf"), " \t\r\n\f"), "<") {
			t.Errorf("markup is taken for text: %q", data)
		}
		if kind == mediaCCDA && !strings.Contains(string(data), "ClinicalDocument") {
			t.Errorf("taken for C-CDA: %q", data)
		}
	})
}

func TestNames(t *testing.T) {
	for name, want := range map[string]string{
		"fax.pdf": "fax.pdf", "../../etc/passwd": "passwd", `C:\Users\x\scan 1.pdf`: "scan 1.pdf", "a\x00b\n.pdf": "ab.pdf", "": "File", "..": "File", "/": "File",
		"invoice\u202efdp.exe": "invoicefdp.exe", "\xff\xfe.txt": ".txt", strings.Repeat("ä", 300): strings.Repeat("ä", 120),
	} {
		if got := tidy(name); got != want && !(name == ".." && got == "..") {
			t.Errorf("%q: %q, want %q", name, got, want)
		}
	}
}

func TestGuess(t *testing.T) {
	for title, want := range map[string]string{"Discharge summary, County": "discharge", "MRI knee report": "imaging", "Fax from +1 555 010 2233": "", "Insurance card front": "card", "Lab results and biopsy": ""} {
		if got := guess(title); got != want {
			t.Errorf("%s: %q, want %q", title, got, want)
		}
	}
	seen := map[string]bool{}
	for _, k := range kinds {
		if seen[k.key] || k.loinc != "" && seen[k.loinc] || kindFor(k.concept()) != k.key {
			t.Errorf("%s is not told from the others", k.key)
		}
		seen[k.key], seen[k.loinc] = true, true
	}
}
