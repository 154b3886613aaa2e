package imaging

import (
	"regexp"
	"slices"
	"strings"
)

var (
	// aboutAllergy is a sentence on an allergy, which is no request for contrast.
	aboutAllergy = regexp.MustCompile(`(allerg\w*|react\w*)( \w+){0,3} contrast|contrast( \w+){0,2} (allerg\w*|reaction)`)
	swallowed    = regexp.MustCompile(`\b(oral|rectal|enteric) contrast`)
	token        = regexp.MustCompile(`[a-z.]+(/o)?|[&+|,;]`)
	intoVessels  = regexp.MustCompile(`\bcta\b|\bctpa\b|angiogra|arteriogra|venogra|urogra|pyelogra|cardiac catheteri|contrast-enhanced|\benhanced|\bce-`)
)

// stated is what words say of contrast, if they say something: "with and without contrast", "W contrast IV", "w/o contrast".
func stated(words string) (c Contrast, said bool) {
	words = aboutAllergy.ReplaceAllString(words, " ")
	words = swallowed.ReplaceAllString(words, " ")
	tokens := token.FindAllString(words, -1)
	for i, t := range tokens {
		if !strings.HasPrefix(t, "contrast") && !strings.HasPrefix(t, "gado") {
			continue
		}
		said = true
		switch with, without := before(tokens[max(0, i-6):i]); {
		case with || !without:
			c = max(c, WithContrast)
		}
	}
	return c, said
}

// before looks back from the word contrast, as far as the same part of the sentence goes.
func before(tokens []string) (with, without bool) {
	for _, t := range slices.Backward(tokens) {
		switch t {
		case "|", ";", ",", ".":
			return with, without
		case "with", "w", "iv", "i.v.", "intravenous", "using":
			with = true
		case "without", "wo", "w/o", "no", "non", "not":
			without = true
		}
	}
	// "without IV contrast": intravenous says where, not whether.
	if without && !slices.Contains(tokens, "with") && !slices.Contains(tokens, "w") {
		with = false
	}
	return with, without
}

// contrastOf is what a name says of contrast, for a modality. CT and MRI of which nothing is said may be done with it.
func contrastOf(words string, m Modality) Contrast {
	switch m {
	case CT, MRI, Fluoroscopy:
	default:
		return NoContrast
	}
	if c, said := stated(words); said {
		return c
	}
	if m != MRI && intoVessels.MatchString(words) {
		return WithContrast
	}
	if m == Fluoroscopy {
		return NoContrast
	}
	return PerhapsContrast
}
