package simulator

import (
	"encoding/json"
	"net/http"
	"regexp"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"parley/services/whatsapp"
)

var languageCode = regexp.MustCompile(`^[a-z]{2,3}(_[A-Z]{2})?$`)

// body is the text of a content, with {{1}}.
func (c *Content) body() string {
	text, _ := c.Types["twilio/text"]["body"].(string)
	return text
}

// fill puts values in; a sample stands in for a missing one, as at Twilio.
func (c *Content) fill(values map[string]string) string {
	all := map[string]string{}
	for k, v := range c.Variables {
		all[k] = v
	}
	for k, v := range values {
		all[k] = v
	}
	return whatsapp.Fill(c.body(), all)
}

func (s *Simulator) createContent(c echo.Context) error {
	var in struct {
		FriendlyName string                    `json:"friendly_name"`
		Language     string                    `json:"language"`
		Variables    map[string]string         `json:"variables"`
		Types        map[string]map[string]any `json:"types"`
	}
	dec := json.NewDecoder(c.Request().Body)
	dec.DisallowUnknownFields()
	if err := dec.Decode(&in); err != nil {
		return restError(c, http.StatusBadRequest, 20001, "Invalid request body: "+err.Error())
	}
	content := &Content{Sid: newSid("HX"), FriendlyName: in.FriendlyName, Language: in.Language, Variables: in.Variables, Types: in.Types}
	switch {
	case !languageCode.MatchString(in.Language):
		return restError(c, http.StatusBadRequest, 20001, "Invalid language")
	case len(in.Types) == 0 || content.body() == "":
		return restError(c, http.StatusBadRequest, 20001, "At least one content type with a body is required")
	case whatsapp.Length(content.body()) > whatsapp.MaxBody:
		return restError(c, http.StatusBadRequest, 20001, "Body is too long")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	content.Created = s.now()
	s.state.Contents[content.Sid] = content
	s.keep("content", content.Sid, content)
	return c.JSON(http.StatusCreated, s.contentJSON(content))
}

func (s *Simulator) contentJSON(c *Content) map[string]any {
	url := "https://content.twilio.com/v1/Content/" + c.Sid
	variables := c.Variables
	if variables == nil {
		variables = map[string]string{}
	}
	return map[string]any{"sid": c.Sid, "account_sid": s.opt.AccountSID, "friendly_name": c.FriendlyName, "language": c.Language,
		"variables": variables, "types": c.Types, "url": url,
		"date_created": c.Created.Format(time.RFC3339), "date_updated": c.Created.Format(time.RFC3339),
		"links": map[string]string{"approval_create": url + "/ApprovalRequests/whatsapp", "approval_fetch": url + "/ApprovalRequests"}}
}

func (s *Simulator) fetchContent(c echo.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	content := s.state.Contents[c.Param("sid")]
	if content == nil {
		return restError(c, http.StatusNotFound, 20404, "The requested resource "+c.Request().URL.Path+" was not found")
	}
	return c.JSON(http.StatusOK, s.contentJSON(content))
}

func (s *Simulator) createApproval(c echo.Context) error {
	var in struct {
		Name     string `json:"name"`
		Category string `json:"category"`
	}
	if err := json.NewDecoder(c.Request().Body).Decode(&in); err != nil {
		return restError(c, http.StatusBadRequest, 20001, "Invalid request body")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	content := s.state.Contents[c.Param("sid")]
	switch {
	case content == nil:
		return restError(c, http.StatusNotFound, 20404, "The requested resource "+c.Request().URL.Path+" was not found")
	case content.Approval != nil:
		return restError(c, http.StatusBadRequest, 20001, "This content was submitted already")
	case !whatsapp.ValidTemplateName(in.Name):
		return restError(c, http.StatusBadRequest, 20001, "Invalid template name")
	case !strings.Contains(" UTILITY MARKETING AUTHENTICATION ", " "+in.Category+" "):
		return restError(c, http.StatusBadRequest, 20001, "Invalid category")
	}
	content.Approval = &Approval{Name: in.Name, Category: in.Category, Status: "received", SubmittedAt: time.Now()}
	s.keep("content", content.Sid, content)
	s.scheduleReview(content)
	return c.JSON(http.StatusCreated, approvalJSON(content))
}

func approvalJSON(c *Content) map[string]any {
	kind := ""
	for k := range c.Types {
		kind = k
	}
	a := c.Approval
	return map[string]any{"name": a.Name, "category": a.Category, "content_type": kind, "status": a.Status,
		"rejection_reason": a.RejectionReason, "allow_category_change": true}
}

func (s *Simulator) fetchApproval(c echo.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	content := s.state.Contents[c.Param("sid")]
	if content == nil {
		return restError(c, http.StatusNotFound, 20404, "The requested resource "+c.Request().URL.Path+" was not found")
	}
	wa := map[string]any{"status": "unsubmitted", "name": "", "category": "", "rejection_reason": "", "content_type": "", "allow_category_change": true, "type": "whatsapp"}
	if content.Approval != nil {
		wa = approvalJSON(content)
		wa["type"] = "whatsapp"
	}
	return c.JSON(http.StatusOK, map[string]any{"sid": content.Sid, "account_sid": s.opt.AccountSID, "whatsapp": wa,
		"url": "https://content.twilio.com/v1/Content/" + content.Sid + "/ApprovalRequests"})
}
