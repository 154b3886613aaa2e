package score

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Kind is how an input is answered.
type Kind int

// The kinds.
const (
	Number Kind = iota
	YesNo
	Choice
)

// Input is one thing that a score needs.
type Input struct {
	Name  string // in forms and in facts: "systolic"
	Label string
	Kind  Kind
	Unit  string // of a number, as it is written: mg/dL
	Hint  string
	// Points are what a yes adds in a score of points.
	Points int
	// Least and Most bound what can be such a number at all; what is beyond is a mistake of typing. Zero both: unbounded.
	Least, Most float64
	// From and To bound the numbers for which the score is valid, both included. Zero both: as Least and Most.
	From, To float64
	Options  []Option // of a choice
	// IfYes and IfNo say why there is no result for such an answer. "" = it is no obstacle.
	IfYes, IfNo string
}

// Option is one answer of a choice.
type Option struct{ Value, Label string }

// Value is what is known of an input: a number, yes or no, or one of the options.
type Value struct {
	Number float64
	Yes    bool
	Choice string
}

// Values are what is known, by the names of inputs. What is not known is not there.
type Values map[string]Value

// Num is a number; it is asked for only where it is known.
func (v Values) Num(name string) float64 { return v[name].Number }

// Is reports a yes.
func (v Values) Is(name string) bool { return v[name].Yes }

// Score is one risk score.
type Score struct {
	ID      string // in addresses and in the record: "ascvd-pce-2013"
	Name    string // CHA2DS2-VASc
	Purpose string // what it estimates, in a sentence
	Version string // which edition of it this is
	Source  string // the publication
	URL     string
	Limits  []string // for whom it is valid and for whom not, in sentences
	Inputs  []Input
	// Horizon is the time that the estimate is for, in years or days as Per says; 0 for none.
	Horizon int
	Per     string // UCUM: "a", "d"
	compute func(*Score, Values) Result
}

// Result is what a score says.
type Result struct {
	// Missing are the inputs that are not known: there is no result then.
	Missing []*Input
	// Refused says why there is no result for this patient; "" if there is one.
	Refused string
	Text    string   // 5.3 %; 4 points; 1.86
	Percent *float64 // the probability in percent, where the score gives one
	Level   string   // low, borderline, high ...
	Meaning string   // what it means and what is done about it, with who says so
	Parts   []Part   // what the points are for
	Notes   []string // what to mind with these inputs
}

// OK reports whether there is a result.
func (r Result) OK() bool { return r.Refused == "" && len(r.Missing) == 0 }

// Part is where points come from.
type Part struct {
	Label  string
	Points int
}

// Evaluate works out the score.
func (s *Score) Evaluate(v Values) Result {
	for i := range s.Inputs {
		in := &s.Inputs[i]
		known, ok := v[in.Name]
		if !ok {
			continue
		}
		if why := in.refuses(known); why != "" {
			return Result{Refused: why}
		}
	}
	var r Result
	for i := range s.Inputs {
		if _, ok := v[s.Inputs[i].Name]; !ok {
			r.Missing = append(r.Missing, &s.Inputs[i])
		}
	}
	if len(r.Missing) > 0 {
		return r
	}
	return s.compute(s, v)
}

// Input finds an input by its name; nil if there is none.
func (s *Score) Input(name string) *Input {
	i := slices.IndexFunc(s.Inputs, func(in Input) bool { return in.Name == name })
	if i < 0 {
		return nil
	}
	return &s.Inputs[i]
}

// refuses says why a score has no result with this answer.
func (in *Input) refuses(v Value) string {
	switch in.Kind {
	case YesNo:
		if v.Yes {
			return in.IfYes
		}
		return in.IfNo
	case Number:
		if (in.From != 0 || in.To != 0) && (v.Number < in.From || v.Number > in.To) {
			return fmt.Sprintf("%s %s: this score is valid from %s to %s.", in.Label, in.write(v.Number), in.write(in.From), in.write(in.To))
		}
	}
	return ""
}

// write is a number with its unit.
func (in *Input) write(n float64) string {
	return strings.TrimSpace(strconv.FormatFloat(n, 'f', -1, 64) + " " + in.Unit)
}

// Show writes a value of an input for people.
func (in *Input) Show(v Value) string {
	switch in.Kind {
	case YesNo:
		if v.Yes {
			return "yes"
		}
		return "no"
	case Choice:
		for _, o := range in.Options {
			if o.Value == v.Choice {
				return o.Label
			}
		}
		return v.Choice
	}
	return in.write(v.Number)
}

// points adds up what the answers give, first those that the score works out by itself.
func (s *Score) points(v Values, first ...Part) (total int, parts []Part) {
	for _, p := range first {
		if p.Points != 0 {
			parts, total = append(parts, p), total+p.Points
		}
	}
	for i := range s.Inputs {
		if in := &s.Inputs[i]; in.Kind == YesNo && in.Points != 0 && v.Is(in.Name) {
			parts, total = append(parts, Part{in.Label, in.Points}), total+in.Points
		}
	}
	return total, parts
}

// points is a number of points in words.
func points(n int) string {
	if n == 1 {
		return "1 point"
	}
	return strconv.Itoa(n) + " points"
}

// percent is a probability as it is shown, to a tenth.
func percent(p float64) string { return strconv.FormatFloat(p, 'f', 1, 64) + " %" }

func ptr(f float64) *float64 { return &f }

// All are the scores, in the order in which they are shown.
var All = []*Score{&ascvd, &chads, &hasBled, &lace, &fib4, &filtration, &curb65, &mcIsaac, &wellsPE, &wellsDVT}

// Find is the score of an id; nil if there is none.
func Find(id string) *Score {
	i := slices.IndexFunc(All, func(s *Score) bool { return s.ID == id })
	if i < 0 {
		return nil
	}
	return All[i]
}

// Inputs that several scores have in common.
var (
	age       = Input{Name: "age", Label: "Age", Unit: "years", Least: 0, Most: 120}
	sex       = Input{Name: "sex", Label: "Sex", Kind: Choice, Options: []Option{{"female", "Female"}, {"male", "Male"}}, Hint: "the equation knows these two alone"}
	heartRate = Input{Name: "pulse", Label: "Heart rate", Unit: "/min", Least: 20, Most: 250}
)

// between is an age for which a score is valid.
func between(from, to float64) Input {
	in := age
	in.From, in.To = from, to
	return in
}
