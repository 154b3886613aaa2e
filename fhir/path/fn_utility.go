package path

import "slices"

// utilityFunctions look at the clock and report what passes.
var utilityFunctions = map[string]*function{
	"trace": {min: 1, max: 2, eval: func(m *machine, c *call, base int) error {
		name, _, err := m.argString(c.args[0])
		if err != nil || m.env.Trace == nil {
			return err
		}
		n := len(m.stack) - base
		if len(c.args) > 1 {
			if err := m.project(c.args[1], base, n); err != nil {
				return err
			}
			m.env.Trace(name, slices.Clone(m.from(base+n)))
			m.drop(base + n)
			return nil
		}
		m.env.Trace(name, slices.Clone(m.from(base)))
		return nil
	}},
	"now": {eval: clock(func(t temporal) temporal { return t })},
	"today": {eval: clock(func(t temporal) temporal {
		return t.date()
	})},
	"timeOfDay": {eval: clock(func(t temporal) temporal {
		return temporal{kind: Time, precision: t.precision, fraction: t.fraction, hour: t.hour, minute: t.minute, sec: t.sec, nano: t.nano}
	})},
}

func clock(read func(temporal) temporal) func(*machine, *call, int) error {
	return func(m *machine, c *call, base int) error {
		if m.env.Now.IsZero() {
			return failf("%s() has no clock here; expressions in this place must not depend on the time", c.name)
		}
		return m.reply(base, temporalValue(read(dateTimeOf(m.env.Now))))
	}
}
