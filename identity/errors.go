package identity

import (
	"errors"
	"fmt"
	"time"
)

// Errors, wrapped or bare; test with errors.Is. Their texts may be shown to the person.
var (
	// ErrBadCredentials: the name or the password is wrong, or the account cannot sign in. Which of them it is
	// is never said.
	ErrBadCredentials = errors.New("the name or the password is not right")
	// ErrThrottled: too many wrong passwords; see [ThrottledError].
	ErrThrottled = errors.New("too many attempts")
	// ErrBusy: too many people are signing in at this moment. Try again in a few seconds.
	ErrBusy = errors.New("many people are signing in just now; try again in a few seconds")
	// ErrSignedOut: there is no such session, or it was ended.
	ErrSignedOut = errors.New("you are signed out; sign in again")
	// ErrExpired: the session ended by itself, for want of activity or because of its age. It is also ErrSignedOut.
	ErrExpired = fmt.Errorf("the session has expired: %w", ErrSignedOut)
	// ErrBadLink: the set-up link was used, has expired, was replaced by a newer one, or never was.
	ErrBadLink = errors.New("this link does not work any more; ask an administrator for a new one")
	// ErrBadToken: the access token is not ours, has expired or was revoked.
	ErrBadToken = errors.New("the access token is not valid")
	// ErrNotFound: there is no such account or session.
	ErrNotFound = errors.New("not found")
	// ErrNameTaken: another account has the sign-in name.
	ErrNameTaken = errors.New("another account has this sign-in name; choose another")
	// ErrAlreadySetUp: there are accounts, so there is no first administrator to be set up.
	ErrAlreadySetUp = errors.New("there are accounts already; an administrator can make a set-up link")
	// ErrLastAdministrator: nobody could make or change accounts any more.
	ErrLastAdministrator = errors.New("this is the only administrator; make another one first")
	// ErrInvalid: a value cannot be accepted; see [InvalidError].
	ErrInvalid = errors.New("not acceptable")
)

// ThrottledError says until when no attempt is looked at. It is an [ErrThrottled].
type ThrottledError struct{ Until time.Time }

func (e *ThrottledError) Error() string {
	return "too many attempts; try again after " + e.Until.UTC().Format("15:04:05") + " UTC"
}

// Is makes errors.Is(err, ErrThrottled) true.
func (e *ThrottledError) Is(target error) bool { return target == ErrThrottled }

// InvalidError says what is wrong with a value, in words for the person who gave it. It is an [ErrInvalid].
type InvalidError struct{ Field, Reason string }

func (e *InvalidError) Error() string { return e.Field + ": " + e.Reason }

// Is makes errors.Is(err, ErrInvalid) true.
func (e *InvalidError) Is(target error) bool { return target == ErrInvalid }
