package main

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/osler-ehr/osler/store/postgres/postgrestest"
)

// TestKilledReindex kills a server again and again while it indexes by a search parameter that was defined when the data
// was there already, and while others write. It goes on where it was, never answers with less than there is, and comes to
// an end.
func TestKilledReindex(t *testing.T) {
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		killReindex(t, []string{"--data", filepath.Join(t.TempDir(), "record")}, 3000)
	})
	t.Run("postgresql", func(t *testing.T) {
		cluster := postgrestest.Require(t)
		t.Parallel()
		killReindex(t, []string{"--data", filepath.Join(t.TempDir(), "record"), "--database", cluster.URL("postgres")}, 1200)
	})
}

const colouredEyes = `{"resourceType":"Patient","id":"p%d","extension":[{"url":"http://example.org/eye","valueCode":%q}]}` + "\n"

func killReindex(t *testing.T, where []string, patients int) {
	var people strings.Builder
	for i := range patients {
		fmt.Fprintf(&people, colouredEyes, i, []string{"blue", "brown"}[i%2])
	}
	file := filepath.Join(t.TempDir(), "people.ndjson")
	if err := os.WriteFile(file, []byte(people.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	osler(t, append([]string{"init", "--organization", "Hill Street Practice"}, where...)...)
	osler(t, append([]string{"import", "--quiet", file}, where...)...)
	token := strings.TrimSpace(osler(t, append([]string{"token", "--ttl", "24h", "--scopes", "system/*.cruds"}, where[:2]...)...))
	random := dice(t)
	brown, killed, under := patients/2, 0, 0
	for round := 0; ; round++ {
		if round == 100 {
			t.Fatal("it does not come to an end")
		}
		var b background
		url, err := startServer(&b, "", cleanEnv(), append([]string{"osler", "serve", "--log-level", "error", "--addr", "127.0.0.1:0"}, where...)...)
		if err != nil {
			t.Fatal(err)
		}
		c := &client{base: url + "/fhir", token: token, http: &http.Client{Timeout: 30 * time.Second}}
		if round == 0 {
			parameter := `{"resourceType":"SearchParameter","id":"eye","url":"http://example.org/SearchParameter/eye","name":"Eye","status":"active","description":"x","code":"eye","base":["Patient"],"type":"token","expression":"Patient.extension('http://example.org/eye').value.ofType(code)"}`
			if status, body, err := c.send("PUT", "/SearchParameter/eye", []byte(parameter)); err != nil || status != 201 {
				t.Fatalf("%d %s %v", status, body, err)
			}
		}
		// Somebody changes colours meanwhile: of what is indexed already, and of what is not yet.
		for range 3 {
			n := random.IntN(patients)
			status, _, err := c.send("PUT", fmt.Sprintf("/Patient/p%d", n), fmt.Appendf(nil, colouredEyes, n, "green"))
			if err != nil || status != 200 {
				t.Fatalf("%d %v", status, err)
			}
		}
		status, body, err := c.send("GET", "/Patient?eye=blue,brown,green&_summary=count", nil)
		switch {
		case err != nil:
			t.Fatal(err)
		case status == 200:
			if !strings.Contains(string(body), fmt.Sprintf(`"total":%d`, patients)) {
				t.Errorf("it is said to be indexed, and finds %s", body)
			}
			b.end(syscall.SIGTERM)
			verified(t, where)
			t.Logf("%d of %d kills while indexing was under way; %d patients, %d had brown eyes", under, killed, patients, brown)
			if under == 0 {
				t.Error("no kill met the indexing: that proves nothing")
			}
			return
		case status != 409 || !strings.Contains(string(body), "still being indexed"):
			t.Fatalf("%d %s", status, body)
		}
		time.Sleep(between(random, 100*time.Millisecond, 1200*time.Millisecond))
		if status, body, err := c.send("GET", "/$reindex", nil); err == nil && status == 200 && strings.Contains(string(body), `"valueCode":"indexing"}`) {
			under++
		}
		b.end(syscall.SIGKILL)
		killed++
		if strings.Contains(b.stderr.String(), "panic") {
			t.Errorf("the server panicked: %s", b.stderr.String())
		}
	}
}
