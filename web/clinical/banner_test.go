package clinical

import (
	"strings"
	"testing"
	"time"

	"github.com/osler-ehr/osler/web/format"
)

func okafor() Banner {
	born, _ := format.Parse("1968-07-14", time.UTC)
	return Banner{
		Name: format.PersonName{Family: "Okafor", Given: "Adaeze", Preferred: "Ada"}, Birth: born, Now: time.Date(2026, 11, 23, 10, 22, 0, 0, time.UTC),
		Sex: "Female", Pronouns: "she/her", MRN: "100482771", Flags: []string{"Full code", "Fall risk"}, Payer: "Blue Harbor PPO", PayerNote: "active",
	}
}

func TestBanner(t *testing.T) {
	died := time.Date(2026, 11, 3, 0, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		name   string
		change func(*Banner)
		want   []string
		not    []string
	}{
		{"known allergies", func(b *Banner) {
			b.Allergies, b.Known = KnownAllergies, []BannerAllergy{{"Penicillin", "anaphylaxis"}, {"Sulfonamides", ""}, {"Latex", ""}}
		}, []string{"OKAFOR, Adaeze (Ada)", "Born 14-Jul-1968 (58 y)", "Sex, pronouns Female, she/her", "MRN 100 482 771", "Known allergies Penicillin anaphylaxis, Sulfonamides, Latex", "Flags Full code • Fall risk", "Payer Blue Harbor PPO active"}, []string{"not recorded", "unavailable"}},
		{"none known", func(b *Banner) { b.Allergies = NoKnownAllergies }, []string{"Allergies No known allergies"}, []string{"Known allergies Pen", "not recorded", "unavailable"}},
		{"not recorded", func(b *Banner) { b.Allergies = AllergiesNotRecorded }, []string{"Allergies Allergies not recorded"}, []string{"No known", "unavailable"}},
		{"what was not read is unavailable", func(*Banner) {}, []string{"Allergies Allergies unavailable"}, []string{"No known", "not recorded"}},
		{"nothing known", func(b *Banner) { *b = Banner{} }, []string{"Name not known", "Born Not known", "Sex, pronouns Not known, not known", "MRN Not known"}, []string{"?"}},
		{"deceased", func(b *Banner) { b.Deceased, b.DeathDate, b.DeathAt = true, "03-Nov-2026", died }, []string{"14-Jul-1968 (58 y at death)", "Deceased 03-Nov-2026"}, []string{"Full code"}},
		{"deceased, date not known", func(b *Banner) { b.Deceased = true }, []string{"Born 14-Jul-1968", "Deceased Date not known"}, []string{"58 y"}},
		{"restricted", func(b *Banner) { b.Restricted, b.PhotoURL = true, "/photo" }, []string{"Restricted record", "Your view is logged and reviewed"}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := okafor()
			c.change(&b)
			got := seen(t, b.Draw(true))
			for _, w := range c.want {
				if !strings.Contains(got, w) {
					t.Errorf("%q is not in %q", w, got)
				}
			}
			for _, n := range c.not {
				if strings.Contains(got, n) {
					t.Errorf("%q is in %q", n, got)
				}
			}
		})
	}
}

func TestBannerOnPaper(t *testing.T) {
	b := okafor()
	b.Allergies, b.Known = KnownAllergies, []BannerAllergy{{"Penicillin", "anaphylaxis"}, {"Latex", ""}}
	got := seen(t, b.PrintHead("Chart summary", "Harbor Street Family Practice", "(555) 010-0100"))
	want := "OKAFOR, Adaeze (Ada) Born 14-Jul-1968 (58 y) Sex Female, she/her MRN 100 482 771 Code status Full code Chart summary Harbor Street Family Practice (555) 010-0100 Known allergies: Penicillin (anaphylaxis), Latex"
	if got != want {
		t.Errorf("\n got %q\nwant %q", got, want)
	}
	if got := seen(t, b.Identity()); got != "AO OKAFOR, Adaeze (Ada) 14-Jul-1968 (58 y)" {
		t.Errorf("identity beside a signature: %q", got)
	}
}

func TestValuesAndVisits(t *testing.T) {
	if got := seen(t, Value{Text: "5.6", Unit: "mmol/L", Flag: High}.Draw()); got != "H high 5.6 mmol/L" {
		t.Errorf("value drawn as %q", got)
	}
	if got := seen(t, FlaggedTag("Potassium 5.6 mmol/L", High)); got != "Potassium 5.6 mmol/L H high" {
		t.Errorf("tag drawn as %q", got)
	}
	v := Visit{Date: "20-Nov-2026", Sub: "Friday", Title: "Laboratory results", Meta: "Harbor Lab", Items: []Entry{{Icon: "pill", Kind: "Medication", Parts: []Part{{Text: "Started"}, {Text: "empagliflozin", Strong: true}, {Text: "10 mg"}}, End: "Dr P. Rao"}}}
	if got := seen(t, Timeline([]Visit{v})); got != "20-Nov-2026 Friday Laboratory results Harbor Lab Medication: Started empagliflozin 10 mg Dr P. Rao" {
		t.Errorf("visit drawn as %q", got)
	}
}
