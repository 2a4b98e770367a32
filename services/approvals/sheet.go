package approvals

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"parley/models"
	"parley/models/templates"
	"parley/services/spreadsheet"
	"parley/whatsapp"
)

// MaxSheetRows is how many drafts one sheet makes at once.
const MaxSheetRows = 500

// SheetColumns are the columns of a sheet of drafts. More may follow: "sample Name" is the sample of {{Name}}.
var SheetColumns = []string{
	"name",
	"category",
	"language",
	"text",
	"header",
	"footer",
	"button 1",
	"button 2",
	"button 3",
}

// SheetRow is the result of one line of a sheet.
type SheetRow struct {
	Line    int
	Text    Text
	Problem string // why there is no draft of it, empty if there is one
	ID      string // the draft's public id
}

// ReadSheet reads drafts from a CSV, a TSV or an XLSX file. The first line names the columns; a line with
// the name of one before it is another language of the same template. Refusals name sheet.
func ReadSheet(b []byte) ([]SheetRow, error) {
	head, lines, err := sheetLines(b)
	if err != nil {
		return nil, err
	}
	at := map[string]int{}
	for i, h := range head {
		at[strings.Join(strings.Fields(strings.ToLower(strings.ReplaceAll(h, "_", " "))), " ")] = i
	}
	for _, need := range []string{"name", "text"} {
		if _, ok := at[need]; !ok {
			return nil, models.Invalid(
				"sheet", "sheet.column_missing",
				"Columns", strings.Join(SheetColumns, ", "),
				"Column", need,
			)
		}
	}
	out := make([]SheetRow, 0, len(lines))
	for _, l := range lines {
		out = append(out, sheetRow(at, l))
	}
	return out, nil
}

// sheetLines are the titles and the lines below them that are not empty.
func sheetLines(b []byte) (head []string, lines []spreadsheet.Row, err error) {
	refuse := func(code string, args ...any) error { return models.Invalid("sheet", code, args...) }
	if len(bytes.TrimSpace(b)) == 0 {
		return nil, nil, refuse("sheet.empty")
	}
	f := bytes.NewReader(b)
	layout, err := spreadsheet.Detect(f, "")
	if err != nil {
		return nil, nil, ofSheet(err)
	}
	layout.Shown = true
	rows, err := spreadsheet.Open(f, layout)
	if err != nil {
		return nil, nil, ofSheet(err)
	}
	defer rows.Close()                                    //nolint:errcheck // only read
	all, err := spreadsheet.ReadAll(rows, MaxSheetRows+1) // with the titles
	switch {
	case errors.Is(err, spreadsheet.ErrTooManyRows):
		return nil, nil, refuse("sheet.too_many_lines", "Count", MaxSheetRows)
	case err != nil:
		return nil, nil, refuse("sheet.unreadable", "Reason", spreadsheet.Reason(err))
	case len(all) < 2:
		return nil, nil, refuse("sheet.empty")
	}
	return all[0].Cells, all[1:], nil
}

// ofSheet is a refusal of a file with the form's field name, sheet.
func ofSheet(err error) error {
	if e, ok := errors.AsType[*models.Error](err); ok {
		return models.InvalidBecause("sheet", e)
	}
	return fmt.Errorf("read sheet: %w", err)
}

// sheetRow reads a line by the columns that its sheet names.
func sheetRow(at map[string]int, line spreadsheet.Row) SheetRow {
	get := func(col string) string {
		if j, ok := at[col]; ok && j < len(line.Cells) {
			return strings.TrimSpace(line.Cells[j])
		}
		return ""
	}
	row := SheetRow{Line: int(line.Line), Text: rowText(get)}
	for h := range at {
		n, ok := strings.CutPrefix(h, "sample ")
		if !ok {
			continue
		}
		for _, name := range row.Text.Content.Names() {
			if v := get(h); v != "" && strings.EqualFold(name, n) {
				row.Text.Samples[name] = v
			}
		}
	}
	if _, err := row.Text.checked(); err != nil {
		row.Problem = firstMessage(err)
	}
	return row
}

func rowText(get func(string) string) Text {
	in := Text{
		Name:     whatsapp.TemplateName(get("name")),
		Category: whatsapp.Category(strings.ToUpper(get("category"))),
		Language: strings.ReplaceAll(get("language"), "-", "_"),
		Samples:  map[string]string{},
	}
	if in.Category == "" {
		in.Category = whatsapp.Utility
	}
	if in.Language == "" {
		in.Language = "en"
	}
	c := &in.Content
	c.Type, c.Body = whatsapp.TypeText, strings.ReplaceAll(get("text"), `\n`, "\n")
	c.Header, c.Footer = get("header"), get("footer")
	for i := 1; i <= whatsapp.MaxQuickReplies; i++ {
		if b := get("button " + strconv.Itoa(i)); b != "" {
			c.Actions = append(c.Actions, whatsapp.Action{Type: whatsapp.ActionReply, Title: b})
		}
	}
	switch {
	case c.Header != "" || c.Footer != "":
		c.Type = whatsapp.TypeCard
	case len(c.Actions) > 0:
		c.Type = whatsapp.TypeQuickReply
	}
	return in
}

func firstMessage(err error) string {
	for _, e := range unjoin(err) {
		return wordsOf(e)
	}
	return ""
}

func unjoin(err error) []error {
	if many, ok := err.(interface{ Unwrap() []error }); ok {
		return many.Unwrap()
	}
	return []error{err}
}

// CreateSheet makes a draft of every line that can be one.
func (s *Service) CreateSheet(ctx context.Context, a models.Actor, rows []SheetRow) ([]SheetRow, error) {
	first := map[string]*templates.TemplateVersion{}
	for i := range rows {
		r := &rows[i]
		if r.Problem != "" {
			continue
		}
		v, err := s.createRow(ctx, a, r.Text, first[r.Text.Name])
		switch {
		case models.KindOf(err) != "":
			r.Problem = wordsOf(err)
			continue
		case err != nil:
			return rows, fmt.Errorf("line %d: %w", r.Line, err)
		}
		r.ID = v.PublicID
		if first[r.Text.Name] == nil {
			first[r.Text.Name] = v
		}
	}
	return rows, nil
}

func (s *Service) createRow(
	ctx context.Context,
	a models.Actor,
	in Text,
	first *templates.TemplateVersion,
) (*templates.TemplateVersion, error) {
	if first == nil || in.Name == "" {
		return s.Create(ctx, a, in)
	}
	v := &templates.TemplateVersion{Language: in.Language}
	checked, err := in.checked()
	if err != nil {
		return nil, err
	}
	checked.into(v)
	return v, s.store.InTx(ctx, func(tx *models.Tx) error {
		t, err := templates.TemplateForUpdate(tx, first.Template.PublicID)
		if err != nil {
			return err
		}
		if slices.ContainsFunc(t.Versions, func(o templates.TemplateVersion) bool { return o.Language == in.Language }) {
			return models.Conflict("sheet.same_line_twice")
		}
		return templates.AddVersion(tx, a, t, v)
	})
}
