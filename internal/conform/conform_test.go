package main

import (
	"strings"
	"testing"
)

func TestReadAndReport(t *testing.T) {
	output := strings.Join([]string{
		`{"Action":"start","Package":"p"}`,
		`{"Action":"run","Test":"TestA"}`,
		`{"Action":"output","Test":"TestA/one","Output":"    a_test.go:3: fine\n"}`,
		`{"Action":"pass","Test":"TestA/one"}`,
		`{"Action":"output","Test":"TestA/two","Output":"    a_test.go:7: the suite is wrong here\n"}`,
		`{"Action":"skip","Test":"TestA/two"}`,
		`{"Action":"fail","Test":"TestA/three/deep"}`,
		`{"Action":"fail","Test":"TestA/three"}`,
		`{"Action":"fail","Test":"TestA"}`,
		`{"Action":"output","Test":"TestB/x","Output":"    b_test.go:9: conformance: 1998 of 2000 examples\n"}`,
		`{"Action":"output","Test":"TestB/x","Output":"    b_test.go:9: conformance exception: odd: thing, because it is odd: very\n"}`,
		`{"Action":"pass","Test":"TestB/x/inner"}`,
		`{"Action":"pass","Test":"TestB/x"}`,
		`{"Action":"pass","Test":"TestB"}`,
		`{"Action":"fail","Package":"p"}`,
	}, "\n")
	s := suite{title: "Example", source: "here", pkg: "./p", test: "^TestX$"}
	r, err := s.read(strings.NewReader(output))
	if err != nil {
		t.Fatal(err)
	}
	if r.tests != 2003 || r.passed != 1999 || len(r.exceptions) != 3 || r.skipped {
		t.Errorf("%+v", r)
	}
	page := string(report([]result{r}))
	for _, want := range []string{"| Example | 2,003 | 1,999 | 3 |", "- `two`: the suite is wrong here", "- `three/deep`: fails", "- `odd: thing`: it is odd: very", "- examples: 1998 of 2000", "`TestX` in `p`"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not say %q:\n%s", want, page)
		}
	}
	if r, err = s.read(strings.NewReader(`{"Action":"output","Test":"T","Output":"    a_test.go:3: no data\n"}` + "\n" + `{"Action":"skip","Test":"T"}`)); err != nil || !r.skipped {
		t.Errorf("a suite that is not run: %+v, %v", r, err)
	}
	if _, err = s.read(strings.NewReader("FAIL")); err == nil {
		t.Error("what is no output of go test was accepted")
	}
}
