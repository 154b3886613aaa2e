package main

import (
	"bytes"
	"context"
	"encoding/json"
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

	"github.com/osler-ehr/osler/store/postgres/postgrestest"
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
	var cluster *postgrestest.Cluster
	switch s.database {
	case "":
	case "private":
		if cluster, err = postgrestest.Start("shared_buffers=512MB"); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, cluster.Stop()) }()
	default:
		return errors.New("--growth makes databases of its own: SQLite, or --database private")
	}
	for _, size := range s.sizes {
		own := s
		if cluster != nil {
			name := fmt.Sprintf("growth%d", size)
			if err := postgrestest.Exec(cluster.URL("postgres"), "CREATE DATABASE "+name); err != nil {
				return err
			}
			own.database = cluster.URL(name)
		}
		if s.keep != "" {
			own.keep = filepath.Join(s.keep, strconv.Itoa(size))
		}
		g, err := grow(ctx, own, bundles, max(1, size/each), cluster)
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
			fmt.Print(" ratio | p50 ms | ratio of p50 |")
		}
	}
	fmt.Println("\n|---" + strings.Repeat("|---", 4*len(all)-3) + "|")
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
			fmt.Printf(" %.2f | %.2f | %.2f |", median(cpu), median(column(v, func(s sample) float64 { return s.p50 })), median(p50))
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

// grow fills a record, or takes the one that an earlier run has kept.
func grow(ctx context.Context, s settings, bundles [][]byte, patients int, cluster *postgrestest.Cluster) (_ *grown, err error) {
	g := &grown{results: map[string][]sample{}}
	kept := s.keep != "" && exists(filepath.Join(s.keep, "data", "keyring"))
	if kept {
		if g.beneath, err = beneath(s.keep); err != nil {
			return nil, err
		}
	} else {
		practice, err := os.MkdirTemp("", "osler-practice-")
		if err != nil {
			return nil, err
		}
		defer os.RemoveAll(practice)
		if g.beneath, err = generate(ctx, s, practice, patients); err != nil {
			return nil, err
		}
		s.preload = practice
	}
	if g.server, err = startServer(ctx, s); err != nil {
		return nil, err
	}
	g.cluster = cluster
	defer func() {
		if err != nil {
			g.stop()
		}
	}()
	if !kept && s.keep != "" {
		if err := os.WriteFile(filepath.Join(s.keep, beneathFile), []byte(strconv.Itoa(g.beneath)), 0o644); err != nil {
			return nil, err
		}
	}
	if _, err := g.rest(ctx); err != nil {
		return nil, err
	}
	data, line, err := corpus(ctx, g.server, bundles)
	if err != nil {
		return nil, err
	}
	fmt.Printf("%d resources beneath; %s\n", g.beneath, line)
	g.load, g.names = workload(data), data.names
	u, err := g.usage()
	if err != nil {
		return nil, err
	}
	g.peak = u.peak
	if err := g.again(ctx); err != nil { // which folds the write-ahead log into the database
		return nil, err
	}
	g.disk, err = g.space()
	return g, err
}

// What a kept record needs to be measured again: how many resources lie beneath the corpus, and what the server answered to that.
const (
	beneathFile = "beneath"
	answersFile = "answers.json"
)

func beneath(dir string) (int, error) {
	text, err := os.ReadFile(filepath.Join(dir, beneathFile))
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(strings.TrimSpace(string(text)))
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// corpus ingests the bundles, unless the record that was kept has them.
func corpus(ctx context.Context, srv *server, bundles [][]byte) (*dataset, string, error) {
	if srv.s.keep == "" {
		return ingest(ctx, srv, bundles, nil)
	}
	path := filepath.Join(srv.s.keep, answersFile)
	text, err := os.ReadFile(path)
	if err == nil {
		var answers []json.RawMessage
		if err := json.Unmarshal(text, &answers); err != nil {
			return nil, "", err
		}
		d := &dataset{codesOf: map[string][]string{}}
		return d, "the corpus is there already", d.collectAll(bundles, answers)
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return nil, "", err
	}
	return ingest(ctx, srv, bundles, func(answers []json.RawMessage) error {
		text, err := json.Marshal(answers)
		if err != nil {
			return err
		}
		return os.WriteFile(path, text, 0o644)
	})
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
