package cdshooks

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/osler-ehr/osler/slice"
)

// outcome is what became of one card. (CDS Hooks 2.0, "Feedback".)
type outcome struct {
	Card       string    `json:"card"`
	Outcome    string    `json:"outcome"` // accepted or overridden
	Reason     *reason   `json:"reason,omitempty"`
	Comment    string    `json:"userComment,omitempty"`
	At         time.Time `json:"outcomeTimestamp"`
	ReceivedAt time.Time `json:"receivedAt"`
}

// feedback keeps what became of cards, so that advice which nobody follows is seen and mended.
func (h *hub) feedback(w http.ResponseWriter, r *http.Request) error {
	s, err := h.find(r)
	if err != nil {
		return err
	}
	list, err := h.readFeedback(w, r)
	if err != nil {
		return err
	}
	err = h.d.Spool("cdshooks").Update(r.Context(), func(tx slice.SpoolTx) error {
		for _, o := range list {
			b, err := json.Marshal(o)
			if err != nil {
				return err
			}
			if err := tx.SetValue(r.Context(), s.ID+"/"+o.Card, b); err != nil { // sent again, it counts once
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	w.WriteHeader(http.StatusOK)
	return nil
}

// maxComment is how long a reason may be, in bytes.
const maxComment = 2000

func (h *hub) readFeedback(w http.ResponseWriter, r *http.Request) ([]outcome, error) {
	body, err := readBody(w, r)
	if err != nil {
		return nil, err
	}
	var in struct {
		Feedback []struct {
			Card           string    `json:"card"`
			Outcome        string    `json:"outcome"`
			At             time.Time `json:"outcomeTimestamp"`
			OverrideReason *struct {
				Reason  *reason `json:"reason"`
				Comment string  `json:"userComment"`
			} `json:"overrideReason"`
		} `json:"feedback"`
	}
	if err := json.Unmarshal(body, &in); err != nil {
		return nil, refuse(http.StatusBadRequest, "structure", "the body cannot be read: "+err.Error())
	}
	if len(in.Feedback) == 0 || len(in.Feedback) > 100 {
		return nil, refuse(http.StatusBadRequest, "required", "feedback is missing, or is about more than 100 cards")
	}
	var out []outcome
	for _, f := range in.Feedback {
		switch {
		case !isUUID(f.Card):
			return nil, refuse(http.StatusBadRequest, "value", "feedback.card is not the uuid of a card")
		case f.Outcome != "accepted" && f.Outcome != "overridden":
			return nil, refuse(http.StatusBadRequest, "value", "feedback.outcome is accepted or overridden")
		case f.At.IsZero():
			return nil, refuse(http.StatusBadRequest, "required", "feedback.outcomeTimestamp is missing")
		}
		if r := f.OverrideReason; r != nil && (len(r.Comment) > maxComment || r.Reason != nil && len(r.Reason.Code)+len(r.Reason.System)+len(r.Reason.Display) > maxComment) {
			return nil, refuse(http.StatusBadRequest, "too-long", "feedback.overrideReason is longer than "+strconv.Itoa(maxComment)+" bytes")
		}
		o := outcome{Card: f.Card, Outcome: f.Outcome, At: f.At, ReceivedAt: h.d.Clock.Now().UTC()}
		if f.OverrideReason != nil {
			o.Reason, o.Comment = f.OverrideReason.Reason, f.OverrideReason.Comment
		}
		out = append(out, o)
	}
	return out, nil
}

func isUUID(s string) bool {
	return len(s) == 36 && !strings.ContainsFunc(s, func(r rune) bool {
		return (r < '0' || r > '9') && (r < 'a' || r > 'f') && (r < 'A' || r > 'F') && r != '-'
	})
}

// export gives an administrator what became of the cards of a service, oldest first.
func (h *hub) export(w http.ResponseWriter, r *http.Request) error {
	i := slices.IndexFunc(h.services, func(s *service) bool { return s.ID == r.PathValue("service") })
	if i < 0 {
		return refuse(http.StatusNotFound, "not-found", "there is no service of this name; GET /cds-services lists them")
	}
	all, err := h.d.Spool("cdshooks").Values(r.Context())
	if err != nil {
		return err
	}
	list := []outcome{}
	for name, b := range all {
		if service, _, _ := strings.Cut(name, "/"); service != h.services[i].ID {
			continue
		}
		var o outcome
		if err := json.Unmarshal(b, &o); err != nil {
			return err
		}
		list = append(list, o)
	}
	slices.SortFunc(list, func(a, b outcome) int { return a.ReceivedAt.Compare(b.ReceivedAt) })
	return write(w, http.StatusOK, map[string]any{"feedback": list})
}
