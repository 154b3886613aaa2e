package storetest

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/osler-ehr/osler/store"
)

var _ store.AuditSealer = Seal

var errSealer = errors.New("the sealer refuses")

// refused is an entry that Seal fails on.
var refused = []byte("refuse this entry")

// Seal is the audit sealer of stores under test. A body is the entries, each behind its length; a hash
// covers lane, number, the hash before, and the body.
func Seal(lane, seq int64, prev []byte, entries [][]byte) (body, hash []byte, err error) {
	for _, e := range entries {
		if bytes.Equal(e, refused) {
			return nil, nil, errSealer
		}
		body = binary.AppendUvarint(body, uint64(len(e)))
		body = append(body, e...)
	}
	return body, chunkHash(lane, seq, prev, body), nil
}

func chunkHash(lane, seq int64, prev, body []byte) []byte {
	h := sha256.New()
	fmt.Fprintf(h, "%d/%d/%x/", lane, seq, prev)
	h.Write(body)
	return h.Sum(nil)
}

// unseal splits a chunk's body into its entries.
func unseal(body []byte) ([][]byte, error) {
	var entries [][]byte
	for len(body) > 0 {
		n, size := binary.Uvarint(body)
		if size <= 0 || n > uint64(len(body)-size) {
			return nil, errors.New("torn audit chunk")
		}
		entries = append(entries, body[size:size+int(n)])
		body = body[size+int(n):]
	}
	return entries, nil
}

// Verify checks that chunks, from a lane's first on, chain, and returns their entries.
func Verify(chunks []store.AuditChunk) (entries [][]byte, err error) {
	var prev []byte
	for i, c := range chunks {
		switch {
		case c.Lane != chunks[0].Lane || c.Seq != int64(i+1):
			return nil, fmt.Errorf("chunk %d of lane %d stands at place %d", c.Seq, c.Lane, i+1)
		case !bytes.Equal(c.Prev, prev):
			return nil, fmt.Errorf("chunk %d does not follow the chunk before", c.Seq)
		case !bytes.Equal(c.Hash, chunkHash(c.Lane, c.Seq, prev, c.Body)):
			return nil, fmt.Errorf("chunk %d has another hash than its content", c.Seq)
		}
		more, err := unseal(c.Body)
		if err != nil {
			return nil, err
		}
		entries, prev = append(entries, more...), c.Hash
	}
	return entries, nil
}
