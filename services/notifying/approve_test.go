package notifying_test

import (
	"errors"
	"testing"
	"time"

	"parley/models"
	"parley/models/notifications"
	"parley/services/notifying"
	"parley/services/servicetest"
)

// desk is a world with a checked notification that Ada wrote, to two people, of a template that operators may send.
type desk struct {
	*servicetest.World
	s  *notifying.Service
	id string
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	w := servicetest.New(t)
	w.Template("visit_near")
	d := &desk{World: w, s: notifying.New(w.Store, w.Log)}
	d.id = w.Text(`INSERT INTO notifications
			(version_id, sender_id, use_case, state, audience, token, allowed, valid_hours, created_by)
		SELECT v.id, s.id, 'notification', 'checked', '{"kind": "filter"}', 'a form', 2, 24, u.id
		FROM (SELECT max(id) AS id FROM template_versions) v, senders s, users u
		WHERE s.name = 'Clinic' AND u.name = 'Ada' RETURNING public_id`)
	d.Exec("UPDATE templates SET send_role = 'operator'")
	d.took("Ada", "wrote")
	return d
}

// took notes that a user had a hand in the notification.
func (d *desk) took(name, did string) {
	d.Exec(`INSERT INTO notification_editors (notification_id, user_id, did, at)
		SELECT n.id, u.id, $2, $3 FROM notifications n, users u WHERE u.name = $1`, name, did, d.Store.Now())
}

// set changes the notification.
func (d *desk) set(assignments string) { d.Exec("UPDATE notifications SET " + assignments) }

func (d *desk) approveAbove(people int) {
	d.Exec(`INSERT INTO settings (key, value) VALUES ('notify', jsonb_build_object('approve_above', CAST($1 AS int)))
		ON CONFLICT (key) DO UPDATE SET value = excluded.value`, people)
}

func (d *desk) state() string {
	return d.Text("SELECT state FROM notifications WHERE public_id = $1", d.id)
}

func codeOf(err error) string {
	if err == nil {
		return ""
	}
	if e, ok := errors.AsType[*models.Error](err); ok {
		return e.Code
	}
	return err.Error()
}

// Who may start a notification, and when; and when a second person has to approve it first.
func TestStart(t *testing.T) {
	t.Parallel()
	set := func(a string) func(*desk) { return func(d *desk) { d.set(a) } }
	above := func(n int) func(*desk) { return func(d *desk) { d.approveAbove(n) } }
	for name, c := range map[string]struct {
		change func(*desk)
		code   string
		state  string
	}{
		"a checked one":             {func(*desk) {}, "", "preparing"},
		"one that is being checked": {set("state = 'checking'"), "notification.dry_run_under_way", "checking"},
		"one that was started":      {set("state = 'running'"), "notification.already_started", "running"},
		"one that was canceled":     {set("state = 'canceled'"), "notification.already_started", "canceled"},
		"nobody may get it":         {set("allowed = 0"), "notification.nobody_allowed", "checked"},
		"one person may get it":     {set("allowed = 1"), "", "preparing"},
		"its time is over":          {set("valid_until = '2020-01-01'"), "notification.time_over", "checked"},
		"its segment can't be determined": {
			set(`audience = '{"kind": "filter", "segment": {"name": "Regulars", "unresolved": true}}'`),
			"notification.segment_gone", "checked",
		},
		"a template for admins": {func(d *desk) {
			d.Exec("UPDATE templates SET send_role = 'admin'")
		}, "template.role_needed", "checked"},
		"as many as need no approval":    {above(2), "", "preparing"},
		"one more than need no approval": {above(1), "", "awaiting"},
		"never an approval":              {above(0), "", "preparing"},
		"one that waits": {func(d *desk) {
			d.approveAbove(1)
			d.set("state = 'awaiting'")
		}, "notification.awaiting_approval", "awaiting"},
		"one that waits without a need": {func(d *desk) {
			d.approveAbove(2)
			d.set("state = 'awaiting'")
		}, "", "preparing"},
		"one that was approved": {func(d *desk) {
			d.approveAbove(1)
			d.set("approved_by = (SELECT id FROM users WHERE name = 'Ada')")
		}, "", "preparing"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t)
			c.change(d)
			err := d.s.Start(t.Context(), d.Actor("Otto"), d.id)
			if codeOf(err) != c.code || d.state() != c.state {
				t.Errorf("%q and the notification is %s, want %q and %s", codeOf(err), d.state(), c.code, c.state)
			}
			started := d.Number("SELECT count(*) FROM notification_editors WHERE did = 'started'")
			if (started == 1) != (c.code == "") {
				t.Errorf("%d users are known to have started it", started)
			}
		})
	}
}

