package templates

import (
	"parley/models/templates"
	"parley/views/components"
	"parley/whatsapp"
)

func category(r templates.TemplateRow) whatsapp.Category {
	if r.Category != "" {
		return r.Category
	}
	return r.TemplateCategory
}

func nameOf(r templates.TemplateRow) string {
	if r.TemplateName == "" {
		return "Untitled"
	}
	return r.TemplateName
}

func preview(r templates.TemplateRow) string {
	if r.Body == "" {
		return components.TypeName(r.ContentType)
	}
	return whatsapp.Plain(r.Body, 140)
}

// dash is shown if there is nothing to count.
func dash(n int, s string) string {
	if n == 0 {
		return "–"
	}
	return s
}

func columnName(s string) string {
	switch s {
	case "draft":
		return "Drafts"
	case "approved":
		return "Approved"
	case "rejected":
		return "Rejected"
	}
	return listStateName(s)
}

func columnState(s string) string {
	if s == "stopped" {
		return string(whatsapp.Paused)
	}
	return s
}

func columnEmpty(s string) string {
	switch s {
	case "draft":
		return "Nothing is being written."
	case "review":
		return "Nothing waits for WhatsApp."
	case "rejected":
		return "Nothing was rejected."
	case "approved":
		return "Nothing is approved yet."
	}
	return "Nothing was stopped."
}

// SheetLine is the result for one line of a sheet of drafts.
type SheetLine struct {
	Line                 int
	Name, Language, Body string
	Type                 whatsapp.ContentType
	Problem, ID          string
}

// SheetProps are what the page of a sheet shows: what was typed, or the result.
type SheetProps struct {
	Typed, Problem string
	Rows           []SheetLine
	Done           bool // the drafts were created
}
