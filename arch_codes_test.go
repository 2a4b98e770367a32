package main

import (
	"fmt"
	"go/ast"
	"go/token"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/BurntSushi/toml"

	"parley/whatsapp/phone"
)

// Refusals are named by codes, and their sentences stand in models/errors.en.toml: every code is in the catalogue,
// every sentence of the catalogue is used, and a call gives exactly the arguments that its sentence has placeholders
// for.
func TestCodesOfRefusals(t *testing.T) {
	c := codes{T: t, sentences: catalogueOf(t), used: map[string]bool{}, takers: map[string]int{}}
	for _, r := range phone.Reasons() { // models.InvalidBecause derives codes from them
		c.used["phone."+strings.TrimPrefix(string(r), "phone_")] = true
	}
	c.used["phone.country_assumed"], c.used["phone.not_assigned"] = true, true
	for known := -1; known < len(c.takers); {
		known = len(c.takers)
		eachSource(t, c.findTakers)
	}
	if c.takers["models.Invalid"] != 1 || c.takers["models.Conflict"] != 0 {
		t.Fatalf("what takes a code was not found: %v", c.takers)
	}
	eachSource(t, c.check)
	for _, code := range slices.Sorted(maps.Keys(c.sentences)) {
		if !c.used[code] {
			t.Errorf("no refusal says %s", code)
		}
	}
}

var (
	codeForm    = regexp.MustCompile(`^[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*$`)
	placeholder = regexp.MustCompile(`\{\{\.(\w+)\}\}`)
)

// catalogueOf are the sorted names of each sentence's arguments, by code.
func catalogueOf(t *testing.T) map[string][]string {
	t.Helper()
	var areas map[string]map[string]any
	if _, err := toml.DecodeFile("models/errors.en.toml", &areas); err != nil {
		t.Fatal(err)
	}
	sentences := map[string][]string{}
	for area, meanings := range areas {
		for meaning, said := range meanings {
			code := area + "." + meaning
			if !codeForm.MatchString(code) {
				t.Errorf("%s is no code", code)
			}
			names := map[string]bool{}
			for _, m := range placeholder.FindAllStringSubmatch(fmt.Sprint(said), -1) {
				names[m[1]] = true
			}
			_, forms := said.(map[string]any)
			if names["Count"] && !forms {
				t.Errorf("%s counts something and has one form", code)
			}
			if forms {
				names["Count"] = true // it chooses the plural form, whether or not it is shown
			}
			sentences[code] = slices.Sorted(maps.Keys(names))
		}
	}
	return sentences
}

type codes struct {
	*testing.T
	sentences map[string][]string
	used      map[string]bool
	takers    map[string]int // which argument is a code, by package.function
}

// called is the package and name of a called function; a method counts as one of the file's own package.
func called(f *ast.File, call *ast.CallExpr) string {
	switch fun := call.Fun.(type) {
	case *ast.Ident:
		return f.Name.Name + "." + fun.Name
	case *ast.SelectorExpr:
		if isNamed(fun.X, "models") {
			return "models." + fun.Sel.Name
		}
		return f.Name.Name + "." + fun.Sel.Name
	}
	return ""
}

func isNamed(e ast.Expr, name string) bool {
	id, ok := e.(*ast.Ident)
	return ok && id.Name == name
}

// check checks all refusals of a file.
func (c codes) check(name string, f *ast.File) {
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			c.checkCall(name, f, n)
		case *ast.CompositeLit:
			sel, _ := n.Type.(*ast.SelectorExpr)
			if sel != nil && isNamed(sel.X, "models") && sel.Sel.Name == "Error" ||
				f.Name.Name == "models" && isNamed(n.Type, "Error") {
				c.checkLiteral(name, n)
			}
		}
		return true
	})
}

func (c codes) checkCall(name string, f *ast.File, call *ast.CallExpr) {
	fun := called(f, call)
	for suffix, areas := range map[string][]string{
		".not_found": {"models.NotFound", "models.Found"},
		".stale":     {"models.ErrStale"},
	} {
		if slices.Contains(areas, fun) && !isNamed(call.Args[len(call.Args)-1], "area") {
			c.say(name, text(call.Args[len(call.Args)-1])+suffix, nil)
		}
	}
	i, ok := c.takers[fun]
	if !ok || i >= len(call.Args) || isNamed(call.Args[i], "code") {
		return
	}
	var given []string
	for k, arg := range call.Args[i+1:] {
		if k%2 == 0 {
			given = append(given, text(arg))
		}
	}
	if len(call.Args[i+1:])%2 != 0 {
		c.Errorf("%s: %s has a name without its value", name, text(call.Args[i]))
	}
	c.say(name, text(call.Args[i]), given)
}

func (c codes) checkLiteral(name string, lit *ast.CompositeLit) {
	code, given := "", []string(nil)
	for _, el := range lit.Elts {
		kv, ok := el.(*ast.KeyValueExpr)
		switch {
		case !ok:
			c.Errorf("%s: write the fields' names of an Error", name)
		case isNamed(kv.Key, "Code"):
			if of, ok := kv.Value.(*ast.SelectorExpr); ok && of.Sel.Name == "Code" { // another refusal, reworded
				return
			}
			if name == "models/errors.go" { // it derives codes from its arguments
				return
			}
			code = text(kv.Value)
		case isNamed(kv.Key, "Args"):
			args, _ := kv.Value.(*ast.CompositeLit)
			if args == nil {
				c.Errorf("%s: %s has arguments that can't be looked at", name, code)
				return
			}
			for _, arg := range args.Elts {
				given = append(given, text(arg.(*ast.KeyValueExpr).Key))
			}
		}
	}
	c.say(name, code, given)
}

// text is a string literal, empty for any other expression.
func text(e ast.Expr) string {
	lit, ok := e.(*ast.BasicLit)
	if !ok || lit.Kind != token.STRING {
		return ""
	}
	s, _ := strconv.Unquote(lit.Value) // the parser has read it
	return s
}

// say records that a refusal has a code and arguments with these names.
func (c codes) say(name, code string, given []string) {
	want, known := c.sentences[code]
	c.used[code] = true
	slices.Sort(given)
	switch {
	case !known:
		c.Errorf("%s: %q is no code of the catalogue", name, code)
	case !slices.Equal(given, want):
		c.Errorf("%s: %s has the arguments %v, want %v", name, code, given, want)
	}
}
