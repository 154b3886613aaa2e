package main

import (
	"archive/tar"
	"bytes"
	"compress/bzip2"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/osler-ehr/osler/fhir"
)

// readCorpus reads transaction bundles.
func readCorpus(path string) (out [][]byte, err error) {
	if info, err := os.Stat(path); err != nil {
		return nil, err
	} else if info.IsDir() {
		files, err := filepath.Glob(filepath.Join(path, "*.json"))
		if err != nil {
			return nil, err
		}
		for _, f := range files {
			b, err := os.ReadFile(f)
			if err != nil {
				return nil, err
			}
			out = append(out, b)
		}
		return out, nil
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	t := tar.NewReader(bzip2.NewReader(f))
	for {
		h, err := t.Next()
		if err == io.EOF {
			return out, nil
		}
		if err != nil {
			return nil, err
		}
		if strings.HasSuffix(h.Name, ".json") {
			b, err := io.ReadAll(t)
			if err != nil {
				return nil, err
			}
			out = append(out, b)
		}
	}
}

// dataset is what the operations draw their parameters from.
type dataset struct {
	names       []string // Type/id of everything ingested
	patients    []string
	families    []string
	given       []string
	births      []string
	identifiers []string
	codes       []string            // LOINC codes of observations
	codesOf     map[string][]string // by patient
}

// ingest posts the bundles with eight clients and collects what came of them. keep, if not nil, is given the answers.
func ingest(ctx context.Context, srv *server, bundles [][]byte, keep func([]json.RawMessage) error) (*dataset, string, error) {
	before, err := srv.usage()
	if err != nil {
		return nil, "", err
	}
	begin := time.Now()
	answers := make([]json.RawMessage, len(bundles))
	next := make(chan int)
	var wg sync.WaitGroup
	var mu sync.Mutex
	var failed error
	for range 8 {
		wg.Go(func() {
			for i := range next {
				req, _ := http.NewRequestWithContext(ctx, "POST", srv.base, bytes.NewReader(bundles[i]))
				req.Header.Set("Content-Type", "application/fhir+json")
				req.Header.Set("Authorization", "Bearer "+srv.token)
				resp, err := srv.client.Do(req)
				if err == nil {
					answers[i], err = io.ReadAll(resp.Body)
					resp.Body.Close()
					if err == nil && resp.StatusCode != 200 {
						err = fmt.Errorf("bundle %d: %s: %.600s", i, resp.Status, answers[i])
					}
				}
				if err != nil {
					mu.Lock()
					failed = err
					mu.Unlock()
				}
			}
		})
	}
	for i := range bundles {
		next <- i
	}
	close(next)
	wg.Wait()
	took := time.Since(begin)
	after, _ := srv.usage()
	if failed != nil {
		return nil, "", failed
	}
	background, err := srv.rest(ctx)
	if err != nil {
		return nil, "", err
	}
	d := &dataset{codesOf: map[string][]string{}}
	if err := d.collectAll(bundles, answers); err != nil {
		return nil, "", err
	}
	if keep != nil {
		if err := keep(answers); err != nil {
			return nil, "", err
		}
	}
	line := fmt.Sprintf("ingest: %.0f resources/s, %.3f CPU ms a resource (8 clients, %d bundles); %.3f CPU ms a resource in the background after it",
		float64(len(d.names))/took.Seconds(), float64((after.cpu-before.cpu).Microseconds())/1000/float64(len(d.names)), len(bundles), float64(background.Microseconds())/1000/float64(len(d.names)))
	return d, line, nil
}

func (d *dataset) collectAll(bundles [][]byte, answers []json.RawMessage) error {
	if len(answers) != len(bundles) {
		return fmt.Errorf("the record that was kept has %d bundles of another corpus", len(answers))
	}
	for i, b := range bundles {
		if err := d.collect(b, answers[i]); err != nil {
			return err
		}
	}
	slices.Sort(d.codes)
	d.codes = slices.Compact(d.codes)
	return nil
}

// collect matches a bundle with the server's answer.
func (d *dataset) collect(bundle, answer []byte) error {
	sent, err := fhir.ParseLarge(bundle)
	if err != nil {
		return err
	}
	got, err := fhir.ParseLarge(answer)
	if err != nil {
		return err
	}
	b, err := fhir.ReadBundle(sent)
	if err != nil {
		return err
	}
	a, err := fhir.ReadBundle(got)
	if err != nil {
		return err
	}
	patient := ""
	for i := range b.Entry {
		t, ok := fhir.ParseReference(a.Entry[i].Response.Location)
		if !ok {
			return fmt.Errorf("no location in the answer's entry %d: %q", i, a.Entry[i].Response.Location)
		}
		d.names = append(d.names, t.Type+"/"+t.ID)
		r := b.Entry[i].Resource
		switch t.Type {
		case "Patient":
			patient = t.ID
			d.patients = append(d.patients, t.ID)
			d.families = append(d.families, r.Path("name", "family").Text())
			d.given = append(d.given, r.Get("name").First().Get("given").First().Text())
			d.births = append(d.births, r.Get("birthDate").Text())
			id := r.Get("identifier").First()
			d.identifiers = append(d.identifiers, id.Get("system").Text()+"|"+id.Get("value").Text())
		case "Observation":
			code := r.Get("code").Get("coding").First().Get("code").Text()
			d.codes = append(d.codes, code)
			d.codesOf[patient] = append(d.codesOf[patient], code)
		}
	}
	return nil
}
