-- outbox_claim for a sender that has reached WhatsApp's limit of different people for today: only messages to people
-- who were written to already, or within a session, are claimed.
WITH due AS (
\ir shared/outbox_due.sql
		AND (m.version_id IS NULL OR held.window_closes_at > @now OR m.conversation_id IN (
			SELECT k.conversation_id FROM template_versions o JOIN messages k ON k.version_id = o.id
			WHERE k.sender_id = @sender AND k.sending_at > CAST(@counted_after AS timestamptz)
				AND k.status NOT IN ('refused', 'canceled')))
\ir shared/outbox_take.sql
