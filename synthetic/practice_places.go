package synthetic

// organization is a house that the practice is, belongs with or deals with.
type organization struct {
	id, name          string
	kind              *concept
	npi, clia, naic   string
	phone             string
	line, city, state string
	zip               string
}

func (o *organization) ref() string { return "Organization/" + o.id }

var (
	providerKind = tho("organization-type", "prov", "Healthcare Provider")
	payerKind    = tho("organization-type", "pay", "Payer")
)

// practiceOrganization owns every resource that the practice makes.
var practiceOrganization = &organization{id: PracticeID, name: PracticeName, kind: providerKind,
	npi: npi(128500042), phone: "555-010-0100", line: "14 Harbor Street", city: "Port Alden", state: "MA", zip: "01999"}

// Neighbours.
var (
	harborLab = &organization{id: "harbor-lab", name: "Harbor Lab", kind: providerKind,
		npi: npi(128500113), clia: "22D0999001", phone: "555-010-0120", line: "20 Harbor Street", city: "Port Alden", state: "MA", zip: "01999"}
	harborImaging = &organization{id: "harbor-imaging", name: "Harbor Imaging", kind: providerKind,
		npi: npi(128500127), phone: "555-010-0121", line: "22 Harbor Street", city: "Port Alden", state: "MA", zip: "01999"}
	harborEye = &organization{id: "harbor-eye", name: "Harbor Eye", kind: providerKind,
		npi: npi(128500139), phone: "555-010-0122", line: "9 Lighthouse Lane", city: "Port Alden", state: "MA", zip: "01999"}
	countyHospital = &organization{id: "county-hospital", name: "County Hospital", kind: providerKind,
		npi: npi(128500151), phone: "555-010-0130", line: "500 Mercy Road", city: "Eastmoor", state: "MA", zip: "01998"}
	harborPharmacy = &organization{id: "harbor-pharmacy", name: "Harbor Pharmacy", kind: providerKind,
		npi: npi(128500163), phone: "555-010-0140", line: "3 Harbor Street", city: "Port Alden", state: "MA", zip: "01999"}
	millPondDrug = &organization{id: "mill-pond-drug", name: "Mill Pond Drug", kind: providerKind,
		npi: npi(128500175), phone: "555-010-0141", line: "71 Mill Road", city: "Mill Pond", state: "MA", zip: "01997"}
	pharmacies = []*organization{harborPharmacy, millPondDrug}
)

// payer is an insurer with the plans that patients here have.
type payer struct {
	organization
	plan     string
	kind     *concept // Coverage.type
	group    string
	idPrefix string
	minAge   int
	maxAge   int
	weight   float64
	copay    int // dollars for a visit, 0 for none
}

const sopt = "https://nahdo.org/sopt"

// payers are listed with how common each is among patients of its ages.
var payers = []*payer{
	{organization: organization{id: "blue-harbor", name: "Blue Harbor Health", kind: payerKind, naic: "99001", phone: "555-010-0160", line: "1 Insurance Plaza", city: "Eastmoor", state: "MA", zip: "01998"},
		plan: "Blue Harbor PPO", kind: coded(sopt, "512", "Commercial Managed Care - PPO", "PPO"), group: "HSM-2210", idPrefix: "BHP", maxAge: 66, weight: 40, copay: 25},
	{organization: organization{id: "cardinal-valley", name: "Cardinal Valley Health Plan", kind: payerKind, naic: "99002", phone: "555-010-0161", line: "80 Cardinal Way", city: "Eastmoor", state: "MA", zip: "01998"},
		plan: "Cardinal Valley HMO", kind: coded(sopt, "511", "Commercial Managed Care - HMO", "HMO"), group: "CV-77104", idPrefix: "CVH", maxAge: 66, weight: 25, copay: 40},
	{organization: organization{id: "medicare", name: "Medicare", kind: payerKind, naic: "99003", phone: "555-010-0162", line: "7500 Security Boulevard", city: "Baltimore", state: "MD", zip: "21244"},
		plan: "Medicare Part B", kind: coded(sopt, "121", "Medicare Fee For Service", "Medicare"), idPrefix: "1EG4-", minAge: 65, maxAge: 200, weight: 300},
	{organization: organization{id: "state-medicaid", name: "Commonwealth Medicaid", kind: payerKind, naic: "99004", phone: "555-010-0163", line: "100 Hancock Street", city: "Quincy", state: "MA", zip: "02171"},
		plan: "Commonwealth Medicaid", kind: coded(sopt, "2", "MEDICAID", "Medicaid"), idPrefix: "MM", maxAge: 200, weight: 22},
	{organization: organization{id: "tri-coast", name: "Tri-Coast Mutual", kind: payerKind, naic: "99005", phone: "555-010-0164", line: "44 Wharf Street", city: "Port Alden", state: "MA", zip: "01999"},
		plan: "Tri-Coast Choice", kind: coded(sopt, "512", "Commercial Managed Care - PPO", "PPO"), group: "TC-310", idPrefix: "TCM", maxAge: 66, weight: 10, copay: 30},
}

