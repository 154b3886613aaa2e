package imaging

import "testing"

// BenchmarkCheck checks a basket of two studies against a patient of whom much is known: what comes after the reading.
func BenchmarkCheck(b *testing.B) {
	p := woman()
	p.EGFR, p.Metformin = &Filtration{Value: 28, At: ago(3)}, "Metformin"
	p.Implants = []Implant{{Name: "Pacemaker", Active: true}, {Name: "Stent"}}
	p.Allergies = []Allergy{{"Iohexol", Iodinated, "hives", true}}
	studies := []Study{{Name: "CT", Modality: CT, Near: true, Contrast: WithContrast}, {Name: "MRI", Modality: MRI, Contrast: PerhapsContrast, Place: 1}}
	b.ReportAllocs()
	for b.Loop() {
		if r := (Checker{}).Check(p, studies); len(r.Stops()) == 0 {
			b.Fatal("nothing stops")
		}
	}
}
