package models_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"parley/models"
	"parley/models/modelstest"
)

// Every file in queries/ is a valid PostgreSQL statement for the current schema. Files that Go inserts into statements
// as an expression are tested as a column over contacts, and so are shared files without a statement.
func TestQueriesFitTheSchema(t *testing.T) {
	t.Parallel()
	store, _ := modelstest.New(t)
	conn, err := store.Pool().Acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Release()
	// The simulator creates its table when it starts.
	_, err = conn.Exec(t.Context(), `CREATE SCHEMA IF NOT EXISTS simulator;
		CREATE TABLE IF NOT EXISTS simulator.records (kind text, id text, doc jsonb NOT NULL)`)
	if err != nil {
		t.Fatal(err)
	}
	named, _ := queriesInGo(t)
	files := queryFiles(t)
	if len(files) < 50 {
		t.Fatalf("only %d files were found", len(files))
	}
	for _, name := range files {
		sql := models.Query(name)
		if strings.HasPrefix(name, "shared/") {
			if !slices.Contains(named, name) {
				continue // tested where it is included
			}
			sql = "SELECT " + sql + " FROM contacts c"
		}
		if _, err := conn.Conn().PgConn().Prepare(t.Context(), "", numbered(sql), nil); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Every file in queries/ begins with its purpose, and is used by a variable of the package or by another file.
func TestQueriesAreNamedOnce(t *testing.T) {
	t.Parallel()
	named, elsewhere := queriesInGo(t)
	for _, at := range elsewhere {
		t.Errorf("%s: query is for variables of the package, which are read when the program starts", at)
	}
	files := queryFiles(t)
	used := slices.Clone(named)
	for _, name := range files {
		text, err := os.ReadFile("queries/" + name + ".sql")
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(string(text), "-- ") {
			t.Errorf("%s does not begin with what it is for", name)
		}
		for _, m := range regexp.MustCompile(`(?m)^\\ir (\S+)\.sql$`).FindAllStringSubmatch(string(text), -1) {
			used = append(used, path.Join(path.Dir(name), m[1]))
		}
	}
	for _, name := range files {
		if !slices.Contains(used, name) {
			t.Errorf("nothing uses %s", name)
		}
	}
	for i, name := range named {
		if !slices.Contains(files, name) {
			t.Errorf("%s has no file", name)
		}
		if slices.Contains(named[:i], name) {
			t.Errorf("%s has two variables", name)
		}
	}
}

// queryFiles are the names of all files in queries/.
func queryFiles(t *testing.T) (names []string) {
	t.Helper()
	for _, pattern := range []string{"queries/*.sql", "queries/*/*.sql"} {
		found, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range found {
			names = append(names, strings.TrimSuffix(strings.TrimPrefix(filepath.ToSlash(f), "queries/"), ".sql"))
		}
	}
	return names
}

// queriesInGo are the names of the queries that variables of the package load, and where else query is called.
func queriesInGo(t *testing.T) (named, elsewhere []string) {
	t.Helper()
	sources, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	fset := token.NewFileSet()
	for _, source := range sources {
		if strings.HasSuffix(source, "_test.go") || source == "query.go" {
			continue
		}
		f, err := parser.ParseFile(fset, source, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range f.Decls {
			_, inFunc := d.(*ast.FuncDecl)
			ast.Inspect(d, func(n ast.Node) bool {
				name, ok := queryCall(n)
				switch {
				case ok && inFunc:
					elsewhere = append(elsewhere, fset.Position(n.Pos()).String())
				case ok:
					named = append(named, name)
				}
				return true
			})
		}
	}
	return named, elsewhere
}

// queryCall returns the name in a call of query.
func queryCall(n ast.Node) (name string, ok bool) {
	call, ok := n.(*ast.CallExpr)
	if !ok || len(call.Args) != 1 {
		return "", false
	}
	if f, ok := call.Fun.(*ast.Ident); !ok || f.Name != "query" {
		return "", false
	}
	if arg, ok := call.Args[0].(*ast.BasicLit); ok {
		name, _ = strconv.Unquote(arg.Value)
	}
	return name, true
}

var namedValue = regexp.MustCompile(`(\bIN )?@([a-z]\w*)`)

// numbered replaces each @name with a numbered parameter, as GORM does.
func numbered(sql string) string {
	n := 0
	return namedValue.ReplaceAllStringFunc(sql, func(m string) string {
		n++
		if strings.HasPrefix(m, "IN ") {
			return "IN ($" + strconv.Itoa(n) + ")"
		}
		return "$" + strconv.Itoa(n)
	})
}
