package synthetic

import (
	"strconv"
	"strings"
)

// drugClass is what an allergy or a precaution goes by.
type drugClass int

const (
	noClass drugClass = iota
	penicillinClass
	cephalosporinClass
	sulfonamideClass
	macrolideClass
	nsaidClass
	aceClass
	opioidClass
	quinoloneClass
)

// route is how a drug is given.
type route struct {
	concept *concept
	words   string
}

func routeOf(code, display, words string) *route {
	return &route{coded(thoBase+"v3-RouteOfAdministration", code, display, words), words}
}

var (
	byMouth     = routeOf("PO", "Swallow, oral", "by mouth")
	inhaled     = routeOf("IPINHL", "Inhalation, respiratory", "by inhalation")
	onSkin      = routeOf("TOPICAL", "Topical", "on the skin")
	inNose      = routeOf("NASINHL", "Inhalation, nasal", "in each nostril")
	underSkin   = routeOf("SQ", "Injection, subcutaneous", "under the skin")
	underTongue = routeOf("SL", "Dissolve, sublingual", "under the tongue")
	intoMuscle  = routeOf("IM", "Injection, intramuscular", "intramuscular")
)

// drug is a product that can be prescribed.
type drug struct {
	name     string // generic name, as prescribers say it: "metformin"
	concept  *concept
	form     string // "tablet"
	forms    string // plural
	strength float64
	unit     unit // of strength, and of the dose
	route    *route
	class    drugClass
	pack     float64 // size of what the pharmacy hands out, where it is not a count of doses: 200 puffs, 60 g
	packUnit unit
}

var (
	milligram  = ucumUnit("mg", "mg")
	microgram  = ucumUnit("ug", "ug")
	insulinIU  = ucumUnit("units", "[iU]")
	puff       = ucumUnit("puff", "{puff}")
	spray      = ucumUnit("spray", "{spray}")
	thinLayer  = ucumUnit("application", "{application}")
	patchUnit  = ucumUnit("patch", "{patch}")
	tabletUnit = ucumUnit("tablet", "{tbl}")
	capsule    = ucumUnit("capsule", "{capsule}")
	millilitre = ucumUnit("mL", "mL")
	gram       = ucumUnit("g", "g")
	eachUnit   = ucumUnit("each", "{each}")
	dayUnit    = ucumUnit("days", "d")
)

// rx is a product of RxNorm.
func rx(name, code, display, form string, strength float64, u unit, r *route) *drug {
	return &drug{name: name, concept: coded(rxnorm, code, display, display), form: form, forms: plural(form), strength: strength, unit: u, route: r}
}

// rxIngredient is a product for which we state the RxNorm code of the ingredient, and the product in words.
func rxIngredient(name, code, ingredient, product, form string, strength float64, u unit, r *route) *drug {
	return &drug{name: name, concept: coded(rxnorm, code, ingredient, product), form: form, forms: plural(form), strength: strength, unit: u, route: r}
}

func (d *drug) of(c drugClass) *drug { d.class = c; return d }

func (d *drug) packed(size float64, u unit) *drug { d.pack, d.packUnit = size, u; return d }

func plural(form string) string {
	if strings.HasSuffix(form, "s") {
		return form
	}
	return form + "s"
}

