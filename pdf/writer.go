package pdf

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/go-fonts/dejavu/dejavusanscondensed"
	"github.com/go-fonts/dejavu/dejavusanscondensedbold"
)

// Size is that of a page, in points of 1/72 inch.
type Size struct{ Width, Height float64 }

// The sizes of paper.
var (
	Letter = Size{612, 792}
	A4     = Size{595.28, 841.89}
)

// Options say what every page carries.
type Options struct {
	Title   string
	Lang    string // such as "en"
	Created time.Time
	Size    Size // Letter if zero
	// Head stands at the top of each page, the first line in bold: whose document it is. What
	// is longer than eight lines of the page is cut.
	Head []string
	// Foot stands at the left of each page's last line: by whom and when it was printed. The number of the page stands at its right.
	Foot string
	// Most is how many pages are written at most; what does not fit is left out and [Writer.Cut] tells so. 0 = 2000.
	Most int
}

const (
	side   = 54.0 // the margin, in points
	top    = 40.0
	bottom = 54.0
)

// mostHead is how many lines one line of the head may become: far more than names have.
const mostHead = 8

// Writer writes one document. Its methods are called in order, by one goroutine; an error shows at Close.
type Writer struct {
	opt     Options
	o       objects
	plain   face
	bold    face
	page    bytes.Buffer
	y       float64 // from the top of the page
	head    []headLine
	pages   []int
	tree    int
	total   int // the form that says how many pages there are
	missing map[rune]bool
	cut     bool
	began   bool
	structure
}

// headLine is a line at the top of each page.
type headLine struct {
	f    *face
	size float64
	text string
}

// fonts are read once: they are part of the program.
var fonts = sync.OnceValue(func() [2]*font {
	var out [2]*font
	for i, data := range [][]byte{dejavusanscondensed.TTF, dejavusanscondensedbold.TTF} {
		f, err := parseFont(data)
		if err != nil {
			panic(err) // a test reads them
		}
		out[i] = f
	}
	return out
})

// New begins a document.
func New(w io.Writer, opt Options) *Writer {
	if opt.Size == (Size{}) {
		opt.Size = Letter
	}
	if opt.Most == 0 {
		opt.Most = 2000
	}
	both := fonts()
	d := &Writer{opt: opt, o: objects{w: w}, missing: map[rune]bool{}}
	d.plain = face{font: both[0], name: "P", title: "DejaVuSansCondensed", codes: map[rune]uint16{}}
	d.bold = face{font: both[1], name: "B", title: "DejaVuSansCondensed-Bold", codes: map[rune]uint16{}}
	for i, line := range opt.Head { // it says whose the page is: it is cut only where it would leave no room for the page
		f, size := &d.plain, 8.5
		if i == 0 {
			f, size = &d.bold, 10.5
		}
		for n, part := range f.wrap(d.clean(f, line), size, opt.Size.Width-2*side) {
			if n == mostHead {
				d.head[len(d.head)-1].text += " …"
				break
			}
			d.head = append(d.head, headLine{f, size, part})
		}
	}
	d.o.printf("%%PDF-1.7\n%%\xe2\xe3\xcf\xd3\n")
	d.tree, d.total, d.plain.id, d.bold.id = d.o.reserve(), d.o.reserve(), d.o.reserve(), d.o.reserve()
	d.root, d.document = d.o.reserve(), d.o.reserve()
	return d
}

// Missing are the characters that could not be drawn, and stand as their numbers.
func (d *Writer) Missing() []rune {
	var out []rune
	for r := range d.missing {
		out = append(out, r)
	}
	slices.Sort(out)
	return out
}

// Pages is how many pages were begun.
func (d *Writer) Pages() int {
	if d.began {
		return len(d.pages) + 1
	}
	return len(d.pages)
}

// Cut reports whether something was left out because the document became too long.
func (d *Writer) Cut() bool { return d.cut }

// Title draws the title of the document.
func (d *Writer) Title(s string) { d.block("H1", &d.bold, s, 16, 20, 0, 6, 40) }

// Heading draws the heading of a part.
func (d *Writer) Heading(s string) { d.block("H2", &d.bold, s, 11.5, 15, 10, 3, 30) }

// Subheading draws the heading of a part of a part.
func (d *Writer) Subheading(s string) { d.block("H3", &d.bold, s, 9.5, 13, 5, 1, 26) }

