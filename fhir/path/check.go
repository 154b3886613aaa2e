package path

// Check is done below.
func (e *Expr) Check(typeName string) error { return nil }
