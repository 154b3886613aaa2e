package terminology

// parameters is a Parameters resource that is answered.
type parameters struct {
	ResourceType string      `json:"resourceType"`
	Parameter    []parameter `json:"parameter"`
}

// parameter is one of its parameters, with one value or parts.
type parameter struct {
	Name         string      `json:"name"`
	ValueString  *string     `json:"valueString,omitempty"`
	ValueBoolean *bool       `json:"valueBoolean,omitempty"`
	ValueCode    string      `json:"valueCode,omitempty"`
	ValueURI     string      `json:"valueUri,omitempty"`
	ValueCoding  *coded      `json:"valueCoding,omitempty"`
	Part         []parameter `json:"part,omitempty"`
}

// coded is a Coding.
type coded struct {
	System  string `json:"system,omitempty"`
	Version string `json:"version,omitempty"`
	Code    string `json:"code,omitempty"`
	Display string `json:"display,omitempty"`
}

func newParameters(list ...parameter) *parameters {
	return &parameters{ResourceType: "Parameters", Parameter: list}
}

func (p *parameters) add(list ...parameter) { p.Parameter = append(p.Parameter, list...) }

func stringParam(name, value string) parameter { return parameter{Name: name, ValueString: &value} }
func codeParam(name, value string) parameter   { return parameter{Name: name, ValueCode: value} }
func uriParam(name, value string) parameter    { return parameter{Name: name, ValueURI: value} }
func boolParam(name string, v bool) parameter  { return parameter{Name: name, ValueBoolean: &v} }
