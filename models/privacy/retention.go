package privacy

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"time"

	"parley/models"
	"parley/models/conversations/receipts"
	"parley/models/internal/base"
)

// Retention is what a period would remove.
type Retention struct {
	Messages int64
	Media    int64
	Bytes    int64 // of the files
}

// RetentionPreview counts what would be removed now with these periods, without removing it.
func (r Reads) RetentionPreview(ctx context.Context, p models.Privacy) (x Retention, err error) {
	if p.MessageMonths > 0 {
		err = r.read(ctx).
			Raw("SELECT count(*) FROM messages WHERE created_at < ? AND erased_at IS NULL", before(r.store, p.MessageMonths)).
			Scan(&x.Messages).
			Error
	}
	if media := p.MonthsOfMedia(); media > 0 && err == nil {
		row := struct{ N, Size int64 }{}
		err = r.read(ctx).
			Raw(`SELECT count(*) AS n, coalesce(sum(size), 0) AS size FROM media_files
				WHERE created_at < ? AND file <> ''`, before(r.store, media)).
			Scan(&row).
			Error
		x.Media, x.Bytes = row.N, row.Size
	}
	return x, err
}

// retainPart is how many messages or files one transaction removes.
const retainPart = 2000

func before(s *models.Store, months int) time.Time { return s.Now().AddDate(0, -months, 0) }

var (
	retainMessages = query("retain_messages")
	retainMedia    = query("retain_media")
)

// RetainMessages removes the content of a part of the messages that are too old, and of the deliveries that brought
// them; their times and states stay for the counts. It begins after a message and returns the last one that it handled,
// 0 if there are no more.
func RetainMessages(ctx context.Context, s *models.Store, p models.Privacy, after int64) (last int64, err error) {
	if p.MessageMonths == 0 {
		return 0, nil
	}
	err = s.InTx(ctx, func(tx *models.Tx) error {
		var ids []int64
		err := base.DB(tx).Raw(retainMessages, map[string]any{
			"before": before(s, p.MessageMonths),
			"after":  after,
			"n":      retainPart,
		}).Scan(&ids).Error
		n := len(ids)
		if err != nil || n == 0 {
			return err
		}
		last = slices.Max(ids)
		err = base.DB(tx).Exec(`UPDATE webhook_receipts SET form = '', raw_body = NULL
			WHERE (form <> '' OR raw_body IS NOT NULL) AND message_sid IN (SELECT twilio_sid FROM messages
				WHERE id = ANY(CAST(? AS bigint[])) AND twilio_sid IS NOT NULL)`, models.IDs(ids).Text()).Error
		if err != nil {
			return err
		}
		return models.Audit(
			tx,
			models.System("Parley"),
			"retention.messages",
			models.About("settings", "privacy"),
			"The content of "+strconv.Itoa(n)+" messages was removed after its time",
		)
	})
	return last, err
}

// RetainMedia removes a part of the files that are too old and returns their names, to be deleted.
func RetainMedia(ctx context.Context, s *models.Store, p models.Privacy) (files []string, err error) {
	months := p.MonthsOfMedia()
	if months == 0 {
		return nil, nil
	}
	err = s.InTx(ctx, func(tx *models.Tx) error {
		err := base.DB(tx).
			Raw(retainMedia, map[string]any{"before": before(s, months), "n": retainPart}).
			Scan(&files).
			Error
		if err != nil || len(files) == 0 {
			return err
		}
		return models.Audit(
			tx,
			models.System("Parley"),
			"retention.media",
			models.About("settings", "privacy"),
			strconv.Itoa(len(files))+" files were removed after their time",
		)
	})
	return files, err
}

// Prune removes expired rows: ended sessions, old sign-in failures, and webhook receipts (unsigned ones after a week,
// signed ones after ReceiptDays), alerts after half a year, drafts after 90 days.
func Prune(ctx context.Context, s *models.Store) error {
	days, err := receipts.Read(s).ReceiptDays(ctx)
	if err != nil {
		return err
	}
	var errs []error
	for _, q := range []string{
		"DELETE FROM sessions WHERE expires_at < now()",
		"DELETE FROM signin_failures WHERE created_at < now() - interval '1 day'",
		`DELETE FROM webhook_receipts WHERE received_at < now() - CASE WHEN verdict = 'bad_signature'
			THEN interval '7 days' ELSE interval '1 day' * ` + strconv.Itoa(days) + ` END`,
		"DELETE FROM conversation_presence WHERE seen_at < now() - interval '1 day'",
		"DELETE FROM user_presence WHERE seen_at < now() - interval '1 day'",
		"DELETE FROM drafts WHERE updated_at < now() - interval '90 days'",
		"DELETE FROM draft_presence WHERE seen_at < now() - interval '1 day'",
		"DELETE FROM api_calls WHERE created_at < now() - interval '31 days'",
		"DELETE FROM alerts WHERE created_at < now() - interval '180 days'",
	} {
		errs = append(errs, base.Read(ctx, s).Exec(q).Error)
	}
	return errors.Join(errs...)
}
