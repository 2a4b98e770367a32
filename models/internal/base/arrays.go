package base

import (
	"database/sql/driver"
	"fmt"
	"strconv"
	"strings"
)

// Texts are written as PostgreSQL's text[].
type Texts []string

// Value writes {"a","b"}.
func (v Texts) Value() (driver.Value, error) { return v.Text(), nil }

// Text is the array as PostgreSQL writes it.
func (v Texts) Text() string {
	escape := strings.NewReplacer(`\`, `\\`, `"`, `\"`)
	out := make([]string, len(v))
	for i, s := range v {
		out[i] = `"` + escape.Replace(s) + `"`
	}
	return "{" + strings.Join(out, ",") + "}"
}

// IDs are row ids as PostgreSQL's bigint[].
type IDs []int64

// Scan reads {1,2}.
func (v *IDs) Scan(src any) error {
	var text string
	switch s := src.(type) {
	case nil:
	case string:
		text = s
	case []byte:
		text = string(s)
	default:
		return fmt.Errorf("ids: %T", src)
	}
	*v = IDs{}
	for f := range strings.SplitSeq(strings.Trim(text, "{}"), ",") {
		if f == "" {
			continue
		}
		n, err := strconv.ParseInt(f, 10, 64)
		if err != nil {
			return fmt.Errorf("ids: %w", err)
		}
		*v = append(*v, n)
	}
	return nil
}

// Value writes {1,2}.
func (v IDs) Value() (driver.Value, error) { return v.Text(), nil }

// Text is the array as PostgreSQL writes it. GORM would spread a slice over many parameters.
func (v IDs) Text() string {
	out := make([]string, len(v))
	for i, n := range v {
		out[i] = strconv.FormatInt(n, 10)
	}
	return "{" + strings.Join(out, ",") + "}"
}
