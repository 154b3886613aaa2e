// Package signin lets people in: with a passkey or a password, and the first administrator of a new system by a set-up form.
package signin
