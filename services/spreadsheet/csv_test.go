package spreadsheet

import (
	"bytes"
	"encoding/csv"
	"testing"
)

func TestSafe(t *testing.T) {
	for in, want := range map[string]string{
		"":                  "",
		"Noor":              "Noor",
		"a=b":               "a=b",
		"=1+1":              "'=1+1",
		"+1+1":              "'+1+1",
		"-2+3":              "'-2+3",
		"@SUM(A1)":          "'@SUM(A1)",
		"\t=1":              "'\t=1",
		"\rx":               "'\rx",
		"\nx":               "'\nx",
		"  =1":              "'  =1",
		"\"=1":              "'\"=1",
		"'=1":               "''=1",
		"＝1":                "'＝1",
		"＠x":                "'＠x",
		"+":                 "'+",
		"+4915112350109":    "+4915112350109",
		"-12":               "-12",
		"+49 151 12350109":  "'+49 151 12350109",
		"=4915112350109":    "'=4915112350109",
		"+cmd|' /C calc'!A": "'+cmd|' /C calc'!A",
	} {
		got := Safe(in)
		if got != want {
			t.Errorf("Safe(%q) = %q, want %q", in, got, want)
		}
		if back := Unsafe(got); back != in {
			t.Errorf("Unsafe(%q) = %q, want %q", got, back, in)
		}
	}
	for _, typed := range []string{"'Noor", "O'Hara"} {
		if got := Unsafe(typed); got != typed {
			t.Errorf("Unsafe(%q) = %q", typed, got)
		}
	}
}

func TestWriterNeutralisesEveryCell(t *testing.T) {
	var b bytes.Buffer
	w := NewWriter(&b)
	if err := w.Row("=1", "+2+2", "fine"); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(&b).ReadAll()
	if err != nil || len(rows) != 1 || rows[0][0] != "'=1" || rows[0][1] != "'+2+2" || rows[0][2] != "fine" {
		t.Errorf("%v %q", err, rows)
	}
}
