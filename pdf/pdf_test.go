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

	"pgregory.net/rapid"

	"github.com/osler-ehr/osler/pdf"
)

var now = time.Date(2026, 11, 23, 10, 22, 0, 0, time.UTC)

// text is what pdftotext reads in a document, page after page.
func text(t testing.TB, doc []byte) []string {
	t.Helper()
	if _, err := exec.LookPath("pdftotext"); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("pdftotext is missing: install poppler-utils")
		}
		t.Skip("pdftotext is missing: install poppler-utils")
	}
	name := filepath.Join(t.TempDir(), "x.pdf")
	if err := os.WriteFile(name, doc, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("pdftotext", "-layout", name, "-").CombinedOutput()
	if err != nil || bytes.Contains(out, []byte("Syntax Error")) {
		t.Fatalf("pdftotext: %v %s", err, out)
	}
	return strings.Split(strings.TrimSuffix(string(out), "\f"), "\f")
}

func make1(t testing.TB, opt pdf.Options, draw func(*pdf.Writer)) ([]byte, *pdf.Writer) {
	t.Helper()
	var b bytes.Buffer
	opt.Created = now
	d := pdf.New(&b, opt)
	draw(d)
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes(), d
}

func squeeze(s string) string { return strings.Join(strings.Fields(s), " ") }

// names are written in every script that must come out whole, letter by letter.
var names = []string{
	"NGUYỄN, Thị Hương", "ŁUKASIEWICZ, Żółć", "ÓLAFSSON, Þórður", "ĐẶNG, Văn Ước", "ȘERBAN, Ștefăniță", "MÜLLER-LÜDENSCHEIDT, Götz", "O’BRIEN, Seán", "ŐRY, Ödön", "ĢIRTS, Ņikita",
	"ΠΑΠΑΔΟΠΟΎΛΟΥ, Αϊκατερίνη", "ИВАНОВА, Ёлка Щукина", "ЇЖАКЕВИЧ, Ґалаґан", "ЂУРЂЕВИЋ, Љиљана Њ.", "Տիգրան Պետրոսյան", "ŽIŽEK, Čedomir", "İĞDIR, Şükrü Işık", "ABBÉ, N'Golo Ọlá Ẹniọlá",
}

func TestNamesComeOutWhole(t *testing.T) {
	doc, d := make1(t, pdf.Options{Title: "Names", Lang: "en", Head: []string{strings.Join(names[:4], " / "), "born 14-Jul-1968"}}, func(d *pdf.Writer) {
		for _, n := range names {
			d.Paragraph(n)
			d.Row(true, []float64{1, 1}, n, n)
		}
	})
	if m := d.Missing(); len(m) > 0 {
		t.Errorf("not drawn: %q", m)
	}
	got := squeeze(text(t, doc)[0])
	for _, n := range names {
		if c := strings.Count(got, n); c < 3 {
			t.Errorf("%s comes out %d times, want at least 3: %s", n, c, got)
		}
	}
}

// TestLookalikes makes sure that what looks the same in two scripts is copied as it was written.
func TestLookalikes(t *testing.T) {
	doc, _ := make1(t, pdf.Options{}, func(d *pdf.Writer) { d.Paragraph("AΑА oοо Ωμ µ") })
	if got := squeeze(text(t, doc)[0]); !strings.Contains(got, "AΑА oοо Ωμ µ") {
		t.Errorf("got %q", got)
	}
}

func TestWhatCannotBeDrawnIsSeen(t *testing.T) {
	doc, d := make1(t, pdf.Options{Head: []string{"王, 小明"}}, func(d *pdf.Writer) { d.Paragraph("محمد Levi לוי 🙂 e\u0301") })
	got := squeeze(text(t, doc)[0])
	for _, want := range []string{"[U+738B], [U+5C0F][U+660E]", "[U+0645][U+062D][U+0645][U+062F]", "Levi", "[U+1F642]", "é"} {
		if !strings.Contains(got, want) {
			t.Errorf("without %s: %s", want, got)
		}
	}
	if n := len(d.Missing()); n != 10 {
		t.Errorf("%d characters are told of: %q", n, d.Missing())
	}
}

