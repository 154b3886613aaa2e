package score

import "strconv"

// wellsResult adds in halves, as some weights are 1.5.
func wellsResult(_ *Score, v Values) Result {
	halves := 0
	if v.Num("pulse") > 100 {
		halves += 3
	}
	for name, weight := range wellsHalves {
		if v.Is(name) {
			halves += weight
		}
	}
	r := Result{Text: strconv.FormatFloat(float64(halves)/2, 'f', -1, 64) + " points"}
	if halves > 8 {
		r.Level, r.Meaning = "likely", "Over 4 points: an embolism is likely. Imaging."
	} else {
		r.Level, r.Meaning = "unlikely", "4 points or less: an embolism is unlikely. D-dimer; imaging only if it is raised."
	}
	if halves == 2 {
		r.Text = "1 point"
	}
	return r
}
