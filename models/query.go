package models

import (
	"embed"
	"path"
	"strings"

	"gorm.io/gorm/clause"
)

// Long SQL is in queries/, one statement a file. The file is named after what it answers and begins with a comment on
// what it is for. queries/shared/ has what several statements have in common. TestQueriesFitTheSchema prepares all of
// them.
//
//go:embed queries/*.sql queries/shared/*.sql
var queryFiles embed.FS

// query is the SQL of a file in queries/, without its comments. A line \ir includes another file, as in psql. Call it
// only for package variables: a name without a file then stops the program at its start, and no file is read later.
//
// Values that are known only when the statement runs, such as a filter or a number that must be part of the text, are
// also @names: GORM replaces the name with a clause.Expression.
func query(name string) string {
	text, err := queryFiles.ReadFile("queries/" + name + ".sql")
	if err != nil {
		panic(err)
	}
	var out []string
	for line := range strings.Lines(string(text)) {
		line = strings.TrimRight(line, "\n")
		code := strings.TrimSpace(line)
		if code == "" || strings.HasPrefix(code, "--") {
			continue
		}
		if shared, ok := strings.CutPrefix(code, `\ir `); ok {
			line = query(path.Join(path.Dir(name), strings.TrimSuffix(shared, ".sql")))
		}
		out = append(out, line)
	}
	return strings.Join(out, "\n")
}

var forUpdate = clause.Locking{Strength: "UPDATE"}

var likeEscape = strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace

// retainPart is how many messages or files one transaction removes.
const retainPart = 2000
