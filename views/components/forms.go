package components

import "strconv"

func itoa(n int) string { return strconv.Itoa(n) }

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

func variant(tone string) string {
	if tone == "bad" {
		return "destructive"
	}
	return "default"
}

func toastStay(tone string) string {
	if tone == "bad" {
		return "stay"
	}
	return "brief"
}

func toastRole(tone string) string {
	if tone == "bad" {
		return "alert"
	}
	return "status"
}
