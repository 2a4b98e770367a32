package models

import (
	"embed"
	"path"
	"strings"
)

// Long SQL stands in queries/, a statement a file that is named after what it answers and begins with what it is for.
// queries/shared/ has what several statements have in common. TestQueriesFitTheSchema prepares all of them.
//
//go:embed queries/*.sql queries/shared/*.sql
var queryFiles embed.FS

// query is the SQL of a file in queries/, without its comments. A line \ir takes in another file, as psql does. It is
// called for variables of the package only: a name without a file stops the program when it starts, and nothing is read
// for each statement.
//
// What is known only when the statement is made, a filter or a number that has to stand in the text, is one of its
// @names, too: GORM writes a clause.Expression where the name stands.
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
