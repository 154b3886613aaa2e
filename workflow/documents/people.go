package documents

import (
	"cmp"
	"context"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/record/search"
	"github.com/osler-ehr/osler/web"
	"github.com/osler-ehr/osler/web/facts"
	"github.com/osler-ehr/osler/web/format"
)

// people answers the field in which a patient is chosen: by parts of the name, the birth date, the record number.
func (p *pages) people(r *http.Request) (web.View, error) {
	s, err := p.d.Session(r)
	if err != nil {
		return nil, err
	}
	now := p.d.Shell.Clock()
	q := strings.TrimSpace(r.FormValue("q"))
	if len([]rune(q)) < 2 || len(q) > 200 {
		return web.Options(nil, "Type a part of the name, the birth date or the record number."), nil
	}
	var params []search.Param
	if iso, ok := format.TypedDate(q, now); ok && len(iso) == len(time.DateOnly) {
		params = facts.Params("birthdate", iso)
	} else {
		for _, word := range strings.FieldsFunc(q, func(r rune) bool { return r == ' ' || r == ',' || r == '|' || r == '$' || r == '\\' }) {
			name := "name"
			if n := len(strings.Trim(word, "0123456789")); n == 0 {
				name = "identifier"
			}
			params = append(params, facts.Params(name, word)...)
		}
	}
	if len(params) == 0 {
		return web.Options(nil, "Nobody found."), nil
	}
	page, err := s.Search(r.Context(), record.Query{Type: "Patient", Params: append(params, facts.Params("_sort", "family", "_count", "12")...), Strict: true})
	if err != nil {
		return nil, err
	}
	var out []web.Option
	for i := range page.Entries {
		v, err := fhir.View[facts.Patient](page.Entries[i].Resource())
		if err != nil {
			return nil, err
		}
		out = append(out, web.Option{Value: v.ID, Label: v.Name(now).Plain() + ", " + v.BornLine(now, now.Location()), Note: v.MRN()})
	}
	if page.Next != "" {
		return web.FirstOptions(out, "More patients match: type the birth date or the record number."), nil
	}
	return web.Options(out, "Nobody found."), nil
}

// Proposal is a patient whom a document may be about.
type Proposal struct {
	ID, Name, Born, MRN string
	Why                 string // name and birth date are in the text
	rank                int
}

var (
	isoDate    = regexp.MustCompile(`\b((?:19|20)\d\d)-(\d\d)-(\d\d)\b`)
	slashDate  = regexp.MustCompile(`\b(\d{1,2})[/.\-](\d{1,2})[/.\-]((?:19|20)\d\d)\b`)
	dayMonth   = regexp.MustCompile(`(?i)\b(\d{1,2})[ \-.]{1,2}(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}[ \-.,]{1,2}((?:19|20)\d\d)\b`)
	monthDay   = regexp.MustCompile(`(?i)\b(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}[ .]{1,2}(\d{1,2})[ ,]{1,2}((?:19|20)\d\d)\b`)
	longNumber = regexp.MustCompile(`\b\d{6,12}\b`)
	months     = map[string]int{"jan": 1, "feb": 2, "mar": 3, "apr": 4, "may": 5, "jun": 6, "jul": 7, "aug": 8, "sep": 9, "oct": 10, "nov": 11, "dec": 12}
)

// The bounds of what is looked for in one text.
const (
	maxText      = 64 << 10 // bytes of the text that is looked at
	maxDates     = 20
	maxProposals = 5
)

