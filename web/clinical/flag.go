package clinical

// Flag says how a value stands to its reference range. Normal is unmarked.
type Flag int

// The flags, from unmarked to worst.
const (
	Normal Flag = iota
	Abnormal
	Low
	High
	AbnormalCritical
	LowCritical
	HighCritical
)

// FlagOf reads a code of the FHIR interpretation code system (http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation).
// Codes that do not speak of severity, such as those of susceptibility, are unmarked.
func FlagOf(code string) Flag {
	switch code {
	case "HH", "HU":
		return HighCritical
	case "LL", "LU":
		return LowCritical
	case "AA":
		return AbnormalCritical
	case "H", ">", "HX":
		return High
	case "L", "<", "LX":
		return Low
	case "A", "POS", "DET", "RR", "WR":
		return Abnormal
	}
	return Normal
}

// FlagFromRange judges a value by its reference range where the laboratory sent no interpretation. It never calls a value critical:
// only the laboratory or the practice's own limits can.
func FlagFromRange(value float64, low, high *float64) Flag {
	switch {
	case low != nil && value < *low:
		return Low
	case high != nil && value > *high:
		return High
	}
	return Normal
}

// Critical reports whether someone must act at once.
func (f Flag) Critical() bool { return f >= AbnormalCritical }

// Words is the flag for screen readers and plain text.
func (f Flag) Words() string {
	switch f {
	case Abnormal:
		return "abnormal"
	case Low:
		return "low"
	case High:
		return "high"
	case AbnormalCritical:
		return "critical, abnormal"
	case LowCritical:
		return "critical, low"
	case HighCritical:
		return "critical, high"
	}
	return ""
}

// letters is what stands in the flag beside its arrow.
func (f Flag) letters() string {
	switch f {
	case Abnormal:
		return "Abn"
	case Low:
		return "L"
	case High:
		return "H"
	case AbnormalCritical:
		return "AA"
	case LowCritical:
		return "LL"
	case HighCritical:
		return "HH"
	}
	return ""
}

func (f Flag) class() string {
	switch f {
	case Low:
		return "flag flag-low"
	case High:
		return "flag flag-high"
	case AbnormalCritical, LowCritical, HighCritical:
		return "flag flag-crit"
	}
	return "flag flag-abn"
}

// point is the class of the last point of a sparkline.
func (f Flag) point() string {
	switch f {
	case Low:
		return "pt pt-low"
	case High:
		return "pt pt-high"
	case AbnormalCritical, LowCritical, HighCritical:
		return "pt pt-crit"
	case Abnormal:
		return "pt pt-abn"
	}
	return "pt"
}
