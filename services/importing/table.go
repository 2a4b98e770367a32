package importing

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"parley/models"
)

// Table is a small file read as a whole: its columns' titles, and its rows. Phone is the column with the numbers.
type Table struct {
	Titles []string
	Rows   [][]string
	Phone  int
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
		return nil, models.Invalid("file", "The file is too large.")
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	i := &models.Import{Name: name}
	if err := sniff(f, i); err != nil {
		return nil, err
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	list := openCSV(f, i.Options)
	if i.Format == "xlsx" {
		if list, err = openXLSX(f); err != nil {
			return nil, err
		}
	}
	t := &Table{}
	for {
		_, cells, err := list.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, models.Invalid("file", readable(err))
		}
		if len(t.Rows) > most {
			return nil, models.Invalid("file", fmt.Sprintf("The list has more than %d rows: split it, or import the contacts and use tags.", most))
		}
		row := make([]string, len(cells))
		for k, c := range cells {
			row[k] = cut(clean(c), 1000)
		}
		t.Rows = append(t.Rows, row)
	}
	return t, t.understand()
}

// understand finds the titles and the column with the numbers.
func (t *Table) understand() error {
	if len(t.Rows) == 0 {
		return models.Invalid("file", "The list is empty.")
	}
	head := t.Rows[:min(len(t.Rows), 50)]
	width := 0
	for _, r := range head {
		width = max(width, len(r))
	}
	titled := true
	for _, c := range head[0] {
		if looksLikePhone(c) {
			titled = false
		}
	}
	t.Titles = make([]string, width)
	if titled {
		copy(t.Titles, t.Rows[0])
		t.Rows, head = t.Rows[1:], head[1:]
	}
	if t.Phone = phoneColumn(head, width, make([]string, width)); t.Phone < 0 {
		if len(t.Rows) == 0 || width > 1 {
			return models.Invalid("file", "No column holds phone numbers: write them in international form, for example +49 151 23456789.")
		}
		t.Phone = 0
	}
	seen := map[string]bool{}
	for k := range t.Titles {
		if t.Titles[k] == "" || seen[t.Titles[k]] {
			t.Titles[k] = fmt.Sprintf("Column %d", k+1)
		}
		seen[t.Titles[k]] = true
	}
	return nil
}
