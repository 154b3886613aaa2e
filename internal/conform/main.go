// Command conform runs the suites by which Osler is measured and writes docs/conformance.md: how many cases of each
// there are, how many pass, and which do not, with the reason.
//
//	go run ./internal/conform          # writes docs/conformance.md
//	go run ./internal/conform -check   # fails where the page does not say what is so
//
// A suite is a test of the project, listed in suites.go. Its cases are counted as its subtests are; a test that
// holds many cases in itself says so in its log instead:
//
//	conformance: 17 of 18 examples of the specification
//	conformance exception: observation-odd, because its value is not one that R4 permits
package main

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"os/exec"
)

func main() {
	page := flag.String("o", "docs/conformance.md", "the page to write")
	check := flag.Bool("check", false, "compare the page with what is so, and write nothing")
	flag.Parse()
	if err := run(*page, *check); err != nil {
		fmt.Fprintln(os.Stderr, "conform:", err)
		os.Exit(1)
	}
}

func run(page string, check bool) error {
	var results []result
	for _, s := range suites {
		fmt.Fprintf(os.Stderr, "%s ...\n", s.title)
		r, err := s.run()
		if err != nil {
			return fmt.Errorf("%s: %w", s.title, err)
		}
		results = append(results, r)
	}
	text := report(results)
	if check {
		have, err := os.ReadFile(page)
		if err != nil {
			return err
		}
		if !bytes.Equal(have, text) {
			return fmt.Errorf("%s is out of date; write it anew with: go run ./internal/conform", page)
		}
		return nil
	}
	return os.WriteFile(page, text, 0o644)
}

// run runs a suite's test. That the test fails is no error: the page says so.
func (s *suite) run() (result, error) {
	cmd := exec.Command("go", "test", "-json", "-count=1", "-timeout=2h", "-run", s.test, s.pkg)
	cmd.Env = append(os.Environ(), "CONFORM=true") // for the whole, where a test run takes a part
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	failed := cmd.Run()
	r, err := s.read(&out)
	if err == nil && r.tests == 0 && !r.skipped {
		err = fmt.Errorf("nothing ran (%v): %s", failed, errs.Bytes())
	}
	return r, err
}
