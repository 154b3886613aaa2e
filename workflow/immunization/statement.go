package immunization

import (
	"strings"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/web"
	"github.com/osler-ehr/osler/web/format"
	"github.com/osler-ehr/osler/workflow/immunization/stock"
)

// mostStatements is more than any combination vaccine has parts.
const mostStatements = 8

// statementField reads editions of information statements: "31-Jan-2025", or of a combination "DTaP 06-Aug-2021; Hepatitis B 12-May-2023".
func statementField(f *web.Form, name string, now time.Time) (out []stock.Statement) {
	pieces := strings.FieldsFunc(f.Text(name), func(r rune) bool { return r == ';' || r == '\n' })
	for _, piece := range pieces {
		words := strings.Fields(piece)
		if len(words) == 0 {
			continue
		}
		s, ok := statementOf(words, now)
		switch {
		case !ok:
			f.Wrong(name, "“"+strings.Join(words, " ")+"” does not end with a date. Write it as 31-Jan-2025, or of a combination: DTaP 06-Aug-2021; Hepatitis B 12-May-2023.")
			return nil
		case s.Edition.String() > now.Format(time.DateOnly):
			f.Wrong(name, fhirDate(s.Edition)+" has not come yet.")
			return nil
		}
		out = append(out, s)
	}
	for _, s := range out {
		if len(out) > 1 && s.Name == "" {
			f.Wrong(name, "Of several statements write of which vaccine each is: DTaP 06-Aug-2021; Hepatitis B 12-May-2023.")
			return nil
		}
	}
	if len(out) > mostStatements {
		f.Wrong(name, "These are too many statements for one vaccine.")
		return nil
	}
	return out
}

// statementOf takes the date from the end of the words; what stands before it is the name.
func statementOf(words []string, now time.Time) (stock.Statement, bool) {
	for n := min(3, len(words)); n > 0; n-- {
		iso, ok := format.TypedDate(strings.Join(words[len(words)-n:], " "), now)
		if !ok {
			continue
		}
		d, err := fhir.ParseDate(iso)
		if err != nil || d.Precision() < fhir.Month {
			continue
		}
		return stock.Statement{Name: strings.Trim(strings.Join(words[:len(words)-n], " "), " ,:"), Edition: d}, true
	}
	return stock.Statement{}, false
}

// statementWords are statements as the field takes them.
func statementWords(list []stock.Statement) string {
	var out []string
	for _, s := range list {
		out = append(out, strings.TrimSpace(s.Name+" "+fhirDate(s.Edition)))
	}
	return strings.Join(out, "; ")
}

// visDocument is how an education's documentType begins; behind a comma stands of which vaccine it is.
const visDocument = "Vaccine Information Statement"

// educationOf is what was handed out on a day.
func educationOf(list []stock.Statement, on fhir.DateTime) (out []education) {
	for _, s := range list {
		e := education{Document: visDocument, Edition: s.Edition.DateTime(), Presented: on}
		if s.Name != "" {
			e.Document += ", " + s.Name
		}
		out = append(out, e)
	}
	return out
}

// words say what was handed out, of which edition and when.
func (e education) words(zone *time.Location) string {
	out := "edition not recorded"
	if !e.Edition.IsZero() {
		out = "edition of " + format.FHIRDate(e.Edition.String(), zone)
	}
	if name, ok := strings.CutPrefix(e.Document, visDocument+", "); ok {
		out = name + ", " + out
	}
	if !e.Presented.IsZero() {
		out += ", handed out on " + format.FHIRDate(e.Presented.String(), zone)
	}
	return out
}
