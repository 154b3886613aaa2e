package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// result is what a suite came to.
type result struct {
	suite
	tests, passed int
	parts         []string    // what the suite says of itself, a line each
	exceptions    []exception // cases that do not pass, or are not run
	skipped       bool        // the whole suite, because what it needs is missing here
}

// exception is a case that does not pass.
type exception struct{ name, reason string }

// event is a line of go test -json.
type event struct {
	Action, Test, Output string
}

var (
	logged = regexp.MustCompile(`^\s*\S+_test\.go:\d+: (.*)$`)
	said   = regexp.MustCompile(`^conformance: (\d+) of (\d+) (.*)$`)
	named  = regexp.MustCompile(`^conformance exception: (.*?), because (.*)$`)
)

// read reads the output of a suite's test.
func (s *suite) read(in io.Reader) (result, error) {
	r := result{suite: *s}
	ends := map[string]string{} // test -> pass, fail or skip
	why := map[string]string{}  // test -> what it logged last
	talks := map[string]bool{}  // tests that say how many cases they hold
	for d := json.NewDecoder(in); ; {
		var e event
		err := d.Decode(&e)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return r, fmt.Errorf("the output of go test: %w", err)
		}
		if e.Test == "" {
			continue
		}
		switch e.Action {
		case "pass", "fail", "skip":
			ends[e.Test] = e.Action
		case "output":
			m := logged.FindStringSubmatch(strings.TrimRight(e.Output, "\n"))
			if m == nil {
				continue
			}
			why[e.Test] = m[1]
			if m := said.FindStringSubmatch(m[1]); m != nil {
				passed, _ := strconv.Atoi(m[1])
				tests, _ := strconv.Atoi(m[2])
				r.passed, r.tests = r.passed+passed, r.tests+tests
				r.parts = append(r.parts, m[3]+": "+m[1]+" of "+m[2])
				talks[e.Test] = true
			}
			if m := named.FindStringSubmatch(m[1]); m != nil {
				if x := (exception{m[1], m[2]}); !slices.Contains(r.exceptions, x) {
					r.exceptions = append(r.exceptions, x)
				}
			}
		}
	}
	slices.SortFunc(r.exceptions, func(a, b exception) int {
		return cmp.Or(strings.Compare(a.name, b.name), strings.Compare(a.reason, b.reason))
	})
	r.skipped = len(ends) > 0
	for _, test := range sortedKeys(ends) {
		if ends[test] != "skip" {
			r.skipped = false
		}
		if !leaf(test, ends) || within(test, talks) {
			continue
		}
		_, name, _ := strings.Cut(test, "/")
		switch ends[test] {
		case "pass":
			r.tests, r.passed = r.tests+1, r.passed+1
		case "fail":
			r.tests++
			r.exceptions = append(r.exceptions, exception{name, "fails"})
		case "skip":
			if name != "" {
				r.tests++
				r.exceptions = append(r.exceptions, exception{name, why[test]})
			} else {
				r.exceptions = append(r.exceptions, exception{"all", why[test]})
			}
		}
	}
	return r, nil
}

// leaf is true of a test without tests in it.
func leaf(test string, all map[string]string) bool {
	for other := range all {
		if strings.HasPrefix(other, test+"/") {
			return false
		}
	}
	return true
}

// within reports whether a test, or one around it or in it, counts its cases itself.
func within(test string, talks map[string]bool) bool {
	for t := range talks {
		if t == test || strings.HasPrefix(test, t+"/") || strings.HasPrefix(t, test+"/") {
			return true
		}
	}
	return false
}

func sortedKeys(m map[string]string) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
