package approvals

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"parley/models"
)

// formatted is a workbook with rows of templates, and many formatted but empty rows below, as after deleting the
// contents of rows or drawing a border around a column.
func formatted(t *testing.T, rows [][]string, empty int) []byte {
	t.Helper()
	book := excelize.NewFile()
	set := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	for i, row := range rows {
		set(book.SetSheetRow("Sheet1", fmt.Sprint("A", i+1), &row))
	}
	style, err := book.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true}})
	set(err)
	set(book.SetCellStyle("Sheet1", "A1", fmt.Sprint("D", len(rows)+empty), style))
	set(book.SetCellStr("Sheet1", fmt.Sprint("B", len(rows)+2), " "))
	out, err := book.WriteToBuffer()
	set(err)
	return out.Bytes()
}

func TestSheetsEmptyRowsAreNone(t *testing.T) {
	const head = "name\ttext\n"
	one := [][]string{{"name", "text"}, {"visit", "Your visit is tomorrow at nine."}}
	for name, c := range map[string]struct {
		sheet []byte
		lines []int
		want  string // a part of the refusal's message
	}{
		"a workbook":              {formatted(t, one, 2*MaxSheetRows), []int{2}, ""},
		"empty lines first":       {formatted(t, append([][]string{{}, {}}, one...), 2*MaxSheetRows), []int{4}, ""},
		"lines of separators":     {[]byte(head + strings.Repeat("\t\n", 2*MaxSheetRows) + "visit\tAt nine.\n"), []int{2*MaxSheetRows + 2}, ""},
		"a text of two lines":     {[]byte("name,text\na,\"One\ntwo\"\n\nb,Three\n"), []int{2, 5}, ""},
		"Unicode text of Excel's": {utf16(head + "visit\tBis später!\n"), []int{2}, ""},
		"titles alone":            {formatted(t, one[:1], 9), nil, "a line for each template"},
		"nothing at all":          {[]byte("\n\t\n"), nil, "a line for each template"},
		"as many as go":           {[]byte(head + strings.Repeat("a\tb\n", MaxSheetRows) + "\t\n"), nil, ""},
		"one too many":            {[]byte(head + strings.Repeat("a\tb\n", MaxSheetRows+1)), nil, "more than 500"},
		"a picture":               {[]byte("\x89PNG\r\n\x1a\nabc"), nil, "CSV"},
		"a quote left open":       {[]byte(head + "a\t\"b" + strings.Repeat("\tx\n", 1<<19)), nil, "quotation mark"},
	} {
		rows, err := ReadSheet(c.sheet)
		if c.want != "" {
			e, ok := errors.AsType[*models.Error](err)
			if !ok || e.Kind != models.KindInvalid || !strings.Contains(e.Message(), c.want) {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		for i, line := range c.lines {
			if len(rows) != len(c.lines) || rows[i].Line != line {
				t.Errorf("%s: %+v", name, rows)
				break
			}
		}
	}
}

// Values are read as the sheet shows them, because a sample is what a person would write.
func TestSheetReadsWhatItShows(t *testing.T) {
	book := excelize.NewFile()
	price, err := book.NewStyle(&excelize.Style{NumFmt: 2})
	if err != nil {
		t.Fatal(err)
	}
	for cell, v := range map[string]any{
		"A1": "name", "B1": "text", "C1": "sample Price",
		"A2": "price", "B2": "Your order costs {{Price}} euros.", "C2": 12.5,
	} {
		if err := book.SetCellValue("Sheet1", cell, v); err != nil {
			t.Fatal(err)
		}
	}
	if err := book.SetCellStyle("Sheet1", "C2", "C2", price); err != nil {
		t.Fatal(err)
	}
	b, err := book.WriteToBuffer()
	if err != nil {
		t.Fatal(err)
	}
	rows, err := ReadSheet(b.Bytes())
	if err != nil || len(rows) != 1 || rows[0].Text.Samples["Price"] != "12.50" {
		t.Errorf("%+v %v", rows, err)
	}
}

func utf16(text string) []byte {
	out := []byte{0xff, 0xfe}
	for _, r := range text {
		out = append(out, byte(r), byte(r>>8))
	}
	return out
}
