package twilio

import (
	"fmt"

	content "github.com/twilio/twilio-go/rest/content/v1"
)

// Content is a template as Twilio's Content API takes it.
type Content struct {
	FriendlyName string
	Language     string
	Body         string            // with {{1}}, {{2}}
	Samples      map[string]string // by number
}

// Approval is where WhatsApp's decision on a content stands, in Twilio's words.
type Approval struct {
	Status          string // unsubmitted, received, pending, approved, rejected, paused, disabled
	RejectionReason string
	Category        string
}

// CreateContent makes a text content and returns its sid, HX and 32 digits.
func (c *Client) CreateContent(t Content) (string, error) {
	req := content.ContentCreateRequest{FriendlyName: t.FriendlyName, Language: t.Language, Variables: t.Samples,
		Types: content.Types{TwilioText: &content.TwilioText{Body: t.Body}}}
	out, err := c.content.CreateContent((&content.CreateContentParams{}).SetContentCreateRequest(req))
	if err != nil {
		return "", decode(err)
	}
	return text(out.Sid), nil
}

// SubmitContent asks WhatsApp to approve a content. The name has lower-case letters, digits and underscores.
func (c *Client) SubmitContent(sid, name, category string) (Approval, error) {
	req := content.ContentApprovalRequest{Name: name, Category: category}
	out, err := c.content.CreateApprovalCreate(sid, (&content.CreateApprovalCreateParams{}).SetContentApprovalRequest(req))
	if err != nil {
		return Approval{}, decode(err)
	}
	return Approval{Status: text(out.Status), RejectionReason: text(out.RejectionReason), Category: text(out.Category)}, nil
}

// FetchApproval asks where WhatsApp's decision stands. There is no webhook for it.
func (c *Client) FetchApproval(sid string) (Approval, error) {
	out, err := c.content.FetchApprovalFetch(sid)
	if err != nil {
		return Approval{}, decode(err)
	}
	if out.Whatsapp == nil {
		return Approval{Status: "unsubmitted"}, nil
	}
	get := func(k string) string {
		if v, ok := (*out.Whatsapp)[k]; ok && v != nil {
			return fmt.Sprint(v)
		}
		return ""
	}
	a := Approval{Status: get("status"), RejectionReason: get("rejection_reason"), Category: get("category")}
	if a.Status == "" {
		a.Status = "unsubmitted"
	}
	return a, nil
}
