package main

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
)

// areas are the packages below models, each of which may import those before it.
var areas = []string{
	"accounts", "senders", "people", "people/optins", "people/segments", "people/imports", "templates", "conversations/receipts", "conversations/mediafiles",
	"conversations", "conversations/arrivals", "conversations/outbox", "inbox", "notifications", "onboarding", "privacy",
}

// owners are the areas that write each table; the others only read it.
var owners = map[string]string{
	"alerts": "", "audit_events": "", "checks": "", "settings": "", "uploads": "",
	"api_calls": "accounts", "api_keys": "accounts", "sessions": "accounts", "signin_failures": "accounts", "users": "accounts",
	"sender_events": "senders", "senders": "senders",
	"consent_events": "people", "contact_addresses": "people", "contact_fields": "people", "contact_files": "people",
	"contact_notes": "people", "contact_topics": "people", "contacts": "people",
	"erasures": "people", "import_changes": "people", "import_refusals": "people", "import_rows": "people",
	"imports": "people", "kept_lists": "people", "optin_requests": "people", "optin_sources": "people",
	"contact_selections": "people", "segments": "people", "tags": "people", "topics": "people",
	"approval_events": "templates", "template_files": "templates", "template_versions": "templates",
	"templates": "templates", "draft_presence": "templates",
	"address_windows": "conversations", "mentions": "conversations", "responses": "conversations",
	"conversation_events": "conversations", "conversations": "conversations", "media_files": "conversations",
	"message_attempts": "conversations", "messages": "conversations", "reactions": "conversations",
	"status_events": "conversations", "webhook_receipts": "conversations",
	"canned_replies": "inbox", "conversation_presence": "inbox", "drafts": "inbox", "inbox_filters": "inbox",
	"inbox_steps": "inbox", "labels": "inbox", "later_replies": "inbox", "macros": "inbox",
	"ratings": "inbox", "user_presence": "inbox",
	"notification_editors": "notifications", "notification_recipients": "notifications", "notification_rows": "notifications",
	"notifications": "notifications", "report_days": "notifications", "report_steps": "notifications", "schedules": "notifications",
	"access_events": "onboarding", "access_files": "onboarding", "access_requests": "onboarding",
}

// foreignWrites are the writes to another area's table that stay, with the reason.
var foreignWrites = map[string]string{
	"conversations contact_addresses": "an address is learned from what comes in, and moves when contacts are merged",
	"conversations contact_files":     "merging moves them",
	"conversations contact_notes":     "merging moves them",
	"conversations contacts":          "intake notes when a contact was last seen, and merging makes one of two",
	"conversations later_replies":     "intake releases the replies that wait for the person, in the statement that stores the message",
	"notifications conversations":     "the messages of many recipients are queued in one statement",
	"notifications messages":          "the messages of many recipients are queued in one statement",
	"people audit_events":             "one entry for each of many opt-outs, in one statement",
	"privacy *":                       "erasing and retention remove from every table, in the order that they need",
}

func TestAreasImportToTheLeft(t *testing.T) {
	eachModelFile(t, func(area, name string, f *ast.File) {
		for _, imp := range f.Imports {
			p, _ := strconv.Unquote(imp.Path.Value)
			other, ok := strings.CutPrefix(p, "parley/models/")
			if !ok || other == "internal/base" {
				continue
			}
			if i := slices.Index(areas, other); i < 0 || i >= slices.Index(areas, area) {
				t.Errorf("%s imports %s", name, p)
			}
		}
	})
}

var writeSQL = regexp.MustCompile(`\b(?:INSERT INTO|DELETE FROM|UPDATE)\s+(?:ONLY\s+)?([a-z_]+)`)

