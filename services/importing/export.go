// Package importing imports contacts from files and exports them: guessing what columns mean (titles.go, columns.go),
// checking the chosen options (check.go), the user's next steps (steps.go), reading a row (row.go), its cells
// (parse.go) and the file (stage.go), the job that does the dry run, the change and its undoing (run.go), and exports
// (export.go). Nothing here keeps a whole file in memory.
package importing

import (
	"context"
	"io"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"

	"parley/models/people"
	"parley/models/people/segments"
	"parley/services/spreadsheet"
	"parley/whatsapp"
)

// sheet is a file that is written row by row.
type sheet interface {
	row(cells []string) error
	close() error
}

type csvSheet struct{ w *spreadsheet.Writer }

func (s *csvSheet) row(cells []string) error { return s.w.Row(cells...) }

func (s *csvSheet) close() error { return s.w.Close() }

// xlsxSheet stores all cells as text, which spreadsheet programs don't run.
type xlsxSheet struct {
	to io.Writer
	f  *excelize.File
	w  *excelize.StreamWriter
	n  int
}

func (s *xlsxSheet) row(cells []string) error {
	s.n++
	cell, err := excelize.CoordinatesToCellName(1, s.n)
	if err != nil {
		return err
	}
	out := make([]any, len(cells))
	for i, c := range cells {
		out[i] = c
	}
	return s.w.SetRow(cell, out)
}

func (s *xlsxSheet) close() error {
	if err := s.w.Flush(); err != nil {
		return err
	}
	if err := s.f.Write(s.to); err != nil {
		return err
	}
	return s.f.Close()
}

// newSheet begins a file of the format csv or xlsx. The CSV begins with a byte order mark: without it Excel assumes
// another encoding.
func newSheet(w io.Writer, format string) (sheet, error) {
	if format != "xlsx" {
		if _, err := io.WriteString(w, "\ufeff"); err != nil {
			return nil, err
		}
		return &csvSheet{spreadsheet.NewWriter(w)}, nil
	}
	f := excelize.NewFile()
	sw, err := f.NewStreamWriter("Sheet1")
	if err != nil {
		return nil, err
	}
	return &xlsxSheet{to: w, f: f, w: sw}, nil
}

// MaxXLSX is the most rows that a sheet of Excel holds, the heading left out.
const MaxXLSX = 1_048_575

// ExportRequest selects the contacts for a file: those with the public ids, or all that match the filter.
type ExportRequest struct {
	Format string // csv or xlsx
	Filter segments.ContactFilter
	IDs    []string
	Masked bool // hide numbers
}

// Export writes contacts to w.
func (s *Service) Export(ctx context.Context, w io.Writer, r ExportRequest) error {
	tags, err := people.Read(s.store).Tags(ctx)
	if err != nil {
		return err
	}
	names := map[int64]string{}
	for _, t := range tags {
		names[t.ID] = t.Name
	}
	fields, err := people.Read(s.store).ContactFields(ctx)
	if err != nil {
		return err
	}
	out, err := newSheet(w, r.Format)
	if err != nil {
		return err
	}
	head := []string{
		"phone",
		"name",
		"whatsapp_name",
		"language",
		"country",
		"time_zone",
		"consent",
		"consent_at",
		"tags",
		"last_seen",
		"added",
	}
	for _, d := range fields {
		head = append(head, d.Label)
	}
	if err := out.row(head); err != nil {
		return err
	}
	write := func(rows []people.Contact) error {
		if r.Masked {
			if err := s.knowNumbers(ctx, rows); err != nil {
				return err
			}
		}
		for i := range rows {
			if err := out.row(exportRow(&rows[i], names, fields, r.Masked)); err != nil {
				return err
			}
		}
		return nil
	}
	if len(r.IDs) > 0 {
		rows, err := people.Read(s.store).ContactsNotIn(ctx, r.IDs, nil)
		if err != nil {
			return err
		}
		if err := write(rows); err != nil {
			return err
		}
	} else if err := segments.Read(s.store).EachContact(ctx, r.Filter, 5000, write); err != nil {
		return err
	}
	return out.close()
}

// knowNumbers reads all numbers of some contacts.
func (s *Service) knowNumbers(ctx context.Context, rows []people.Contact) error {
	ids := make([]int64, len(rows))
	for i := range rows {
		ids[i] = rows[i].ID
	}
	all, err := people.Read(s.store).NumbersOf(ctx, ids)
	for i := range rows {
		rows[i].Numbers = all[rows[i].ID]
	}
	return err
}

func exportRow(c *people.Contact, tags map[int64]string, fields []people.ContactField, masked bool) []string {
	phone, own := "", func(text string) string { return text }
	if c.Phone != nil {
		phone = *c.Phone
	}
	name, profile := c.Name, c.ProfileName
	if masked {
		phone = whatsapp.MaskPhone(phone)
		name, profile = whatsapp.MaskName(name, c.Numbers), whatsapp.MaskName(profile, c.Numbers)
		own = func(text string) string { return whatsapp.HideNumbers(text, c.Numbers) }
	}
	var have []string
	for _, id := range c.Tags {
		have = append(have, tags[id])
	}
	row := []string{
		phone,
		name,
		profile,
		c.Language,
		c.Country,
		c.TimeZone,
		consentCell(c),
		stamp(c.ConsentAt),
		strings.Join(have, ", "),
		stamp(c.LastSeenAt),
		stamp(&c.CreatedAt),
	}
	for i := range fields {
		row = append(row, own(fields[i].Show(c.Fields[fields[i].Key])))
	}
	return row
}

// consentCell is a contact's consent. An opt-in to the Sandbox alone must not be imported again as one to all senders.
func consentCell(c *people.Contact) string {
	if c.ShownConsent() == whatsapp.SandboxOnly {
		return "opted_in_sandbox"
	}
	return string(c.Consent)
}

func stamp(t *time.Time) string {
	if t == nil {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}
