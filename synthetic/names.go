package synthetic

// generation picks first names: what parents chose changed.
type generation struct{ female, male []string }

// heritage is a family background: names, the languages spoken, and how race and ethnicity are usually answered.
type heritage struct {
	name      string
	weight    float64
	families  []string
	elders    generation // born before 1965
	adults    generation // born before 2000
	children  generation
	languages []string // the first is the most likely besides English
	foreign   float64  // chance that the first language is not English
	race      []*race
	hispanic  float64
	double    float64 // chance of a double family name
}

// race is an answer in US Core's race extension.
type race struct {
	code, display       string // of the OMB's five, or a null flavour
	detail, detailWords string
}

const (
	cdcRace    = "urn:oid:2.16.840.1.113883.6.238"
	nullFlavor = thoBase + "v3-NullFlavor"
)

var (
	white         = &race{code: "2106-3", display: "White"}
	black         = &race{code: "2054-5", display: "Black or African American"}
	asianIndian   = &race{code: "2028-9", display: "Asian", detail: "2029-7", detailWords: "Asian Indian"}
	chinese       = &race{code: "2028-9", display: "Asian", detail: "2034-7", detailWords: "Chinese"}
	korean        = &race{code: "2028-9", display: "Asian", detail: "2040-4", detailWords: "Korean"}
	vietnamese    = &race{code: "2028-9", display: "Asian", detail: "2047-7", detailWords: "Vietnamese"}
	native        = &race{code: "1002-5", display: "American Indian or Alaska Native"}
	islander      = &race{code: "2076-8", display: "Native Hawaiian or Other Pacific Islander"}
	raceDeclined  = &race{code: "ASKU", display: "Asked but no answer"}
	raceNotKnown  = &race{code: "UNK", display: "Unknown"}
	whiteAndBlack = []*race{white, black}
)

var (
	englishElders = generation{
		female: []string{"Dorothy", "Margaret", "Ruth", "Helen", "Shirley", "Barbara", "Joan", "Carol", "Judith", "Patricia", "Marjorie", "Beverly", "Eleanor", "Frances", "Lois", "Phyllis"},
		male:   []string{"Robert", "Walter", "Harold", "Donald", "Richard", "Gerald", "Raymond", "Eugene", "Kenneth", "Stanley", "Norman", "Ralph", "Arthur", "Roy", "Leonard", "Thomas"}}
	englishAdults = generation{
		female: []string{"Jennifer", "Amy", "Melissa", "Heather", "Rebecca", "Sarah", "Emily", "Megan", "Laura", "Rachel", "Lauren", "Katherine", "Allison", "Erin", "Grace", "Molly"},
		male:   []string{"Michael", "Christopher", "Matthew", "David", "Daniel", "Andrew", "Kevin", "Brian", "Eric", "Ryan", "Justin", "Patrick", "Sean", "Nathan", "Timothy", "Owen"}}
	englishChildren = generation{
		female: []string{"Olivia", "Emma", "Charlotte", "Amelia", "Harper", "Evelyn", "Abigail", "Ella", "Scarlett", "Nora", "Lily", "Hazel", "Violet", "Ivy", "Maeve", "Ruby"},
		male:   []string{"Liam", "Noah", "Oliver", "James", "Elijah", "Henry", "Theodore", "Jack", "Levi", "Wyatt", "Owen", "Leo", "Ezra", "Hudson", "Miles", "Finn"}}
)

