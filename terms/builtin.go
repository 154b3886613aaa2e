package terms

import (
	"strings"

	"github.com/osler-ehr/osler/fhir/definitions"
	"github.com/osler-ehr/osler/terms/tables"
)

// URLs of the code systems that this package and its loaders know by name.
const (
	ICD10CM  = "http://hl7.org/fhir/sid/icd-10-cm"
	ICD10PCS = "http://www.cms.gov/Medicare/Coding/ICD10"
	CVX      = "http://hl7.org/fhir/sid/cvx"
	MVX      = "http://hl7.org/fhir/sid/mvx"
	NDC      = "http://hl7.org/fhir/sid/ndc"
	RxNorm   = "http://www.nlm.nih.gov/research/umls/rxnorm"
	LOINC    = "http://loinc.org"
	SNOMEDCT = "http://snomed.info/sct"
	HCPCS    = "http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets"
	UCUM     = ucumSystem
)

// other URLs that are in use for the same code systems.
var aliases = map[string]string{
	"http://hl7.org/fhir/sid/icd-10-pcs":        ICD10PCS,
	"http://terminology.hl7.org/CodeSystem/MVX": MVX,
	"http://terminology.hl7.org/CodeSystem/CVX": CVX,
	"urn:oid:2.16.840.1.113883.6.90":            ICD10CM,
	"urn:oid:2.16.840.1.113883.6.4":             ICD10PCS,
	"urn:oid:2.16.840.1.113883.6.96":            SNOMEDCT,
	"urn:oid:2.16.840.1.113883.6.88":            RxNorm,
	"urn:oid:2.16.840.1.113883.6.1":             LOINC,
	"urn:oid:2.16.840.1.113883.12.292":          CVX,
	"urn:oid:2.16.840.1.113883.12.227":          MVX,
	"urn:oid:2.16.840.1.113883.6.285":           HCPCS,
	"urn:oid:2.16.840.1.113883.6.8":             UCUM,
	"urn:oid:2.16.840.1.113883.6.69":            NDC,
}

// ranks of ICD-10-CM: what a claim takes comes before headings, and the first visit before later ones.
const (
	rankMostCommon = 0
	rankCommon     = 15
	rankOther      = 160
	rankLaterVisit = 175
	rankSequela    = 180
	rankHeading    = 220
	rankGroup      = 255
)

// builtinVersion is the version of a system that ships with the program; ok is false if there is none.
func builtinVersion(url string) (version string, ok bool) {
	switch url {
	case ICD10CM:
		version, err := tables.ICD10CMVersion()
		return version, err == nil
	case CVX, MVX:
		return "", true
	}
	d, ok := definitions.LookupCodeSystem(url)
	if !ok {
		return "", false
	}
	return d.Version, true
}

// builtinSystem makes a system that ships with the program. ok is false if there is none of that URL.
func builtinSystem(url string) (s *System, ok bool, err error) {
	var b *Builder
	switch url {
	case ICD10CM:
		b, err = icd10cm()
	case CVX:
		b, err = cvx()
	case MVX:
		b, err = mvx()
	default:
		d, found := definitions.LookupCodeSystem(url)
		if !found {
			return nil, false, nil
		}
		b, err = fromDefinitions(d)
	}
	if err == nil {
		s, err = b.System()
	}
	return s, true, err
}

// ICD10CMInfo is what ICD-10-CM says of itself, but for its version.
func ICD10CMInfo() Info {
	return Info{
		URL: ICD10CM, Name: "ICD10CM", Title: "ICD-10-CM", OID: "2.16.840.1.113883.6.90", Publisher: "CMS and NCHS",
		Properties: []Property{{"billable", "boolean", "specific enough for a claim"}},
	}
}

// ICD10CMConcept is a code of ICD-10-CM as a concept. Common codes come first: see tables.Common.
func ICD10CMConcept(d tables.Diagnosis, common map[string]bool) Concept {
	c := Concept{Code: d.Code, Display: d.Display, Abstract: d.Group, Rank: rankOther}
	if d.Parent != "" {
		c.Parents = []string{d.Parent}
	}
	for _, i := range d.Inclusions {
		c.Designations = append(c.Designations, Designation{Value: i})
	}
	switch {
	case d.Group:
		c.Rank = rankGroup
	case d.Heading:
		c.Rank = rankHeading
		c.Properties = []Value{{"billable", "false"}}
	default:
		c.Properties = []Value{{"billable", "true"}}
		if most, ok := common[d.Code]; most {
			c.Rank = rankMostCommon
		} else if ok {
			c.Rank = rankCommon
		} else if strings.HasSuffix(d.Display, " sequela") {
			c.Rank = rankSequela
		} else if strings.Contains(d.Display, "subsequent encounter") {
			c.Rank = rankLaterVisit
		}
	}
	return c
}

