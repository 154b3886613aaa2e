package cdshooks

import (
	"strings"
	"unicode/utf8"

	"github.com/osler-ehr/osler/slice"
	"github.com/osler-ehr/osler/web/facts"
)

// card is one piece of advice. (CDS Hooks 2.0, "Card Attributes".)
type card struct {
	UUID      string `json:"uuid"`
	Summary   string `json:"summary"` // fewer than 140 characters
	Detail    string `json:"detail,omitempty"`
	Indicator string `json:"indicator"`
	Source    source `json:"source"`
	Links     []link `json:"links,omitempty"`
	// OverrideReasons are offered to whoever does not follow.
	OverrideReasons []reason `json:"overrideReasons,omitempty"`
}

type source struct {
	Label string `json:"label"`
	URL   string `json:"url,omitempty"`
}

type link struct {
	Label string `json:"label"`
	URL   string `json:"url"`
	Type  string `json:"type"`
}

type reason struct {
	Code    string `json:"code"`
	System  string `json:"system"`
	Display string `json:"display"`
}

const reasonSystem = "https://osler.example/fhir/CodeSystem/override-reason"

var overrideReasons = []reason{
	{"benefit-outweighs-risk", reasonSystem, "The benefit outweighs the risk"},
	{"will-monitor", reasonSystem, "It will be monitored"},
	{"not-applicable", reasonSystem, "Does not apply to this patient"},
	{"already-done", reasonSystem, "Already done"},
	{"patient-declines", reasonSystem, "The patient declines"},
}

// maxSummary is how many characters a summary may have.
const maxSummary = 139

func cardOf(a slice.Advice, publicURL string) card {
	c := card{UUID: facts.NewUUID(), Summary: a.Summary, Detail: markdown(a.Detail), Indicator: string(a.Urgency), Source: source{a.Source, a.SourceURL}, OverrideReasons: overrideReasons}
	if a.Due != "" {
		c.Summary += ", " + a.Due
	}
	if utf8.RuneCountInString(c.Summary) > maxSummary { // nothing may be lost: the whole stands in the detail
		c.Detail = strings.TrimSpace(markdown(c.Summary) + "\n\n" + c.Detail)
		c.Summary = string([]rune(c.Summary)[:maxSummary-1]) + "…"
	}
	if c.Source.Label == "" {
		c.Source.Label = "Osler"
	}
	if c.Indicator == "" {
		c.Indicator = string(slice.Info)
	}
	if a.Href != "" && publicURL != "" {
		c.Links = []link{{"Open in Osler", publicURL + a.Href, "absolute"}}
	}
	return c
}

// markdown keeps plain text plain where Markdown is read. (Cards are GitHub Flavored Markdown.)
func markdown(text string) string {
	return strings.NewReplacer(`\`, `\\`, "*", `\*`, "_", `\_`, "`", "\\`", "[", `\[`, "]", `\]`, "<", "&lt;", ">", "&gt;", "#", `\#`, "|", `\|`, "~", `\~`).Replace(text)
}