// A table is written only by its area, a folder of models with those below it: the SQL of all packages below models is
// looked through, and the calls of GORM whose argument's type the file names.
func TestWhoWritesATableOwnsIt(t *testing.T) {
	used := map[string]bool{}
	check := func(area, name, table string) {
		owner, known := owners[table]
		home, _, _ := strings.Cut(area, "/")
		at := home + " " + table
		if foreignWrites[home+" *"] != "" {
			at = home + " *"
		}
		switch {
		case !known:
			t.Errorf("%s writes %s, which has no owner", name, table)
		case owner == home:
		case foreignWrites[at] == "":
			t.Errorf("%s writes %s, which belongs to %s", name, table, owner)
		}
		used[at] = true
	}
	eachModelFile(t, func(area, name string, f *ast.File) {
		ast.Inspect(f, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.BasicLit:
				for _, m := range writeSQL.FindAllStringSubmatch(n.Value, -1) {
					check(area, name, m[1])
				}
			case *ast.CallExpr:
				if table := writtenTable(n); table != "" {
					check(area, name, table)
				}
			}
			return true
		})
	})
	err := filepath.WalkDir("models", func(name string, d fs.DirEntry, err error) error {
		if err != nil || path.Ext(name) != ".sql" {
			return err
		}
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		area, _, _ := strings.Cut(filepath.ToSlash(name), "/queries/")
		area = strings.TrimPrefix(strings.TrimPrefix(area, "models"), "/")
		for _, line := range strings.Split(string(text), "\n") {
			if strings.HasPrefix(strings.TrimSpace(line), "--") {
				continue
			}
			for _, m := range writeSQL.FindAllStringSubmatch(line, -1) {
				check(area, name, m[1])
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for table := range owners {
		if !slices.Contains(tables(t), table) {
			t.Errorf("no migration makes %s", table)
		}
	}
	for at := range foreignWrites {
		if !used[at] {
			t.Errorf("nothing writes %s", at)
		}
	}
}

var createTable = regexp.MustCompile(`CREATE (?:UNLOGGED )?TABLE (?:IF NOT EXISTS )?([a-z_]+)`)

// tables are the names of all tables that migrations make.
func tables(t *testing.T) (names []string) {
	t.Helper()
	files, err := filepath.Glob("migrations/*.sql")
	if err != nil || len(files) == 0 {
		t.Fatal(err)
	}
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range createTable.FindAllStringSubmatch(string(text), -1) {
			names = append(names, m[1])
		}
	}
	return names
}

// writtenTable is the table of another package's type that a call of GORM writes, empty if it writes none.
func writtenTable(call *ast.CallExpr) string {
	sel, ok := call.Fun.(*ast.SelectorExpr)
	if !ok || len(call.Args) == 0 {
		return ""
	}
	switch sel.Sel.Name {
	case "Create", "Save", "Delete":
		return tableOf(foreignType(call.Args[0]))
	case "Update", "Updates":
		return tableOf(foreignType(modelOf(sel.X)))
	}
	return ""
}

var camel = regexp.MustCompile(`([a-z])([A-Z])`)

// tableOf is the table that GORM derives from the name of a type.
func tableOf(typ string) string {
	_, name, _ := strings.Cut(typ, ".")
	if name == "" {
		return ""
	}
	return strings.ToLower(camel.ReplaceAllString(name, "${1}_$2")) + "s"
}

// modelOf is the argument of Model in a chain of GORM's calls.
func modelOf(e ast.Expr) ast.Expr {
	for {
		call, ok := e.(*ast.CallExpr)
		if !ok {
			return nil
		}
		sel, ok := call.Fun.(*ast.SelectorExpr)
		if !ok {
			return nil
		}
		if sel.Sel.Name == "Model" && len(call.Args) == 1 {
			return call.Args[0]
		}
		e = sel.X
	}
}

// foreignType is the qualified name of an expression's type, if the file says that it is one of another package.
func foreignType(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.UnaryExpr:
		return foreignType(e.X)
	case *ast.StarExpr:
		return foreignType(e.X)
	case *ast.ArrayType:
		return foreignType(e.Elt)
	case *ast.CompositeLit:
		if e.Type != nil {
			return foreignType(e.Type)
		}
	case *ast.SelectorExpr:
		if id, ok := e.X.(*ast.Ident); ok && id.Obj == nil && slices.ContainsFunc(areas, func(a string) bool {
			return path.Base(a) == id.Name
		}) {
			return id.Name + "." + e.Sel.Name
		}
	case *ast.Ident:
		if e.Obj == nil {
			return ""
		}
		switch d := e.Obj.Decl.(type) {
		case *ast.Field:
			return foreignType(d.Type)
		case *ast.ValueSpec:
			if d.Type != nil {
				return foreignType(d.Type)
			}
		case *ast.AssignStmt:
			for i, l := range d.Lhs {
				if id, ok := l.(*ast.Ident); ok && id.Name == e.Name && len(d.Rhs) == len(d.Lhs) {
					return foreignType(d.Rhs[i])
				}
			}
		}
	}
	return ""
}

// Nothing outside models reaches GORM: the packages below models are the only ones that can import base.
func TestGORMStaysInModels(t *testing.T) {
	eachSource(t, func(name string, f *ast.File) {
		for _, imp := range f.Imports {
			if strings.HasPrefix(imp.Path.Value, `"gorm.io/`) && !strings.HasPrefix(name, "models/") {
				t.Errorf("%s imports %s", name, imp.Path.Value)
			}
		}
	})
}

const (
	mostExported = 80
	mostFiles    = 25
)

// No package of models exports more than mostExported functions and methods, or has more than mostFiles
// files.
func TestPackagesStaySmall(t *testing.T) {
	exported, files := map[string]int{}, map[string]int{}
	eachModelFile(t, func(area, name string, f *ast.File) {
		files[area]++
		for _, d := range f.Decls {
			if fd, ok := d.(*ast.FuncDecl); ok && fd.Name.IsExported() {
				exported[area]++
			}
		}
	})
	for area, n := range exported {
		if n > mostExported || files[area] > mostFiles {
			t.Errorf("models/%s exports %d functions and methods in %d files", area, n, files[area])
		}
	}
}

// eachModelFile calls fn with each file of models, but those of tests, and its area.
func eachModelFile(t *testing.T, fn func(area, name string, f *ast.File)) {
	t.Helper()
	files := 0
	err := filepath.WalkDir("models", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || path.Ext(name) != ".go" || strings.HasSuffix(name, "_test.go") {
			return err
		}
		name = filepath.ToSlash(name)
		area := strings.TrimPrefix(strings.TrimPrefix(path.Dir(name), "models"), "/")
		if strings.HasPrefix(area, "modelstest") || area == "internal/base" {
			return nil
		}
		files++
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			return err
		}
		fn(area, name, f)
		return nil
	})
	if err != nil || files < 60 {
		t.Fatalf("read %d files: %v", files, err)
	}
}
