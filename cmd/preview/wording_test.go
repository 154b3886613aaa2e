package main

import (
	"bytes"
	"html"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// amounts are units in which doses are said. A laboratory value keeps its trailing zeros: its unit is a quotient, such as mg/dL.
const amounts = `(?:mg|mcg|micrograms?|g|grams?|mL|units?|tablets?|capsules?|puffs?|drops?|patch(?:es)?)`

// misread are forms in which amounts and dates are read wrongly. (The Joint Commission's official list of abbreviations not to use; the
// Institute for Safe Medication Practices' list of error-prone abbreviations, for the micro sign.)
var misread = map[string]*regexp.Regexp{
	"a trailing zero":         regexp.MustCompile(`\b\d+\.\d*0\s?` + amounts + `\b(?:[^/\pL]|$)`),
	"a naked decimal":         regexp.MustCompile(`(?:^|[\s(])\.\d+\s?(?:%|` + amounts + `\b)`),
	"U or IU for units":       regexp.MustCompile(`\b\d[\d,.]*\s?(?:U|IU|u|iu)(?:[\s,.;)](?:[^/]|$)|$)`),
	"QD or QOD":               regexp.MustCompile(`(?i)\bq\.?o?\.?d\b\.?`),
	"MS for a drug":           regexp.MustCompile(`\bM(?:g)?SO4\b|\b\d\s?mg\s+MS\b|\bMS\s+\d+\s?mg\b`),
	"the micro sign":          regexp.MustCompile(`[µμ]g\b`),
	"a date in figures alone": regexp.MustCompile(`\b\d{1,2}/\d{1,2}/(?:\d{4}|\d{2})\b`),
}

// TestMisread holds the forms themselves against what they must find, and must not.
func TestMisread(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"lisinopril 5.0 mg by mouth", "a trailing zero"},
		{"take 1.50 tablets", "a trailing zero"},
		{"DOSE 2.0 mL", "a trailing zero"},
		{"creatinine 1.20 mg/dL", ""},
		{"lisinopril 10 mg", ""},
		{"0.5 mg", ""},
		{"version 2.0 gives", ""},
		{"give .5 mg", "a naked decimal"},
		{"(.25 mL)", "a naked decimal"},
		{"insulin 10 U at bedtime", "U or IU for units"},
		{"10U", "U or IU for units"},
		{"vitamin D 1,000 IU, daily", "U or IU for units"},
		{"ALT 32 U/L", ""},
		{"insulin 10 units", ""},
		{"lisinopril QD", "QD or QOD"},
		{"every other day, q.o.d.", "QD or QOD"},
		{"MSO4 given", "MS for a drug"},
		{"75 µg", "the micro sign"},
		{"75 micrograms", ""},
		{"seen 01/02/2026", "a date in figures alone"},
		{"seen 1/2/26", "a date in figures alone"},
		{"BP 120/80, 14-Jul-1968", ""},
	} {
		got := ""
		for name, form := range misread {
			if form.MatchString(c.text) {
				got = name
			}
		}
		if got != c.want {
			t.Errorf("%q has %q, want %q", c.text, got, c.want)
		}
	}
}

var (
	unread   = regexp.MustCompile(`(?s)<(?:script|style)\b.*?</(?:script|style)>|<!--.*?-->`)
	spoken   = regexp.MustCompile(` (?:title|aria-label|placeholder|value|alt)="([^"]*)"`)
	anyTag   = regexp.MustCompile(`<[^>]*>`)
	pdfBegin = []byte("%PDF-")
)

// wording is what a person reads of a page or a print, as pieces of text; what is neither has none.
func wording(t *testing.T, body string) []string {
	t.Helper()
	if bytes.HasPrefix([]byte(body), pdfBegin) {
		if _, err := exec.LookPath("pdftotext"); err != nil {
			return nil // TestProgramPrint says so
		}
		return textOf(t, []byte(body))
	}
	if !strings.Contains(body, "<html") {
		return nil
	}
	body = strings.ReplaceAll(body, "7/14/1968, 14-Jul-1968", "14-Jul-1968") // the hint that says how a date may be typed
	body = unread.ReplaceAllString(body, " ")
	var out []string
	for _, m := range spoken.FindAllStringSubmatch(body, -1) {
		out = append(out, html.UnescapeString(m[1]))
	}
	return append(out, strings.Join(strings.Fields(html.UnescapeString(anyTag.ReplaceAllString(body, " "))), " "))
}

// readRightly reports what on a page or a print could be misread.
func readRightly(t *testing.T, where, body string) {
	t.Helper()
	for name, form := range misread {
		var found []string
		for _, text := range wording(t, body) {
			for _, at := range form.FindAllStringIndex(text, -1) {
				found = append(found, strings.ToValidUTF8(text[max(0, at[0]-40):min(len(text), at[1]+20)], ""))
			}
		}
		slices.Sort(found)
		if found = slices.Compact(found); len(found) > 0 {
			t.Errorf("%s holds %s: %q", where, name, found)
		}
	}
}
