package synthetic

// Item is one resource. JSON is compact, and valid only until the next item is asked for: clone it to keep it, or to parse it with
// package fhir, whose resources keep their source.
type Item struct {
	Type string
	ID   string
	JSON []byte
}

// span is where a resource lies in a writer's buffer.
type span struct {
	kind, id   string
	start, end int
}

func (w *writer) reset() {
	w.buf = w.buf[:0]
	w.spans = w.spans[:0]
}

const usCore = "http://hl7.org/fhir/us/core/StructureDefinition/"

// resource begins a resource. The profile is the last part of a US Core profile's address, or "".
func (w *writer) resource(kind, id, profile string) {
	w.spans = append(w.spans, span{kind: kind, id: id, start: len(w.buf)})
	w.buf = append(w.buf, `{"resourceType":"`...)
	w.buf = append(w.buf, kind...)
	w.buf = append(w.buf, `","id":"`...)
	w.buf = append(w.buf, id...)
	w.buf = append(w.buf, '"')
	if profile != "" {
		w.buf = append(w.buf, `,"meta":{"profile":["`...)
		w.buf = append(w.buf, usCore...)
		w.buf = append(w.buf, profile...)
		w.buf = append(w.buf, `"]}`...)
	}
}

// finish ends a resource with a line end, which belongs to no resource.
func (w *writer) finish() {
	w.buf = append(w.buf, '}', '\n')
	w.spans[len(w.spans)-1].end = len(w.buf) - 1
}

// strings writes an array of one string; nothing at all if it is empty.
func (w *writer) strings(name, s string) {
	if s == "" {
		return
	}
	w.array(name)
	w.text("", s)
	w.endArray()
}

// contact writes a ContactPoint.
func (w *writer) contact(system, value, use string) {
	w.object("")
	w.text("system", system)
	w.text("value", value)
	w.text("use", use)
	w.end()
}

// address writes an Address in the United States.
func (w *writer) address(name, use, line, city, state, zip string) {
	w.object(name)
	w.text("use", use)
	w.strings("line", line)
	w.text("city", city)
	w.text("state", state)
	w.text("postalCode", zip)
	w.text("country", "US")
	w.end()
}
