// Command dictionary trains the compression dictionary of record/body on the synthetic practice.
//
//	go run ./internal/dictionary -out record/body/dictionary2.bin
//
// A dictionary that has been released must never change: documents were packed with it. To improve on it,
// train dictionary3.bin and keep all.
package main

import (
	"bytes"
	"cmp"
	"flag"
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/klauspost/compress/zstd"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/synthetic"
)

func main() {
	out := flag.String("out", "record/body/dictionary2.bin", "file to write")
	size := flag.Int("size", 128<<10, "bytes of documents in the dictionary")
	patients := flag.Int("patients", 60, "patients to learn from")
	id := flag.Uint("id", 1002, "number of the dictionary")
	flag.Parse()
	if err := train(*out, *size, *patients, uint32(*id)); err != nil {
		fmt.Fprintln(os.Stderr, "dictionary:", err)
		os.Exit(1)
	}
}

// kind is what documents have most in common by: their type, and what they are about.
type kind struct {
	typ, code string
}

// example is the first document of a kind, and how many there were.
type example struct {
	kind
	body  []byte
	count int
}

// sampled is how many documents of the practice the tables of frequencies are made from: every so many.
const sampled = 5

// train writes a dictionary of whole documents, one of each of the most frequent kinds: a document that comes is then mostly a copy of the one
// about the same thing. The most frequent stand last, since what is near costs fewer bits to point to.
func train(out string, size, patients int, id uint32) error {
	kinds := map[kind]*example{}
	var samples [][]byte
	n := 0
	at := time.Date(2026, 11, 23, 15, 0, 0, 0, time.UTC)
	for item := range synthetic.Practice(synthetic.Options{Patients: patients, Seed: 7, NoCast: true}) {
		doc, err := fhir.Parse(bytes.Clone(item.JSON))
		if err != nil {
			return err
		}
		k := kind{item.Type, about(doc)}
		n++
		if kinds[k] == nil || n%sampled == 0 {
			body := doc.Stamp("abcdefghij2345672abc", 1, at).Bytes()
			if kinds[k] == nil {
				kinds[k] = &example{kind: k, body: body}
			}
			if n%sampled == 0 {
				samples = append(samples, body)
			}
		}
		kinds[k].count++
	}
	var all []*example
	for _, e := range kinds {
		all = append(all, e)
	}
	slices.SortFunc(all, func(a, b *example) int {
		return cmp.Or(b.count-a.count, cmp.Compare(a.typ, b.typ), cmp.Compare(a.code, b.code))
	})
	used := choose(all, size)
	var history []byte
	for _, e := range slices.Backward(used) {
		history = append(history, e.body...)
	}
	d, err := zstd.BuildDict(zstd.BuildDictOptions{ID: id, Contents: samples, History: history, Offsets: [3]int{1, 4, 8}, Level: zstd.SpeedFastest})
	if err != nil {
		return err
	}
	fmt.Printf("%d bytes: %d of %d kinds of document, tables from %d documents\n", len(d), len(used), len(all), len(samples))
	return os.WriteFile(out, d, 0o644)
}

// choose takes one document of each type, unless it is a long one, and then the most frequent kinds, while there is room. It keeps their order.
func choose(all []*example, room int) (used []*example) {
	const long = 3 << 10
	taken := map[*example]bool{}
	types := map[string]bool{}
	take := func(e *example) {
		if !taken[e] && len(e.body) <= room {
			taken[e], types[e.typ] = true, true
			room -= len(e.body)
		}
	}
	for _, e := range all {
		if !types[e.typ] && len(e.body) <= long {
			take(e)
		}
	}
	for _, e := range all {
		take(e)
	}
	return slices.DeleteFunc(slices.Clone(all), func(e *example) bool { return !taken[e] })
}

// about is the code that says what a document is about, empty if it has none.
func about(doc *fhir.Resource) string {
	for _, name := range []string{"code", "medicationCodeableConcept", "vaccineCode", "type"} {
		if code := doc.Get(name).First().Get("coding").First().Get("code").Text(); code != "" {
			return code
		}
		if code := doc.Get(name).Get("coding").First().Get("code").Text(); code != "" {
			return code
		}
	}
	return ""
}
