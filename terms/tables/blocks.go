package tables

import "strings"

// Blocks are the chapters and blocks of ICD-10-CM. They find the block of a category, also of one that is newer than
// the table.
type Blocks struct {
	all  []Diagnosis
	last string // of the category before
}

// ICD10CMBlocks are the chapters and blocks of the table.
func ICD10CMBlocks() (*Blocks, error) {
	parts, err := icd10cmParts()
	if err != nil {
		return nil, err
	}
	return blocksOf(parts[0]), nil
}

func blocksOf(part string) *Blocks {
	b := &Blocks{}
	chapter := ""
	for l := range strings.Lines(part) {
		l = strings.TrimSuffix(l, "\n")
		inner, isBlock := strings.CutPrefix(l, "\t")
		code, name, _ := strings.Cut(inner, "\t")
		if code == "ICD-10-CM" {
			continue
		}
		d := Diagnosis{Code: code, Display: name, Group: true}
		if isBlock {
			d.Parent = chapter
		} else {
			chapter = code
		}
		b.all = append(b.all, d)
	}
	return b
}

// Each gives chapters and blocks to f, a chapter before its blocks.
func (b *Blocks) Each(f func(Diagnosis) error) error {
	for _, d := range b.all {
		if err := f(d); err != nil {
			return err
		}
	}
	return nil
}

// Of is the block of a category: the narrowest that it lies in, or else that of the category before. So categories must
// be asked for in the order of the publisher's file: C4A stands between C43 and C44.
func (b *Blocks) Of(category string) string {
	category = category[:min(len(category), 3)]
	best := ""
	for _, d := range b.all {
		first, last, _ := strings.Cut(d.Code, "-")
		if d.Parent == "" || category < first || category > last {
			continue
		}
		bestFirst, bestLast, _ := strings.Cut(best, "-")
		if best == "" || first > bestFirst || first == bestFirst && last < bestLast {
			best = d.Code
		}
	}
	if best == "" {
		best = b.last
	}
	b.last = best
	return best
}
