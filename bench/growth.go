package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// grown is a server with so many resources of a synthetic practice beneath the corpus.
type grown struct {
	*server
	beneath int
	load    []operation
	names   []string // of the corpus
	peak    int64    // resident, while the corpus was ingested
	disk    int64    // bytes, with both in it
	results map[string][]sample
}

// growth measures how the cost of an operation grows with the record. It fills a record for each size with a synthetic practice, puts the
// same corpus on top of each, and asks all of them the same questions, round after round in turn, so that what else the machine does
// falls on all sizes alike. What should not grow has ratios near 1.
func growth(ctx context.Context, s settings, bundles [][]byte) (err error) {
	s.database, s.keep = "", ""
	n := s.clients[0]
	each, err := resourcesPerPatient(ctx, s)
	if err != nil {
		return err
	}
	var all []*grown
	defer func() {
		for _, g := range all {
			g.stop()
		}
	}()
	for _, size := range s.sizes {
		g, err := grow(ctx, s, bundles, max(1, size/each))
		if err != nil {
			return fmt.Errorf("%d resources: %w", size, err)
		}
		all = append(all, g)
	}
	operations := all[0].load
	for range s.rounds {
		for i, op := range operations {
			if s.ops != nil && !slices.Contains(s.ops, op.name) {
				continue
			}
			for _, g := range all {
				got, err := measure(ctx, g.server, g.load[i], n, s)
				if err != nil {
					return fmt.Errorf("%s above %d resources: %w", op.name, g.beneath, err)
				}
				g.results[op.name] = append(g.results[op.name], got)
			}
		}
	}
	fmt.Printf("\nCPU ms of the server for each request, %d clients, in records of different sizes:\n\n| |", n)
	for i, g := range all {
		fmt.Printf(" %d resources |", g.beneath+len(g.names))
		if i > 0 {
			fmt.Print(" ratio | ratio of p50 |")
		}
	}
	fmt.Println("\n|---" + strings.Repeat("|---", 3*len(all)-2) + "|")
	for _, op := range operations {
		first := all[0].results[op.name]
		if len(first) == 0 {
			continue
		}
		fmt.Printf("| %s |", op.name)
		for i, g := range all {
			v := g.results[op.name]
			fmt.Printf(" %.3f |", median(column(v, func(s sample) float64 { return s.cpu })))
			if i == 0 {
				continue
			}
			cpu, p50 := make([]float64, len(v)), make([]float64, len(v))
			for k := range v { // the rounds' own ratios: each was measured side by side
				cpu[k], p50[k] = v[k].cpu/first[k].cpu, v[k].p50/first[k].p50
			}
			fmt.Printf(" %.2f | %.2f |", median(cpu), median(p50))
		}
		fmt.Println()
	}
	return footprint(ctx, all)
}

// footprint tells what each record needs: bytes, memory, and time to start.
func footprint(ctx context.Context, all []*grown) error {
	fmt.Println("\n| resources | bytes on disk for each | resident while the corpus came, peak | resident after the start | start to ready, ms: least, median of 5 |")
	fmt.Println("|---|---|---|---|---|")
	for _, g := range all {
		resources := int64(g.beneath + len(g.names))
		var starts []float64
		var idle usage
		for range 5 {
			if err := g.again(ctx); err != nil {
				return err
			}
			starts = append(starts, float64(g.startup.Microseconds())/1000)
			var err error
			if idle, err = g.usage(); err != nil {
				return err
			}
		}
		fmt.Printf("| %d | %d | %d MB | %d MB | %.0f, %.0f |\n", resources, g.disk/resources, g.peak>>20, idle.rss>>20, slices.Min(starts), median(starts))
	}
	return nil
}

func grow(ctx context.Context, s settings, bundles [][]byte, patients int) (*grown, error) {
	practice, err := os.MkdirTemp("", "osler-practice-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(practice)
	beneath, err := generate(ctx, s, practice, patients)
	if err != nil {
		return nil, err
	}
	s.preload = practice
	srv, err := startServer(ctx, s)
	if err != nil {
		return nil, err
	}
	g := &grown{server: srv, beneath: beneath, results: map[string][]sample{}}
	if _, err := srv.rest(ctx); err != nil {
		return nil, err
	}
	data, line, err := ingest(ctx, srv, bundles)
	if err != nil {
		srv.stop()
		return nil, err
	}
	fmt.Printf("%d resources beneath; %s\n", beneath, line)
	g.load, g.names = workload(data), data.names
	u, err := srv.usage()
	g.peak = u.peak
	if err == nil {
		err = srv.again(ctx) // which folds the write-ahead log into the database
	}
	g.disk = srv.diskSize()
	return g, err
}

// generate writes a practice and counts its resources.
func generate(ctx context.Context, s settings, dir string, patients int) (resources int, err error) {
	if out, err := exec.CommandContext(ctx, s.osler, "generate", "--patients", strconv.Itoa(patients), "--out", dir).CombinedOutput(); err != nil {
		return 0, fmt.Errorf("osler generate: %w: %s", err, out)
	}
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(path) != ".ndjson" {
			return err
		}
		n, err := lines(path)
		resources += n
		return err
	})
	return resources, err
}

func resourcesPerPatient(ctx context.Context, s settings) (int, error) {
	dir, err := os.MkdirTemp("", "osler-practice-")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(dir)
	const patients = 200
	n, err := generate(ctx, s, dir, patients)
	return max(1, n/patients), err
}

func lines(path string) (n int, err error) {
	f, err := os.Open(path)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	for buf := make([]byte, 1<<20); ; {
		k, err := f.Read(buf)
		n += bytes.Count(buf[:k], []byte{'\n'})
		switch {
		case errors.Is(err, io.EOF):
			return n, nil
		case err != nil:
			return n, err
		}
	}
}

func column(v []sample, f func(sample) float64) []float64 {
	out := make([]float64, len(v))
	for i, s := range v {
		out[i] = f(s)
	}
	return out
}
