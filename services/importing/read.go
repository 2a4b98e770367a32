package importing

import (
	"bufio"
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"

	"parley/models"
	"parley/services/spreadsheet"
)

// maxRow is how long one row may be, in bytes: a quote that is never closed would take in the rest of the file.
const maxRow = 1 << 20

// maxColumns is how many columns are read.
const maxColumns = 100

var errRowTooLong = errors.New("one row is longer than a megabyte: a quotation mark may not be closed")

// rows is a file that is read row by row.
type rows interface {
	// Next returns the next row that is not empty and its line in the file, io.EOF after the last. cells are
	// valid until the next call.
	Next() (line int64, cells []string, err error)
	// Offset is how far the file was read, in bytes, as far as that is known.
	Offset() int64
	io.Closer
}

// sniff finds out a file's format, encoding and separator.
func sniff(f *os.File, i *models.Import) error {
	head := make([]byte, 64<<10)
	n, err := io.ReadFull(f, head)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
		return err
	}
	head = head[:n]
	lower := strings.ToLower(i.Name)
	refuse := func(text string) error { return models.Invalid("file", text) }
	zip, ole := bytes.HasPrefix(head, []byte("PK\x03\x04")), bytes.HasPrefix(head, []byte("\xd0\xcf\x11\xe0"))
	switch {
	case len(bytes.TrimSpace(head)) == 0:
		return refuse("The file is empty.")
	case ole:
		return refuse("This is a workbook of Excel before 2007. Open it in Excel and save it as .xlsx or .csv.")
	case strings.HasSuffix(lower, ".xlsx") && !zip:
		return refuse("The file is named .xlsx and is no Excel workbook. Save it from Excel again, or give a CSV file its own ending.")
	case zip:
		if !strings.HasSuffix(lower, ".xlsx") {
			return refuse("The file is named " + ending(lower) + " and is a ZIP or an Excel workbook. If it is a workbook, rename it to .xlsx.")
		}
		i.Format = "xlsx"
		return nil
	}
	for _, magic := range []string{"%PDF", "\x89PNG", "\xff\xd8\xff", "GIF8", "\x1f\x8b", "<!DOCTYPE", "<html", "<?xml", "{\\rtf"} {
		if bytes.HasPrefix(bytes.TrimLeft(head, " \r\n\t"), []byte(magic)) {
			return refuse("This is no CSV file and no Excel workbook (.xlsx). Export the contacts as one of these.")
		}
	}
	i.Format = "csv"
	return sniffCSV(f, head, i)
}

func ending(name string) string {
	if i := strings.LastIndexByte(name, '.'); i >= 0 {
		return name[i:]
	}
	return "without an ending"
}

func sniffCSV(f *os.File, head []byte, i *models.Import) error {
	switch {
	case bytes.HasPrefix(head, []byte{0xff, 0xfe}), bytes.HasPrefix(head, []byte{0xfe, 0xff}):
		i.Options.Encoding = "utf-16"
	case bytes.IndexByte(head, 0) >= 0:
		return models.Invalid("file", "This is no text file: it can't be a CSV.")
	default:
		i.Options.Encoding = "utf-8"
		if ok, err := validUTF8(f); err != nil {
			return err
		} else if !ok {
			i.Options.Encoding = "windows-1252" // what Excel writes in most of the world
		}
	}
	text, err := io.ReadAll(io.LimitReader(decoded(bytes.NewReader(head), i.Options.Encoding), 64<<10))
	if err != nil {
		return err
	}
	i.Options.Separator = separator(string(text))
	return nil
}

// validUTF8 reads the whole file through: one bad byte in row 900,000 tells its encoding as well as one in the first.
func validUTF8(f *os.File) (bool, error) {
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return false, err
	}
	buf, kept := make([]byte, 256<<10), 0
	for {
		n, err := f.Read(buf[kept:])
		part := buf[:kept+n]
		for len(part) > 0 {
			r, size := utf8.DecodeRune(part)
			if r == utf8.RuneError && size <= 1 {
				if !utf8.FullRune(part) && err == nil {
					break
				}
				return false, nil
			}
			part = part[size:]
		}
		kept = copy(buf, part)
		if errors.Is(err, io.EOF) {
			return true, nil
		}
		if err != nil {
			return false, err
		}
	}
}

func decoded(r io.Reader, encoding string) io.Reader {
	switch encoding {
	case "utf-16":
		return transform.NewReader(r, unicode.UTF16(unicode.LittleEndian, unicode.ExpectBOM).NewDecoder())
	case "windows-1252":
		return transform.NewReader(r, charmap.Windows1252.NewDecoder())
	}
	return transform.NewReader(r, unicode.UTF8BOM.NewDecoder())
}