func icd10cm() (*Builder, error) {
	info := ICD10CMInfo()
	var err error
	if info.Version, err = tables.ICD10CMVersion(); err != nil {
		return nil, err
	}
	b, common := NewBuilder(info), tables.Common()
	return b, tables.ICD10CM(func(d tables.Diagnosis) error { return b.Add(ICD10CMConcept(d, common)) })
}

// CVXInfo is what CVX says of itself.
func CVXInfo() Info {
	return Info{
		URL: CVX, Name: "CVX", Title: "CVX: vaccines administered", OID: "2.16.840.1.113883.12.292", Publisher: "CDC",
		Properties: []Property{{"status", "code", "Active, Inactive, Never Active, Non-US or Pending"}, {"vaccineGroup", "code", "group of vaccines, such as DTAP"}, {"note", "string", ""}},
	}
}

// CVXConcept is a vaccine as a concept.
func CVXConcept(v tables.Vaccine) Concept {
	c := Concept{Code: v.Code, Display: v.Short, Properties: []Value{{"status", v.Status}}}
	switch v.Status {
	case "Inactive", "Never Active":
		c.Inactive = true
	case "Non-US":
		c.Rank = 40
	}
	if v.Full != "" && v.Full != v.Short {
		c.Designations = []Designation{{Value: v.Full}}
	}
	for _, g := range v.Groups {
		c.Properties = append(c.Properties, Value{"vaccineGroup", g})
	}
	if v.Notes != "" {
		c.Properties = append(c.Properties, Value{"note", v.Notes})
	}
	return c
}

func cvx() (*Builder, error) {
	products := map[string][]Designation{}
	for _, p := range tables.Products() {
		products[p.CVX] = append(products[p.CVX], Designation{Use: "tradename", Value: p.Name})
	}
	b := NewBuilder(CVXInfo())
	for _, v := range tables.CVX() {
		c := CVXConcept(v)
		c.Designations = append(c.Designations, products[v.Code]...)
		if err := b.Add(c); err != nil {
			return nil, err
		}
	}
	return b, nil
}

// MVXInfo is what MVX says of itself.
func MVXInfo() Info {
	return Info{
		URL: MVX, Name: "MVX", Title: "MVX: manufacturers of vaccines", OID: "2.16.840.1.113883.12.227", Publisher: "CDC",
		Properties: []Property{{"status", "code", "Active or Inactive"}, {"note", "string", ""}},
	}
}

// MVXConcept is a manufacturer as a concept.
func MVXConcept(m tables.Manufacturer) Concept {
	c := Concept{Code: m.Code, Display: m.Name, Inactive: m.Status != "Active", Properties: []Value{{"status", m.Status}}}
	if m.Notes != "" {
		c.Properties = append(c.Properties, Value{"note", m.Notes})
	}
	return c
}

func mvx() (*Builder, error) {
	b := NewBuilder(MVXInfo())
	for _, m := range tables.MVX() {
		if err := b.Add(MVXConcept(m)); err != nil {
			return nil, err
		}
	}
	return b, nil
}

func fromDefinitions(d *definitions.CodeSystem) (*Builder, error) {
	b := NewBuilder(Info{URL: d.URL, Version: d.Version, Name: d.Name, Title: d.Name, Content: d.Content, CaseSensitive: d.CaseSensitive, Publisher: "HL7"})
	for _, c := range d.Concepts {
		if err := b.Add(Concept{Code: c.Code, Display: c.Display, Abstract: c.Abstract, Inactive: c.Deprecated, Parents: d.Parents(c.Code)}); err != nil {
			return nil, err
		}
	}
	return b, nil
}

// NDCToCVX is the URL of the map from vaccine package codes to vaccines that ships with the program.
const NDCToCVX = "https://osler.example/fhir/ConceptMap/ndc-to-cvx"

// builtinMap makes a map that ships with the program.
func builtinMap(url string) (*Map, bool, error) {
	if url != NDCToCVX {
		return nil, false, nil
	}
	b := NewMapBuilder(MapInfo{URL: NDCToCVX, Name: "NDCToCVX", Title: "Vaccine package codes to vaccines (CDC)"})
	names := map[string]string{}
	for _, v := range tables.CVX() {
		names[v.Code] = v.Short
	}
	for _, p := range tables.Packages() {
		target := Coding{System: CVX, Code: p.CVX, Display: names[p.CVX]}
		// The same package with its hyphens and as the bar code has it.
		for _, code := range []string{p.NDC, strings.ReplaceAll(p.NDC, "-", "")} {
			if err := b.Add(Mapping{Source: Coding{System: NDC, Code: code}, Target: target, Equivalence: "wider"}); err != nil {
				return nil, false, err
			}
		}
	}
	m, err := b.Map()
	return m, true, err
}
