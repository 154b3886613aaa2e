package patients

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

var today = time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)

func TestRead(t *testing.T) {
	for text, want := range map[string]string{
		"okafor":                "[okafor] [] []",
		"Okafor, Adaeze":        "[Okafor Adaeze] [] []",
		"ada 1968":              "[ada] [[1968]] []",
		"1968-07-14":            "[] [[1968-07-14]] []",
		"14/7/68":               "[] [[1968-07-14]] []",
		"7/14/1968 okafor":      "[okafor] [[1968-07-14]] []",
		"3/4/1990":              "[] [[1990-03-04 1990-04-03]] []",
		"3/3/90":                "[] [[1990-03-03]] []",
		"5/6/12":                "[] [[2012-05-06 2012-06-05 1912-05-06 1912-06-05]] []",
		"14.7.1968":             "[] [[1968-07-14]] []",
		"14-Jul-1968":           "[] [[1968-07-14]] []",
		"July 14 1968":          "[] [[1968-07-14]] []",
		"july 14th, 1968":       "[] [[1968-07-14]] []",
		"14 july 1968 okafor":   "[okafor] [[1968-07-14]] []",
		"jul 1968":              "[] [[1968-07]] []",
		"19680714":              "[] [[1968-07-14]] []",
		"07141968":              "[] [[1968-07-14]] []",
		"100 482 771":           "[] [] [100482771]",
		"100482771":             "[] [] [100482771]",
		"(555) 010-0142":        "[] [] [5550100142]",
		"+1 555.010.0142":       "[] [] [15550100142]",
		"mary may":              "[mary may] [] []",
		"april jones":           "[april jones] [] []",
		"30/2/1968":             "[] [] [3021968]",
		"o'brien-smith":         "[o'brien-smith] [] []",
		"":                      "[] [] []",
		" ,; ":                  "[] [] []",
		"a b c d e f g h i j k": "[a b c d e f g h] [] []",
	} {
		q := read(text, today)
		if got := fmt.Sprint(q.words, q.births, q.numbers); got != want {
			t.Errorf("%q: got %s, want %s", text, got, want)
		}
	}
}

func TestSlips(t *testing.T) {
	for _, c := range []struct {
		query, names string
		near         bool
	}{
		{"okafr", "Okafor Adaeze", true},
		{"okafro", "Okafor Adaeze", true},
		{"okkafor", "Okafor Adaeze", true},
		{"okafoor adaez", "Okafor Adaeze", true},
		{"ibara luis", "Ibarra Luis", true},
		{"muller", "Müller", true},
		{"lindqist", "Lindqvist", true},
		{"lindkwist", "Lindqvist", true},
		{"lee", "Lea", false},
		{"smith", "Smythe", true},
		{"smith", "Schmidt", false},
		{"okafor", "Okada", false},
		{"okafor luis", "Okafor Adaeze", false},
	} {
		if _, near := read(c.query, today).slips(strings.Fields(c.names)); near != c.near {
			t.Errorf("%q and %q: near is %v", c.query, c.names, near)
		}
	}
}
