package terms

import "strings"

// maxPhrase is the longest phrase of the list, in words.
const maxPhrase = 3

// spelledOut is the query in the words of code systems: abbreviations written out, everyday phrases replaced. ok is
// false if it has none.
func spelledOut(words []string) (out []string, ok bool) {
	for i := 0; i < len(words); {
		n := min(maxPhrase, len(words)-i)
		for n > 0 && abbreviations[strings.Join(words[i:i+n], " ")] == "" {
			n--
		}
		if n == 0 {
			out = append(out, words[i])
			i++
			continue
		}
		out, ok = append(out, strings.Fields(abbreviations[strings.Join(words[i:i+n], " ")])...), true
		i += n
	}
	return out, ok
}

// abbreviations are what people type instead of a name, with the words by which the name is found. What was typed is
// searched for too.
var abbreviations = map[string]string{
	"heart attack": "myocardial infarction", "stroke": "cerebral infarction", "high blood pressure": "hypertension", "low blood pressure": "hypotension",
	"high cholesterol": "hyperlipidemia", "high blood sugar": "hyperglycemia", "low blood sugar": "hypoglycemia", "sugar diabetes": "diabetes mellitus",
	"kidney stone": "calculus kidney", "kidney stones": "calculus kidney", "gallstones": "calculus gallbladder", "bladder infection": "cystitis",
	"pink eye": "conjunctivitis", "ear infection": "otitis media", "ear wax": "impacted cerumen", "earwax": "impacted cerumen", "sinus infection": "sinusitis",
	"chest cold": "bronchitis", "cold": "nasopharyngitis", "hay fever": "allergic rhinitis", "heartburn": "gastro esophageal reflux", "acid reflux": "gastro esophageal reflux",
	"stomach flu": "gastroenteritis", "flu": "influenza", "flu shot": "immunization", "throwing up": "vomiting", "passing out": "syncope", "fainting": "syncope",
	"dizzy": "dizziness", "short of breath": "shortness breath", "water pill": "diuretic", "blood thinner": "anticoagulants", "blood clot": "thrombosis",
	"blood in urine": "hematuria", "nose bleed": "epistaxis", "nosebleed": "epistaxis", "hives": "urticaria", "shingles": "zoster", "athletes foot": "tinea pedis",
	"jock itch": "tinea cruris", "ringworm": "tinea", "lice": "pediculosis", "bed sore": "pressure ulcer", "bedsore": "pressure ulcer", "boil": "furuncle",
	"broken hip": "fracture femur", "hammer toe": "hammertoe", "slipped disc": "disc displacement", "herniated disc": "disc displacement", "pinched nerve": "radiculopathy",
	"tennis elbow": "lateral epicondylitis", "frozen shoulder": "adhesive capsulitis", "heel spur": "calcaneal spur",
	"enlarged prostate": "benign prostatic hyperplasia", "mini stroke": "transient cerebral ischemic", "memory loss": "amnesia", "lazy eye": "amblyopia",
	"physical": "general adult medical examination", "annual physical": "general adult medical examination", "well child": "routine child health", "shot": "immunization",
	"tobacco": "nicotine dependence", "smoker": "nicotine dependence", "underactive thyroid": "hypothyroidism", "overactive thyroid": "hyperthyroidism",
	"aaa": "abdominal aortic aneurysm", "abx": "antibiotic", "acl": "anterior cruciate ligament", "acs": "acute coronary syndrome",
	"adhd": "attention deficit hyperactivity", "af": "atrial fibrillation", "afib": "atrial fibrillation", "aka": "above knee amputation",
	"aki": "acute kidney failure", "all": "acute lymphoblastic leukemia", "als": "amyotrophic lateral sclerosis", "aml": "acute myeloblastic leukemia",
	"ards": "acute respiratory distress syndrome", "arf": "acute kidney failure", "asa": "aspirin", "avm": "arteriovenous malformation",
	"avn": "avascular necrosis", "bcc": "basal cell carcinoma", "bka": "below knee amputation", "bmi": "body mass index",
	"bp": "blood pressure", "bph": "benign prostatic hyperplasia", "bppv": "benign paroxysmal vertigo", "bun": "urea nitrogen",
	"cabg": "coronary bypass", "cad": "coronary artery", "cap": "pneumonia", "cbc": "complete blood count",
	"cf": "cystic fibrosis", "chf": "congestive heart failure", "ckd": "chronic kidney disease", "cll": "chronic lymphocytic leukemia",
	"cml": "chronic myeloid leukemia", "cmp": "comprehensive metabolic panel", "copd": "chronic obstructive pulmonary", "cpap": "positive airway pressure",
	"crp": "c reactive protein", "cva": "cerebral infarction", "cvd": "cardiovascular disease", "cxr": "chest xray",
	"dcis": "intraductal carcinoma in situ breast", "ddd": "disc degeneration", "djd": "osteoarthritis", "dka": "diabetes ketoacidosis",
	"dm": "diabetes mellitus", "dm1": "type 1 diabetes mellitus", "dm2": "type 2 diabetes mellitus", "t1dm": "type 1 diabetes mellitus", "t2dm": "type 2 diabetes mellitus",
	"dvt": "deep vein thrombosis", "dx": "diagnosis", "ed": "erectile dysfunction", "esr": "erythrocyte sedimentation", "esrd": "end stage renal disease",
	"etoh": "alcohol", "fbs": "fasting glucose", "fx": "fracture", "gad": "generalized anxiety disorder", "gerd": "gastro esophageal reflux",
	"gi": "gastrointestinal", "gib": "gastrointestinal hemorrhage", "hcv": "hepatitis c", "hbv": "hepatitis b", "hep": "hepatitis",
	"hfpef": "diastolic heart failure", "hfref": "systolic heart failure", "hld": "hyperlipidemia", "hsv": "herpes simplex", "htn": "hypertension",
	"hx": "history", "ibd": "inflammatory bowel disease", "ibs": "irritable bowel", "ich": "intracerebral hemorrhage", "ida": "iron deficiency anemia",
	"itp": "immune thrombocytopenic purpura", "lbp": "low back pain", "lbbb": "left bundle branch block", "rbbb": "right bundle branch block",
	"lft": "hepatic function panel", "loc": "loss of consciousness", "mdd": "major depressive disorder", "mi": "myocardial infarction",
	"mrsa": "methicillin resistant staphylococcus aureus", "ms": "multiple sclerosis", "mva": "motor vehicle accident", "mvp": "mitral valve prolapse",
	"nafld": "fatty liver", "nash": "nonalcoholic steatohepatitis", "nsclc": "non small cell lung", "nstemi": "non st elevation myocardial infarction",
	"oa": "osteoarthritis", "ocd": "obsessive compulsive disorder", "om": "otitis media", "osa": "obstructive sleep apnea", "pad": "peripheral artery disease",
	"pcos": "polycystic ovarian", "pe": "pulmonary embolism", "pid": "pelvic inflammatory", "pna": "pneumonia", "pth": "parathyroid hormone",
	"ptsd": "post traumatic stress disorder", "pud": "peptic ulcer", "pvd": "peripheral vascular disease", "ra": "rheumatoid arthritis",
	"rls": "restless legs", "rsv": "respiratory syncytial virus", "sah": "subarachnoid hemorrhage", "scc": "squamous cell carcinoma",
	"sdh": "subdural hemorrhage", "sle": "systemic lupus erythematosus", "sob": "shortness of breath", "stemi": "st elevation myocardial infarction",
	"std": "sexually transmitted disease", "svt": "supraventricular tachycardia", "tb": "tuberculosis", "tbi": "traumatic brain injury",
	"tia": "transient cerebral ischemic", "tsh": "thyrotropin", "ua": "urinalysis", "uri": "upper respiratory infection", "uti": "urinary tract infection",
	"vte": "venous thromboembolism", "vit": "vitamin", "wbc": "leukocytes", "rbc": "erythrocytes", "hgb": "hemoglobin", "hct": "hematocrit", "plt": "platelets",
}
