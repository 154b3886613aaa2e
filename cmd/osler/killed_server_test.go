package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/osler-ehr/osler/store/postgres/postgrestest"
)

// TestKilledServer kills a server again and again while programs write into it, and starts it anew. A journal holds every answer that
// was received before a kill: all of it must be there afterwards, unchanged; what was not yet answered must be there whole or not at
// all, and once at most.
func TestKilledServer(t *testing.T) {
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		killServers(t, []string{"--data", filepath.Join(t.TempDir(), "record")}, kills(t))
	})
	t.Run("postgresql", func(t *testing.T) {
		cluster := postgrestest.Require(t)
		t.Parallel()
		killServers(t, []string{"--data", filepath.Join(t.TempDir(), "record"), "--database", cluster.URL("postgres")}, (kills(t)+2)/3)
	})
}

func killServers(t *testing.T, where []string, n int) {
	random := dice(t)
	osler(t, append([]string{"init", "--organization", "Hill Street Practice"}, where...)...)
	token := strings.TrimSpace(osler(t, append([]string{"token", "--ttl", "24h", "--scopes", "system/*.cruds"}, where[:2]...)...))
	j := &writeLog{acked: map[string]acknowledged{}}
	var starts []time.Duration
	// A busy machine answers little between two kills: it is killed oftener then, until enough was answered to prove something.
	kills := n
	for round := 0; round <= kills; round++ {
		var b background
		began := time.Now()
		url, err := startServer(&b, "", cleanEnv(), append([]string{"osler", "serve", "--log-level", "error", "--addr", "127.0.0.1:0"}, where...)...)
		if err != nil {
			t.Fatal(err)
		}
		starts = append(starts, time.Since(began))
		c := &client{base: url + "/fhir", token: token, http: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 8}, Timeout: 30 * time.Second}}
		if round == kills && j.answers < 10*n && kills < 20*n {
			kills++
		}
		last := round == kills
		j.check(t, c, last)
		if last || t.Failed() {
			b.end(syscall.SIGTERM)
			break
		}
		timer := time.AfterFunc(between(random, 5*time.Millisecond, 1000*time.Millisecond), func() { b.process.Process.Kill() })
		var writers sync.WaitGroup
		for w := range 4 {
			d := rand.New(rand.NewPCG(random.Uint64(), 1))
			writers.Go(func() { j.write(t, c, fmt.Sprintf("%d-%d", round, w), d) })
		}
		writers.Wait()
		timer.Stop()
		b.end(syscall.SIGKILL)
		if strings.Contains(b.stderr.String(), "panic") {
			t.Errorf("the server panicked: %s", b.stderr.String())
		}
	}
	verified(t, where)
	slices.Sort(starts)
	t.Logf("%d kills, %d answers in the journal, %d requests unanswered; ready again within %v, half of the times within %v",
		kills, j.answers, j.unanswered, starts[len(starts)-1].Round(time.Millisecond), starts[len(starts)/2].Round(time.Millisecond))
	if j.answers < 10*n || len(j.acked) == 0 {
		t.Errorf("only %d writes were answered in %d rounds: that proves nothing", j.answers, kills)
	}
}

// writeLog is what the server has acknowledged, and what it was asked when it died.
type writeLog struct {
	mu                  sync.Mutex
	acked               map[string]acknowledged // by type and id
	open                []unanswered            // of the last round
	fresh               []string                // acknowledged in the last round
	answers, unanswered int
}

// acknowledged is the last answer about a resource.
type acknowledged struct {
	body    []byte // the document as the server answered it
	pending bool   // a newer version was sent and not answered: it may be there or not
}

// unanswered is a request without an answer: it made all of these identifiers, or none.
type unanswered []string

func (j *writeLog) ack(name string, body []byte) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.answers++
	j.acked[name] = acknowledged{body: body}
	j.fresh = append(j.fresh, name)
}

func (j *writeLog) lost(u unanswered, pending string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.unanswered++
	if u != nil {
		j.open = append(j.open, u)
	}
	if a, ok := j.acked[pending]; ok {
		a.pending = true
		j.acked[pending] = a
	}
}

