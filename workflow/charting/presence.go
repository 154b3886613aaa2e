package charting

import (
	"cmp"
	"slices"
	"sync"
	"time"
)

// presence is who has which note open, for the people who look at it on this server. It lives in memory: that a note can be
// written by two people without loss does not depend on it.
type presence struct {
	mu    sync.Mutex
	notes map[string]map[string]*visitor // by note, by account
	saves map[string]int                 // by note: counts what was written through this server
}

// visitor is somebody who has a note open.
type visitor struct {
	Name        string
	Since, Seen time.Time
}

// away is how long after its last sign a browser counts as gone.
const away = 30 * time.Second

// seen notes that a person has a note open, and gives the others who have, and the count of saves.
func (p *presence) seen(note, account, name string, now time.Time) ([]visitor, int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.notes == nil {
		p.notes, p.saves = map[string]map[string]*visitor{}, map[string]int{}
	}
	for id, people := range p.notes { // few notes are open at a time
		for who, v := range people {
			if now.Sub(v.Seen) > away {
				delete(people, who)
			}
		}
		if len(people) == 0 && id != note {
			delete(p.notes, id)
			delete(p.saves, id)
		}
	}
	people := p.notes[note]
	if people == nil {
		people = map[string]*visitor{}
		p.notes[note] = people
	}
	if people[account] == nil {
		people[account] = &visitor{Name: name, Since: now}
	}
	people[account].Seen = now
	var others []visitor
	for who, v := range people {
		if who != account {
			others = append(others, *v)
		}
	}
	slices.SortFunc(others, func(a, b visitor) int { return cmp.Or(a.Since.Compare(b.Since), cmp.Compare(a.Name, b.Name)) })
	return others, p.saves[note]
}

// in reports whether a person has the note open, as far as this server knows.
func (p *presence) in(note, account string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.notes[note][account] != nil
}

// saved notes that something was written.
func (p *presence) saved(note string) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.saves == nil {
		p.notes, p.saves = map[string]map[string]*visitor{}, map[string]int{}
	}
	p.saves[note]++
	return p.saves[note]
}

// left notes that a person closed the note.
func (p *presence) left(note, account string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.notes[note], account)
}
