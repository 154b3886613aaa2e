package sqlite

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/osler-ehr/osler/store"
)

// A journal's entries are folded into the database when there are so many or so many bytes of them, and when
// the oldest is so old.
const (
	maxPending      = 4096
	maxPendingBytes = 1 << 20
	foldAfter       = time.Second
)

// joinTime is how long entries wait for those of others before a flush. It is less than a flush takes, and each flush that is saved
// is up to a third of a read's processor time.
const joinTime = 200 * time.Microsecond

// journalSize is what the file has from the beginning: to write within a file is cheaper than to let it grow.
const journalSize = 512 << 10

// journal makes audit entries durable that no change of the record comes with, those of reads and searches: they are
// many, and a commit of the database for each few of them costs more than the reads do, and makes every reader's
// page cache stale. An entry is on the disk, as part of a sealed chunk in a file beside the database, before Audit
// returns. Later the entries of many chunks are written to the audit log in one commit (they are folded), and the
// file begins again. So the database alone has the whole log after Close, and before that once AuditLanes has been called.
//
// Each time the file begins again its chunks are of a lane of their own. After a crash, Open writes what the file holds to
// the log under that lane. The database has the number of the last lane that was folded or recovered; a record in the file
// counts only if it is of the next one, so nothing is written twice and what is left of an earlier lane is not read.
type journal struct {
	s     *Store
	path  string
	file  *os.File
	queue chan *noted
	folds chan chan error
	ended chan struct{}
	once  sync.Once

	// What follows is touched by the journal's goroutine only.
	lane    int64
	seq     int64  // newest chunk
	prev    []byte // its hash
	offset  int64
	buf     []byte
	pending [][]byte // entries to be folded
	bytes   int
}

// noted is audit entries that wait for the journal's flush.
type noted struct {
	entries [][]byte
	written chan error // has room for the outcome
}

// Audit writes entries to the journal, and returns when they are on the disk.
func (s *Store) Audit(ctx context.Context, entries ...[]byte) error {
	return s.BeginAudit(ctx, entries...)()
}

// BeginAudit hands entries to the journal.
func (s *Store) BeginAudit(ctx context.Context, entries ...[]byte) (done func() error) {
	defer func() {
		if recover() != nil { // the queue was closed
			done = func() error { return errors.New("the record is closing") }
		}
	}()
	n := &noted{entries, make(chan error, 1)}
	select {
	case s.journal.queue <- n:
	case <-ctx.Done():
		return ctx.Err
	}
	// From here on the outcome is that of the disk: a caller that went away must not make it uncertain.
	return func() error { return <-n.written }
}

// openJournal recovers what a crash has left in the file, and begins a new one. It runs before the writer does; run is to
// be started when the writer has been.
func openJournal(s *Store, c *conn) (*journal, error) {
	j := &journal{s: s, path: s.path + "-audit", prev: []byte{}, queue: make(chan *noted, 4*maxGroup), folds: make(chan chan error), ended: make(chan struct{})}
	if err := j.recover(c); err != nil {
		return nil, fmt.Errorf("%s: %w", filepath.Base(j.path), err)
	}
	return j, nil
}

const (
	laneQuery   = "SELECT value FROM counter WHERE name = 'audit lane'"
	laneSet     = "INSERT INTO counter (name, value) VALUES ('audit lane', ?) ON CONFLICT DO UPDATE SET value = excluded.value"
	chunkInsert = "INSERT INTO audit (lane, seq, at, prev, hash, body) VALUES (?, ?, ?, ?, ?, ?)"
)

