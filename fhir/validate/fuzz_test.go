package validate

import (
	"html"
	"regexp"
	"strings"
	"testing"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/fhir/path"
)

func replaceOnce(doc, from, to string) string { return strings.Replace(doc, from, to, 1) }

// checkAll runs every check on a document. What Base accepts must hold a known resource type.
func checkAll(t *testing.T, data []byte) {
	r, err := fhir.Parse(data)
	if err != nil {
		return
	}
	issues := Base(r)
	if len(issues) > maxIssues+1 {
		t.Errorf("%d issues", len(issues))
	}
	for _, i := range issues {
		if i.Expression[0] == "" || i.Details.Text == "" {
			t.Errorf("an issue without place or words: %+v", i)
		}
	}
	Claimed(r)
	Profile(r, usCore+"us-core-blood-pressure")
	Invariants(r, path.Env{MaxSteps: 10000})
}

var (
	scriptTag = regexp.MustCompile(`(?i)<\s*script`)
	codeLink  = regexp.MustCompile(`(?i)(href|src)\s*=\s*["']?[\s[:cntrl:]]*j\s*a\s*v\s*a\s*s\s*c\s*r\s*i\s*p\s*t\s*:`)
	tag       = regexp.MustCompile(`<(?:[^"'<>]|"[^"]*"|'[^']*')*>`)
	handler   = regexp.MustCompile(`(?i)<[^>]*\son[a-z]+\s*=`)
)

// checkNarrative looks with other means for what must not get through.
func checkNarrative(t *testing.T, s string) {
	if narrativeProblem(s) != "" {
		return
	}
	plain := regexp.MustCompile(`(?s)<!--.*?-->`).ReplaceAllString(s, "")
	if scriptTag.MatchString(plain) {
		t.Errorf("a script gets through: %q", s)
	}
	// In a tag, or in what is no whole tag: the words href=javascript: between two tags are text.
	suspect := tag.FindAllString(plain, -1)
	if rest := tag.ReplaceAllString(plain, ""); strings.Contains(rest, "<") {
		suspect = append(suspect, rest)
	}
	for _, part := range suspect {
		if codeLink.MatchString(html.UnescapeString(part)) {
			t.Errorf("a link that runs code gets through: %q", s)
		}
	}
	quoted := regexp.MustCompile(`"[^"]*"|'[^']*'`).ReplaceAllString(plain, `""`)
	if handler.MatchString(quoted) {
		t.Errorf("a handler gets through: %q", s)
	}
}
