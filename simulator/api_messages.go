package simulator

import (
	"net/http"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"parley/whatsapp"
)

func (s *Simulator) messageJSON(m Message) map[string]any {
	direction, media := "outbound-api", "0"
	if m.Inbound {
		direction = "inbound"
	}
	if m.Media != "" {
		media = "1"
	}
	out := map[string]any{
		"sid":                   m.Sid,
		"account_sid":           s.opt.AccountSID,
		"api_version":           "2010-04-01",
		"body":                  m.Body,
		"from":                  m.From,
		"to":                    m.To,
		"direction":             direction,
		"status":                m.Status,
		"num_segments":          "1",
		"num_media":             media,
		"price":                 nil,
		"price_unit":            nil,
		"error_code":            nil,
		"error_message":         nil,
		"messaging_service_sid": nil,
		"date_created":          m.Created.Format(time.RFC1123Z),
		"date_updated":          m.Created.Format(time.RFC1123Z),
		"date_sent":             nil,
		"uri":                   "/2010-04-01/Accounts/" + s.opt.AccountSID + "/Messages/" + m.Sid + ".json",
		"subresource_uris": map[string]string{
			"media": "/2010-04-01/Accounts/" + s.opt.AccountSID + "/Messages/" + m.Sid + "/Media.json",
		},
	}
	if sent := m.sentAt(); !sent.IsZero() {
		out["date_sent"], out["date_updated"] = sent.Format(time.RFC1123Z), sent.Format(time.RFC1123Z)
	}
	if m.Status == "failed" || m.Status == "undelivered" {
		out["error_code"], out["error_message"] = m.ErrorCode, whatsapp.Explain(m.ErrorCode, "").Meaning
	}
	return out
}

func (s *Simulator) fetchMessage(c echo.Context) error {
	sid := strings.TrimSuffix(c.Param("sid"), ".json")
	s.mu.Lock()
	defer s.mu.Unlock()
	if sid == s.faults.FetchErrorOf {
		return restError(c, http.StatusInternalServerError, 20500, "An internal server error has occurred")
	}
	m := s.state.Messages[sid]
	if m == nil || m.Local {
		return restError(c, http.StatusNotFound, 20404, "The requested resource "+c.Request().URL.Path+" was not found")
	}
	return c.JSON(http.StatusOK, s.messageJSON(*m))
}

func (s *Simulator) fetchMedia(c echo.Context) error {
	s.mu.Lock()
	m := s.state.Media[c.Param("media")]
	s.mu.Unlock()
	if m == nil {
		return restError(c, http.StatusNotFound, 20404, "The requested resource "+c.Request().URL.Path+" was not found")
	}
	return c.Blob(http.StatusOK, m.ContentType, m.Bytes)
}

// showTyping is Twilio's Typing Indicators API, version 2.
func (s *Simulator) showTyping(c echo.Context) error {
	if c.FormValue("channel") != "whatsapp" {
		return restError(c, http.StatusBadRequest, 20001, "Unsupported channel")
	}
	if !s.ShowTyping(c.FormValue("messageId")) {
		return restError(c, http.StatusNotFound, 20404, "The requested resource was not found")
	}
	return c.JSON(http.StatusOK, map[string]bool{"success": true})
}
