// Package clinical draws clinical facts the one way they look everywhere: the patient banner, flags, medication lines, results,
// trends and the timeline. It holds no workflow and reads no record; pages hand it plain values.
package clinical
