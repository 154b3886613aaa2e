package path

// combineFunctions join collections.
var combineFunctions = map[string]*function{
	"union": {min: 1, max: 1, eval: func(m *machine, c *call, base int) error {
		if err := c.args[0].eval(m); err != nil {
			return err
		}
		return m.distinct(base)
	}},
	"combine": {min: 1, max: 1, eval: func(m *machine, c *call, _ int) error { return c.args[0].eval(m) }},
}
