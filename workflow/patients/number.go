package patients

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/web/facts"
)

// idType is the system of identifier types.
const idType = "http://terminology.hl7.org/CodeSystem/v2-0203"

// recordNumber draws a medical record number: eight digits at random, of which the first is not 0, and a check digit (ISO/IEC 7812-1, Luhn),
// so that one wrong digit and two exchanged ones are noticed. A number at random tells nobody how many patients there are.
func recordNumber(random io.Reader) (string, error) {
	var b [8]byte
	if _, err := io.ReadFull(random, b[:]); err != nil {
		return "", fmt.Errorf("draw a record number: %w", err)
	}
	n := strconv.FormatUint(10_000_000+binary.BigEndian.Uint64(b[:])%90_000_000, 10)
	return n + string(checkDigit(n)), nil
}

// checkDigit is the Luhn digit for a number without one.
func checkDigit(n string) byte {
	sum := 0
	for i := range len(n) {
		d := int(n[len(n)-1-i] - '0')
		if i%2 == 0 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return byte('0' + (10-sum%10)%10)
}

// namingSystem is the view of a NamingSystem.
type namingSystem struct {
	Name, Status, Kind string
	Date               fhir.DateTime
	Type               fhir.CodeableConcept
	Description        string
	UniqueID           []struct {
		Type, Value string
		Preferred   bool
	} `fhir:"uniqueId"`
}

// numberingQuery finds the system of the practice's own record numbers: the NamingSystem that is active and of type MR.
const numberingQuery = "kind=identifier&status=active&type=" + idType + "|MR"

// numbering is the system in which the practice numbers its patients. Where nobody has said so in a NamingSystem, the system most used so far
// is taken, so that what was begun elsewhere goes on; a practice without patients gets one of its own. Either is then kept as a NamingSystem.
func numbering(ctx context.Context, s *record.Session, now time.Time) (string, error) {
	params, err := record.ParseParams(numberingQuery)
	if err != nil {
		return "", err
	}
	page, err := s.Search(ctx, record.Query{Type: "NamingSystem", Params: append(params, facts.Params("_count", "1")...), Strict: true})
	if err != nil {
		return "", err
	}
	if len(page.Entries) > 0 {
		return uriOf(page.Entries[0].Resource())
	}
	system, err := usedSystem(ctx, s)
	if err != nil {
		return "", err
	}
	if system == "" {
		system = "urn:uuid:" + facts.NewUUID()
	}
	n := namingSystem{
		Name: "MedicalRecordNumber", Status: "active", Kind: "identifier", Date: fhir.DateTimeOf(now, fhir.Day), Type: fhir.Concept(idType, "MR", "Medical record number"),
		Description: "Medical record numbers of this practice. New patients are numbered in this system.",
	}
	n.UniqueID = append(n.UniqueID, struct {
		Type, Value string
		Preferred   bool
	}{"uri", system, true})
	doc, err := fhir.New("NamingSystem", n)
	if err != nil {
		return "", err
	}
	done, err := s.Do(ctx, []record.Op{{Verb: record.Create, Type: "NamingSystem", Condition: numberingQuery, Resource: doc}})
	if err != nil {
		return "", err
	}
	return uriOf(done[0].Resource())
}

func uriOf(doc *fhir.Resource) (string, error) {
	n, err := fhir.View[namingSystem](doc)
	if err != nil {
		return "", err
	}
	for _, id := range n.UniqueID {
		if id.Type == "uri" && id.Value != "" {
			return id.Value, nil
		}
	}
	return "", errors.New("the NamingSystem of medical record numbers has no uniqueId of type uri; give it one")
}

// usedSystem is the system of most record numbers among the patients changed last; "" if none has one.
func usedSystem(ctx context.Context, s *record.Session) (system string, err error) {
	page, err := s.Search(ctx, record.Query{Type: "Patient", Params: facts.Params("_sort", "-_lastUpdated", "_count", "100")})
	if err != nil {
		return "", err
	}
	count, most := map[string]int{}, 0
	for i := range page.Entries {
		p, err := fhir.View[facts.Patient](page.Entries[i].Resource())
		if err != nil {
			return "", err
		}
		for _, id := range p.Identifiers {
			if facts.Code(id.Type, idType) != "MR" || id.System == "" || id.Value == "" {
				continue
			}
			count[id.System]++
			if n := count[id.System]; n > most {
				system, most = id.System, n
			}
		}
	}
	return system, nil
}

// mrn is the identifier of a record number.
func mrn(system, number string) fhir.Identifier {
	return fhir.Identifier{Use: "usual", Type: fhir.CodeableConcept{Coding: []fhir.Coding{{System: idType, Code: "MR", Display: "Medical record number"}}, Text: "MRN"}, System: system, Value: number}
}
