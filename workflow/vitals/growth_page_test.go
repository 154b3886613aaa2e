package vitals

import (
	"strconv"
	"testing"
)

// maya is the child of the growth page's design, born on 11-Aug-2025.
func maya() []string {
	docs := []string{
		`{"resourceType":"Patient","id":"maya","name":[{"family":"Lindqvist","given":["Maya"]}],"birthDate":"2025-08-11","gender":"female"}`,
		`{"resourceType":"Observation","id":"ga","status":"final","code":{"coding":[{"system":"http://loinc.org","code":"76516-4"}]},"subject":{"reference":"Patient/maya"},"effectiveDateTime":"2025-08-11","valueQuantity":{"value":39,"unit":"wk","system":"http://unitsofmeasure.org","code":"wk"}}`,
	}
	for i, v := range [][4]string{
		{"2025-08-12", "3.4", "49.5", "34.1"}, {"2025-10-13", "5.4", "57.6", "38.5"}, {"2025-12-15", "6.7", "62.6", "40.8"}, {"2026-02-16", "7.6", "66.4", "42.4"},
		{"2026-05-12", "8.5", "70.6", "44.0"}, {"2026-08-12", "8.9", "74.3", "45.1"}, {"2026-11-23", "8.7", "77.7", "45.8"},
	} {
		n := strconv.Itoa(i)
		docs = append(docs, taken("w"+n, "maya", "29463-7", v[1], "kg", v[0]), taken("l"+n, "maya", "8302-2", v[2], "cm", v[0]), taken("h"+n, "maya", "9843-4", v[3], "cm", v[0]))
	}
	return docs
}

func TestGrowthPage(t *testing.T) {
	s := open(t, nil, maya()...)
	page := s.get("/patients/maya/growth")
	draw(t, "growth", page)
	has(t, page, "Weight for age", "CDC girls, birth to 36 months. Born at 39 weeks, no correction.", "Weight fell from the", "8.7 kg", "23-Nov-2026", "Head", "The WHO's standards for the first two years are not here")
	draw(t, "growth-us", s.get("/patients/maya/growth?chart=weight-length"))
}
