// Command dictionary trains the compression dictionary of record/body on the synthetic practice.
//
//	go run ./internal/dictionary -out record/body/dictionary1.bin
//
// A dictionary that has been released must never change: documents were packed with it. To improve on it,
// train dictionary2.bin and keep both.
package main

import (
	"flag"
	"fmt"
	"os"
	"time"

	"github.com/klauspost/compress/dict"
	"github.com/klauspost/compress/zstd"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/synthetic"
)

func main() {
	out := flag.String("out", "record/body/dictionary1.bin", "file to write")
	size := flag.Int("size", 64<<10, "bytes of the dictionary")
	patients := flag.Int("patients", 60, "patients to learn from")
	id := flag.Uint("id", 1001, "number of the dictionary")
	flag.Parse()
	if err := train(*out, *size, *patients, uint32(*id)); err != nil {
		fmt.Fprintln(os.Stderr, "dictionary:", err)
		os.Exit(1)
	}
}

// perType bounds how many documents of one type are learned from, so that rare types have their say.
const perType = 400

func train(out string, size, patients int, id uint32) error {
	var samples [][]byte
	seen := map[string]int{}
	total := map[string]int{}
	at := time.Date(2026, 11, 23, 15, 0, 0, 0, time.UTC)
	for item := range synthetic.Practice(synthetic.Options{Patients: patients, Seed: 7, NoCast: true}) {
		total[item.Type]++
		// Every few documents of a type, so that many patients are among them.
		if step := map[string]int{"Observation": 23, "Encounter": 3, "Claim": 3}[item.Type]; step > 0 && total[item.Type]%step != 0 {
			continue
		}
		if seen[item.Type]++; seen[item.Type] > perType {
			continue
		}
		doc, err := fhir.Parse(append([]byte(nil), item.JSON...))
		if err != nil {
			return err
		}
		samples = append(samples, doc.Stamp("abcdefghij2345672abc", 1, at).Bytes())
	}
	d, err := dict.BuildZstdDict(samples, dict.Options{MaxDictSize: size, HashBytes: 6, ZstdDictID: id, ZstdLevel: zstd.SpeedFastest})
	if err != nil {
		return err
	}
	fmt.Printf("%d bytes from %d documents of %d types\n", len(d), len(samples), len(seen))
	return os.WriteFile(out, d, 0o644)
}
