package messaging

import (
	"strconv"
	"strings"

	"parley/models"
	"parley/models/conversations"
	"parley/models/conversations/mediafiles"
	"parley/whatsapp"
	"parley/whatsapp/plaintext"
)

// part is one message of a reply: WhatsApp allows one file in each.
type part struct {
	text  string
	file  *Upload
	token string
	quote string // see ReplyForm; of the first part only
}

// parts splits a reply into messages. The text goes with the first file if WhatsApp shows it there, under pictures and
// videos; else it is a message of its own before the files.
func (f ReplyForm) parts(text string) []part {
	var out []part
	if len(f.Files) == 0 || text != "" && !captioned(f.Files[0]) {
		out = append(out, part{text: text})
		text = ""
	}
	for i, file := range f.Files {
		p := part{file: file}
		if i == 0 {
			p.text = text
		}
		out = append(out, p)
	}
	out[0].token, out[0].quote = f.Token, f.Quote
	for i := range out[1:] {
		if f.Token != "" {
			out[i+1].token = f.Token + "-" + strconv.Itoa(i+1)
		}
	}
	return out
}

// queue writes a part into the queue as a message, with its quotation and its file.
func (p part) queue(tx *models.Tx, c *conversations.Conversation, m *conversations.Message) (added bool, err error) {
	if err := quote(tx, c, m, p.quote); err != nil {
		return false, err
	}
	if p.file != nil {
		m.Kind, m.Details.Voice = whatsapp.KindMedia, p.file.Voice
	}
	if added, err = queue(tx, c, m); err != nil || !added {
		return added, err
	}
	return true, attach(tx, m, p.file)
}

func captioned(f *Upload) bool {
	return strings.HasPrefix(f.ContentType, "video/") || f.ContentType == "image/jpeg" || f.ContentType == "image/png"
}

func attach(tx *models.Tx, m *conversations.Message, f *Upload) error {
	if f == nil {
		return nil
	}
	return mediafiles.AddMedia(tx, &mediafiles.MediaFile{
		MessageID:   m.ID,
		ContentType: f.ContentType,
		File:        f.File,
		Size:        f.Size,
		AccessKey:   f.AccessKey,
		Thumb:       f.Thumb,
		Name:        plaintext.Cut(f.Name, 200),
	})
}

// quote puts the quoted message before the text, in the style of WhatsApp's own quotes: Twilio's API can't reply to a
// message.
func quote(tx *models.Tx, c *conversations.Conversation, m *conversations.Message, publicID string) error {
	if publicID == "" {
		return nil
	}
	q, err := conversations.MessageForUpdate(tx, publicID)
	if err != nil {
		return err
	}
	if q.ConversationID != c.ID || q.Direction == whatsapp.InternalNote || q.TwilioSid == nil {
		return models.Invalid("quote", "message.cannot_be_quoted")
	}
	m.ReplyToSid = *q.TwilioSid
	if line := whatsapp.Plain(conversations.LineOf(q), 80); line != "" && m.Body != "" {
		m.Body = "> " + line + "\n" + m.Body
	}
	if n := whatsapp.Length(m.Body); n > whatsapp.MaxBody {
		return tooLong("body", n, whatsapp.MaxBody)
	}
	return nil
}
