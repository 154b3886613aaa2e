package synthetic

// analyte is something that a laboratory measures.
type analyte int

const (
	sodium analyte = iota
	potassium
	chloride
	bicarbonate
	urea
	creatinine
	glucose
	calcium
	egfr
	protein
	albumin
	bilirubin
	alkalinePhosphatase
	ast
	alt
	leukocytes
	erythrocytes
	hemoglobin
	hematocrit
	mcv
	mch
	mchc
	rdw
	platelets
	cholesterol
	triglycerides
	hdl
	ldl
	hba1c
	tsh
	freeT4
	inr
	prothrombinTime
	ferritin
	iron
	ironBinding
	urineAlbumin
	vitaminB12
	vitaminD
	urate
	ntProBNP
	psa
	bloodLead
	glucoseChallenge
	magnesium
	analytes // how many there are
)

// test describes an analyte: its code, its unit, the reference range of adults, and how values lie between and within people.
type test struct {
	code          *concept
	short         string // as notes write it
	unit          unit
	decimals      int
	low, high     float64 // reference range; 0 means none on that side
	femaleLow     float64 // where women differ
	femaleHigh    float64
	critLow       float64
	critHigh      float64
	mean, between float64 // of healthy adults: typical value, and spread between people
	within        float64 // spread from one sample to the next in one person
	settle        float64 // days until a change of treatment has done two thirds of its work
	floor         float64 // no value lies below
}

var (
	mmolL     = ucumUnit("mmol/L", "mmol/L")
	mgdL      = ucumUnit("mg/dL", "mg/dL")
	gdL       = ucumUnit("g/dL", "g/dL")
	unitsL    = ucumUnit("U/L", "U/L")
	percent   = ucumUnit("%", "%")
	thousand  = ucumUnit("10*3/uL", "10*3/uL")
	million   = ucumUnit("10*6/uL", "10*6/uL")
	femtol    = ucumUnit("fL", "fL")
	picog     = ucumUnit("pg", "pg")
	milliIU   = ucumUnit("m[IU]/L", "m[IU]/L")
	ngdL      = ucumUnit("ng/dL", "ng/dL")
	ngmL      = ucumUnit("ng/mL", "ng/mL")
	pgmL      = ucumUnit("pg/mL", "pg/mL")
	ugdL      = ucumUnit("ug/dL", "ug/dL")
	mgg       = ucumUnit("mg/g", "mg/g{creat}")
	seconds   = ucumUnit("s", "s")
	ratioUnit = ucumUnit("{INR}", "{INR}")
	gfrUnit   = ucumUnit("mL/min/1.73 m2", "mL/min/{1.73_m2}")
)

