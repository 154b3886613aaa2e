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
const amounts = `(?:mg|mcg|micrograms?|g|grams?|mL|mEq|units?|tablets?|capsules?|puffs?|sprays?|drops?|patch(?:es)?|lozenges?|suppositor(?:y|ies)|sachets?|packets?|` +
	`ampules?|vials?|syringes?|pens?|inhalations?|injections?|applications?|teaspoons?|tablespoons?|doses?|refills?)`

// times are units of time, as directions, courses and ages say them.
const times = `(?:seconds?|minutes?|min|hours?|h|hrs?|days?|d|nights?|weeks?|wks?|months?|mos?|years?|yrs?|y|times)`

const months = `(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)`

// misread are forms in which amounts, times and dates are read wrongly. (The Joint Commission's official list of abbreviations not to use;
// the Institute for Safe Medication Practices' list of error-prone abbreviations, for the micro sign, cc and the abbreviated times.)
var misread = map[string]*regexp.Regexp{
	"a trailing zero":         regexp.MustCompile(`\b\d+\.\d*0\s?(?:` + amounts + `|` + times + `)\b(?:[^/\pL]|$)`),
	"a naked decimal":         regexp.MustCompile(`(?:^|[\s(])\.\d+\s?(?:%|` + amounts + `\b|` + times + `\b)`),
	"U or IU for units":       regexp.MustCompile(`\b\d[\d,.]*\s?(?:U|IU|u|iu)(?:[\s,.;)](?:[^/]|$)|$)`),
	"QD or QOD":               regexp.MustCompile(`(?i)\bq\.?o?\.?d\b\.?`),
	"an abbreviated time":     regexp.MustCompile(`(?i)\b(?:qhs|q\.?h\.?s\.|tiw|biw|qn|qid\.?|tid\.?|bid\.?)\b`),
	"cc for mL":               regexp.MustCompile(`\b\d\s?cc\b`),
	"MS for a drug":           regexp.MustCompile(`\bM(?:g)?SO4\b|\b\d\s?mg\s+MS\b|\bMS\s+\d+\s?mg\b`),
	"the micro sign":          regexp.MustCompile(`[µμ]g\b`),
	"a date in figures alone": regexp.MustCompile(`\b\d{1,2}([/.-])\d{1,2}[/.-](?:\d{4}|\d{2})\b`),
	"a year of two figures":   regexp.MustCompile(`\b(?:\d{1,2}[- ])?` + months + `-\d{2}\b(?:[^\d]|$)`),
	"one of several":          regexp.MustCompile(`(?:^|[^\d.,/:–-])1 (?:tablets|capsules|puffs|drops|patches|doses|refills|minutes|hours|days|weeks|months|years|times)\b`),
	"an age of nothing":       regexp.MustCompile(`\b0 ?(?:y|years?)(?: old)?\)|\bage 0\b`),
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
		{"seen 03-04-2026", "a date in figures alone"},
		{"seen 3.4.26", "a date in figures alone"},
		{"seen 2026-03-04", ""},
		{"due Mar-26", "a year of two figures"},
		{"born 03-Apr-26", "a year of two figures"},
		{"due Mar-2026, seen 03-Apr-2026", ""},
		{"BP 120/80, 14-Jul-1968", ""},
		{"every 2.0 hours", "a trailing zero"},
		{"for 10.0 days", "a trailing zero"},
		{"aged 2.50 years", "a trailing zero"},
		{"1.0 lozenge", "a trailing zero"},
		{"every 2.5 hours, 10 days", ""},
		{"weight 72.50 kg, 1.20 g/dL, 2.0 mL/min", ""},
		{"every .5 hours", "a naked decimal"},
		{"take 1 tablets", "one of several"},
		{"for 1 days", "one of several"},
		{"every 1 day, 11 tablets, 2–1 days, 0.1 days", ""},
		{"5 cc by mouth", "cc for mL"},
		{"zolpidem qhs", "an abbreviated time"},
		{"take 1 tablet BID", "an abbreviated time"},
		{"(0 y)", "an age of nothing"},
		{"(10 y)", ""},
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
