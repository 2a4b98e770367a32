-- +goose Up

CREATE TABLE notifications (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    public_id  text NOT NULL UNIQUE DEFAULT new_public_id(),
    version_id bigint NOT NULL REFERENCES template_versions (id),
    sender_id  bigint NOT NULL REFERENCES senders (id),
    use_case   text NOT NULL CHECK (use_case IN ('customer_care', 'notification', 'mixed')),
    state      text NOT NULL DEFAULT 'running' CHECK (state IN ('running', 'paused', 'canceled', 'finished')),
    -- what each placeholder says, by number: {"1": "Tuesday"}
    variables  jsonb NOT NULL DEFAULT '{}',
    token      text NOT NULL UNIQUE,
    created_by bigint REFERENCES users (id),
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE conversations (
    id               bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    public_id        text NOT NULL UNIQUE DEFAULT new_public_id(),
    contact_id       bigint NOT NULL REFERENCES contacts (id),
    sender_id        bigint NOT NULL REFERENCES senders (id),
    state            text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'snoozed', 'resolved')),
    assignee_id      bigint REFERENCES users (id),
    last_inbound_at  timestamptz,
    -- WhatsApp's 24-hour window: 24 h after the latest inbound message
    window_closes_at timestamptz,
    -- since when the person waits for an answer; empty when the last word is ours
    waiting_since    timestamptz,
    unread_count     integer NOT NULL DEFAULT 0 CHECK (unread_count >= 0),
    last_message_at  timestamptz,
    last_line        text NOT NULL DEFAULT '',
    last_direction   text NOT NULL DEFAULT '',
    failed_count     integer NOT NULL DEFAULT 0 CHECK (failed_count >= 0),
    sandbox_joined_at timestamptz,
    version          integer NOT NULL DEFAULT 1,
    created_at       timestamptz NOT NULL DEFAULT now(),
    updated_at       timestamptz NOT NULL DEFAULT now(),
    UNIQUE (contact_id, sender_id),
    CHECK ((last_inbound_at IS NULL) = (window_closes_at IS NULL))
);
CREATE INDEX conversations_waiting ON conversations (window_closes_at, id) WHERE state = 'open' AND waiting_since IS NOT NULL;
CREATE INDEX conversations_recent ON conversations (last_message_at DESC, id DESC) WHERE state = 'open';
CREATE INDEX conversations_resolved ON conversations (last_message_at DESC, id DESC) WHERE state = 'resolved';
CREATE INDEX conversations_assignee ON conversations (assignee_id, last_message_at DESC) WHERE state = 'open';
CREATE INDEX conversations_failed ON conversations (last_message_at DESC, id DESC) WHERE state = 'open' AND failed_count > 0;
CREATE INDEX conversations_contact_window ON conversations (contact_id, window_closes_at);
CREATE INDEX conversations_window ON conversations (window_closes_at) WHERE window_closes_at IS NOT NULL;