// write writes until the server dies: patients, new versions of them, transactions of three.
func (j *writeLog) write(t *testing.T, c *client, writer string, d *rand.Rand) {
	var mine []string
	for i := 0; ; i++ {
		id := fmt.Sprintf("%s-%d", writer, i)
		switch dice := d.IntN(10); {
		case dice < 5 || len(mine) == 0:
			status, body, err := c.send(http.MethodPost, "/Patient", patient("", id, "First"))
			if err != nil {
				j.lost(unanswered{id}, "")
				return
			}
			name := "Patient/" + idOf(body)
			if status != http.StatusCreated {
				t.Errorf("POST Patient: %d %s", status, body)
				return
			}
			j.ack(name, body)
			mine = append(mine, name)
		case dice < 8:
			name := mine[d.IntN(len(mine))]
			status, body, err := c.send(http.MethodPut, "/"+name, patient(strings.TrimPrefix(name, "Patient/"), id, "Changed"))
			if err != nil {
				j.lost(nil, name)
				return
			}
			if status != http.StatusOK {
				t.Errorf("PUT %s: %d %s", name, status, body)
				return
			}
			j.ack(name, body)
		default:
			three := unanswered{id + "a", id + "b", id + "c"}
			status, body, err := c.send(http.MethodPost, "", transaction(three))
			if err != nil {
				j.lost(three, "")
				return
			}
			var answer struct {
				Entry []struct{ Resource json.RawMessage }
			}
			if err := json.Unmarshal(body, &answer); err != nil || status != http.StatusOK || len(answer.Entry) != len(three) {
				t.Errorf("transaction: %d %v %s", status, err, body)
				return
			}
			for _, e := range answer.Entry {
				j.ack("Patient/"+idOf(e.Resource), e.Resource)
			}
		}
	}
}

// check compares what the server has with the journal: what the last round wrote, or everything.
func (j *writeLog) check(t *testing.T, c *client, everything bool) {
	t.Helper()
	names := j.fresh
	if everything {
		names = names[:0]
		for name := range j.acked {
			names = append(names, name)
		}
	}
	for _, name := range names {
		a := j.acked[name]
		status, body, err := c.send(http.MethodGet, "/"+name, nil)
		switch {
		case err != nil:
			t.Fatal(err)
		case status != http.StatusOK:
			t.Errorf("%s was acknowledged and is lost: %d", name, status)
		case !bytes.Equal(body, a.body) && !a.pending:
			t.Errorf("%s is not what was acknowledged\n got %s\nwant %s", name, body, a.body)
		case a.pending: // from now on it is the one or the other for good
			j.acked[name] = acknowledged{body: body}
		}
	}
	for _, u := range j.open {
		found := 0
		for _, id := range u {
			n := c.count(t, id)
			if n > 1 {
				t.Errorf("identifier %s is there %d times", id, n)
			}
			found += n
		}
		if found != 0 && found != len(u) {
			t.Errorf("%d of %d resources of a transaction are there", found, len(u))
		}
	}
	j.fresh, j.open = nil, nil
}

// client is a program that speaks FHIR.
type client struct {
	base, token string
	http        *http.Client
}

// send returns an error if no whole answer came.
func (c *client) send(method, path string, body []byte) (int, []byte, error) {
	req, err := http.NewRequest(method, c.base+path, bytes.NewReader(body))
	if err != nil {
		return 0, nil, err
	}
	req.Header.Set("Authorization", "Bearer "+c.token)
	req.Header.Set("Content-Type", "application/fhir+json")
	req.Header.Set("Prefer", "return=representation")
	resp, err := c.http.Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	return resp.StatusCode, answer, err
}

// count is how many patients have an identifier.
func (c *client) count(t *testing.T, id string) int {
	t.Helper()
	status, body, err := c.send(http.MethodGet, "/Patient?_summary=count&identifier="+url.QueryEscape("urn:example:killed|"+id), nil)
	var answer struct{ Total *int }
	if err = errors.Join(err, json.Unmarshal(body, &answer)); err != nil || status != http.StatusOK || answer.Total == nil {
		t.Fatalf("search for %s: %d %v %s", id, status, err, body)
	}
	return *answer.Total
}

func idOf(body []byte) string {
	var r struct{ ID string }
	_ = json.Unmarshal(body, &r) // an empty id fails where it is used
	return r.ID
}

func patient(id, identifier, family string) []byte {
	if id != "" {
		id = fmt.Sprintf(`"id":%q,`, id)
	}
	return fmt.Appendf(nil, `{"resourceType":"Patient",%s"identifier":[{"system":"urn:example:killed","value":%q}],"name":[{"family":%q}]}`, id, identifier, family)
}

func transaction(identifiers []string) []byte {
	var entries []string
	for _, id := range identifiers {
		entries = append(entries, fmt.Sprintf(`{"resource":%s,"request":{"method":"POST","url":"Patient"}}`, patient("", id, "Together")))
	}
	return fmt.Appendf(nil, `{"resourceType":"Bundle","type":"transaction","entry":[%s]}`, strings.Join(entries, ","))
}