// Paragraph draws text; its line ends are kept.
func (d *Writer) Paragraph(s string) { d.block("P", &d.plain, s, 9.5, 13, 0, 4, 13) }

// Line draws a line of text, without room below it.
func (d *Writer) Line(s string) { d.block("P", &d.plain, s, 9.5, 13, 0, 0, 13) }

// Note draws small text.
func (d *Writer) Note(s string) { d.block("P", &d.plain, s, 8, 10.5, 0, 3, 10.5) }

// Gap leaves room.
func (d *Writer) Gap(points float64) { d.y += points }

func (d *Writer) block(tag string, f *face, s string, size, lead, before, after, keep float64) {
	d.endTable()
	if d.began && d.y > d.first() {
		d.y += before
	}
	e := element{tag: tag}
	lines := f.wrap(d.clean(f, s), size, d.opt.Size.Width-2*side)
	for i, line := range lines {
		need := lead
		if i == 0 {
			need = max(lead, keep)
		}
		if !d.room(need) {
			break
		}
		d.y += lead
		d.marked(&e, f, side, d.y-lead*.25, size, line, i < len(lines)-1)
	}
	if e.id != 0 {
		d.add(&e)
	}
	d.y += after
}

// Row draws cells beside each other, each wrapped in its column; widths are parts of the line. The first cell is in bold, and the header of
// the others, if it says so. Rows that follow each other are one table.
func (d *Writer) Row(bold bool, widths []float64, cells ...string) {
	const size, lead, gap = 9.0, 12.0, 8.0
	sum := 0.0
	for _, w := range widths {
		sum += w
	}
	whole := d.opt.Size.Width - 2*side
	lines, deep := make([][]string, len(cells)), 0
	face := func(i int) *face {
		if bold && i == 0 {
			return &d.bold
		}
		return &d.plain
	}
	for i, c := range cells {
		lines[i] = face(i).wrap(d.clean(face(i), c), size, whole*widths[i]/sum-gap)
		deep = max(deep, len(lines[i]))
	}
	if deep*int(lead) < 200 && !d.room(float64(deep)*lead) { // a row of usual size stays on one page
		return
	}
	tags := make([]element, len(cells))
	for i := range tags {
		tags[i].tag = "TD"
		if len(cells) == 1 {
			tags[i].tag = "LBody"
		} else if bold && i == 0 {
			tags[i].tag = "TH"
		}
	}
	for n := range deep {
		if !d.room(lead) {
			d.addRow(tags)
			return
		}
		d.y += lead
		x := side
		for i := range cells {
			if n < len(lines[i]) {
				d.marked(&tags[i], face(i), x, d.y-lead*.25, size, lines[i][n], n < len(lines[i])-1)
			}
			x += whole * widths[i] / sum
		}
	}
	d.addRow(tags)
	d.y += 3
	d.artifact(func() {
		fmt.Fprintf(&d.page, ".8 G .4 w %.2f %.2f m %.2f %.2f l S\n", side, d.opt.Size.Height-d.y, d.opt.Size.Width-side, d.opt.Size.Height-d.y)
	})
	d.y += 1
}

// first is where the text of a page begins.
func (d *Writer) first() float64 {
	y := top
	for _, line := range d.head {
		y += line.size + 2.5
	}
	return y + 12
}

// room makes sure of room for some points: on this page, or on a new one. false = the document is as long as it may be.
func (d *Writer) room(need float64) bool {
	if d.cut {
		return false
	}
	if d.began && d.y+need <= d.opt.Size.Height-bottom {
		return true
	}
	if d.began {
		if len(d.pages)+1 >= d.opt.Most {
			d.cut = true
			return false
		}
		d.finish()
	}
	d.began = true
	d.page.Reset()
	d.sheet, d.marks = d.o.reserve(), nil
	d.headOf()
	d.y = d.first()
	return true
}

// headOf draws the head of a page. Of the first page it is read as part of the document: it says whose it is; on the others it is repetition.
func (d *Writer) headOf() {
	y := top
	for _, line := range d.head {
		y += line.size + 2.5
		if len(d.pages) == 0 {
			e := element{tag: "P"}
			d.marked(&e, line.f, side, y, line.size, line.text, false)
			if e.id != 0 {
				d.add(&e)
			}
			continue
		}
		d.artifact(func() { d.text(line.f, side, y, line.size, line.text) })
	}
	d.artifact(func() {
		fmt.Fprintf(&d.page, "0 G .6 w %.2f %.2f m %.2f %.2f l S\n", side, d.opt.Size.Height-y-5, d.opt.Size.Width-side, d.opt.Size.Height-y-5)
	})
}

