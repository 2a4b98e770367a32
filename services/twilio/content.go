package twilio

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"strconv"
	"strings"

	content "github.com/twilio/twilio-go/rest/content/v1"

	"parley/whatsapp"
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
	body, err := json.Marshal(
		map[string]any{"friendly_name": t.FriendlyName, "language": t.Language, "variables": t.Samples,
			"types": t.Content.Types()},
	)
	if err != nil {
		return "", fmt.Errorf("write content: %w", err)
	}
	res, err := c.handler.Post(
		"https://content.twilio.com/v1/Content",
		nil,
		map[string]any{"Content-Type": "application/json"},
		"",
		body...)
	if err != nil {
		return "", decode(err)
	}
	defer res.Body.Close() //nolint:errcheck // read to the end
	var out content.ContentV1Content
	if err := json.NewDecoder(res.Body).Decode(&out); err != nil || text(out.Sid) == "" {
		return "", &Error{Message: "Twilio's answer names no content", Outcome: OutcomeUnknown}
	}
	return text(out.Sid), nil
}

// DeleteContent removes a content. One that is gone already is not an error.
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
	return Approval{
		Name:            text(out.Name),
		Status:          text(out.Status),
		RejectionReason: text(out.RejectionReason),
		Category:        text(out.Category),
	}, nil
}

// FetchApproval asks for the state of WhatsApp's decision. There is no webhook for it.
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

// Listing is a content with its approval, as Twilio lists it.
type Listing struct {
	Content
	Unfillable string // see whatsapp.Unfillable
	Approval   Approval
}

// contentPage is how many contents are asked for at once.
const contentPage = 500

// Contents reads all contents with their approvals, newest first, and passes them to take page by page. An account has
// at most 6,000 templates. An error ends it; earlier pages stay valid.
func (c *Client) Contents(ctx context.Context, take func([]Listing) error) error {
	first := "https://content.twilio.com/v1/ContentAndApprovals?PageSize=" + strconv.Itoa(contentPage)
	var refused error
	err := c.pages(ctx, first, func(d *json.Decoder) (string, bool, error) {
		var page content.ListContentAndApprovalsResponse
		if err := d.Decode(&page); err != nil {
			return "", false, err
		}
		if page.Contents == nil {
			return "", false, errors.New("it has no contents")
		}
		list := make([]Listing, 0, len(page.Contents))
		for _, r := range page.Contents {
			list = append(list, listing(r))
		}
		refused = take(list)
		return text(page.Meta.NextPageUrl), refused != nil, nil
	})
	return errors.Join(err, refused)
}

// SameContents are the sids of all contents that have t's name, language, samples and content, newest first: after a
// call to CreateContent with an unknown outcome, the content that it may have created is among them.
func (c *Client) SameContents(ctx context.Context, t Content) ([]string, error) {
	want, err := json.Marshal(t.Content.Types())
	if err != nil {
		return nil, err
	}
	var sids []string
	err = c.Contents(ctx, func(list []Listing) error {
		for _, l := range list {
			if l.FriendlyName != t.FriendlyName || l.Language != t.Language || !maps.Equal(l.Samples, t.Samples) {
				continue
			}
			if got, err := json.Marshal(l.Content.Content.Types()); err == nil && bytes.Equal(got, want) {
				sids = append(sids, l.Sid)
			}
		}
		return nil
	})
	return sids, err
}

func listing(r content.ContentV1ContentAndApprovals) Listing {
	l := Listing{
		Content: Content{
			Sid:          text(r.Sid),
			FriendlyName: text(r.FriendlyName),
			Language:     strings.ReplaceAll(text(r.Language), "-", "_"),
			Samples:      map[string]string{},
		},
		Approval: Approval{Status: "unsubmitted"},
	}
	if r.Variables != nil {
		for k, v := range *r.Variables {
			l.Samples[k] = fmt.Sprint(v)
		}
	}
	if r.Types != nil {
		l.Content.Content, l.Unfillable = whatsapp.ReadTypes(*r.Types), whatsapp.Unfillable(*r.Types, l.Samples)
	}
	if r.ApprovalRequests != nil {
		l.Approval = approvalOf(*r.ApprovalRequests)
	}
	return l
}

func approvalOf(m map[string]any) Approval {
	get := func(k string) string {
		if v, ok := m[k]; ok && v != nil {
			return fmt.Sprint(v)
		}
		return ""
	}
	a := Approval{
		Name:            get("name"),
		Status:          get("status"),
		RejectionReason: get("rejection_reason"),
		Category:        get("category"),
	}
	if a.Status == "" {
		a.Status = "unsubmitted"
	}
	return a
}