func TestEveryPageSaysWhoseItIs(t *testing.T) {
	doc, d := make1(t, pdf.Options{Head: []string{"OKAFOR, Adaeze", "born 14-Jul-1968, MRN 100 482 771"}, Foot: "Printed 23-Nov-2026, 10:22 by Dr Priya Rao"}, func(d *pdf.Writer) {
		d.Title("Chart")
		for i := range 200 {
			d.Row(true, []float64{1, 3}, fmt.Sprint("Row ", i), strings.Repeat("words and more words ", 1+i%9))
		}
	})
	pages := text(t, doc)
	if len(pages) < 5 || len(pages) != d.Pages() {
		t.Fatalf("%d pages, the writer says %d", len(pages), d.Pages())
	}
	all := ""
	for i, p := range pages {
		for _, want := range []string{"OKAFOR, Adaeze", "born 14-Jul-1968, MRN 100 482 771", "Printed 23-Nov-2026, 10:22 by Dr Priya Rao", fmt.Sprintf("Page %d of %d", i+1, len(pages))} {
			if !strings.Contains(squeeze(p), want) {
				t.Errorf("page %d is without %q: %s", i+1, want, p)
			}
		}
		all += p
	}
	for i := range 200 {
		if !strings.Contains(all, fmt.Sprint("Row ", i)) {
			t.Errorf("row %d is lost", i)
		}
	}
}

func TestABoundedDocumentSaysSo(t *testing.T) {
	doc, d := make1(t, pdf.Options{Most: 3}, func(d *pdf.Writer) {
		for range 1000 {
			d.Paragraph("line")
		}
	})
	if !d.Cut() || len(text(t, doc)) != 3 {
		t.Errorf("cut %t, %d pages", d.Cut(), len(text(t, doc)))
	}
	same, _ := make1(t, pdf.Options{Most: 3}, func(d *pdf.Writer) {
		for range 1000 {
			d.Paragraph("line")
		}
	})
	if !bytes.Equal(doc, same) {
		t.Error("the same document comes out differently")
	}
	empty, _ := make1(t, pdf.Options{}, func(*pdf.Writer) {})
	if n := len(text(t, empty)); n != 1 {
		t.Errorf("an empty document has %d pages", n)
	}
}

// TestAWordOfManyMegabytes draws what has no place to break it, as content that was pasted as text has: the work grows as the text does, or this
// does not end within the time of a test.
func TestAWordOfManyMegabytes(t *testing.T) {
	_, d := make1(t, pdf.Options{Most: 5}, func(d *pdf.Writer) {
		d.Paragraph(strings.Repeat("A", 4<<20))
		d.Row(false, []float64{1, 9}, strings.Repeat("B", 1<<20), "C")
	})
	if !d.Cut() || d.Pages() != 5 {
		t.Errorf("cut %t, %d pages", d.Cut(), d.Pages())
	}
}

// TestAHeadLeavesRoom: however long the name is that stands on each page, what the page says is on it.
func TestAHeadLeavesRoom(t *testing.T) {
	doc, d := make1(t, pdf.Options{Head: []string{strings.Repeat("Long Name ", 3000), "Born 1951 " + strings.Repeat("x", 30_000)}}, func(d *pdf.Writer) {
		for i := range 10 {
			d.Paragraph(fmt.Sprint("What is said, ", i))
		}
	})
	all := squeeze(strings.Join(text(t, doc), " "))
	for i := range 10 {
		if !strings.Contains(all, fmt.Sprint("What is said, ", i)) {
			t.Errorf("line %d is not to be seen", i)
		}
	}
	if d.Pages() != 1 || !strings.Contains(all, "Born 1951") || !strings.Contains(all, "…") {
		t.Errorf("%d pages: %.300s", d.Pages(), all)
	}
}

// TestAnyText draws whatever people may type: every character comes out, or stands as its number.
func TestAnyText(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		s := rapid.StringN(0, 300, -1).Draw(rt, "text")
		_, d := make1(t, pdf.Options{Head: []string{s}, Foot: s, Title: s}, func(d *pdf.Writer) {
			d.Heading(s)
			d.Paragraph(s)
			d.Row(true, []float64{1, 2}, s, s)
		})
		if d.Pages() == 0 {
			rt.Fatal("no page")
		}
	})
}
