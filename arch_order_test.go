package main

import (
	"go/ast"
	"go/token"
	"strings"
	"testing"
)

// Go doesn't say whether the variable in "return v, f(&v)" is read before or after the call: no return gives both a
// variable, or a field of one, and what changes it by its address or by an assignment.
func TestReturnsDependOnNoOrder(t *testing.T) {
	eachSource(t, func(name string, f *ast.File) {
		ast.Inspect(f, func(n ast.Node) bool {
			ret, ok := n.(*ast.ReturnStmt)
			if !ok || len(ret.Results) < 2 {
				return true
			}
			for i, r := range ret.Results {
				variable := root(r)
				for k, other := range ret.Results {
					if k != i && variable != "" && changes(other, variable) {
						t.Errorf("%s returns %s beside a call that changes it", name, variable)
					}
				}
			}
			return true
		})
	})
}

// changes reports whether an expression calls something with the address of a variable, or assigns to it.
func changes(e ast.Expr, variable string) (yes bool) {
	if address, ok := e.(*ast.UnaryExpr); ok && address.Op == token.AND {
		e = address.X // an address that is only returned changes nothing
	}
	ast.Inspect(e, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.UnaryExpr:
			yes = yes || n.Op == token.AND && root(n.X) == variable
		case *ast.AssignStmt:
			for _, l := range n.Lhs {
				yes = yes || root(l) == variable
			}
		}
		return !yes
	})
	return yes
}

// root is the variable that an expression of fields begins with, empty for any other expression.
func root(e ast.Expr) string {
	for {
		switch x := e.(type) {
		case *ast.Ident:
			return x.Name
		case *ast.SelectorExpr:
			e = x.X
		default:
			return ""
		}
	}
}

// Steps of a transaction return early, because PostgreSQL refuses all others after one that failed: no errors.Join has
// an argument that names tx.
func TestTransactionsReturnEarly(t *testing.T) {
	eachSource(t, func(name string, f *ast.File) {
		ast.Inspect(f, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			sel, ok := call.Fun.(*ast.SelectorExpr)
			if !ok || sel.Sel.Name != "Join" || !isNamed(sel.X, "errors") {
				return true
			}
			for _, arg := range call.Args {
				ast.Inspect(arg, func(n ast.Node) bool {
					if e, ok := n.(ast.Expr); ok && isNamed(e, "tx") {
						t.Errorf("%s joins the errors of steps of a transaction", name)
						return false
					}
					return true
				})
			}
			return true
		})
	})
}

// Transactions begin in services: a handler reads, calls a service and shows.
func TestHandlersBeginNoTransaction(t *testing.T) {
	eachSource(t, func(name string, f *ast.File) {
		if !strings.HasPrefix(name, "handlers/") {
			return
		}
		ast.Inspect(f, func(n ast.Node) bool {
			if sel, ok := n.(*ast.SelectorExpr); ok && sel.Sel.Name == "InTx" {
				t.Errorf("%s begins a transaction", name)
			}
			return true
		})
	})
}
