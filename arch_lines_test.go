package main

import (
	"bufio"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"
)

// Lines are at most maxColumns wide. longLines is how many still are not, mostly SQL that is to stand in files: the
// number only goes down.
const (
	maxColumns    = 120
	longLines     = 334
	longTestLines = 1337
)

func TestLinesGetNoLonger(t *testing.T) {
	code, tests := 0, 0
	err := filepath.WalkDir(".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && d.Name() == "node_modules" {
			return filepath.SkipDir
		}
		if filepath.Ext(name) != ".go" || strings.HasSuffix(name, "_templ.go") {
			return nil
		}
		n, err := longIn(name)
		if strings.HasSuffix(name, "_test.go") {
			tests += n
		} else {
			code += n
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if code > longLines || tests > longTestLines {
		t.Errorf("%d lines of code and %d of tests have more than %d columns; there were %d and %d",
			code, tests, maxColumns, longLines, longTestLines)
	}
}

func longIn(name string) (n int, err error) {
	f, err := os.Open(name)
	if err != nil {
		return 0, err
	}
	defer f.Close() //nolint:errcheck // only read
	for sc := bufio.NewScanner(f); sc.Scan(); {
		if utf8.RuneCount(sc.Bytes()) > maxColumns {
			n++
		}
	}
	return n, nil
}
