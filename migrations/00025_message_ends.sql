-- +goose Up
-- Until when a notification's message may be tried again stands on the message, no longer on its notification.
UPDATE messages m SET valid_until = least(m.valid_until, n.valid_until)
FROM notifications n
WHERE n.id = m.notification_id AND n.valid_until IS NOT NULL AND m.delivered_at IS NULL
    AND m.status IN ('queued', 'sending', 'in_doubt', 'accepted', 'sent')
    AND (m.valid_until IS NULL OR n.valid_until < m.valid_until);

-- An opt-out counts against the template that the contact got last, in the 24 hours before. Opt-outs from a file do not:
-- they answer nothing that Parley sent.
-- +goose StatementBegin
CREATE FUNCTION count_opt_outs() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO report_steps
    SELECT (coalesce(m.sending_at, m.created_at) AT TIME ZONE 'UTC')::date, m.sender_id, coalesce(m.version_id, 0), coalesce(m.notification_id, 0), 'opted_out', 0, 1
    FROM added e CROSS JOIN LATERAL (
        SELECT t.* FROM conversations v CROSS JOIN LATERAL (
            -- If it is not among the last twenty messages, the contact answers something else.
            SELECT * FROM (SELECT * FROM messages WHERE conversation_id = v.id ORDER BY id DESC LIMIT 20) x
            WHERE x.kind = 'template' ORDER BY x.id DESC LIMIT 1) t
        WHERE v.contact_id = e.contact_id AND t.created_at > e.occurred_at - interval '24 hours' AND t.created_at <= e.occurred_at
        ORDER BY t.id DESC LIMIT 1) m
    WHERE e.kind = 'opted_out' AND e.import_id IS NULL;
    RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER count_opt_outs AFTER INSERT ON consent_events REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION count_opt_outs();

-- +goose Down
DROP TRIGGER count_opt_outs ON consent_events;
DROP FUNCTION count_opt_outs;
