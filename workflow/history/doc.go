// Package history keeps what a person does and has gone through that bears on health: smoking, alcohol, drugs, work, sexual orientation,
// and operations.
package history
