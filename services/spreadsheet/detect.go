package spreadsheet

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"

	"parley/models"
)

// Layout is how a file stores its rows.
type Layout struct {
	Format    string // csv or xlsx
	Encoding  string // of a CSV file: utf-8, utf-16 or windows-1252
	Separator string // of a CSV file's columns
	Shown     bool   // cells of a workbook are read as it shows them ("12.50"), not as it stores them ("12.5")
}

// Detect finds out a file's layout. Where its name is known, a workbook must be named .xlsx and nothing else may be. A
// file that is neither CSV nor a workbook is refused (field file).
func Detect(f File, name string) (Layout, error) {
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return Layout{}, err
	}
	head := make([]byte, 64<<10)
	n, err := io.ReadFull(f, head)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
		return Layout{}, err
	}
	head = head[:n]
	if err := checkTable(head, strings.ToLower(name)); err != nil {
		return Layout{}, err
	}
	if bytes.HasPrefix(head, zipMagic) {
		return Layout{Format: "xlsx"}, nil
	}
	return detectCSV(f, head)
}

var (
	zipMagic = []byte("PK\x03\x04")
	oleMagic = []byte("\xd0\xcf\x11\xe0")
	others   = []string{"%PDF", "\x89PNG", "\xff\xd8\xff", "GIF8", "\x1f\x8b", "<!DOCTYPE", "<html", "<?xml", "{\\rtf"}
)

// checkTable refuses a file that can't be read as a table, by its beginning and its name in small letters.
func checkTable(head []byte, name string) error {
	zip, named := bytes.HasPrefix(head, zipMagic), strings.HasSuffix(name, ".xlsx")
	switch {
	case len(bytes.TrimSpace(head)) == 0:
		return models.Invalid("file", "table.empty_file")
	case bytes.HasPrefix(head, oleMagic):
		return models.Invalid("file", "table.old_workbook")
	case named && !zip:
		return models.Invalid("file", "table.named_workbook")
	case zip && strings.Contains(name, ".") && !named:
		return models.Invalid("file", "table.workbook_named_otherwise", "Ending", name[strings.LastIndexByte(name, '.'):])
	case zip && name != "" && !named:
		return models.Invalid("file", "table.workbook_without_ending")
	}
	for _, magic := range others {
		if bytes.HasPrefix(bytes.TrimLeft(head, " \r\n\t"), []byte(magic)) {
			return models.Invalid("file", "table.other_file")
		}
	}
	return nil
}

func detectCSV(f File, head []byte) (Layout, error) {
	l := Layout{Format: "csv", Encoding: "utf-8"}
	switch {
	case bytes.HasPrefix(head, []byte{0xff, 0xfe}), bytes.HasPrefix(head, []byte{0xfe, 0xff}):
		l.Encoding = "utf-16"
	case bytes.IndexByte(head, 0) >= 0:
		return l, models.Invalid("file", "table.no_text")
	default:
		if ok, err := validUTF8(f); err != nil {
			return l, err
		} else if !ok {
			l.Encoding = "windows-1252" // what Excel writes in most of the world
		}
	}
	text, err := io.ReadAll(io.LimitReader(decoded(bytes.NewReader(head), l.Encoding), 64<<10))
	if err != nil {
		return l, err
	}
	l.Separator = separator(string(text))
	return l, nil
}

// validUTF8 reads the whole file through: one bad byte in row 900,000 tells its encoding as well as one in the first.
func validUTF8(f File) (bool, error) {
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

// separator is what splits the columns: the character that occurs equally often in the first lines.
func separator(text string) string {
	best, score := ",", -1
	for _, sep := range []string{",", ";", "\t", "|"} {
		r := newCSVReader(strings.NewReader(text), sep)
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
