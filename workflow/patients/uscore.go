package patients

import (
	"slices"
	"strings"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/web"
	"github.com/osler-ehr/osler/web/ui"
)

// The extensions of US Core.
const (
	usCore    = "http://hl7.org/fhir/us/core/StructureDefinition/"
	race      = usCore + "us-core-race"
	ethnicity = usCore + "us-core-ethnicity"
	birthSex  = usCore + "us-core-birthsex"

	cdcRace    = "urn:oid:2.16.840.1.113883.6.238"
	nullFlavor = "http://terminology.hl7.org/CodeSystem/v3-NullFlavor"
)

// declined and unknown are different answers: who was asked and did not say, and whom nobody could ask.
const (
	declined = "ASKU"
	unknown  = "UNK"
)

// races are the categories of the Office of Management and Budget (1997), by which US Core records race.
var races = []ui.Option{
	{Value: "1002-5", Label: "American Indian or Alaska Native"}, {Value: "2028-9", Label: "Asian"}, {Value: "2054-5", Label: "Black or African American"},
	{Value: "2076-8", Label: "Native Hawaiian or Other Pacific Islander"}, {Value: "2106-3", Label: "White"}, {Value: declined, Label: "Declined to say"}, {Value: unknown, Label: "Unknown"},
}

var ethnicities = []ui.Option{
	{Value: "", Label: "Not asked"}, {Value: "2135-2", Label: "Hispanic or Latino"}, {Value: "2186-5", Label: "Not Hispanic or Latino"}, {Value: declined, Label: "Declined to say"}, {Value: unknown, Label: "Unknown"},
}

var birthSexes = []ui.Option{{Value: "", Label: "Not asked"}, {Value: "F", Label: "Female"}, {Value: "M", Label: "Male"}, {Value: declined, Label: "Declined to say"}, {Value: unknown, Label: "Unknown"}}

// displays of the codes, as their systems name them.
var displays = map[string]string{"2186-5": "Not Hispanic or Latino", declined: "asked but unknown", unknown: "unknown"}

func label(options []ui.Option, value string) string {
	for _, o := range options {
		if o.Value == value && value != "" {
			return o.Label
		}
	}
	return ""
}

func category(options []ui.Option, value string) fhir.Extension {
	system, display := cdcRace, label(options, value)
	if d, ok := displays[value]; ok {
		display = d
	}
	if value == declined || value == unknown {
		system = nullFlavor
	}
	return fhir.Extension{URL: "ombCategory", Value: fhir.ChoiceOf(fhir.Coding{System: system, Code: value, Display: display})}
}

// categories are the codes of a race or ethnicity extension.
func categories(list []fhir.Extension, url string) (codes []string) {
	e, _ := fhir.FindExtension(list, url)
	for _, part := range e.Extension {
		if c, ok := fhir.ChoiceValue[fhir.Coding](part.Value); ok && part.URL == "ombCategory" {
			codes = append(codes, c.Code)
		}
	}
	return codes
}

// asked takes race, ethnicity and sex assigned at birth. What stays as it was keeps what other systems recorded with it.
func (p *demographics) asked(f *web.Form) {
	chosen := f.All("race")
	for _, c := range chosen {
		if label(races, c) == "" {
			f.Wrong("race", "Choose from the list.")
			return
		}
	}
	if len(chosen) > 1 && (slices.Contains(chosen, declined) || slices.Contains(chosen, unknown)) {
		f.Wrong("race", "“Declined” and “Unknown” stand alone.")
	}
	p.compound(race, races, chosen)
	var one []string
	if e := f.Text("ethnicity"); e != "" {
		if label(ethnicities, e) == "" {
			f.Wrong("ethnicity", "Choose from the list.")
			return
		}
		one = []string{e}
	}
	p.compound(ethnicity, ethnicities, one)
	sex := f.Text("birth-sex")
	if e, _ := fhir.FindExtension(p.Extension, birthSex); valueOf(e) == sex {
		return
	}
	switch {
	case sex == "":
		p.extend(birthSex, fhir.Extension{})
	case label(birthSexes, sex) == "":
		f.Wrong("birth-sex", "Choose from the list.")
	default:
		p.extend(birthSex, fhir.Extension{URL: birthSex, Value: fhir.ChoiceAs("code", sex)})
	}
}

