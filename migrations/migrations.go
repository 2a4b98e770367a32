// Package migrations has the schema: SQL files that goose applies in order at start.
package migrations

import "embed"

// Files are the goose migrations, embedded in the binary.
//
//go:embed *.sql
var Files embed.FS
