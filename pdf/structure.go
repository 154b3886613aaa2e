package pdf

import (
	"fmt"
	"strings"
)

// structure is what a screen reader reads a document by: its elements in the order of reading, each with the pieces of the pages that are
// it. Elements leave as they end; what is kept are numbers. (ISO 32000-1, 14.7 and 14.8.)
type structure struct {
	root, document int
	children       []int // of the document
	table          int   // the table or list that rows are added to; 0 outside of one
	list           bool  // it is a list
	rows           []int // of it
	sheet          int   // the page that is being drawn
	marks          []int // the elements of its marked pieces, by their numbers
	parents        []int // for each page, the list of these
}

// element is a part of the document while it is drawn. It has a number as soon as something of it stands on a page.
type element struct {
	tag  string
	id   int
	kids []string
}

// marked draws one line as a piece of an element. A line that another follows ends in a space, so that no two words are read as one.
func (d *Writer) marked(e *element, f *face, x, y, size float64, s string, follows bool) {
	if s == "" {
		return
	}
	if follows && !strings.HasSuffix(s, " ") {
		s += " "
	}
	if e.id == 0 {
		e.id = d.o.reserve()
	}
	e.kids = append(e.kids, fmt.Sprintf("<</Type/MCR/Pg %d 0 R/MCID %d>>", d.sheet, len(d.marks)))
	fmt.Fprintf(&d.page, "/%s <</MCID %d>> BDC\n", e.tag, len(d.marks))
	d.marks = append(d.marks, e.id)
	d.text(f, x, y, size, s)
	d.page.WriteString("EMC\n")
}

// artifact draws what is not read: rules, and what stands on every page.
func (d *Writer) artifact(draw func()) {
	d.page.WriteString("/Artifact BMC\n")
	draw()
	d.page.WriteString("EMC\n")
}

// add ends an element of the document.
func (d *Writer) add(e *element) {
	d.write(e, d.document)
	d.children = append(d.children, e.id)
}

func (d *Writer) write(e *element, parent int) {
	if e.id == 0 {
		e.id = d.o.reserve()
	}
	more := ""
	if e.tag == "TH" {
		more = "/A<</O/Table/Scope/Row>>"
	}
	d.o.write(e.id, fmt.Sprintf("<</Type/StructElem/S/%s/P %d 0 R/K[%s]%s>>", e.tag, parent, strings.Join(e.kids, ""), more))
}

// addRow ends a row of the table, which begins with its first row. Rows of one cell are the items of a list.
func (d *Writer) addRow(cells []element) {
	list := len(cells) == 1
	if d.table != 0 && d.list != list {
		d.endTable()
	}
	if d.table == 0 {
		d.table, d.list = d.o.reserve(), list
		d.children = append(d.children, d.table)
	}
	row := element{tag: "TR", id: d.o.reserve()}
	if list {
		row.tag = "LI"
	}
	for i := range cells {
		d.write(&cells[i], row.id)
		row.kids = append(row.kids, ref(cells[i].id))
	}
	d.write(&row, d.table)
	d.rows = append(d.rows, row.id)
}

// endTable ends the table or list, if rows came last.
func (d *Writer) endTable() {
	if d.table == 0 {
		return
	}
	tag := "Table"
	if d.list {
		tag = "L"
	}
	d.o.write(d.table, fmt.Sprintf("<</Type/StructElem/S/%s/P %d 0 R/K[%s]>>", tag, d.document, refs(d.rows)))
	d.table, d.rows = 0, nil
}

// endPage keeps which element each piece of the page is of.
func (d *Writer) endPage() {
	list := d.o.reserve()
	d.o.write(list, "["+refs(d.marks)+"]")
	d.parents = append(d.parents, list)
}

func (d *Writer) endStructure() {
	parents := d.o.reserve()
	var nums strings.Builder
	for i, list := range d.parents {
		fmt.Fprintf(&nums, "%d %s", i, ref(list))
	}
	d.o.write(parents, "<</Nums["+nums.String()+"]>>")
	d.o.write(d.document, fmt.Sprintf("<</Type/StructElem/S/Document/P %d 0 R/K[%s]>>", d.root, refs(d.children)))
	d.o.write(d.root, fmt.Sprintf("<</Type/StructTreeRoot/K %d 0 R/ParentTree %d 0 R/ParentTreeNextKey %d>>", d.document, parents, len(d.parents)))
}

func ref(id int) string { return fmt.Sprintf("%d 0 R ", id) }

func refs(ids []int) string {
	var b strings.Builder
	for _, id := range ids {
		b.WriteString(ref(id))
	}
	return b.String()
}
