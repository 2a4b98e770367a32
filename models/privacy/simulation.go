package privacy

import (
	"context"

	"parley/models"
	"parley/models/internal/base"
	"parley/models/notifications"
	"parley/models/people"
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
func UseAccount(ctx context.Context, s *models.Store, sid string) (left bool, err error) {
	err = s.InTx(ctx, func(tx *models.Tx) error {
		if err := base.LockKey(tx, "account", ""); err != nil {
			return err
		}
		var before string
		if err := models.Setting(base.DB(tx), accountSetting, &before); err != nil || before == sid {
			return err
		}
		simulated, real := before == SimulatedAccount, before
		if before == "" {
			if simulated, err = simulatorWasHere(tx); err != nil {
				return err
			}
			foreign, err := knowsRealMessages(tx)
			if err != nil {
				return err
			}
			if foreign {
				simulated, real = false, "whose messages are in it"
			}
		}
		if sid == SimulatedAccount && !simulated && real != "" {
			return models.Conflict("simulation.foreign_database", "Account", real)
		}
		if simulated && sid != SimulatedAccount {
			left = true
			if err := leaveSimulation(tx); err != nil {
				return err
			}
		}
		return models.SaveSetting(tx, models.System("Parley"), accountSetting, sid, "The account at Twilio is "+sid)
	})
	return left, err
}

func simulatorWasHere(tx *models.Tx) (bool, error) {
	var yes bool
	if err := base.DB(tx).Raw("SELECT to_regclass('simulator.records') IS NOT NULL").Scan(&yes).Error; err != nil || !yes {
		return false, err
	}
	err := base.DB(tx).Raw("SELECT EXISTS (SELECT 1 FROM simulator.records)").Scan(&yes).Error
	return yes, err
}

// knowsRealMessages reports whether a message has a sid that the simulator did not give it.
func knowsRealMessages(tx *models.Tx) (bool, error) {
	sql := "SELECT EXISTS (SELECT 1 FROM messages m WHERE m.twilio_sid IS NOT NULL"
	var table, yes bool
	err := base.DB(tx).Raw("SELECT to_regclass('simulator.records') IS NOT NULL").Scan(&table).Error
	if table {
		sql += " AND NOT EXISTS (SELECT 1 FROM simulator.records r WHERE r.kind = 'message' AND r.id = m.twilio_sid)"
	}
	if err == nil {
		err = base.DB(tx).Raw(sql + ")").Scan(&yes).Error
	}
	return yes, err
}

// leaveSimulation invalidates everything from the simulation that would act at Twilio: its senders and keys, pending
// messages, sessions with its customers, and their consent. Imported contacts keep theirs.
func leaveSimulation(tx *models.Tx) error {
	by := models.System("Parley")
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
		if err := base.DB(tx).Exec(q).Error; err != nil {
			return err
		}
	}
	if err := cancelUnfinished(tx, by); err != nil {
		return err
	}
	if err := optOutSimulated(tx, by); err != nil {
		return err
	}
	return models.Audit(
		tx,
		by,
		"simulation.left",
		models.About("settings", accountSetting),
		"The simulation was left: what it would have sent was stopped",
	)
}

// cancelUnfinished cancels all notifications that would still send messages.
func cancelUnfinished(tx *models.Tx, a models.Actor) error {
	var ids []string
	err := base.DB(tx).Raw(`SELECT public_id FROM notifications
		WHERE state IN ('awaiting', 'scheduled', 'preparing', 'running', 'paused') ORDER BY id`).Scan(&ids).Error
	if err != nil {
		return err
	}
	for _, id := range ids {
		if err := notifications.CancelNotification(tx, a, id); err != nil {
			return err
		}
	}
	return nil
}

var simulatedCustomers = query("simulated_customers")

// optOutSimulated opts the simulator's customers out: a real person may have one of their numbers.
func optOutSimulated(tx *models.Tx, a models.Actor) error {
	here, err := simulatorWasHere(tx)
	if err != nil || !here {
		return err
	}
	var ids []int64
	err = base.DB(tx).Raw(simulatedCustomers).Scan(&ids).Error
	if err != nil || len(ids) == 0 {
		return err
	}
	_, err = people.BulkOptOut(tx, a, ids, whatsapp.SourceByHand, "Consent given in the simulation does not count")
	return err
}
