package immunization

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/identity"
	"github.com/osler-ehr/osler/slice"
	"github.com/osler-ehr/osler/web"
	"github.com/osler-ehr/osler/web/facts"
	"github.com/osler-ehr/osler/workflow/immunization/forecast"
)

// Operation is an operation that the capability statement names.
type Operation struct {
	Type       string // resource type; "" = of the whole system
	Name       string // without the dollar sign
	Definition string // canonical address of its OperationDefinition
}

// Operations lists what is served.
// (HL7 Immunization Decision Support Forecast 2.0.0, ImmDSForecastOperation)
func Operations() []Operation {
	return []Operation{{Name: "immds-forecast", Definition: "http://hl7.org/fhir/us/immds/OperationDefinition/ImmDSForecastOperation"}}
}

// immds serves $immds-forecast: the forecast of a patient whom the caller describes. The record is not looked at.
type immds struct{ d slice.Deps }

const contentType = "application/fhir+json; charset=utf-8"

// refusal is an error with its status and words.
type refusal struct {
	status     int
	code, text string
}

func (r *refusal) Error() string { return r.text }

func (o *immds) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	answer, err := o.answer(w, r)
	if err != nil {
		fail(w, r, o.d.Log, err)
		return
	}
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	if r.URL.Query().Get("_pretty") == "true" {
		e.SetIndent("", "  ")
	}
	if err := e.Encode(answer); err != nil {
		panic(err) // plain structs of strings and numbers always encode
	}
	send(w, http.StatusOK, bytes.TrimSpace(out.Bytes()))
}

func (o *immds) answer(w http.ResponseWriter, r *http.Request) (any, error) {
	if !acceptable(r) {
		return nil, &refusal{http.StatusNotAcceptable, fhir.CodeNotSupported, "the answer is application/fhir+json; accept that"}
	}
	in, err := readImmds(w, r)
	if err != nil {
		return nil, err
	}
	zone := o.d.Shell.Location()
	if in.person.Patient.gone() {
		return nil, &refusal{http.StatusUnprocessableEntity, fhir.CodeProcessing, "nothing is recommended: the patient has died"}
	}
	patient, left := in.person.input(in.on, zone)
	if patient.Birth == 0 {
		return nil, &refusal{http.StatusUnprocessableEntity, fhir.CodeRequired, "the patient needs a birthDate that is a whole day"}
	}
	return answerOf(in, forecast.CDC().Forecast(patient, in.on), left), nil
}

// acceptable reports whether the caller takes JSON.
func acceptable(r *http.Request) bool {
	wanted := strings.Join(r.Header.Values("Accept"), ",")
	if f := r.URL.Query().Get("_format"); f != "" {
		wanted = strings.ReplaceAll(f, " ", "+")
	}
	for media := range strings.SplitSeq(wanted, ",") {
		media, _, _ = strings.Cut(media, ";")
		switch strings.TrimSpace(media) {
		case "", "application/fhir+json", "application/json", "text/json", "json", "application/*", "*/*":
			return true
		}
	}
	return false
}

// immdsIn are the parameters of a request.
type immdsIn struct {
	on     forecast.Date
	person person
}

