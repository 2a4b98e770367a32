package twilio

import (
	"errors"
	"fmt"
	"net"
	"net/http"

	"github.com/twilio/twilio-go/client"

	"parley/whatsapp"
)

// Outcome is what a failed call means for its request.
type Outcome int

// The outcomes.
const (
	Refused        Outcome = iota // Twilio refused: trying again changes nothing
	NotTaken                      // certainly not processed: safe to try again later
	OutcomeUnknown                // may have been processed: look it up before trying again
)

// Error is a failed call.
type Error struct {
	Code    int // Twilio's error code, 0 if there is none
	Status  int // HTTP status, 0 if there was no answer
	Message string
	Outcome Outcome
	Err     error
}

func (e *Error) Error() string {
	if e.Err != nil {
		return fmt.Sprintf("twilio: %s: %v", e.Message, e.Err)
	}
	return fmt.Sprintf("twilio: status %d, code %d: %s", e.Status, e.Code, e.Message)
}

func (e *Error) Unwrap() error { return e.Err }

// decode turns whatever twilio-go returns into an *Error.
func decode(err error) error {
	if err == nil {
		return nil
	}
	if rest, ok := errors.AsType[*client.TwilioRestError](err); ok {
		return &Error{Code: rest.Code, Status: rest.Status, Message: rest.Message, Outcome: outcomeOf(rest.Status, rest.Code)}
	}
	if op, ok := errors.AsType[*net.OpError](err); ok && op.Op == "dial" {
		return &Error{Message: "Twilio could not be reached", Outcome: NotTaken, Err: err}
	}
	if dns, ok := errors.AsType[*net.DNSError](err); ok {
		return &Error{Message: "Twilio could not be reached", Outcome: NotTaken, Err: dns}
	}
	return &Error{Message: "Twilio did not answer in time", Outcome: OutcomeUnknown, Err: err}
}

// outcomeOf reads status and code. What was too fast was never processed (Twilio, errors 20429, 63017, 63018, 63119),
// whatever status it is answered with; a 5xx may have been.
func outcomeOf(status, code int) Outcome {
	switch {
	case status == http.StatusTooManyRequests, whatsapp.TooFast(code):
		return NotTaken
	case status >= 500, status == http.StatusRequestTimeout: // 408 is a proxy's: Twilio may have it
		return OutcomeUnknown
	}
	return Refused
}

// OutcomeOf is the outcome of err; for an error of another kind it is OutcomeUnknown.
func OutcomeOf(err error) Outcome {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Outcome
	}
	return OutcomeUnknown
}