// A notification that waits for approval alerts those who may approve it. Its validity runs from the approval on if it
// was to be sent at once, else from its time on.
func TestHandOver(t *testing.T) {
	t.Parallel()
	for name, planned := range map[string]bool{"at once": false, "at a time": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t)
			d.approveAbove(1)
			at := d.Store.Now().Add(48 * time.Hour).Truncate(time.Second)
			if planned {
				d.Exec("UPDATE notifications SET send_at = $1", at)
			}
			if err := d.s.Start(t.Context(), d.Actor("Ada"), d.id); err != nil {
				t.Fatal(err)
			}
			n, err := notifications.Read(d.Store).NotificationByPublicID(t.Context(), d.id)
			if err != nil {
				t.Fatal(err)
			}
			if planned != (n.ValidUntil != nil) || planned && !n.ValidUntil.Equal(at.Add(24*time.Hour)) {
				t.Errorf("it is valid until %v", n.ValidUntil)
			}
			if d.Number("SELECT count(*) FROM alerts WHERE title LIKE '%waits for approval'") == 0 ||
				d.Number("SELECT count(*) FROM audit_events WHERE action = 'notification.handed_over'") != 1 {
				t.Error("nobody was asked for the approval")
			}
		})
	}
}

// Somebody approves who may send it and had no hand in it.
func TestApprove(t *testing.T) {
	t.Parallel()
	took := func(did string) func(*desk) { return func(d *desk) { d.took("Otto", did) } }
	set := func(a string) func(*desk) { return func(d *desk) { d.set(a) } }
	for name, c := range map[string]struct {
		who    string
		change func(*desk)
		code   string
	}{
		"a second person":    {"Otto", func(*desk) {}, ""},
		"who wrote it":       {"Ada", func(*desk) {}, "notification.approve_drafted"},
		"who edited it":      {"Otto", took("edited"), "notification.approve_edited"},
		"who started it":     {"Otto", took("started"), "notification.approve_started"},
		"who repeats it":     {"Otto", took("repeated"), "notification.approve_repeated"},
		"who may not send":   {"Ana", func(*desk) {}, "template.role_needed"},
		"the program itself": {"", func(*desk) {}, "notification.approve_as_person"},
		"who was disabled": {"Otto", func(d *desk) {
			d.Exec("UPDATE users SET disabled_at = now() WHERE name = 'Otto'")
		}, "template.role_needed"},
		"one that doesn't wait": {"Otto", set("state = 'checked'"), "notification.not_awaiting_approval"},
		"one whose time ended":  {"Otto", set("valid_until = '2020-01-01'"), "notification.time_over"},
		"a segment that can't be determined": {
			"Otto",
			set(`audience = '{"kind": "filter", "segment": {"name": "Regulars", "unresolved": true}}'`),
			"notification.segment_gone",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t)
			d.set("state = 'awaiting'")
			c.change(d)
			actor := models.System("Parley")
			if c.who != "" {
				actor = d.Actor(c.who)
			}
			if err := d.s.Approve(t.Context(), actor, d.id); codeOf(err) != c.code {
				t.Fatalf("%q, want %q", codeOf(err), c.code)
			}
			approved := d.Number(`SELECT count(*) FROM notifications n JOIN users u ON u.id = n.approved_by
				WHERE u.name = 'Otto' AND n.state = 'preparing' AND n.valid_until IS NOT NULL`)
			said := d.Number("SELECT count(*) FROM audit_events WHERE action = 'notification.approved'")
			if want := map[bool]int64{true: 1}[c.code == ""]; approved != want || said != want {
				t.Errorf("%d approved, %d in the log, want %d", approved, said, want)
			}
		})
	}
}
