package drugs

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// extension of the files in which added sets are kept: a line of JSON that tells what it is, then the rows as CSV.
const extension = ".drugs"

// Open is the library that ships with all that was added to a folder. A set that cannot be read keeps nothing else from being
// used: it is named in [Library.Broken], which the checks show. A folder that is not there is an empty one.
func Open(dir string) (*Library, error) {
	sets, broken, err := load(dir)
	if err != nil {
		return nil, err
	}
	l, err := build(sets)
	if err != nil { // they fitted together when they were added: the program knows other names now
		sets, broken = fitting(sets, broken)
		if l, err = build(sets); err != nil {
			return nil, err
		}
	}
	if len(sets) == 0 && len(broken) == 0 {
		return Builtin()
	}
	l.Broken = broken
	return l, nil
}

// fitting drops the sets with which no library can be made, one after the other.
func fitting(sets []*Added, broken []Broken) ([]*Added, []Broken) {
	var out []*Added
	for _, a := range sets {
		if _, err := build(append(slices.Clone(out), a)); err != nil {
			broken = append(broken, Broken{a.ID, a.Kind, err.Error()})
			continue
		}
		out = append(out, a)
	}
	return out, broken
}

// order in which sets are put together: rules speak of names.
var order = []string{KindIngredients, KindAllergies, KindInteractions, KindDoses}

func load(dir string) (sets []*Added, broken []Broken, err error) {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, err
	}
	for _, e := range entries {
		id, ok := strings.CutSuffix(e.Name(), extension)
		if !ok {
			continue
		}
		a, err := readFile(filepath.Join(dir, e.Name()))
		if err == nil && a.ID != id {
			err = fmt.Errorf("the file says it is %s", a.ID)
		}
		if err != nil {
			kind := id[strings.LastIndexByte(id, '-')+1:]
			broken = append(broken, Broken{id, kind, err.Error()})
			continue
		}
		sets = append(sets, a)
	}
	slices.SortStableFunc(sets, func(a, b *Added) int { return slices.Index(order, a.Kind) - slices.Index(order, b.Kind) })
	return sets, broken, nil
}

func readFile(name string) (*Added, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	r := bufio.NewReader(f)
	first, err := r.ReadBytes('\n')
	if err != nil {
		return nil, fmt.Errorf("the first line cannot be read: %w", err)
	}
	var about Added
	if err := json.Unmarshal(first, &about); err != nil {
		return nil, fmt.Errorf("the first line cannot be read: %w", err)
	}
	a, err := ReadAdded(r, about, nil)
	if err == nil && a.Rows != about.Rows {
		err = fmt.Errorf("%d rows are here, and %d were added", a.Rows, about.Rows)
	}
	return a, err
}

// Add keeps a set in a folder, in the place of an earlier version of it. It is tried with all others first: the error then names the
// lines that are wrong, and nothing is changed.
func Add(dir string, a *Added) (replaced bool, err error) {
	sets, _, err := load(dir)
	if err != nil {
		return false, err
	}
	if strings.HasPrefix(a.ID, "-") {
		return false, fmt.Errorf("the title %q has no letter from a to z and no digit, by which the set is named", a.Title)
	}
	for _, o := range sets { // two sources must not take each other's place
		if o.ID == a.ID && !strings.EqualFold(o.Title, a.Title) {
			return false, fmt.Errorf("the title %q is shortened to the same name (%s) as that of %q: give it another one", a.Title, a.ID, o.Title)
		}
	}
	sets = slices.DeleteFunc(sets, func(o *Added) bool { replaced = replaced || o.ID == a.ID; return o.ID == a.ID })
	if _, err := build(append(sets, a)); err != nil {
		return false, err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return false, err
	}
	f, err := os.CreateTemp(dir, "adding-*")
	if err != nil {
		return false, err
	}
	defer os.Remove(f.Name()) // fails once it is renamed
	err = errors.Join(write(f, a), f.Sync(), f.Close())
	if err != nil {
		return false, err
	}
	return replaced, os.Rename(f.Name(), filepath.Join(dir, a.ID+extension))
}

func write(f *os.File, a *Added) error {
	w := bufio.NewWriter(f)
	if err := json.NewEncoder(w).Encode(a); err != nil {
		return err
	}
	rows := csv.NewWriter(w)
	_ = rows.Write(columns[a.Kind]) // the error stays with the writer
	for _, row := range a.rows {
		_ = rows.Write(row.fields)
	}
	rows.Flush()
	return errors.Join(rows.Error(), w.Flush())
}

// List tells what was added to a folder, and what of it cannot be read.
func List(dir string) ([]Added, []Broken, error) {
	sets, broken, err := load(dir)
	var out []Added
	for _, a := range sets {
		out = append(out, *a)
	}
	return out, broken, err
}

// Remove takes a set away. The rules of the others must still hold together without it.
func Remove(dir, id string) error {
	sets, _, err := load(dir)
	if err != nil {
		return err
	}
	rest := slices.DeleteFunc(slices.Clone(sets), func(a *Added) bool { return a.ID == id })
	if len(rest) != len(sets) {
		if _, err := build(rest); err != nil {
			return fmt.Errorf("other sets speak of names in %s: remove those first\n%w", id, err)
		}
	}
	if strings.ContainsAny(id, `/\`) {
		return fmt.Errorf("no set is called %q; `osler drugs list` names them", id)
	}
	if err := os.Remove(filepath.Join(dir, id+extension)); errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("no set is called %q; `osler drugs list` names them", id)
	} else if err != nil {
		return err
	}
	return nil
}
