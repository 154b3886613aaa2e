package inbox

import (
	_ "embed" // the words
	"strings"

	"github.com/osler-ehr/osler/web/clinical"
	"github.com/osler-ehr/osler/web/facts"
	"github.com/osler-ehr/osler/web/format"
)

//go:embed plain.tsv
var plainFile string

// inPlain is the name of a test and what it tells, in words for patients; both are empty for a test without.
func inPlain(loinc string) (name, tells string) {
	for line := range strings.Lines(plainFile) {
		if f := strings.Split(strings.TrimSuffix(line, "\n"), "\t"); len(f) == 3 && f[0] == loinc && loinc != "" {
			return f[1], f[2]
		}
	}
	return "", ""
}

// letter is what a patient is told of a result, to be read and changed before it is sent. It states the values and how they
// stand, and no advice that nobody has thought about.
func letter(r *result, to format.PersonName, when, from, phone string) string {
	var b strings.Builder
	name := to.Preferred
	if name == "" {
		name, _, _ = strings.Cut(to.Given, " ")
	}
	if name == "" {
		name = to.Plain()
	}
	b.WriteString("Hello " + name + ",\n\n")
	on := ""
	if when != "" {
		on = " from " + when
	}
	flag := r.flag()
	switch {
	case len(r.values) == 0:
		b.WriteString("The result of your test (" + r.name() + ")" + on + " is here, and I have read it.")
	case r.normal() && len(r.values) > 1:
		b.WriteString("Your test results (" + r.name() + ")" + on + " are all in the usual range.")
	default:
		for i, m := range r.values {
			if i > 0 && m.flag() == clinical.Normal {
				continue
			}
			v := lead(m)
			plain, tells := inPlain(v.Code.In(facts.LOINC))
			if plain == "" {
				plain = v.Name()
			}
			show := v.Show()
			if i == 0 {
				b.WriteString("Your " + plain + on + " is " + strings.TrimSpace(show.Text+" "+show.Unit))
			} else {
				b.WriteString(" Your " + plain + " is " + strings.TrimSpace(show.Text+" "+show.Unit))
			}
			b.WriteString(standing(v))
			if tells != "" {
				b.WriteString(" " + tells)
			}
		}
	}
	switch {
	case flag.Critical():
		b.WriteString("\n\nThis needs attention today. Please call us now")
		if phone != "" {
			b.WriteString(" at " + phone)
		}
		b.WriteString(". If you feel very unwell, call 911.")
	case r.normal():
		b.WriteString("\n\nNothing needs to change.")
	default:
		b.WriteString("\n\nI have looked at it. Please write or call if you have questions.")
	}
	b.WriteString("\n\n" + from)
	return b.String()
}

// standing says how a value stands to its range, with a full stop.
func standing(v facts.Value) string {
	ref := v.Range()
	in := ""
	if ref != "" && v.Band() != nil {
		in = " (" + ref + ")"
	}
	switch f := v.Flag(); {
	case f == clinical.High || f == clinical.HighCritical:
		return ", above the usual range" + in + "."
	case f == clinical.Low || f == clinical.LowCritical:
		return ", below the usual range" + in + "."
	case f != clinical.Normal:
		return ", which is not usual."
	case judged(v.Measured):
		return ", in the usual range" + in + "."
	}
	return "."
}
