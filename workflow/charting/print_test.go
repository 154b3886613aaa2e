package charting_test

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/osler-ehr/osler/record/access"
)

var update = flag.Bool("update", false, "write the golden files anew")

// shippedTemplate is what the test reads of a template.
type shippedTemplate struct {
	ID        string
	Addition  bool
	Essential string
	Sections  []struct {
		Code     string
		Required []string
	}
}

// filled answers every sentence that is required and every second one of the others, with numbered answers.
func filled(text string, required []string, number *int) string {
	asked := 0
	var lines []string
	for line := range strings.SplitSeq(text, "\n") {
		var out []string
		for _, sentence := range strings.SplitAfter(line, ". ") {
			must := false
			for _, begin := range required {
				must = must || strings.HasPrefix(sentence, begin)
			}
			if strings.Contains(sentence, "***") {
				if asked++; must || asked%2 == 1 {
					for strings.Contains(sentence, "***") {
						*number++
						sentence = strings.Replace(sentence, "***", "answer "+strconv.Itoa(*number), 1)
					}
				}
			}
			out = append(out, sentence)
		}
		lines = append(lines, strings.Join(out, ""))
	}
	return strings.Join(lines, "\n")
}

// Each template as it prints once it is signed, of one patient at one time: what was answered stands, what was not asked does not.
func TestTemplatesAsTheyPrint(t *testing.T) {
	files, err := filepath.Glob("templates/*.json")
	if err != nil || len(files) < 19 {
		t.Fatalf("%d templates, %v", len(files), err)
	}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var tmpl shippedTemplate
		if err := json.Unmarshal(raw, &tmpl); err != nil {
			t.Fatal(err)
		}
		if tmpl.Addition {
			continue
		}
		t.Run(tmpl.ID, func(t *testing.T) {
			s := site(t)
			rao := s.By(access.Clinician)
			note := started(t, rao, tmpl.ID)
			page := rao.Get(note).Want(200)
			var send []string
			number := 0
			for _, section := range tmpl.Sections {
				text := page.Value("text." + section.Code)
				if text == "" && section.Code == tmpl.Essential {
					text = "***" // in one's own words
				}
				send = append(send, "base."+section.Code, page.Value("base."+section.Code), "text."+section.Code, filled(text, section.Required, &number), "to."+section.Code, "version-"+section.Code)
			}
			rao.Post(note+"/sign", send...).Want(303)
			got := document(t, s.One("DocumentReference"))
			if strings.Contains(got, "***") || number == 0 {
				t.Errorf("%d answers, and blanks are left:\n%s", number, got)
			}
			for i := 1; i <= number; i++ {
				if !strings.Contains(got, "answer "+strconv.Itoa(i)) {
					t.Errorf("answer %d is lost", i)
				}
			}
			golden := "testdata/print/" + tmpl.ID + ".txt"
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("prints otherwise than %s:\n%s", golden, got)
			}
			rao.Get(note).Want(200).Says(strings.Join(strings.Fields(got), " "))
		})
	}
}
