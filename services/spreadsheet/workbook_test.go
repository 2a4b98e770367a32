package spreadsheet

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"fmt"
	"hash/crc32"
	"io"
	"runtime"
	"strings"
	"testing"
)

// workbook packs parts of the given sizes.
func workbook(t *testing.T, parts map[string]int64) *bytes.Reader {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for name, size := range parts {
		f, err := w.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(f, io.LimitReader(spaces{}, size)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return bytes.NewReader(b.Bytes())
}

type spaces struct{}

func (spaces) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = ' '
	}
	return len(p), nil
}

func manySheets(n int) map[string]int64 {
	out := map[string]int64{}
	for i := range n {
		out[fmt.Sprintf("xl/worksheets/sheet%d.xml", i+1)] = 7 << 20
	}
	return out
}

func TestCheckWorkbook(t *testing.T) {
	for name, c := range map[string]struct {
		parts map[string]int64
		want  error
	}{
		"a small one":                {map[string]int64{"xl/workbook.xml": 900, "xl/worksheets/sheet1.xml": 5000}, nil},
		"a sheet that is a bomb":     {map[string]int64{"xl/worksheets/sheet1.xml": 64 << 20}, errTooBig},
		"a picture that is one":      {map[string]int64{"xl/media/image1.png": 64 << 20}, errTooBig},
		"many parts kept in memory":  {map[string]int64{"xl/a.xml": 12 << 20, "xl/b.xml": 12 << 20, "xl/c.xml": 12 << 20}, errTooBig},
		"many small sheets":          {manySheets(20), errTooBig},
		"a few":                      {manySheets(5), nil},
		"styles that are one":        {map[string]int64{"xl/styles.xml": 12 << 20}, errTooBig},
		"pictures of a usual size":   {map[string]int64{"xl/media/image1.png": 15 << 20, "xl/media/image2.png": 15 << 20}, nil},
		"a sheet under another name": {map[string]int64{"xl/worksheets/foo.xml": 15 << 20, "xl/worksheets/bar.xml": 15 << 20, "xl/x.xml": 3 << 20}, errTooBig},
	} {
		r := workbook(t, c.parts)
		if got := checkWorkbook(r, r.Size()); got != c.want { //nolint:errorlint // the very one
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
	junk := strings.NewReader("PK\x03\x04 no workbook")
	if got := checkWorkbook(junk, junk.Size()); got != errNoWorkbook { //nolint:errorlint // the very one
		t.Errorf("junk: %v", got)
	}
}

// allocated is how many bytes fn allocates on the heap in total, including freed ones.
func allocated(fn func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	fn()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// bomb is a workbook whose sheet declares one size and has another.
func bomb(t *testing.T, declared, actual int64) *bytes.Reader {
	t.Helper()
	var packed, book bytes.Buffer
	sum := crc32.NewIEEE()
	d, err := flate.NewWriter(&packed, flate.BestSpeed)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(io.MultiWriter(d, sum), io.LimitReader(spaces{}, actual)); err != nil {
		t.Fatal(err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	w := zip.NewWriter(&book)
	f, err := w.CreateRaw(&zip.FileHeader{
		Name:               "xl/worksheets/sheet1.xml",
		Method:             zip.Deflate,
		CRC32:              sum.Sum32(),
		CompressedSize64:   uint64(packed.Len()),
		UncompressedSize64: uint64(declared),
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Write(packed.Bytes()); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return bytes.NewReader(book.Bytes())
}

// A workbook of a megabyte or two can't use gigabytes, whatever sizes it declares.
func TestWorkbookBombs(t *testing.T) {
	for name, c := range map[string]struct{ declared, actual int64 }{
		"it says how large it is":     {1536 << 20, 64 << 20},
		"it says that it is small":    {1 << 10, 64 << 20},
		"it says almost the truth":    {64<<20 - 1, 64 << 20},
		"it says more than it may be": {1<<63 - 1, 1 << 10},
	} {
		r := bomb(t, c.declared, c.actual)
		took := allocated(func() {
			book, err := OpenWorkbook(r, r.Size())
			if err == nil {
				t.Errorf("%s: it is opened", name)
				_ = book.Close()
			}
		})
		if took > 24<<20 {
			t.Errorf("%s: it took %d MB", name, took>>20)
		}
	}
}
