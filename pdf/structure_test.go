package pdf_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/osler-ehr/osler/pdf"
)

// structureOf is what a screen reader is told of a document, as poppler reads it: a line for each element, its depth before it and its text
// behind it.
func structureOf(t *testing.T, data []byte) string {
	t.Helper()
	if _, err := exec.LookPath("pdfinfo"); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("pdfinfo is not installed: it comes with poppler-utils: %v", err)
		}
		t.Skipf("pdfinfo is not installed: it comes with poppler-utils: %v", err)
	}
	file := filepath.Join(t.TempDir(), "tagged.pdf")
	if err := os.WriteFile(file, data, 0o600); err != nil {
		t.Fatal(err)
	}
	var faults bytes.Buffer
	cmd := exec.Command("pdfinfo", "-struct-text", file)
	cmd.Stderr = &faults
	out, err := cmd.Output()
	if err != nil || faults.Len() > 0 {
		t.Fatalf("pdfinfo: %v %s", err, faults.String())
	}
	if about, err := exec.Command("pdfinfo", file).Output(); err != nil || !strings.Contains(strings.Join(strings.Fields(string(about)), " "), "Tagged: yes") {
		t.Errorf("%v, not tagged: %s", err, about)
	}
	return string(out)
}

func tagged(t *testing.T, draw func(*pdf.Writer)) []byte {
	t.Helper()
	var b bytes.Buffer
	d := pdf.New(&b, pdf.Options{Title: "Visit summary", Lang: "en", Created: time.Date(2026, 11, 25, 10, 0, 0, 0, time.UTC), Head: []string{"OKAFOR, Adaeze", "Harbor Street"}, Foot: "Printed"})
	draw(d)
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestStructure: headings, text, lists and tables are told apart, in the order in which they are read; what repeats on every page is not read.
func TestStructure(t *testing.T) {
	got := structureOf(t, tagged(t, func(d *pdf.Writer) {
		d.Title("Visit summary")
		d.Heading("Medicines")
		d.Row(true, []float64{2, 3}, "metFORMIN 500 mg", "1 tablet by mouth twice daily with meals "+strings.Repeat("and water ", 20))
		d.Row(true, []float64{2, 3}, "lisinopril 10 mg", "1 tablet by mouth daily")
		d.Heading("To do")
		d.Row(true, []float64{1}, "Eye examination")
		d.Row(true, []float64{1}, "Blood test")
		d.Row(false, []float64{1, 1}, "Phone", "")
		d.Subheading("More")
		d.Paragraph("Call us.")
		d.Note("Small print.")
	}))
	want := strings.Join([]string{
		`Document`,
		` P`, `  "OKAFOR, Adaeze"`,
		` P`, `  "Harbor Street"`,
		` H1`, `  "Visit summary"`,
		` H2`, `  "Medicines"`,
		` Table`,
		`  TR`, `   TH /Scope /Row`, `    "metFORMIN 500 mg"`, `   TD`, `    "1 tablet by mouth twice daily with meals ` + strings.TrimSpace(strings.Repeat("and water ", 20)) + `"`,
		`  TR`, `   TH /Scope /Row`, `    "lisinopril 10 mg"`, `   TD`, `    "1 tablet by mouth daily"`,
		` H2`, `  "To do"`,
		` L`,
		`  LI`, `   LBody`, `    "Eye examination"`,
		`  LI`, `   LBody`, `    "Blood test"`,
		` Table`,
		`  TR`, `   TD`, `    "Phone"`, `   TD`,
		` H3`, `  "More"`,
		` P`, `  "Call us."`,
		` P`, `  "Small print."`,
	}, "\n")
	if got = plainTree(got); got != want {
		t.Errorf("read as\n%s\nwant\n%s", got, want)
	}
}

// TestStructureOfManyPages: a document of many pages is read once, in order, and a paragraph that goes over a page is one.
func TestStructureOfManyPages(t *testing.T) {
	long := strings.TrimSpace(strings.Repeat("word ", 3000))
	got := plainTree(structureOf(t, tagged(t, func(d *pdf.Writer) {
		for i := range 150 {
			d.Row(true, []float64{1, 1}, fmt.Sprintf("Line %d", i), "value")
		}
		d.Paragraph(long)
		d.Paragraph("The end.")
	})))
	last := -1
	for i := range 150 {
		at := strings.Index(got, fmt.Sprintf("%q", fmt.Sprintf("Line %d", i)))
		if at <= last {
			t.Fatalf("line %d is read at %d, the one before it at %d", i, at, last)
		}
		last = at
	}
	for text, times := range map[string]int{" Table": 1, "  TR": 150, fmt.Sprintf("%q", long): 1, "OKAFOR": 1, "Printed": 0, "Page": 0, `"The end."`: 1} {
		if n := strings.Count(got, text); n != times {
			t.Errorf("%.40q is read %d times, want %d", text, n, times)
		}
	}
}

// TestACutDocumentIsTagged: what is left out leaves no element behind that cannot be read.
func TestACutDocumentIsTagged(t *testing.T) {
	var b bytes.Buffer
	d := pdf.New(&b, pdf.Options{Title: "x", Lang: "en", Most: 2})
	for i := range 300 {
		d.Row(true, []float64{1, 1}, fmt.Sprintf("Line %d", i), strings.Repeat("value ", i))
	}
	d.Paragraph("Not there.")
	if err := d.Close(); err != nil || !d.Cut() {
		t.Fatalf("%v, cut: %t", err, d.Cut())
	}
	if got := structureOf(t, b.Bytes()); !strings.Contains(got, "Line 9") || strings.Contains(got, "Not there") {
		t.Errorf("read as %.2000s", got)
	}
}

// plainTree is the tree with one space for each level, and the pieces of one text put together.
func plainTree(s string) string {
	var out []string
	for line := range strings.Lines(s) {
		text := strings.TrimSuffix(strings.TrimSuffix(strings.TrimSpace(line), " (block)"), ":")
		last := len(out) - 1
		piece, quoted := strings.CutPrefix(text, `"`)
		switch {
		case text == "":
		case strings.HasPrefix(text, "/"):
			out[last] += " " + text
		case quoted && last >= 0 && strings.HasSuffix(out[last], `"`):
			out[last] = strings.TrimSuffix(out[last], `"`) + piece
		default:
			out = append(out, strings.Repeat(" ", (len(line)-len(strings.TrimLeft(line, " ")))/2)+text)
		}
	}
	return strings.Join(out, "\n")
}
