package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// A type of handlers has at most 40 methods: an area that outgrows it becomes two.
func TestHandlersStaySmall(t *testing.T) {
	methods := map[string]int{}
	eachSource(t, func(name string, f *ast.File) {
		if !strings.HasPrefix(name, "handlers/") {
			return
		}
		for _, d := range f.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && fn.Recv != nil {
				methods[path.Dir(name)+"."+receiverOf(fn)]++
			}
		}
	})
	if methods["handlers/people.Handlers"] < 20 {
		t.Errorf("the methods were not counted: %v", methods)
	}
	for name, n := range methods {
		if n > 40 {
			t.Errorf("%s has %d methods, at most 40 fit", name, n)
		}
	}
}

func receiverOf(fn *ast.FuncDecl) string {
	x := fn.Recv.List[0].Type
	if star, ok := x.(*ast.StarExpr); ok {
		x = star.X
	}
	return dotted(x)
}

// A view shows any model, but no other area's view: what areas share is a component. The gallery shows them all.
func TestViewsShareComponents(t *testing.T) {
	shared := []string{"parley/views/components", "parley/views/layout"}
	n := 0
	err := filepath.WalkDir("views", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || path.Ext(name) != ".go" || path.Dir(name) == "views/gallery" {
			return err
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		for _, imp := range f.Imports {
			p, err := strconv.Unquote(imp.Path.Value)
			if err != nil {
				return err
			}
			if !strings.HasPrefix(p, "parley/views/") {
				continue
			}
			if n++; p != shared[0] && p != shared[1] {
				t.Errorf("%s imports %s: what areas share is a component", name, p)
			}
		}
		return nil
	})
	if err != nil || n < 20 {
		t.Errorf("%d imports: %v", n, err)
	}
}
