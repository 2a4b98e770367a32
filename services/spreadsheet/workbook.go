package spreadsheet

import (
	"archive/zip"
	"io"
	"strings"

	"github.com/xuri/excelize/v2"

	"parley/models"
)

// Bounds of a workbook, in bytes unpacked. Sheets and their texts are unpacked into temporary files where they are
// larger than smallPart; everything else is kept in memory, and parts other than embedded files are parsed as a whole.
const (
	maxUnpacked = 1 << 30
	smallPart   = 8 << 20
	maxInMemory = 64 << 20
	maxParsed   = 8 << 20
	maxParts    = 5000
	// Sheets shrink to a tenth or a twentieth. What shrinks to less than a hundredth was made to fill a disk or memory.
	maxRatio   = 100
	ratioAbove = 16 << 20
)

var (
	errNoWorkbook = models.Invalid("file", "workbook.unopenable")
	errTooBig     = models.Invalid("file", "workbook.too_large")
)

// OpenWorkbook opens an XLSX file of size bytes to be read row by row. It refuses the field file where it is damaged,
// or too large when it is unpacked.
func OpenWorkbook(r io.ReaderAt, size int64) (*excelize.File, error) {
	if err := checkWorkbook(r, size); err != nil {
		return nil, err
	}
	book, err := excelize.OpenReader(io.NewSectionReader(r, 0, size), excelize.Options{
		UnzipXMLSizeLimit: smallPart,
		UnzipSizeLimit:    maxUnpacked,
		RawCellValue:      true,
	})
	if err != nil {
		return nil, errNoWorkbook
	}
	return book, nil
}

// checkWorkbook adds up what a workbook says of its parts before any of it is unpacked. A part that is larger than it
// says is refused when it is read (archive/zip compares).
func checkWorkbook(r io.ReaderAt, size int64) error {
	book, err := zip.NewReader(r, size)
	if err != nil {
		return errNoWorkbook
	}
	if len(book.File) > maxParts {
		return errTooBig
	}
	var all, inMemory, parsed uint64
	for _, part := range book.File {
		n, packed := part.UncompressedSize64, max(part.CompressedSize64, 1)
		if n > maxUnpacked || n > ratioAbove && n/packed > maxRatio {
			return errTooBig
		}
		all += n
		if n <= smallPart || !streamed(part.Name) {
			inMemory += n
		}
		if !streamed(part.Name) && !inert(part.Name) {
			parsed += n
		}
	}
	if all > maxUnpacked || inMemory > maxInMemory || parsed > maxParsed {
		return errTooBig
	}
	return nil
}

// streamed reports whether a part is read row by row.
func streamed(name string) bool {
	name = strings.ToLower(strings.ReplaceAll(name, "\\", "/"))
	return name == "xl/sharedstrings.xml" || strings.HasPrefix(name, "xl/worksheets/sheet")
}

// inert reports whether a part is a file embedded in the workbook, which is never read.
func inert(name string) bool {
	name = strings.ToLower(strings.ReplaceAll(name, "\\", "/"))
	return strings.HasPrefix(name, "xl/media/") || strings.HasPrefix(name, "xl/embeddings/") ||
		strings.HasSuffix(name, ".bin")
}
