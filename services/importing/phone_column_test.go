package importing

import (
	"strings"
	"testing"
)

func tableOf(t *testing.T, text string) *Table {
	t.Helper()
	table, err := ReadTable(t.Context(), "list.csv", strings.NewReader(text), 100)
	if err != nil {
		t.Fatalf("%q: %v", text, err)
	}
	return table
}

// Titles decide which column has the numbers; the look of the cells is only a hint that a person has to confirm.
func TestColumnOfNumbers(t *testing.T) {
	for text, want := range map[string]struct {
		column int
		sure   bool
		header bool
	}{
		"Emergency contact,Phone,Name\n+4915112350101,+4915112350102,Ada\n": {1, true, true},
		"Phone,Emergency phone\n+4915112350101,+4915112350102\n":            {0, true, true},
		"Date,Phone,Name\n2026-12-01,+4915112350102,Ada\n":                  {1, true, true},
		"Notfallkontakt;Telefon;Name\n+4915112350101;015112350102;Ada\n":    {1, true, true},
		"Name,Numéro de téléphone\nAda,06.12.34.56.78\n":                    {1, true, true},
		"Nombre,Móvil\nAda,612 345 678\n":                                   {1, true, true},
		"Phone type,Phone\nmobile,+4915112350102\n":                         {1, true, true},
		"number,Date\n+4915112350102,Tuesday\n":                             {0, true, true},
		"Order,Customer phone\n1234567,+4915112350102\n":                    {1, false, true}, // a part of the title only
		"Phone,WhatsApp\n+493012345678,+4915112350102\n":                    {1, false, true}, // two exact matches
		"Number,Contact no\n17,+4915112350102\n18,+4915112350103\n":         {0, false, true}, // the title is of other numbers
		"Who,Where\nAda,+4915112350102\nBen,+4915112350103\n":               {1, false, true},
		"Ada,+4915112350102\nBen,+4915112350103\n":                          {1, false, false},
		"Emergency contact,Callback\n+4915112350101,+4915112350102\n":       {0, false, true}, // no title matches
		"2026-12-01,+4915112350102\n2026-12-02,+4915112350103\n":            {1, false, false},
		"a,b\nc,d\n":                                     {-1, false, true},
		"+4915112350102\n015112350103\n":                 {0, true, false},
		"4915112350102.5\n+4915112350103\n":              {0, true, false},
		"Mobile\n+4915112350102\n":                       {0, true, true},
		"whatsapp:+4915112350102,Ada\n'+4915112350103,B": {0, false, false},
	} {
		table := tableOf(t, text)
		if table.Phone != want.column || table.Sure != want.sure || table.Header != want.header {
			t.Errorf("%q: column %d, sure %v, header %v", text, table.Phone, table.Sure, table.Header)
		}
	}
	for text, want := range map[string]int{
		"Phone,Mobile,Name\n+493012345678,+4915112350102,Ada\n": 1, "Date,Customer phone\n2026-12-01,+4915112350102\n": 1,
		"Emergency contact,Phone,Name\n+4915112350101,+4915112350102,Ada\n": 1,
	} {
		header, columns := guessColumns(cellsOf(tableOf(t, text).all), nil)
		if !header || columns[want] != "phone" {
			t.Errorf("an import of %q: %v", text, columns)
		}
	}
}

func TestChooseColumn(t *testing.T) {
	table := tableOf(t, "Phone,Mobile,Name\n\n+493012345678,+4915112350102,Ada\n,+4915112350103,Ben\n")
	table.Choose(0, false)
	if len(table.Rows) != 3 || table.Titles[0] != "Column 1" || table.Rows[1].Line != 3 || table.Rows[2].Cell(0) != "" || table.Rows[0].Cell(9) != "" {
		t.Errorf("without titles: %+v", table)
	}
	table.Choose(1, true)
	if len(table.Rows) != 2 || table.Titles[1] != "Mobile" || table.Phone != 1 || !table.Sure {
		t.Errorf("with titles: %+v", table)
	}
	if table.Choose(7, true); table.Phone != -1 {
		t.Errorf("a column that is not there: %d", table.Phone)
	}
}
