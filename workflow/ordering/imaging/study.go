package imaging

import (
	"regexp"
	"slices"
	"strings"

	"github.com/osler-ehr/osler/fhir"
)

// Modality is how a picture is made.
type Modality string

// The modalities. Unknown is imaging of which it was not understood how it is done.
const (
	Unknown     Modality = ""
	XRay        Modality = "X-ray"
	Fluoroscopy Modality = "fluoroscopy"
	CT          Modality = "CT"
	Nuclear     Modality = "nuclear medicine"
	Mammogram   Modality = "mammography"
	Density     Modality = "bone density"
	MRI         Modality = "MRI"
	Ultrasound  Modality = "ultrasound"
)

// Contrast says whether a contrast medium goes into the blood.
type Contrast uint8

// What an order says of contrast.
const (
	NoContrast Contrast = iota
	PerhapsContrast
	WithContrast
)

// Study is an order for imaging, as far as it was understood.
type Study struct {
	Name     string
	Place    int // of the order among those checked, from 0
	Modality Modality
	Near     bool     // the uterus may lie in the beam or take up the tracer; true as well where the place was not understood
	Contrast Contrast // iodinated, or gadolinium for MRI
	Agent    string   // the contrast medium in lower case, if it is named
	ByName   bool     // understood from words alone
}

// Ionizing reports whether the study uses ionizing radiation.
func (s Study) Ionizing() bool {
	switch s.Modality {
	case XRay, Fluoroscopy, CT, Nuclear, Mammogram, Density:
		return true
	}
	return false
}

// Iodinated reports whether the study gives, or may give, an iodinated contrast medium.
func (s Study) Iodinated() bool {
	return s.Contrast != NoContrast && s.Modality != MRI && s.Modality != Ultrasound
}

// Gadolinium reports whether the study gives, or may give, a contrast medium of gadolinium.
func (s Study) Gadolinium() bool { return s.Contrast != NoContrast && s.Modality == MRI }

// ICD10PCS is the code system of procedures whose sections B and C are imaging.
const ICD10PCS = "http://www.cms.gov/Medicare/Coding/ICD10"

// systemsPCS are the names by which others know that code system.
var systemsPCS = []string{ICD10PCS, "http://hl7.org/fhir/sid/icd-10-pcs"}

// Recognize understands an order by its code of ICD-10-PCS, else by the words of its name, and by what its instructions say of contrast.
// imaging says that the order's own category is imaging. ok is false for what is no imaging.
func Recognize(code fhir.CodeableConcept, name, instructions string, imaging bool) (s Study, ok bool) {
	s.Name = name
	words := strings.ToLower(name)
	for _, c := range code.Coding {
		words += " | " + strings.ToLower(c.Display)
	}
	words += " | " + strings.ToLower(code.Text)
	for _, c := range code.Coding {
		if slices.Contains(systemsPCS, c.System) && fromPCS(c.Code, &s) {
			ok = true
		}
	}
	if !ok {
		if s.Modality = modalityOf(words); s.Modality == Unknown && !imaging {
			return s, false
		}
		s.ByName, s.Near, s.Contrast = true, !far.MatchString(words) || near.MatchString(words), contrastOf(words, s.Modality)
	}
	told := strings.ToLower(instructions)
	if c, said := stated(told); said && c > s.Contrast { // a code without contrast does not outweigh who asks for it in words
		s.Contrast = c
	}
	s.Agent = agent.FindString(words + " | " + told)
	if s.Agent != "" && s.Contrast == NoContrast {
		s.Contrast = PerhapsContrast
	}
	return s, true
}

// fromPCS reads a code of ICD-10-PCS: section, body system, root type, body part, contrast, qualifiers. (ICD-10-PCS 2026, tables B and C.)
func fromPCS(code string, s *Study) bool {
	if len(code) != 7 || code[0] != 'B' && code[0] != 'C' {
		return false
	}
	system, part, medium := code[1], code[3], code[4]
	s.Near = nearPCS(system, part)
	if code[0] == 'C' {
		s.Modality = Nuclear
		s.Near = true // the tracer goes round and is excreted by the bladder
		return true
	}
	vessels := strings.IndexByte("2345", system) >= 0
	switch code[2] {
	case '0':
		s.Modality = XRay
		if system == 'H' {
			s.Modality = Mammogram
		}
		if code[6] == '1' {
			s.Modality = Density
		}
		s.Contrast = PerhapsContrast // into a joint or a duct, unless it is a vessel
	case '1':
		s.Modality, s.Contrast = Fluoroscopy, PerhapsContrast
	case '2':
		s.Modality, s.Contrast = CT, WithContrast
		if medium == 'Y' { // another one than the osmolar media
			s.Contrast = PerhapsContrast
		}
	case '3':
		s.Modality, s.Contrast = MRI, WithContrast
	case '4':
		s.Modality, s.Contrast = Ultrasound, NoContrast
		return true
	case '5': // other imaging: optical, or fluorescence
		s.Modality, s.Contrast = Ultrasound, NoContrast
		return true
	default:
		return false
	}
	switch {
	case medium == 'Z' || medium != '0' && medium != '1' && medium != 'Y':
		s.Contrast = NoContrast
	case vessels && s.Modality != MRI:
		s.Contrast = WithContrast
	case strings.IndexByte("DF", system) >= 0 && s.Modality == Fluoroscopy && medium == 'Y':
		s.Contrast = NoContrast // barium
	}
	return true
}

