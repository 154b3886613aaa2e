package web

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode"

	"github.com/osler-ehr/osler/web/ui"
)

// maxForm is how much a form of text fields may hold, in bytes.
const maxForm = 1 << 20

// Form is what a person filled in, with what is wrong in it. What was typed is never lost: a form with errors is drawn
// again with every value as it was.
type Form struct {
	values url.Values
	errs   map[string]string
}

// ReadForm reads the form that a request brings. The error is for a request that is no form, or too large a one.
func ReadForm(r *http.Request) (*Form, error) {
	r.Body = http.MaxBytesReader(nil, r.Body, maxForm)
	if err := r.ParseForm(); err != nil {
		return nil, &Problem{Kind: ErrInvalid}
	}
	return NewForm(r.PostForm), nil
}

// NewForm is a form filled in beforehand: with what is in the record now, say.
func NewForm(values url.Values) *Form {
	if values == nil {
		values = url.Values{}
	}
	return &Form{values, map[string]string{}}
}

// Text is a value without the space around it and without characters that nobody can see; line ends are kept.
func (f *Form) Text(name string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\t' {
			return -1
		}
		return r
	}, f.values.Get(name)))
}

// All are the values of a name that may be given several times, without empty ones.
func (f *Form) All(name string) []string {
	return slices.DeleteFunc(slices.Clone(f.values[name]), func(s string) bool { return strings.TrimSpace(s) == "" })
}

// Has reports whether a box of this name was ticked, or a button of this name pressed.
func (f *Form) Has(name string) bool { return f.values.Has(name) }

// Set changes a value.
func (f *Form) Set(name, value string) { f.values.Set(name, value) }

// Add adds a value to those of a name that may be given several times.
func (f *Form) Add(name, value string) { f.values.Add(name, value) }

// Wrong notes what is wrong with a field, for the person: what it is, and what to do. The first note stays.
func (f *Form) Wrong(name, sentence string) {
	if f.errs[name] == "" {
		f.errs[name] = sentence
	}
}

// Need notes that a field is empty.
func (f *Form) Need(name, sentence string) {
	if f.Text(name) == "" {
		f.Wrong(name, sentence)
	}
}

// OK reports whether nothing is wrong.
func (f *Form) OK() bool { return len(f.errs) == 0 }

// Error is what is wrong with a field; "" if nothing is.
func (f *Form) Error(name string) string { return f.errs[name] }

// Field fills a field with what was typed and what is wrong with it.
func (f *Form) Field(field ui.Field) ui.Field {
	if v, ok := f.values[field.Name]; ok {
		field.Value = strings.Join(v, ", ")
	}
	field.Error = f.errs[field.Name]
	return field
}
