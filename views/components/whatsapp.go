package components

import (
	"context"
	"html"
	"io"
	"net/url"
	"path"
	"strings"

	"github.com/a-h/templ"

	"parley/whatsapp"
)

func actionIcon(kind string) string {
	switch kind {
	case whatsapp.ActionURL:
		return "external-link"
	case whatsapp.ActionPhone, whatsapp.ActionVoice:
		return "phone"
	case whatsapp.ActionCode:
		return "copy"
	}
	return "reply"
}

// ActionName is a kind of button in words.
func ActionName(kind string) string {
	switch kind {
	case whatsapp.ActionURL:
		return "Opens a link"
	case whatsapp.ActionPhone:
		return "Calls a number"
	case whatsapp.ActionCode:
		return "Copies a code"
	case whatsapp.ActionVoice:
		return "Calls on WhatsApp"
	}
	return "Quick reply"
}

// TypeName is a content type in words.
func TypeName(t whatsapp.ContentType) string {
	switch t {
	case whatsapp.TypeText:
		return "Text"
	case whatsapp.TypeMedia:
		return "Picture, video or document"
	case whatsapp.TypeQuickReply:
		return "Quick replies"
	case whatsapp.TypeCallToAction:
		return "Call to action"
	case whatsapp.TypeListPicker:
		return "List"
	case whatsapp.TypeCard, whatsapp.TypeTwilioCard:
		return "Card"
	case whatsapp.TypeLocation:
		return "Location"
	case whatsapp.TypeAuthentication:
		return "One-time code"
	case whatsapp.TypeCarousel:
		return "Carousel"
	}
	return string(t)
}

func mediaKind(address string) string {
	u, err := url.Parse(address)
	if err != nil || strings.Contains(address, "{{") {
		return "file"
	}
	switch strings.ToLower(path.Ext(u.Path)) {
	case ".jpg", ".jpeg", ".png", ".webp":
		if u.Scheme == "https" || u.Scheme == "http" {
			return "picture"
		}
	case ".mp4", ".3gp":
		return "video"
	}
	return "file"
}

func fileOf(address string) string {
	if address == "" {
		return "File"
	}
	if u, err := url.Parse(address); err == nil && path.Base(u.Path) != "/" && path.Base(u.Path) != "." {
		return path.Base(u.Path)
	}
	return address
}

// SnakeName is a template's name that may break after an underscore.
func SnakeName(name string) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		_, err := io.WriteString(w, strings.ReplaceAll(html.EscapeString(name), "_", "_<wbr>"))
		return err
	})
}
