-- +goose Up

-- A notification from its draft to its end: what is sent (version, values), to whom (audience), when, and how it goes.
ALTER TABLE notifications DROP CONSTRAINT notifications_state_check;
ALTER TABLE notifications
    ADD CONSTRAINT notifications_state_check CHECK (state IN ('checking', 'checked', 'awaiting', 'scheduled', 'preparing', 'running', 'paused', 'canceled', 'finished')),
    ADD COLUMN name text NOT NULL DEFAULT '',
    ADD COLUMN audience jsonb NOT NULL DEFAULT '{}',         -- {"kind": "contacts" | "filter" | "list", …}
    ADD COLUMN fills jsonb NOT NULL DEFAULT '{}',            -- by number: {"from": "fixed" | "field" | "column", "value": …, "default": …}
    ADD COLUMN send_at timestamptz,                          -- empty: as soon as it is started
    ADD COLUMN local_time boolean NOT NULL DEFAULT false,    -- send_at is the wall clock of each contact
    ADD COLUMN quiet_from smallint CHECK (quiet_from BETWEEN 0 AND 1439),
    ADD COLUMN quiet_to smallint CHECK (quiet_to BETWEEN 0 AND 1439),
    ADD COLUMN speed double precision NOT NULL DEFAULT 0 CHECK (speed >= 0),  -- messages a second, 0: the sender's
    ADD COLUMN valid_hours integer NOT NULL DEFAULT 24 CHECK (valid_hours BETWEEN 1 AND 720),
    ADD COLUMN stop_percent integer NOT NULL DEFAULT 25 CHECK (stop_percent BETWEEN 1 AND 100),
    ADD COLUMN cursor bigint NOT NULL DEFAULT 0,             -- how far checking or preparing has come
    ADD COLUMN excluded jsonb NOT NULL DEFAULT '{}',         -- how many were left out, by reason
    ADD COLUMN allowed integer NOT NULL DEFAULT 0,           -- how many will get it
    ADD COLUMN checked_at timestamptz,
    ADD COLUMN approved_by bigint REFERENCES users (id),
    ADD COLUMN started_at timestamptz,
    ADD COLUMN finished_at timestamptz,
    ADD COLUMN valid_until timestamptz,
    ADD COLUMN based_on bigint REFERENCES notifications (id),
    ADD COLUMN schedule_id bigint,
    ADD COLUMN version integer NOT NULL DEFAULT 1;
ALTER TABLE notifications ALTER COLUMN state SET DEFAULT 'checking';
UPDATE notifications SET started_at = created_at;
CREATE INDEX notifications_busy ON notifications (state, id) WHERE state IN ('checking', 'scheduled', 'preparing', 'running');

ALTER TABLE notification_recipients DROP CONSTRAINT notification_recipients_notification_id_contact_id_key, DROP CONSTRAINT notification_recipients_check,
    ALTER COLUMN contact_id DROP NOT NULL,
    ADD COLUMN address text NOT NULL DEFAULT '',             -- as the list had it, where no contact was found
    ADD COLUMN columns jsonb,                                -- the list's row
    ADD COLUMN replied_at timestamptz;
CREATE UNIQUE INDEX notification_recipients_once ON notification_recipients (notification_id, contact_id) WHERE excluded = '';
CREATE INDEX notification_recipients_list ON notification_recipients (notification_id, excluded, id);
CREATE INDEX notification_recipients_left ON notification_recipients (notification_id, id) WHERE message_id IS NULL AND excluded = '';
CREATE INDEX notification_recipients_message ON notification_recipients (message_id) WHERE message_id IS NOT NULL;

-- The rows of a pasted or uploaded list.
CREATE TABLE notification_rows (
    notification_id bigint NOT NULL REFERENCES notifications (id) ON DELETE CASCADE,
    n               integer NOT NULL,
    address         text NOT NULL,
    columns         jsonb NOT NULL,
    PRIMARY KEY (notification_id, n)
);

