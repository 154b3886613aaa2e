package reconciliation

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/identity"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/slice"
	"github.com/osler-ehr/osler/web"
	"github.com/osler-ehr/osler/web/facts"
)

// finding is what a safety check found about something that is taken over.
type finding struct {
	Text  string
	Field string // of the reason why it is taken over all the same; "" if none is asked for
	found *facts.Found
}

// draft is something as it would be written, with its row. A medicine that ends has none.
type draft struct {
	doc *fhir.Resource
	row *Row
	at  string // its address in the transaction
}

// checkAll lets the rules look at everything that could be taken over, as if all of it were: for a first look.
func (e *editor) checkAll(ctx context.Context, c *comparison) error {
	var all []draft
	for _, row := range c.rows() {
		if row.Take == "" || row.Field == "" {
			continue
		}
		doc, err := e.taking(ctx, c, row, row.Both != "")
		if err != nil {
			return err
		}
		all = append(all, draft{doc: doc, row: row})
		if row.Field[0] == 'm' && row.ours != nil && row.Both == "" { // ours ends with it
			gone, err := fhir.New(row.ours.typ, struct{ ID, Status string }{row.ours.id, "stopped"})
			if err != nil {
				return err
			}
			all = append(all, draft{doc: gone})
		}
	}
	return e.check(ctx, c, all)
}

// check lets the rules look at a result as a whole, and keeps what they find in the rows.
func (e *editor) check(ctx context.Context, c *comparison, all []draft) error {
	var drafts []*fhir.Resource
	any := false
	for _, d := range all {
		drafts = append(drafts, d.doc)
		if d.row != nil {
			d.row.Findings = nil
			any = any || d.row.Field[0] == 'm' || d.row.Field[0] == 'a'
		}
	}
	if !any {
		return nil
	}
	gap := func(text string) {
		if !slices.Contains(c.gaps, text) {
			c.gaps = append(c.gaps, text)
		}
	}
	for _, rule := range e.rules {
		if !rule.Right.Admits(identity.From(ctx)) {
			continue
		}
		advice, err := rule.Check(ctx, c.chart.Session, c.chart.ID, drafts)
		if err != nil {
			gap(rule.Title + " could not be checked.")
			continue
		}
		for _, a := range advice {
			at := slices.Index(drafts, a.Draft)
			if at < 0 || all[at].row == nil {
				gap(strings.TrimSuffix(a.Summary+": "+a.Detail, ": "))
				continue
			}
			row := all[at].row
			f := finding{Text: cmp.Or(a.Detail, a.Summary), found: a.Found}
			if a.Urgency == slice.Critical && a.Found != nil {
				f.Field = row.Field + "-f" + hexOf(a.Found.Rule+"|"+a.Found.Detail)
			}
			if !slices.ContainsFunc(row.Findings, func(o finding) bool { return o.Text == f.Text }) {
				row.Findings = append(row.Findings, f)
			}
		}
	}
	return nil
}

// weigh lets the rules look at what was decided as a whole. What would stop an order needs a reason; what was found is kept with it.
func (e *editor) weigh(ctx context.Context, c *comparison, f *web.Form, done *changes) error {
	if err := e.check(ctx, c, done.drafts); err != nil {
		return err
	}
	author, now := facts.Author(ctx), e.d.Shell.Clock()
	for _, d := range done.drafts {
		if d.row == nil {
			continue
		}
		for _, found := range d.row.Findings {
			if found.found == nil {
				continue
			}
			reason, words := "", ""
			if found.Field != "" {
				reason, words = f.Text(found.Field), f.Text(found.Field+"-words")
				switch {
				case !slices.ContainsFunc(facts.AlertReasons(), func(r facts.AlertReason) bool { return r.Code == reason }):
					f.Wrong(found.Field, "Say why it is taken over all the same, or leave it.")
					f.Wrong("state", d.row.Name+": say why it is taken over all the same, or leave it.")
				case reason == facts.AlertOther && words == "":
					f.Wrong(found.Field+"-words", "Write the reason.")
					f.Wrong("state", d.row.Name+": write the reason.")
				}
			}
			alert := facts.NewAlert(*found.found, c.chart.ID, d.at, reason, words, author, now)
			op := record.Op{Verb: record.Create, Type: "DetectedIssue", FullURL: "urn:uuid:" + facts.NewUUID()}
			alert.Identifier, op.Condition = facts.Once(f, d.row.Field+"-finding"+hexOf(found.Text))
			var err error
			if op.Resource, err = fhir.New("DetectedIssue", alert); err != nil {
				return err
			}
			done.ops, done.targets = append(done.ops, op), append(done.targets, fhir.Reference{Reference: op.FullURL})
		}
	}
	return nil
}

func hexOf(s string) string {
	h := sha256.Sum256([]byte(s))
	return hex.EncodeToString(h[:6])
}
