package kidney

import "testing"

func TestFormulas(t *testing.T) {
	for _, c := range []struct {
		what      string
		got, want float64
	}{
		// Worked by hand from the published equations.
		{"CKD-EPI, woman of 50, 0.7", CKDEPI(0.7, 50, true), 142 * 0.7327 * 1.012},
		{"CKD-EPI, man of 60, 1.8", CKDEPI(1.8, 60, false), 142 * 0.4353 * 0.6886},
		{"Cockcroft-Gault, man of 60, 72 kg, 1.0", CockcroftGault(1, 60, 72, false), 80},
		{"Cockcroft-Gault, woman of 60, 72 kg, 1.0", CockcroftGault(1, 60, 72, true), 68},
	} {
		if d := c.got - c.want; d > 0.2 || d < -0.2 {
			t.Errorf("%s: %.2f, want %.2f", c.what, c.got, c.want)
		}
	}
}
