package models_test

import (
	"testing"

	"parley/models"
	"parley/models/modelstest"
	"parley/models/privacy"
)

// A database from a version that did not store the account is recognized as simulated by its messages: the simulator
// knows every one that it accepted.
func TestUseAccountOfAnOldDatabase(t *testing.T) {
	t.Parallel()
	const (
		real      = "AC11111111111111111111111111111111"
		ours      = "SM11111111111111111111111111111111"
		theirs    = "SM22222222222222222222222222222222"
		table     = "CREATE SCHEMA simulator; CREATE TABLE simulator.records (kind text, id text, doc jsonb)"
		simulated = table + "; INSERT INTO simulator.records VALUES ('message', '" + ours + "', '{}'), ('customer', '+1', '{}')"
	)
	for name, c := range map[string]struct {
		sql, account  string
		sids          []string
		left, refused bool
	}{
		"empty, to the simulator":                   {"", privacy.SimulatedAccount, nil, false, false},
		"empty, to a real account":                  {"", real, nil, false, false},
		"a simulation, to the simulator":            {simulated, privacy.SimulatedAccount, []string{ours}, false, false},
		"a simulation, to a real account":           {simulated, real, []string{ours}, true, false},
		"real, to the simulator":                    {"", privacy.SimulatedAccount, []string{theirs}, false, true},
		"real, to the real account":                 {"", real, []string{theirs}, false, false},
		"real, with an empty simulator, to it":      {table, privacy.SimulatedAccount, []string{theirs}, false, true},
		"real, where the simulator ran, to it":      {simulated, privacy.SimulatedAccount, []string{ours, theirs}, false, true},
		"real, where the simulator ran, to account": {simulated, real, []string{ours, theirs}, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := newOutbox(t)
			o.exec("UPDATE contacts SET window_closes_at = now() + interval '1 hour'")
			o.exec("UPDATE conversations SET last_inbound_at = now(), window_closes_at = now() + interval '1 hour'")
			if c.sql != "" {
				o.exec(c.sql)
			}
			for _, sid := range c.sids {
				id, _ := o.message("sent", 1, 0, 60)
				o.exec("UPDATE messages SET twilio_sid = $1 WHERE id = $2", sid, id)
			}
			left, err := privacy.UseAccount(t.Context(), o.Store, c.account)
			if left != c.left || (models.KindOf(err) == models.KindConflict) != c.refused || err != nil && !c.refused {
				t.Fatalf("left %v, %v", left, err)
			}
			var open int
			err = modelstest.PoolOf(o.Store).
				QueryRow(t.Context(), `SELECT (SELECT count(*) FROM contacts WHERE window_closes_at > now())
				+ (SELECT count(*) FROM conversations WHERE window_closes_at > now())`).
				Scan(&open)
			if err != nil || (open == 0) != c.left || (open == 2) == c.left {
				t.Errorf("%d windows are open (%v)", open, err)
			}
		})
	}
}
