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
	"strings"
	"testing"
)

// Functions that only some packages may use, and why.
var onlyIn = []struct {
	why     string
	names   []string // package.Name
	folders []string
}{
	{
		"cells are neutralised in one place",
		[]string{"csv.NewWriter"},
		[]string{"services/spreadsheet"},
	},
	{
		"tables have one reader, for which rows that are only formatted are none",
		[]string{"csv.NewReader"},
		[]string{"services/spreadsheet"},
	},
	{
		"workbooks are bounded before they are opened",
		[]string{"excelize.OpenReader", "excelize.OpenFile", "zip.NewReader", "zip.OpenReader"},
		[]string{"services/spreadsheet"},
	},
	{
		"pictures are decoded within a budget",
		[]string{"image.Decode", "jpeg.Decode", "png.Decode", "gif.Decode", "gif.DecodeAll", "webp.Decode"},
		[]string{"services/media"},
	},
	{
		// services/onboarding fetches through the guard; services/twilio calls Twilio, and fetches media through the guard;
		// services/health calls PUBLIC_URL and services/media/bucket MEDIA_BUCKET, which the operator set; the demo and the
		// simulator call this machine.
		"requests to addresses from outside go through services/egress",
		[]string{"http.Client", "http.Transport", "http.DefaultTransport", "http.DefaultClient", "http.Get", "http.Post", "http.PostForm",
			"http.Head", "net.Dial", "net.DialTimeout", "net.Dialer", "tls.Dial"},
		[]string{"services/egress", "services/twilio", "services/onboarding", "services/health", "services/media/bucket",
			"services/demo", "simulator"},
	},
	{
		"redirects are echo's, whose addresses TestRedirects looks at",
		[]string{"http.Redirect", "http.RedirectHandler"},
		nil,
	},
}

func TestOnlyIn(t *testing.T) {
	used := map[string]map[string]bool{}
	eachSource(t, func(name string, f *ast.File) {
		ast.Inspect(f, func(n ast.Node) bool {
			if sel, ok := n.(*ast.SelectorExpr); ok {
				if pkg, ok := sel.X.(*ast.Ident); ok {
					what := pkg.Name + "." + sel.Sel.Name
					if used[what] == nil {
						used[what] = map[string]bool{}
					}
					used[what][filepath.ToSlash(filepath.Dir(name))] = true
				}
			}
			return true
		})
	})
	for _, rule := range onlyIn {
		found := len(rule.folders) == 0
		for _, what := range rule.names {
			for _, folder := range slices.Sorted(maps.Keys(used[what])) {
				if !slices.Contains(rule.folders, folder) {
					t.Errorf("%s uses %s: %s", folder, what, rule.why)
				}
				found = true
			}
		}
		if !found {
			t.Errorf("nobody uses %v: the rule watches nothing", rule.names)
		}
	}
}

// eachSource parses every hand-written source file of the program, without tests.
func eachSource(t *testing.T, see func(name string, f *ast.File)) {
	t.Helper()
	err := filepath.WalkDir(".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		skipped := []string{"e2e", "modelstest", "node_modules", "servicetest"}
		if d.IsDir() && (slices.Contains(skipped, d.Name()) || strings.HasPrefix(d.Name(), ".") && name != ".") {
			return filepath.SkipDir
		}
		if path.Ext(name) != ".go" || strings.HasSuffix(name, "_test.go") || strings.HasSuffix(name, "_templ.go") {
			return nil
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			return err
		}
		see(name, f)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