-- One inbound or outbound message, or an internal note. Outbound messages are their own queue:
-- status 'queued' waits, 'sending' was committed before the call to Twilio, 'in_doubt' is looked up there first.
CREATE TABLE messages (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    public_id       text NOT NULL UNIQUE DEFAULT new_public_id(),
    conversation_id bigint NOT NULL REFERENCES conversations (id),
    sender_id       bigint NOT NULL REFERENCES senders (id),
    direction       text NOT NULL CHECK (direction IN ('inbound', 'outbound', 'note')),
    kind            text NOT NULL DEFAULT 'text' CHECK (kind IN ('text', 'media', 'location', 'template', 'contacts', 'interactive', 'other')),
    body            text NOT NULL DEFAULT '',
    latitude        double precision,
    longitude       double precision,
    label           text NOT NULL DEFAULT '',
    author_id       bigint REFERENCES users (id),
    version_id      bigint REFERENCES template_versions (id),
    variables       jsonb NOT NULL DEFAULT '{}',
    notification_id bigint REFERENCES notifications (id),
    twilio_sid      text UNIQUE,
    reply_to_sid    text NOT NULL DEFAULT '',
    status          text NOT NULL CHECK (status IN ('received', 'noted', 'queued', 'sending', 'in_doubt', 'accepted', 'sent', 'delivered', 'read', 'failed', 'undelivered', 'canceled', 'refused')),
    error_code      integer NOT NULL DEFAULT 0,
    error_message   text NOT NULL DEFAULT '',
    -- the queue
    priority        smallint NOT NULL DEFAULT 0,
    send_at         timestamptz,
    attempts        integer NOT NULL DEFAULT 0,
    claimed_by      text NOT NULL DEFAULT '',
    sending_at      timestamptz,
    lookups         integer NOT NULL DEFAULT 0,
    -- the form's token: a form sent twice makes one message
    token           text UNIQUE,
    created_at      timestamptz NOT NULL,
    sent_at         timestamptz,
    delivered_at    timestamptz,
    read_at         timestamptz,
    failed_at       timestamptz,
    CHECK ((direction = 'inbound') = (status = 'received')),
    CHECK ((direction = 'note') = (status = 'noted')),
    CHECK (direction <> 'inbound' OR twilio_sid IS NOT NULL),
    CHECK (direction <> 'outbound' OR send_at IS NOT NULL),
    CHECK ((kind = 'template') = (version_id IS NOT NULL)),
    CHECK (length(body) <= 4096)
);
CREATE INDEX messages_thread ON messages (conversation_id, id DESC);
CREATE INDEX messages_queue ON messages (sender_id, priority, send_at, id) WHERE status = 'queued';
CREATE INDEX messages_under_way ON messages (conversation_id, id) WHERE status IN ('queued', 'sending');
CREATE INDEX messages_doubt ON messages (sender_id, sending_at) WHERE status IN ('sending', 'in_doubt');
CREATE INDEX messages_failed ON messages (failed_at DESC) WHERE status IN ('failed', 'undelivered', 'refused');
CREATE INDEX messages_notification ON messages (notification_id, id) WHERE notification_id IS NOT NULL;

CREATE TABLE notification_recipients (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    notification_id bigint NOT NULL REFERENCES notifications (id) ON DELETE CASCADE,
    contact_id      bigint NOT NULL REFERENCES contacts (id),
    message_id      bigint REFERENCES messages (id),
    -- why this contact was left out, empty for those who are sent to
    excluded        text NOT NULL DEFAULT '',
    created_at      timestamptz NOT NULL DEFAULT now(),
    UNIQUE (notification_id, contact_id),
    CHECK ((message_id IS NULL) <> (excluded = ''))
);

CREATE TABLE media_files (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    public_id    text NOT NULL UNIQUE DEFAULT new_public_id(),
    message_id   bigint NOT NULL REFERENCES messages (id) ON DELETE CASCADE,
    position     smallint NOT NULL DEFAULT 0,
    content_type text NOT NULL,
    source_url   text NOT NULL DEFAULT '',
    -- file name under the media folder; empty until it has been fetched
    file         text NOT NULL DEFAULT '',
    size         bigint NOT NULL DEFAULT 0,
    error        text NOT NULL DEFAULT '',
    -- lets Twilio fetch an outgoing file without a session; empty for files that came in
    access_key   text NOT NULL DEFAULT '',
    created_at   timestamptz NOT NULL DEFAULT now(),
    UNIQUE (message_id, position)
);

-- Every status that Twilio told, known message or not: a callback may come before the answer that names the sid.
CREATE TABLE status_events (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    message_sid   text NOT NULL,
    status        text NOT NULL,
    message_id    bigint REFERENCES messages (id) ON DELETE CASCADE,
    error_code    integer NOT NULL DEFAULT 0,
    error_message text NOT NULL DEFAULT '',
    received_at   timestamptz NOT NULL,
    UNIQUE (message_sid, status)
);

-- +goose Down
DROP TABLE status_events, media_files, notification_recipients, messages, conversations, notifications;
