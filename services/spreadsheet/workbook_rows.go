package spreadsheet

import (
	"errors"
	"io"
	"math"
	"regexp"
	"strconv"

	"github.com/xuri/excelize/v2"

	"parley/models"
)

type workbookRows struct {
	file File
	book *excelize.File
	rows *excelize.Rows
	line int64
	// how a workbook shows its cells, not how it stores them
	shown bool
}

// openWorkbookRows reads the first sheet. Large parts of a workbook are unpacked into temporary files, not into memory.
func openWorkbookRows(f File, shown bool) (Rows, error) {
	size, err := f.Seek(0, io.SeekEnd)
	if err != nil {
		return nil, errors.Join(err, closed(f))
	}
	book, err := OpenWorkbook(f, size)
	if err != nil {
		_ = closed(f)
		return nil, err
	}
	sheets := book.GetSheetList()
	if len(sheets) == 0 {
		_, _ = book.Close(), closed(f)
		return nil, models.Invalid("file", "workbook.no_sheet")
	}
	r, err := book.Rows(sheets[0])
	if err != nil {
		_, _ = book.Close(), closed(f)
		return nil, models.Invalid("file", "workbook.unreadable")
	}
	return &workbookRows{
		file:  f,
		book:  book,
		rows:  r,
		shown: shown,
	}, nil
}

func (x *workbookRows) Next() (int64, []string, error) {
	for x.rows.Next() {
		x.line++
		cells, err := x.rows.Columns(excelize.Options{RawCellValue: !x.shown})
		if err != nil {
			return 0, nil, err
		}
		cells = cells[:min(len(cells), maxColumns)]
		if blank(cells) {
			continue
		}
		for i, c := range cells {
			if !x.shown {
				cells[i] = allDigits(c)
			}
		}
		return x.line, cells, nil
	}
	if err := x.rows.Error(); err != nil {
		return 0, nil, err
	}
	return 0, nil, io.EOF
}

// powerOfTen is how a workbook may store a whole number: 4.915112350112E12, with all its digits.
var powerOfTen = regexp.MustCompile(`^[1-9](\.[0-9]{9,14})?E\+?[0-9]{1,2}$`)

// allDigits writes a whole number with all its digits. A workbook keeps 15 of them, whatever its cell shows; a text
// that was rounded before it came into the workbook has fewer, and stays as it is.
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

func (x *workbookRows) Offset() int64 { return -1 }

func (x *workbookRows) Close() error {
	return errors.Join(x.rows.Close(), x.book.Close(), closed(x.file))
}