// Heart, vessels, kidneys.
var (
	lisinopril10   = rx("lisinopril", "314076", "lisinopril 10 MG Oral Tablet", "tablet", 10, milligram, byMouth).of(aceClass)
	lisinopril20   = rx("lisinopril", "314077", "lisinopril 20 MG Oral Tablet", "tablet", 20, milligram, byMouth).of(aceClass)
	losartan50     = rx("losartan", "979492", "losartan potassium 50 MG Oral Tablet", "tablet", 50, milligram, byMouth)
	losartan100    = rx("losartan", "979480", "losartan potassium 100 MG Oral Tablet", "tablet", 100, milligram, byMouth)
	amlodipine5    = rx("amlodipine", "197361", "amlodipine 5 MG Oral Tablet", "tablet", 5, milligram, byMouth)
	amlodipine10   = rx("amlodipine", "308135", "amlodipine 10 MG Oral Tablet", "tablet", 10, milligram, byMouth)
	chlorthalidone = rx("chlorthalidone", "197499", "chlorthalidone 25 MG Oral Tablet", "tablet", 25, milligram, byMouth)
	spironolactone = rx("spironolactone", "313096", "spironolactone 25 MG Oral Tablet", "tablet", 25, milligram, byMouth)
	furosemide20   = rx("furosemide", "310429", "furosemide 20 MG Oral Tablet", "tablet", 20, milligram, byMouth)
	furosemide40   = rx("furosemide", "313988", "furosemide 40 MG Oral Tablet", "tablet", 40, milligram, byMouth)
	metoprolol25   = rx("metoprolol succinate", "866427", "24 HR metoprolol succinate 25 MG Extended Release Oral Tablet", "tablet", 25, milligram, byMouth)
	metoprolol50   = rx("metoprolol succinate", "866436", "24 HR metoprolol succinate 50 MG Extended Release Oral Tablet", "tablet", 50, milligram, byMouth)
	metoprolol100  = rx("metoprolol succinate", "866412", "24 HR metoprolol succinate 100 MG Extended Release Oral Tablet", "tablet", 100, milligram, byMouth)
	entresto       = rx("sacubitril and valsartan", "1656346", "sacubitril 24 MG / valsartan 26 MG Oral Tablet [Entresto]", "tablet", 1, tabletUnit, byMouth)
	apixaban5      = rx("apixaban", "1364445", "apixaban 5 MG Oral Tablet", "tablet", 5, milligram, byMouth)
	warfarin5      = rx("warfarin", "855332", "warfarin sodium 5 MG Oral Tablet", "tablet", 5, milligram, byMouth)
	aspirin81      = rx("aspirin", "243670", "aspirin 81 MG Oral Tablet", "tablet", 81, milligram, byMouth).of(nsaidClass)
	nitroglycerin  = rx("nitroglycerin", "198039", "nitroglycerin 0.4 MG Sublingual Tablet", "tablet", 0.4, milligram, underTongue)
	atorvastatin10 = rx("atorvastatin", "617312", "atorvastatin 10 MG Oral Tablet", "tablet", 10, milligram, byMouth)
	atorvastatin20 = rx("atorvastatin", "617310", "atorvastatin 20 MG Oral Tablet", "tablet", 20, milligram, byMouth)
	atorvastatin40 = rx("atorvastatin", "617311", "atorvastatin 40 MG Oral Tablet", "tablet", 40, milligram, byMouth)
	atorvastatin80 = rx("atorvastatin", "259255", "atorvastatin 80 MG Oral Tablet", "tablet", 80, milligram, byMouth)
)

