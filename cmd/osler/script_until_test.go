package main

import (
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// untilCommand asks the server again and again until its answer has a text: what it does in the background takes a while.
func untilCommand(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: until PATH TEXT")
	}
	last := ""
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
		req, err := http.NewRequest(http.MethodGet, ts.Getenv("URL")+args[0], nil)
		ts.Check(err)
		req.Header.Set("Authorization", "Bearer "+ts.Getenv("TOKEN"))
		req.Header.Set("Accept", "application/fhir+json")
		resp, err := http.DefaultClient.Do(req)
		ts.Check(err)
		body, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		ts.Check(err)
		if last = string(body); resp.StatusCode == http.StatusOK && strings.Contains(last, args[1]) {
			return
		}
	}
	ts.Fatalf("%s does not come to say %s: %s", args[0], args[1], last)
}
