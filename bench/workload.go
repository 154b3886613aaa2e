package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// operation makes requests of one kind.
type operation struct {
	name string
	// request makes the next request of a client.
	request func(c *client) (method, path string, body []byte)
	want    int // status
}

// client is one of several that ask at the same time.
type client struct {
	rnd    *rand.Rand
	number int
	state  map[string]string
	srv    *server
	count  int
}

func (c *client) pick(from []string) string { return from[c.rnd.IntN(len(from))] }

const heartRate = `{"resourceType":"Observation","status":"final","category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/observation-category","code":"vital-signs","display":"Vital signs"}]}],"code":{"coding":[{"system":"http://loinc.org","code":"8867-4","display":"Heart rate"}],"text":"Heart rate"},"subject":{"reference":"Patient/%s"},"effectiveDateTime":"2026-11-%02dT10:%02d:00Z","issued":"2026-11-24T10:00:00.000Z","valueQuantity":{"value":%d,"unit":"beats/minute","system":"http://unitsofmeasure.org","code":"/min"},"note":[{"text":"Measured at rest, sitting, after five minutes; regular rhythm."}]}`

func workload(d *dataset) []operation {
	get := func(f func(c *client) string) func(c *client) (string, string, []byte) {
		return func(c *client) (string, string, []byte) { return "GET", f(c), nil }
	}
	query := func(typ string, pairs ...string) string {
		v := typ + "?"
		for i := 0; i < len(pairs); i += 2 {
			if i > 0 {
				v += "&"
			}
			v += url.QueryEscape(pairs[i]) + "=" + url.QueryEscape(pairs[i+1])
		}
		return v
	}
	observation := func(c *client, patient string) []byte {
		c.count++
		return fmt.Appendf(nil, heartRate, patient, 1+c.rnd.IntN(28), c.rnd.IntN(60), 50+c.count%70)
	}
	return []operation{
		{"read", get(func(c *client) string { return c.pick(d.names) }), 200},
		{"create", func(c *client) (string, string, []byte) {
			return "POST", "Observation", observation(c, c.pick(d.patients))
		}, 201},
		{"update", func(c *client) (string, string, []byte) {
			id := fmt.Sprintf("bench-%d-%d", c.number, c.rnd.IntN(20))
			patient := d.patients[(c.number*20)%len(d.patients)]
			body := observation(c, patient)
			return "PUT", "Observation/" + id, append([]byte(`{"id":"`+id+`",`), body[1:]...)
		}, 0},
		{"pat_family", get(func(c *client) string { return query("Patient", "family", c.pick(d.families), "_count", "20") }), 200},
		{"pat_name", get(func(c *client) string { return query("Patient", "name", c.pick(d.given), "_count", "20") }), 200},
		{"pat_birth", get(func(c *client) string { return query("Patient", "birthdate", c.pick(d.births), "_count", "20") }), 200},
		{"pat_ident", get(func(c *client) string { return query("Patient", "identifier", c.pick(d.identifiers), "_count", "20") }), 200},
		{"obs_pat_code", get(func(c *client) string {
			p := c.pick(d.patients)
			return query("Observation", "patient", p, "code", "http://loinc.org|"+c.pick(d.codesOf[p]), "_count", "20")
		}), 200},
		{"obs_cat_date", get(func(c *client) string {
			return query("Observation", "patient", c.pick(d.patients), "category", "vital-signs", "date", "ge2010-01-01", "date", "lt2018-01-01", "_sort", "-date", "_count", "50")
		}), 200},
		{"cond_pat", get(func(c *client) string { return query("Condition", "patient", c.pick(d.patients), "_count", "50") }), 200},
		{"enc_incl", get(func(c *client) string {
			return query("Encounter", "patient", c.pick(d.patients), "_include", "Encounter:service-provider", "_revinclude", "Condition:encounter", "_count", "10")
		}), 200},
		{"chain", get(func(c *client) string {
			return query("Observation", "subject:Patient.family", c.pick(d.families), "_count", "20")
		}), 200},
		{"has", get(func(c *client) string {
			return query("Patient", "_has:Observation:patient:code", "http://loinc.org|"+c.pick(d.codes), "_count", "20")
		}), 200},
		{"everything", get(func(c *client) string { return "Patient/" + c.pick(d.patients) + "/$everything" }), 200},
	}
}

// sample is one operation measured in one round.
type sample struct {
	rate, p50, p95, p99, cpu, entries float64
}

var entryMark = []byte(`"fullUrl":`)

func measure(ctx context.Context, srv *server, op operation, n int, s settings) (sample, error) {
	var measuring, stop atomic.Bool
	var mu sync.Mutex
	var took []float64
	var entries, bad, all int
	var firstErr error
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			c := &client{rnd: rand.New(rand.NewPCG(uint64(i), 1)), number: i, srv: srv, state: map[string]string{}}
			var mine []float64
			found, done := 0, 0
			for !stop.Load() {
				method, path, body := op.request(c)
				begin := time.Now()
				status, answer, err := srv.do(ctx, method, path, body)
				d := time.Since(begin)
				if err != nil || op.want != 0 && status != op.want || status >= 400 {
					mu.Lock()
					bad++
					if firstErr == nil {
						firstErr = fmt.Errorf("%s %s: %d %v %.300s", method, path, status, err, answer)
					}
					mu.Unlock()
					return
				}
				done++
				if measuring.Load() {
					mine = append(mine, float64(d.Microseconds())/1000)
					found += bytes.Count(answer, entryMark)
				}
			}
			mu.Lock()
			took = append(took, mine...)
			entries += found
			all += done
			mu.Unlock()
		})
	}
	start, _ := srv.usage()
	time.Sleep(s.warm)
	before, _ := srv.usage()
	measuring.Store(true)
	begin := time.Now()
	time.Sleep(s.measure)
	measuring.Store(false)
	elapsed := time.Since(begin)
	after, _ := srv.usage()
	stop.Store(true)
	wg.Wait()
	if firstErr != nil {
		return sample{}, firstErr
	}
	if len(took) == 0 {
		return sample{}, fmt.Errorf("no request came back in time")
	}
	cpu := float64((after.cpu - before.cpu).Microseconds()) / float64(len(took))
	if op.want != 200 { // what a write has others do afterwards is part of what it costs
		if _, err := srv.rest(ctx); err != nil {
			return sample{}, err
		}
		end, _ := srv.usage()
		cpu = float64((end.cpu - start.cpu).Microseconds()) / float64(all)
	}
	slices.Sort(took)
	at := func(q float64) float64 { return took[min(len(took)-1, int(q*float64(len(took))))] }
	k := float64(len(took))
	return sample{rate: k / elapsed.Seconds(), p50: at(0.5), p95: at(0.95), p99: at(0.99), cpu: cpu / 1000, entries: float64(entries) / k}, nil
}

func (v *server) do(ctx context.Context, method, path string, body []byte) (int, []byte, error) {
	var r io.Reader
	if body != nil {
		r = bytes.NewReader(body)
	}
	req, err := http.NewRequestWithContext(ctx, method, v.base+"/"+path, r)
	if err != nil {
		return 0, nil, err
	}
	if v.token != "" { // pages have a cookie instead
		req.Header.Set("Authorization", "Bearer "+v.token)
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/fhir+json")
		req.Header.Set("Prefer", "return=minimal")
	}
	resp, err := v.client.Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	return resp.StatusCode, answer, err
}
