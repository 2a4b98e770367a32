package demo

import (
	"context"
	"errors"
	"fmt"

	"parley/models"
	"parley/models/conversations"
	"parley/models/inbox"
	"parley/services/messaging"
)

// desk gives the inbox its labels, canned replies and a macro, and one conversation a note and a label.
func (d *Demo) desk(ctx context.Context, a models.Actor) error {
	err := d.Store.InTx(ctx, func(tx *models.Tx) error {
		wait := conversations.HighPriority
		if err := inbox.SaveLabel(tx, a, "", "Appointment", "green"); err != nil {
			return err
		}
		if err := inbox.SaveLabel(tx, a, "", "Lab results", "blue"); err != nil {
			return err
		}
		if err := inbox.SaveLabel(tx, a, "", "Billing", "amber"); err != nil {
			return err
		}
		if err := inbox.SaveCannedReply(
			tx,
			a,
			models.Admin,
			"",
			inbox.CannedReply{
				Shortcut: "hours",
				Body:     "Hello {{first_name|there}}, we are open Monday to Friday from 9:00 to 17:00.",
			},
		); err != nil {
			return err
		}
		if err := inbox.SaveCannedReply(
			tx,
			a,
			models.Admin,
			"",
			inbox.CannedReply{
				Shortcut: "way",
				Body:     "You find us at Harbor Street 12. The entrance is on the left, the lift on the right of it.",
			},
		); err != nil {
			return err
		}
		return inbox.SaveMacro(
			tx,
			a,
			"",
			"Ask the doctor, back tomorrow",
			inbox.MacroActions{
				Note:     "The doctor has to look at this.",
				Assign:   "me",
				Priority: &wait,
				State:    string(conversations.ConversationSnoozed),
				Snooze:   "tomorrow",
			},
		)
	})
	if err != nil {
		return fmt.Errorf("demo desk: %w", err)
	}
	rows, _, err := inbox.Read(d.Store).Inbox(ctx, inbox.InboxFilter{View: inbox.ViewAll, Query: "Noor", Limit: 1})
	if err != nil || len(rows) == 0 {
		return err
	}
	labels, err := inbox.Read(d.Store).Labels(ctx)
	if err != nil {
		return err
	}
	_, err = d.Messaging.ChangeConversations(
		ctx,
		a,
		[]string{rows[0].PublicID},
		messaging.Change{Add: []string{labels[0].PublicID}},
	)
	note := messaging.NoteForm{Text: "Friday afternoon is full. Offer her *Monday at ten*.", Token: "demo-note"}
	return errors.Join(err, d.Messaging.Note(ctx, a, rows[0].PublicID, note))
}
