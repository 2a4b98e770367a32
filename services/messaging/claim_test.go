package messaging

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// a template message's columns; the version is the chat's.
const asTemplate = `kind = 'template', variables = '{"1": "Noor", "2": "x"}', version_id = ` + versionID

// The last check before a message leaves (promises 1 to 3), made in the statement that claims it: what may not be
// sent is refused, with the reason.
func TestLastCheck(t *testing.T) {
	t.Parallel()
	const (
		closed  = "UPDATE conversations SET window_closes_at = $1"
		sandbox = `UPDATE senders SET kind = 'sandbox';
			UPDATE templates SET sandbox = true WHERE id = (SELECT template_id FROM template_versions
				WHERE content_sid = 'HX00000000000000000000000000000001');
			UPDATE conversations SET sandbox_joined_at = '%s'`
	)
	for name, x := range map[string]struct {
		set    string // the message's columns
		change string
		at     time.Duration // $1, from now; 0: the change has no argument
		want   string
	}{
		"a reply in the session":         {want: "sending"},
		"the session's last microsecond": {change: closed, at: time.Microsecond, want: "sending"},
		"the session ends now":           {change: closed, want: "refused window_closed"},
		"the session is over":            {change: closed, at: -time.Second, want: "refused window_closed"},
		"a template after the session":   {set: asTemplate, change: closed, at: -time.Second, want: "sending"},
		"a session's content, in it":     {set: asTemplate + ", session_only = true", want: "sending"},
		"a session's content, after it": {
			set:    asTemplate + ", session_only = true",
			change: closed,
			at:     -time.Second,
			want:   "refused window_closed",
		},
		"nobody wrote there": {
			change: "UPDATE conversations SET window_closes_at = NULL, last_inbound_at = NULL",
			want:   "refused window_closed",
		},
		"another address's session":     {set: "address_id = NULL", want: "refused window_closed"},
		"a template without an address": {set: asTemplate + ", address_id = NULL", want: "refused no_address"},
		"an address of an unknown form": {
			set:    asTemplate,
			change: "UPDATE contact_addresses SET kind = 'other'",
			want:   "refused unknown_address",
		},
		"the contact is blocked": {
			change: "UPDATE contacts SET blocked_at = now()",
			want:   "refused blocked",
		},
		"a template to a blocked contact": {
			set:    asTemplate,
			change: "UPDATE contacts SET blocked_at = now()",
			want:   "refused blocked",
		},
		"a template": {set: asTemplate, want: "sending"},
		"the person opted out": {
			set:    asTemplate,
			change: "UPDATE contacts SET consent = 'opted_out'",
			want:   "refused not_opted_in",
		},
		"the person never opted in": {
			set:    asTemplate,
			change: "UPDATE contacts SET consent = 'none', consent_at = NULL",
			want:   "refused not_opted_in",
		},
		"a reply to who opted out": {change: "UPDATE contacts SET consent = 'opted_out'", want: "sending"},
		"opted in to the Sandbox only": {
			set:    asTemplate,
			change: "UPDATE contacts SET consent_scope = 'sandbox'",
			want:   "refused sandbox_only",
		},
		"the template is paused": {
			set:    asTemplate,
			change: "UPDATE template_versions SET state = 'paused'",
			want:   "refused not_approved",
		},
		"the template is not approved yet": {
			set:    asTemplate,
			change: "UPDATE template_versions SET state = 'ready'",
			want:   "refused not_approved",
		},
		"not approved, for the session": {
			set:    asTemplate + ", session_only = true",
			change: "UPDATE template_versions SET state = 'ready'",
			want:   "sending",
		},
		"a draft, for the session": {
			set:    asTemplate + ", session_only = true",
			change: "UPDATE template_versions SET state = 'draft'",
			want:   "sending",
		},
		"rejected, for the session": {
			set:    asTemplate + ", session_only = true",
			change: "UPDATE template_versions SET state = 'rejected'",
			want:   "refused not_approved",
		},
		"promotion": {
			set:    asTemplate,
			change: "UPDATE template_versions SET category = 'MARKETING'",
			want:   "refused promotion",
		},
		"drafted as promotion": {
			set:    asTemplate,
			change: "UPDATE template_versions SET category = ''; UPDATE templates SET category = 'MARKETING'",
			want:   "refused promotion",
		},
		"drafted as promotion, sent as not": {
			set:    asTemplate,
			change: "UPDATE templates SET category = 'MARKETING'",
			want:   "sending",
		},
		"the Sandbox's template elsewhere": {
			set:    asTemplate,
			change: "UPDATE templates SET sandbox = true",
			want:   "refused only_in_sandbox",
		},
		"variables that can't be filled": {
			set:    asTemplate,
			change: "UPDATE template_versions SET unfillable = 'x' WHERE content_sid IS NOT NULL",
			want:   "refused unfillable",
		},
		"no values": {
			set:  strings.Replace(asTemplate, `{"1": "Noor", "2": "x"}`, "{}", 1),
			want: "refused unfillable",
		},
		"no values, and none needed": {
			set:    strings.Replace(asTemplate, `{"1": "Noor", "2": "x"}`, "{}", 1),
			change: "UPDATE template_versions SET placeholders = '[]'",
			want:   "sending",
		},
		"valid for a moment":             {set: "valid_until = $1", at: time.Microsecond, want: "sending"},
		"its validity ends now":          {set: "valid_until = $1", want: "refused too_late"},
		"the sender is offline":          {change: "UPDATE senders SET state = 'offline'", want: "queued"},
		"its time is still to come":      {set: "send_at = $1", at: time.Microsecond, want: "queued"},
		"its time has come":              {set: "send_at = $1", want: "sending"},
		"in the Sandbox, joined":         {change: sandbox, at: -72*time.Hour + time.Microsecond, want: "sending"},
		"in the Sandbox, three days ago": {change: sandbox, at: -72 * time.Hour, want: "refused not_joined"},
		"in the Sandbox, never joined": {
			change: "UPDATE senders SET kind = 'sandbox'",
			want:   "refused not_joined",
		},
		"a template in the Sandbox": {set: asTemplate, change: sandbox, at: -time.Hour, want: "sending"},
		"our own template in the Sandbox": {
			set:    asTemplate,
			change: sandbox + "; UPDATE templates SET sandbox = false",
			at:     -time.Hour,
			want:   "refused not_in_sandbox",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newChat(t)
			id := c.queued("")
			c.check(id, x.set, x.change, x.at)
			list := c.claim()
			if got := c.message(id); got != x.want {
				t.Errorf("%q", got)
			}
			refused := x.want != "sending" && x.want != "queued"
			if refused && (len(list) != 1 || "refused "+string(list[0].Refusal) != x.want) {
				t.Errorf("claimed %+v", list)
			}
			if n := c.count("SELECT failed_count FROM conversations"); n == 1 != refused {
				t.Errorf("%d failures on the conversation", n)
			}
		})
	}
}

