package models

import (
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5/pgconn"
	"gorm.io/gorm"
)

// Kind is what went wrong, for the program.
type Kind string

// The kinds; handlers turn each into one HTTP status.
const (
	KindInvalid   Kind = "invalid"
	KindNotFound  Kind = "not_found"
	KindConflict  Kind = "conflict"
	KindForbidden Kind = "forbidden"
	KindTooMany   Kind = "too_many"
)

// Error is a refusal that a person can act on: Message is a whole sentence, Field the form field it
// belongs to, if any.
type Error struct {
	Kind    Kind
	Field   string
	Message string
	Err     error
}

func (e *Error) Error() string {
	if e.Err != nil {
		return fmt.Sprintf("%s: %s: %v", e.Kind, e.Message, e.Err)
	}
	return fmt.Sprintf("%s: %s", e.Kind, e.Message)
}

func (e *Error) Unwrap() error { return e.Err }

// Invalid refuses the value of a form field.
func Invalid(field, message string) error {
	return &Error{Kind: KindInvalid, Field: field, Message: message}
}

// InvalidBecause refuses the value of a form field for the reason in err, whose text is a whole sentence.
func InvalidBecause(field string, err error) error {
	return &Error{Kind: KindInvalid, Field: field, Message: err.Error(), Err: err}
}

// Conflict refuses what the present state does not allow.
func Conflict(message string) error { return &Error{Kind: KindConflict, Message: message} }

// NotFound says that there is no such thing, or none that the person may see.
func NotFound(what string) error {
	return &Error{Kind: KindNotFound, Message: "This " + what + " does not exist, or it was removed."}
}

// ErrStale says that somebody changed the thing since the form was opened.
func ErrStale(what string) error {
	return &Error{
		Kind: KindConflict,
		Message: "Somebody changed this " + what + " while you were editing. Your text is still here: open the " +
			what + " in another tab to compare, then save again.",
	}
}

// found turns GORM's answer for no row into NotFound.
func found(err error, what string) error {
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return NotFound(what)
	}
	if err != nil {
		return fmt.Errorf("find %s: %w", what, err)
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

// Refused reports whether the database itself refused a value: by a constraint, or because it can't be stored.
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
