// Package body packs documents for storage: zstd with a dictionary of what FHIR documents have in common.
//
// Documents are compressed before they are sealed; sealed bytes do not compress. The dictionary's number
// stands in every frame, so that a newer program with a newer dictionary still reads what an older wrote.
// A dictionary once released is never removed.
package body

import (
	_ "embed"
	"fmt"
	"runtime"
	"sync"

	"github.com/klauspost/compress/zstd"
)

// dictionary1 is what the first records were packed with; nothing is any more.
//
//go:embed dictionary1.bin
var dictionary1 []byte

// dictionary2 is trained on the synthetic practice by internal/dictionary.
//
//go:embed dictionary2.bin
var dictionary2 []byte

// Codec packs and unpacks. It is safe for use by many goroutines.
type Codec struct {
	enc *zstd.Encoder
	dec *zstd.Decoder
}

// NewCodec gives the codec. There is one for the whole program, as each has megabytes of tables.
func NewCodec() (*Codec, error) { return shared() }

var shared = sync.OnceValues(newCodec)

func newCodec() (*Codec, error) {
	enc, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderCRC(false), zstd.WithEncoderConcurrency(runtime.GOMAXPROCS(0)),
		zstd.WithWindowSize(1<<17), zstd.WithEncoderDict(dictionary2))
	if err != nil {
		return nil, fmt.Errorf("compressor: %w", err)
	}
	dec, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(0), zstd.WithDecoderMaxMemory(64<<20), zstd.WithDecoderDicts(dictionary1, dictionary2))
	if err != nil {
		return nil, fmt.Errorf("decompressor: %w", err)
	}
	return &Codec{enc, dec}, nil
}

// Pack appends the packed document to dst.
func (c *Codec) Pack(dst, document []byte) []byte { return c.enc.EncodeAll(document, dst) }

// Unpack appends the document to dst.
func (c *Codec) Unpack(dst, packed []byte) ([]byte, error) { return c.dec.DecodeAll(packed, dst) }
