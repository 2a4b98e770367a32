package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// mayNot lists what the packages below a folder must not import (docs/architecture.md). The test reads the files
// itself: a result of "go list" would come from go test's cache.
var mayNot = map[string][]string{
	"whatsapp":           {"parley/", "gorm.io", "github.com/jackc", "net/http", "github.com/labstack"},
	"services/twilio":    {"parley/models", "parley/handlers", "parley/views", "parley/simulator", "gorm.io", "github.com/labstack"},
	"services/messaging": {"parley/handlers", "parley/views", "parley/simulator", "github.com/labstack", "parley/services/config"},
	"services":           {"parley/handlers", "parley/simulator", "github.com/labstack", "github.com/a-h/templ"},
	"models":             {"parley/handlers", "parley/views", "parley/simulator", "parley/services", "github.com/labstack", "github.com/twilio", "net/http"},
	"views": {
		"parley/handlers", "parley/simulator", "gorm.io", "github.com/labstack", "github.com/twilio", "net/http",
		"parley/services",
	},
	"handlers":   {"gorm.io", "github.com/twilio", "github.com/jackc", "parley/simulator", "parley/services/config", "parley/services/postgres"},
	"simulator":  {"parley/models", "parley/handlers", "parley/views", "parley/services/twilio", "parley/services/messaging", "parley/services/approvals", "parley/static", "gorm.io"},
	"static":     {"parley/"},
	"migrations": {"parley/"},
}

func TestArrowsPointOneWay(t *testing.T) {
	for folder, banned := range mayNot {
		files := 0
		err := filepath.WalkDir(folder, func(name string, d fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			if d.IsDir() && (d.Name() == "modelstest" || d.Name() == "servicetest" || d.Name() == "node_modules") {
				return filepath.SkipDir
			}
			if path.Ext(name) != ".go" || strings.HasSuffix(name, "_test.go") {
				return nil
			}
			f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ImportsOnly)
			if err != nil {
				return err
			}
			files++
			for _, imp := range f.Imports {
				p, err := strconv.Unquote(imp.Path.Value)
				if err != nil {
					return err
				}
				if folder == "whatsapp" && strings.HasPrefix(p+"/", "parley/whatsapp/") {
					continue // the lint, the library and others stand in folders of their own below
				}
				for _, b := range banned {
					if p == strings.TrimSuffix(b, "/") || strings.HasPrefix(p, strings.TrimSuffix(b, "/")+"/") {
						t.Errorf("%s imports %s", name, p)
					}
				}
			}
			return nil
		})
		if err != nil || files == 0 {
			t.Errorf("%s: read %d files: %v", folder, files, err)
		}
	}
}

// Numbers are parsed in one place, for every form, file, list and call: only that package may use the library.
func TestOneReaderOfNumbers(t *testing.T) {
	readers := map[string]bool{}
	err := filepath.WalkDir(".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || path.Ext(name) != ".go" {
			return err
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		for _, imp := range f.Imports {
			folder := filepath.ToSlash(filepath.Dir(name))
			if strings.HasPrefix(imp.Path.Value, `"github.com/nyaruka/phonenumbers`) {
				readers[folder] = true
			}
			if folder == "whatsapp/phone" && strings.HasPrefix(imp.Path.Value, `"parley/`) {
				t.Errorf("%s imports %s: the reader knows nothing of ours", name, imp.Path.Value)
			}
		}
		return nil
	})
	if err != nil || len(readers) != 1 || !readers["whatsapp/phone"] {
		t.Errorf("the library of phone numbers is imported by %v: %v", readers, err)
	}
}

// Rules take the time as an argument or from an injected clock: code that decides about sessions never reads the real
// clock.
func TestRulesReadNoClock(t *testing.T) {
	for _, name := range []string{"whatsapp", "services/messaging/reply.go", "services/messaging/receive.go", "services/notifying", "models/conversations/outbox", "models/inbox/inbox.go"} {
		files := 0
		err := filepath.WalkDir(name, func(name string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || path.Ext(name) != ".go" || strings.HasSuffix(name, "_test.go") {
				return err
			}
			files++
			f, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
			if err != nil {
				return err
			}
			if usesNow(f) {
				t.Errorf("%s reads time.Now", name)
			}
			return nil
		})
		if err != nil || files == 0 {
			t.Errorf("%s: read %d files: %v", name, files, err)
		}
	}
}

// usesNow reports whether a file calls time.Now.
func usesNow(f *ast.File) bool {
	found := false
	ast.Inspect(f, func(n ast.Node) bool {
		if sel, ok := n.(*ast.SelectorExpr); ok {
			if pkg, ok := sel.X.(*ast.Ident); ok && pkg.Name == "time" && sel.Sel.Name == "Now" {
				found = true
			}
		}
		return true
	})
	return found
}

// Linking the whole program takes long: only the tests of the program, of all of HTTP and of the browser do it. Other
// packages take the services that they use, not all of them.
func TestFewLinkTheProgram(t *testing.T) {
	folders := map[string]bool{}
	err := filepath.WalkDir(".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || path.Ext(name) != ".go" {
			return err
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		for _, imp := range f.Imports {
			if imp.Path.Value == `"parley/services/assembly"` || imp.Path.Value == `"parley/handlers"` {
				folders[filepath.ToSlash(filepath.Dir(name))] = true
			}
		}
		return nil
	})
	if got := slices.Sorted(maps.Keys(folders)); err != nil || !slices.Equal(got, []string{".", "e2e", "handlers"}) {
		t.Errorf("it is linked by %v: %v", got, err)
	}
}
