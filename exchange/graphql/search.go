package graphql

import (
	"strconv"
	"strings"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/fhir/definitions"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/record/search"
)

type searchKind uint8

const (
	noSearch   searchKind = iota
	single                // Patient(id: ...)
	list                  // PatientList(...)
	connection            // PatientConnection(...)
)

// searchField tells whether a field's name asks for resources.
func searchField(name string, root bool) (typ string, kind searchKind) {
	if typ, ok := strings.CutSuffix(name, "List"); ok && definitions.IsResourceType(typ) {
		return typ, list
	}
	if typ, ok := strings.CutSuffix(name, "Connection"); ok && definitions.IsResourceType(typ) {
		return typ, connection
	}
	if root && definitions.IsResourceType(name) {
		return name, single
	}
	return "", noSearch
}

// search adds resources that are asked for by id, or by search parameters. Within a resource these are the ones that
// refer to it: ConditionList(_reference: patient).
func (r *run) search(g *group, typ string, kind searchKind, a *at, to *sink) error {
	if kind == single {
		return r.single(g, typ, to)
	}
	q := record.Query{Type: typ, Strict: true, Base: r.base, MaxCount: mostPerList}
	count, cursor, refers := perList, "", false
	for _, arg := range g.args {
		v, err := r.resolved(arg.value, arg.at)
		if err != nil {
			return err
		}
		switch arg.name {
		case "_count":
			n, err := strconv.Atoi(v.text)
			if err != nil || v.kind != numberValue || n < 1 || n > mostPerList {
				return wrong(arg.at, "_count is a number from 1 to %d", mostPerList)
			}
			count = n
		case "_cursor":
			if kind != connection || v.kind != textValue {
				return wrong(arg.at, "_cursor is for a connection, and is what first or next of another page says")
			}
			cursor = v.text
		case "_reference":
			if a.typ == "Query" || v.kind != enumValue && v.kind != textValue {
				return wrong(arg.at, "_reference is for lists within a resource, and names the search parameter that refers to it")
			}
			refers = true
			q.Params = append(q.Params, search.Param{Name: paramName(v.text), Value: a.typ + "/" + a.node.Get("id").Text()})
		case "_summary", "_elements", "_include", "_revinclude", "_total", "_format", "_pretty", "_page":
			return wrong(arg.at, "%s has no meaning here: the fields that are selected say what comes", arg.name)
		default:
			text, err := paramValue(v, arg)
			if err != nil {
				return err
			}
			if text != "" {
				q.Params = append(q.Params, search.Param{Name: paramName(arg.name), Value: text})
			}
		}
	}
	if a.typ != "Query" && !refers {
		return wrong(g.at, "say how a %s refers to the %s around it, as in %s(_reference: patient)", typ, a.typ, g.name)
	}
	q.Params = append(q.Params, search.Param{Name: "_count", Value: strconv.Itoa(count)})
	if kind == connection && selects(g.sets, "count") {
		q.Params = append(q.Params, search.Param{Name: "_total", Value: "accurate"})
	}
	offset := 0
	if cursor != "" {
		before, page, ok := strings.Cut(cursor, ":")
		n, err := strconv.Atoi(before)
		if !ok || err != nil || n < 0 {
			return wrong(g.at, "the cursor is damaged; begin again without it")
		}
		if offset = n; page != "" {
			q.Page, q.Params = page, nil
		}
	}
	q.MaxBytes = maxRead - r.bytes + 1 // a page that ends there is a fault, and no shorter list
	page, err := r.session.Search(r.ctx, q)
	if err != nil {
		return err
	}
	if page.Type != typ {
		return wrong(g.at, "the cursor is of another list")
	}
	if err := r.looked(len(page.Entries)); err != nil {
		return err
	}
	var places []at
	for i := range page.Entries {
		if err := r.brought(len(page.Entries[i].Body)); err != nil {
			return err
		}
		if e := &page.Entries[i]; !e.Include {
			root := e.Resource().Root()
			places = append(places, ofResource(root, root))
		}
	}
	if kind == list {
		if page.Next != "" {
			r.notAll()
		}
		return r.branch(g, to, places, true)
	}
	return r.connection(g, to, page, places, offset, count)
}

