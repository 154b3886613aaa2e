package main

import (
	"context"
	"fmt"
	"slices"
)

// compare measures two programs side by side, each with a record of its own: every operation with the one, then with the other, round
// after round, so that what else the machine does meanwhile falls on both. It reports medians and the median of the rounds' ratios.
func compare(ctx context.Context, s settings, bundles [][]byte) error {
	programs := []string{s.osler, s.against}
	servers := make([]*server, len(programs))
	loads := make([][]operation, len(programs))
	for i, program := range programs {
		own := s
		own.osler, own.keep = program, ""
		srv, err := startServer(ctx, own)
		if err != nil {
			return fmt.Errorf("%s: %w", program, err)
		}
		defer srv.stop()
		data, line, err := ingest(ctx, srv, bundles, nil)
		if err != nil {
			return fmt.Errorf("%s: %w", program, err)
		}
		fmt.Printf("%s: %s\n", program, line)
		servers[i], loads[i] = srv, workload(data)
	}
	fmt.Printf("\n| operation | clients | %s: CPU ms | %s: CPU ms | CPU, first to second | req/s, first to second |\n|---|---|---|---|---|---|\n", programs[0], programs[1])
	for at, op := range loads[0] {
		if s.ops != nil && !slices.Contains(s.ops, op.name) {
			continue
		}
		for _, n := range s.clients {
			var cpu [2][]float64
			var ratio, rate []float64
			for round := range s.rounds {
				var got [2]sample
				for k := range servers {
					i := (round + k) % 2 // the one and the other go first
					var err error
					if got[i], err = measure(ctx, servers[i], loads[i][at], n, s); err != nil {
						return fmt.Errorf("%s with %d clients on %s: %w", op.name, n, programs[i], err)
					}
					cpu[i] = append(cpu[i], got[i].cpu)
				}
				ratio, rate = append(ratio, got[0].cpu/got[1].cpu), append(rate, got[0].rate/got[1].rate)
			}
			fmt.Printf("| %s | %d | %.3f | %.3f | %.2f | %.2f |\n", op.name, n, median(cpu[0]), median(cpu[1]), median(ratio), median(rate))
		}
	}
	return nil
}

func median(v []float64) float64 {
	v = slices.Clone(v)
	slices.Sort(v)
	return v[len(v)/2]
}
