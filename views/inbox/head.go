package inbox

import (
	"context"
	"mime"
	"strconv"
	"time"

	"parley/models"
	"parley/views/components"
)

// HeadProps are what a conversation's head shows.
type HeadProps struct {
	Conversation *models.Conversation
	Users        []models.User
	Now          time.Time
}

func (p HeadProps) subtitle(ctx context.Context) string {
	number := ""
	if p.Conversation.Contact.Phone != nil {
		number = components.Phone(ctx, p.Conversation.Contact.Phone) + " · "
	}
	return number + "through " + p.Conversation.Sender.Name
}

func (p HeadProps) assigned(u models.User) bool {
	return p.Conversation.AssigneeID != nil && *p.Conversation.AssigneeID == u.ID
}

func itoa(n int) string { return strconv.Itoa(n) }

func itoa64(n int64) string { return strconv.FormatInt(n, 10) }

func yes(b bool) string { return strconv.FormatBool(b) }

// shown says which files a browser may show inside the page; the handler decides again.
func shown(contentType string) bool {
	return contentType == "image/jpeg" || contentType == "image/png" || contentType == "image/webp" || contentType == "image/gif"
}

func fileName(f models.MediaFile) string {
	if ext, err := mime.ExtensionsByType(f.ContentType); err == nil && len(ext) > 0 {
		return "File (" + ext[0][1:] + ")"
	}
	return "File"
}
