package spreadsheet

import (
	"bufio"
	"encoding/csv"
	"errors"
	"io"
	"slices"
	"strings"

	"parley/models"
)

// maxRow is how long one row may be, in bytes: a quote that is never closed would take in the rest of the file.
const maxRow = 1 << 20

// maxColumns is how many columns are read.
const maxColumns = 100

var errRowTooLong = errors.New("row too long")

// File is what rows are read from, such as an *os.File or a *bytes.Reader.
type File interface {
	io.ReadSeeker
	io.ReaderAt
}

// Rows is a file that is read row by row.
type Rows interface {
	// Next returns the next row that is not empty and its line in the file, io.EOF after the last. cells are
	// valid until the next call.
	Next() (line int64, cells []string, err error)
	// Offset is how far the file was read, in bytes, -1 where that is not known.
	Offset() int64
	// Close removes what was unpacked, and closes the file where it can be closed.
	io.Closer
}

// Row is a row with its line in the file.
type Row struct {
	Line  int64
	Cells []string
}

// ErrTooManyRows says that a file has more rows than ReadAll may read.
var ErrTooManyRows = errors.New("too many rows")

// ReadAll reads the rows that are left, at most most (ErrTooManyRows beyond). Reason says what any other error means.
func ReadAll(rows Rows, most int) ([]Row, error) {
	var all []Row
	for {
		line, cells, err := rows.Next()
		switch {
		case errors.Is(err, io.EOF):
			return all, nil
		case err != nil:
			return nil, err
		case len(all) == most:
			return nil, ErrTooManyRows
		}
		all = append(all, Row{line, slices.Clone(cells)})
	}
}

// Open reads a file from its beginning. If it fails, the file is closed.
func Open(f File, l Layout) (Rows, error) {
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return nil, errors.Join(err, closed(f))
	}
	if l.Format == "xlsx" {
		return openWorkbookRows(f, l.Shown)
	}
	return openCSV(f, l), nil
}

func closed(f File) error {
	if c, ok := f.(io.Closer); ok {
		return c.Close()
	}
	return nil
}

// Reason is why a row could not be read (field file): its words are the end of a sentence.
func Reason(err error) *models.Error {
	if pe, ok := errors.AsType[*csv.ParseError](err); ok {
		return &models.Error{
			Kind:  models.KindInvalid,
			Field: "file",
			Code:  "row.not_csv",
			Args:  models.Args{"Line": pe.Line},
		}
	}
	if errors.Is(err, errRowTooLong) {
		return &models.Error{Kind: models.KindInvalid, Field: "file", Code: "row.too_long"}
	}
	return &models.Error{Kind: models.KindInvalid, Field: "file", Code: "row.damaged"}
}

type csvRows struct {
	file  File
	guard *rowGuard
	r     *csv.Reader
}

func openCSV(f File, l Layout) Rows {
	guard := &rowGuard{r: decoded(bufio.NewReaderSize(f, 256<<10), l.Encoding)}
	r := newCSVReader(guard, l.Separator)
	r.ReuseRecord = true
	return &csvRows{f, guard, r}
}

// newCSVReader reads what programs write: rows of different lengths, and quotes in the middle of a cell. separator is
// one character, a comma if it is empty.
func newCSVReader(r io.Reader, separator string) *csv.Reader {
	c := csv.NewReader(r)
	c.LazyQuotes, c.FieldsPerRecord = true, -1
	if separator != "" {
		c.Comma = rune(separator[0])
	}
	return c
}

func (c *csvRows) Next() (int64, []string, error) {
	for {
		c.guard.left = maxRow
		rec, err := c.r.Read()
		if err != nil {
			if c.guard.over {
				return 0, nil, errRowTooLong
			}
			return 0, nil, err
		}
		line, _ := c.r.FieldPos(0)
		if rec = rec[:min(len(rec), maxColumns)]; !blank(rec) {
			return int64(line), rec, nil
		}
	}
}

func (c *csvRows) Offset() int64 { return c.r.InputOffset() }

func (c *csvRows) Close() error { return closed(c.file) }

// rowGuard cuts off a row that is longer than maxRow.
type rowGuard struct {
	r    io.Reader
	left int
	over bool
}

func (g *rowGuard) Read(p []byte) (int, error) {
	if g.left <= 0 {
		g.over = true
		return 0, errRowTooLong
	}
	n, err := g.r.Read(p)
	g.left -= n
	return n, err
}

// blank reports a row that is only formatted, or has spaces only.
func blank(cells []string) bool {
	for _, c := range cells {
		if strings.TrimSpace(c) != "" {
			return false
		}
	}
	return true
}
