package main

import (
	"encoding/xml"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// The types of this file are the parts of the supporting data's XML that matter, named as there.

type schedule struct {
	Conflicts    []conflict    `xml:"liveVirusConflicts>liveVirusConflict"`
	Groups       []group       `xml:"vaccineGroups>vaccineGroup"`
	GroupMap     []groupMap    `xml:"vaccineGroupToAntigenMap>vaccineGroupMap"`
	Vaccines     []vaccine     `xml:"cvxToAntigenMap>cvxMap"`
	Observations []observation `xml:"observations>observation"`
}

type code struct {
	CVX string `xml:"cvx"`
}

type conflict struct {
	Previous   code   `xml:"previous"`
	Current    code   `xml:"current"`
	Begin      string `xml:"conflictBeginInterval"`
	MinimumEnd string `xml:"minConflictEndInterval"`
	End        string `xml:"conflictEndInterval"`
}

type group struct {
	Name string `xml:"name"`
	Full string `xml:"administerFullVaccineGroup"`
}

type groupMap struct {
	Name     string   `xml:"name"`
	Antigens []string `xml:"antigen"`
}

type vaccine struct {
	CVX          string `xml:"cvx"`
	Name         string `xml:"shortDescription"`
	Associations []struct {
		Antigen string `xml:"antigen"`
		Begin   string `xml:"associationBeginAge"`
		End     string `xml:"associationEndAge"`
	} `xml:"association"`
}

type observation struct {
	Code   string `xml:"observationCode"`
	Title  string `xml:"observationTitle"`
	Values []struct {
		Code   string `xml:"code"`
		System string `xml:"codeSystem"`
	} `xml:"codedValues>codedValue"`
}

type antigen struct {
	Name     string `xml:"-"`
	Immunity struct {
		History []struct {
			Code string `xml:"guidelineCode"`
		} `xml:"clinicalHistory"`
		Born []struct {
			Before     string `xml:"immunityBirthDate"`
			Country    string `xml:"birthCountry"`
			Exclusions []struct {
				Code string `xml:"exclusionCode"`
			} `xml:"exclusion"`
		} `xml:"dateOfBirth"`
	} `xml:"immunity"`
	Contraindications []contraindication `xml:"contraindications>vaccineGroup>contraindication"`
	NotVaccines       []contraindication `xml:"contraindications>vaccine>contraindication"`
	Series            []series           `xml:"series"`
}

type contraindication struct {
	Code     string `xml:"observationCode"`
	Text     string `xml:"contraindicationText"`
	Guidance string `xml:"contraindicationGuidance"`
	Begin    string `xml:"beginAge"`
	End      string `xml:"endAge"`
	Vaccines []ages `xml:"contraindicatedVaccine"`
}

// ages is a vaccine within an age range, as several lists have it.
type ages struct {
	CVX      string `xml:"cvx"`
	Begin    string `xml:"beginAge"`
	End      string `xml:"endAge"`
	MVX      string `xml:"mvx"`
	Volume   string `xml:"volume"`
	Forecast string `xml:"forecastVaccineType"`
}

type series struct {
	Name       string   `xml:"seriesName"`
	Disease    string   `xml:"targetDisease"`
	Group      string   `xml:"vaccineGroup"`
	Guidance   []string `xml:"seriesAdminGuidance"`
	Type       string   `xml:"seriesType"`
	Equivalent string   `xml:"equivalentSeriesGroups"`
	Gender     []string `xml:"requiredGender"`
	Select     struct {
		Default    string `xml:"defaultSeries"`
		Product    string `xml:"productPath"`
		Group      string `xml:"seriesGroup"`
		Priority   string `xml:"seriesPriority"`
		Preference string `xml:"seriesPreference"`
		Minimum    string `xml:"minAgeToStart"`
		Maximum    string `xml:"maxAgeToStart"`
	} `xml:"selectSeries"`
	Indications []struct {
		Observation struct {
			Code string `xml:"code"`
		} `xml:"observationCode"`
		Text     string `xml:"description"`
		Begin    string `xml:"beginAge"`
		End      string `xml:"endAge"`
		Guidance string `xml:"guidance"`
	} `xml:"indication"`
	Doses []dose `xml:"seriesDose"`
}

type dose struct {
	Number string `xml:"doseNumber"`
	Ages   []struct {
		AbsoluteMinimum string `xml:"absMinAge"`
		Minimum         string `xml:"minAge"`
		Earliest        string `xml:"earliestRecAge"`
		Latest          string `xml:"latestRecAge"`
		Maximum         string `xml:"maxAge"`
		Effective       string `xml:"effectiveDate"`
		Cessation       string `xml:"cessationDate"`
	} `xml:"age"`
	Intervals   []interval `xml:"interval"`
	Allowable   []interval `xml:"allowableInterval"`
	Preferable  []ages     `xml:"preferableVaccine"`
	Allowed     []ages     `xml:"allowableVaccine"`
	Inadvertent []ages     `xml:"inadvertentVaccine"`
	Skips       []skip     `xml:"conditionalSkip"`
	Recurring   string     `xml:"recurringDose"`
	Seasons     []struct {
		Start string `xml:"startDate"`
		End   string `xml:"endDate"`
	} `xml:"seasonalRecommendation"`
}

type interval struct {
	Previous    string `xml:"fromPrevious"`
	TargetDose  string `xml:"fromTargetDose"`
	MostRecent  string `xml:"fromMostRecent"`
	Observation struct {
		Code string `xml:"code"`
	} `xml:"fromRelevantObs"`
	AbsoluteMinimum string `xml:"absMinInt"`
	Minimum         string `xml:"minInt"`
	Earliest        string `xml:"earliestRecInt"`
	Latest          string `xml:"latestRecInt"`
	Priority        string `xml:"intervalPriority"`
	Effective       string `xml:"effectiveDate"`
	Cessation       string `xml:"cessationDate"`
}

type skip struct {
	Context string `xml:"context"`
	Logic   string `xml:"setLogic"`
	Sets    []struct {
		Description string `xml:"setDescription"`
		Effective   string `xml:"effectiveDate"`
		Cessation   string `xml:"cessationDate"`
		Logic       string `xml:"conditionLogic"`
		Conditions  []struct {
			Type     string `xml:"conditionType"`
			Start    string `xml:"startDate"`
			End      string `xml:"endDate"`
			BeginAge string `xml:"beginAge"`
			EndAge   string `xml:"endAge"`
			Interval string `xml:"interval"`
			Count    string `xml:"doseCount"`
			DoseType string `xml:"doseType"`
			Logic    string `xml:"doseCountLogic"`
			Vaccines string `xml:"vaccineTypes"`
			Groups   string `xml:"seriesGroups"`
		} `xml:"condition"`
	} `xml:"set"`
}

var versionName = regexp.MustCompile(`v(\d+\.\d+)`)

// read reads the folder of one version. The version is part of the folder's name: the files do not tell it.
func read(folder string) (version string, s schedule, all []antigen, err error) {
	found := versionName.FindStringSubmatch(filepath.Base(folder))
	if found == nil {
		return "", s, nil, fmt.Errorf("the folder %s does not name a version; call it as CDC does, such as v4.64-508", folder)
	}
	if err := readXML(filepath.Join(folder, "ScheduleSupportingData.xml"), &s); err != nil {
		return "", s, nil, err
	}
	files, err := filepath.Glob(filepath.Join(folder, "AntigenSupportingData*.xml"))
	if err != nil {
		return "", s, nil, err
	}
	for _, name := range files {
		var a antigen
		if err := readXML(name, &a); err != nil {
			return "", s, nil, err
		}
		if len(a.Series) == 0 {
			return "", s, nil, fmt.Errorf("%s holds no series", name)
		}
		a.Name = clean(a.Series[0].Disease)
		all = append(all, a)
	}
	if len(all) == 0 {
		return "", s, nil, fmt.Errorf("%s holds no AntigenSupportingData files", folder)
	}
	slices.SortFunc(all, func(a, b antigen) int { return strings.Compare(a.Name, b.Name) })
	return found[1], s, all, nil
}

func readXML(name string, to any) error {
	b, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	if err := xml.Unmarshal(b, to); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

// clean makes one line of a text: the files break lines within sentences.
func clean(s string) string { return strings.Join(strings.Fields(s), " ") }
