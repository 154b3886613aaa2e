package postgres

import (
	"strconv"
	"strings"
)

// composer writes one statement of several parts: WITH a AS (...), b AS (...) SELECT ... . Which parts there
// are depends on the tables that have rows, so the texts are few, and each is planned once a connection.
type composer struct {
	parts []string
	list  []any
}

// arg adds an argument and returns its place, as the type.
func (c *composer) arg(value any, as string) string {
	c.list = append(c.list, value)
	return "$" + strconv.Itoa(len(c.list)) + "::" + as
}

func (c *composer) args(values []any, as ...string) string {
	places := make([]string, len(values))
	for i, v := range values {
		places[i] = c.arg(v, as[i])
	}
	return strings.Join(places, ", ")
}

// unnest adds columns as arrays, and returns rows u of them. Columns are "name type, ...".
func (c *composer) unnest(columns string, arrays ...any) string {
	var places, names []string
	for i, column := range strings.Split(columns, ", ") {
		name, as, _ := strings.Cut(column, " ")
		places = append(places, c.arg(arrays[i], as+"[]"))
		names = append(names, name)
	}
	return "unnest(" + strings.Join(places, ", ") + ") u(" + strings.Join(names, ", ") + ")"
}

func (c *composer) part(sql string) { c.parts = append(c.parts, sql) }

// with ends the statement; false if it has no part and so does nothing.
func (c *composer) with(last string) (statement, bool) {
	if len(c.parts) == 0 {
		return statement{}, false
	}
	return statement{"WITH " + strings.Join(c.parts, ",\n") + "\n" + last, c.list}, true
}
