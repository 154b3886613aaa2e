package web

import (
	"net/http"

	"github.com/a-h/templ"

	"github.com/osler-ehr/osler/web/clinical"
	"github.com/osler-ehr/osler/web/ui"
)

// Work is a form with which somebody changes the record. A link with the attributes of [Opens] opens it beside the
// page, which stays as it is and can be used meanwhile; without script, or at its own address, it is a page. The form is
// sent to Action; the answer is the same Work again with what is wrong, or [Done].
type Work struct {
	Title   string
	Current string           // Name of the menu entry, as in Page
	Patient *clinical.Banner // whose record it is: stands at the foot, beside the button that signs; nil if nobody's
	Back    string           // where closing leads to
	Action  string           // where the form is sent; "" draws no form around the body
	Body    templ.Component  // the fields
	// Buttons stand at the foot, the primary one last. A button with a Name among its Attrs tells the handler which it was.
	Buttons  []ui.Button
	Messages []ui.Message // above the fields
	Wide     bool         // as wide as the page's centre and right column: a note, a reconciliation
	Files    bool         // the form brings files: it is sent as multipart/form-data
	Status   int          // 200 if zero; 422 for a form with errors
}

// Opens are the attributes of a link to a Work.
func Opens() templ.Attributes { return templ.Attributes{"data-work": true} }

func (w Work) serve(s *Shell, rw http.ResponseWriter, r *http.Request) error {
	if partial(r) {
		return s.render(rw, r, w.Status, w.draw())
	}
	return Page{Title: w.Title, Current: w.Current, Patient: w.Patient, Body: w.alone(), Status: w.Status}.serve(s, rw, r)
}

// enctype is how the form is sent.
func (w Work) enctype() string {
	if w.Files {
		return "multipart/form-data"
	}
	return "application/x-www-form-urlencoded"
}

func (w Work) formID() string { return "work-form" }

// EnterAttr marks the button that Enter in a field presses, where that is not the primary one.
const EnterAttr = "data-enter"

// entered is the button that Enter in a field presses. A browser presses the first of the form, which would be whatever
// stands leftmost at the foot - one that strikes or cancels, say - so the form begins with this one, out of sight.
func (w Work) entered() (ui.Button, bool) {
	var found ui.Button
	ok := false
	for _, b := range w.Buttons {
		if b.Href != "" {
			continue
		}
		if _, marked := b.Attrs[EnterAttr]; marked {
			return b, true
		}
		if b.Kind == ui.Primary {
			found, ok = b, true
		}
	}
	return found, ok
}

// button ties a button of the foot to the form above it.
func (w Work) button(b ui.Button) ui.Button {
	if b.Href == "" && w.Action != "" {
		attrs := templ.Attributes{"form": w.formID()}
		for k, v := range b.Attrs {
			attrs[k] = v
		}
		b.Attrs = attrs
	}
	return b
}

// Done answers a form that was carried out. The page behind the form is read anew and says what was done; without
// script the browser is led to To.
type Done struct {
	To  string     // where what was done can be seen
	Say ui.Message // what was done, in past tense: "Penicillin added to allergies."
	// Undo is the address that takes it back within a short time, by POST; "" = there is none.
	Undo string
	// Next is a Work that opens in place of the one that was carried out: its address, "" = it closes.
	Next string
}

// doneHeader tells the script that a form was carried out; its value is the address of the next Work, if there is one.
const doneHeader = "Osler-Done"

func (d Done) serve(s *Shell, w http.ResponseWriter, r *http.Request) error {
	if !partial(r) {
		to := d.To
		if d.Next != "" {
			to = d.Next
		}
		return Redirect{To: to}.serve(s, w, r)
	}
	w.Header().Set(doneHeader, d.Next)
	if d.Say.Tone == ui.Neutral {
		d.Say.Tone = ui.Done
	}
	return s.render(w, r, http.StatusOK, d.draw())
}

// Option is one answer of a combobox: what is chosen and what is said of it.
type Option struct {
	Value string // sent with the form
	Label string // put into the field
	Note  string // at the right: the code, "your usual"
	Sub   string // below, smaller
}

// Options answers a combobox's question with a list. none is the sentence for an empty list.
func Options(list []Option, none string) View { return Fragment{Body: options(list, none, "")} }

// FirstOptions are Options of which there are more than are listed; more is the sentence that says so and how to find the others.
func FirstOptions(list []Option, more string) View { return Fragment{Body: options(list, "", more)} }
