package importing

import (
	"cmp"
	"strings"

	"parley/models"
	"parley/models/people"
	"parley/models/people/imports"
	"parley/services/spreadsheet"
	"parley/whatsapp"
	"parley/whatsapp/phone"
	"parley/whatsapp/plaintext"
)

// row reads one line. A refusal names the column; its effect says whether the row is imported all the same.
func (p *parser) row(line int64, cells []string) (imports.ImportRow, *imports.ImportRefusal, error) {
	r := newRowReader(p, line)
	for n, kind := range p.o.Columns {
		if n >= len(cells) || kind == "" {
			continue
		}
		text := clean(spreadsheet.Unsafe(strings.TrimSpace(cells[n])))
		err := r.cell(kind, text)
		if bad, ok := err.(*models.Error); ok { //nolint:errorlint // a wrapped one is not about a cell
			r.refuse(kind, text, bad.Message())
			continue
		}
		if err != nil {
			return r.row, nil, err
		}
	}
	r.requirePhone()
	r.fullName()
	r.consent()
	if r.problem != nil {
		return p.refusedRow(r.row, r.problem, r.noPhone)
	}
	if doubt := r.doubt(); doubt != nil {
		return r.row, doubt, nil
	}
	if r.fields != nil {
		r.row.Fields = imports.MarshalFields(r.fields)
	}
	p.identify(&r.row)
	if r.optsOut() {
		return r.row, nil, nil
	}
	return r.row, p.leftOut(line, cells), nil
}

// rowReader builds a row from its cells.
type rowReader struct {
	p   *parser
	row imports.ImportRow

	number      phone.Number
	first, last string // parts of the name
	claims      claims
	fields      people.Fields // nil until a cell fills one

	problem, noPhone *imports.ImportRefusal // the first one found, and the number's
}

func newRowReader(p *parser, line int64) *rowReader {
	r := &rowReader{p: p, row: imports.ImportRow{Line: line, Tags: p.o.Tags, Fields: "{}"}}
	if r.row.Tags == nil {
		r.row.Tags = []int64{}
	}
	return r
}

// cell reads the text of a column of some kind. A refusal says what is wrong with it.
func (r *rowReader) cell(kind, text string) (err error) {
	switch kind {
	case "phone":
		r.number, err = readPhone(text, r.p.o.Country)
		r.row.Phone = r.number.E164
	case "name":
		r.row.Name = plaintext.Cut(text, 200)
	case "first_name":
		r.first = text
	case "last_name":
		r.last = text
	case "language":
		r.row.Language, err = r.p.language(text)
	case "time_zone":
		r.row.TimeZone, err = zone(text)
	case "tags":
		err = r.tags(text)
	case "consent":
		r.claims.consent = strings.TrimSuffix(text, ".0") // a spreadsheet writes 1.0 and 0.0
	case "opted_out":
		r.claims.out = strings.TrimSuffix(text, ".0")
	case "consent_at":
		r.claims.at, err = r.p.date(text)
	case "proof":
		r.row.Proof = plaintext.Cut(text, 1000)
	default:
		if r.fields == nil {
			r.fields = people.Fields{}
		}
		err = r.p.field(r.fields, strings.TrimPrefix(kind, "field:"), text)
	}
	return err
}

func (r *rowReader) tags(text string) error {
	if r.problem != nil {
		return nil // a refused row creates no tags
	}
	ids, err := r.p.tags(text)
	r.row.Tags = union(r.row.Tags, ids)
	return err
}

// refuse notes what is wrong with a cell. The first problem is the one that is listed.
func (r *rowReader) refuse(kind, value, reason string) {
	refusal := r.refusal(kind, value, reason)
	if kind == "phone" {
		r.noPhone = refusal
	}
	r.problem = cmp.Or(r.problem, refusal)
}

func (r *rowReader) refusal(kind, value, reason string) *imports.ImportRefusal {
	return &imports.ImportRefusal{Line: r.row.Line, Field: kind, Value: plaintext.Cut(clean(value), 200), Reason: reason}
}

func (r *rowReader) requirePhone() {
	if r.row.Phone == "" && r.noPhone == nil {
		r.refuse("phone", "", "There is no phone number in this row.")
	}
}

// fullName joins first and last name where there is no name.
func (r *rowReader) fullName() {
	if r.row.Name == "" {
		r.row.Name = plaintext.Cut(strings.TrimSpace(r.first+" "+r.last), 200)
	}
}

// consent fills in the row's consent, with its proof. An opt-in must have one.
func (r *rowReader) consent() {
	c := r.p.consent(r.claims)
	r.row.Consent, r.row.ConsentAt = c.kind, c.at
	if c.problem != "" {
		r.refuse(c.field, c.value, c.problem)
	}
	switch {
	case r.optsOut():
		proof := r.p.proofOfOptOut(r.row.Line, r.claims)
		r.row.Proof = plaintext.Cut(strings.TrimSpace(r.row.Proof+"\n"+proof), 1000)
	case r.row.Consent != "" && r.row.Proof == "" && r.p.o.Proof == "":
		r.refuse("proof", "", "The opt-in of this row has no proof.")
	}
}

func (r *rowReader) optsOut() bool { return r.row.Consent == string(whatsapp.OptedOut) }

// doubt refuses a number to check that nobody confirmed; nil if the number can be imported. An opt-out always counts.
func (r *rowReader) doubt() *imports.ImportRefusal {
	confirmed := r.p.o.ConfirmedAll || r.p.confirmed[r.row.Phone] || r.optsOut()
	if r.number.Verdict == phone.Valid || confirmed {
		return nil
	}
	doubt := r.refusal("phone", r.row.Phone, r.number.Doubt())
	doubt.Number, doubt.Effect = r.row.Phone, imports.ImportRefused
	return doubt
}
