package base

import (
	"embed"
	"errors"
	"io/fs"
	"path"
	"strings"

	"gorm.io/gorm/clause"
)

// Statements that several areas have in common.
//
//go:embed queries
var sharedQueries embed.FS

// Query is the SQL of a file in an area's folder queries, without its comments. Each file has one statement, is named
// after what it answers, and begins with a comment on what it is for; queries/shared has what several statements have
// in common. A line \ir includes another file, as in psql, from the same folder or from the one that all areas share.
// TestQueriesFitTheSchema prepares all of them. Call it only for package variables: a name without a file then stops
// the program at its start, and no file is read later.
//
// Values that are known only when the statement runs, such as a filter or a number that must be part of the text, are
// also @names: GORM replaces the name with a clause.Expression.
func Query(files fs.FS, name string) string {
	text, err := fs.ReadFile(files, "queries/"+name+".sql")
	if errors.Is(err, fs.ErrNotExist) {
		text, err = sharedQueries.ReadFile("queries/" + name + ".sql")
	}
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
			line = Query(files, path.Join(path.Dir(name), strings.TrimSuffix(shared, ".sql")))
		}
		out = append(out, line)
	}
	return strings.Join(out, "\n")
}

// ForUpdate locks the rows that a query finds.
var ForUpdate = clause.Locking{Strength: "UPDATE"}

// LikeEscape makes a text match only itself in LIKE.
var LikeEscape = strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace

// Lock finds and locks the row with a public id. gorm.ErrRecordNotFound: there is none.
func Lock(tx *Tx, row any, publicID string) error {
	return DB(tx).Clauses(ForUpdate).Where("public_id = ?", publicID).Take(row).Error
}
