package messaging

import (
	"testing"
	"time"

	"parley/models/conversations/outbox"
	"parley/services/twilio"
	"parley/whatsapp"
)

// Twilio's listed messages are matched by text, file, time and order; no listed message is matched twice, and an
// unclear one is neither settled nor sent again.
func TestMatchListed(t *testing.T) {
	call := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	var nextID int64
	pending := func(body string, change ...func(*outbox.Pending)) outbox.Pending {
		nextID++
		p := outbox.Pending{Status: whatsapp.OutcomeUnknown}
		p.ID, p.Body, p.SendingAt = nextID, body, call.Add(time.Duration(nextID)*time.Millisecond)
		for _, c := range change {
			c(&p)
		}
		return p
	}
	listed := func(sid, body string, change ...func(*twilio.Taken)) twilio.Taken {
		l := twilio.Taken{Sid: sid, Body: body, Created: call.Add(3 * time.Second)}
		for _, c := range change {
			c(&l)
		}
		return l
	}
	picture := func(p *outbox.Pending) { p.MediaKey = "a/b" }
	rich := func(p *outbox.Pending) { p.ContentType = whatsapp.TypeLocation }
	place := func(p *outbox.Pending) { p.Kind = whatsapp.KindLocation }
	underWay := func(p *outbox.Pending) { p.Status = whatsapp.Sending }
	file := func(l *twilio.Taken) { l.Media = 1 }
	at := func(d time.Duration) func(*twilio.Taken) { return func(l *twilio.Taken) { l.Created = call.Add(d) } }
	undated := func(l *twilio.Taken) { l.Created = time.Time{} }
	hidden := func(l *twilio.Taken) { l.Hidden = true }
	const unclear = "?"
	for name, c := range map[string]struct {
		pending []outbox.Pending
		listed  []twilio.Taken
		broken  bool     // the list does not reach back to the calls
		want    []string // a sid, unclear, or empty for none
	}{
		"the text":                        {pending: []outbox.Pending{pending("ok")}, listed: []twilio.Taken{listed("B", "no"), listed("A", "ok")}, want: []string{"A"}},
		"nothing":                         {pending: []outbox.Pending{pending("ok")}, listed: []twilio.Taken{listed("B", "no")}, want: []string{""}},
		"spaces and line ends":            {pending: []outbox.Pending{pending("one\ntwo ")}, listed: []twilio.Taken{listed("A", "one\r\ntwo")}, want: []string{"A"}},
		"two equal texts, both taken":     {pending: []outbox.Pending{pending("ok"), pending("ok")}, listed: []twilio.Taken{listed("B", "ok", at(9*time.Second)), listed("A", "ok")}, want: []string{"A", "B"}},
		"two equal texts, one taken":      {pending: []outbox.Pending{pending("ok"), pending("ok")}, listed: []twilio.Taken{listed("A", "ok")}, want: []string{"A", ""}},
		"long before the call":            {pending: []outbox.Pending{pending("ok")}, listed: []twilio.Taken{listed("A", "ok", at(-time.Hour))}, want: []string{""}},
		"our clock is ahead":              {pending: []outbox.Pending{pending("ok")}, listed: []twilio.Taken{listed("A", "ok", at(-14*time.Minute))}, want: []string{"A"}},
		"a picture without a caption":     {pending: []outbox.Pending{pending("", picture)}, listed: []twilio.Taken{listed("B", "hello"), listed("A", "", file)}, want: []string{"A"}},
		"a caption and the same text":     {pending: []outbox.Pending{pending("see"), pending("see", picture)}, listed: []twilio.Taken{listed("B", "see", at(9*time.Second)), listed("A", "see", file)}, want: []string{"B", "A"}},
		"a picture is no text":            {pending: []outbox.Pending{pending("ok")}, listed: []twilio.Taken{listed("A", "", file)}, want: []string{""}},
		"a place":                         {pending: []outbox.Pending{pending("", place)}, listed: []twilio.Taken{listed("A", "Harbor Clinic")}, want: []string{"A"}},
		"a content":                       {pending: []outbox.Pending{pending("x", rich)}, listed: []twilio.Taken{listed("A", "its own words")}, want: []string{"A"}},
		"a content takes no other's":      {pending: []outbox.Pending{pending("x", rich), pending("ok")}, listed: []twilio.Taken{listed("A", "ok")}, want: []string{"", "A"}},
		"texts are not kept":              {pending: []outbox.Pending{pending("ok")}, listed: []twilio.Taken{listed("A", "")}, want: []string{"A"}},
		"no date, the same text":          {pending: []outbox.Pending{pending("ok")}, listed: []twilio.Taken{listed("A", "ok", undated)}, want: []string{unclear}},
		"no date, another text":           {pending: []outbox.Pending{pending("ok")}, listed: []twilio.Taken{listed("A", "no", undated)}, want: []string{""}},
		"no date, a content":              {pending: []outbox.Pending{pending("x", rich)}, listed: []twilio.Taken{listed("A", "no", undated)}, want: []string{unclear}},
		"a number that is hidden":         {pending: []outbox.Pending{pending("ok")}, listed: []twilio.Taken{listed("A", "ok", hidden)}, want: []string{unclear}},
		"part of the list, text":          {pending: []outbox.Pending{pending("ok")}, listed: []twilio.Taken{listed("A", "ok")}, broken: true, want: []string{"A"}},
		"part of the list, a content":     {pending: []outbox.Pending{pending("x", rich)}, listed: []twilio.Taken{listed("A", "y")}, broken: true, want: []string{unclear}},
		"one under way has the same text": {pending: []outbox.Pending{pending("ok"), pending("ok", underWay)}, listed: []twilio.Taken{listed("A", "ok")}, want: []string{unclear, "A"}},
		"one under way and one before":    {pending: []outbox.Pending{pending("ok"), pending("ok", underWay)}, listed: []twilio.Taken{listed("B", "ok", at(9*time.Second)), listed("A", "ok")}, want: []string{"A", "B"}},
		"one under way, a content":        {pending: []outbox.Pending{pending("x", rich), pending("ok", underWay)}, listed: []twilio.Taken{listed("A", "ok")}, want: []string{unclear, "A"}},
	} {
		got := matchListed(c.pending, c.listed, !c.broken)
		for i, p := range c.pending {
			said := got[p.ID].sid
			if got[p.ID].unclear {
				said += unclear
			}
			if said != c.want[i] {
				t.Errorf("%s: message %d is %q, want %q", name, i+1, said, c.want[i])
			}
		}
	}
}