// Metabolism and hormones.
var (
	metformin500    = rx("metformin", "861007", "metformin hydrochloride 500 MG Oral Tablet", "tablet", 500, milligram, byMouth)
	metformin1000   = rx("metformin", "861004", "metformin hydrochloride 1000 MG Oral Tablet", "tablet", 1000, milligram, byMouth)
	empagliflozin10 = rx("empagliflozin", "1545658", "empagliflozin 10 MG Oral Tablet", "tablet", 10, milligram, byMouth)
	glipizide5      = rx("glipizide", "310490", "glipizide 5 MG Oral Tablet", "tablet", 5, milligram, byMouth)
	sitagliptin100  = rx("sitagliptin", "665033", "sitagliptin 100 MG Oral Tablet", "tablet", 100, milligram, byMouth)
	semaglutide     = rx("semaglutide", "1991306", "0.25 MG, 0.5 MG Dose 1.5 ML semaglutide 1.34 MG/ML Pen Injector", "injection", 0.5, milligram, underSkin).packed(1, eachUnit)
	glargine        = rx("insulin glargine", "847230", "3 ML insulin glargine 100 UNT/ML Pen Injector", "injection", 1, insulinIU, underSkin).packed(15, millilitre)
	levothyroxine50 = rxIngredient("levothyroxine", "10582", "levothyroxine", "levothyroxine sodium 0.05 MG Oral Tablet", "tablet", 50, microgram, byMouth)
	levothyroxine75 = rx("levothyroxine", "966222", "levothyroxine sodium 0.075 MG Oral Tablet", "tablet", 75, microgram, byMouth)
	levothyroxine88 = rxIngredient("levothyroxine", "10582", "levothyroxine", "levothyroxine sodium 0.088 MG Oral Tablet", "tablet", 88, microgram, byMouth)
	levothyroxine1  = rxIngredient("levothyroxine", "10582", "levothyroxine", "levothyroxine sodium 0.1 MG Oral Tablet", "tablet", 100, microgram, byMouth)
	ferrousSulfate  = rx("ferrous sulfate", "310325", "ferrous sulfate 325 MG Oral Tablet", "tablet", 325, milligram, byMouth)
	allopurinol100  = rx("allopurinol", "197319", "allopurinol 100 MG Oral Tablet", "tablet", 100, milligram, byMouth)
	colchicine      = rx("colchicine", "197541", "colchicine 0.6 MG Oral Tablet", "tablet", 0.6, milligram, byMouth)
	alendronate70   = rxIngredient("alendronate", "46041", "alendronate", "alendronate sodium 70 MG Oral Tablet", "tablet", 70, milligram, byMouth)
	vitaminD3       = rxIngredient("cholecalciferol", "2418", "cholecalciferol", "cholecalciferol 2000 UNT Oral Capsule", "capsule", 2000, insulinIU, byMouth)
	prenatalVitamin = &drug{name: "prenatal vitamin", concept: words("prenatal multivitamin with folic acid 0.8 MG Oral Tablet"), form: "tablet", forms: "tablets", strength: 1, unit: tabletUnit, route: byMouth}
)

// Lungs, nose, skin.
var (
	albuterol      = rx("albuterol", "745679", "200 ACTUAT albuterol 0.09 MG/ACTUAT Metered Dose Inhaler", "puff", 1, puff, inhaled).packed(200, puff)
	fluticasone44  = rx("fluticasone inhaler", "895994", "120 ACTUAT fluticasone propionate 0.044 MG/ACTUAT Metered Dose Inhaler", "puff", 1, puff, inhaled).packed(120, puff)
	fluticasone110 = rx("fluticasone inhaler", "896001", "120 ACTUAT fluticasone propionate 0.11 MG/ACTUAT Metered Dose Inhaler", "puff", 1, puff, inhaled).packed(120, puff)
	advair         = rx("fluticasone and salmeterol", "896209", "60 ACTUAT fluticasone propionate 0.25 MG/ACTUAT / salmeterol 0.05 MG/ACTUAT Dry Powder Inhaler", "puff", 1, puff, inhaled).packed(60, puff)
	tiotropium     = rxIngredient("tiotropium", "69120", "tiotropium", "tiotropium 0.0025 MG/ACTUAT Inhalation Spray", "puff", 1, puff, inhaled).packed(60, puff)
	montelukast5   = rx("montelukast", "242438", "montelukast 5 MG Chewable Tablet", "chewable tablet", 5, milligram, byMouth)
	montelukast10  = rx("montelukast", "200224", "montelukast 10 MG Oral Tablet", "tablet", 10, milligram, byMouth)
	fluticasoneNas = rx("fluticasone nasal spray", "1797907", "fluticasone propionate 0.05 MG/ACTUAT Metered Dose Nasal Spray", "spray", 1, spray, inNose).packed(120, spray)
	cetirizine10   = rx("cetirizine", "1014678", "cetirizine hydrochloride 10 MG Oral Tablet", "tablet", 10, milligram, byMouth)
	loratadine10   = rx("loratadine", "311372", "loratadine 10 MG Oral Tablet", "tablet", 10, milligram, byMouth)
	prednisone20   = rx("prednisone", "312615", "prednisone 20 MG Oral Tablet", "tablet", 20, milligram, byMouth)
	hydrocortisone = rx("hydrocortisone cream", "106258", "hydrocortisone 10 MG/ML Topical Cream", "thin layer", 1, thinLayer, onSkin).packed(30, gram)
	triamcinolone  = rxIngredient("triamcinolone cream", "10759", "triamcinolone", "triamcinolone acetonide 1 MG/ML Topical Cream", "thin layer", 1, thinLayer, onSkin).packed(80, gram)
	epinephrine    = rx("epinephrine auto-injector", "1870230", "NDA020800 0.3 ML epinephrine 1 MG/ML Auto-Injector", "injection", 0.3, milligram, intoMuscle).packed(2, eachUnit)
	nicotinePatch  = rx("nicotine patch", "198031", "24 HR nicotine 0.292 MG/HR Transdermal System", "patch", 1, patchUnit, onSkin)
	varenicline    = rx("varenicline", "636676", "varenicline 1 MG Oral Tablet", "tablet", 1, milligram, byMouth)
)

