package drugs

import "slices"

// controlledClasses and controlledIngredients are what 21 CFR 1308 (DEA schedules II to V) lists, as far as it is known here. An
// ingredient that is in a class is named only where the class is not.
var (
	controlledClasses     = []string{"opioid", "benzodiazepine", "z-hypnotic", "barbiturate"}
	controlledIngredients = []string{
		"amphetamine", "dextroamphetamine", "lisdexamfetamine", "methamphetamine", "methylphenidate", "dexmethylphenidate", "phentermine", "phendimetrazine", "benzphetamine", "diethylpropion",
		"modafinil", "armodafinil", "solriamfetol", "pregabalin", "lacosamide", "brivaracetam", "cenobamate", "carisoprodol", "testosterone", "methyltestosterone", "oxandrolone", "oxymetholone",
		"ketamine", "esketamine", "dronabinol", "nabilone", "suvorexant", "lemborexant", "daridorexant", "buprenorphine", "tramadol", "diphenoxylate", "lorcaserin", "eluxadoline", "sodium oxybate", "oxybate", "butalbital", "butorphanol", "pentazocine", "zolpidem", "eszopiclone", "zaleplon",
	}
)

// Controlled reports whether the ingredient is a controlled substance of the United States, whatever its strength or form. What is not
// known here is not thereby free of control.
func (i *Ingredient) Controlled() bool {
	return slices.ContainsFunc(controlledClasses, i.Is) || slices.Contains(controlledIngredients, i.Name)
}
