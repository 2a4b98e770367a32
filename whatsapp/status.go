package whatsapp

// Status is the status of a message. Outbound messages begin as queued; accepted means that Twilio accepted the message
// (its accepted and queued).
type Status string

// The statuses, as the schema knows them.
const (
	Received       Status = "received"
	Noted          Status = "noted"
	Queued         Status = "queued"
	Sending        Status = "sending"
	OutcomeUnknown Status = "in_doubt"
	Accepted       Status = "accepted"
	Sent           Status = "sent"
	Delivered      Status = "delivered"
	Read           Status = "read"
	Failed         Status = "failed"
	Undelivered    Status = "undelivered"
	Canceled       Status = "canceled"
	Refused        Status = "refused" // by Parley's own check when it was due
)

var rank = map[Status]int{Queued: 0, Sending: 1, OutcomeUnknown: 1, Accepted: 2, Sent: 3, Delivered: 4, Read: 5}

// Failure reports whether the message did not and will not arrive.
func (s Status) Failure() bool {
	return s == Failed || s == Undelivered || s == Canceled || s == Refused
}

// CanBecome reports whether a callback may move a message from s to next. Statuses only go forward,
// in whatever order callbacks come; a failure is final, and none can follow a delivery.
func (s Status) CanBecome(next Status) bool {
	from, ok := rank[s]
	if !ok {
		return false
	}
	if next.Failure() {
		return from < rank[Delivered]
	}
	to, ok := rank[next]
	return ok && to > from
}

// StatusFromTwilio reads Twilio's word for a status. The second result is false for words that say
// nothing about an outbound message's way.
func StatusFromTwilio(s string) (Status, bool) {
	switch s {
	case "accepted", "scheduled", "queued", "sending":
		return Accepted, true
	case "sent":
		return Sent, true
	case "delivered":
		return Delivered, true
	case "read":
		return Read, true
	case "failed":
		return Failed, true
	case "undelivered":
		return Undelivered, true
	case "canceled":
		return Canceled, true
	}
	return "", false
}

// Statuses lists every status.
func Statuses() []Status {
	return []Status{
		Received,
		Noted,
		Queued,
		Sending,
		OutcomeUnknown,
		Accepted,
		Sent,
		Delivered,
		Read,
		Failed,
		Undelivered,
		Canceled,
		Refused,
	}
}