-- A notification that comes again.
CREATE TABLE schedules (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    public_id  text NOT NULL UNIQUE DEFAULT new_public_id(),
    pattern_id bigint NOT NULL REFERENCES notifications (id), -- whose audience, values and template it repeats
    days       smallint NOT NULL CHECK (days BETWEEN 1 AND 127),  -- bits, Monday is 1
    minute     smallint NOT NULL CHECK (minute BETWEEN 0 AND 1439),
    zone       text NOT NULL,
    next_at    timestamptz,
    stopped_at timestamptz,
    problem    text NOT NULL DEFAULT '',
    created_by bigint REFERENCES users (id),
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX schedules_due ON schedules (next_at) WHERE stopped_at IS NULL;
ALTER TABLE notifications ADD FOREIGN KEY (schedule_id) REFERENCES schedules (id);

-- Keys for the API, and what was answered to each caller's own key.
CREATE TABLE api_keys (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    public_id  text NOT NULL UNIQUE DEFAULT new_public_id(),
    name       text NOT NULL CHECK (name <> ''),
    hash       bytea NOT NULL UNIQUE,
    created_by bigint REFERENCES users (id),
    created_at timestamptz NOT NULL DEFAULT now(),
    used_at    timestamptz,
    revoked_at timestamptz
);
CREATE TABLE api_calls (
    key_id     bigint NOT NULL REFERENCES api_keys (id),
    idempotency_key text NOT NULL,
    body_hash  bytea NOT NULL,
    status     integer NOT NULL,
    answer     text NOT NULL,
    message_id bigint REFERENCES messages (id) ON DELETE SET NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (key_id, idempotency_key)
);
CREATE INDEX api_calls_age ON api_calls (created_at);

-- Sids under which a message was sent before, and failed for a passing reason.
CREATE TABLE message_attempts (
    twilio_sid text PRIMARY KEY,
    message_id bigint NOT NULL REFERENCES messages (id) ON DELETE CASCADE,
    error_code integer NOT NULL,
    failed_at  timestamptz NOT NULL
);
CREATE INDEX message_attempts_of ON message_attempts (message_id);

-- What the reports count, as steps that a trigger takes and a job adds up: exact at any moment.
CREATE TABLE report_days (
    day             date NOT NULL,
    sender_id       bigint NOT NULL,
    version_id      bigint NOT NULL,
    notification_id bigint NOT NULL,
    measure         text NOT NULL,
    code            integer NOT NULL,
    n               bigint NOT NULL,
    PRIMARY KEY (day, sender_id, version_id, notification_id, measure, code)
);
CREATE INDEX report_days_notification ON report_days (notification_id) WHERE notification_id <> 0;
CREATE TABLE report_steps (LIKE report_days);
CREATE INDEX report_steps_notification ON report_steps (notification_id) WHERE notification_id <> 0;

-- Seconds, in steps of a quarter more each: 1, 1.25, 1.56 …
CREATE FUNCTION duration_step(seconds double precision) RETURNS integer LANGUAGE sql IMMUTABLE AS $$ SELECT floor(ln(greatest(seconds, 0) + 1) / ln(1.25))::int $$;

-- A country's two letters as a number, for the costs.
CREATE FUNCTION country_code(country text) RETURNS integer LANGUAGE sql IMMUTABLE AS $$ SELECT CASE WHEN length(country) = 2 THEN ascii(country) * 256 + ascii(substr(country, 2)) ELSE 0 END $$;

-- +goose StatementBegin
CREATE FUNCTION step_reports() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO report_steps
        SELECT (m.send_at AT TIME ZONE 'UTC')::date, m.sender_id, coalesce(m.version_id, 0), m.notification_id, 'queued', 0, count(*)
        FROM added m WHERE m.notification_id IS NOT NULL AND m.direction = 'outbound' GROUP BY 1, 2, 3, 4;
        RETURN NULL;
    END IF;
    -- A claim counts for nothing: the most frequent change is over at once.
    IF (SELECT bool_and(status = 'sending') FROM added) THEN
        RETURN NULL;
    END IF;
    INSERT INTO report_steps
    SELECT (coalesce(m.sending_at, m.created_at) AT TIME ZONE 'UTC')::date, m.sender_id, coalesce(m.version_id, 0), coalesce(m.notification_id, 0), s.measure, s.code, sum(s.n)
    FROM added m JOIN removed o ON o.id = m.id CROSS JOIN LATERAL (VALUES
        ('sent', 0, CASE WHEN m.twilio_sid IS NOT NULL AND o.twilio_sid IS NULL THEN 1 WHEN m.twilio_sid IS NULL AND o.twilio_sid IS NOT NULL THEN -1 ELSE 0 END),
        ('delivered', 0, (m.delivered_at IS NOT NULL AND o.delivered_at IS NULL)::int),
        ('read', 0, (m.read_at IS NOT NULL AND o.read_at IS NULL)::int),
        ('delivered_in', CASE WHEN m.delivered_at IS NOT NULL AND o.delivered_at IS NULL THEN duration_step(extract(epoch FROM m.delivered_at - coalesce(m.sending_at, m.created_at))) ELSE 0 END, (m.delivered_at IS NOT NULL AND o.delivered_at IS NULL)::int),
        ('read_in', CASE WHEN m.read_at IS NOT NULL AND o.read_at IS NULL THEN duration_step(extract(epoch FROM m.read_at - coalesce(m.sending_at, m.created_at))) ELSE 0 END, (m.read_at IS NOT NULL AND o.read_at IS NULL)::int),
        ('failed', m.error_code, (m.status IN ('failed', 'undelivered') AND o.status NOT IN ('failed', 'undelivered'))::int),
        ('failed', o.error_code, -(o.status IN ('failed', 'undelivered') AND m.status NOT IN ('failed', 'undelivered'))::int),
        ('settled', 0, (o.status IN ('queued', 'sending', 'in_doubt'))::int - (m.status IN ('queued', 'sending', 'in_doubt'))::int),
        ('to', CASE WHEN m.delivered_at IS NOT NULL AND o.delivered_at IS NULL AND m.version_id IS NOT NULL THEN
            (SELECT country_code(c.country) FROM conversations k JOIN contacts c ON c.id = k.contact_id WHERE k.id = m.conversation_id) ELSE 0 END, (m.delivered_at IS NOT NULL AND o.delivered_at IS NULL AND m.version_id IS NOT NULL)::int),
        ('refused', 0, (m.status = 'refused' AND o.status <> 'refused')::int),
        ('canceled', 0, (m.status = 'canceled' AND o.status <> 'canceled')::int)) s (measure, code, n)
    WHERE m.direction = 'outbound' AND (m.status <> o.status OR m.twilio_sid IS DISTINCT FROM o.twilio_sid OR m.delivered_at IS DISTINCT FROM o.delivered_at OR m.read_at IS DISTINCT FROM o.read_at)
        AND s.n <> 0 GROUP BY 1, 2, 3, 4, 5, 6;
    RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER step_reports_added AFTER INSERT ON messages REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION step_reports();
CREATE TRIGGER step_reports_changed AFTER UPDATE ON messages REFERENCING OLD TABLE AS removed NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION step_reports();
-- What was there before.
INSERT INTO report_days
SELECT (coalesce(m.sending_at, m.send_at, m.created_at) AT TIME ZONE 'UTC')::date, m.sender_id, coalesce(m.version_id, 0), coalesce(m.notification_id, 0), s.measure, s.code, count(*)
FROM messages m CROSS JOIN LATERAL (VALUES ('queued', 0, m.notification_id IS NOT NULL), ('settled', 0, m.status NOT IN ('queued', 'sending', 'in_doubt')), ('sent', 0, m.twilio_sid IS NOT NULL), ('delivered', 0, m.delivered_at IS NOT NULL), ('read', 0, m.read_at IS NOT NULL),
    ('delivered_in', CASE WHEN m.delivered_at IS NOT NULL THEN duration_step(extract(epoch FROM m.delivered_at - coalesce(m.sending_at, m.created_at))) ELSE 0 END, m.delivered_at IS NOT NULL),
    ('read_in', CASE WHEN m.read_at IS NOT NULL THEN duration_step(extract(epoch FROM m.read_at - coalesce(m.sending_at, m.created_at))) ELSE 0 END, m.read_at IS NOT NULL),
    ('failed', m.error_code, m.status IN ('failed', 'undelivered')), ('refused', 0, m.status = 'refused'), ('canceled', 0, m.status = 'canceled')) s (measure, code, yes)
WHERE m.direction = 'outbound' AND s.yes GROUP BY 1, 2, 3, 4, 5, 6;

-- Most versions of a message have no sid yet, and most messages no token: they need no entry.
ALTER TABLE messages DROP CONSTRAINT messages_twilio_sid_key, DROP CONSTRAINT messages_token_key;
CREATE UNIQUE INDEX messages_twilio_sid ON messages (twilio_sid) WHERE twilio_sid IS NOT NULL;
CREATE UNIQUE INDEX messages_token ON messages (token) WHERE token IS NOT NULL;

-- The texts of notifications are not searched for: a hundred thousand times the same one is no find, and keeping its
-- words through each status would cost as much as all the rest.
DROP INDEX messages_words;
CREATE INDEX messages_words ON messages USING gin (stretch_words(id, body)) WITH (gin_pending_list_limit = 512) WHERE body <> '' AND notification_id IS NULL;

-- When WhatsApp said last that the sender is too fast.
ALTER TABLE senders ADD COLUMN slowed_at timestamptz;
-- When what Twilio took and tells nothing about was asked for last.
ALTER TABLE messages ADD COLUMN asked_at timestamptz;

-- +goose Down
DROP INDEX messages_words;
CREATE INDEX messages_words ON messages USING gin (stretch_words(id, body)) WITH (gin_pending_list_limit = 512) WHERE body <> '';
DROP INDEX messages_twilio_sid, messages_token;
ALTER TABLE messages ADD CONSTRAINT messages_twilio_sid_key UNIQUE (twilio_sid), ADD CONSTRAINT messages_token_key UNIQUE (token);
ALTER TABLE messages DROP COLUMN asked_at;
ALTER TABLE senders DROP COLUMN slowed_at;
DROP TRIGGER step_reports_added ON messages;
DROP TRIGGER step_reports_changed ON messages;
DROP FUNCTION step_reports, duration_step, country_code;
DROP TABLE report_steps, report_days, message_attempts, api_calls, api_keys;
ALTER TABLE notifications DROP COLUMN schedule_id;
DROP TABLE schedules, notification_rows;
DROP INDEX notification_recipients_once, notification_recipients_list, notification_recipients_left, notification_recipients_message;
DELETE FROM notification_recipients WHERE contact_id IS NULL OR message_id IS NULL AND excluded = '';
DELETE FROM notification_recipients r WHERE EXISTS (SELECT 1 FROM notification_recipients o WHERE o.notification_id = r.notification_id AND o.contact_id = r.contact_id AND o.id < r.id);
UPDATE notification_recipients SET excluded = '' WHERE message_id IS NOT NULL;
ALTER TABLE notification_recipients DROP COLUMN address, DROP COLUMN columns, DROP COLUMN replied_at, ALTER COLUMN contact_id SET NOT NULL,
    ADD UNIQUE (notification_id, contact_id), ADD CHECK ((message_id IS NULL) <> (excluded = ''));
DROP INDEX notifications_busy;
ALTER TABLE notifications DROP CONSTRAINT notifications_state_check;
UPDATE notifications SET state = 'canceled' WHERE state IN ('checking', 'checked', 'awaiting', 'scheduled', 'preparing');
ALTER TABLE notifications ADD CONSTRAINT notifications_state_check CHECK (state IN ('running', 'paused', 'canceled', 'finished')), ALTER COLUMN state SET DEFAULT 'running',
    DROP COLUMN name, DROP COLUMN audience, DROP COLUMN fills, DROP COLUMN send_at, DROP COLUMN local_time, DROP COLUMN quiet_from, DROP COLUMN quiet_to, DROP COLUMN speed, DROP COLUMN valid_hours,
    DROP COLUMN stop_percent, DROP COLUMN cursor, DROP COLUMN excluded, DROP COLUMN allowed, DROP COLUMN checked_at, DROP COLUMN approved_by, DROP COLUMN started_at, DROP COLUMN finished_at,
    DROP COLUMN valid_until, DROP COLUMN based_on, DROP COLUMN version;
