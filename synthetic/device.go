package synthetic

// implant is a kind of device that stays in the body.
type implant struct {
	kind      *concept
	name      string
	di        string // GTIN, fictional company prefix
	maker     string
	procedure *concept
}

// device is one implant in one patient.
type device struct {
	kind *implant
	on   day
	c    *condition
}

var (
	kneeProsthesis = &implant{kind: coded(snomed, "109228008", "Knee joint prosthesis", "Knee joint prosthesis"), name: "Total knee system, cemented", di: "09999900000108", maker: "Harborline Orthopedics",
		procedure: coded(icd10pcs, "0SRC0J9", "Replacement of Right Knee Joint with Synthetic Substitute, Cemented, Open Approach", "Right total knee replacement")}
	coronaryStent = &implant{kind: words("Drug-eluting coronary stent"), name: "Drug-eluting stent 3.0 × 18 mm", di: "09999900000214", maker: "Northlight Vascular",
		procedure: coded(icd10pcs, "027034Z", "Dilation of Coronary Artery, One Artery with Drug-eluting Intraluminal Device, Percutaneous Approach", "Coronary angioplasty with stent")}
	lens = &implant{kind: words("Intraocular lens"), name: "Foldable acrylic lens 21.5 D", di: "09999900000436", maker: "Northlight Vision",
		procedure: coded(icd10pcs, "08RJ3JZ", "Replacement of Right Lens with Synthetic Substitute, Percutaneous Approach", "Right cataract surgery with lens")}
	pacemaker = &implant{kind: words("Dual-chamber pacemaker"), name: "Dual-chamber pulse generator", di: "09999900000320", maker: "Northlight Rhythm",
		procedure: coded(icd10pcs, "0JH606Z", "Insertion of Pacemaker, Dual Chamber into Chest Subcutaneous Tissue and Fascia, Open Approach", "Pacemaker implantation")}
)
