package models

import (
	"context"
	"errors"

	"parley/whatsapp"
)

// SimulatedAccount is the account of the simulator. No account at Twilio has this SID.
const SimulatedAccount = "AC00000000000000000000000000000000"

// accountSetting holds the account that the database was used with last.
const accountSetting = "twilio_account"

// UseAccount notes which account the database is used with from now on. A database that has known a real account is
// refused to the simulator (conflict). A database that the simulator filled may be used with a real account: then its
// pending messages and the consent of its customers are invalidated, and left is true. If an earlier version noted no
// account, the messages decide: those that the simulator does not know belong to a real account.
func (s *Store) UseAccount(ctx context.Context, sid string) (left bool, err error) {
	err = s.InTx(ctx, func(tx *Tx) error {
		if err := tx.lockKey("account", ""); err != nil {
			return err
		}
		var before string
		if err := setting(tx.DB, accountSetting, &before); err != nil || before == sid {
			return err
		}
		simulated, real := before == SimulatedAccount, before
		if before == "" {
			if simulated, err = tx.simulatorWasHere(); err != nil {
				return err
			}
			foreign, err := tx.knowsRealMessages()
			if err != nil {
				return err
			}
			if foreign {
				simulated, real = false, "whose messages are in it"
			}
		}
		if sid == SimulatedAccount && !simulated && real != "" {
			return Conflict("simulation.foreign_database", "Account", real)
		}
		if simulated && sid != SimulatedAccount {
			left = true
			if err := tx.leaveSimulation(); err != nil {
				return err
			}
		}
		return tx.saveSetting(System("Parley"), accountSetting, sid, "The account at Twilio is "+sid)
	})
	return left, err
}

func (tx *Tx) simulatorWasHere() (bool, error) {
	var yes bool
	if err := tx.Raw("SELECT to_regclass('simulator.records') IS NOT NULL").Scan(&yes).Error; err != nil || !yes {
		return false, err
	}
	err := tx.Raw("SELECT EXISTS (SELECT 1 FROM simulator.records)").Scan(&yes).Error
	return yes, err
}

// knowsRealMessages reports whether a message has a sid that the simulator did not give it.
func (tx *Tx) knowsRealMessages() (bool, error) {
	sql := "SELECT EXISTS (SELECT 1 FROM messages m WHERE m.twilio_sid IS NOT NULL"
	var table, yes bool
	err := tx.Raw("SELECT to_regclass('simulator.records') IS NOT NULL").Scan(&table).Error
	if table {
		sql += " AND NOT EXISTS (SELECT 1 FROM simulator.records r WHERE r.kind = 'message' AND r.id = m.twilio_sid)"
	}
	if err == nil {
		err = tx.Raw(sql + ")").Scan(&yes).Error
	}
	return yes, err
}

// leaveSimulation invalidates everything from the simulation that would act at Twilio: its senders and keys, pending
// messages, sessions with its customers, and their consent. Imported contacts keep theirs.
func (tx *Tx) leaveSimulation() error {
	by := System("Parley")
	for _, q := range []string{
		"UPDATE senders SET state = 'offline', is_default = false, version = version + 1 WHERE kind <> 'sandbox'",
		`UPDATE conversations SET window_closes_at = least(window_closes_at, now()), sandbox_joined_at = NULL,
			version = version + 1`,
		"DELETE FROM address_windows",
		"UPDATE contacts SET window_closes_at = now(), version = version + 1 WHERE window_closes_at > now()",
		"UPDATE api_keys SET revoked_at = now() WHERE revoked_at IS NULL",
		"UPDATE schedules SET stopped_at = now(), next_at = NULL WHERE stopped_at IS NULL",
		`UPDATE later_replies SET state = 'refused', problem = 'It was written in the simulation.'
			WHERE state IN ('waiting', 'ready')`,
		`UPDATE messages SET status = 'refused', error_message = 'simulated', failed_at = now()
			WHERE status IN ('queued', 'sending', 'in_doubt')`,
	} {
		if err := tx.Exec(q).Error; err != nil {
			return err
		}
	}
	return errors.Join(
		tx.cancelUnfinished(by),
		tx.optOutSimulated(by),
		tx.Audit(
			by,
			"simulation.left",
			About("settings", accountSetting),
			"The simulation was left: what it would have sent was stopped",
		),
	)
}

// cancelUnfinished cancels all notifications that would still send messages.
func (tx *Tx) cancelUnfinished(a Actor) error {
	var ids []string
	err := tx.Raw(`SELECT public_id FROM notifications
		WHERE state IN ('awaiting', 'scheduled', 'preparing', 'running', 'paused') ORDER BY id`).Scan(&ids).Error
	for _, id := range ids {
		err = errors.Join(err, tx.CancelNotification(a, id))
	}
	return err
}

var simulatedCustomers = query("simulated_customers")

// optOutSimulated opts the simulator's customers out: a real person may have one of their numbers.
func (tx *Tx) optOutSimulated(a Actor) error {
	here, err := tx.simulatorWasHere()
	if err != nil || !here {
		return err
	}
	var ids []int64
	err = tx.Raw(simulatedCustomers).Scan(&ids).Error
	if err != nil || len(ids) == 0 {
		return err
	}
	_, err = tx.BulkOptOut(a, ids, whatsapp.SourceByHand, "Consent given in the simulation does not count")
	return err
}
