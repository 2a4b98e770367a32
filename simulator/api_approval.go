package simulator

import (
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"parley/whatsapp"
)

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
	if content == nil {
		return notFound(c)
	}
	kind := content.content().Type
	switch {
	case content.Approval != nil:
		return restError(c, http.StatusBadRequest, 20001, "This content was submitted already")
	case !whatsapp.ValidTemplateName(in.Name):
		return restError(c, http.StatusBadRequest, 20001, "Invalid template name")
	case !strings.Contains(" UTILITY MARKETING AUTHENTICATION ", " "+in.Category+" "):
		return restError(c, http.StatusBadRequest, 20001, "Invalid category")
	case kind.SessionOnly():
		return restError(c, http.StatusBadRequest, 20001, string(kind)+" can't be submitted for WhatsApp approval")
	case (in.Category == "AUTHENTICATION") != (kind == whatsapp.TypeAuthentication):
		return restError(
			c,
			http.StatusBadRequest,
			20001,
			"The AUTHENTICATION category takes whatsapp/authentication content only",
		)
	}
	content.Approval = &Approval{Name: in.Name, Category: in.Category, Status: "received", SubmittedAt: time.Now()}
	s.keep("content", content.Sid, content)
	s.scheduleReview(content)
	return c.JSON(http.StatusCreated, approvalJSON(content))
}

func approvalJSON(c *Content) map[string]any {
	a := c.Approval
	return map[string]any{
		"name":                  a.Name,
		"category":              a.Category,
		"content_type":          string(c.content().Type),
		"status":                a.Status,
		"rejection_reason":      a.RejectionReason,
		"allow_category_change": true,
	}
}

func whatsappApproval(c *Content) map[string]any {
	wa := map[string]any{
		"status":                "unsubmitted",
		"name":                  "",
		"category":              "",
		"rejection_reason":      "",
		"content_type":          "",
		"allow_category_change": true,
	}
	if c.Approval != nil {
		wa = approvalJSON(c)
	}
	wa["type"] = "whatsapp"
	return wa
}

func (s *Simulator) fetchApproval(c echo.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	content := s.state.Contents[c.Param("sid")]
	if content == nil {
		return notFound(c)
	}
	return c.JSON(
		http.StatusOK,
		map[string]any{"sid": content.Sid, "account_sid": s.opt.AccountSID, "whatsapp": whatsappApproval(content),
			"url": "https://content.twilio.com/v1/Content/" + content.Sid + "/ApprovalRequests"},
	)
}
