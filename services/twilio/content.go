package twilio

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	content "github.com/twilio/twilio-go/rest/content/v1"

	"parley/services/whatsapp"
)

// Content is a template as Twilio's Content API takes it.
type Content struct {
	Sid          string
	FriendlyName string
	Language     string
	Content      whatsapp.Content  // with {{1}}, {{2}}
	Samples      map[string]string // by number
}

// Approval is where WhatsApp's decision on a content stands, in Twilio's words.
type Approval struct {
	Name            string
	Status          string // unsubmitted, received, pending, approved, rejected, paused, disabled
	RejectionReason string
	Category        string // UTILITY, MARKETING, AUTHENTICATION; WhatsApp may change it
}

// CreateContent makes a content and returns its sid, HX and 32 digits.
func (c *Client) CreateContent(t Content) (string, error) {
	// twilio-go's own types leave out what is false, and Twilio takes a missing advice as true.
	body, err := json.Marshal(map[string]any{"friendly_name": t.FriendlyName, "language": t.Language, "variables": t.Samples,
		"types": t.Content.Types()})
	if err != nil {
		return "", fmt.Errorf("write content: %w", err)
	}
	res, err := c.handler.Post("https://content.twilio.com/v1/Content", nil, map[string]any{"Content-Type": "application/json"}, "", body...)
	if err != nil {
		return "", decode(err)
	}
	defer res.Body.Close() //nolint:errcheck // read to the end
	var out content.ContentV1Content
	if err := json.NewDecoder(res.Body).Decode(&out); err != nil || text(out.Sid) == "" {
		return "", &Error{Message: "Twilio's answer names no content", Outcome: InDoubt}
	}
	return text(out.Sid), nil
}

// DeleteContent removes a content. One that is gone already is no error.
func (c *Client) DeleteContent(sid string) error {
	err := decode(c.content.DeleteContent(sid))
	if CodeOf(err) == 20404 {
		return nil
	}
	return err
}

// SubmitContent asks WhatsApp to approve a content. The name has lower-case letters, digits and underscores.
func (c *Client) SubmitContent(sid, name, category string) (Approval, error) {
	req := content.ContentApprovalRequest{Name: name, Category: category}
	out, err := c.content.CreateApprovalCreate(sid, (&content.CreateApprovalCreateParams{}).SetContentApprovalRequest(req))
	if err != nil {
		return Approval{}, decode(err)
	}
	return Approval{Name: text(out.Name), Status: text(out.Status), RejectionReason: text(out.RejectionReason), Category: text(out.Category)}, nil
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
	return approvalOf(*out.Whatsapp), nil
}

// Listed is a content with its approval, as Twilio lists it.
type Listed struct {
	Content
	Approval Approval
}

// Contents is one page of all contents with their approvals, at most 500. page is empty for the first
// one; the result names the next one, empty after the last.
func (c *Client) Contents(page string) (list []Listed, next string, err error) {
	token, number, _ := strings.Cut(page, " ")
	res, err := c.content.PageContentAndApprovals((&content.ListContentAndApprovalsParams{}).SetPageSize(500), token, number)
	if err != nil {
		return nil, "", decode(err)
	}
	for _, r := range res.Contents {
		l := Listed{Content: Content{Sid: text(r.Sid), FriendlyName: text(r.FriendlyName), Language: strings.ReplaceAll(text(r.Language), "-", "_"), Samples: map[string]string{}}, Approval: Approval{Status: "unsubmitted"}}
		if r.Variables != nil {
			for k, v := range *r.Variables {
				l.Samples[k] = fmt.Sprint(v)
			}
		}
		if r.Types != nil {
			l.Content.Content = whatsapp.ReadTypes(*r.Types)
		}
		if r.ApprovalRequests != nil {
			l.Approval = approvalOf(*r.ApprovalRequests)
		}
		list = append(list, l)
	}
	return list, nextPage(res.Meta), nil
}

func nextPage(m content.ListContentResponseMeta) string {
	if m.NextPageUrl == nil || *m.NextPageUrl == "" {
		return ""
	}
	_, query, _ := strings.Cut(*m.NextPageUrl, "?")
	token, number := "", strconv.Itoa(m.Page+1)
	for _, p := range strings.Split(query, "&") {
		if v, ok := strings.CutPrefix(p, "PageToken="); ok {
			token = v
		}
		if v, ok := strings.CutPrefix(p, "Page="); ok {
			number = v
		}
	}
	return token + " " + number
}

func approvalOf(m map[string]any) Approval {
	get := func(k string) string {
		if v, ok := m[k]; ok && v != nil {
			return fmt.Sprint(v)
		}
		return ""
	}
	a := Approval{Name: get("name"), Status: get("status"), RejectionReason: get("rejection_reason"), Category: get("category")}
	if a.Status == "" {
		a.Status = "unsubmitted"
	}
	return a
}
