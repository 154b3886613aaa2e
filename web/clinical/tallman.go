package clinical

import "strings"

// TallMan writes a drug ingredient with the tall-man letters that keep look-alike names apart: metFORMIN, hydrALAZINE. Names on no
// list come back in lower case. It is for clinicians; pages for patients never use it.
//
// The names are those of the FDA's list of established names with recommended tall-man letters, and of further pairs in common use.
func TallMan(ingredient string) string {
	lower := strings.ToLower(strings.TrimSpace(ingredient))
	words := strings.Fields(lower)
	for i, w := range words {
		if tall, ok := tallMan[w]; ok {
			words[i] = tall
		}
	}
	return strings.Join(words, " ")
}

// TallManWithin puts tall-man letters into running text that came from elsewhere, and changes nothing else in it.
func TallManWithin(text string) string {
	var b strings.Builder
	for text != "" {
		end := strings.IndexFunc(text, func(r rune) bool { return !letter(r) })
		if end == 0 {
			end = strings.IndexFunc(text, letter)
			if end < 0 {
				end = len(text)
			}
			b.WriteString(text[:end])
			text = text[end:]
			continue
		}
		if end < 0 {
			end = len(text)
		}
		word := text[:end]
		if tall, ok := tallMan[strings.ToLower(word)]; ok {
			word = tall
		}
		b.WriteString(word)
		text = text[end:]
	}
	return b.String()
}

func letter(r rune) bool { return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r > 127 }

// tallMan is keyed by the RxNorm ingredient name in lower case.
var tallMan = map[string]string{
	// FDA list.
	"acetazolamide": "acetaZOLAMIDE", "acetohexamide": "acetoHEXAMIDE",
	"bupropion": "buPROPion", "buspirone": "busPIRone",
	"chlorpromazine": "chlorproMAZINE", "chlorpropamide": "chlorproPAMIDE",
	"clomiphene": "clomiPHENE", "clomipramine": "clomiPRAMINE",
	"cycloserine": "cycloSERINE", "cyclosporine": "cycloSPORINE",
	"daunorubicin": "DAUNOrubicin", "doxorubicin": "DOXOrubicin",
	"dimenhydrinate": "dimenhyDRINATE", "diphenhydramine": "diphenhydrAMINE",
	"dobutamine": "DOBUTamine", "dopamine": "DOPamine",
	"glipizide": "glipiZIDE", "glyburide": "glyBURIDE",
	"hydralazine": "hydrALAZINE", "hydroxyzine": "hydrOXYzine", "hydromorphone": "HYDROmorphone",
	"medroxyprogesterone": "medroxyPROGESTERone", "methylprednisolone": "methylPREDNISolone", "methyltestosterone": "methylTESTOSTERone",
	"mitoxantrone": "mitoXANTRONE",
	"nicardipine":  "niCARdipine", "nifedipine": "NIFEdipine",
	"prednisolone": "prednisoLONE", "prednisone": "predniSONE",
	"risperidone": "risperiDONE", "ropinirole": "rOPINIRole",
	"sulfadiazine": "sulfADIAZINE", "sulfisoxazole": "sulfiSOXAZOLE",
	"tolazamide": "TOLAZamide", "tolbutamide": "TOLBUTamide",
	"vinblastine": "vinBLAStine", "vincristine": "vinCRIStine",

	// Further pairs in common use.
	"alprazolam": "ALPRAZolam", "lorazepam": "LORazepam", "clonazepam": "clonazePAM",
	"amiloride": "aMILoride", "amlodipine": "amLODIPine",
	"aripiprazole": "ARIPiprazole", "rabeprazole": "RABEprazole",
	"azacitidine": "azaCITIDine", "azathioprine": "azaTHIOprine",
	"carbamazepine": "carBAMazepine", "oxcarbazepine": "OXcarbazepine",
	"carboplatin": "CARBOplatin", "cisplatin": "CISplatin",
	"cefazolin": "ceFAZolin", "cefotetan": "cefoTEtan", "cefoxitin": "cefOXitin", "ceftazidime": "cefTAZidime", "ceftriaxone": "cefTRIAXone",
	"duloxetine": "DULoxetine", "fluoxetine": "FLUoxetine", "paroxetine": "PARoxetine",
	"ephedrine": "ePHEDrine", "epinephrine": "EPINEPHrine",
	"fentanyl": "fentaNYL", "sufentanil": "SUFentanil",
	"guaifenesin": "guaiFENesin", "guanfacine": "guanFACINE",
	"hydrochlorothiazide": "hydroCHLOROthiazide",
	"hydrocodone":         "HYDROcodone", "oxycodone": "oxyCODONE",
	"infliximab": "inFLIXimab", "rituximab": "riTUXimab",
	"lamivudine": "lamiVUDine", "lamotrigine": "lamoTRIgine",
	"levetiracetam": "levETIRAcetam", "levofloxacin": "levoFLOXacin",
	"metformin": "metFORMIN", "metronidazole": "metroNIDAZOLE",
	"olanzapine": "OLANZapine", "quetiapine": "QUEtiapine",
	"pentobarbital": "PENTobarbital", "phenobarbital": "PHENobarbital",
	"quinidine": "quiNIDine", "quinine": "quiNINE",
	"rifampin": "rifAMPin", "rifaximin": "rifAXIMin",
	"sumatriptan": "SUMAtriptan", "zolmitriptan": "ZOLMitriptan",
	"tiagabine": "tiaGABine", "tizanidine": "tiZANidine",
	"tramadol": "traMADol", "trazodone": "traZODone",
	"valacyclovir": "valACYclovir", "valganciclovir": "valGANciclovir",
}
