package spreadsheet

import (
	"errors"
	"strings"
	"testing"
)

func TestReadAll(t *testing.T) {
	const table = "name;city\nAna;Łódź\n\n ; \n\"two\nlines\";Rome\n"
	open := func() Rows {
		t.Helper()
		f := strings.NewReader(table)
		l, err := Detect(f, "")
		if err != nil {
			t.Fatal(err)
		}
		rows, err := Open(f, l)
		if err != nil {
			t.Fatal(err)
		}
		return rows
	}
	all, err := ReadAll(open(), 3)
	if err != nil || len(all) != 3 {
		t.Fatalf("%v, %v", all, err)
	}
	for i, want := range []Row{
		{1, []string{"name", "city"}},
		{2, []string{"Ana", "Łódź"}},
		{5, []string{"two\nlines", "Rome"}},
	} {
		if got := all[i]; got.Line != want.Line || strings.Join(got.Cells, "|") != strings.Join(want.Cells, "|") {
			t.Errorf("row %d is %q on line %d", i, got.Cells, got.Line)
		}
	}
	if all, err := ReadAll(open(), 2); !errors.Is(err, ErrTooManyRows) || all != nil {
		t.Errorf("one row too many: %v, %v", all, err)
	}
}
