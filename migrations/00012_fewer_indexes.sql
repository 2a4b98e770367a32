-- +goose Up
-- Each of a message's three changes on its way goes into every index: three of them give way to one, and to what the
-- reports have counted already.
DROP INDEX messages_version, messages_version_contact, messages_business;
CREATE INDEX messages_version ON messages (version_id, sending_at) WHERE version_id IS NOT NULL;
CREATE INDEX report_days_version ON report_days (version_id, day) WHERE version_id <> 0;
CREATE INDEX report_steps_version ON report_steps (version_id, day) WHERE version_id <> 0;

-- +goose StatementBegin
CREATE OR REPLACE FUNCTION step_reports() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NOT EXISTS (SELECT 1 FROM added WHERE notification_id IS NOT NULL) THEN
            RETURN NULL;
        END IF;
        INSERT INTO report_steps
        SELECT (m.send_at AT TIME ZONE 'UTC')::date, m.sender_id, coalesce(m.version_id, 0), m.notification_id, 'queued', 0, count(*)
        FROM added m WHERE m.notification_id IS NOT NULL AND m.direction = 'outbound' GROUP BY 1, 2, 3, 4;
        RETURN NULL;
    END IF;
    -- A claim counts for nothing: the most frequent change is over at once.
    IF (SELECT bool_and(status = 'sending') FROM added) THEN
        RETURN NULL;
    END IF;
    -- That Twilio took them is the next most frequent.
    IF (SELECT bool_and(status = 'accepted' AND twilio_sid IS NOT NULL AND delivered_at IS NULL AND read_at IS NULL AND direction = 'outbound') FROM added)
            AND (SELECT bool_and(status IN ('sending', 'in_doubt') AND twilio_sid IS NULL AND delivered_at IS NULL AND read_at IS NULL) FROM removed) THEN
        INSERT INTO report_steps
        SELECT s.day, s.sender_id, s.version_id, s.notification_id, x.measure, 0, s.n
        FROM (SELECT (coalesce(sending_at, created_at) AT TIME ZONE 'UTC')::date AS day, sender_id, coalesce(version_id, 0) AS version_id, coalesce(notification_id, 0) AS notification_id, count(*) AS n FROM added GROUP BY 1, 2, 3, 4) s,
            (VALUES ('sent'), ('settled')) x (measure);
        RETURN NULL;
    END IF;
    -- Retention and merging change thousands at once, and nothing that is counted.
    IF NOT EXISTS (SELECT id, status, twilio_sid, delivered_at, read_at FROM added EXCEPT SELECT id, status, twilio_sid, delivered_at, read_at FROM removed) THEN
        RETURN NULL;
    END IF;
    -- What counts now less what counted before; nothing pairs the two.
    INSERT INTO report_steps
    SELECT (coalesce(m.sending_at, m.created_at) AT TIME ZONE 'UTC')::date, m.sender_id, coalesce(m.version_id, 0), coalesce(m.notification_id, 0), s.measure, s.code, sum(m.sign)
    FROM (SELECT 1 AS sign, * FROM added UNION ALL SELECT -1, * FROM removed) m CROSS JOIN LATERAL (VALUES
        ('sent', 0, m.twilio_sid IS NOT NULL),
        ('delivered', 0, m.delivered_at IS NOT NULL),
        ('read', 0, m.read_at IS NOT NULL),
        ('delivered_in', CASE WHEN m.delivered_at IS NOT NULL THEN duration_step(extract(epoch FROM m.delivered_at - coalesce(m.sending_at, m.created_at))) ELSE 0 END, m.delivered_at IS NOT NULL),
        ('read_in', CASE WHEN m.read_at IS NOT NULL THEN duration_step(extract(epoch FROM m.read_at - coalesce(m.sending_at, m.created_at))) ELSE 0 END, m.read_at IS NOT NULL),
        ('failed', m.error_code, m.status IN ('failed', 'undelivered')),
        ('settled', 0, m.status NOT IN ('queued', 'sending', 'in_doubt')),
        ('to', CASE WHEN m.delivered_at IS NOT NULL AND m.version_id IS NOT NULL THEN
            (SELECT country_code(c.country) FROM conversations k JOIN contacts c ON c.id = k.contact_id WHERE k.id = m.conversation_id) ELSE 0 END, m.delivered_at IS NOT NULL AND m.version_id IS NOT NULL),
        ('refused', 0, m.status = 'refused'),
        ('canceled', 0, m.status = 'canceled')) s (measure, code, counts)
    WHERE m.direction = 'outbound' AND m.status <> 'sending' AND s.counts GROUP BY 1, 2, 3, 4, 5, 6 HAVING sum(m.sign) <> 0;
    RETURN NULL;
END $$;
-- +goose StatementEnd

-- +goose Down
DROP INDEX report_days_version, report_steps_version, messages_version;
CREATE INDEX messages_version ON messages (version_id, created_at) INCLUDE (status) WHERE version_id IS NOT NULL;
CREATE INDEX messages_version_contact ON messages (conversation_id, id DESC) WHERE kind = 'template';
CREATE INDEX messages_business ON messages (sender_id, sending_at) INCLUDE (conversation_id) WHERE version_id IS NOT NULL AND sending_at IS NOT NULL;