// single adds one resource by its id.
func (r *run) single(g *group, typ string, to *sink) error {
	if len(g.args) != 1 || g.args[0].name != "id" && g.args[0].name != "_id" {
		return wrong(g.at, "say which %s is meant, as in %s(id: \"...\"), or ask for a %sList", typ, typ, typ)
	}
	v, err := r.resolved(g.args[0].value, g.args[0].at)
	if err != nil {
		return err
	}
	if v.kind == listValue || v.kind == objectValue || !fhir.ValidID(v.text) {
		return wrong(g.args[0].at, "this is not the id of a resource")
	}
	found, err := r.read(fhir.Target{Type: typ, ID: v.text})
	if err != nil {
		return err
	}
	return r.branch(g, to, []at{*found}, false)
}

// connection adds a page of a search with what is known of it. There is no way back but to the beginning.
func (r *run) connection(g *group, to *sink, page *record.Page, places []at, offset, count int) error {
	if g.sets == nil {
		return wrong(g.at, "say which fields of %s are meant: count, offset, pagesize, edges { mode resource { ... } }, first, next", g.name)
	}
	groups, err := r.collect(g.sets, &at{typ: g.name}, nil, nil)
	if err != nil {
		return err
	}
	out := &sink{out: newObject()}
	for _, f := range groups {
		var v any
		switch f.name {
		case "__typename":
			v = g.name
		case "count":
			if page.Total >= 0 {
				v = int(page.Total)
			}
		case "offset":
			v = offset
		case "pagesize":
			v = count
		case "first":
			v = "0:"
		case "next":
			if page.Next != "" {
				v = strconv.Itoa(offset+len(places)) + ":" + page.Next
			}
		case "previous", "last":
		case "edges":
			if err := r.edges(f, out, places); err != nil {
				return err
			}
			continue
		default:
			return wrong(f.at, "%s has no field %s", g.name, f.name)
		}
		if v != nil {
			if err := r.leaf(f, out, []any{v}, false); err != nil {
				return err
			}
		}
	}
	return to.add(&g.field, []any{out.out}, false, false)
}

// edges adds the matches of a page. They have no score: all of them match.
func (r *run) edges(g *group, to *sink, places []at) error {
	if g.sets == nil {
		return wrong(g.at, "say which fields of edges are meant: mode, resource { ... }")
	}
	groups, err := r.collect(g.sets, &at{typ: "edge"}, nil, nil)
	if err != nil {
		return err
	}
	var all []any
	for i := range places {
		edge := &sink{out: newObject()}
		for _, f := range groups {
			switch f.name {
			case "mode":
				err = r.leaf(f, edge, []any{"match"}, false)
			case "score":
			case "resource":
				err = r.branch(f, edge, places[i:i+1], false)
			default:
				err = wrong(f.at, "an edge has no field %s", f.name)
			}
			if err != nil {
				return err
			}
		}
		all = append(all, edge.out)
	}
	return to.add(&g.field, all, true, false)
}

// selects reports whether a field is selected somewhere; fragments count as if they did.
func selects(sets [][]selection, name string) bool {
	for _, set := range sets {
		for _, s := range set {
			if s.field == nil || s.field.name == name {
				return true
			}
		}
	}
	return false
}

// paramName is the search parameter that an argument names: GraphQL has no hyphens in names.
func paramName(arg string) string {
	if strings.HasPrefix(arg, "_") {
		return arg
	}
	return strings.ReplaceAll(arg, "_", "-")
}

// paramValue is the value of a search parameter; of a list, any may match.
func paramValue(v value, arg argument) (string, error) {
	switch v.kind {
	case nullValue:
		return "", nil
	case listValue:
		var all []string
		for _, x := range v.list {
			if x.kind == listValue || x.kind == objectValue || x.kind == nullValue || x.kind == variableValue {
				return "", wrong(arg.at, "%s takes texts, numbers, or a list of such", arg.name)
			}
			all = append(all, x.text)
		}
		return strings.Join(all, ","), nil
	case objectValue, variableValue:
		return "", wrong(arg.at, "%s takes a text, a number, or a list of such", arg.name)
	}
	return v.text, nil
}
