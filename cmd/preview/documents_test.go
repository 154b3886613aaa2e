package main

import (
	"image"
	"image/png"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	cd "github.com/chromedp/chromedp"
)

// paper is the first document of the patient that is no note: one that may be corrected.
func (p program) paper(t *testing.T, c *http.Client, own string) string {
	t.Helper()
	_, _, list := p.get(t, c, own+"/documents")
	for _, link := range linksOf(list) {
		if !strings.HasPrefix(link, own+"/documents/") || strings.HasSuffix(link, "/new") {
			continue
		}
		if _, _, body := p.get(t, c, link); strings.Contains(body, `href="`+link+`/edit"`) {
			return link
		}
	}
	t.Fatal("the patient has notes alone")
	return ""
}

// TestDocumentsInBrowser files a fax that came in, within a budget, and the next one opens; it adds files to a chart, one of which is not
// what its name says, and turns a picture by its key.
func TestDocumentsInBrowser(t *testing.T) {
	ctx := newTab(t, cd.WithNewBrowserContext())
	p := demo(t)
	p.enter(t, ctx, p.client(t, "clinician"))
	_, own, _ := p.get(t, p.client(t, "patient"), "/")
	faults := listen(t, ctx, p.base)
	do(t, ctx, cd.EmulateViewport(1440, 900), cd.Navigate(p.base+"/documents"), cd.WaitReady("html.js"))
	b := &budget{t: t, ctx: ctx}
	b.begin()
	b.commands, b.keys = 1, 1 // a click
	do(t, ctx, cd.Click(".incoming-queue li:nth-child(3) a"))
	b.until(workOpen+` && document.activeElement?.name === 'proposal'`, "the form opens beside the fax, at the patient whom it names")
	b.press(" ", false)
	b.enter(true, 0)
	b.until(`document.getElementById('toasts').innerText.includes('filed in the chart of OKAFOR, Adaeze, to be read by All clinicians')`, "it is filed")
	b.spent("file a fax that names its patient", 2, 3)
	b.until(`document.querySelector('#work input[name=title]')?.value === 'Special offer on printer toner' && document.querySelector('#work iframe') !== null`, "the oldest opens next, its PDF in a frame")
	b.until(`document.querySelectorAll('.incoming-queue > li').length === 3 && window.anew === 1`, "the queue behind it is one shorter")
	do(t, ctx, cd.SendKeys("#work input[name=reason]", "Advertising"), cd.Click("#work button[name=discard]"))
	b.until(`document.getElementById('toasts').innerText.includes('discarded') && document.querySelector('#work .picture-stage img')?.naturalWidth === 220`, "it is discarded, and a picture comes next")
	do(t, ctx, cd.Click("#work [data-view=turn]"), cd.Click("#work [data-view=larger]"))
	b.until(`document.querySelector('#work [data-view-says]').innerText === '150 %, turned 90°' && getComputedStyle(document.querySelector('#work .picture-stage img')).transform === 'matrix(0, 1, -1, 0, 0, 0)'`, "it is turned and enlarged")

	dir := t.TempDir()
	page, picture := filepath.Join(dir, "letter.pdf"), filepath.Join(dir, "Left foot.png")
	if err := os.WriteFile(page, []byte("<html><script>alert(1)</script>"), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := os.Create(picture)
	if err == nil {
		err = png.Encode(f, image.NewGray(image.Rect(0, 0, 40, 20)))
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	do(t, ctx, cd.Navigate(p.base+own+"/documents"), cd.WaitReady("html.js"), cd.KeyEvent("d"))
	b.until(workOpen, "d opens the form for files")
	do(t, ctx, cd.SetUploadFiles("#files", []string{page, picture}), cd.SetValue("#work select[name=kind]", "photo"), cd.Click(".work-foot .btn-primary"))
	b.until(`document.querySelector('#work .field-error')?.innerText.includes('“letter.pdf” is no file that can be kept') === true`, "what is no PDF is refused")
	if n := eval[int](t, ctx, `document.querySelector('#files').files.length`); n != 2 {
		t.Errorf("%d files are chosen still, not 2", n)
	}
	do(t, ctx, cd.SetUploadFiles("#files", []string{picture}), cd.Click(".work-foot .btn-primary"))
	b.until(workClosed+` && document.getElementById('toasts').innerText.includes('Left foot added to the chart of')`, "the picture is kept")
	b.until(`document.querySelector('.document-row')?.innerText.includes('Left foot') === true`, "the list shows it")
	do(t, ctx, cd.Click(".document-row"), cd.WaitReady("html.js .picture-stage"))
	b.until(`document.querySelector('.picture-stage img')?.naturalWidth === 40`, "the picture is shown")
	do(t, ctx, cd.KeyEvent("r"), cd.KeyEvent("r"))
	b.until(`document.querySelector('[data-view-says]').innerText === '100 %, turned 180°'`, "r turns it")
	for _, fault := range faults() {
		t.Error(fault)
	}
}
