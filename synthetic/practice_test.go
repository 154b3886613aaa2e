package synthetic

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"hash"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// resource is a parsed item, for looking around in.
type resource struct {
	kind, id string
	body     map[string]any
	raw      string
}

func (r *resource) ref() string { return r.kind + "/" + r.id }

// text is the string at a path such as "name.family"; of a list it takes the first. "" if there is none.
func (r *resource) text(path string) string {
	s, _ := valueAt(r.body, path).(string)
	return s
}

func valueAt(v any, path string) any {
	for _, step := range strings.Split(path, ".") {
		if list, ok := v.([]any); ok && len(list) > 0 {
			v = list[0]
		}
		object, ok := v.(map[string]any)
		if !ok {
			return nil
		}
		v = object[step]
	}
	return v
}

// collect parses a practice: all of it, or the resources of some types.
func collect(t testing.TB, o Options, kinds ...string) []*resource {
	t.Helper()
	var list []*resource
	for item := range Practice(o) {
		if len(kinds) > 0 && !slices.Contains(kinds, item.Type) {
			continue
		}
		r := &resource{kind: item.Type, id: item.ID, raw: string(item.JSON)}
		if err := json.Unmarshal(item.JSON, &r.body); err != nil {
			t.Fatalf("%s/%s is not JSON: %v", item.Type, item.ID, err)
		}
		list = append(list, r)
	}
	return list
}

// walk calls f with every string in a JSON value and the name of the member that it stands under.
func walk(v any, name string, f func(name, s string)) {
	switch v := v.(type) {
	case map[string]any:
		for n, x := range v {
			walk(x, n, f)
		}
	case []any:
		for _, x := range v {
			walk(x, name, f)
		}
	case string:
		f(name, v)
	}
}

var idForm = regexp.MustCompile(`^[A-Za-z0-9.-]{1,64}$`)

func TestResourcesAreWellFormed(t *testing.T) {
	seen := map[string]bool{}
	for item := range Practice(Options{Patients: 120, Seed: 5, Provenance: true}) {
		name := item.Type + "/" + item.ID
		if seen[name] {
			t.Errorf("%s comes twice", name)
		}
		seen[name] = true
		if !idForm.MatchString(item.ID) {
			t.Errorf("%s: the id is not one that FHIR allows", name)
		}
		if want := `{"resourceType":"` + item.Type + `","id":"` + item.ID + `",`; !bytes.HasPrefix(item.JSON, []byte(want)) {
			t.Errorf("%s begins with %.60s", name, item.JSON)
		}
		if !utf8.Valid(item.JSON) {
			t.Errorf("%s is not UTF-8", name)
		}
		var compact bytes.Buffer
		if err := json.Compact(&compact, item.JSON); err != nil {
			t.Fatalf("%s is not JSON: %v", name, err)
		}
		if !bytes.Equal(compact.Bytes(), item.JSON) {
			t.Errorf("%s is not compact", name)
		}
	}
}

func TestReferencesResolveInOrder(t *testing.T) {
	list := collect(t, Options{Patients: 100, Seed: 11, Provenance: true})
	place := map[string]int{}
	for i, r := range list {
		place[r.ref()] = i
	}
	for i, r := range list {
		walk(r.body, "", func(name, s string) {
			if name != "reference" {
				return
			}
			at, ok := place[s]
			switch {
			case !ok:
				t.Errorf("%s refers to %s, which is not there", r.ref(), s)
			case at == i:
				t.Errorf("%s refers to itself", r.ref())
			case at > i && !(r.kind == "Encounter" && strings.HasPrefix(s, "Condition/")):
				t.Errorf("%s refers to %s, which comes later", r.ref(), s)
			}
		})
	}
}

// Every resource of a patient's chart belongs to one patient, and refers to nobody else's.
func TestChartsDoNotMix(t *testing.T) {
	owner := func(id string) string {
		p, _, _ := strings.Cut(id, "-")
		return p
	}
	for _, r := range collect(t, Options{Patients: 80, Seed: 2}) {
		if !strings.HasPrefix(r.id, "p0") {
			continue
		}
		walk(r.body, "", func(name, s string) {
			if _, id, ok := strings.Cut(s, "/"); name == "reference" && ok && strings.HasPrefix(id, "p0") && owner(id) != owner(r.id) {
				t.Errorf("%s refers to %s", r.ref(), s)
			}
		})
	}
}

// dates calls f with every member that is a date or a time. (A regular expression takes ten times as long over so many bytes.)
func dates(doc []byte, f func(member, value string)) {
	for {
		i := bytes.Index(doc, []byte(`":"`))
		if i < 0 {
			return
		}
		member, value := doc[bytes.LastIndexByte(doc[:i], '"')+1:i], doc[i+3:]
		value = value[:bytes.IndexByte(value, '"')]
		if len(value) >= 10 && value[4] == '-' && value[7] == '-' && value[0] >= '1' && value[0] <= '2' && (len(value) == 10 || value[10] == 'T') {
			f(string(member), string(value))
		}
		doc = doc[i+3:]
	}
}

// patientOf is the id of the patient to whom a resource belongs; "" if it is shared.
func patientOf(item Item) string {
	if item.Type == "Patient" {
		return item.ID
	}
	if _, after, ok := bytes.Cut(item.JSON, []byte(`"Patient/`)); ok {
		return string(after[:bytes.IndexByte(after, '"')])
	}
	return ""
}

