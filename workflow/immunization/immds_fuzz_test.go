package immunization

import (
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/osler-ehr/osler/workflow/immunization/forecast"
)

// Whatever is sent, there is an answer or an error that says what is wrong.
func FuzzOperation(f *testing.F) {
	f.Add(`{"resourceType":"Parameters","parameter":[{"name":"assessmentDate","valueDate":"2026-11-23"},{"name":"patient","resource":{"resourceType":"Patient","birthDate":"2025-08-11"}},` +
		`{"name":"immunization","resource":{"resourceType":"Immunization","status":"completed","vaccineCode":{"coding":[{"system":"http://hl7.org/fhir/sid/cvx","code":"03"}]},"occurrenceDateTime":"2026-08-01"}},` +
		`{"name":"x","resource":{"resourceType":"Condition","code":{"coding":[{"system":"http://hl7.org/fhir/sid/icd-10-cm","code":"E11.9"}]},"onsetPeriod":{"start":"2020"}}}]}`)
	f.Add(`{"resourceType":"Parameters","parameter":[{"name":"assessmentDate","valueDate":"0001-01-01"},{"name":"patient","resource":{"resourceType":"Patient","birthDate":"9999-12-31","deceasedBoolean":true}}]}`)
	f.Fuzz(func(t *testing.T, body string) {
		r := httptest.NewRequest("POST", "/fhir/$immds-forecast", strings.NewReader(body))
		r.Header.Set("Content-Type", "application/fhir+json")
		in, err := readImmds(httptest.NewRecorder(), r)
		if err != nil {
			if err.Error() == "" {
				t.Error("an error without words")
			}
			return
		}
		p, left := in.person.input(in.on, time.UTC)
		answerOf(in, forecast.CDC().Forecast(p, in.on), left)
	})
}