var tests = [analytes]test{
	sodium:              {code: loinc("2951-2", "Sodium [Moles/volume] in Serum or Plasma", "Sodium"), short: "sodium", unit: mmolL, low: 135, high: 145, critLow: 120, critHigh: 160, mean: 139.6, between: 1.2, within: 1.1, settle: 10, floor: 118},
	potassium:           {code: loinc("2823-3", "Potassium [Moles/volume] in Serum or Plasma", "Potassium"), short: "potassium", unit: mmolL, decimals: 1, low: 3.5, high: 5.1, critLow: 2.5, critHigh: 6.0, mean: 4.25, between: 0.16, within: 0.18, settle: 10, floor: 2.4},
	chloride:            {code: loinc("2075-0", "Chloride [Moles/volume] in Serum or Plasma", "Chloride"), short: "chloride", unit: mmolL, low: 98, high: 107, mean: 102.6, between: 1, within: 1, settle: 10, floor: 80},
	bicarbonate:         {code: loinc("2028-9", "Carbon dioxide, total [Moles/volume] in Serum or Plasma", "Carbon dioxide"), short: "CO2", unit: mmolL, low: 22, high: 29, mean: 25.4, between: 1, within: 1.1, settle: 10, floor: 10},
	urea:                {code: loinc("3094-0", "Urea nitrogen [Mass/volume] in Serum or Plasma", "Urea nitrogen"), short: "BUN", unit: mgdL, low: 7, high: 20, mean: 14, between: 2.2, within: 1.6, settle: 20, floor: 4},
	creatinine:          {code: loinc("2160-0", "Creatinine [Mass/volume] in Serum or Plasma", "Creatinine"), short: "creatinine", unit: mgdL, decimals: 2, low: 0.7, high: 1.3, femaleLow: 0.6, femaleHigh: 1.1, critHigh: 7.5, mean: 0.95, between: 0.1, within: 0.04, settle: 30, floor: 0.2},
	glucose:             {code: loinc("2345-7", "Glucose [Mass/volume] in Serum or Plasma", "Glucose"), short: "glucose", unit: mgdL, low: 70, high: 99, critLow: 45, critHigh: 450, mean: 90, between: 4, within: 5, settle: 30, floor: 48},
	calcium:             {code: loinc("17861-6", "Calcium [Mass/volume] in Serum or Plasma", "Calcium"), short: "calcium", unit: mgdL, decimals: 1, low: 8.6, high: 10.3, critLow: 6.5, critHigh: 13, mean: 9.4, between: 0.2, within: 0.15, settle: 30, floor: 7},
	egfr:                {code: loinc("98979-8", "Glomerular filtration rate/1.73 sq M.predicted [Volume Rate/Area] in Serum, Plasma or Blood by Creatinine-based formula (CKD-EPI 2021)", "eGFR"), short: "eGFR", unit: gfrUnit, low: 60},
	protein:             {code: loinc("2885-2", "Protein [Mass/volume] in Serum or Plasma", "Total protein"), short: "protein", unit: gdL, decimals: 1, low: 6, high: 8.3, mean: 7.1, between: 0.25, within: 0.15, settle: 60, floor: 4.5},
	albumin:             {code: loinc("1751-7", "Albumin [Mass/volume] in Serum or Plasma", "Albumin"), short: "albumin", unit: gdL, decimals: 1, low: 3.5, high: 5, mean: 4.3, between: 0.18, within: 0.1, settle: 60, floor: 2},
	bilirubin:           {code: loinc("1975-2", "Bilirubin.total [Mass/volume] in Serum or Plasma", "Total bilirubin"), short: "bilirubin", unit: mgdL, decimals: 1, low: 0.1, high: 1.2, mean: 0.6, between: 0.14, within: 0.1, settle: 30, floor: 0.1},
	alkalinePhosphatase: {code: loinc("6768-6", "Alkaline phosphatase [Enzymatic activity/volume] in Serum or Plasma", "Alkaline phosphatase"), short: "ALP", unit: unitsL, low: 44, high: 121, mean: 74, between: 13, within: 4, settle: 60, floor: 25},
	ast:                 {code: loinc("1920-8", "Aspartate aminotransferase [Enzymatic activity/volume] in Serum or Plasma", "AST"), short: "AST", unit: unitsL, low: 8, high: 40, mean: 22, between: 4, within: 3, settle: 30, floor: 8},
	alt:                 {code: loinc("1742-6", "Alanine aminotransferase [Enzymatic activity/volume] in Serum or Plasma", "ALT"), short: "ALT", unit: unitsL, low: 7, high: 44, mean: 23, between: 5, within: 3.5, settle: 30, floor: 6},
	leukocytes:          {code: loinc("6690-2", "Leukocytes [#/volume] in Blood by Automated count", "White blood cells"), short: "WBC", unit: thousand, decimals: 1, low: 3.4, high: 10.8, critLow: 1.5, critHigh: 30, mean: 6.7, between: 1, within: 0.8, settle: 10, floor: 2.5},
	erythrocytes:        {code: loinc("789-8", "Erythrocytes [#/volume] in Blood by Automated count", "Red blood cells"), short: "RBC", unit: million, decimals: 2, low: 4.14, high: 5.8, femaleLow: 3.77, femaleHigh: 5.28},
	hemoglobin:          {code: loinc("718-7", "Hemoglobin [Mass/volume] in Blood", "Hemoglobin"), short: "hemoglobin", unit: gdL, decimals: 1, low: 13, high: 17.7, femaleLow: 12, femaleHigh: 15.5, critLow: 7, critHigh: 20, mean: 15, between: 0.7, within: 0.3, settle: 45, floor: 5},
	hematocrit:          {code: loinc("4544-3", "Hematocrit [Volume Fraction] of Blood by Automated count", "Hematocrit"), short: "hematocrit", unit: percent, decimals: 1, low: 37.5, high: 51, femaleLow: 34, femaleHigh: 46.6},
	mcv:                 {code: loinc("787-2", "MCV [Entitic mean volume] in Red Blood Cells by Automated count", "MCV"), short: "MCV", unit: femtol, decimals: 1, low: 79, high: 97, mean: 90, between: 2, within: 0.6, settle: 90, floor: 60},
	mch:                 {code: loinc("785-6", "MCH [Entitic mass] by Automated count", "MCH"), short: "MCH", unit: picog, decimals: 1, low: 26.6, high: 33},
	mchc:                {code: loinc("786-4", "MCHC [Entitic Mass/volume] in Red Blood Cells by Automated count", "MCHC"), short: "MCHC", unit: gdL, decimals: 1, low: 31.5, high: 35.7, mean: 33.4, between: 0.4, within: 0.3, settle: 60, floor: 28},
	rdw:                 {code: loinc("788-0", "Erythrocyte [DistWidth] in Blood by Automated count", "RDW"), short: "RDW", unit: percent, decimals: 1, low: 11.7, high: 15.4, mean: 13, between: 0.4, within: 0.3, settle: 60, floor: 11},
	platelets:           {code: loinc("777-3", "Platelets [#/volume] in Blood by Automated count", "Platelets"), short: "platelets", unit: thousand, low: 150, high: 450, critLow: 30, critHigh: 1000, mean: 248, between: 38, within: 16, settle: 20, floor: 60},
	cholesterol:         {code: loinc("2093-3", "Cholesterol [Mass/volume] in Serum or Plasma", "Total cholesterol"), short: "total cholesterol", unit: mgdL, low: 0, high: 199},
	triglycerides:       {code: loinc("2571-8", "Triglyceride [Mass/volume] in Serum or Plasma", "Triglycerides"), short: "triglycerides", unit: mgdL, high: 149, mean: 110, between: 26, within: 14, settle: 40, floor: 38},
	hdl:                 {code: loinc("2085-9", "Cholesterol in HDL [Mass/volume] in Serum or Plasma", "HDL cholesterol"), short: "HDL", unit: mgdL, low: 40, femaleLow: 50, mean: 50, between: 8, within: 2, settle: 90, floor: 22},
	ldl:                 {code: loinc("2089-1", "Cholesterol in LDL [Mass/volume] in Serum or Plasma", "LDL cholesterol"), short: "LDL", unit: mgdL, high: 99, mean: 108, between: 16, within: 6, settle: 35, floor: 32},
	hba1c:               {code: loinc("4548-4", "Hemoglobin A1c/Hemoglobin.total in Blood", "Hemoglobin A1c"), short: "HbA1c", unit: percent, decimals: 1, low: 4, high: 5.6, mean: 5.3, between: 0.18, within: 0.08, settle: 70, floor: 4.2},
	tsh:                 {code: loinc("3016-3", "Thyrotropin [Units/volume] in Serum or Plasma", "TSH"), short: "TSH", unit: milliIU, decimals: 2, low: 0.45, high: 4.5, mean: 1.9, between: 0.5, within: 0.25, settle: 30, floor: 0.05},
	freeT4:              {code: loinc("3024-7", "Thyroxine (T4) free [Mass/volume] in Serum or Plasma", "Free T4"), short: "free T4", unit: ngdL, decimals: 2, low: 0.82, high: 1.77, mean: 1.22, between: 0.1, within: 0.06, settle: 30, floor: 0.3},
	inr:                 {code: loinc("6301-6", "INR in Platelet poor plasma by Coagulation assay", "INR"), short: "INR", unit: ratioUnit, decimals: 1, low: 0.9, high: 1.2, critHigh: 5, mean: 1, between: 0.04, within: 0.04, settle: 6, floor: 0.9},
	prothrombinTime:     {code: loinc("5902-2", "Prothrombin time (PT)", "Prothrombin time"), short: "PT", unit: seconds, decimals: 1, low: 9.1, high: 12},
	ferritin:            {code: loinc("2276-4", "Ferritin [Mass/volume] in Serum or Plasma", "Ferritin"), short: "ferritin", unit: ngmL, low: 30, high: 400, femaleLow: 13, femaleHigh: 150, mean: 90, between: 25, within: 6, settle: 90, floor: 3},
	iron:                {code: loinc("2498-4", "Iron [Mass/volume] in Serum or Plasma", "Iron"), short: "iron", unit: ugdL, low: 38, high: 169, femaleLow: 27, femaleHigh: 139, mean: 92, between: 14, within: 12, settle: 40, floor: 10},
	ironBinding:         {code: loinc("2500-7", "Iron binding capacity [Mass/volume] in Serum or Plasma", "Iron binding capacity"), short: "TIBC", unit: ugdL, low: 250, high: 450, mean: 320, between: 25, within: 12, settle: 60, floor: 180},
	urineAlbumin:        {code: loinc("14959-1", "Microalbumin/Creatinine [Mass Ratio] in Urine", "Urine albumin/creatinine"), short: "urine albumin/creatinine", unit: mgg, high: 29, mean: 9, between: 3, within: 2.5, settle: 60, floor: 2},
	vitaminB12:          {code: loinc("2132-9", "Cobalamin (Vitamin B12) [Mass/volume] in Serum or Plasma", "Vitamin B12"), short: "vitamin B12", unit: pgmL, low: 232, high: 1245, mean: 480, between: 110, within: 40, settle: 60, floor: 90},
	vitaminD:            {code: loinc("62292-8", "25-Hydroxyvitamin D3+25-Hydroxyvitamin D2 [Mass/volume] in Serum or Plasma", "Vitamin D, 25-hydroxy"), short: "vitamin D", unit: ngmL, decimals: 1, low: 30, high: 100, mean: 31, between: 7, within: 3, settle: 60, floor: 6},
	urate:               {code: loinc("3084-1", "Urate [Mass/volume] in Serum or Plasma", "Uric acid"), short: "uric acid", unit: mgdL, decimals: 1, low: 3.8, high: 8.4, femaleLow: 2.6, femaleHigh: 6.2, mean: 5.2, between: 0.7, within: 0.4, settle: 30, floor: 1.8},
	ntProBNP:            {code: loinc("33762-6", "Natriuretic peptide.B prohormone N-Terminal [Mass/volume] in Serum or Plasma", "NT-proBNP"), short: "NT-proBNP", unit: pgmL, high: 125, mean: 70, between: 25, within: 14, settle: 30, floor: 20},
	psa:                 {code: loinc("2857-1", "Prostate specific Ag [Mass/volume] in Serum or Plasma", "PSA"), short: "PSA", unit: ngmL, decimals: 1, high: 4, mean: 1.4, between: 0.6, within: 0.15, settle: 300, floor: 0.2},
	bloodLead:           {code: loinc("5671-3", "Lead [Mass/volume] in Blood", "Blood lead"), short: "blood lead", unit: ugdL, decimals: 1, high: 3.4, mean: 1.3, between: 0.6, within: 0.2, settle: 100, floor: 0.5},
	glucoseChallenge:    {code: loinc("20438-8", "Glucose [Mass/volume] in Serum or Plasma --1 hour post dose glucose", "Glucose, 1 hour after 50 g"), short: "1-hour glucose", unit: mgdL, high: 139, mean: 112, between: 18, within: 8, settle: 10, floor: 70},
	magnesium:           {code: loinc("19123-9", "Magnesium [Mass/volume] in Serum or Plasma", "Magnesium"), short: "magnesium", unit: mgdL, decimals: 1, low: 1.6, high: 2.3, mean: 2, between: 0.1, within: 0.08, settle: 20, floor: 1},
}