func (j *journal) recover(c *conn) (err error) {
	last, err := c.number(laneQuery)
	if err != nil {
		return err
	}
	data, err := os.ReadFile(j.path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	j.lane = max(last, writerLane) + 1
	if chunks := readJournal(data, j.lane); len(chunks) > 0 {
		if err := c.exec("BEGIN IMMEDIATE"); err != nil {
			return err
		}
		for _, k := range chunks {
			if err = c.exec(chunkInsert, k.Lane, k.Seq, k.At, k.Prev, k.Hash, k.Body); err != nil {
				break
			}
		}
		if err == nil {
			err = c.exec(laneSet, j.lane)
		}
		if err == nil {
			err = c.exec("COMMIT")
		}
		if err != nil {
			return errors.Join(err, c.exec("ROLLBACK"))
		}
		j.lane++
	}
	return j.create()
}

// create makes the file, and makes its name in the folder last.
func (j *journal) create() (err error) {
	if j.file, err = os.OpenFile(j.path, os.O_RDWR|os.O_CREATE, 0o600); err != nil {
		return err
	}
	info, err := j.file.Stat()
	if err != nil {
		return err
	}
	if n := journalSize - info.Size(); n > 0 {
		if _, err := j.file.WriteAt(make([]byte, n), info.Size()); err != nil {
			return err
		}
	}
	if err := j.file.Sync(); err != nil {
		return err
	}
	dir, err := os.Open(filepath.Dir(j.path))
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}

// A record in the file is a header and a chunk: its hash, the hash of the one before, and its body.
//
//	 0  4  length of what follows the header
//	 4  4  CRC-32C of all behind this
//	 8  8  lane
//	16  8  sequence
//	24  8  time
//	32  1  length of the hash
//	33  1  length of the hash before
const recordHeader = 34

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

func appendRecord(b []byte, c *store.AuditChunk) []byte {
	start := len(b)
	b = binary.LittleEndian.AppendUint32(b, uint32(len(c.Hash)+len(c.Prev)+len(c.Body)))
	b = append(b, 0, 0, 0, 0)
	for _, n := range []int64{c.Lane, c.Seq, c.At} {
		b = binary.LittleEndian.AppendUint64(b, uint64(n))
	}
	b = append(b, byte(len(c.Hash)), byte(len(c.Prev)))
	b = append(append(append(b, c.Hash...), c.Prev...), c.Body...)
	binary.LittleEndian.PutUint32(b[start+4:], crc32.Checksum(b[start+8:], castagnoli))
	return b
}

// readJournal returns the chunks of a lane. The first record that is not whole, or is of another lane, ends them: what
// was not flushed was not answered.
func readJournal(data []byte, lane int64) (chunks []store.AuditChunk) {
	seq, prev := int64(0), []byte{}
	for len(data) >= recordHeader {
		n := int64(binary.LittleEndian.Uint32(data))
		h, p := int64(data[32]), int64(data[33])
		if n > int64(len(data)-recordHeader) || h+p > n ||
			crc32.Checksum(data[8:recordHeader+n], castagnoli) != binary.LittleEndian.Uint32(data[4:]) ||
			int64(binary.LittleEndian.Uint64(data[8:])) != lane {
			return chunks
		}
		rest := data[recordHeader : recordHeader+n]
		c := store.AuditChunk{
			Lane: lane, Seq: int64(binary.LittleEndian.Uint64(data[16:])), At: int64(binary.LittleEndian.Uint64(data[24:])),
			Hash: rest[:h], Prev: rest[h : h+p], Body: rest[h+p:],
		}
		if c.Seq != seq+1 || string(c.Prev) != string(prev) {
			return chunks
		}
		chunks = append(chunks, c)
		seq, prev, data = c.Seq, c.Hash, data[recordHeader+n:]
	}
	return chunks
}

func (j *journal) run() {
	defer close(j.ended)
	group := make([]*noted, 0, maxGroup)
	due := time.NewTimer(foldAfter)
	due.Stop()
	for {
		select {
		case first, ok := <-j.queue:
			if !ok {
				return
			}
			if len(group) > 1 { // the last time several asked at once: soon others will
				time.Sleep(joinTime)
			}
			group = append(group[:0], first)
		more:
			for len(group) < maxGroup {
				select {
				case r, ok := <-j.queue:
					if !ok {
						break more
					}
					group = append(group, r)
				default:
					break more
				}
			}
			begins := len(j.pending) == 0
			err := j.write(group)
			for _, r := range group {
				r.written <- err
			}
			if begins && len(j.pending) > 0 {
				due.Reset(foldAfter)
			}
			if len(j.pending) >= maxPending || j.bytes >= maxPendingBytes {
				_ = j.fold() // it is tried again, and the entries are safe
			}
		case <-due.C:
			if j.fold() != nil {
				due.Reset(foldAfter)
			}
		case answer := <-j.folds:
			answer <- j.fold()
		}
	}
}

// write makes a group's entries durable as one chunk.
func (j *journal) write(group []*noted) error {
	if e := j.s.broken.Load(); e != nil {
		return *e
	}
	if len(j.pending) >= 4*maxPending || j.bytes >= 4*maxPendingBytes { // folding has failed for long
		if err := j.fold(); err != nil {
			return err
		}
	}
	entries := j.pending
	n := 0
	for _, r := range group {
		for _, e := range r.entries {
			entries = append(entries, e)
			n += len(e)
		}
	}
	added := entries[len(j.pending):]
	if len(added) == 0 {
		return nil
	}
	body, hash, err := sealEntries(j.s.journalSeal, j.lane, j.seq+1, j.prev, added)
	if err != nil {
		return err
	}
	j.buf = appendRecord(j.buf[:0], &store.AuditChunk{Lane: j.lane, Seq: j.seq + 1, At: j.s.clock.Now().UnixMilli(), Prev: j.prev, Hash: hash, Body: body})
	if _, err := j.file.WriteAt(j.buf, j.offset); err != nil {
		return fmt.Errorf("nothing was written: %w", err) // the next record overwrites what was
	}
	if err := datasync(j.file); err != nil {
		// What reached the disk is unknown, and a second flush could lie: stop, and let a restart recover.
		gone := fmt.Errorf("%w (%v)", store.ErrReadOnly, err)
		j.s.broken.Store(&gone)
		return gone
	}
	j.seq, j.prev = j.seq+1, hash
	j.offset += int64(len(j.buf))
	j.pending, j.bytes = entries, j.bytes+n
	return nil
}

// fold writes what is pending to the audit log, and lets the file begin again.
func (j *journal) fold() error {
	if len(j.pending) == 0 {
		return nil
	}
	err := j.s.Update(context.Background(), func(t store.Tx) error {
		for _, e := range j.pending {
			t.Audit(e)
		}
		return t.(*tx).c.exec(laneSet, j.lane)
	})
	if err != nil {
		return err
	}
	clear(j.pending)
	j.pending, j.bytes, j.offset = j.pending[:0], 0, 0
	j.lane++
	j.seq, j.prev = 0, []byte{}
	return nil
}

// settle folds what is pending now.
func (j *journal) settle(ctx context.Context) error {
	answer := make(chan error, 1)
	select {
	case j.folds <- answer:
		return <-answer
	case <-j.ended:
		return nil // what was pending has been folded, or Close has told that it was not
	case <-ctx.Done():
		return ctx.Err()
	}
}

// stop folds and removes the file. The writer must still run.
func (j *journal) stop() error {
	j.once.Do(func() { close(j.queue) })
	<-j.ended
	err := j.fold()
	if err == nil {
		err = os.Remove(j.path)
	}
	return errors.Join(err, j.file.Close())
}
