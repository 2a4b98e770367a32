package notifying

import (
	"testing"
	"time"

	"parley/models/notifications"
	"parley/models/people"
	"parley/models/templates"
	"parley/whatsapp"
)

// When a message may be sent: the requested time, where the contact is, outside of quiet hours.
func TestSendTime(t *testing.T) {
	t.Parallel()
	minute := func(h, m int) *int { return new(h*60 + m) }
	berlin, mexico := "+4915112350109", "+525512345678"
	night := func(n notifications.Notification) notifications.Notification {
		n.QuietFrom, n.QuietTo = minute(21, 0), minute(8, 30)
		return n
	}
	lunch := notifications.Notification{QuietFrom: minute(12, 0), QuietTo: minute(13, 0)}
	planned := notifications.Notification{SendAt: new(moment(t, "2026-03-10T15:00:00Z"))}
	local := notifications.Notification{SendAt: new(moment(t, "2026-03-10T09:00:00Z")), LocalTime: true}
	for name, c := range map[string]struct {
		n     notifications.Notification
		zone  string
		phone *string
		code  bool
		now   string
		want  string
	}{
		"at once": {zone: "UTC", now: "2026-03-10T12:00:00Z", want: "2026-03-10T12:00:00Z"},
		"at the planned time": {
			n:    planned,
			zone: "UTC",
			now:  "2026-03-10T12:00:00Z",
			want: "2026-03-10T15:00:00Z",
		},
		"the planned time has passed": {
			n:    planned,
			zone: "UTC",
			now:  "2026-03-10T16:00:00Z",
			want: "2026-03-10T16:00:00Z",
		},
		"by the clock in Auckland": {
			n:    local,
			zone: "Pacific/Auckland",
			now:  "2026-03-09T00:00:00Z",
			want: "2026-03-09T20:00:00Z",
		},
		"by the clock in Honolulu": {
			n:    local,
			zone: "Pacific/Honolulu",
			now:  "2026-03-09T00:00:00Z",
			want: "2026-03-10T19:00:00Z",
		},
		"by the number's clock": {
			n:     local,
			phone: &mexico,
			now:   "2026-03-09T00:00:00Z",
			want:  "2026-03-10T15:00:00Z",
		},
		"a zone that is not one": {
			n:     local,
			zone:  "Mars/Olympus",
			phone: &mexico,
			now:   "2026-03-09T00:00:00Z",
			want:  "2026-03-10T09:00:00Z",
		},
		"nothing is known of the zone": {n: local, now: "2026-03-09T00:00:00Z", want: "2026-03-10T09:00:00Z"},
		"a minute before the night": {
			n:    night(notifications.Notification{}),
			zone: "UTC",
			now:  "2026-03-10T20:59:00Z",
			want: "2026-03-10T20:59:00Z",
		},
		"when the night begins": {
			n:    night(notifications.Notification{}),
			zone: "UTC",
			now:  "2026-03-10T21:00:00Z",
			want: "2026-03-11T08:30:00Z",
		},
		"after midnight": {
			n:    night(notifications.Notification{}),
			zone: "UTC",
			now:  "2026-03-11T00:00:00Z",
			want: "2026-03-11T08:30:00Z",
		},
		"a minute before it ends": {
			n:    night(notifications.Notification{}),
			zone: "UTC",
			now:  "2026-03-11T08:29:59Z",
			want: "2026-03-11T08:30:00Z",
		},
		"when the night ends": {
			n:    night(notifications.Notification{}),
			zone: "UTC",
			now:  "2026-03-11T08:30:00Z",
			want: "2026-03-11T08:30:00Z",
		},
		"night where the contact is": {
			n:     night(notifications.Notification{}),
			phone: &berlin,
			now:   "2026-03-10T20:30:00Z",
			want:  "2026-03-11T07:30:00Z",
		},
		"planned for the night": {
			n:    night(planned),
			zone: "Asia/Tokyo",
			now:  "2026-03-10T12:00:00Z",
			want: "2026-03-10T23:30:00Z",
		},
		"a code at night": {
			n:    night(notifications.Notification{}),
			code: true,
			zone: "UTC",
			now:  "2026-03-10T23:00:00Z",
			want: "2026-03-10T23:00:00Z",
		},
		"a planned code": {
			n:    night(planned),
			code: true,
			zone: "UTC",
			now:  "2026-03-10T12:00:00Z",
			want: "2026-03-10T15:00:00Z",
		},
		"before quiet hours of one day": {
			n:    lunch,
			zone: "UTC",
			now:  "2026-03-10T11:59:00Z",
			want: "2026-03-10T11:59:00Z",
		},
		"within quiet hours of one day": {
			n:    lunch,
			zone: "UTC",
			now:  "2026-03-10T12:00:00Z",
			want: "2026-03-10T13:00:00Z",
		},
		"at the end of those": {
			n:    lunch,
			zone: "UTC",
			now:  "2026-03-10T13:00:00Z",
			want: "2026-03-10T13:00:00Z",
		},
		"one end of quiet hours only": {
			n:    notifications.Notification{QuietFrom: minute(12, 0)},
			zone: "UTC",
			now:  "2026-03-10T12:30:00Z",
			want: "2026-03-10T12:30:00Z",
		},
	} {
		v := &templates.TemplateVersion{Category: whatsapp.Utility}
		if c.code {
			v.Category = whatsapp.Authentication
		}
		contact := &people.Contact{TimeZone: c.zone, Phone: c.phone}
		if got := sendAt(&c.n, v, contact, moment(t, c.now)); !got.Equal(moment(t, c.want)) {
			t.Errorf("%s: sent at %s, want %s", name, got.UTC().Format(time.RFC3339), c.want)
		}
	}
}

// A version's category is WhatsApp's where that is known, else the template's.
func TestOneTimeCode(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		own, template whatsapp.Category
		want          bool
	}{
		{"", whatsapp.Authentication, true},
		{"", whatsapp.Utility, false},
		{whatsapp.Authentication, whatsapp.Utility, true},
		{whatsapp.Utility, whatsapp.Authentication, false},
	} {
		v := &templates.TemplateVersion{Category: c.own, Template: &templates.Template{Category: c.template}}
		if oneTimeCode(v) != c.want {
			t.Errorf("%q of %q", c.own, c.template)
		}
	}
}