// Mind, nerves, pain, stomach.
var (
	sertraline50     = rx("sertraline", "312941", "sertraline 50 MG Oral Tablet", "tablet", 50, milligram, byMouth)
	sertraline100    = rx("sertraline", "312938", "sertraline 100 MG Oral Tablet", "tablet", 100, milligram, byMouth)
	escitalopram10   = rx("escitalopram", "349332", "escitalopram 10 MG Oral Tablet", "tablet", 10, milligram, byMouth)
	escitalopram20   = rx("escitalopram", "351250", "escitalopram 20 MG Oral Tablet", "tablet", 20, milligram, byMouth)
	bupropion150     = rx("bupropion XL", "993541", "24 HR bupropion hydrochloride 150 MG Extended Release Oral Tablet", "tablet", 150, milligram, byMouth)
	trazodone50      = rx("trazodone", "856377", "trazodone hydrochloride 50 MG Oral Tablet", "tablet", 50, milligram, byMouth)
	methylphenidate1 = rx("methylphenidate ER", "1091155", "24 HR methylphenidate hydrochloride 18 MG Extended Release Oral Tablet", "tablet", 18, milligram, byMouth)
	methylphenidate2 = rx("methylphenidate ER", "1091170", "24 HR methylphenidate hydrochloride 27 MG Extended Release Oral Tablet", "tablet", 27, milligram, byMouth)
	methylphenidate3 = rx("methylphenidate ER", "1091185", "24 HR methylphenidate hydrochloride 36 MG Extended Release Oral Tablet", "tablet", 36, milligram, byMouth)
	sumatriptan50    = rxIngredient("sumatriptan", "37418", "sumatriptan", "sumatriptan 50 MG Oral Tablet", "tablet", 50, milligram, byMouth)
	topiramate25     = rx("topiramate", "199888", "topiramate 25 MG Oral Tablet", "tablet", 25, milligram, byMouth)
	topiramate50     = rx("topiramate", "151226", "topiramate 50 MG Oral Tablet", "tablet", 50, milligram, byMouth)
	ibuprofen600     = rx("ibuprofen", "197806", "ibuprofen 600 MG Oral Tablet", "tablet", 600, milligram, byMouth).of(nsaidClass)
	naproxen500      = rx("naproxen", "198014", "naproxen 500 MG Oral Tablet", "tablet", 500, milligram, byMouth).of(nsaidClass)
	acetaminophen500 = rx("acetaminophen", "198440", "acetaminophen 500 MG Oral Tablet", "tablet", 500, milligram, byMouth)
	cyclobenzaprine  = rx("cyclobenzaprine", "828348", "cyclobenzaprine hydrochloride 10 MG Oral Tablet", "tablet", 10, milligram, byMouth)
	omeprazole20     = rx("omeprazole", "198051", "omeprazole 20 MG Delayed Release Oral Capsule", "capsule", 20, milligram, byMouth)
	pantoprazole40   = rxIngredient("pantoprazole", "40790", "pantoprazole", "pantoprazole 40 MG Delayed Release Oral Tablet", "tablet", 40, milligram, byMouth)
	ondansetron4     = rx("ondansetron", "104894", "ondansetron 4 MG Disintegrating Oral Tablet", "tablet", 4, milligram, byMouth)
	tamsulosin       = rx("tamsulosin", "863669", "tamsulosin hydrochloride 0.4 MG Oral Capsule", "capsule", 0.4, milligram, byMouth)
)

