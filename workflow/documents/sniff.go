package documents

import (
	"bytes"
	"image/jpeg"
	"image/png"
	"strings"
	"unicode/utf8"
)

// The limits of what is kept. A file stands in base64 within one resource, whose limit is 16 MB.
const (
	maxFile   = 12_000_000  // bytes of one file
	maxFiles  = 20          // of one upload
	maxUpload = 5 * maxFile // bytes of all files of one upload together
	maxPixels = 50_000_000  // of a picture, which a browser must unpack: twice a page at 600 dpi
	maxRead   = 256 << 20   // bytes that are read and thrown away so that the refusal reaches the browser
	limits    = "PDF, JPEG, PNG, TIFF, plain text or C-CDA, up to 12 MB each"
)

// The kinds of file that are kept.
const (
	mediaPDF  = "application/pdf"
	mediaJPEG = "image/jpeg"
	mediaPNG  = "image/png"
	mediaTIFF = "image/tiff"
	mediaText = "text/plain"
	mediaCCDA = "application/xml"
)

// media tells what a file is by what is in it; its name says nothing. "" for what is not kept.
func media(data []byte) string {
	switch {
	case bytes.HasPrefix(bytes.TrimLeft(data[:min(len(data), 64)], "\x00 \t\r\n"), []byte("%PDF-")): // some gateways begin with an empty line
		return mediaPDF
	case bytes.HasPrefix(data, []byte("\xff\xd8\xff")):
		return mediaJPEG
	case bytes.HasPrefix(data, []byte("\x89PNG\r\n\x1a\n")):
		return mediaPNG
	case bytes.HasPrefix(data, []byte("II*\x00")), bytes.HasPrefix(data, []byte("MM\x00*")):
		return mediaTIFF
	}
	text := bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	switch {
	case !readable(text):
		return ""
	case clinicalDocument(text):
		return mediaCCDA
	case bytes.HasPrefix(bytes.TrimLeft(text, " \t\r\n\f"), []byte("<")): // a page, a picture with script: what a browser might run
		return ""
	}
	return mediaText
}

// readable reports whether bytes are text: UTF-8 without control characters that no typewriter has.
func readable(b []byte) bool {
	if len(b) == 0 || !utf8.Valid(b) {
		return false
	}
	for _, c := range b {
		if c < ' ' && c != '\n' && c != '\r' && c != '\t' && c != '\f' || c == 0x7f {
			return false
		}
	}
	return true
}

// clinicalDocument reports whether text is XML whose root is a CDA document. One with a document type, which could define
// entities, is not: CDA has none.
func clinicalDocument(b []byte) bool {
	for {
		b = bytes.TrimLeft(b, " \t\r\n")
		var end []byte
		switch {
		case bytes.HasPrefix(b, []byte("<?")):
			end = []byte("?>")
		case bytes.HasPrefix(b, []byte("<!--")):
			end = []byte("-->")
		default:
			root, ok := bytes.CutPrefix(b, []byte("<"))
			if !ok {
				return false
			}
			tag, _, closed := bytes.Cut(root, []byte(">"))
			name, _, _ := strings.Cut(strings.NewReplacer("\t", " ", "\r", " ", "\n", " ", "/", " ").Replace(string(tag[:min(len(tag), 200)])), " ")
			if _, local, ok := strings.Cut(name, ":"); ok {
				name = local
			}
			return closed && name == "ClinicalDocument" && bytes.Contains(tag, []byte("urn:hl7-org:v3"))
		}
		_, rest, ok := bytes.Cut(b, end)
		if !ok {
			return false
		}
		b = rest
	}
}

// judge says what a file is, or why it is not kept, in a sentence that follows its name.
func judge(data []byte) (kind, why string) {
	if len(data) == 0 {
		return "", "is empty. Choose it again; if it was scanned, scan it again."
	}
	if len(data) > maxFile {
		return "", "is larger than 12 MB. Scan it at 200 dpi or in black and white, or split it."
	}
	kind = media(data)
	switch kind {
	case "":
		return "", "is no file that can be kept, whatever its name says. Kept are " + limits + ". Save it as PDF."
	case mediaPNG, mediaJPEG:
		read := png.DecodeConfig
		if kind == mediaJPEG {
			read = jpeg.DecodeConfig
		}
		c, err := read(bytes.NewReader(data))
		if err != nil {
			return "", "is a damaged picture. Take it again."
		}
		if c.Width <= 0 || c.Height <= 0 || c.Width > maxPixels/c.Height {
			return "", "has more than 50 million pixels. Scan it at 300 dpi."
		}
	}
	return kind, ""
}

// mediaName is a kind of file in words.
func mediaName(kind string) string {
	switch kind {
	case mediaPDF:
		return "PDF"
	case mediaJPEG, mediaPNG, "image/gif", "image/webp":
		return "Picture"
	case mediaTIFF:
		return "TIFF"
	case mediaCCDA, "text/xml":
		return "XML"
	case mediaText:
		return "Text"
	}
	return kind
}

// shown are the kinds of file that a browser may show by itself. Everything else is offered to be kept: a file from elsewhere that runs
// in our pages' place could read the chart.
var shown = map[string]bool{mediaPDF: true, mediaPNG: true, mediaJPEG: true, "image/gif": true, "image/webp": true, mediaText: true}

// pictures are the kinds that stand in the page as a picture.
var pictures = map[string]bool{mediaPNG: true, mediaJPEG: true, "image/gif": true, "image/webp": true}

// signature are the first bytes of the kinds that a browser shows: what is declared to be one and does not begin so is not shown.
func hasSignature(kind string, data []byte) bool {
	switch kind {
	case "image/gif":
		return bytes.HasPrefix(data, []byte("GIF8"))
	case "image/webp":
		return len(data) > 12 && string(data[:4]) == "RIFF" && string(data[8:12]) == "WEBP"
	case mediaText:
		return utf8.Valid(data)
	}
	return media(data) == kind
}
