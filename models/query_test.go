package models_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"parley/models/internal/base"
	"parley/models/modelstest"
)

// Every file in a folder queries is a valid PostgreSQL statement for the current schema. Files that Go inserts into
// statements as an expression are tested as a column over contacts, and so are shared files without a statement.
func TestQueriesFitTheSchema(t *testing.T) {
	t.Parallel()
	store, _ := modelstest.New(t)
	conn, err := modelstest.PoolOf(store).Acquire(t.Context())
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
	found := 0
	for dir, a := range queryAreas(t) {
		for _, name := range a.files {
			found++
			sql := base.Query(os.DirFS(dir), name)
			if strings.HasPrefix(name, "shared/") {
				if !slices.Contains(a.named, name) {
					continue // tested where it is included
				}
				sql = "SELECT " + sql + " FROM contacts c"
			}
			if _, err := conn.Conn().PgConn().Prepare(t.Context(), "", numbered(sql), nil); err != nil {
				t.Errorf("%s, %s: %v", dir, name, err)
			}
		}
	}
	if found < 150 {
		t.Fatalf("only %d files were found", found)
	}
}

// Every file in a folder queries begins with its purpose, and is used by a variable of its package or by another file.
// What only one area uses is not in the folder of all.
func TestQueriesAreNamedOnce(t *testing.T) {
	t.Parallel()
	areas := queryAreas(t)
	usedBy := map[string][]string{} // files of the shared folder, by those who use them
	for dir, a := range areas {
		for _, at := range a.elsewhere {
			t.Errorf("%s: query is for variables of the package, which are read when the program starts", at)
		}
		used := append(slices.Clone(a.named), a.included...)
		for _, name := range a.files {
			if dir != sharedQueries && !slices.Contains(used, name) {
				t.Errorf("nothing uses %s of %s", name, dir)
			}
		}
		for i, name := range a.named {
			if slices.Contains(a.named[:i], name) {
				t.Errorf("%s: %s has two variables", dir, name)
			}
		}
		for _, name := range used {
			if !slices.Contains(a.files, name) && !slices.Contains(usedBy[name], dir) {
				usedBy[name] = append(usedBy[name], dir)
			}
		}
	}
	for name, dirs := range usedBy {
		switch {
		case !slices.Contains(areas[sharedQueries].files, name):
			t.Errorf("%s has no file (%v)", name, dirs)
		case len(dirs) == 1 && dirs[0] != sharedQueries:
			t.Errorf("only %s uses %s, which is in %s", dirs[0], name, sharedQueries)
		}
	}
	for _, name := range areas[sharedQueries].files {
		if len(usedBy[name]) == 0 && !slices.Contains(areas[sharedQueries].included, name) {
			t.Errorf("nothing uses %s of %s", name, sharedQueries)
		}
	}
}

// sharedQueries is the package whose queries all areas can include.
const sharedQueries = "internal/base"

// queryArea is a package with a folder queries: its files, the names that its variables load, where else it calls
// query, and the names that its files include.
type queryArea struct{ files, named, elsewhere, included []string }

var includes = regexp.MustCompile(`(?m)^\s*\\ir (\S+)\.sql$`)

func queryAreas(t *testing.T) map[string]*queryArea {
	t.Helper()
	out := map[string]*queryArea{}
	err := filepath.WalkDir(".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		dir, file, ok := strings.Cut("./"+filepath.ToSlash(name), "/queries/")
		if dir = strings.TrimPrefix(dir, "./"); !ok {
			dir = filepath.ToSlash(filepath.Dir(name))
		}
		a := out[dir]
		if a == nil {
			a = &queryArea{}
			out[dir] = a
		}
		switch {
		case ok:
			text, err := os.ReadFile(name)
			if err != nil {
				return err
			}
			if !strings.HasPrefix(string(text), "-- ") {
				t.Errorf("%s does not begin with what it is for", name)
			}
			for _, m := range includes.FindAllStringSubmatch(string(text), -1) {
				a.included = append(a.included, path.Join(path.Dir(file), m[1]))
			}
			a.files = append(a.files, strings.TrimSuffix(file, ".sql"))
		case strings.HasSuffix(name, ".go") && !strings.HasSuffix(name, "_test.go"):
			a.read(t, name)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// read finds the calls of query in a file.
func (a *queryArea) read(t *testing.T, source string) {
	t.Helper()
	fset := token.NewFileSet()
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
				a.elsewhere = append(a.elsewhere, fset.Position(n.Pos()).String())
			case ok:
				a.named = append(a.named, name)
			}
			return true
		})
	}
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
