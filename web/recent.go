package web

import (
	"slices"
	"sync"
)

// Recent remembers which charts each person opened lately. It lives in memory only, so that it is gone with the program, and it holds a
// few entries for each person.
type Recent struct {
	mu     sync.Mutex
	people map[string][]Opened
}

// Opened is one chart that a person opened.
type Opened struct {
	Patient string // id
	Name    string // OKAFOR, A
	Full    string // OKAFOR, Adaeze (Ada)
	Birth   string // 14-Jul-1968
}

const recentKept = 8

// Open puts a chart at the front of a person's list. A chart that is there keeps its place among the first four, so that tabs do not
// jump about under the pointer.
func (r *Recent) Open(person string, o Opened) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.people == nil {
		r.people = map[string][]Opened{}
	}
	list := r.people[person]
	at := slices.IndexFunc(list, func(x Opened) bool { return x.Patient == o.Patient })
	if at >= 0 && at < 4 {
		list[at] = o
		return
	}
	if at >= 0 {
		list = slices.Delete(list, at, at+1)
	}
	list = slices.Insert(list, 0, o)
	r.people[person] = list[:min(len(list), recentKept)]
}

// Of is the list of a person, newest first.
func (r *Recent) Of(person string) []Opened {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.people[person])
}

// Forget drops the list of a person, at sign-out.
func (r *Recent) Forget(person string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.people, person)
}
