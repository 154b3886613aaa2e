package synthetic

import (
	"iter"
	"sync"
)

// practice is what all patients share.
type practice struct {
	Options
	now      moment
	today    day
	firstDay []*booking // the cast's
	rest     []*booking // everybody else's
}

func newPractice(o Options) *practice {
	w := &practice{Options: o.withDefaults()}
	w.now = momentOf(w.Today)
	w.today = w.now.day
	w.firstDay = w.castBookings()
	w.rest = w.otherBookings()
	return w
}

// castSize is how many of the patients are scripted.
func (w *practice) castSize() int {
	if w.NoCast {
		return 0
	}
	return min(len(cast), w.Patients)
}

// chunk is how many patients one worker makes at a time.
const chunk = 8

// page is the finished resources of some patients.
type page struct{ writer }

// Practice yields the resources of a practice in the order of their references: what is shared, then each patient with everything of
// theirs. One reference of a kind looks ahead: an Encounter names the diagnosis that was made at it, which follows.
// An Item's JSON is valid until the next one is asked for.
func Practice(o Options) iter.Seq[Item] {
	return func(yield func(Item) bool) {
		w := newPractice(o)
		shared := &page{}
		shared.loc = w.Today.Location()
		w.writeShared(&shared.writer)
		if !shared.yield(yield) {
			return
		}
		w.patients(yield)
	}
}

func (g *page) yield(yield func(Item) bool) bool {
	for _, s := range g.spans {
		if !yield(Item{Type: s.kind, ID: s.id, JSON: g.buf[s.start:s.end:s.end]}) {
			return false
		}
	}
	return true
}

// patients makes patients on several workers and yields them in order. A fixed number of pages goes round, so that memory does not
// grow with the practice.
func (w *practice) patients(yield func(Item) bool) {
	total := w.Patients
	if w.Heavy {
		total++
	}
	chunks := (total + chunk - 1) / chunk
	if chunks == 0 {
		return
	}
	workers := min(w.Workers, chunks)
	type slot struct {
		page *page
		full chan struct{}
	}
	// Chunk c is written into slot c mod len(slots), after the reader has let go of what was there before.
	slots := make([]slot, workers*2)
	free := make([]chan struct{}, len(slots))
	for i := range slots {
		slots[i] = slot{&page{}, make(chan struct{}, 1)}
		slots[i].page.loc = w.Today.Location()
		free[i] = make(chan struct{}, 1)
		free[i] <- struct{}{}
	}
	stop := make(chan struct{})
	var group sync.WaitGroup
	defer group.Wait()
	defer close(stop)
	for worker := range workers {
		group.Go(func() {
			for c := worker; c < chunks; c += workers {
				i := c % len(slots)
				select {
				case <-free[i]:
				case <-stop:
					return
				}
				g := slots[i].page
				g.reset()
				for k := c * chunk; k < min((c+1)*chunk, total); k++ {
					w.patient(k).write(&g.writer)
				}
				slots[i].full <- struct{}{}
			}
		})
	}
	for c := range chunks {
		i := c % len(slots)
		<-slots[i].full
		if !slots[i].page.yield(yield) {
			return
		}
		free[i] <- struct{}{}
	}
}

// patient lives the life of patient k.
func (w *practice) patient(k int) *patient {
	if k == w.Patients {
		return w.heavyPatient()
	}
	p := newPatient(w, k)
	p.live()
	return p
}
