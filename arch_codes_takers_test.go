package main

import (
	"go/ast"
	"slices"
)

// findTakers finds the functions of a file that refuse with a code from their arguments, including closures and
// parameters.
func (c codes) findTakers(_ string, f *ast.File) {
	take := func(name string, typ *ast.FuncType) {
		if i := slices.IndexFunc(params(typ), func(p *ast.Ident) bool { return p.Name == "code" }); i >= 0 {
			c.takers[f.Name.Name+"."+name] = i
		}
	}
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncDecl:
			if n.Body != nil && c.refusesByCode(f, n.Body) {
				take(n.Name.Name, n.Type)
			}
		case *ast.AssignStmt:
			id, _ := n.Lhs[0].(*ast.Ident)
			if lit, ok := n.Rhs[0].(*ast.FuncLit); ok && id != nil && c.refusesByCode(f, lit.Body) {
				take(id.Name, lit.Type)
			}
		case *ast.Field:
			if typ, ok := n.Type.(*ast.FuncType); ok && len(n.Names) == 1 {
				take(n.Names[0].Name, typ)
			}
		}
		return true
	})
}

func params(typ *ast.FuncType) (names []*ast.Ident) {
	for _, field := range typ.Params.List {
		names = append(names, field.Names...)
	}
	return names
}

// refusesByCode reports whether a function's body creates a refusal with the code that it receives as an argument.
func (c codes) refusesByCode(f *ast.File, body ast.Node) (yes bool) {
	ast.Inspect(body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.KeyValueExpr:
			yes = yes || isNamed(n.Key, "Code") && isNamed(n.Value, "code")
		case *ast.CallExpr:
			i, ok := c.takers[called(f, n)]
			yes = yes || ok && i < len(n.Args) && isNamed(n.Args[i], "code")
		}
		return !yes
	})
	return yes
}
