package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/osler-ehr/osler/store/postgres/postgrestest"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// settings of a run.
type settings struct {
	osler, against   string
	database, corpus string
	clients          []int
	ops              []string
	rounds           int
	measure, warm    time.Duration
	keep, preload    string
	charts, growth   bool
	sizes            []int
}

func parse(args []string) (s settings, err error) {
	f := flag.NewFlagSet("bench", flag.ContinueOnError)
	f.StringVar(&s.osler, "osler", "./osler", "the program to measure")
	f.StringVar(&s.against, "against", "", "another program, to be measured alternately with the first, on SQLite: what a change gives, on a machine that does other work too")
	f.StringVar(&s.database, "database", "", "PostgreSQL address of an empty database, or \"private\" for a server of its own; SQLite if not given")
	f.StringVar(&s.corpus, "corpus", "../shared/data/synthea/bench-48.tar.bz2", "transaction bundles: a .tar.bz2 or a folder")
	clients := f.String("clients", "1,8,32,64,256", "numbers of clients")
	ops := f.String("ops", "", "only these operations, separated by commas")
	f.IntVar(&s.rounds, "rounds", 4, "interleaved rounds; medians are reported")
	f.DurationVar(&s.measure, "measure", 1200*time.Millisecond, "how long an operation is measured in each round")
	f.DurationVar(&s.warm, "warm", 300*time.Millisecond, "warm-up before that")
	f.StringVar(&s.keep, "keep", "", "keep the record in this folder; with --growth, take those that an earlier run kept there")
	f.StringVar(&s.preload, "preload", "", "folder of NDJSON to import first, such as osler generate writes: to see how cost grows with the record")
	f.BoolVar(&s.charts, "charts", false, "measure the pages of charts in a synthetic practice instead, on SQLite")
	f.BoolVar(&s.growth, "growth", false, "measure how costs grow with the record instead, on SQLite or a private PostgreSQL, with the first number of clients (8 if not given)")
	sizes := f.String("sizes", "10000,100000,1000000", "with --growth: how many resources lie beneath the corpus")
	if err := f.Parse(args); err != nil {
		return s, err
	}
	given := false
	f.Visit(func(f *flag.Flag) { given = given || f.Name == "clients" })
	if s.growth && !given {
		*clients = "8"
	}
	if s.clients, err = numbers("clients", *clients); err != nil {
		return s, err
	}
	if s.sizes, err = numbers("sizes", *sizes); err != nil {
		return s, err
	}
	if *ops != "" {
		s.ops = strings.Split(*ops, ",")
	}
	return s, nil
}

func numbers(option, text string) (out []int, err error) {
	for _, c := range strings.Split(text, ",") {
		n, err := strconv.Atoi(c)
		if err != nil || n < 1 {
			return nil, fmt.Errorf("--%s: %q is not a number of them", option, c)
		}
		out = append(out, n)
	}
	return out, nil
}

func run(ctx context.Context, args []string) (err error) {
	s, err := parse(args)
	if err != nil {
		return err
	}
	if s.charts {
		return charts(ctx, s)
	}
	bundles, err := readCorpus(s.corpus)
	if err != nil {
		return fmt.Errorf("corpus: %w", err)
	}
	if s.growth {
		return growth(ctx, s, bundles)
	}
	if s.against != "" {
		s.database = ""
		return compare(ctx, s, bundles)
	}
	var cluster *postgrestest.Cluster
	if s.database == "private" {
		if cluster, err = postgrestest.Start("shared_buffers=512MB"); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, cluster.Stop()) }()
		if err := postgrestest.Exec(cluster.URL("postgres"), "CREATE DATABASE bench"); err != nil {
			return err
		}
		s.database = cluster.URL("bench")
	}
	srv, err := startServer(ctx, s)
	if err != nil {
		return err
	}
	srv.cluster = cluster
	defer srv.stop()
	idle, _ := srv.usage()
	fmt.Printf("ready in %d ms, %d MB resident idle\n\n", srv.startup.Milliseconds(), idle.rss>>20)

	data, line, err := ingest(ctx, srv, bundles, nil)
	if err != nil {
		return err
	}
	fmt.Println(line)
	after, _ := srv.usage()
	fmt.Printf("%d resources, %d MB resident after ingest (peak %d MB)\n\n", len(data.names), after.rss>>20, after.peak>>20)

	results := map[string]map[int][]sample{}
	operations := workload(data)
	for range s.rounds {
		for _, op := range operations {
			if s.ops != nil && !slices.Contains(s.ops, op.name) {
				continue
			}
			for _, n := range s.clients {
				got, err := measure(ctx, srv, op, n, s)
				if err != nil {
					return fmt.Errorf("%s with %d clients: %w", op.name, n, err)
				}
				if results[op.name] == nil {
					results[op.name] = map[int][]sample{}
				}
				results[op.name][n] = append(results[op.name][n], got)
			}
		}
	}
	report(operations, results, s.clients)
	end, _ := srv.usage()
	fmt.Printf("\n%d MB resident at the end (peak %d MB)\n", end.rss>>20, end.peak>>20)
	if err := srv.restart(ctx); err != nil {
		return err
	}
	if s.database == "" {
		// Stopping has folded the write-ahead log into the database, which holds what the operations wrote too.
		fmt.Printf("%d bytes on disk at the end\n", srv.diskSize())
	}
	return nil
}

func report(ops []operation, results map[string]map[int][]sample, clients []int) {
	fmt.Println("| operation | clients | req/s | p50 ms | p95 ms | p99 ms | CPU ms | entries |")
	fmt.Println("|---|---|---|---|---|---|---|---|")
	for _, op := range ops {
		for _, n := range clients {
			rounds := results[op.name][n]
			if len(rounds) == 0 {
				continue
			}
			med := func(f func(sample) float64) float64 {
				v := make([]float64, len(rounds))
				for i, r := range rounds {
					v[i] = f(r)
				}
				return median(v)
			}
			fmt.Printf("| %s | %d | %.0f | %.2f | %.2f | %.2f | %.3f | %.1f |\n", op.name, n,
				med(func(s sample) float64 { return s.rate }), med(func(s sample) float64 { return s.p50 }), med(func(s sample) float64 { return s.p95 }),
				med(func(s sample) float64 { return s.p99 }), med(func(s sample) float64 { return s.cpu }), med(func(s sample) float64 { return s.entries }))
		}
	}
}
