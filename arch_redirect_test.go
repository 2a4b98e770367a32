package main

import (
	"go/ast"
	"go/parser"
	"go/printer"
	"go/token"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// A redirect leads only to a path of ours: at least its beginning is a string literal, or web.LocalPath has checked it.
// An address from a request, a form or the database would let an attacker send people to another site.
func TestRedirects(t *testing.T) {
	n := 0
	eachSource(t, func(name string, f *ast.File) {
		for _, to := range redirectsOf(f) {
			n++
			if !leadsToUs(to) {
				t.Errorf("%s redirects to %s: take it through web.LocalPath", name, sourceOf(t, to))
			}
		}
	})
	if n < 30 {
		t.Errorf("only %d redirects were seen", n)
	}
}

// Redirects that the rule allows and redirects that it forbids.
func TestRedirectsAreJudged(t *testing.T) {
	t.Parallel()
	for to, want := range map[string]bool{
		`"/"`: true, `"/inbox"`: true, `"/inbox/" + id`: true, `"/signin?next=" + url.QueryEscape(next)`: true,
		`web.LocalPath(c.QueryParam("next"))`: true, `s.opt.Path + "/senders"`: true, `("/a" + x) + y`: true,
		`"/" + id`: false, `"//evil.example"`: false, `"https://evil.example"`: false, `to`: false,
		`c.QueryParam("next")`: false,
		`next + "/inbox"`:      false, `fmt.Sprint("/inbox", id)`: false, `"/\\evil.example"`: false,
	} {
		source := "package x\nfunc f() error { return c.Redirect(303, " + to + ") }"
		f, err := parser.ParseFile(token.NewFileSet(), "x.go", source, 0)
		if err != nil {
			t.Fatal(to, err)
		}
		if list := redirectsOf(f); len(list) != 1 || leadsToUs(list[0]) != want {
			t.Errorf("%s: %d redirects, let through: %v", to, len(list), !want)
		}
	}
}

// redirectsOf are the addresses of a file's calls of echo's Redirect.
func redirectsOf(f *ast.File) (out []ast.Expr) {
	ast.Inspect(f, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok || len(call.Args) != 2 {
			return true
		}
		if sel, ok := call.Fun.(*ast.SelectorExpr); ok && sel.Sel.Name == "Redirect" {
			out = append(out, call.Args[1])
		}
		return true
	})
	return out
}

var (
	ourPath = regexp.MustCompile("^[\"`]/[a-z]")
	// safeCalls return paths of ours: web.LocalPath, and the simulator's own functions, which return paths of its pages.
	safeCalls = []string{"web.LocalPath", "LocalPath", "back", "sc.url"}
)

func leadsToUs(to ast.Expr) bool {
	switch x := to.(type) {
	case *ast.ParenExpr:
		return leadsToUs(x.X)
	case *ast.BinaryExpr:
		return leadsToUs(x.X) && !isLiteral(x.X, `"/"`)
	case *ast.BasicLit:
		return x.Value == `"/"` || ourPath.MatchString(x.Value)
	case *ast.CallExpr:
		return slices.Contains(safeCalls, dotted(x.Fun))
	}
	return dotted(to) == "s.opt.Path" // where the simulator is mounted
}

func isLiteral(x ast.Expr, value string) bool {
	lit, ok := x.(*ast.BasicLit)
	return ok && lit.Value == value
}

// dotted is a name with its selectors.
func dotted(x ast.Expr) string {
	switch x := x.(type) {
	case *ast.Ident:
		return x.Name
	case *ast.SelectorExpr:
		return dotted(x.X) + "." + x.Sel.Name
	}
	return ""
}

func sourceOf(t *testing.T, x ast.Expr) string {
	t.Helper()
	var b strings.Builder
	if err := printer.Fprint(&b, token.NewFileSet(), x); err != nil {
		t.Fatal(err)
	}
	return b.String()
}
