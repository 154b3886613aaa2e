package bulk

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"hash/fnv"

	"github.com/klauspost/compress/zstd"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/slice"
)

// maxBuffered is how much is held in memory before it is written.
const maxBuffered = 8 << 20

// output gathers lines of NDJSON into files.
type output struct {
	x       *export
	perFile int
	pack    *zstd.Encoder
	buffers map[int]*bytes.Buffer // by the number of the file
	size    int
	outside map[uint64]bool // names of what was written that belongs to no patient
	grown   bool            // outside has more than is written down
}

func (s *server) newOutput(x *export) *output {
	return &output{x: x, perFile: s.PerFile, pack: s.pack, buffers: map[int]*bytes.Buffer{}, outside: map[uint64]bool{}}
}

// add writes a resource to the file of its type.
func (o *output) add(typ string, doc []byte) {
	o.line(o.open(file{Type: typ}), doc)
	o.x.Written++
}

// warn writes what the requester should know.
func (o *output) warn(w *fhir.Outcome) {
	o.line(o.open(file{Type: "OperationOutcome", Error: true}), w.Bytes())
}

// gone writes that a resource was deleted: a transaction that would delete it elsewhere too.
func (o *output) gone(typ, id string) {
	w := fhir.NewBundleWriter(nil, fhir.Bundle{Type: "transaction"})
	w.Add(fhir.BundleEntry{Request: fhir.BundleRequest{Method: "DELETE", URL: typ + "/" + id}}, nil)
	o.line(o.open(file{Type: "Bundle", Gone: true}), w.Finish())
}

// open is the number of the file that lines of a kind go to now.
func (o *output) open(kind file) int {
	for i := len(o.x.Files) - 1; i >= 0; i-- {
		if f := &o.x.Files[i]; f.Type == kind.Type && f.Error == kind.Error && f.Gone == kind.Gone && !f.Full {
			return i
		}
	}
	o.x.Files = append(o.x.Files, kind)
	return len(o.x.Files) - 1
}

func (o *output) line(i int, doc []byte) {
	b := o.buffers[i]
	if b == nil {
		b = new(bytes.Buffer)
		o.buffers[i] = b
	}
	b.Write(doc)
	b.WriteByte('\n')
	f := &o.x.Files[i]
	f.Count++
	f.Bytes += int64(len(doc)) + 1
	f.Full = f.Count >= o.perFile
	o.size += len(doc) + 1
}

// first reports whether a resource that belongs to no patient is met for the first time.
func (o *output) first(name string) bool {
	h := fnv.New64a()
	_, _ = h.Write([]byte(name))
	n := h.Sum64()
	if o.outside[n] {
		return false
	}
	o.outside[n], o.grown = true, true
	return true
}

// chunks are parts of files ready to be kept.
type chunks []struct {
	name string
	data []byte
}

// take empties the buffers.
func (o *output) take() (out chunks) {
	add := func(name string, data []byte) {
		out = append(out, struct {
			name string
			data []byte
		}{name, data})
	}
	for i := range o.x.Files {
		b := o.buffers[i]
		if b == nil || b.Len() == 0 {
			continue
		}
		f := &o.x.Files[i]
		add(chunkName(o.x.ID, i, f.Chunks), o.pack.EncodeAll(b.Bytes(), nil))
		f.Chunks++
	}
	clear(o.buffers) // their room too: an export has as many files as it likes
	o.size = 0
	if o.grown {
		list := make([]byte, 0, 8*len(o.outside))
		for n := range o.outside {
			list = binary.BigEndian.AppendUint64(list, n)
		}
		add(outsideName(o.x.ID), list)
		o.x.Outside, o.grown = len(o.outside), false
	}
	return out
}

func (c chunks) write(ctx context.Context, tx slice.SpoolTx) error {
	var errs []error
	for _, x := range c {
		errs = append(errs, tx.SetFile(ctx, x.name, x.data))
	}
	return errors.Join(errs...)
}

// readOutside reads the names that an earlier step has met.
func (o *output) readOutside(list []byte) {
	for ; len(list) >= 8; list = list[8:] {
		o.outside[binary.BigEndian.Uint64(list)] = true
	}
}
