package prevention

// Recommendation is one thing to do for those whom it suits.
type Recommendation struct {
	ID    string // stable: kept in the record with a decision not to do it
	Name  string
	Grade string // of the Task Force; "" for the monitoring of a disease
	By    string // who recommends it, with the year
	URL   string
	Sex   string // "female", "male", "" = both
	From  int    // age in whole years, included
	To    int    // included; 0 = no end
	If    []condition
	Ask   string // what must be known first, where If cannot be told from the record
	Tests []Test
}

// Test is one way to satisfy a recommendation.
type Test struct {
	Name   string
	Months int      // how long it lasts; 0 = for life
	LOINC  []string // of Observations and DiagnosticReports
	Words  []string // of the names of Procedures and DiagnosticReports
	From   int      // only from this age on; 0 = at any
}

// condition is what must be true of the patient besides age and sex.
type condition int

const (
	everSmoked condition = iota + 1
	smokesOrStoppedLately
	overweight // body mass index of 25 kg/m2 or more
	obese      // 30 kg/m2 or more
	diabetes
	hypertension
	kidneyDisease
	thyroidReplaced // hypothyroidism
	noDiabetes
)

// words say why a condition makes a recommendation apply.
var words = map[condition]string{
	everSmoked: "has smoked", smokesOrStoppedLately: "smokes or stopped within 15 years", overweight: "body mass index 25 kg/m² or more", obese: "body mass index 30 kg/m² or more",
	diabetes: "diabetes", hypertension: "hypertension", kidneyDisease: "chronic kidney disease", thyroidReplaced: "hypothyroidism", noDiabetes: "no diabetes",
}

const taskForce = "https://www.uspreventiveservicestaskforce.org/uspstf/recommendation/"

// year and decade count months.
const year = 12

