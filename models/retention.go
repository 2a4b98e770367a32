package models

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"time"
)

// Retention is what a period would remove.
type Retention struct {
	Messages int64
	Media    int64
	Bytes    int64 // of the files
}

// RetentionPreview counts what would be removed now with these periods, without removing it.
func (s *Store) RetentionPreview(ctx context.Context, p Privacy) (r Retention, err error) {
	if p.MessageMonths > 0 {
		err = s.read(ctx).
			Raw("SELECT count(*) FROM messages WHERE created_at < ? AND erased_at IS NULL", s.before(p.MessageMonths)).
			Scan(&r.Messages).
			Error
	}
	if media := p.mediaMonths(); media > 0 && err == nil {
		row := struct{ N, Size int64 }{}
		err = s.read(ctx).
			Raw(`SELECT count(*) AS n, coalesce(sum(size), 0) AS size FROM media_files
				WHERE created_at < ? AND file <> ''`, s.before(media)).
			Scan(&row).
			Error
		r.Media, r.Bytes = row.N, row.Size
	}
	return r, err
}

func (s *Store) before(months int) time.Time { return s.Now().AddDate(0, -months, 0) }

var (
	retainMessages = query("retain_messages")
	retainMedia    = query("retain_media")
)

// RetainMessages removes the content of a part of the messages that are too old, and of the deliveries that brought
// them; their times and states stay for the counts. It begins after a message and returns the last one that it handled,
// 0 if there are no more.
func (s *Store) RetainMessages(ctx context.Context, p Privacy, after int64) (last int64, err error) {
	if p.MessageMonths == 0 {
		return 0, nil
	}
	err = s.InTx(ctx, func(tx *Tx) error {
		var ids []int64
		err := tx.Raw(retainMessages, map[string]any{
			"before": s.before(p.MessageMonths),
			"after":  after,
			"n":      retainPart,
		}).Scan(&ids).Error
		n := len(ids)
		if err != nil || n == 0 {
			return err
		}
		last = slices.Max(ids)
		err = tx.Exec(`UPDATE webhook_receipts SET form = '', raw_body = NULL
			WHERE (form <> '' OR raw_body IS NOT NULL) AND message_sid IN (SELECT twilio_sid FROM messages
				WHERE id = ANY(CAST(? AS bigint[])) AND twilio_sid IS NOT NULL)`, IDs(ids).text()).Error
		if err != nil {
			return err
		}
		return tx.Audit(
			System("Parley"),
			"retention.messages",
			About("settings", "privacy"),
			"The content of "+strconv.Itoa(n)+" messages was removed after its time",
		)
	})
	return last, err
}

// RetainMedia removes a part of the files that are too old and returns their names, to be deleted.
func (s *Store) RetainMedia(ctx context.Context, p Privacy) (files []string, err error) {
	months := p.mediaMonths()
	if months == 0 {
		return nil, nil
	}
	err = s.InTx(ctx, func(tx *Tx) error {
		err := tx.Raw(retainMedia, map[string]any{"before": s.before(months), "n": retainPart}).Scan(&files).Error
		if err != nil || len(files) == 0 {
			return err
		}
		return errors.Join(
			tx.Audit(
				System("Parley"),
				"retention.media",
				About("settings", "privacy"),
				strconv.Itoa(len(files))+" files were removed after their time",
			),
		)
	})
	return files, err
}

// Prune removes expired rows: ended sessions, old sign-in failures, and webhook receipts (unsigned ones after a week,
// signed ones after ReceiptDays), alerts after half a year, drafts after 90 days.
func (s *Store) Prune(ctx context.Context) error {
	days, err := s.ReceiptDays(ctx)
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
		errs = append(errs, s.read(ctx).Exec(q).Error)
	}
	return errors.Join(errs...)
}
