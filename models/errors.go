package models

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	"gorm.io/gorm"

	"parley/whatsapp/phone"
)

// Kind is the kind of an error, for the program.
type Kind string

// The kinds; handlers turn each into one HTTP status.
const (
	KindInvalid   Kind = "invalid"
	KindNotFound  Kind = "not_found"
	KindConflict  Kind = "conflict"
	KindForbidden Kind = "forbidden"
	KindTooMany   Kind = "too_many"
)

// Error is a refusal that a user can act on. Code names its sentence in the catalogue (errors.en.toml) by area and
// meaning, such as tag.name_taken; Field is the form field that it belongs to, if any.
type Error struct {
	Kind  Kind
	Code  string
	Args  Args
	Field string
	Err   error
}

// Args are the values of a sentence's placeholders, by name. Count chooses between singular and plural. An argument
// that is itself an *Error becomes a sentence in the same language.
type Args map[string]any

// Error is the text for logs; users read Message.
func (e *Error) Error() string {
	said := string(e.Kind) + ": " + e.Code
	for _, name := range slices.Sorted(maps.Keys(e.Args)) {
		said += fmt.Sprintf(" %s=%q", name, fmt.Sprint(e.Args[name]))
	}
	if e.Err != nil {
		said += ": " + e.Err.Error()
	}
	return said
}

func (e *Error) Unwrap() error { return e.Err }

// Invalid refuses the value of a form field. args are the sentence's arguments, each after its name: "Max", 100.
func Invalid(field, code string, args ...any) error {
	return &Error{Kind: KindInvalid, Code: code, Args: named(args), Field: field}
}

// InvalidBecause refuses the value of a form field with the sentence of err: another refusal, or a number that can't be
// read. Any other error is returned unchanged.
func InvalidBecause(field string, err error) error {
	if e, ok := errors.AsType[*Error](err); ok {
		return &Error{Kind: KindInvalid, Code: e.Code, Args: e.Args, Field: field, Err: e.Err}
	}
	if r, ok := errors.AsType[*phone.Refusal](err); ok {
		return &Error{Kind: KindInvalid, Code: codeOfPhone(r), Field: field, Err: err}
	}
	return fmt.Errorf("%s: %w", field, err)
}

// codeOfPhone is the code of a refusal of package phone: for phone_too_short it is phone.too_short.
func codeOfPhone(r *phone.Refusal) string {
	switch {
	case r.Reason != phone.Unconfirmed:
		return "phone." + strings.TrimPrefix(string(r.Reason), "phone_")
	case r.Doubtful.Verdict == phone.Assumed:
		return "phone.country_assumed"
	}
	return "phone.not_assigned"
}

// Conflict refuses what the current state does not allow. args are the sentence's arguments, each after its name.
func Conflict(code string, args ...any) error {
	return &Error{Kind: KindConflict, Code: code, Args: named(args)}
}

// NotFound says that something does not exist, or that the user may not see it. area is its area in the catalogue.
func NotFound(area string) error { return &Error{Kind: KindNotFound, Code: area + ".not_found"} }

// ErrStale says that somebody has changed the thing since the form was opened. area is its area in the catalogue.
func ErrStale(area string) error { return &Error{Kind: KindConflict, Code: area + ".stale"} }

// named makes arguments of alternating names and values. A test checks every call.
func named(pairs []any) Args {
	if len(pairs) == 0 {
		return nil
	}
	args := Args{}
	for pair := range slices.Chunk(pairs, 2) {
		args[pair[0].(string)] = pair[1]
	}
	return args
}

// Found turns GORM's answer for no row into NotFound.
func Found(err error, area string) error {
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return NotFound(area)
	}
	if err != nil {
		return fmt.Errorf("find %s: %w", area, err)
	}
	return nil
}

// KindOf is the kind of a refusal, empty for any other error.
func KindOf(err error) Kind {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Kind
	}
	return ""
}

// Refused reports whether the database refused a value: by a constraint, or because it can't be stored.
func Refused(err error) bool {
	if errors.Is(err, gorm.ErrCheckConstraintViolated) {
		return true
	}
	pg, ok := errors.AsType[*pgconn.PgError](err)
	return ok && (pg.Code == "23514" || len(pg.Code) == 5 && pg.Code[:2] == "22")
}

// FieldsOf are the fields that a refusal names, also one that joins several.
func FieldsOf(err error) []string {
	if many, ok := err.(interface{ Unwrap() []error }); ok { // joined errors are taken apart level by level
		var out []string
		for _, e := range many.Unwrap() {
			out = append(out, FieldsOf(e)...)
		}
		return out
	}
	if e, ok := errors.AsType[*Error](err); ok && e.Field != "" {
		return []string{e.Field}
	}
	return nil
}
