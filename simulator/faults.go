package simulator

import (
	"crypto/subtle"
	"fmt"
	"math/rand/v2"
	"net/http"

	"github.com/labstack/echo/v4"
)

// Faults are failures to inject. Counts decrease with each affected call.
type Faults struct {
	TooMany             int    // answer so many sending calls with 429 (20429)
	ServerError         int    // answer 500, nothing processed
	ErrorAfterTaking    int    // accept the message, then answer 500
	CutOff              int    // accept the message, then close the connection without an answer
	TimeOut             int    // accept the message, then never answer
	DuplicateCallbacks  bool   // send every callback twice
	OutOfOrderCallbacks bool   // send delivered before sent
	NoCallbacks         bool   // send no callbacks
	RefuseNext          int    // answer so many calls with 400 and RefuseCode, nothing processed
	RefuseCode          int    // Twilio's code
	FailNext            int    // make so many messages fail after they were accepted
	FailCode            int    // with this code
	FailPercent         int    // make so many of a hundred fail after they were accepted, with FailCode
	TimeOutPercent      int    // accept so many of a hundred and never answer
	CutOffContents      int    // make so many contents, then close the connection without an answer
	CutOffSenders       int    // register or change so many senders, then close the connection
	ListError           int    // answer 500 to so many requests for messages
	FetchErrorOf        string // answer 500 to requests for this message
	ListBreaks          int    // answer 500 to so many requests for a later page of messages
	PageAtMost          int    // return at most so many of a list at once, whatever was requested
	Stuck               bool   // accepted messages wait in Twilio's queue and are not sent
	ListsEverybody      bool   // list messages to everybody, whatever recipient was requested
}

// SetGone makes Twilio unreachable: calls end without an answer and do nothing.
func (s *Simulator) SetGone(gone bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.gone = gone
}

// SetFaults replaces the faults.
func (s *Simulator) SetFaults(f Faults) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = f
}

// hit decreases a count and reports whether it was above zero.
func (s *Simulator) hit(n *int) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if *n <= 0 {
		return false
	}
	*n--
	return true
}

func (s *Simulator) refuseCode() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.faults.RefuseCode
}

// timesOut reports whether an accepted call gets no answer.
func (s *Simulator) timesOut() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return rand.IntN(100) < s.faults.TimeOutPercent
}

// setFaults adds what a button of the page injects.
func (s *Simulator) setFaults(c echo.Context) error {
	one := func(name string) int {
		if c.FormValue("fault") == name {
			return 1
		}
		return 0
	}
	s.mu.Lock()
	f := s.faults
	f.TooMany += one("too_many")
	f.ServerError += one("server_error")
	f.ErrorAfterTaking += one("error_after_taking")
	f.CutOff += one("cut_off")
	f.TimeOut += one("time_out")
	f.ListError += one("list_error")
	if one("duplicate") == 1 {
		f.DuplicateCallbacks = !f.DuplicateCallbacks
	}
	if one("out_of_order") == 1 {
		f.OutOfOrderCallbacks = !f.OutOfOrderCallbacks
	}
	if one("none") == 1 {
		f = Faults{}
	}
	s.faults = f
	s.mu.Unlock()
	return c.Redirect(http.StatusSeeOther, back(c, s.opt.Path))
}

// restError answers as Twilio does.
func restError(c echo.Context, status, code int, message string) error {
	return c.JSON(status, map[string]any{"code": code, "message": message, "status": status,
		"more_info": fmt.Sprintf("https://www.twilio.com/docs/errors/%d", code)})
}

func (s *Simulator) basicAuth(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		s.mu.Lock()
		gone := s.gone
		s.mu.Unlock()
		if gone {
			panic(http.ErrAbortHandler)
		}
		user, password, ok := c.Request().BasicAuth()
		same := subtle.ConstantTimeCompare([]byte(user+":"+password), []byte(s.opt.AccountSID+":"+s.opt.AuthToken)) == 1
		if !ok || !same {
			c.Response().Header().Set("WWW-Authenticate", `Basic realm="Twilio API"`)
			return restError(c, http.StatusUnauthorized, 20003, "Authenticate")
		}
		if a := c.Param("account"); a != "" && a != s.opt.AccountSID {
			return restError(c, http.StatusNotFound, 20404, "The requested resource "+c.Request().URL.Path+" was not found")
		}
		return next(c)
	}
}
