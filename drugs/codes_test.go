package drugs

import (
	"bufio"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestIngredientCodes holds the codes of ingredients, which were entered by hand, against RxNorm's names of the same codes in sample
// data.
func TestIngredientCodes(t *testing.T) {
	f, err := os.Open(filepath.Join("..", "..", "shared", "data", "terminology", "synthea-module-codes", "RxNorm.tsv"))
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal(err)
		}
		t.Skip("no sample data beside the repository: ", err)
	}
	defer f.Close()
	l := builtin(t)
	agree := 0
	for lines := bufio.NewScanner(f); lines.Scan(); {
		code, name, _ := strings.Cut(lines.Text(), "\t")
		i, ok := l.ingredient[code]
		if !ok {
			continue
		}
		if !strings.EqualFold(i.Name, name) {
			t.Errorf("code %s is %q in RxNorm, and %q here", code, name, i.Name)
			continue
		}
		agree++
	}
	if agree < 20 {
		t.Errorf("only %d codes were compared", agree)
	}
}