// mayLieAhead are the members that speak of what is to come.
var mayLieAhead = map[string]bool{"Appointment.start": true, "Appointment.end": true, "Slot.start": true, "Slot.end": true, "Schedule.start": true, "Schedule.end": true, "Goal.dueDate": true,
	"Immunization.expirationDate": true, "Device.expirationDate": true, "MedicationRequest.end": true, "ServiceRequest.occurrenceDateTime": true, "Task.end": true, "Task.valueDateTime": true}

func TestTimesMakeSense(t *testing.T) {
	for _, today := range []time.Time{defaultToday, time.Date(2025, 3, 2, 6, 30, 0, 0, defaultToday.Location()), time.Date(2027, 1, 1, 22, 5, 0, 0, defaultToday.Location())} {
		now := today.Format("2006-01-02T15:04:05-07:00")
		births, deaths := map[string]string{}, map[string]string{}
		for item := range Practice(Options{Patients: 150, Seed: 9, Today: today}) {
			name := item.Type + "/" + item.ID
			patient := patientOf(item)
			start := ""
			dates(item.JSON, func(member, value string) {
				switch {
				case item.Type == "Patient" && member == "birthDate":
					births[patient] = value
				case item.Type == "Patient" && member == "deceasedDateTime":
					deaths[patient] = value
				case member == "start":
					start = value
				case member == "end" && value < start:
					t.Errorf("%s ends at %s before it starts at %s", name, value, start)
				}
				ahead := mayLieAhead[item.Type+"."+member]
				if value > now && !ahead {
					t.Errorf("%s: %s %s lies after %s", name, member, value, now)
				}
				if birth := births[patient]; value[:10] < birth && member != "manufactureDate" {
					t.Errorf("%s: %s %s lies before the patient's birth on %s", name, member, value, birth)
				}
				if death := deaths[patient]; death != "" && value > death && !ahead && item.Type != "Coverage" {
					t.Errorf("%s: %s %s lies after the patient's death on %s", name, member, value, death)
				}
			})
		}
		if len(births) == 0 || len(deaths) == 0 {
			t.Errorf("%d were born and %d have died, so the rules were not tested", len(births), len(deaths))
		}
	}
}

func digest(o Options) [sha256.Size]byte {
	h := sha256.New()
	for item := range Practice(o) {
		h.Write(item.JSON)
		h.Write([]byte{'\n'})
	}
	return [sha256.Size]byte(h.Sum(nil))
}

func TestSameOptionsGiveSameBytes(t *testing.T) {
	o := Options{Patients: 60, Seed: 4, Workers: 1}
	first := digest(o)
	for _, workers := range []int{1, 2, 7} {
		o.Workers = workers
		if digest(o) != first {
			t.Errorf("%d workers make another practice", workers)
		}
	}
	o.Seed = 5
	if digest(o) == first {
		t.Error("another seed makes the same practice")
	}
}

// Patient k is the same whatever the size of the practice.
func TestPatientsDependOnTheirNumberAlone(t *testing.T) {
	charts := func(n int) map[string]string {
		sums := map[string]hash.Hash{}
		for item := range Practice(Options{Patients: n, Seed: 6}) {
			if id := item.ID[:min(len(item.ID), 7)]; strings.HasPrefix(id, "p0") {
				if sums[id] == nil {
					sums[id] = sha256.New()
				}
				sums[id].Write(item.JSON)
			}
		}
		m := map[string]string{}
		for id, h := range sums {
			m[id] = string(h.Sum(nil))
		}
		return m
	}
	few, many := charts(40), charts(130)
	for id, chart := range few {
		if many[id] != chart {
			t.Errorf("%s differs between a practice of 40 and one of 130", id)
		}
	}
}

func TestStoppingEarly(t *testing.T) {
	n := 0
	for range Practice(Options{Patients: 500, Seed: 1}) {
		if n++; n == 1000 {
			break
		}
	}
	if n != 1000 {
		t.Errorf("stopped after %d resources", n)
	}
}

func TestWriteNDJSON(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "practice")
	o := Options{Patients: 12, Seed: 1}
	n, err := WriteNDJSON(t.Context(), dir, o)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]int{}
	total := 0
	for item := range Practice(o) {
		want[item.Type]++
		total++
	}
	if n != total {
		t.Errorf("said %d resources, there are %d", n, total)
	}
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		data, err := os.ReadFile(filepath.Join(dir, f.Name()))
		if err != nil {
			t.Fatal(err)
		}
		kind := strings.TrimSuffix(f.Name(), ".ndjson")
		if lines := bytes.Count(data, []byte{'\n'}); lines != want[kind] {
			t.Errorf("%s has %d lines, want %d", f.Name(), lines, want[kind])
		}
		delete(want, kind)
	}
	if len(want) != 0 {
		t.Errorf("no file for %v", want)
	}
	if _, err := WriteNDJSON(t.Context(), dir, o); err == nil || !strings.Contains(err.Error(), "empty") {
		t.Errorf("a folder that is not empty: %v", err)
	}
}

func BenchmarkPractice(b *testing.B) {
	o := Options{Patients: 200, Seed: 1, Workers: 1}
	b.ReportAllocs()
	n, size := 0, 0
	for b.Loop() {
		for item := range Practice(o) {
			n++
			size += len(item.JSON)
		}
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "resources/s")
	b.ReportMetric(float64(size)/float64(n), "bytes/resource")
}
