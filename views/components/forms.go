package components

import (
	"slices"

	"parley/whatsapp"
)

func invalid(p FieldProps) string {
	if p.Problem != "" {
		return "true"
	}
	return "false"
}

func describedBy(p FieldProps) string {
	out := ""
	if p.Hint != "" {
		out = p.Name + "-hint"
	}
	if p.Problem != "" {
		out += " " + p.Name + "-problem"
	}
	return out
}

func inputType(p FieldProps) string {
	if p.Type == "" {
		return "text"
	}
	return p.Type
}

func variant(tone whatsapp.Tone) string {
	if tone == whatsapp.ToneBad {
		return "destructive"
	}
	return "default"
}

func toastStay(tone whatsapp.Tone) string {
	if tone == whatsapp.ToneBad {
		return "stay"
	}
	return "brief"
}

func toastRole(tone whatsapp.Tone) string {
	if tone == whatsapp.ToneBad {
		return "alert"
	}
	return "status"
}

// WithGone are the options, plus one for a value that is not among them: a choice that no longer exists stays chosen,
// instead of silently becoming the first option.
func WithGone(options []Option, value string) []Option {
	if value == "" || slices.ContainsFunc(options, func(o Option) bool { return o.Value == value }) {
		return options
	}
	return append(slices.Clone(options), Option{Value: value, Label: "One that does not exist any more"})
}

// KeptAs is the name (data-keep) under which the browser keeps what is typed into a form while it can't be sent. A new
// thing has no id yet.
func KeptAs(kind, id string) string {
	if id == "" {
		id = "new"
	}
	return kind + "-" + id
}