// nearPCS reports whether a body part lies where the uterus is. What is not known to be far is near.
func nearPCS(system, part byte) bool {
	among := func(parts string) bool { return strings.IndexByte(parts, part) >= 0 }
	switch system {
	case '0', '2', '3', '8', '9', 'B', 'H', 'N', 'P': // brain, heart, upper arteries, eye, ear, lungs, breast, skull, arms
		return false
	case 'G': // endocrine: adrenal glands
		return among("012")
	case 'L': // connective tissue of the arm
		return !among("02")
	case 'Q': // hip
		return among("012")
	case 'R': // cervical and thoracic spine, sternum
		return !among("01247H5")
	case 'W': // chest, head, neck, arm, leg
		return !among("389BCFJP")
	}
	return true
}

// patterns of names, in lower case. The first that fits decides.
var modalities = []struct {
	modality Modality
	words    *regexp.Regexp
}{
	{Mammogram, regexp.MustCompile(`\bmammo|\btomosynthesis of (the )?breast`)},
	{Density, regexp.MustCompile(`\bdexa\b|\bdxa\b|\bbone density|\bdensitometry`)},
	{Nuclear, regexp.MustCompile(`\bpet\b|\bpet[/-]ct|scintigra|\bbone scan|\bspect\b|nuclear|\bv[/ ]?q scan|sestamibi|\bhida\b|thyroid uptake|\bmuga\b`)},
	{CT, regexp.MustCompile(`\bct\b|\bcta\b|\bctpa\b|\bcat scan|comput(ed|er|erized) tomogra`)},
	{MRI, regexp.MustCompile(`\bmri\b|\bmra\b|\bmrv\b|\bmrcp\b|\bmr (angio|brain|head|neck|chest|heart|cardiac|breast|abdomen|liver|pelvis|spine|cervical|thoracic|lumbar|shoulder|elbow|wrist|hand|hip|knee|ankle|foot|entero|cholangio)|magnetic resonance`)},
	{Fluoroscopy, regexp.MustCompile(`fluoro|barium|upper gi series|hysterosalping|\bhsg\b|myelogram|angiogra|arteriogra|venogra|urogra|pyelogra|cardiac catheteri|\bercp\b|cystogram`)},
	{XRay, regexp.MustCompile(`\bx-? ?rays?\b|\bxr\b|radiograph|plain film|\bkub\b`)},
	{Ultrasound, regexp.MustCompile(`ultraso|sonogra|\bus\b|doppler|duplex|echocardio|\bfast scan`)},
}

func modalityOf(words string) Modality {
	for _, m := range modalities {
		if m.words.MatchString(words) {
			return m.modality
		}
	}
	return Unknown
}

var (
	near = regexp.MustCompile(`abd|pelvi|lumb|sacr|hips?\b|kidney|renal|liver|hepat|bladder|urogra|pyelo|cysto|hystero|uter|whole|bowel|colon|aort|runoff|entero|\bkub\b|spine, (lumbar|whole)|\bl-?spine|\bgi\b|barium|\bpet\b|bone scan|\bhida\b`)
	far  = regexp.MustCompile(`head|brain|skull|sinus|face|facial|orbit|eye|jaw|dental|neck|cervical|c-?spine|thorac|chest|lungs?\b|rib|stern|heart|cardi|coronary|breast|mammo|pulmonary|should|clavic|arm\b|humer|elbow|wrist|hand|finger|thumb|knee|tibia|fibula|ankle|foot|feet|toe|heel|calcan|carotid|thyroid`)
)

// agents of contrast that a name may say. Those of gadolinium are grouped by how often nephrogenic systemic fibrosis followed.
var (
	groupOne = []string{"gadodiamide", "omniscan", "gadopentetate", "magnevist", "gadoversetamide", "optimark"}
	agent    = regexp.MustCompile(`gadodiamide|omniscan|gadopentetate|magnevist|gadoversetamide|optimark|gadobutrol|gadavist|gadoterate|dotarem|clariscan|gadoteridol|prohance|gadobenate|multihance|gadoxetate|eovist|gadopiclenol|elucirem|vueway|gadolinium|iohexol|omnipaque|iopamidol|isovue|iodixanol|visipaque|ioversol|optiray|iopromide|ultravist`)
)