var heritages = []*heritage{
	{name: "english", weight: 30,
		families: []string{"Abbott", "Baker", "Bennett", "Brooks", "Carter", "Clarke", "Cole", "Cooper", "Davies", "Ellis", "Evans", "Fletcher", "Graham", "Hill", "Hughes", "Jenkins", "Jones", "King", "Lawson", "Mason", "Morgan", "Palmer", "Pierce", "Reed", "Russell", "Shaw", "Sutton", "Turner", "Walsh", "Ward", "Webb", "Wright"},
		elders:   englishElders, adults: englishAdults, children: englishChildren, race: []*race{white}},
	{name: "irish", weight: 10,
		families: []string{"O'Brien", "O'Connor", "Murphy", "Sullivan", "McCarthy", "Byrne", "Doyle", "Kelly", "Gallagher", "Moran", "O'Neill", "FitzGerald", "McLaughlin", "Keane", "Ní Dhomhnaill", "Brennan"},
		elders:   englishElders, adults: generation{female: []string{"Aoife", "Siobhán", "Caitlín", "Maura", "Bridget", "Nora", "Kathleen", "Erin"}, male: []string{"Seán", "Declan", "Brendan", "Ciarán", "Patrick", "Kevin", "Liam", "Conor"}},
		children: generation{female: []string{"Maeve", "Saoirse", "Fiona", "Clare", "Nuala", "Róisín"}, male: []string{"Finn", "Cillian", "Rory", "Oisín", "Aidan", "Declan"}}, race: []*race{white}},
	{name: "continental", weight: 12,
		families: []string{"Novak", "Kowalski", "Fischer", "Weber", "Schmidt", "Larsen", "Holm", "Lindqvist", "Jørgensen", "Müller", "Brandt", "Bauer", "Stein", "Rossi", "Marino", "Dubois", "Petit", "Łukasik", "Kovač", "Björklund", "Weiss", "Wolf"},
		elders:   generation{female: []string{"Ingrid", "Helga", "Olga", "Zofia", "Greta", "Anneliese", "Gia", "Lucille"}, male: []string{"Karl", "Anton", "Otto", "Stanisław", "Bruno", "Ove", "Marcel", "Giovanni"}},
		adults:   generation{female: []string{"Hannah", "Petra", "Elena", "Anna", "Zoë", "Lena", "Clara", "Renée", "Freja", "Małgorzata"}, male: []string{"Erik", "Marek", "Lukas", "André", "Jens", "Stefan", "Søren", "Matteo", "Emil", "Tomasz"}},
		children: generation{female: []string{"Maya", "Elin", "Sofia", "Zoë", "Ida", "Klara"}, male: []string{"Noa", "Emil", "Oskar", "Luca", "Théo", "Jonas"}}, languages: []string{"pl", "de", "sv", "it", "fr"}, foreign: 0.12, race: []*race{white}},
	{name: "hispanic", weight: 14,
		families: []string{"García", "Rodríguez", "Martínez", "López", "Hernández", "Pérez", "Sánchez", "Ramírez", "Torres", "Flores", "Rivera", "Gómez", "Díaz", "Reyes", "Cruz", "Morales", "Ortega", "Núñez", "Castillo", "Peña"},
		elders:   generation{female: []string{"Carmen", "Rosa", "Guadalupe", "Pilar", "Esperanza", "Dolores", "Lucía", "Socorro"}, male: []string{"José", "Luis", "Ramón", "Héctor", "Manuel", "Ignacio", "Andrés", "Rafael"}},
		adults:   generation{female: []string{"María", "Ana", "Verónica", "Gabriela", "Daniela", "Xiomara", "Marisol", "Inés"}, male: []string{"Carlos", "Miguel", "Jesús", "Ángel", "Javier", "Adrián", "Óscar", "Julián"}},
		children: generation{female: []string{"Sofía", "Valentina", "Camila", "Ximena", "Luna", "Elena"}, male: []string{"Mateo", "Santiago", "Sebastián", "Diego", "Emiliano", "Tomás"}}, languages: []string{"es"}, foreign: 0.5, race: []*race{white, white, raceDeclined, native, black}, hispanic: 0.98, double: 0.3},
	{name: "african american", weight: 11,
		families: []string{"Washington", "Jefferson", "Freeman", "Coleman", "Robinson", "Jackson", "Banks", "Gaines", "Bell", "Simmons", "Hayes", "Booker", "Franklin", "Tillman", "Grant", "Whitaker"},
		elders:   generation{female: []string{"Ernestine", "Bernice", "Gloria", "Loretta", "Vivian", "Ella Mae"}, male: []string{"Cleveland", "Otis", "Clarence", "Willie", "Earl", "Roosevelt"}},
		adults:   generation{female: []string{"Tanisha", "Keisha", "Monique", "Simone", "Latoya", "Imani", "Jasmine", "Danielle"}, male: []string{"Darnell", "Terrence", "Marcus", "Andre", "Jamal", "Tyrone", "Malik", "Isaiah"}},
		children: generation{female: []string{"Aaliyah", "Nia", "Zuri", "Kennedy", "Amara", "Skylar"}, male: []string{"Jayden", "Amir", "Elijah", "Josiah", "Zion", "Micah"}}, race: []*race{black}},
	{name: "west african", weight: 4,
		families:  []string{"Okafor", "Adeyemi", "Mensah", "Diallo", "Okoro", "Oyelaran", "Mbeki", "Asante", "Nwosu", "Traoré", "Koné", "Eze"},
		elders:    generation{female: []string{"Ngozi", "Abena", "Folake", "Adaeze"}, male: []string{"Chukwudi", "Kofi", "Babatunde", "Ibrahima"}},
		adults:    generation{female: []string{"Chiamaka", "Awa", "Tolu", "Ama", "Ifeoma", "Fatou"}, male: []string{"Emeka", "Kwame", "Tunde", "Ousmane", "Obinna", "Yaw"}},
		children:  generation{female: []string{"Ife", "Zainab", "Akosua", "Temi"}, male: []string{"Kelechi", "Kojo", "Mamadou", "Dayo"}},
		languages: []string{"fr", "yo"}, foreign: 0.35, race: []*race{black}},
	{name: "south asian", weight: 5,
		families:  []string{"Patel", "Shah", "Rao", "Singh", "Gupta", "Haq", "Iyer", "Khan", "Reddy", "Banerjee", "Desai", "Rahman"},
		elders:    generation{female: []string{"Kamala", "Usha", "Sushila", "Nasreen"}, male: []string{"Suresh", "Harish", "Gopal", "Abdul"}},
		adults:    generation{female: []string{"Priyanka", "Anjali", "Meera", "Fatima", "Deepa", "Sana"}, male: []string{"Rohan", "Arjun", "Samir", "Vikram", "Imran", "Sanjay"}},
		children:  generation{female: []string{"Anaya", "Diya", "Zara", "Ishani"}, male: []string{"Vihaan", "Aarav", "Kabir", "Rayan"}},
		languages: []string{"hi", "ur", "bn"}, foreign: 0.3, race: []*race{asianIndian}},
	{name: "chinese", weight: 4,
		families:  []string{"Chen", "Li", "Wang", "Zhang", "Liu", "Huang", "Wu", "Lin"},
		elders:    generation{female: []string{"Mei-Ling", "Xiu Ying", "Yulan", "Li Hua"}, male: []string{"Wei", "Guang", "De-Ming", "Jianguo"}},
		adults:    generation{female: []string{"Jing", "Yan", "Xin", "Michelle", "Lin"}, male: []string{"Hao", "Kai", "Jun", "Kevin", "Bo"}},
		children:  generation{female: []string{"Chloe", "Mei", "Yuki", "Emily"}, male: []string{"Ethan", "Ming", "Lucas", "Ryan"}},
		languages: []string{"zh"}, foreign: 0.45, race: []*race{chinese}},
	{name: "vietnamese", weight: 3,
		families:  []string{"Nguyễn", "Nguyen", "Trần", "Tran", "Phạm", "Lê", "Vũ", "Đặng"},
		elders:    generation{female: []string{"Hoa", "Lan", "Tuyết"}, male: []string{"Dũng", "Bao", "Hùng"}},
		adults:    generation{female: []string{"Linh", "Thảo", "Mai", "Kim"}, male: []string{"Minh", "Tuấn", "Huy", "Long"}},
		children:  generation{female: []string{"An", "Vy", "Chloe"}, male: []string{"Khôi", "Nam", "Ethan"}},
		languages: []string{"vi"}, foreign: 0.5, race: []*race{vietnamese}},
	{name: "korean", weight: 2,
		families:  []string{"Kim", "Lee", "Park", "Choi", "Jung", "Kang"},
		elders:    generation{female: []string{"Young-Ja", "Soon-Hee"}, male: []string{"Sung-Ho", "Young-Soo"}},
		adults:    generation{female: []string{"Jisoo", "Min-Ji", "Hana", "Grace"}, male: []string{"Min-Jun", "Daniel", "Joon", "Seung-Woo"}},
		children:  generation{female: []string{"Seo-Yeon", "Hannah"}, male: []string{"Do-Yun", "Ian"}},
		languages: []string{"ko"}, foreign: 0.35, race: []*race{korean}},
	{name: "arabic", weight: 2,
		families:  []string{"Haddad", "Al-Masri", "Khoury", "El-Sayed", "Nasser", "Ben Ali"},
		elders:    generation{female: []string{"Samira", "Amal"}, male: []string{"Nabil", "Youssef"}},
		adults:    generation{female: []string{"Layla", "Rania", "Noor", "Yasmin"}, male: []string{"Omar", "Karim", "Samir", "Tarek"}},
		children:  generation{female: []string{"Maryam", "Salma"}, male: []string{"Adam", "Ziad"}},
		languages: []string{"ar"}, foreign: 0.45, race: []*race{white, raceDeclined}},
	{name: "portuguese", weight: 4,
		families:  []string{"Silva", "Santos", "Pereira", "Costa", "Gonçalves", "Conceição", "de Almeida", "da Rosa"},
		elders:    generation{female: []string{"Fátima", "Conceição", "Lurdes"}, male: []string{"João", "António", "Manuel"}},
		adults:    generation{female: []string{"Marta", "Inês", "Luciana", "Beatriz"}, male: []string{"Rui", "Tiago", "Gonçalo", "Leandro"}},
		children:  generation{female: []string{"Leonor", "Júlia"}, male: []string{"Davi", "Tomás"}},
		languages: []string{"pt"}, foreign: 0.4, race: []*race{white}},
	{name: "haitian", weight: 2,
		families:  []string{"Jean-Baptiste", "Pierre-Louis", "Toussaint", "Désir", "Joseph", "Saint-Fleur"},
		elders:    generation{female: []string{"Marie-Thérèse", "Yvonne"}, male: []string{"Jean-Claude", "Antoine"}},
		adults:    generation{female: []string{"Nadège", "Mirlande", "Fabiola"}, male: []string{"Wilner", "Reginald", "Jean-Marc"}},
		children:  generation{female: []string{"Naïka", "Gaëlle"}, male: []string{"Widens", "Josué"}},
		languages: []string{"ht", "fr"}, foreign: 0.5, race: []*race{black}},
	{name: "native", weight: 1,
		families: []string{"Attaquin", "Peters", "Mills", "Hendricks", "Pocknett"},
		elders:   generation{female: []string{"Mabel", "Ramona"}, male: []string{"Vernon", "Russell"}},
		adults:   generation{female: []string{"Cheyenne", "Winona"}, male: []string{"Dakota", "Jesse"}},
		children: generation{female: []string{"Aiyana", "Lily"}, male: []string{"Koda", "Mason"}}, race: []*race{native}},
	{name: "islander", weight: 0.6,
		families:  []string{"Kealoha", "Tuiasosopo", "Māhoe", "Fonoti"},
		elders:    generation{female: []string{"Leilani"}, male: []string{"Keoni"}},
		adults:    generation{female: []string{"Moana", "Kalani"}, male: []string{"Sione", "Kaleo"}},
		children:  generation{female: []string{"Mele"}, male: []string{"Nalu"}},
		languages: []string{"sm"}, foreign: 0.2, race: []*race{islander}},
}