// readImmds reads a Parameters resource: assessmentDate, patient, immunization. Beside them, conditions, allergies,
// procedures and observations are taken by their type, whatever the parameter is called: the guide has no place for
// them, and without them nothing can be said of risks and contraindications.
func readImmds(w http.ResponseWriter, r *http.Request) (immdsIn, error) {
	var in immdsIn
	switch media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); {
	case err == nil && (media == "application/fhir+json" || media == "application/json" || media == "text/json"):
	default:
		return in, &refusal{http.StatusUnsupportedMediaType, fhir.CodeNotSupported, "the body must be a Parameters resource as application/fhir+json; say so in Content-Type"}
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, fhir.MaxSize))
	if err != nil {
		return in, &refusal{http.StatusRequestEntityTooLarge, fhir.CodeTooLong, "the body did not arrive whole, or is larger than the limit of " + strconv.Itoa(fhir.MaxSize>>20) + " MiB"}
	}
	doc, err := fhir.Parse(body)
	if err != nil {
		return in, err
	}
	if doc.Type() != "Parameters" {
		return in, &refusal{http.StatusBadRequest, fhir.CodeInvalid, "the body must be a Parameters resource"}
	}
	patients := 0
	for p := range doc.Get("parameter").Values() {
		if p.Get("name").Text() == "assessmentDate" {
			text := p.Get("valueDate").Text()
			if text == "" {
				text, _, _ = strings.Cut(p.Get("valueDateTime").Text(), "T")
			}
			if in.on, err = forecast.ParseDate(text); err != nil || len(text) != len(time.DateOnly) {
				return in, &refusal{http.StatusBadRequest, fhir.CodeValue, "assessmentDate must be a date such as 2026-11-24"}
			}
			continue
		}
		res := p.Get("resource").Resource()
		if res == nil {
			continue
		}
		if res.Type() == "Patient" {
			patients++
		}
		if err := in.person.take(res); err != nil {
			return in, err
		}
	}
	switch {
	case in.on == 0:
		return in, &refusal{http.StatusBadRequest, fhir.CodeRequired, "give assessmentDate, the day for which the forecast is made"}
	case patients != 1:
		return in, &refusal{http.StatusBadRequest, fhir.CodeRequired, "give one patient, a Patient resource"}
	}
	return in, nil
}

// take adds a resource to what is known of a person. Those of other types are left aside.
func (p *person) take(res *fhir.Resource) error {
	var err error
	switch res.Type() {
	case "Patient":
		p.Patient, err = fhir.View[patient](res)
	case "Immunization":
		p.Immunizations, err = add(p.Immunizations, res)
	case "Condition":
		p.Conditions, err = add(p.Conditions, res)
	case "AllergyIntolerance":
		p.Allergies, err = add[facts.Allergy](p.Allergies, res)
	case "Procedure":
		p.Procedures, err = add(p.Procedures, res)
	case "Observation":
		p.Findings, err = add(p.Findings, res)
	}
	return err
}

func add[V any](list []V, res *fhir.Resource) ([]V, error) {
	v, err := fhir.View[V](res)
	if err != nil {
		return list, err
	}
	return append(list, v), nil
}

// fail answers with an OperationOutcome.
func fail(w http.ResponseWriter, r *http.Request, log *slog.Logger, err error) {
	status, o := http.StatusInternalServerError, fhir.OutcomeOf(errors.New("internal"))
	if e, ok := errors.AsType[*refusal](err); ok {
		status, o = e.status, fhir.NewOutcome(e.code, e.text)
	} else if e, ok := errors.AsType[*fhir.SyntaxError](err); ok {
		status, o = http.StatusBadRequest, e.Outcome()
	} else if e, ok := errors.AsType[*fhir.TypeError](err); ok {
		status, o = http.StatusBadRequest, e.Outcome()
	} else {
		log.LogAttrs(r.Context(), slog.LevelError, "immunization forecast failed", slog.String("route", r.Pattern), slog.String("error", err.Error()))
	}
	send(w, status, o.Bytes())
}

// refuse answers who may not come in.
func refuse(w http.ResponseWriter, _ *http.Request, why error) {
	switch {
	case errors.Is(why, web.ErrSignIn), errors.Is(why, identity.ErrBadToken):
		w.Header().Set("WWW-Authenticate", `Bearer realm="osler"`)
		send(w, http.StatusUnauthorized, fhir.NewOutcome(fhir.CodeLogin, "sign in, or send a good access token").Bytes())
	case errors.Is(why, web.ErrForbidden):
		send(w, http.StatusForbidden, fhir.NewOutcome(fhir.CodeForbidden, "your role does not permit this").Bytes())
	default:
		send(w, http.StatusServiceUnavailable, fhir.NewOutcome("transient", "who you are could not be looked up; try again in a moment").Bytes())
	}
}

func send(w http.ResponseWriter, status int, body []byte) {
	h := w.Header()
	h.Set("Content-Type", contentType)
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	_, _ = w.Write(body) // the client went away; there is nobody left to tell
}
