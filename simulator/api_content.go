package simulator

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"parley/whatsapp"
)

// content reads the types.
func (c *Content) content() *whatsapp.Content {
	types := map[string]any{}
	for k, v := range c.Types {
		types[k] = v
	}
	out := whatsapp.ReadTypes(types)
	if out.Type == whatsapp.TypeAuthentication {
		out.Body = strings.Replace(whatsapp.AuthenticationText(c.Language, &out), "{{"+whatsapp.CodeName+"}}", "{{1}}", 1)
	}
	return &out
}

// oneTimeCode reports whether a content sends a code. c may be nil.
func (c *Content) oneTimeCode() bool {
	return c != nil &&
		(c.content().Type == whatsapp.TypeAuthentication || c.Approval != nil && c.Approval.Category == "AUTHENTICATION")
}

// approved reports whether WhatsApp allows a content to start a conversation.
func (c *Content) approved() bool { return c.Approval != nil && c.Approval.Status == "approved" }

// body is the text of a content, with {{1}}.
func (c *Content) body() string { return c.content().Body }

// fill fills in values; a sample replaces a missing one, as at Twilio.
func (c *Content) fill(values map[string]string) *whatsapp.Content {
	all := map[string]string{}
	for k, v := range c.Variables {
		all[k] = v
	}
	for k, v := range values {
		all[k] = v
	}
	out := c.content()
	names, byNumber := out.UsedNames(), map[string]string{}
	for i, n := range names {
		byNumber[strconv.Itoa(i+1)] = all[n]
		if out.Type == whatsapp.TypeAuthentication {
			byNumber["1"] = all["1"]
		}
	}
	return out.FilledBy(names, byNumber)
}

// lacks reports whether a variable has neither a value nor a sample, which Twilio would use instead.
func (c *Content) lacks(values map[string]string) bool {
	out := c.content()
	for _, n := range out.UsedNames() {
		if out.Type == whatsapp.TypeAuthentication {
			n = "1"
		}
		if values[n] == "" && c.Variables[n] == "" {
			return true
		}
	}
	return false
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
	content := &Content{
		Sid:          newSid("HX"),
		FriendlyName: in.FriendlyName,
		Language:     in.Language,
		Variables:    in.Variables,
		Types:        in.Types,
	}
	if problem := contentProblem(content); problem != "" {
		return restError(c, http.StatusBadRequest, 20001, problem)
	}
	s.AddContent(content)
	if s.hit(&s.faults.CutOffContents) {
		panic(http.ErrAbortHandler) // the content is created, the answer is lost
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return c.JSON(http.StatusCreated, s.contentJSON(content))
}

// AddContent adds a content as if it had been made in the Console.
func (s *Simulator) AddContent(c *Content) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c.Sid == "" {
		c.Sid = newSid("HX")
	}
	c.Created = s.now()
	s.state.Contents[c.Sid] = c
	s.keep("content", c.Sid, c)
}

func (s *Simulator) contentJSON(c *Content) map[string]any {
	url := "https://content.twilio.com/v1/Content/" + c.Sid
	variables := c.Variables
	if variables == nil {
		variables = map[string]string{}
	}
	return map[string]any{
		"sid":           c.Sid,
		"account_sid":   s.opt.AccountSID,
		"friendly_name": c.FriendlyName,
		"language":      c.Language,
		"variables":     variables,
		"types":         c.Types,
		"url":           url,
		"date_created":  c.Created.Format(time.RFC3339),
		"date_updated":  c.Created.Format(time.RFC3339),
		"links": map[string]string{
			"approval_create": url + "/ApprovalRequests/whatsapp",
			"approval_fetch":  url + "/ApprovalRequests",
		},
	}
}

// contents are all contents, newest first. The caller holds the lock.
func (s *Simulator) contents() []*Content {
	out := make([]*Content, 0, len(s.state.Contents))
	for _, c := range s.state.Contents {
		out = append(out, c)
	}
	slices.SortFunc(out, func(a, b *Content) int {
		if n := b.Created.Compare(a.Created); n != 0 {
			return n
		}
		return strings.Compare(a.Sid, b.Sid)
	})
	return out
}

// listContents is a page of all contents, with their approvals under /v1/ContentAndApprovals.
func (s *Simulator) listContents(approvals bool) echo.HandlerFunc {
	name := "Content"
	if approvals {
		name = "ContentAndApprovals"
	}
	return func(c echo.Context) error {
		s.mu.Lock()
		defer s.mu.Unlock()
		all, list := s.contents(), []map[string]any{}
		p, err := s.page(c, len(all))
		if err != nil {
			return restError(c, http.StatusBadRequest, 20001, err.Error())
		}
		for _, content := range all[p.from:p.to] {
			j := s.contentJSON(content)
			if approvals {
				delete(j, "url")
				delete(j, "links")
				j["approval_requests"] = whatsappApproval(content)
			}
			list = append(list, j)
		}
		return c.JSON(
			http.StatusOK,
			map[string]any{"contents": list, "meta": p.meta("https://content.twilio.com/v1/"+name, "contents")},
		)
	}
}

func (s *Simulator) fetchContent(c echo.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	content := s.state.Contents[c.Param("sid")]
	if content == nil {
		return notFound(c)
	}
	return c.JSON(http.StatusOK, s.contentJSON(content))
}

func (s *Simulator) deleteContent(c echo.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	content := s.state.Contents[c.Param("sid")]
	if content == nil {
		return notFound(c)
	}
	if content.Approval != nil {
		s.lockName(content)
	}
	delete(s.state.Contents, content.Sid)
	s.forget("content", content.Sid)
	return c.NoContent(http.StatusNoContent)
}

func notFound(c echo.Context) error {
	return restError(c, http.StatusNotFound, 20404, "The requested resource "+c.Request().URL.Path+" was not found")
}
