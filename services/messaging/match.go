package messaging

import (
	"slices"
	"time"

	"parley/models/conversations/outbox"
	"parley/services/twilio"
	"parley/whatsapp"
	"parley/whatsapp/plaintext"
)

// clocksApart is by how much our clock may be ahead of Twilio's: a machine whose clock is minutes ahead must not miss a
// message and send it again. It also covers that Twilio gives whole seconds.
const clocksApart = 15 * time.Minute

// verdict is what Twilio's list shows about a pending message.
type verdict struct {
	sid     string // of the matching message at Twilio, empty if there is none
	unclear bool   // single at Twilio may be it: it must not be sent again, and is not settled either
}

// matchListed matches listed messages with pending ones, each at most once. All of them have the same sender and
// recipient; listed contains no message that belongs to a message here already. whole is false if the list was not read
// back to the calls: then only certain matches count.
//
// Texts decide first, so that a message without a known text never takes the match of one with a text: a picture, a
// location, or a content, whose body Twilio chooses. For these the recipient and the time decide. A wrong match leaves
// a message unsent, which people notice; a message sent twice would go unnoticed.
func matchListed(pending []outbox.Pending, listed []twilio.Taken, whole bool) map[int64]verdict {
	m := matcher{listed: slices.Clone(listed), found: map[int64]verdict{}}
	slices.SortStableFunc(m.listed, func(a, b twilio.Taken) int { return a.Created.Compare(b.Created) })
	// A message whose call is under way gets its sid from the answer. Here it takes up its match: the latest one.
	slices.Reverse(m.listed)
	underWay := m.assign(pending, true, whole)
	slices.Reverse(m.listed)
	m.assign(pending, false, whole)
	for _, p := range pending {
		if m.found[p.ID].sid == "" {
			m.found[p.ID] = verdict{unclear: underWay || slices.ContainsFunc(m.listed, func(t twilio.Taken) bool {
				return !m.taken(t) && (sameMessage(p, t) || mayBe(p, t)) && !tooOld(p, t)
			})}
		}
	}
	return m.found
}

type matcher struct {
	listed []twilio.Taken
	found  map[int64]verdict
	used   []string
}

func (m *matcher) taken(t twilio.Taken) bool { return slices.Contains(m.used, t.Sid) }

// assign assigns the listed messages, in the order of the list, to the pending messages whose call is under way, or to
// those with an unknown outcome. It reports whether there are any of these.
func (m *matcher) assign(pending []outbox.Pending, underWay, whole bool) (any bool) {
	passes := []func(outbox.Pending, twilio.Taken) bool{
		func(p outbox.Pending, t twilio.Taken) bool { return sameMessage(p, t) && hasFile(p) == (t.Media > 0) },
		sameMessage,
	}
	if whole {
		passes = append(passes, mayBe)
	}
	for _, is := range passes {
		for _, p := range pending {
			if (p.Status == whatsapp.Sending) != underWay {
				continue
			}
			any = true
			if m.found[p.ID].sid != "" {
				continue
			}
			for _, t := range m.listed {
				if certain(t) && !m.taken(t) && is(p, t) && !tooOld(p, t) {
					m.found[p.ID] = verdict{sid: t.Sid}
					m.used = append(m.used, t.Sid)
					break
				}
			}
		}
	}
	return any
}

// certain reports whether it is known when a listed message was created, and that it went to this person.
func certain(t twilio.Taken) bool { return !t.Created.IsZero() && !t.Hidden }

func tooOld(p outbox.Pending, t twilio.Taken) bool {
	return !t.Created.IsZero() && t.Created.Before(p.SendingAt.Add(-clocksApart))
}

func hasFile(p outbox.Pending) bool { return p.MediaKey != "" || p.ContentType == whatsapp.TypeMedia }

// sameMessage reports whether the text shows that a listed message is a pending one.
func sameMessage(p outbox.Pending, t twilio.Taken) bool {
	return (p.Body != "" || hasFile(p) && t.Media > 0) && plaintext.Same(p.Body, t.Body)
}

// mayBe reports whether a listed message may be a pending one although its text does not show it. If the account stores
// no texts (Twilio, Message Redaction), no listed message has one.
func mayBe(p outbox.Pending, t twilio.Taken) bool {
	question := p.VersionID == nil && p.ContentSid != nil
	rich := p.ContentType != "" && p.ContentType != whatsapp.TypeText
	switch {
	case question, rich, p.Kind == whatsapp.KindLocation:
		return true
	case hasFile(p):
		return t.Body == "" || p.Body == "" && t.Media > 0
	}
	return t.Body == "" && t.Media == 0
}