// recommendations are in the order in which they are shown when equally due.
var recommendations = []Recommendation{
	{ID: "colorectal-cancer", Name: "Colorectal cancer screening", Grade: "A", By: "USPSTF 2021 (grade B from 45 to 49)", URL: taskForce + "colorectal-cancer-screening", From: 45, To: 75, Tests: []Test{
		{Name: "colonoscopy", Months: 10 * year, LOINC: []string{"18746-8"}, Words: []string{"colonoscopy"}},
		{Name: "stool DNA with FIT", Months: 3 * year, LOINC: []string{"77353-1", "77354-9"}, Words: []string{"stool dna", "cologuard"}},
		{Name: "CT colonography", Months: 5 * year, LOINC: []string{"60515-4", "72531-7", "79101-2"}, Words: []string{"ct colonography"}},
		{Name: "flexible sigmoidoscopy", Months: 5 * year, Words: []string{"sigmoidoscopy"}},
		{Name: "fecal immunochemical test", Months: year, LOINC: []string{"29771-3", "57905-2", "2335-8", "14563-1"}, Words: []string{"fecal immunochemical", "fecal occult blood"}},
	}},
	{ID: "breast-cancer", Name: "Mammogram", Grade: "B", By: "USPSTF 2024", URL: taskForce + "breast-cancer-screening", Sex: "female", From: 40, To: 74, Tests: []Test{
		{Name: "mammogram", Months: 2 * year, LOINC: []string{"24606-6", "24605-8", "24604-1", "26346-7", "36319-2", "37551-9", "72137-3", "72138-1", "86462-9"}, Words: []string{"mammogra"}},
	}},
	{ID: "cervical-cancer", Name: "Cervical cancer screening", Grade: "A", By: "USPSTF 2018", URL: taskForce + "cervical-cancer-screening", Sex: "female", From: 21, To: 65, Tests: []Test{
		{Name: "HPV test", Months: 5 * year, From: 30, LOINC: []string{"21440-3", "30167-1", "71431-1"}, Words: []string{"human papillomavirus", "hpv"}},
		{Name: "cytology", Months: 3 * year, LOINC: []string{"10524-7", "18500-9", "19765-7", "47527-7", "47528-5"}, Words: []string{"papanicolaou", "pap smear", "cervical cytology"}},
	}},
	{ID: "lung-cancer", Name: "Low-dose CT of the chest", Grade: "B", By: "USPSTF 2021", URL: taskForce + "lung-cancer-screening", From: 50, To: 80, If: []condition{smokesOrStoppedLately}, Ask: "20 pack-years or more", Tests: []Test{
		{Name: "low-dose CT", Months: year, Words: []string{"low-dose ct", "low dose ct", "lung cancer screening"}},
	}},
	{ID: "aortic-aneurysm", Name: "Ultrasound for aortic aneurysm, once", Grade: "B", By: "USPSTF 2019", URL: taskForce + "abdominal-aortic-aneurysm-screening", Sex: "male", From: 65, To: 75, If: []condition{everSmoked}, Tests: []Test{
		{Name: "ultrasound of the aorta", Words: []string{"ultrasound of abdominal aorta", "aortic aneurysm screening", "us aorta"}},
	}},
	{ID: "osteoporosis", Name: "Bone density scan", Grade: "B", By: "USPSTF 2025", URL: taskForce + "osteoporosis-screening", Sex: "female", From: 65, Tests: []Test{
		{Name: "bone density scan", LOINC: []string{"38269-7"}, Words: []string{"bone density", "dxa", "dexa"}},
	}},
	{ID: "diabetes-screening", Name: "Diabetes screening", Grade: "B", By: "USPSTF 2021", URL: taskForce + "screening-for-prediabetes-and-type-2-diabetes", From: 35, To: 70, If: []condition{overweight, noDiabetes}, Tests: []Test{
		{Name: "HbA1c or fasting glucose", Months: 3 * year, LOINC: []string{"4548-4", "17856-6", "1558-6", "2345-7", "2339-0"}},
	}},
	{ID: "blood-pressure", Name: "Blood pressure", Grade: "A", By: "USPSTF 2021", URL: taskForce + "hypertension-in-adults-screening", From: 18, Tests: []Test{
		{Name: "blood pressure", Months: year, LOINC: []string{"85354-9", "55284-4", "8480-6"}},
	}},
	{ID: "hiv", Name: "HIV test, once", Grade: "A", By: "USPSTF 2019", URL: taskForce + "human-immunodeficiency-virus-hiv-infection-screening", From: 15, To: 65, Tests: []Test{
		{Name: "HIV test", LOINC: []string{"56888-1", "75622-1", "7918-6", "48345-3"}, Words: []string{"hiv 1", "hiv-1", "hiv test", "hiv screen"}},
	}},
	{ID: "hepatitis-c", Name: "Hepatitis C test, once", Grade: "B", By: "USPSTF 2020", URL: taskForce + "hepatitis-c-screening", From: 18, To: 79, Tests: []Test{
		{Name: "hepatitis C test", LOINC: []string{"13955-0", "16128-1", "5198-7", "5199-5", "48159-8", "11259-9"}, Words: []string{"hepatitis c"}},
	}},
	{ID: "chlamydia", Name: "Chlamydia and gonorrhea test, if sexually active", Grade: "B", By: "USPSTF 2021", URL: taskForce + "chlamydia-and-gonorrhea-screening", Sex: "female", From: 16, To: 24, Tests: []Test{
		{Name: "chlamydia test", Months: year, LOINC: []string{"21613-5", "43304-5", "6357-8", "21190-4"}, Words: []string{"chlamydia"}},
	}},
	{ID: "depression", Name: "Depression screening", Grade: "B", By: "USPSTF 2023 (adults), 2022 (12 to 18)", URL: taskForce + "screening-depression-suicide-risk-adults", From: 12, Tests: []Test{
		{Name: "PHQ-2, PHQ-9 or the like", Months: year, LOINC: []string{"44261-6", "55758-7", "89204-2", "73831-0", "73832-8"}},
	}},
	{ID: "anxiety", Name: "Anxiety screening", Grade: "B", By: "USPSTF 2023 (adults), 2022 (8 to 18)", URL: taskForce + "anxiety-adults-screening", From: 8, To: 64, Tests: []Test{
		{Name: "GAD-2, GAD-7 or the like", Months: year, LOINC: []string{"70274-6", "69737-5"}},
	}},
	{ID: "alcohol", Name: "Alcohol use screening", Grade: "B", By: "USPSTF 2018", URL: taskForce + "unhealthy-alcohol-use-in-adolescents-and-adults-screening-and-behavioral-counseling-interventions", From: 18, Tests: []Test{
		{Name: "AUDIT-C or the like", Months: year, LOINC: []string{"75626-2", "75624-7"}},
	}},
	{ID: "tobacco", Name: "Ask about tobacco", Grade: "A", By: "USPSTF 2021", URL: taskForce + "tobacco-use-in-adults-and-pregnant-women-counseling-and-interventions", From: 18, Tests: []Test{
		{Name: "smoking status", Months: year, LOINC: []string{"72166-2"}},
	}},
	{ID: "obesity", Name: "Offer intensive weight counseling", Grade: "B", By: "USPSTF 2018", URL: taskForce + "obesity-in-adults-interventions", From: 18, If: []condition{obese}, Tests: []Test{
		{Name: "weight counseling", Months: year, Words: []string{"nutrition counseling", "weight management", "weight counseling", "dietary education", "obesity counseling"}},
	}},

	{ID: "diabetes-a1c", Name: "HbA1c", By: "ADA Standards of Care", URL: "https://professional.diabetes.org/standards-of-care", If: []condition{diabetes}, Tests: []Test{
		{Name: "HbA1c", Months: 6, LOINC: []string{"4548-4", "17856-6"}},
	}},
	{ID: "diabetes-eyes", Name: "Diabetic eye exam", By: "ADA Standards of Care", URL: "https://professional.diabetes.org/standards-of-care", If: []condition{diabetes}, Tests: []Test{
		{Name: "retinal exam", Months: year, LOINC: []string{"71490-7", "71491-5"}, Words: []string{"retinal exam", "dilated eye", "dilated fundus", "retinopathy screening", "ophthalmic examination"}},
	}},
	{ID: "diabetes-kidneys", Name: "Urine albumin and creatinine", By: "ADA Standards of Care", URL: "https://professional.diabetes.org/standards-of-care", If: []condition{diabetes}, Tests: []Test{
		{Name: "urine albumin to creatinine ratio", Months: year, LOINC: []string{"9318-7", "14959-1", "14957-5"}},
	}},
	{ID: "diabetes-feet", Name: "Diabetic foot exam", By: "ADA Standards of Care", URL: "https://professional.diabetes.org/standards-of-care", If: []condition{diabetes}, Tests: []Test{
		{Name: "foot exam", Months: year, Words: []string{"diabetic foot", "foot exam"}},
	}},
	{ID: "diabetes-lipids", Name: "Lipids", By: "ADA Standards of Care", URL: "https://professional.diabetes.org/standards-of-care", If: []condition{diabetes}, Tests: []Test{
		{Name: "lipids", Months: year, LOINC: []string{"2089-1", "13457-7", "18262-6", "57698-3", "2093-3"}},
	}},
	{ID: "kidney-egfr", Name: "eGFR", By: "KDIGO 2024", URL: "https://kdigo.org/guidelines/ckd-evaluation-and-management/", If: []condition{kidneyDisease}, Tests: []Test{
		{Name: "eGFR", Months: year, LOINC: []string{"98979-8", "62238-1", "33914-3", "48642-3", "48643-1"}},
	}},
	{ID: "hypertension-labs", Name: "Kidney function and potassium", By: "ACC/AHA 2017", URL: "https://www.ahajournals.org/doi/10.1161/HYP.0000000000000065", If: []condition{hypertension}, Tests: []Test{
		{Name: "basic metabolic panel", Months: year, LOINC: []string{"2823-3", "6298-4", "51990-0", "24321-2", "24323-8"}},
	}},
	{ID: "thyroid", Name: "TSH", By: "ATA 2014", URL: "https://www.thyroid.org/professionals/ata-professional-guidelines/", If: []condition{thyroidReplaced}, Tests: []Test{
		{Name: "TSH", Months: year, LOINC: []string{"3016-3", "11580-8", "11579-0"}},
	}},
}
