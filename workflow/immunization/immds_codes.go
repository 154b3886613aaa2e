package immunization

import (
	"github.com/osler-ehr/osler/workflow/immunization/forecast"
)

// Code systems of the answer.
const (
	forecastStatusSystem   = "http://hl7.org/fhir/us/immds/CodeSystem/ForecastStatus"
	forecastReasonSystem   = "http://hl7.org/fhir/us/immds/CodeSystem/ForecastReason"
	evaluationReasonSystem = "http://hl7.org/fhir/us/immds/CodeSystem/StatusReason"
	recommendationStatus   = "http://terminology.hl7.org/CodeSystem/immunization-recommendation-status"
	doseStatusSystem       = "http://terminology.hl7.org/CodeSystem/immunization-evaluation-dose-status"
	loincSystem            = "http://loinc.org"
	snomedSystem           = "http://snomed.info/sct"
)

// diseases are the SNOMED CT codes of what the antigens protect from.
var diseases = map[string]string{
	"Chikungunya": "111864006", "Cholera": "63650001", "COVID-19": "840539006", "Dengue": "38362002", "Diphtheria": "397430003", "Ebola": "37109004", "HepA": "40468003", "HepB": "66071002",
	"Hib": "709410003", "HPV": "240532009", "Influenza": "719590007", "Japanese Encephalitis": "52947006", "Measles": "14189004", "Meningococcal": "23511006", "Meningococcal B": "23511006", "Mumps": "36989005",
	"Pertussis": "27836007", "Pneumococcal": "16814004", "Polio": "721764008", "Rabies": "14168008", "Rotavirus": "415822001", "RSV": "55735004", "Rubella": "36653000", "TBE": "712986001", "Tetanus": "76902006",
	"Typhoid": "4834000", "Varicella": "38907003", "Yellow Fever": "16541001", "Zoster": "4740000",
}

// groupVaccines are the CVX codes that stand for a whole vaccine group.
var groupVaccines = map[string]string{
	"Cholera": "26", "COVID-19": "213", "Dengue": "56", "DTaP/Tdap/Td": "107", "Ebola": "204", "HepA": "85", "HepB": "45", "Hib": "17", "HPV": "137", "Influenza": "88", "Japanese Encephalitis": "129", "Meningococcal": "108",
	"Meningococcal B": "164", "MMR": "03", "Orthopoxvirus": "206", "Pneumococcal": "152", "Polio": "89", "Rabies": "90", "Rotavirus": "122", "RSV": "304", "TBE": "224", "Typhoid": "91", "Varicella": "21", "Yellow Fever": "184", "Zoster": "188",
}

var forecastStatuses = map[forecast.Status]coding{
	forecast.NotComplete:     {forecastStatusSystem, "notComplete", "Not Complete"},
	forecast.Complete:        {forecastStatusSystem, "complete", "Complete"},
	forecast.Immune:          {forecastStatusSystem, "immune", "Immune"},
	forecast.Contraindicated: {forecastStatusSystem, "contraindicated", "Contraindicated"},
	forecast.AgedOut:         {forecastStatusSystem, "agedOut", "Aged Out"},
	forecast.NotRecommended:  {forecastStatusSystem, "notRecommended", "Not Recommended"},
}

// recommendationStatuses are those of the base specification, which has none for the others.
var recommendationStatuses = map[forecast.Status]coding{
	forecast.Complete:        {recommendationStatus, "complete", "Complete"},
	forecast.Immune:          {recommendationStatus, "immune", "Immune"},
	forecast.Contraindicated: {recommendationStatus, "contraindicated", "Contraindicated"},
}

var forecastReasons = map[forecast.ReasonCode]coding{
	forecast.PatientComplete: {forecastReasonSystem, "complete", "Complete"},
	forecast.HistorySuffices: {forecastReasonSystem, "notRecommended", "Not Recommended"},
	forecast.OverMaximumAge:  {forecastReasonSystem, "maximumAge", "Maximum Age Exceeded"},
	forecast.SeasonOver:      {forecastReasonSystem, "seasonalPast", "Seasonal End Date Passed"},
}

var evaluationReasons = map[forecast.ReasonCode]coding{
	forecast.TooYoung:           {evaluationReasonSystem, "tooyoung", "Patient Too Young"},
	forecast.TooOld:             {evaluationReasonSystem, "tooold", "Patient Too Old"},
	forecast.TooSoon:            {evaluationReasonSystem, "toosoon", "Administered Too Soon"},
	forecast.LiveVirusConflict:  {evaluationReasonSystem, "productconflict", "Product Conflict"},
	forecast.InadvertentVaccine: {evaluationReasonSystem, "inappropriate", "Inappropriate Vaccine"},
	forecast.WrongVaccine:       {evaluationReasonSystem, "inappropriate", "Inappropriate Vaccine"},
	forecast.VaccineAtWrongAge:  {evaluationReasonSystem, "inappropriate", "Inappropriate Vaccine"},
	forecast.LowVolume:          {evaluationReasonSystem, "quantity", "Insufficient Quantity"},
	forecast.LotExpired:         {evaluationReasonSystem, "expired", "Past Expiration Date"},
}

// Date criteria.
var (
	earliestDate = coding{loincSystem, "30981-5", "Earliest date to give"}
	dueDate      = coding{loincSystem, "30980-7", "Date vaccine due"}
	latestDate   = coding{loincSystem, "59777-3", "Latest date to give immunization"}
	pastDueDate  = coding{loincSystem, "59778-1", "Date when overdue for immunization"}
)
