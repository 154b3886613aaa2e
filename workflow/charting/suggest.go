package charting

import (
	"net/http"
	"strings"

	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/web"
	"github.com/osler-ehr/osler/web/format"
)

// suggest lists what can be put into a note. The kinds:
//
//	data      what the chart says, as live links
//	phrases   texts that a word after a dot stands for
//	carry     assessments of the last signed note
//	dx        diagnoses that begin with q
//
// All but the last are asked for once; the script narrows them as the person types. The value of an option is what is put
// into the text, as source.go defines it; of a diagnosis, its code.
func (n *notes) suggest(r *http.Request) (web.View, error) {
	s, err := n.d.Session(r)
	if err != nil {
		return nil, err
	}
	ctx, patient := r.Context(), r.PathValue("id")
	switch r.FormValue("kind") {
	case "dx":
		list, total, err := n.findCodes(ctx, r.FormValue("q"))
		if len(list) < total {
			return web.FirstOptions(list, "More diagnoses are called so: type more of the name."), err
		}
		return web.Options(list, "Not in ICD-10-CM. Enter keeps it in your own words."), err
	case "phrases":
		var list []web.Option
		for _, p := range n.phrases {
			list = append(list, web.Option{Value: p.text, Label: "." + p.name, Sub: begins(p.text)})
		}
		return web.Options(list, "No phrase begins so."), nil
	case "data":
		data, ends, err := n.readData(ctx, s, patient)
		if err != nil {
			return nil, err
		}
		var list []web.Option
		for _, d := range data {
			list = append(list, web.Option{Value: link(d.Value, d.Key), Label: d.Name, Note: brief(d.Value)})
		}
		if ends != "" {
			return web.FirstOptions(list, "Older laboratory results than of "+ends+" are not listed here: look under Results."), nil
		}
		return web.Options(list, "The chart has nothing of this name."), nil
	case "carry":
		return n.suggestCarry(r, s, patient)
	}
	return nil, web.ErrNotFound
}

func (n *notes) suggestCarry(r *http.Request, s *record.Session, patient string) (web.View, error) {
	c, err := n.read(r.Context(), s, patient, r.PathValue("note"))
	if err != nil {
		return nil, err
	}
	zone := n.d.Shell.Location()
	p, err := readPrior(r.Context(), s, patient, c.visit(), zone)
	if err != nil {
		return nil, err
	}
	var list []web.Option
	for _, a := range p.assessments() {
		value := carry(a.Text, p.Day, p.Document)
		if !strings.HasPrefix(a.Text, a.Name) {
			value = a.Name + "\n" + value
		}
		list = append(list, web.Option{Value: value, Label: a.Name, Note: "from " + format.FHIRDate(p.Day, zone), Sub: begins(a.Text)})
	}
	return web.Options(list, "No signed note of an earlier visit has an assessment to carry forward."), nil
}

// brief cuts what stands at the right of an option.
func brief(s string) string {
	if r := []rune(s); len(r) > 40 {
		return string(r[:39]) + "…"
	}
	return s
}
