package facts

import (
	"context"
	"fmt"
	"testing"

	"github.com/osler-ehr/osler/clock"
	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/record/recordtest"
)

// Everybody of a long list is found, each once, whatever the order and however often an id comes.
func TestPeople(t *testing.T) {
	f := recordtest.New(t, clock.At(now))
	ids := []string{"", "nobody"}
	for i := range 250 {
		id := fmt.Sprintf("p%d", i)
		put(t, f, fmt.Sprintf(`{"resourceType":"Patient","id":%q,"name":[{"family":"Name%d"}]}`, id, i))
		ids = append(ids, id, id)
	}
	got, err := People(context.Background(), f.As(access.Clinician), ids)
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != 250 || got["p7"].Name(now).Family != "Name7" || got["p249"].Name(now).Family != "Name249" {
		t.Errorf("%d people, %v, %v", len(got), got["p7"], got["p249"])
	}
	if got, err := People(context.Background(), f.As(access.Clinician), nil); err != nil || len(got) != 0 {
		t.Errorf("of nobody: %v, %v", got, err)
	}
}