// nicknames are what some people prefer to be called.
var nicknames = map[string]string{
	"Katherine": "Kate", "Christopher": "Chris", "Jennifer": "Jen", "Robert": "Bob", "Patricia": "Pat", "Daniel": "Danny", "Elizabeth": "Liz",
	"Margaret": "Peggy", "Matthew": "Matt", "Rebecca": "Becky", "Timothy": "Tim", "Eugene": "Gene", "Theodore": "Teddy", "Gabriela": "Gabi",
	"Adaeze": "Ada", "Leonard": "Len", "Abigail": "Abby", "Gerald": "Jerry", "Raymond": "Ray", "Michael": "Mike", "Andrew": "Drew",
	"José": "Pepe", "Francisco": "Paco", "Dolores": "Lola", "Ignacio": "Nacho", "Richard": "Rick", "Thomas": "Tom", "Judith": "Judy",
}

// language is a tongue in which care is given.
type language struct {
	concept *concept
	name    string
}

func tongue(code, name string) language {
	return language{coded("urn:ietf:bcp:47", code, name, name), name}
}

var languages = map[string]language{
	"en": tongue("en", "English"), "es": tongue("es", "Spanish"), "pt": tongue("pt", "Portuguese"), "zh": tongue("zh", "Chinese"),
	"vi": tongue("vi", "Vietnamese"), "ko": tongue("ko", "Korean"), "ar": tongue("ar", "Arabic"), "fr": tongue("fr", "French"),
	"ht": tongue("ht", "Haitian Creole"), "hi": tongue("hi", "Hindi"), "ur": tongue("ur", "Urdu"), "bn": tongue("bn", "Bengali"),
	"pl": tongue("pl", "Polish"), "de": tongue("de", "German"), "sv": tongue("sv", "Swedish"), "it": tongue("it", "Italian"),
	"ru": tongue("ru", "Russian"), "yo": tongue("yo", "Yoruba"), "sm": tongue("sm", "Samoan"),
}

var streets = []string{"Harbor Street", "Lighthouse Lane", "Mill Road", "Old Ferry Road", "Orchard Street", "Quarry Hill", "Cedar Avenue", "Maple Street",
	"Chapel Street", "Shore Drive", "Elm Court", "Summit Avenue", "Canal Street", "Union Street", "Pine Ridge Road", "Meadow Lane", "Cranberry Way", "Wharf Street", "School Street", "Bayview Terrace"}

// town is where patients live.
type town struct {
	city, zip string
	weight    float64
}

var towns = []town{{"Port Alden", "01999", 50}, {"Mill Pond", "01997", 22}, {"Eastmoor", "01998", 18}, {"Saltmarsh", "01996", 6}, {"North Alden", "01995", 4}}

var occupations = []string{"Teacher", "Carpenter", "Registered nurse", "Software developer", "Fisher", "Cook", "Bus driver", "Accountant", "Retail salesperson", "Electrician",
	"Home health aide", "Office clerk", "Warehouse worker", "Police officer", "Hairdresser", "Landscaper", "Social worker", "Machinist", "Waiter", "Research scientist"}