// fitted is a line that must not be broken: one that is too wide is drawn smaller by whoever sets the page, so it is cut where all can see.
func (d *Writer) fitted(f *face, s string, size, most float64) string {
	s = strings.ReplaceAll(d.clean(f, s), "\n", " ")
	if f.width(s, size) <= most {
		return s
	}
	return s[:f.fit(s, size, most-f.width("…", size))] + "…"
}

// finish writes the page.
func (d *Writer) finish() {
	n := len(d.pages) + 1
	y := d.opt.Size.Height - 30
	label := fmt.Sprintf("Page %d of ", n)
	right := d.opt.Size.Width - side - d.plain.width("0000", 8)
	at := right - d.plain.width(label, 8)
	d.artifact(func() {
		fmt.Fprintf(&d.page, ".6 G .4 w %.2f %.2f m %.2f %.2f l S\n", side, d.opt.Size.Height-y+11, d.opt.Size.Width-side, d.opt.Size.Height-y+11)
		d.text(&d.plain, side, y, 8, d.fitted(&d.plain, d.opt.Foot, 8, at-side-12))
		d.text(&d.plain, at, y, 8, label)
		fmt.Fprintf(&d.page, "q 1 0 0 1 %.2f %.2f cm /N Do Q\n", right, d.opt.Size.Height-y)
	})
	content, page := d.o.reserve(), d.sheet
	d.o.stream(content, "", d.page.Bytes())
	d.o.write(page, fmt.Sprintf("<</Type/Page/Parent %d 0 R/MediaBox[0 0 %.2f %.2f]/Resources<</Font<</P %d 0 R/B %d 0 R>>/XObject<</N %d 0 R>>>>/Contents %d 0 R/StructParents %d/Tabs/S>>",
		d.tree, d.opt.Size.Width, d.opt.Size.Height, d.plain.id, d.bold.id, d.total, content, len(d.pages)))
	d.endPage()
	d.pages = append(d.pages, page)
	d.began = false
}

// text draws one line; y is from the top.
func (d *Writer) text(f *face, x, y, size float64, s string) {
	if s == "" {
		return
	}
	fmt.Fprintf(&d.page, "BT /%s %g Tf %.2f %.2f Td %s Tj ET\n", f.name, size, x, d.opt.Size.Height-y, f.hex(s))
}

func (d *Writer) clean(f *face, s string) string {
	return f.clean(strings.ReplaceAll(s, "\r\n", "\n"), func(r rune) { d.missing[r] = true })
}

// Close writes what is left: the last page, the number of pages, the fonts.
func (d *Writer) Close() error {
	if !d.began && len(d.pages) == 0 {
		d.room(1)
	}
	if d.began {
		d.finish()
	}
	number := fmt.Sprint(len(d.pages))
	d.o.stream(d.total, fmt.Sprintf("/Type/XObject/Subtype/Form/BBox[0 -4 40 12]/Resources<</Font<</P %d 0 R>>>>", d.plain.id), fmt.Appendf(nil, "BT /P 8 Tf %s Tj ET", d.plain.hex(number)))
	var kids strings.Builder
	for _, p := range d.pages {
		fmt.Fprintf(&kids, "%d 0 R ", p)
	}
	d.o.write(d.tree, fmt.Sprintf("<</Type/Pages/Count %d/Kids[%s]>>", len(d.pages), strings.TrimSpace(kids.String())))
	d.plain.write(&d.o)
	d.bold.write(&d.o)
	d.endTable()
	d.endStructure()
	info, root := d.o.reserve(), d.o.reserve()
	d.o.write(info, fmt.Sprintf("<</Title%s/Producer(Osler)/CreationDate(D:%sZ)>>", text16(d.opt.Title), d.opt.Created.UTC().Format("20060102150405")))
	d.o.write(root, fmt.Sprintf("<</Type/Catalog/Pages %d 0 R/Lang%s/MarkInfo<</Marked true>>/StructTreeRoot %d 0 R/ViewerPreferences<</DisplayDocTitle true>>>>", d.tree, text16(d.opt.Lang), d.root))
	d.o.end(root, info)
	return d.o.err
}
