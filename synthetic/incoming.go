package synthetic

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
)

// received is a document that came in and is not filed yet: nobody's.
type received struct {
	id, title, from string
	by              *concept // how it came
	kind            string   // media type
	file            string
	ago             int // minutes
}

const sourceSystem = "https://osler.example/fhir/CodeSystem/document-source"

var (
	byFax  = coded(sourceSystem, "fax", "Fax", "")
	byMail = coded(sourceSystem, "mail", "Mail", "")
)

// queue are the documents that wait to be filed.
func (w *practice) queue() []received {
	if w.castSize() < 4 { // they are about people of the cast
		return nil
	}
	return []received{
		{"incoming-1", "Special offer on printer toner", "+1 555 010 0999", byFax, "application/pdf", pdf([]string{"TONER WORLD", "Save 40 % on all cartridges this week only.", "To stop these faxes, dial 9."}), 26 * 60},
		{"incoming-2", "Insurance card, front", "", byMail, "image/png", cardPicture(), 5 * 60},
		{"incoming-3", "Emergency department note", countyHospital.name, byFax, "text/plain", "COUNTY HOSPITAL, EMERGENCY DEPARTMENT\n\n" +
			"Patient: OKAFOR, Adaeze        DOB: 07/14/1968\nSeen:    " + (w.today - 3).human() + "\n\n" +
			"Twisted the left ankle on a step. Weight bearing. Swelling over the lateral malleolus, no bony tenderness.\n" +
			"No imaging needed by the Ottawa rules. Elastic bandage, paracetamol as needed, avoid ibuprofen.\n\n" +
			"Follow up with the family practice in one week.\n", 50},
		{"incoming-4", "Fax, 1 page", "Harbor Imaging", byFax, "application/pdf", pdf([]string{"Harbor Imaging", "Re: Luis Ibarra, born 11-Feb-1974", "Chest, two views.", "Heart and lungs normal. No effusion."}), 20},
	}
}

// incoming writes them, each with its file.
func (w *practice) incoming(out *writer) {
	for _, x := range w.queue() {
		out.resource("Binary", x.id+"-file", "")
		out.text("contentType", x.kind)
		out.base64("data", x.file)
		out.finish()
		out.resource("DocumentReference", x.id, "")
		out.text("status", "current")
		out.concepts("category", x.by)
		out.time("date", w.now.plus(-x.ago))
		if x.from != "" {
			out.array("author")
			out.object("")
			out.text("display", x.from)
			out.end()
			out.endArray()
		}
		out.text("description", x.title)
		out.array("content")
		out.object("")
		out.object("attachment")
		out.text("contentType", x.kind)
		out.text("url", "Binary/"+x.id+"-file")
		out.int("size", len(x.file))
		out.text("title", x.title)
		out.end()
		out.end()
		out.endArray()
		out.finish()
	}
}

// cardPicture is a picture of a card, lying on its side: bars where the words would be. It is not compressed, so that it is the same
// with every version of the compressor.
func cardPicture() string {
	card := image.NewPaletted(image.Rect(0, 0, 220, 340), color.Palette{color.White, color.Gray{0x40}, color.RGBA{0x2a, 0x6f, 0xbb, 0xff}, color.Gray{0xc8}})
	bar := func(x0, y0, x1, y1 int, c uint8) {
		for y := y0; y < y1; y++ {
			for x := x0; x < x1; x++ {
				card.SetColorIndex(x, y, c)
			}
		}
	}
	bar(0, 0, 220, 340, 3)
	bar(10, 10, 210, 330, 0)
	bar(170, 10, 210, 330, 2)
	for i, length := range []int{220, 160, 190, 120} {
		bar(130-i*30, 30, 142-i*30, 30+length, 1)
	}
	var b bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.NoCompression}).Encode(&b, card); err != nil {
		panic(err) // a buffer takes everything
	}
	return b.String()
}