// A notification's messages follow its state.
func TestClaimOfNotifications(t *testing.T) {
	t.Parallel()
	for state, want := range map[string]string{
		"running": "sending", "paused": "queued", "canceled": "canceled canceled",
		"finished": "sending", "expired": "sending",
	} {
		t.Run(state, func(t *testing.T) {
			t.Parallel()
			c := newChat(t)
			c.exec(`INSERT INTO notifications (version_id, sender_id, use_case, state, token)
				SELECT ` + versionID + `, id, 'notification', '` + state + `', 'n' FROM senders`)
			id := c.queued(asTemplate + ", notification_id = (SELECT id FROM notifications)")
			c.claim()
			if got := c.message(id); got != want {
				t.Errorf("%q", got)
			}
		})
	}
}

// A person reads replies in the order in which they were written: a message waits for an earlier one of its
// conversation that is under way or waits itself, unless that was scheduled by another program or a notification.
func TestOrderOfClaims(t *testing.T) {
	t.Parallel()
	for name, x := range map[string]struct {
		earlier string // columns of the earlier message; $1 is an hour from now
		hour    bool
		want    string // of the later one
	}{
		"both are due":                       {"priority = 0", false, "queued"},
		"the earlier one is under way":       {"status = 'sending', sending_at = now()", false, "queued"},
		"its outcome is unknown":             {"status = 'in_doubt', sending_at = now()", false, "sending"},
		"it was taken":                       {"status = 'accepted'", false, "sending"},
		"it waits because Twilio delayed it": {"send_at = $1", true, "queued"},
		"it was scheduled with a validity":   {"send_at = $1, valid_until = $1", true, "sending"},
		"it is less urgent":                  {"priority = 50", false, "sending"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newChat(t)
			var args []any
			if x.hour {
				args = append(args, c.in(time.Hour))
			}
			c.queued(x.earlier, args...)
			later := c.queued("")
			c.claim()
			if got := c.message(later); got != x.want {
				t.Errorf("the later one is %s", got)
			}
		})
	}
}

// check changes a queued message and its world; $1, and %s where there are several statements, are a moment from now.
func (c *chat) check(id int64, set, change string, at time.Duration) {
	c.t.Helper()
	moment := c.in(at)
	arguments := func(sql string) (args []any) {
		if strings.Contains(sql, "$1") {
			args = append(args, moment)
		}
		return args
	}
	if set != "" {
		c.exec(fmt.Sprintf("UPDATE messages SET %s WHERE id = %d", set, id), arguments(set)...)
	}
	if args := arguments(change); args != nil {
		c.exec(change, args...)
	} else {
		c.exec(strings.Replace(change, "%s", moment.Format(time.RFC3339Nano), 1))
	}
}
