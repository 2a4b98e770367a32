package approvals

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/charmap"

	"parley/models"
	"parley/services/spreadsheet"
	"parley/whatsapp"
)

// MaxSheetRows is how many drafts one sheet makes at once.
const MaxSheetRows = 500

// SheetColumns are the columns of a sheet of drafts. More may follow: "sample Name" is the sample of {{Name}}.
var SheetColumns = []string{"name", "category", "language", "text", "header", "footer", "button 1", "button 2", "button 3"}

// SheetRow is what came of one line of a sheet.
type SheetRow struct {
	Line    int
	Text    Text
	Problem string // why there is no draft of it, empty if there is one
	ID      string // the draft's public id
}

// ReadSheet reads drafts from a CSV, a TSV or an XLSX file. The first line names the columns; a line with
// the name of one before it is another language of the same template.
func ReadSheet(b []byte) ([]SheetRow, error) {
	lines, err := sheetLines(b)
	if err != nil {
		return nil, models.Invalid("sheet", "This is no sheet that can be read: paste or upload CSV, TSV or XLSX. ("+err.Error()+")")
	}
	if len(lines) < 2 {
		return nil, models.Invalid("sheet", "The sheet needs a first line with the columns' names, and a line for each template.")
	}
	if len(lines) > MaxSheetRows+1 {
		return nil, models.Invalid("sheet", "The sheet has "+strconv.Itoa(len(lines)-1)+" lines; "+strconv.Itoa(MaxSheetRows)+" go at once.")
	}
	at := map[string]int{}
	for i, h := range lines[0] {
		at[strings.Join(strings.Fields(strings.ToLower(strings.ReplaceAll(h, "_", " "))), " ")] = i
	}
	for _, need := range []string{"name", "text"} {
		if _, ok := at[need]; !ok {
			return nil, models.Invalid("sheet", "The first line must name the columns: "+strings.Join(SheetColumns, ", ")+". There is no column “"+need+"”.")
		}
	}
	var out []SheetRow
	for i, line := range lines[1:] {
		get := func(col string) string {
			if j, ok := at[col]; ok && j < len(line) {
				return strings.TrimSpace(line[j])
			}
			return ""
		}
		if strings.TrimSpace(strings.Join(line, "")) == "" {
			continue
		}
		row := SheetRow{Line: i + 2, Text: rowText(get)}
		for h, j := range at {
			if n, ok := strings.CutPrefix(h, "sample "); ok && j < len(line) {
				for _, name := range row.Text.Content.Names() {
					if strings.EqualFold(name, n) {
						row.Text.Samples[name] = strings.TrimSpace(line[j])
					}
				}
			}
		}
		if _, err := row.Text.checked(); err != nil {
			row.Problem = firstMessage(err)
		}
		out = append(out, row)
	}
	return out, nil
}

func rowText(get func(string) string) Text {
	in := Text{Name: whatsapp.TemplateName(get("name")), Category: strings.ToUpper(get("category")), Language: strings.ReplaceAll(get("language"), "-", "_"), Samples: map[string]string{}}
	if in.Category == "" {
		in.Category = "UTILITY"
	}
	if in.Language == "" {
		in.Language = "en"
	}
	c := &in.Content
	c.Type, c.Body, c.Header, c.Footer = whatsapp.TypeText, strings.ReplaceAll(get("text"), `\n`, "\n"), get("header"), get("footer")
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

// workbookLines reads the first sheet of a workbook, up to a line more than may be.
func workbookLines(b []byte) (out [][]string, err error) {
	book, err := spreadsheet.OpenWorkbook(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		return nil, err
	}
	defer book.Close() //nolint:errcheck // only read
	rows, err := book.Rows(book.GetSheetName(0))
	if err != nil {
		return nil, err
	}
	defer rows.Close() //nolint:errcheck // only read
	for rows.Next() && len(out) < MaxSheetRows+2 {
		cells, err := rows.Columns(excelize.Options{})
		if err != nil {
			return nil, err
		}
		out = append(out, slices.Clone(cells[:min(len(cells), maxSheetColumns)]))
	}
	return out, rows.Error()
}

// maxSheetColumns is how many columns of a sheet are looked at.
const maxSheetColumns = 100

func sheetLines(b []byte) ([][]string, error) {
	if bytes.HasPrefix(b, []byte("PK\x03\x04")) {
		return workbookLines(b)
	}
	b = bytes.TrimPrefix(b, []byte("\xef\xbb\xbf"))
	if !utf8.Valid(b) { // spreadsheets on Windows
		decoded, err := charmap.Windows1252.NewDecoder().Bytes(b)
		if err != nil {
			return nil, err
		}
		b = decoded
	}
	head, _, _ := bytes.Cut(b, []byte("\n"))
	r := csv.NewReader(bytes.NewReader(b))
	r.FieldsPerRecord, r.LazyQuotes = -1, true
	for _, sep := range []rune{'\t', ';'} {
		if bytes.ContainsRune(head, sep) {
			r.Comma = sep
			break
		}
	}
	var out [][]string
	for {
		line, err := r.Read()
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return nil, err
		}
		if out = append(out, line); len(out) > MaxSheetRows+1 {
			return out, nil
		}
	}
}

// CreateSheet makes a draft of every line that can be one.
func (s *Service) CreateSheet(ctx context.Context, a models.Actor, rows []SheetRow) ([]SheetRow, error) {
	first := map[string]*models.TemplateVersion{}
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

func (s *Service) createRow(ctx context.Context, a models.Actor, in Text, first *models.TemplateVersion) (*models.TemplateVersion, error) {
	if first == nil || in.Name == "" {
		return s.Create(ctx, a, in)
	}
	v := &models.TemplateVersion{Language: in.Language}
	checked, err := in.checked()
	if err != nil {
		return nil, err
	}
	checked.into(v)
	return v, s.store.InTx(ctx, func(tx *models.Tx) error {
		t, err := tx.TemplateForUpdate(first.Template.PublicID)
		if err != nil {
			return err
		}
		if slices.ContainsFunc(t.Versions, func(o models.TemplateVersion) bool { return o.Language == in.Language }) {
			return models.Conflict("There is a line with this name and language already.")
		}
		return tx.AddVersion(a, t, v)
	})
}
