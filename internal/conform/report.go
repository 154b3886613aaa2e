package main

import (
	"bytes"
	"fmt"
	"strings"
)

const introduction = `# Conformance

What Osler is measured by, and how it does. This page is written by ` + "`make conform`" + `, which runs the suites: 17 minutes on two busy cores. The sample
data must stand beside the repository, at ../shared/data, and PostgreSQL's programs be installed; a suite that lacks what it needs says so.
Cases that others have written are run as they are; one that we do not follow is named below with its reason.

| suite | cases | pass | exceptions |
|---|---:|---:|---:|
`

// report writes the page.
func report(results []result) []byte {
	var b bytes.Buffer
	b.WriteString(introduction)
	for _, r := range results {
		if r.skipped {
			fmt.Fprintf(&b, "| %s | not run | | |\n", r.title)
			continue
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %d |\n", r.title, grouped(r.tests), grouped(r.passed), len(r.exceptions))
	}
	for _, r := range results {
		fmt.Fprintf(&b, "\n## %s\n\nSource: %s. Test: `%s` in `%s`.\n", r.title, r.source, strings.Trim(r.test, "^$()"), strings.TrimPrefix(r.pkg, "./"))
		if len(r.parts) > 0 {
			b.WriteByte('\n')
		}
		for _, p := range r.parts {
			b.WriteString("- " + p + "\n")
		}
		if len(r.exceptions) == 0 {
			continue
		}
		b.WriteString("\nExceptions:\n\n")
		for _, e := range r.exceptions {
			fmt.Fprintf(&b, "- `%s`: %s\n", e.name, e.reason)
		}
	}
	return b.Bytes()
}

// grouped writes a number with commas.
func grouped(n int) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
