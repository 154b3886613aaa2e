package facts_test

import (
	"bytes"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/osler-ehr/osler/web"
	"github.com/osler-ehr/osler/web/facts"
)

// A form that names no version edits none that there is.
func TestEditing(t *testing.T) {
	for typed, want := range map[string]int64{"7": 7, "": facts.Unseen, "0": facts.Unseen, "-1": facts.Unseen, "1e3": facts.Unseen, "x": facts.Unseen, "99999999999999999999": facts.Unseen} {
		if got := facts.Editing(web.NewForm(url.Values{"version": {typed}})); got != want {
			t.Errorf("%q edits version %d, want %d", typed, got, want)
		}
	}
	if got := facts.Editing(web.NewForm(url.Values{})); got != facts.Unseen {
		t.Errorf("nothing edits version %d", got)
	}
}

// Forms that may name no version are few, and each refuses where there is something by then.
func TestWhoEditsWithoutAVersion(t *testing.T) {
	may := []string{"careplans/activity_edit.go", "prescribing/alert_rule.go", "prescribing/protocol_page.go"}
	var found []string
	root := filepath.Join("..", "..", "workflow")
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		name, _ := filepath.Rel(root, path)
		if bytes.Contains(text, []byte("EditingOrNew(")) {
			found = append(found, filepath.ToSlash(name))
		}
		if bytes.Contains(text, []byte("cmp.Or(facts.Editing(")) {
			t.Errorf("%s takes another version than the form named", name)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(found)
	if !slices.Equal(found, may) {
		t.Errorf("forms that need no version: %v, want %v", found, may)
	}
}