// dates are the days that a text names, as it may write a birth date, each once. A day written 03/04/1960 is read the American way,
// the other way only where that is no date.
func dates(text string, now time.Time) (out []string) {
	add := func(y, m, d int) bool {
		t := time.Date(y, time.Month(m), d, 0, 0, 0, 0, time.UTC)
		if t.Day() != d || int(t.Month()) != m || t.After(now) {
			return false
		}
		if iso := t.Format(time.DateOnly); !slices.Contains(out, iso) && len(out) < maxDates {
			out = append(out, iso)
		}
		return true
	}
	n := func(s string) int { v, _ := strconv.Atoi(s); return v } // the patterns let digits through alone
	for _, m := range isoDate.FindAllStringSubmatch(text, 200) {
		add(n(m[1]), n(m[2]), n(m[3]))
	}
	for _, m := range slashDate.FindAllStringSubmatch(text, 200) {
		if !add(n(m[3]), n(m[1]), n(m[2])) {
			add(n(m[3]), n(m[2]), n(m[1]))
		}
	}
	for _, m := range dayMonth.FindAllStringSubmatch(text, 200) {
		add(n(m[3]), months[strings.ToLower(m[2])], n(m[1]))
	}
	for _, m := range monthDay.FindAllStringSubmatch(text, 200) {
		add(n(m[3]), months[strings.ToLower(m[1])], n(m[2]))
	}
	return out
}

// propose finds patients whose birth date or record number stands in a text together with a name of theirs.
func propose(ctx context.Context, s *record.Session, text string, now time.Time) ([]Proposal, error) {
	if len(text) > maxText {
		text = strings.ToValidUTF8(text[:maxText], "")
	}
	if !s.May(access.Search, "Patient") {
		return nil, nil
	}
	words := map[string]bool{}
	for w := range wordsOf(search.Normalize(text)) {
		words[w] = true
	}
	var queries [][]search.Param
	if born := dates(text, now); len(born) > 0 {
		queries = append(queries, facts.Params("birthdate", strings.Join(born, ","), "_count", "200"))
	}
	numbers := longNumber.FindAllString(text, maxDates)
	slices.Sort(numbers)
	if numbers = slices.Compact(numbers); len(numbers) > 0 {
		queries = append(queries, facts.Params("identifier", strings.Join(numbers, ","), "_count", "50"))
	}
	var out []Proposal
	for _, q := range queries {
		page, err := facts.Whole(ctx, s, record.Query{Type: "Patient", Params: q, Strict: true})
		if err != nil {
			return nil, err
		}
		for i := range page.Entries {
			v, err := fhir.View[facts.Patient](page.Entries[i].Resource())
			if err != nil {
				return nil, err
			}
			if x := proposal(v, words, numbers, text, now); x.rank > 0 && !slices.ContainsFunc(out, func(o Proposal) bool { return o.ID == x.ID }) {
				out = append(out, x)
			}
		}
	}
	slices.SortStableFunc(out, func(a, b Proposal) int { return cmp.Or(b.rank-a.rank, strings.Compare(a.Name, b.Name)) })
	return out[:min(len(out), maxProposals)], nil
}

// proposal says how much of what is known of a patient stands in a text. A birth date or number without a name proposes nobody.
func proposal(v facts.Patient, words map[string]bool, numbers []string, text string, now time.Time) Proposal {
	x := Proposal{ID: v.ID, Name: v.Name(now).Plain(), Born: v.BornLine(now, now.Location()), MRN: v.MRN()}
	family, given := false, false
	for _, n := range v.Names {
		family = family || n.Family != "" && all(words, n.Family)
		for _, g := range n.Given {
			given = given || len([]rune(g)) > 1 && all(words, g)
		}
	}
	if !family && !given {
		return x
	}
	var why []string
	switch {
	case family && given:
		x.rank += 4
		why = append(why, "name")
	case family:
		x.rank += 2
		why = append(why, "family name")
	default:
		x.rank++
		why = append(why, "given name")
	}
	if slices.Contains(dates(text, now), v.Birth.String()) {
		x.rank += 4
		why = append(why, "birth date")
	}
	if slices.ContainsFunc(v.Identifiers, func(id fhir.Identifier) bool { return slices.Contains(numbers, id.Value) }) {
		x.rank += 4
		why = append(why, "record number")
	}
	x.Why = strings.Join(why[:len(why)-1], ", ")
	if x.Why != "" {
		x.Why += " and "
	}
	x.Why += why[len(why)-1] + " in the text"
	return x
}

// all reports whether every word of a name is among the words of a text.
func all(words map[string]bool, name string) bool {
	some := false
	for w := range wordsOf(search.Normalize(name)) {
		if !words[w] {
			return false
		}
		some = true
	}
	return some
}
