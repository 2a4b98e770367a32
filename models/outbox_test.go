package models_test

import (
	"testing"

	"parley/models/conversations/outbox"
	"parley/models/modelstest"
)

// Messages to one person are sent in order, but a message scheduled for later does not delay one that is due.
func TestWhatIsSetForLaterHoldsUpNothing(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		earlier string // the state of the earlier message
		waits   bool
	}{
		"another program's, in the quiet hours": {"send_at = now() + interval '8 hours', valid_until = now() + interval '1 day'", false},
		"another program's, due":                {"valid_until = now() + interval '1 day'", true},
		"an answer that Twilio put off":         {"send_at = now() + interval '1 minute'", true},
		"an answer that is due":                 {"send_at = now()", true},
		"less urgent":                           {"send_at = now(), priority = 60", false},
		"under way":                             {"status = 'sending', valid_until = now() + interval '1 day'", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := newOutbox(t)
			o.exec(`UPDATE conversations SET last_inbound_at = now(), window_closes_at = now() + interval '1 hour',
				address_id = (SELECT id FROM contact_addresses LIMIT 1)`)
			first, _ := o.message("queued", 0, 0, 0)
			o.exec("UPDATE messages SET priority = 10, send_at = now() - interval '1 second'")
			o.exec("UPDATE messages SET "+c.earlier+" WHERE id = $1", first)
			second, _ := o.message("queued", 0, 0, 0)
			o.exec("UPDATE messages SET priority = 10, send_at = now() - interval '1 second' WHERE id = $1", second)
			var sender int64
			if err := modelstest.PoolOf(o.Store).QueryRow(t.Context(), "SELECT id FROM senders WHERE phone = '+15550100200'").Scan(&sender); err != nil {
				t.Fatal(err)
			}
			claimed, err := outbox.ClaimOutgoing(t.Context(), o.Store, outbox.Claim{SenderID: sender, Owner: "test", N: 10})
			if err != nil {
				t.Fatal(err)
			}
			left := false
			for _, m := range claimed {
				left = left || m.ID == second && m.Refusal == ""
			}
			if left == c.waits {
				t.Errorf("the later one left: %v (%+v)", left, claimed)
			}
		})
	}
}
