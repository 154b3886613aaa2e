package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	cd "github.com/chromedp/chromedp"
)

// TestProgramPrint prints a long chart, the front desk's page of the same patient and pages beside the chart, on Letter and A4: every
// sheet says whose it is, and which of how many.
func TestProgramPrint(t *testing.T) {
	newTab(t) // skips where there is no browser
	if _, err := exec.LookPath("pdftotext"); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("pdftotext is not installed: it comes with poppler-utils: %v", err)
		}
		t.Skipf("pdftotext is not installed: it comes with poppler-utils: %v", err)
	}
	bin, dir := build(t), filepath.Join(t.TempDir(), "demo")
	args := []string{"demo", "--patients", "8", "--data", dir, "--addr", "127.0.0.1:0"}
	p := start(t, bin, args...)
	_, own := p.addresses(t, nil)
	p.stop()
	if out, err := exec.Command(bin, "import", "--quiet", "--data", dir, long(t, strings.TrimPrefix(own, "/patients/"))).CombinedOutput(); err != nil {
		t.Fatalf("import: %v\n%.4000s", err, out)
	}
	p = start(t, bin, args...)
	for _, c := range []struct {
		role, page string
		sheets     int    // at least
		opens      string // on the first sheet
		holds      []string
	}{
		{"clinician", own, 3, "Iron deficiency anemia", []string{"Chart summary", "Problem 1 of many", "Problem 90 of many", "Known allergies", "Penicillin", "Recent visits", "Printed"}},
		{"frontdesk", own, 3, "Visit 1 of many", []string{"Contact", "Coverage", "Appointments", "Printed"}},
		{"clinician", own + "/results", 1, "Glucose", []string{"Results", "Glucose", "Printed"}},
		{"clinician", own + "/documents", 1, "Progress note", []string{"Notes and documents", "Printed"}},
		{"patient", own, 3, "Iron deficiency anemia", []string{"Chart summary", "Problem 90 of many"}},
	} {
		t.Run(c.role+notInNames.ReplaceAllString(c.page, "-"), func(t *testing.T) {
			ctx := newTab(t, cd.WithNewBrowserContext())
			p.enter(t, ctx, p.client(t, c.role))
			scheme(t, ctx, "dark") // paper is white all the same
			do(t, ctx, cd.EmulateViewport(1440, 900), cd.Navigate(p.base+c.page), cd.WaitReady("main"))
			ready(t, ctx)
			for name, size := range map[string]cd.PaperSize{"letter": cd.PaperLetter, "a4": cd.PaperA4} {
				pdf, err := cd.Run(ctx, cd.PrintToPDF(cd.PDFPaper(size), cd.PDFPrintBackground()))
				if err != nil {
					t.Fatal(err)
				}
				keep(t, "print-"+c.role+notInNames.ReplaceAllString(c.page, "-")+"-"+name+".pdf", pdf)
				sheets := textOf(t, pdf)
				if len(sheets) < c.sheets {
					t.Errorf("%s: %d sheets, fewer than %d", name, len(sheets), c.sheets)
				}
				for i, sheet := range sheets {
					for _, want := range []string{"OKAFOR, Adaeze", "14-Jul-1968", "MRN 100 482 771", fmt.Sprintf("Page %d of %d", i+1, len(sheets))} {
						if !strings.Contains(sheet, want) {
							t.Errorf("%s: sheet %d of %d does not say %q:\n%.3000s", name, i+1, len(sheets), want, sheet)
						}
					}
					if n := strings.Count(sheet, "Page "); n != 1 {
						t.Errorf("%s: sheet %d is numbered %d times", name, i+1, n)
					}
				}
				if !strings.Contains(sheets[0], c.opens) {
					t.Errorf("%s: the first sheet does not hold %q:\n%.3000s", name, c.opens, sheets[0])
				}
				all := strings.Join(sheets, "\n")
				for _, want := range c.holds {
					if !strings.Contains(all, want) {
						t.Errorf("%s does not hold %q", name, want)
					}
				}
				for _, not := range []string{"Sign out", "Find in chart", "Skip to content", "Ctrl K"} {
					if strings.Contains(all, not) {
						t.Errorf("%s prints %q, which is of the screen alone", name, not)
					}
				}
			}
		})
	}
}

// textOf is what stands on each sheet.
func textOf(t *testing.T, pdf []byte) []string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "sheet.pdf")
	if err := os.WriteFile(file, pdf, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("pdftotext", "-layout", file, "-").Output()
	if err != nil {
		t.Fatal(err)
	}
	spaces := regexp.MustCompile(`[\s\x{a0}]+`)
	var sheets []string
	for _, sheet := range strings.Split(strings.TrimSuffix(string(out), "\f"), "\f") {
		sheets = append(sheets, spaces.ReplaceAllString(sheet, " "))
	}
	return sheets
}

// long is a file that gives the patient many problems and appointments.
func long(t *testing.T, patient string) string {
	t.Helper()
	var b strings.Builder
	for n := 1; n <= 90; n++ {
		fmt.Fprintf(&b, `{"resourceType":"Condition","id":"long-%d","clinicalStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/condition-clinical","code":"active"}]},`+
			`"category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/condition-category","code":"problem-list-item"}]}],"code":{"text":"Problem %d of many"},"subject":{"reference":"Patient/%s"},"onsetDateTime":"2019-05-%02d"}`+"\n", n, n, patient, n%28+1)
		fmt.Fprintf(&b, `{"resourceType":"Appointment","id":"long-a%d","status":"booked","description":"Visit %d of many","start":"2031-01-%02dT%02d:00:00Z","end":"2031-01-%02dT%02d:15:00Z","participant":[{"actor":{"reference":"Patient/%s"},"status":"accepted"}]}`+"\n",
			n, n, n%28+1, 8+n%9, n%28+1, 8+n%9, patient)
	}
	file := filepath.Join(t.TempDir(), "long.ndjson")
	if err := os.WriteFile(file, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}