// Infections.
var (
	amoxicillin500  = rx("amoxicillin", "308191", "amoxicillin 500 MG Oral Capsule", "capsule", 500, milligram, byMouth).of(penicillinClass)
	amoxicillinSusp = rx("amoxicillin suspension", "308189", "amoxicillin 80 MG/ML Oral Suspension", "mL", 80, milligram, byMouth).of(penicillinClass)
	augmentin       = rx("amoxicillin and clavulanate", "562508", "amoxicillin 875 MG / clavulanate 125 MG Oral Tablet", "tablet", 1, tabletUnit, byMouth).of(penicillinClass)
	azithromycin250 = rx("azithromycin", "308460", "azithromycin 250 MG Oral Tablet", "tablet", 250, milligram, byMouth).of(macrolideClass)
	azithroSusp     = rx("azithromycin suspension", "141963", "azithromycin 40 MG/ML Oral Suspension", "mL", 40, milligram, byMouth).of(macrolideClass)
	cephalexin500   = rx("cephalexin", "309114", "cephalexin 500 MG Oral Capsule", "capsule", 500, milligram, byMouth).of(cephalosporinClass)
	nitrofurantoin  = rx("nitrofurantoin", "1648755", "nitrofurantoin, macrocrystals 25 MG / nitrofurantoin, monohydrate 75 MG Oral Capsule", "capsule", 100, milligram, byMouth)
	trimethoprimSx  = rx("trimethoprim-sulfamethoxazole", "198335", "sulfamethoxazole 800 MG / trimethoprim 160 MG Oral Tablet", "tablet", 1, tabletUnit, byMouth).of(sulfonamideClass)
	doxycycline100  = rx("doxycycline", "1650142", "doxycycline monohydrate 100 MG Oral Tablet", "tablet", 100, milligram, byMouth)
)

// sig is how a drug is to be taken.
type sig struct {
	units      float64 // forms at a time: 1 tablet
	frequency  int     // times in a period
	period     int
	periodUnit string // "h", "d" or "wk"
	code       string // v3-GTSAbbreviation, if there is one
	often      string // "twice daily"
	extra      string // "with meals"
	asNeeded   string // "for wheezing"
	days       int    // length of a course; 0 for a standing prescription
}

