package identity

import (
	"context"
	"errors"
	"net/http"
	"strings"
)

// Refuse answers a request whose access token is not good (ErrBadToken), or that could not be looked into (any
// other error). WWW-Authenticate is set already.
type Refuse func(w http.ResponseWriter, r *http.Request, err error)

// Identify returns a handler that finds out who makes a request, attaches the [Principal] to its context, and
// passes it on. It decides no rights: a request that brings nothing goes on as anonymous.
//
// An Authorization header must hold a good access token, or the request is refused; cookies are then not looked
// at. A session cookie that is not good any more is taken back, and the request goes on as anonymous; [Ended]
// says why.
func (s *Service) Identify(c Cookies, refuse Refuse, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		who, err := s.identify(c, r)
		if err != nil {
			if errors.Is(err, ErrBadToken) {
				w.Header().Set("WWW-Authenticate", `Bearer realm="osler", error="invalid_token"`)
			}
			refuse(w, r, err)
			return
		}
		if who.ended != nil {
			c.set(w, r, sessionCookie, "", -1e9)
		}
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), contextKey{}, who)))
	})
}

func (s *Service) identify(c Cookies, r *http.Request) (attached, error) {
	if headers := r.Header.Values("Authorization"); len(headers) > 0 {
		token, err := bearer(headers)
		if err != nil {
			return attached{}, err
		}
		p, err := s.Authenticate(r.Context(), token)
		return attached{principal: p}, err
	}
	token := c.Session(r)
	if token == "" {
		return attached{}, nil
	}
	p, err := s.Resume(r.Context(), token)
	if errors.Is(err, ErrSignedOut) {
		return attached{ended: err}, nil
	}
	return attached{principal: p}, err
}

// bearer returns the token of an Authorization header. (RFC 6750, section 2.1. The other ways, in a form or in the
// address, are not accepted: they end up in logs.)
func bearer(headers []string) (string, error) {
	if len(headers) != 1 {
		return "", ErrBadToken
	}
	scheme, token, ok := strings.Cut(headers[0], " ")
	if !ok || !strings.EqualFold(scheme, "Bearer") || token == "" {
		return "", ErrBadToken
	}
	return token, nil
}

// RefusePlainly is a Refuse that answers in a line of text.
func RefusePlainly(w http.ResponseWriter, _ *http.Request, err error) {
	w.Header().Set("Cache-Control", "no-store")
	if errors.Is(err, ErrBadToken) {
		http.Error(w, ErrBadToken.Error(), http.StatusUnauthorized)
		return
	}
	http.Error(w, "who you are could not be looked up; try again in a moment", http.StatusServiceUnavailable)
}
