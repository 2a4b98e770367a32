package arrivals

import (
	"embed"

	"parley/models/internal/base"
)

//go:embed queries
var queryFiles embed.FS

// query is the SQL of a file in queries/: see base.Query.
func query(name string) string { return base.Query(queryFiles, name) }
