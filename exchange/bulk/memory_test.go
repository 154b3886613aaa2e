package bulk

import (
	"io"
	"net/http"
	"runtime"
	"runtime/metrics"
	"slices"
	"testing"
	"time"
)

// inUse is how much of the heap a collection finds to be in use.
func inUse() int64 {
	runtime.GC()
	s := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(s)
	return int64(s[0].Value.Uint64())
}

// live watches how much of the heap is in use until it is asked for the most; but for the tenth of the looks that found
// most, since what is made while a collection runs counts as in use.
func live() (stop func() int64) {
	done, ended := make(chan struct{}), make(chan int64)
	go func() {
		var looks []int64
		for {
			looks = append(looks, inUse())
			select {
			case <-done:
				slices.Sort(looks)
				ended <- looks[len(looks)*9/10]
				return
			case <-time.After(100 * time.Millisecond):
			}
		}
	}()
	return func() int64 { close(done); return <-ended }
}

// An export holds no more of the record in memory than it writes at a time, however much it exports: the bound is far
// below what is exported, and four times as much is exported under the same one. So is fetching the files.
func TestAnExportNeedsNoMoreMemoryForMore(t *testing.T) {
	if testing.Short() {
		t.Skip("writes 200 MB")
	}
	const bound = 64 << 20
	for _, patients := range []int{20, 80} {
		o := quick
		o.step = time.Hour // one step, so that nothing is let go by beginning anew
		s := newSite(t, o)
		fill(s, patients, 100, 1500)
		all := s.ProgramToken("warehouse", "system/*.rs")
		before := inUse()
		stop := live()
		var fetched int64
		for _, f := range finish(s, all, kickOff(s, all, "/fhir/$export")).Output {
			r, err := http.NewRequest("GET", f.URL, nil)
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("Authorization", "Bearer "+all)
			res, err := http.DefaultTransport.RoundTrip(r)
			if err != nil {
				t.Fatal(err)
			}
			n, err := io.Copy(io.Discard, res.Body)
			if err != nil {
				t.Fatal(err)
			}
			res.Body.Close()
			fetched += n
		}
		grown := stop() - before
		t.Logf("%d MB exported and fetched with at most %d MB more in use", fetched>>20, grown>>20)
		if grown > bound {
			t.Errorf("%d MB of memory for an export of %d MB", grown>>20, fetched>>20)
		}
		if patients == 80 && fetched < 2*bound {
			t.Errorf("only %d MB: that proves nothing", fetched>>20)
		}
	}
}
