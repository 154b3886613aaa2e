package messages

import (
	"slices"
	"strings"
	"unicode"
)

// urgentWords are what people write who may need help now. The list is meant to say too much rather than too little: it raises a message,
// and never lowers one. Words stand as they are matched: lower case, without marks.
var urgentWords = []string{
	"chest pain", "chest pressure", "chest tightness", "pain in my chest", "pain in the chest", "heart attack",
	"short of breath", "shortness of breath", "cannot breathe", "can't breathe", "cant breathe", "trouble breathing", "hard to breathe", "difficulty breathing",
	"stroke", "face drooping", "slurred", "numb on one side", "weakness on one side", "worst headache", "seizure", "passed out", "fainted", "unconscious",
	"suicide", "suicidal", "kill myself", "kill himself", "kill herself", "end my life", "hurt myself", "want to die", "overdose", "took too many",
	"severe bleeding", "bleeding a lot", "won't stop bleeding", "vomiting blood", "blood in stool", "black stool", "coughing blood", "coughing up blood",
	"throat swelling", "swollen tongue", "tongue swelling", "lips swelling", "anaphyla", "allergic reaction",
	"baby not moving", "water broke", "stiff neck", "emergency", "ambulance", "911",
	"dolor de pecho", "no puedo respirar", "falta de aire", "suicid", "sangrado", "desmayo", "emergencia", "ambulancia",
}

// urgent are the words of a text that may mean danger, each once, in the order of the list.
func urgent(text string) (out []string) {
	plain := " " + strings.Join(strings.FieldsFunc(strings.ToLower(strings.ReplaceAll(text, "’", "'")), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '\''
	}), " ") + " "
	for _, w := range urgentWords {
		if strings.Contains(plain, " "+w) && !slices.ContainsFunc(out, func(o string) bool { return strings.Contains(o, w) || strings.HasPrefix(w, o) }) {
			out = append(out, w)
		}
	}
	return out
}
