-- +goose Up

-- Who is there, and how each likes the inbox.
ALTER TABLE users
    ADD COLUMN availability text NOT NULL DEFAULT 'available' CHECK (availability IN ('available', 'away')),
    -- who was given a conversation longest ago is next
    ADD COLUMN last_assigned_at timestamptz,
    -- {"enter_sends": true, "sound": false, "notices": false}
    ADD COLUMN preferences jsonb NOT NULL DEFAULT '{}';

-- Seen within the last minute: present. Lost in a crash and rebuilt by the pages' next heartbeat.
CREATE UNLOGGED TABLE user_presence (
    user_id bigint PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    seen_at timestamptz NOT NULL
);
CREATE UNLOGGED TABLE conversation_presence (
    conversation_id bigint NOT NULL,
    user_id         bigint NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    seen_at         timestamptz NOT NULL,
    typing_at       timestamptz,
    PRIMARY KEY (conversation_id, user_id)
);

CREATE TABLE labels (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    public_id  text NOT NULL UNIQUE DEFAULT new_public_id(),
    name       text NOT NULL CHECK (length(name) BETWEEN 1 AND 40),
    color      text NOT NULL DEFAULT 'slate' CHECK (color IN ('slate', 'red', 'amber', 'green', 'blue', 'violet')),
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX labels_name ON labels (lower(name));

ALTER TABLE conversations
    ADD COLUMN priority         smallint NOT NULL DEFAULT 0 CHECK (priority BETWEEN -1 AND 2), -- low, normal, high, urgent
    ADD COLUMN labels           bigint[] NOT NULL DEFAULT '{}',
    -- snoozed until then, or, if empty, until the person writes
    ADD COLUMN snoozed_until    timestamptz,
    -- since when WhatsApp's session is open without a gap
    ADD COLUMN session_began_at timestamptz,
    -- since when it is open for us: begun, or reopened after it was resolved
    ADD COLUMN opened_at        timestamptz,
    -- targets: by when the first reply and the resolution are due; empty once reached, or without a target
    ADD COLUMN respond_by       timestamptz,
    ADD COLUMN resolve_by       timestamptz,
    ADD COLUMN responded_at     timestamptz,
    -- once in a session each
    ADD COLUMN away_sent_at     timestamptz,
    ADD COLUMN nudged_at        timestamptz,
    ADD COLUMN overdue_told_at  timestamptz,
    ADD COLUMN rating_asked_at  timestamptz,
    ADD CHECK (snoozed_until IS NULL OR state = 'snoozed');
UPDATE conversations SET opened_at = created_at, session_began_at = last_inbound_at;

DROP INDEX conversations_assignee;
CREATE INDEX conversations_assignee_waiting ON conversations (assignee_id, window_closes_at, id) WHERE state = 'open' AND waiting_since IS NOT NULL;
CREATE INDEX conversations_assignee ON conversations (assignee_id, last_message_at DESC, id DESC) WHERE state = 'open';
CREATE INDEX conversations_snoozed ON conversations (last_message_at DESC, id DESC) WHERE state = 'snoozed';
CREATE INDEX conversations_wake ON conversations (snoozed_until) WHERE state = 'snoozed' AND snoozed_until IS NOT NULL;
CREATE INDEX conversations_labels ON conversations USING gin (labels);
CREATE INDEX conversations_respond ON conversations (respond_by) WHERE respond_by IS NOT NULL;
CREATE INDEX conversations_resolve ON conversations (resolve_by) WHERE resolve_by IS NOT NULL;
CREATE INDEX conversations_idle ON conversations (last_message_at) WHERE state = 'open' AND waiting_since IS NULL;

-- How many conversations each list holds, as signed steps: whoever changes a conversation adds a step, nobody
-- waits for anybody, and a job sums the steps up. Counting a hundred thousand rows at every event would cost
-- more than everything else that an inbox does.
CREATE TABLE inbox_steps (
    list        text NOT NULL,
    assignee_id bigint,
    n           bigint NOT NULL
);

-- +goose StatementBegin
CREATE FUNCTION inbox_lists(c conversations) RETURNS SETOF text LANGUAGE sql IMMUTABLE AS $$
    SELECT unnest(CASE c.state
        WHEN 'open' THEN array_remove(ARRAY['open',
            CASE WHEN c.waiting_since IS NOT NULL THEN 'waiting' END,
            CASE WHEN c.failed_count > 0 THEN 'failed' END,
            CASE WHEN c.unread_count > 0 THEN 'unread' END], NULL)
        WHEN 'snoozed' THEN ARRAY['snoozed']
        ELSE ARRAY['resolved'] END)
$$;
CREATE FUNCTION step_inbox() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO inbox_steps SELECT l, v.assignee_id, count(*) FROM added v, inbox_lists(v) l GROUP BY 1, 2;
    ELSIF TG_OP = 'DELETE' THEN
        INSERT INTO inbox_steps SELECT l, v.assignee_id, -count(*) FROM removed v, inbox_lists(v) l GROUP BY 1, 2;
    ELSE
        INSERT INTO inbox_steps SELECT list, assignee_id, sum(n) FROM (
            SELECT l AS list, v.assignee_id, 1 AS n FROM added v, inbox_lists(v) l
            UNION ALL SELECT l, v.assignee_id, -1 FROM removed v, inbox_lists(v) l) s
        GROUP BY 1, 2 HAVING sum(n) <> 0;
    END IF;
    RETURN NULL;
END $$;
-- +goose StatementEnd
INSERT INTO inbox_steps SELECT l, v.assignee_id, count(*) FROM conversations v, inbox_lists(v) l GROUP BY 1, 2;
CREATE TRIGGER step_inbox_added AFTER INSERT ON conversations REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION step_inbox();
CREATE TRIGGER step_inbox_changed AFTER UPDATE ON conversations REFERENCING OLD TABLE AS removed NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION step_inbox();
CREATE TRIGGER step_inbox_removed AFTER DELETE ON conversations REFERENCING OLD TABLE AS removed FOR EACH STATEMENT EXECUTE FUNCTION step_inbox();

-- What happened to a conversation, shown between its messages, and what undoing puts back.
CREATE TABLE conversation_events (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    conversation_id bigint NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    user_id         bigint REFERENCES users (id),
    -- which rule did it where no person did
    rule            text NOT NULL DEFAULT '',
    kind            text NOT NULL CHECK (kind IN ('assigned', 'state', 'labels', 'priority', 'rated', 'rule')),
    summary         text NOT NULL,
    -- {"state": "open", "snoozed_until": null, "assignee_id": 3, "labels": [1], "priority": 0}
    before          jsonb,
    after           jsonb,
    -- changes that were made at once are undone at once
    batch           text NOT NULL DEFAULT '',
    undone_at       timestamptz,
    created_at      timestamptz NOT NULL
);
CREATE INDEX conversation_events_of ON conversation_events (conversation_id, id DESC);
CREATE INDEX conversation_events_batch ON conversation_events (batch) WHERE batch <> '';

CREATE TABLE mentions (
    message_id      bigint NOT NULL REFERENCES messages (id) ON DELETE CASCADE,
    user_id         bigint NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    conversation_id bigint NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    seen_at         timestamptz,
    PRIMARY KEY (message_id, user_id)
);
CREATE INDEX mentions_of ON mentions (user_id, conversation_id);
CREATE INDEX mentions_unseen ON mentions (user_id) WHERE seen_at IS NULL;

-- What somebody is writing, on every device of theirs.
CREATE TABLE drafts (
    user_id         bigint NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    conversation_id bigint NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    mode            text NOT NULL CHECK (mode IN ('reply', 'note')),
    body            text NOT NULL CHECK (length(body) <= 8192),
    quote_sid       text NOT NULL DEFAULT '',
    updated_at      timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (user_id, conversation_id, mode)
);

CREATE TABLE canned_replies (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    public_id  text NOT NULL UNIQUE DEFAULT new_public_id(),
    shortcut   text NOT NULL CHECK (shortcut ~ '^[a-z0-9_-]{1,30}$'),
    body       text NOT NULL CHECK (length(body) BETWEEN 1 AND 1600),
    -- empty: everybody's
    user_id    bigint REFERENCES users (id) ON DELETE CASCADE,
    uses       bigint NOT NULL DEFAULT 0,
    updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX canned_replies_shortcut ON canned_replies (coalesce(user_id, 0), shortcut);

CREATE TABLE macros (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    public_id  text NOT NULL UNIQUE DEFAULT new_public_id(),
    name       text NOT NULL CHECK (length(name) BETWEEN 1 AND 60),
    -- {"reply": "", "note": "", "assign": "me", "add": [1], "remove": [], "priority": 1, "state": "resolved", "snooze": "24h"}
    actions    jsonb NOT NULL,
    updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX macros_name ON macros (lower(name));

CREATE TABLE inbox_filters (
    id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    public_id text NOT NULL UNIQUE DEFAULT new_public_id(),
    user_id   bigint NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    name      text NOT NULL CHECK (length(name) BETWEEN 1 AND 60),
    query     text NOT NULL,
    UNIQUE (user_id, name)
);

-- A reply for later: at a time, or (send_at empty) once the person has written and its author confirms it.
CREATE TABLE later_replies (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    public_id       text NOT NULL UNIQUE DEFAULT new_public_id(),
    conversation_id bigint NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    author_id       bigint NOT NULL REFERENCES users (id),
    body            text NOT NULL CHECK (length(body) BETWEEN 1 AND 1600),
    quote_sid       text NOT NULL DEFAULT '',
    send_at         timestamptz,
    state           text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'ready', 'sent', 'canceled', 'refused')),
    problem         text NOT NULL DEFAULT '',
    token           text NOT NULL UNIQUE,
    message_id      bigint REFERENCES messages (id),
    created_at      timestamptz NOT NULL,
    CHECK ((state = 'sent') = (message_id IS NOT NULL))
);
CREATE INDEX later_replies_open ON later_replies (conversation_id) WHERE state IN ('waiting', 'ready', 'refused');
CREATE INDEX later_replies_due ON later_replies (send_at) WHERE state = 'waiting' AND send_at IS NOT NULL;

-- Files that were uploaded into a composer and not sent yet.
CREATE TABLE uploads (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    public_id       text NOT NULL UNIQUE DEFAULT new_public_id(),
    user_id         bigint NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    conversation_id bigint NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    file            text NOT NULL,
    thumb           text NOT NULL DEFAULT '',
    content_type    text NOT NULL,
    size            bigint NOT NULL,
    name            text NOT NULL DEFAULT '',
    access_key      text NOT NULL,
    voice           boolean NOT NULL DEFAULT false,
    created_at      timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX uploads_of ON uploads (user_id, conversation_id);
CREATE INDEX uploads_age ON uploads (created_at);

CREATE TABLE ratings (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    conversation_id bigint NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    -- who resolved it
    user_id         bigint REFERENCES users (id),
    asked_id        bigint NOT NULL UNIQUE REFERENCES messages (id),
    score           smallint CHECK (score BETWEEN 1 AND 3),
    asked_at        timestamptz NOT NULL,
    answered_at     timestamptz,
    CHECK ((score IS NULL) = (answered_at IS NULL))
);
CREATE INDEX ratings_asked ON ratings (asked_at);

-- How long people waited for the first reply of each time they came, for the reports.
CREATE TABLE responses (
    conversation_id bigint NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    user_id         bigint REFERENCES users (id),
    asked_at        timestamptz NOT NULL,
    answered_at     timestamptz NOT NULL,
    in_time         boolean,
    PRIMARY KEY (conversation_id, asked_at)
);
CREATE INDEX responses_answered ON responses (answered_at);

-- Messages: what else they carry. rule is which automation wrote it.
ALTER TABLE messages
    ADD COLUMN details jsonb NOT NULL DEFAULT '{}',
    ADD COLUMN rule    text NOT NULL DEFAULT '',
    DROP CONSTRAINT messages_kind_check,
    ADD CONSTRAINT messages_kind_check CHECK (kind IN ('text', 'media', 'location', 'template', 'contacts', 'interactive', 'reaction', 'other'));

-- A person's reaction to a message of ours, and ours to theirs: the latest of each side.
CREATE TABLE reactions (
    conversation_id bigint NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    message_sid     text NOT NULL,
    emoji           text NOT NULL CHECK (length(emoji) BETWEEN 1 AND 32),
    created_at      timestamptz NOT NULL,
    PRIMARY KEY (conversation_id, message_sid)
);

-- Search reads words, whole or begun, of every message that has any. Each word stands in the index once for every
-- stretch of 500,000 messages, "19/order": so a search reads the latest stretches first, and no more of a frequent
-- word, or of all that begins like one, than it shows.
-- +goose StatementBegin
CREATE FUNCTION stretch_words(id bigint, body text) RETURNS tsvector LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT array_to_tsvector(ARRAY(SELECT (id / 500000) || '/' || w FROM unnest(tsvector_to_array(to_tsvector('simple', body))) w))
$$;
-- +goose StatementEnd
CREATE INDEX messages_words ON messages USING gin (stretch_words(id, body)) WITH (gin_pending_list_limit = 512) WHERE body <> '';
CREATE INDEX messages_unanswered ON messages (conversation_id, id) WHERE direction = 'outbound' AND status IN ('failed', 'undelivered', 'refused');

-- Files: a small picture for the thread, how long a recording lasts, what the person called it.
ALTER TABLE media_files
    ADD COLUMN thumb text NOT NULL DEFAULT '',
    ADD COLUMN name  text NOT NULL DEFAULT '',
    ADD COLUMN tries integer NOT NULL DEFAULT 0;

-- The webhook inspector.
ALTER TABLE webhook_receipts
    ADD COLUMN token_no     smallint NOT NULL DEFAULT 0,     -- which of our tokens signed it, from 1; 0 for none
    ADD COLUMN out_of_order boolean NOT NULL DEFAULT false,
    ADD COLUMN person       text NOT NULL DEFAULT '',        -- the person's address in it
    ADD COLUMN replay_of    bigint,
    ADD COLUMN replayed_by  bigint REFERENCES users (id) ON DELETE SET NULL;
CREATE INDEX webhook_receipts_person ON webhook_receipts (person, id DESC) WHERE person <> '';

-- +goose Down
ALTER TABLE webhook_receipts DROP COLUMN token_no, DROP COLUMN out_of_order, DROP COLUMN person, DROP COLUMN replay_of, DROP COLUMN replayed_by;
ALTER TABLE media_files DROP COLUMN thumb, DROP COLUMN name, DROP COLUMN tries;
DROP INDEX messages_words, messages_unanswered;
DROP FUNCTION stretch_words(bigint, text);
DELETE FROM ratings;
DELETE FROM later_replies;
DELETE FROM media_files f USING messages m WHERE m.id = f.message_id AND m.kind = 'reaction';
DELETE FROM messages WHERE kind = 'reaction';
ALTER TABLE messages DROP COLUMN details, DROP COLUMN rule, DROP CONSTRAINT messages_kind_check,
    ADD CONSTRAINT messages_kind_check CHECK (kind IN ('text', 'media', 'location', 'template', 'contacts', 'interactive', 'other'));
DROP TABLE reactions, responses, ratings, uploads, later_replies, inbox_filters, macros, canned_replies, drafts, mentions, conversation_events;
DROP TRIGGER step_inbox_added ON conversations;
DROP TRIGGER step_inbox_changed ON conversations;
DROP TRIGGER step_inbox_removed ON conversations;
DROP FUNCTION step_inbox(), inbox_lists(conversations);
DROP TABLE inbox_steps;
DROP INDEX conversations_assignee_waiting, conversations_assignee, conversations_snoozed, conversations_wake, conversations_labels, conversations_respond, conversations_resolve, conversations_idle;
UPDATE conversations SET state = 'open', snoozed_until = NULL WHERE state = 'snoozed';
ALTER TABLE conversations DROP COLUMN priority, DROP COLUMN labels, DROP COLUMN snoozed_until, DROP COLUMN session_began_at, DROP COLUMN opened_at,
    DROP COLUMN respond_by, DROP COLUMN resolve_by, DROP COLUMN responded_at, DROP COLUMN away_sent_at, DROP COLUMN nudged_at, DROP COLUMN overdue_told_at, DROP COLUMN rating_asked_at;
CREATE INDEX conversations_assignee ON conversations (assignee_id, last_message_at DESC) WHERE state = 'open';
DROP TABLE labels, conversation_presence, user_presence;
ALTER TABLE users DROP COLUMN availability, DROP COLUMN last_assigned_at, DROP COLUMN preferences;
