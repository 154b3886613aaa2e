package synthetic

// relative is a blood relation with an illness.
type relative struct {
	kind   *concept
	female bool
	code   *concept
	age    int // when it began
	dead   bool
	deadAt int
	born   int
}

var (
	naturalMother   = tho("v3-RoleCode", "NMTH", "natural mother")
	naturalFather   = tho("v3-RoleCode", "NFTH", "natural father")
	naturalSister   = tho("v3-RoleCode", "NSIS", "natural sister")
	naturalBrother  = tho("v3-RoleCode", "NBRO", "natural brother")
	motherOfMother  = tho("v3-RoleCode", "MGRMTH", "maternal grandmother")
	fatherOfFather  = tho("v3-RoleCode", "PGRFTH", "paternal grandfather")
	familyDiabetes  = icd("E11.9", "Type 2 diabetes mellitus without complications", "Type 2 diabetes")
	familyPressure  = icd("I10", "Essential (primary) hypertension", "Hypertension")
	familyHeart     = icd("I21.9", "Acute myocardial infarction, unspecified", "Heart attack")
	familyBreast    = icd("C50.919", "Malignant neoplasm of unspecified site of unspecified female breast", "Breast cancer")
	familyColon     = icd("C18.9", "Malignant neoplasm of colon, unspecified", "Colon cancer")
	familyStroke    = icd("I63.9", "Cerebral infarction, unspecified", "Stroke")
	familyMood      = icd("F32.9", "Major depressive disorder, single episode, unspecified", "Depression")
	familyDementia  = icd("G30.9", "Alzheimer's disease, unspecified", "Alzheimer's disease")
	familyAsthma    = icd("J45.909", "Unspecified asthma, uncomplicated", "Asthma")
	familyProstate  = icd("C61", "Malignant neoplasm of prostate", "Prostate cancer")
	familyThyroid   = icd("E03.9", "Hypothyroidism, unspecified", "Hypothyroidism")
	familyIllnesses = []struct {
		code    *concept
		age     int
		weight  float64
		run     illness // makes it likelier that the patient's own was inherited
		deadly  float64
		females int // 1 women only, 2 men only
	}{
		{familyDiabetes, 52, 10, diabetes, 0.2, 0}, {familyPressure, 50, 12, hypertension, 0.2, 0}, {familyHeart, 58, 8, coronaryDisease, 0.5, 0},
		{familyBreast, 55, 4, breastCancer, 0.3, 1}, {familyColon, 60, 3, colonPolyps, 0.4, 0}, {familyStroke, 68, 4, suddenIllness, 0.5, 0},
		{familyMood, 35, 4, depression, 0.05, 0}, {familyDementia, 77, 4, suddenIllness, 0.6, 0}, {familyAsthma, 12, 3, asthma, 0, 0},
		{familyProstate, 66, 3, prostate, 0.3, 2}, {familyThyroid, 45, 3, hypothyroidism, 0, 1},
	}
)

// inherit draws the family history: what runs in the family is likelier where the patient has it too.
func (p *patient) inherit() {
	d := &p.d
	if p.twin >= 0 || d.chance(0.25) {
		return
	}
	relations := []relative{{kind: naturalMother, female: true}, {kind: naturalFather}, {kind: motherOfMother, female: true}, {kind: fatherOfFather}, {kind: naturalSister, female: true}, {kind: naturalBrother}}
	for _, r := range relations {
		chance := 0.4
		if r.kind != naturalMother && r.kind != naturalFather {
			chance = 0.12
		}
		if !d.chance(chance) {
			continue
		}
		weights := make([]float64, len(familyIllnesses))
		for i, f := range familyIllnesses {
			weights[i] = f.weight
			if f.females == 1 && !r.female || f.females == 2 && r.female {
				weights[i] = 0
			}
			if f.run != suddenIllness && p.ever(f.run) {
				weights[i] *= 4
			}
		}
		f := familyIllnesses[d.weighted(weights)]
		r.code, r.age = f.code, max(3, f.age+d.between(-8, 8))
		gap := 29
		switch r.kind {
		case motherOfMother, fatherOfFather:
			gap = 57
		case naturalSister, naturalBrother:
			gap = 2
		}
		r.born = p.birth.year() - gap - d.between(-4, 4)
		living := p.last.year() - r.born
		if living < r.age {
			continue
		}
		if living > 88 || d.chance(f.deadly*0.6) && living > r.age+3 {
			r.dead, r.deadAt = true, min(living-1, r.age+d.between(1, 20))
			if living > 88 {
				r.deadAt = max(r.age, min(living-1, 74+d.below(20)))
			}
		}
		p.relatives = append(p.relatives, r)
	}
}