// separator is what splits the columns: the character that stands equally often in the first lines.
func separator(text string) string {
	best, score := ",", -1
	for _, sep := range []string{",", ";", "\t", "|"} {
		r := csv.NewReader(strings.NewReader(text))
		r.Comma, r.LazyQuotes, r.FieldsPerRecord = rune(sep[0]), true, -1
		first, same := 0, 0
		for n := range 20 {
			rec, err := r.Read()
			if err != nil {
				break
			}
			if n == 0 {
				first = len(rec)
			}
			if len(rec) == first {
				same++
			}
		}
		if first > 1 && same*100+first > score {
			best, score = sep, same*100+first
		}
	}
	return best
}

func (s *Service) open(ctx context.Context, i *models.Import) (rows, error) {
	f, err := s.files.Local(ctx, i.File)
	if err != nil {
		return nil, err
	}
	if i.Format == "xlsx" {
		return openXLSX(f)
	}
	return openCSV(f, i.Options), nil
}

type csvRows struct {
	file  *os.File
	guard *rowGuard
	r     *csv.Reader
}

func openCSV(f *os.File, o models.ImportOptions) rows {
	guard := &rowGuard{r: decoded(bufio.NewReaderSize(f, 256<<10), o.Encoding)}
	r := csv.NewReader(guard)
	r.LazyQuotes, r.FieldsPerRecord, r.ReuseRecord = true, -1, true
	if o.Separator != "" {
		r.Comma = rune(o.Separator[0])
	}
	return &csvRows{f, guard, r}
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
		if !blank(rec) {
			return int64(line), rec[:min(len(rec), maxColumns)], nil
		}
	}
}

func (c *csvRows) Offset() int64 { return c.r.InputOffset() }

func (c *csvRows) Close() error { return c.file.Close() }

// rowGuard ends a row that never ends.
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

func blank(cells []string) bool {
	for _, c := range cells {
		if strings.TrimSpace(c) != "" {
			return false
		}
	}
	return true
}

type xlsxRows struct {
	file *os.File
	book *excelize.File
	rows *excelize.Rows
	line int64
}

// openXLSX reads the first sheet. Large parts of a workbook are unpacked into temporary files, not into memory.
func openXLSX(f *os.File) (rows, error) {
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	book, err := spreadsheet.OpenWorkbook(f, info.Size())
	if err != nil {
		_ = f.Close()
		return nil, err
	}
	sheets := book.GetSheetList()
	if len(sheets) == 0 {
		_, _ = book.Close(), f.Close()
		return nil, models.Invalid("file", "The workbook has no sheet.")
	}
	r, err := book.Rows(sheets[0])
	if err != nil {
		_, _ = book.Close(), f.Close()
		return nil, models.Invalid("file", "The first sheet of the workbook can't be read.")
	}
	return &xlsxRows{file: f, book: book, rows: r}, nil
}

func (x *xlsxRows) Next() (int64, []string, error) {
	for x.rows.Next() {
		x.line++
		cells, err := x.rows.Columns(excelize.Options{RawCellValue: true})
		if err != nil {
			return 0, nil, err
		}
		for i, c := range cells {
			cells[i] = allDigits(c)
		}
		if !blank(cells) {
			return x.line, cells[:min(len(cells), maxColumns)], nil
		}
	}
	if err := x.rows.Error(); err != nil {
		return 0, nil, err
	}
	return 0, nil, io.EOF
}

// powerOfTen is how a workbook may keep a whole number: 4.915112350112E12, with all its digits.
var powerOfTen = regexp.MustCompile(`^[1-9](\.[0-9]{9,14})?E\+?[0-9]{1,2}$`)

// allDigits writes a whole number with all its digits. A workbook keeps 15 of them, whatever its cell shows; a text that
// was rounded before it came into the workbook has fewer, and stays as it is.
func allDigits(cell string) string {
	if !powerOfTen.MatchString(cell) {
		return cell
	}
	n, err := strconv.ParseFloat(cell, 64)
	if err != nil || n != math.Trunc(n) || n >= 1e15 {
		return cell
	}
	return strconv.FormatFloat(n, 'f', 0, 64)
}

func (x *xlsxRows) Offset() int64 { return -1 }

func (x *xlsxRows) Close() error {
	return errors.Join(x.rows.Close(), x.book.Close(), x.file.Close())
}

// readable is an error of reading as a person understands it.
func readable(err error) string {
	if pe, ok := errors.AsType[*csv.ParseError](err); ok {
		return fmt.Sprintf("line %d is no row of a CSV file.", pe.Line)
	}
	if errors.Is(err, errRowTooLong) {
		return errRowTooLong.Error() + "."
	}
	return "it is damaged."
}