// place is a site, a room or a department.
type place struct {
	id, name    string
	description string
	site        int
	physical    *concept
	kind        *concept // Location.type
	partOf      string
	address     *organization
}

func (p *place) ref() string { return "Location/" + p.id }

var (
	physicalSite = tho("location-physical-type", "si", "Site")
	physicalRoom = tho("location-physical-type", "ro", "Room")
	physicalVirt = tho("location-physical-type", "vi", "Virtual")
	familyClinic = tho("v3-RoleCode", "FMC", "Family medicine clinic")
)

// sites are the practice's two houses, and the hospital.
var sites = []*place{
	{id: "harbor-street-site", name: "Harbor Street", description: "Main site, eight rooms and the laboratory draw station", physical: physicalSite, kind: familyClinic, address: practiceOrganization},
	{id: "mill-pond-site", name: "Mill Pond", description: "Second site, four rooms", site: 1, physical: physicalSite, kind: familyClinic,
		address: &organization{phone: "555-010-0110", line: "65 Mill Road", city: "Mill Pond", state: "MA", zip: "01997"}},
}

var (
	videoRoom    = &place{id: "video-room", name: "Video visit", description: "Visits by video", physical: physicalVirt, kind: familyClinic, partOf: sites[0].ref()}
	hospitalSite = &place{id: "county-hospital-site", name: "County Hospital", description: "Wards, emergency department and labour ward",
		physical: physicalSite, kind: tho("v3-RoleCode", "HOSP", "Hospital"), address: countyHospital}
)

// rooms lists the rooms of each site.
var rooms = [2][]*place{buildRooms(0, 8), buildRooms(1, 4)}

func buildRooms(site, n int) []*place {
	list := make([]*place, n)
	for i := range list {
		list[i] = &place{id: sites[site].id[:len(sites[site].id)-5] + "-room-" + itoa(i+1), name: "Room " + itoa(i+1), site: site,
			physical: physicalRoom, kind: familyClinic, partOf: sites[site].ref(), description: "Examination room"}
	}
	if site == 0 {
		list[4].description = "Procedures"
		list[5].description = "Ultrasound"
		list[7].description = "Laboratory draw station"
	}
	return list
}

func (w *writer) organization(o *organization) {
	w.resource("Organization", o.id, "us-core-organization")
	if o.npi != "" || o.clia != "" || o.naic != "" {
		w.organizationNumbers(o)
	}
	w.bool("active", true)
	w.concepts("type", o.kind)
	w.text("name", o.name)
	if o.phone != "" {
		w.array("telecom")
		w.contact("phone", o.phone, "work")
		w.endArray()
		w.array("address")
		w.address("", "work", o.line, o.city, o.state, o.zip)
		w.endArray()
	}
	w.finish()
}

func (w *writer) organizationNumbers(o *organization) {
	w.array("identifier")
	if o.npi != "" {
		w.identifier("", "http://hl7.org/fhir/sid/us-npi", o.npi)
	}
	if o.clia != "" {
		w.identifier("", "urn:oid:2.16.840.1.113883.4.7", o.clia)
	}
	if o.naic != "" {
		w.identifier("", "urn:oid:2.16.840.1.113883.6.300", o.naic)
	}
	w.endArray()
}

func (w *writer) location(p *place) {
	w.resource("Location", p.id, "us-core-location")
	w.text("status", "active")
	w.text("name", p.name)
	w.text("description", p.description)
	w.text("mode", "instance")
	w.concepts("type", p.kind)
	if p.address != nil {
		w.array("telecom")
		w.contact("phone", p.address.phone, "work")
		w.endArray()
		w.address("address", "work", p.address.line, p.address.city, p.address.state, p.address.zip)
	}
	w.concept("physicalType", p.physical)
	owner := practiceOrganization
	if p == hospitalSite {
		owner = countyHospital
	}
	w.referenceTo("managingOrganization", owner.ref(), owner.name)
	if p.partOf != "" {
		w.reference("partOf", p.partOf)
	}
	w.finish()
}