var (
	daily            = sig{units: 1, frequency: 1, period: 1, periodUnit: "d", code: "QD", often: "once daily"}
	everyAM          = sig{units: 1, frequency: 1, period: 1, periodUnit: "d", code: "AM", often: "every morning"}
	nightly          = sig{units: 1, frequency: 1, period: 1, periodUnit: "d", code: "BED", often: "at bedtime"}
	twiceDaily       = sig{units: 1, frequency: 2, period: 1, periodUnit: "d", code: "BID", often: "twice daily"}
	thriceDaily      = sig{units: 1, frequency: 3, period: 1, periodUnit: "d", code: "TID", often: "three times daily"}
	fourDaily        = sig{units: 1, frequency: 4, period: 1, periodUnit: "d", code: "QID", often: "four times daily"}
	everyOther       = sig{units: 1, frequency: 1, period: 2, periodUnit: "d", code: "QOD", often: "every other day"}
	weekly           = sig{units: 1, frequency: 1, period: 1, periodUnit: "wk", often: "once a week"}
	once             = sig{units: 1, frequency: 1, period: 1, periodUnit: "d", often: "once"}
	everyFiveMinutes = sig{units: 1, frequency: 1, period: 5, periodUnit: "min", often: "every 5 minutes, at most 3 doses,"}
	everySix         = sig{units: 1, frequency: 1, period: 6, periodUnit: "h", code: "Q6H", often: "every 6 hours"}
)

func (s sig) take(units float64) sig { s.units = units; return s }

func (s sig) with(extra string) sig { s.extra = extra; return s }

func (s sig) prn(forWhat string) sig { s.asNeeded = forWhat; return s }

func (s sig) course(days int) sig { s.days = days; return s }

// number writes a dose as staff do: 1,000 or 0.5.
func number(v float64) string {
	s := strconv.FormatFloat(v, 'f', -1, 64)
	if v >= 1000 && v == float64(int(v)) {
		s = s[:len(s)-3] + "," + s[len(s)-3:]
	}
	return s
}

// dose is the amount taken at a time, in the drug's unit.
func (d *drug) dose(s sig) float64 { return d.strength * s.units }

// strengthWords is the dose with its unit: "1,000 mg"; "" where the form says it all.
func (d *drug) strengthWords(s sig) string {
	switch d.unit.human {
	case "puff", "spray", "application", "patch", "tablet":
		return ""
	case "ug":
		return number(d.dose(s)) + " micrograms"
	}
	return number(d.dose(s)) + " " + d.unit.human
}

// instructions is the sentence that the patient reads.
func (d *drug) instructions(s sig) string {
	verb := "Take "
	switch d.route {
	case inhaled:
		verb = "Inhale "
	case onSkin:
		verb = "Apply "
	case inNose:
		verb = "Use "
	case underSkin, intoMuscle:
		verb = "Inject "
	case underTongue:
		verb = "Dissolve "
	}
	var b strings.Builder
	b.WriteString(verb)
	words := d.strengthWords(s)
	switch {
	case d.form == "injection":
		b.WriteString(words)
	case d.form == "thin layer":
		b.WriteString("a thin layer")
	default:
		b.WriteString(number(s.units) + " ")
		if s.units == 1 || d.form == "mL" {
			b.WriteString(d.form)
		} else {
			b.WriteString(d.forms)
		}
		if words != "" {
			b.WriteString(" (" + words + ")")
		}
	}
	if d.route != inhaled {
		b.WriteString(" " + d.route.words)
	}
	b.WriteString(" " + s.often)
	if s.extra != "" {
		b.WriteString(" " + s.extra)
	}
	if s.asNeeded != "" {
		b.WriteString(" as needed " + s.asNeeded)
	}
	if s.days > 0 {
		b.WriteString(" for " + itoa(s.days) + " days")
	}
	b.WriteString(".")
	return b.String()
}

// brief is the drug and dose as a plan writes them: "metformin 1,000 mg by mouth twice daily".
func (d *drug) brief(s sig) string {
	words := d.strengthWords(s)
	if words == "" {
		words = number(s.units) + " " + d.form
		if s.units != 1 {
			words = number(s.units) + " " + d.forms
		}
		if d.form == "thin layer" {
			words = ""
		}
	}
	out := d.name
	if words != "" {
		out += " " + words
	}
	if d.route != inhaled {
		out += " " + d.route.words
	}
	out += " " + s.often
	if s.asNeeded != "" {
		out += " as needed " + s.asNeeded
	}
	return out
}
