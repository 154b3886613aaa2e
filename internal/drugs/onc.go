package main

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/osler-ehr/osler/drugs"
)

// other are names of the interaction lists that RxNorm has otherwise; "" for what is on no market and in no table.
var other = map[string]string{
	"acetylsalicylic acid": "aspirin", "fluticasone propionate": "fluticasone", "risedronate": "risedronic acid", "alendronate": "alendronic acid", "lisdexamfetamine": "lisdexamfetamine",
	"lisdexamphetamine": "lisdexamfetamine", "niacin": "niacin",
}

// pairs reads a list of ingredient pairs: four fields with $ between, names in the first and third.
func pairs(data, file string) ([][2]string, error) {
	b, err := os.ReadFile(filepath.Join(data, "terminology/ddi", file))
	if err != nil {
		return nil, err
	}
	var out [][2]string
	for line := range strings.Lines(strings.TrimPrefix(string(b), "\ufeff")) {
		f := strings.Split(strings.TrimSpace(line), "$")
		if len(f) < 4 {
			return nil, fmt.Errorf("%s: %q is no pair", file, line)
		}
		out = append(out, [2]string{named(f[0]), named(f[2])})
	}
	return out, nil
}

func named(s string) string {
	s = strings.ToLower(strings.TrimSpace(s))
	if o, ok := other[s]; ok {
		return o
	}
	return s
}

// qt are the ingredients of which every two together are a pair of the high-priority list that no other of its rules explains: those
// that prolong the QT interval.
func qt(data string) ([]byte, []string, error) {
	l, err := drugs.Builtin()
	if err != nil {
		return nil, nil, err
	}
	list, err := pairs(data, "ONC_High_Priority_Mapped.csv")
	if err != nil {
		return nil, nil, err
	}
	with := map[string]map[string]bool{}
	for _, p := range list {
		a, okA := l.Ingredient(p[0])
		b, okB := l.Ingredient(p[1])
		if okA && okB && explained(l, a, b) {
			continue
		}
		for i, name := range p {
			if with[name] == nil {
				with[name] = map[string]bool{}
			}
			with[name][p[1-i]] = true
		}
	}
	names := slices.Sorted(maps.Keys(with))
	var rows, left []string
	for _, n := range names {
		if len(with[n]) != len(names)-1 {
			return nil, nil, fmt.Errorf("%s stands with %d of %d others: the list holds a pair that no rule explains", n, len(with[n]), len(names)-1)
		}
		if i, ok := l.Ingredient(n); ok {
			rows = append(rows, i.Name)
		} else {
			left = append(left, n)
		}
	}
	return []byte("# Made by internal/drugs from the ONC high-priority list: ingredients that prolong the QT interval.\n" + strings.Join(rows, "\n") + "\n"), left, nil
}

// explained reports whether a rule of the list other than that of the QT interval holds the pair.
func explained(l *drugs.Library, a, b *drugs.Ingredient) bool {
	for _, r := range l.Rules.Interactions {
		if r.Source.ID == drugs.ONC.ID && r.ID != "onc-21" && r.Holds(a, b) {
			return true
		}
	}
	return false
}

// low are the pairs of the list of interactions that should not interrupt, by their first ingredient.
func low(data string) ([]byte, []string, error) {
	l, err := drugs.Builtin()
	if err != nil {
		return nil, nil, err
	}
	list, err := pairs(data, "ONC_Non_Interuptive_Mapped.csv")
	if err != nil {
		return nil, nil, err
	}
	with := map[string][]string{}
	var left []string
	for _, p := range list {
		a, okA := l.Ingredient(p[0])
		b, okB := l.Ingredient(p[1])
		if !okA || !okB {
			for i, ok := range []bool{okA, okB} {
				if !ok && !slices.Contains(left, p[i]) {
					left = append(left, p[i])
				}
			}
			continue
		}
		first, second := min(a.Name, b.Name), max(a.Name, b.Name)
		if first != second && !slices.Contains(with[first], second) {
			with[first] = append(with[first], second)
		}
	}
	var rows []string
	for first, others := range with {
		slices.Sort(others)
		rows = append(rows, first+"|"+strings.Join(others, ";"))
	}
	slices.Sort(rows)
	slices.Sort(left)
	return []byte("# Made by internal/drugs from the ONC list of interactions that should not interrupt. Fields: ingredient | ingredients it interacts with\n" + strings.Join(rows, "\n") + "\n"), left, nil
}
