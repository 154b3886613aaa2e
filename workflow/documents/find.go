package documents

import (
	"context"
	"encoding/base64"
	"iter"
	"strings"
	"unicode"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/record/search"
	"github.com/osler-ehr/osler/web/facts"
)

// The bounds of a search through one patient's documents. Each text is opened for it: no index holds words of it.
const (
	maxLooked = 500 // documents
	maxOpened = 100 // texts that stand in a file of their own
	maxWords  = 8
)

// Found is what a search found.
type Found struct {
	Query    string
	Rows     []Row
	Looked   int // documents that were looked at
	Texts    int // of them, those whose text was read
	All      int // documents of the patient
	Unopened int // texts in files of their own beyond maxOpened
}

// Span is a piece of a line, marked where a word was found.
type Span struct {
	Text string
	Hit  bool
}

// wordsOf are the words of normalized text: letters and digits.
func wordsOf(s string) iter.Seq[string] {
	return strings.FieldsFuncSeq(s, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}

// words are what a query asks for.
func queryWords(q string) (out []string) {
	for w := range wordsOf(search.Normalize(q)) {
		if len(out) < maxWords {
			out = append(out, w)
		}
	}
	return out
}

// begins reports, for each word wanted, whether a word of the text begins with it.
func begins(text string, wanted []string) []bool {
	hit := make([]bool, len(wanted))
	left := len(wanted)
	for w := range wordsOf(search.Normalize(text)) {
		for i, want := range wanted {
			if !hit[i] && strings.HasPrefix(w, want) {
				hit[i] = true
				if left--; left == 0 {
					return hit
				}
			}
		}
	}
	return hit
}

// snippet is the line of a text with most of the words, with them marked.
func snippet(text string, wanted []string) []Span {
	best, most := "", 0
	for line := range strings.SplitSeq(text, "\n") {
		n := 0
		for _, hit := range begins(line, wanted) {
			if hit {
				n++
			}
		}
		if n > most {
			best, most = strings.TrimSpace(line), n
		}
	}
	var out []Span
	length := 0
	started := false
	fields := strings.Fields(best)
	for i, word := range fields {
		hit := false
		for w := range wordsOf(search.Normalize(word)) {
			for _, want := range wanted {
				hit = hit || strings.HasPrefix(w, want)
			}
		}
		if !started { // begin a few words before the first hit
			near := hit
			for j := i + 1; j < len(fields) && j <= i+6 && !near; j++ {
				for _, b := range begins(fields[j], wanted) {
					near = near || b
				}
			}
			if !near {
				continue
			}
			started = true
			if i > 0 {
				out = append(out, Span{Text: "… "})
			}
		}
		if length += len(word) + 1; length > 200 {
			out = append(out, Span{Text: "…"})
			break
		}
		if hit {
			out = append(out, Span{Text: word, Hit: true}, Span{Text: " "})
		} else {
			out = append(out, Span{Text: word + " "})
		}
	}
	return out
}

// texts are what a document says in words: those in it, and as long as *open lasts those in files beside it. missed counts the rest.
func (d document) texts(ctx context.Context, s *record.Session, open *int) (out []string, missed int, err error) {
	for n, c := range d.Content {
		a := c.Attachment
		if text, ok := a.plain(); ok {
			out = append(out, text)
			continue
		}
		if !strings.HasPrefix(a.ContentType, mediaText) || a.URL == "" {
			continue
		}
		t, ok := fhir.ParseReference(a.URL)
		if !ok || t.Kind != fhir.RelativeTarget || t.Type != "Binary" {
			continue
		}
		if *open <= 0 {
			missed++
			continue
		}
		*open--
		v, err := s.File(ctx, d.ID, n)
		if err != nil {
			if record.KindOf(err) == record.KindNotFound || record.KindOf(err) == record.KindGone || record.KindOf(err) == record.KindForbidden {
				continue
			}
			return nil, missed, err
		}
		if b, err := base64.StdEncoding.DecodeString(v.Resource().Get("data").Text()); err == nil {
			out = append(out, strings.ToValidUTF8(string(b), "�"))
		}
	}
	return out, missed, nil
}

// find looks through the newest documents of a patient for words: in titles, kinds and senders of all, and in texts.
func (p *pages) find(ctx context.Context, s *record.Session, patient, query string) (Found, error) {
	f := Found{Query: query}
	wanted, open := queryWords(query), maxOpened
	if len(wanted) == 0 {
		return f, nil
	}
	q := facts.Of("DocumentReference", patient, facts.Params("_sort", "-date", "_count", "100", "_total", "accurate")...)
	for cursor := ""; f.Looked < maxLooked; {
		page, err := facts.Page(ctx, s, q, patient, cursor)
		if err != nil {
			return f, err
		}
		if cursor == "" {
			f.All = int(page.Total)
		}
		for i := range page.Entries {
			d, err := fhir.View[document](page.Entries[i].Resource())
			if err != nil {
				return f, err
			}
			f.Looked++
			if d.mistaken() {
				continue
			}
			texts, missed, err := d.texts(ctx, s, &open)
			if err != nil {
				return f, err
			}
			f.Unopened += missed
			if len(texts) > 0 {
				f.Texts++
			}
			row := p.row(d, patient)
			about := strings.Join([]string{row.Title, row.Kind, row.From}, "\n")
			hits := begins(about+"\n"+strings.Join(texts, "\n"), wanted)
			matched := true
			for _, hit := range hits {
				matched = matched && hit
			}
			if !matched {
				continue
			}
			row.Snippet = snippet(strings.Join(texts, "\n"), wanted)
			f.Rows = append(f.Rows, row)
		}
		if cursor = page.Next; cursor == "" {
			break
		}
	}
	return f, nil
}