// compound sets race or ethnicity: its categories, and the text that US Core asks for.
func (p *demographics) compound(url string, options []ui.Option, codes []string) {
	if slices.Equal(codes, categories(p.Extension, url)) {
		return
	}
	if len(codes) == 0 {
		p.extend(url, fhir.Extension{})
		return
	}
	e := fhir.Extension{URL: url}
	var names []string
	for _, c := range codes {
		e.Extension = append(e.Extension, category(options, c))
		names = append(names, label(options, c))
	}
	e.Extension = append(e.Extension, fhir.Extension{URL: "text", Value: fhir.ChoiceOf(strings.Join(names, ", "))})
	p.extend(url, e)
}

func valueOf(e fhir.Extension) string {
	s, _ := fhir.ChoiceValue[string](e.Value)
	return s
}

// answers shows ethnicity and sex assigned at birth in the form; race is there from its beginning.
func (p *demographics) answers(f *web.Form) {
	if codes := categories(p.Extension, ethnicity); len(codes) > 0 {
		f.Set("ethnicity", codes[0])
	}
	e, _ := fhir.FindExtension(p.Extension, birthSex)
	f.Set("birth-sex", valueOf(e))
}

// languages are those most spoken at home in the United States, by their tags of BCP 47.
var languages = []ui.Option{
	{Value: "", Label: "Not asked"}, {Value: "en", Label: "English"}, {Value: "es", Label: "Spanish"}, {Value: "zh", Label: "Chinese"}, {Value: "tl", Label: "Tagalog"}, {Value: "vi", Label: "Vietnamese"},
	{Value: "ar", Label: "Arabic"}, {Value: "fr", Label: "French"}, {Value: "ko", Label: "Korean"}, {Value: "ru", Label: "Russian"}, {Value: "pt", Label: "Portuguese"}, {Value: "ht", Label: "Haitian Creole"},
	{Value: "de", Label: "German"}, {Value: "hi", Label: "Hindi"}, {Value: "pl", Label: "Polish"}, {Value: "it", Label: "Italian"}, {Value: "ur", Label: "Urdu"}, {Value: "fa", Label: "Persian"}, {Value: "te", Label: "Telugu"},
	{Value: "ja", Label: "Japanese"}, {Value: "gu", Label: "Gujarati"}, {Value: "bn", Label: "Bengali"}, {Value: "ta", Label: "Tamil"}, {Value: "pa", Label: "Punjabi"}, {Value: "th", Label: "Thai"}, {Value: "el", Label: "Greek"},
	{Value: "hy", Label: "Armenian"}, {Value: "he", Label: "Hebrew"}, {Value: "hmn", Label: "Hmong"}, {Value: "km", Label: "Khmer"}, {Value: "nv", Label: "Navajo"}, {Value: "so", Label: "Somali"}, {Value: "am", Label: "Amharic"},
	{Value: "sw", Label: "Swahili"}, {Value: "yo", Label: "Yoruba"}, {Value: "ig", Label: "Igbo"}, {Value: "uk", Label: "Ukrainian"}, {Value: "sv", Label: "Swedish"}, {Value: "ase", Label: "American Sign Language"},
}

func languageName(tag string) (string, bool) {
	l := label(languages, tag)
	return l, l != ""
}

// spoken are the languages to choose from, with one that another system recorded.
func spoken(tag, name string) []ui.Option {
	if tag == "" || label(languages, tag) != "" {
		return languages
	}
	if name == "" {
		name = tag
	}
	return append(slices.Clone(languages), ui.Option{Value: tag, Label: name})
}

// relations are those of HL7's role codes by which people name whom to call.
var relations = []ui.Option{
	{Value: "", Label: "Not stated"}, {Value: "SPS", Label: "Spouse"}, {Value: "DOMPART", Label: "Partner"}, {Value: "MTH", Label: "Mother"}, {Value: "FTH", Label: "Father"}, {Value: "PRN", Label: "Parent"},
	{Value: "DAUC", Label: "Daughter"}, {Value: "SONC", Label: "Son"}, {Value: "CHILD", Label: "Child"}, {Value: "SIB", Label: "Sibling"}, {Value: "GRPRN", Label: "Grandparent"}, {Value: "EXT", Label: "Other relative"},
	{Value: "FRND", Label: "Friend"}, {Value: "NBOR", Label: "Neighbor"}, {Value: "GUARD", Label: "Guardian"},
}

func relationConcept(value string) (fhir.CodeableConcept, bool) {
	l := label(relations, value)
	return fhir.CodeableConcept{Coding: []fhir.Coding{{System: roleCode, Code: value}}, Text: l}, l != ""
}

func relationOf(list []fhir.CodeableConcept) string {
	for _, c := range list {
		if v := c.In(roleCode); label(relations, v) != "" {
			return v
		}
	}
	return ""
}
