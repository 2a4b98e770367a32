package importing

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"unicode"

	"parley/models/people/imports"

	"parley/models"
	"parley/services/spreadsheet"
	"parley/whatsapp/phone"
	"parley/whatsapp/plaintext"
)

// Table is a small file read as a whole: its columns' titles, and its rows. Phone is the column with the numbers, -1
// while it is unknown; Sure reports that its title says so, or that it is the only column. See Choose.
type Table struct {
	Titles []string
	Rows   []imports.TableRow
	Header bool // the first line is the titles
	Phone  int
	Sure   bool
	all    []imports.TableRow
}

// ReadTable reads a CSV file, an Excel workbook, or lines that somebody pasted, at most most rows. Refusals name file.
func ReadTable(_ context.Context, name string, r io.Reader, most int) (*Table, error) {
	f, err := os.CreateTemp("", "parley-list-")
	if err != nil {
		return nil, fmt.Errorf("read table: %w", err)
	}
	defer func() { _, _ = f.Close(), os.Remove(f.Name()) }()
	if n, err := io.Copy(f, io.LimitReader(r, MaxFile+1)); err != nil {
		return nil, fmt.Errorf("read table: %w", err)
	} else if n > MaxFile {
		return nil, models.Invalid("file", "table.too_large")
	}
	layout, err := spreadsheet.Detect(f, name)
	if err != nil {
		return nil, err
	}
	list, err := spreadsheet.Open(f, layout)
	if err != nil {
		return nil, err
	}
	defer list.Close()                             //nolint:errcheck // it was only read
	rows, err := spreadsheet.ReadAll(list, most+1) // with the titles
	switch {
	case errors.Is(err, spreadsheet.ErrTooManyRows):
		return nil, models.Invalid("file", "table.too_many_rows", "Count", most)
	case err != nil:
		return nil, spreadsheet.Reason(err)
	case len(rows) == 0:
		return nil, models.Invalid("file", "table.empty")
	}
	t := &Table{}
	for _, r := range rows {
		for k, c := range r.Cells {
			r.Cells[k] = plaintext.Cut(clean(c), 1000)
		}
		t.all = append(t.all, imports.TableRow(r))
	}
	t.guess()
	return t, nil
}

// guess finds the titles and the column with the numbers. Titles decide; the cells only give a hint that a user has to
// confirm.
func (t *Table) guess() {
	head := make([][]string, 0, 50)
	width := 0
	for _, r := range t.all[:min(len(t.all), 50)] {
		head, width = append(head, r.Cells), max(width, len(r.Cells))
	}
	column, sure := titledPhone(head[0])
	header := column >= 0
	if slices.ContainsFunc(head[0], phone.Looks) { // a row of people, not of titles
		column, sure, header = -1, false, false
	} else if column < 0 {
		header = len(head) > 1 && !slices.ContainsFunc(head[0], manyDigits)
	}
	if column < 0 {
		body := head
		if header {
			body = head[1:]
		}
		column = phoneColumn(body, width, make([]string, width))
	}
	if width == 1 {
		column, sure = 0, true
	}
	t.Choose(column, header)
	if sure && width > 1 { // "Number" may be the title of order numbers
		hits, filled := likePhones(cellsOf(t.Rows[:min(len(t.Rows), 50)]), column)
		sure = hits*2 > filled
	}
	t.Sure = sure
}

// manyDigits reports a cell that is not a title: a date, or a number that can't be read.
func manyDigits(cell string) bool {
	n := 0
	for _, r := range cell {
		if unicode.IsDigit(r) {
			n++
		}
	}
	return n >= 7
}

func cellsOf(rows []imports.TableRow) [][]string {
	out := make([][]string, len(rows))
	for i, r := range rows {
		out[i] = r.Cells
	}
	return out
}

// Choose sets which column has the numbers, -1 for none, and whether the first line is the titles.
func (t *Table) Choose(column int, header bool) {
	width := 0
	for _, r := range t.all[:min(len(t.all), 50)] {
		width = max(width, len(r.Cells))
	}
	t.Titles, t.Rows, t.Header, t.Phone, t.Sure = make([]string, width), t.all, header, column, true
	if column >= width {
		t.Phone = -1
	}
	if header {
		copy(t.Titles, t.all[0].Cells)
		t.Rows = t.all[1:]
	}
	seen := map[string]bool{}
	for k := range t.Titles {
		if t.Titles[k] == "" || seen[t.Titles[k]] {
			t.Titles[k] = fmt.Sprintf("Column %d", k+1)
		}
		seen[t.Titles[k]] = true
	}
}
