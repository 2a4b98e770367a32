package web

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// JSONProblem says what is wrong with a body without revealing the program's internals.
func JSONProblem(err error) string {
	if t, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return fmt.Sprintf("%s has the wrong type.", t.Field)
	}
	if field, ok := strings.CutPrefix(err.Error(), "json: unknown field "); ok {
		return "There is no field " + strings.Trim(field, `"`) + "."
	}
	if errors.Is(err, io.EOF) {
		return "The body is empty: send a JSON object."
	}
	return "The body is no JSON object, or a time in it is not written as 2026-11-23T09:30:00Z."
}
