// Package keys guards the keys that everything in the database is sealed under.
//
// # Three layers
//
// A [Keyring] is a file outside the database. It holds one root key, from which keys for single purposes
// are derived ([Keyring.Derive]), and one or more epochs: keys that wrap other keys. Each patient has a key
// of their own ([Key]), made at random, kept in the database, wrapped under an epoch. So
//
//   - a stolen database is unreadable without the keyring;
//   - destroying one wrapped key makes one patient's record unreadable, and nobody else's;
//   - changing the epoch re-wraps the patients' keys and leaves their records as they are. When an old epoch
//     is retired, the wrapped keys in old backups become unreadable too.
//
// # What is authenticated
//
// Every seal is AES-256-GCM with a random nonce. The caller passes the place of the value (its table, patient,
// name and version) as additional data, so a value moved to another place does not open. The same tag finds a
// flipped bit: the error is then [ErrDamaged].
//
// Nothing in this package prints a key: keyrings and keys format as a fixed word.
package keys

import "errors"

// Errors, wrapped or bare; test with errors.Is.
var (
	// ErrDamaged: the bytes are not what was sealed, or were sealed for another place.
	ErrDamaged = errors.New("sealed data is damaged or out of place")
	// ErrOtherKey: the bytes were sealed under a different key.
	ErrOtherKey = errors.New("sealed under another key")
	// ErrNoEpoch: the key that wraps is not in the keyring (any more).
	ErrNoEpoch = errors.New("wrapped under an epoch that the keyring does not hold")
)

const hidden = "[key]"
