package importing

import (
	"cmp"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"

	"parley/models"
	"parley/models/people/imports"
	"parley/services/spreadsheet"
	"parley/whatsapp"
	"parley/whatsapp/intent"
	"parley/whatsapp/plaintext"
)

// claims are the cells of a row that say something about consent.
type claims struct {
	consent string     // "Opted in: yes or no"
	at      *time.Time // of the consent column's answer
	out     string     // "Opted out: yes, or a date"
}

// claim is what a row says about consent.
type claim struct {
	kind                  string     // opted_in, opted_out or empty
	at                    *time.Time // nil: from now
	problem, field, value string
}

// consent reads what a row claims. An opt-out always counts, an opt-in only if the options say that the file has some.
// If a row has both, the later day counts, and without a day the opt-out.
func (p *parser) consent(c claims) claim {
	said, out := p.optedIn(c), p.optedOut(c.out)
	win := out
	switch {
	case out.kind == "" || said.kind == string(whatsapp.OptedOut):
		win = said
	case said.kind == string(whatsapp.OptedIn) && said.at != nil && out.at != nil && said.at.After(endOfDay(*out.at)):
		win = said
	}
	for _, c := range []claim{said, out} {
		if win.problem == "" {
			win.problem, win.field, win.value = c.problem, c.field, c.value
		}
	}
	return win
}

// endOfDay is the end of a date without a time.
func endOfDay(t time.Time) time.Time {
	if t.Equal(t.UTC().Truncate(24 * time.Hour)) {
		return t.Add(24*time.Hour - time.Microsecond)
	}
	return t
}

// optedIn reads the column that says who opted in.
func (p *parser) optedIn(c claims) claim {
	kind, ok := intent.ReadConsent(c.consent)
	switch {
	case !ok && !p.optsIn():
		return claim{}
	case !ok:
		return claim{problem: "This is neither yes nor no: nobody is opted in by it.", field: "consent", value: c.consent}
	case kind == whatsapp.OptedOut:
		return claim{kind: string(kind), at: c.at}
	case kind == whatsapp.OptedIn && p.o.Consent == "column",
		p.o.Consent == "all" && (kind == whatsapp.OptedIn || c.consent == ""):
		return claim{kind: string(whatsapp.OptedIn), at: c.at}
	}
	return claim{}
}

// optsIn reports whether the options say that the file has opt-ins.
func (p *parser) optsIn() bool { return p.o.Consent == "column" || p.o.Consent == "all" }

// optedOut reads the column that says who opted out: yes, a date, or a word for it. A date in the future, or one that
// can't be read, is an opt-out from now on.
func (p *parser) optedOut(text string) claim {
	out := claim{kind: string(whatsapp.OptedOut), field: "opted_out", value: text}
	yes, ok := intent.YesOrNo(text)
	kind, known := intent.ReadConsent(text)
	switch {
	case ok && !yes, known && !ok && kind != whatsapp.OptedOut: // no, empty, unknown, or "subscribed"
		return claim{}
	case ok || known:
		return out
	}
	t, err := p.date(text)
	if err == nil {
		out.at = t
		return out
	}
	if digits(text) < 4 {
		return claim{problem: "This is neither yes nor no nor a date.", field: "opted_out", value: text}
	}
	refused, _ := errors.AsType[*models.Error](err) // p.date returns nothing else
	out.problem = refused.Message()
	return out
}

func digits(s string) (n int) {
	for _, r := range s {
		if unicode.IsDigit(r) {
			n++
		}
	}
	return n
}

// proofOfOptOut is the proof that is recorded for an opt-out from a file.
func (p *parser) proofOfOptOut(line int64, c claims) string {
	word := c.out
	if kind, _ := intent.ReadConsent(c.consent); kind == whatsapp.OptedOut {
		word = c.consent
	}
	return fmt.Sprintf("Line %d of the file %s says “%s”.", line, plaintext.Cut(p.file, 100), plaintext.Cut(word, 100))
}

// refusedRow is a row with an error. If it has an opt-out, only that is imported, as long as the number can be read.
func (p *parser) refusedRow(
	r imports.ImportRow,
	problem, noPhone *imports.ImportRefusal,
) (imports.ImportRow, *imports.ImportRefusal, error) {
	switch {
	case r.Consent != string(whatsapp.OptedOut):
		problem.Effect = imports.ImportRefused
		return r, problem, nil
	case noPhone != nil:
		noPhone.Effect = imports.ImportUnread
		noPhone.Reason = "This is an opt-out, and nobody can be found by its number: record it by hand. " + noPhone.Reason
		noPhone.Value = cmp.Or(noPhone.Value, r.Name)
		return r, noPhone, nil
	}
	problem.Effect, problem.Reason = imports.ImportOptOut, imports.OptOutRecorded+problem.Reason
	only := imports.ImportRow{
		Line:       r.Line,
		Phone:      r.Phone,
		Tags:       []int64{},
		Fields:     "{}",
		Consent:    r.Consent,
		ConsentAt:  r.ConsentAt,
		Proof:      r.Proof,
		OptOutOnly: true,
	}
	p.identify(&only)
	return only, problem, nil
}

// leftOut notes an opt-out in a column that the user chose to leave out: it may be about something else, or leaving it
// out may be a mistake.
func (p *parser) leftOut(line int64, cells []string) *imports.ImportRefusal {
	for n, kind := range p.o.Columns {
		if kind != "" && (kind != "consent" || p.optsIn()) || n >= len(cells) {
			continue
		}
		text := clean(spreadsheet.Unsafe(strings.TrimSpace(cells[n])))
		note := &imports.ImportRefusal{Line: line, Field: kind, Value: plaintext.Cut(text, 200), Effect: imports.ImportNote}
		if kind == "" {
			if said, ok := intent.SaysConsent(text); ok && said == whatsapp.OptedOut {
				note.Reason = "A column that is left out says an opt-out here. " +
					"If it is about your messages, say what the column means."
				return note
			}
			continue
		}
		if _, ok := intent.ReadConsent(text); !ok {
			note.Reason = "This is neither yes nor no. If it means an opt-out, record it by hand."
			return note
		}
	}
	return nil
}
