package record

import (
	"context"
	"sync"

	"github.com/osler-ehr/osler/store"
)

// maxKnown bounds how many patients' places are remembered.
const maxKnown = 10_000

// knownPatients remembers under which keys patients lie: nearly every search names its patient, and looking that up was a
// seventh of what it cost. A patient keeps the key until deleted, so what was read holds as long as nothing was deleted
// since, which only a process that makes all changes itself can tell.
type knownPatients struct {
	mu        sync.RWMutex
	deletions int64 // of the record, when the keys were read
	keys      map[int64]store.Key
}

// exist is store.Exists, without asking for patients that are known.
func (r *Record) exist(ctx context.Context, hashes []int64) (map[int64]store.Key, error) {
	if !r.serial {
		return r.store.Exists(ctx, hashes)
	}
	p, now := &r.known, r.deletions.Load()
	if found, all := p.look(now, hashes); all {
		return found, nil
	}
	// A delete is under way before it counts, and until it is over: what is read while none is under way stands for this count.
	settled := r.deleting.Load() == 0
	found, err := r.store.Exists(ctx, hashes)
	if err == nil && settled {
		p.hold(now, found, r.index.Number("Patient"))
	}
	return found, err
}

// look finds the keys if all of them are known.
func (p *knownPatients) look(deletions int64, hashes []int64) (found map[int64]store.Key, all bool) {
	p.mu.RLock()
	defer p.mu.RUnlock()
	if p.deletions != deletions {
		return nil, false
	}
	found = make(map[int64]store.Key, len(hashes))
	for _, h := range hashes {
		key, known := p.keys[h]
		if !known {
			return nil, false
		}
		found[h] = key
	}
	return found, true
}

// hold remembers the patients among what was found. Other resources move to other keys, with their patient.
func (p *knownPatients) hold(deletions int64, found map[int64]store.Key, patient int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case deletions < p.deletions: // read before what is known
		return
	case deletions > p.deletions || p.keys == nil || len(p.keys) >= maxKnown:
		p.deletions, p.keys = deletions, map[int64]store.Key{}
	}
	for h, key := range found {
		if key.Type() == patient {
			p.keys[h] = key
		}
	}
}