// specimen is what is taken from the patient.
type specimen struct {
	kind *concept
	name string
}

var (
	serum      = &specimen{coded(snomed, "119364003", "Serum sample", "Serum"), "serum"}
	wholeBlood = &specimen{coded(snomed, "258580003", "Whole blood specimen", "Whole blood"), "blood"}
	urine      = &specimen{coded(snomed, "122575003", "Urine specimen", "Urine"), "urine"}
	swab       = &specimen{words("Swab"), "swab"}
	stool      = &specimen{words("Stool specimen"), "stool"}
	cervix     = &specimen{words("Cervical cytology specimen"), "cytology"}
)

// panel is what is ordered: one or more analytes, or named findings, of one specimen.
type panel struct {
	code     *concept
	name     string // in a plan: "basic metabolic panel"
	specimen *specimen
	members  []analyte
	findings []finding
	point    bool // done in the practice while the patient waits
}

// finding is a result in words: what is normal, and what else is seen.
type finding struct {
	code   *concept
	short  string
	normal string
}

var (
	basicPanel = &panel{code: loinc("24321-2", "Basic metabolic 2000 panel - Serum or Plasma", "Basic metabolic panel"), name: "basic metabolic panel", specimen: serum,
		members: []analyte{glucose, urea, creatinine, egfr, sodium, potassium, chloride, bicarbonate, calcium}}
	fullPanel = &panel{code: loinc("24323-8", "Comprehensive metabolic 2000 panel - Serum or Plasma", "Comprehensive metabolic panel"), name: "comprehensive metabolic panel", specimen: serum,
		members: []analyte{glucose, urea, creatinine, egfr, sodium, potassium, chloride, bicarbonate, calcium, protein, albumin, bilirubin, alkalinePhosphatase, ast, alt}}
	bloodCount = &panel{code: loinc("58410-2", "CBC panel - Blood by Automated count", "Complete blood count"), name: "complete blood count", specimen: wholeBlood,
		members: []analyte{leukocytes, erythrocytes, hemoglobin, hematocrit, mcv, mch, mchc, rdw, platelets}}
	lipidPanel = &panel{code: loinc("24331-1", "Lipid 1996 panel - Serum or Plasma", "Lipid panel"), name: "lipid panel", specimen: serum,
		members: []analyte{cholesterol, triglycerides, hdl, ldl}}
	a1cTest       = &panel{code: tests[hba1c].code, name: "HbA1c", specimen: wholeBlood, members: []analyte{hba1c}}
	tshTest       = &panel{code: tests[tsh].code, name: "TSH", specimen: serum, members: []analyte{tsh}}
	freeT4Test    = &panel{code: tests[freeT4].code, name: "free T4", specimen: serum, members: []analyte{freeT4}}
	inrTest       = &panel{code: loinc("34528-0", "PT panel - Platelet poor plasma by Coagulation assay", "PT and INR"), name: "INR", specimen: wholeBlood, members: []analyte{prothrombinTime, inr}, point: true}
	ironStudies   = &panel{code: loinc("50190-8", "Iron and Iron binding capacity panel - Serum or Plasma", "Iron and iron binding capacity"), name: "iron studies", specimen: serum, members: []analyte{iron, ironBinding}}
	ferritinTest  = &panel{code: tests[ferritin].code, name: "ferritin", specimen: serum, members: []analyte{ferritin}}
	albuminRatio  = &panel{code: tests[urineAlbumin].code, name: "urine albumin/creatinine ratio", specimen: urine, members: []analyte{urineAlbumin}}
	b12Test       = &panel{code: tests[vitaminB12].code, name: "vitamin B12", specimen: serum, members: []analyte{vitaminB12}}
	vitaminDTest  = &panel{code: tests[vitaminD].code, name: "vitamin D", specimen: serum, members: []analyte{vitaminD}}
	urateTest     = &panel{code: tests[urate].code, name: "uric acid", specimen: serum, members: []analyte{urate}}
	bnpTest       = &panel{code: tests[ntProBNP].code, name: "NT-proBNP", specimen: serum, members: []analyte{ntProBNP}}
	psaTest       = &panel{code: tests[psa].code, name: "PSA", specimen: serum, members: []analyte{psa}}
	leadTest      = &panel{code: tests[bloodLead].code, name: "blood lead", specimen: wholeBlood, members: []analyte{bloodLead}}
	magnesiumTest = &panel{code: tests[magnesium].code, name: "magnesium", specimen: serum, members: []analyte{magnesium}}
	challengeTest = &panel{code: tests[glucoseChallenge].code, name: "one-hour glucose challenge", specimen: serum, members: []analyte{glucoseChallenge}}
	hemoglobinDot = &panel{code: tests[hemoglobin].code, name: "hemoglobin", specimen: wholeBlood, members: []analyte{hemoglobin}, point: true}

	strepTest = &panel{code: loinc("78012-2", "Streptococcus pyogenes Ag [Presence] in Throat by Rapid immunoassay", "Rapid strep test"), name: "rapid strep test", specimen: swab, point: true,
		findings: []finding{{loinc("78012-2", "Streptococcus pyogenes Ag [Presence] in Throat by Rapid immunoassay", "Rapid strep test"), "rapid strep", "Negative"}}}
	fluTest = &panel{code: loinc("80381-7", "Influenza virus A and B Ag panel - Upper respiratory specimen by Rapid immunoassay", "Rapid influenza test"), name: "rapid influenza test", specimen: swab, point: true,
		findings: []finding{
			{loinc("80382-5", "Influenza virus A Ag [Presence] in Upper respiratory specimen by Rapid immunoassay", "Influenza A"), "influenza A", "Negative"},
			{loinc("80383-3", "Influenza virus B Ag [Presence] in Upper respiratory specimen by Rapid immunoassay", "Influenza B"), "influenza B", "Negative"}}}
	dipstick = &panel{code: loinc("24357-6", "Urinalysis macro (dipstick) panel - Urine", "Urine dipstick"), name: "urine dipstick", specimen: urine, point: true,
		findings: []finding{
			{loinc("5799-2", "Leukocyte esterase [Presence] in Urine by Test strip", "Leukocyte esterase"), "leukocyte esterase", "Negative"},
			{loinc("5802-4", "Nitrite [Presence] in Urine by Test strip", "Nitrite"), "nitrite", "Negative"},
			{loinc("5794-3", "Hemoglobin [Presence] in Urine by Test strip", "Blood"), "blood", "Negative"},
			{loinc("20454-5", "Protein [Presence] in Urine by Test strip", "Protein"), "protein", "Negative"},
			{loinc("25428-4", "Glucose [Presence] in Urine by Test strip", "Glucose"), "glucose", "Negative"}}}
	urineCulture = &panel{code: loinc("630-4", "Bacteria identified in Urine by Culture", "Urine culture"), name: "urine culture", specimen: urine,
		findings: []finding{{loinc("630-4", "Bacteria identified in Urine by Culture", "Urine culture"), "urine culture", "No growth"}}}
	pregnancyTest = &panel{code: loinc("2106-3", "Choriogonadotropin (pregnancy test) [Presence] in Urine", "Urine pregnancy test"), name: "urine pregnancy test", specimen: urine, point: true,
		findings: []finding{{loinc("2106-3", "Choriogonadotropin (pregnancy test) [Presence] in Urine", "Urine pregnancy test"), "pregnancy test", "Negative"}}}
	stoolBlood = &panel{code: loinc("29771-3", "Hemoglobin.gastrointestinal.lower [Presence] in Stool by Immunoassay", "Fecal immunochemical test"), name: "fecal immunochemical test", specimen: stool,
		findings: []finding{{loinc("29771-3", "Hemoglobin.gastrointestinal.lower [Presence] in Stool by Immunoassay", "Fecal immunochemical test"), "FIT", "Negative"}}}
	papTest = &panel{code: loinc("47527-7", "Cytology report of Cervical or vaginal smear or scraping Cyto stain.thin prep", "Cervical cytology"), name: "cervical cytology", specimen: cervix,
		findings: []finding{{loinc("47527-7", "Cytology report of Cervical or vaginal smear or scraping Cyto stain.thin prep", "Cervical cytology"), "cervical cytology", "Negative for intraepithelial lesion or malignancy"}}}
	hepatitisC = &panel{code: loinc("16128-1", "Hepatitis C virus Ab [Presence] in Serum", "Hepatitis C antibody"), name: "hepatitis C antibody", specimen: serum,
		findings: []finding{{loinc("16128-1", "Hepatitis C virus Ab [Presence] in Serum", "Hepatitis C antibody"), "hepatitis C antibody", "Negative"}}}
	bloodGroup = &panel{code: loinc("882-1", "ABO and Rh group [Type] in Blood", "Blood group"), name: "blood group", specimen: wholeBlood,
		findings: []finding{{loinc("882-1", "ABO and Rh group [Type] in Blood", "Blood group"), "blood group", ""}}}
)
