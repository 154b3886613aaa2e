package packages

import (
	"errors"
	"fmt"
	"net/http/httptest"
	"testing"

	"github.com/osler-ehr/osler/identity"
	"github.com/osler-ehr/osler/web"
)

// TestRefuse: only who is not signed in is told to sign in; where that cannot be looked up, a good token is not called a bad one.
func TestRefuse(t *testing.T) {
	for _, c := range []struct {
		why       error
		status    int
		challenge bool
	}{
		{web.ErrSignIn, 401, true},
		{fmt.Errorf("told: %w", identity.ErrBadToken), 401, true},
		{web.ErrForbidden, 403, false},
		{errors.New("the disk is gone"), 503, false},
	} {
		w := httptest.NewRecorder()
		refuse(w, nil, c.why)
		if w.Code != c.status || (w.Header().Get("WWW-Authenticate") != "") != c.challenge {
			t.Errorf("%v: %d %v %s", c.why, w.Code, w.Header(), w.Body)
		}
	}
}
