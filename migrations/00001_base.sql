-- +goose Up

-- Public ids stand in URLs: random, so that they reveal no counts.
-- +goose StatementBegin
CREATE FUNCTION new_public_id() RETURNS text LANGUAGE sql VOLATILE AS
$$ SELECT substr(replace(gen_random_uuid()::text, '-', ''), 1, 16) $$;
-- +goose StatementEnd

CREATE TABLE users (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    public_id     text NOT NULL UNIQUE DEFAULT new_public_id(),
    email         text NOT NULL CHECK (email = lower(email) AND email LIKE '%_@_%'),
    name          text NOT NULL CHECK (name <> ''),
    role          text NOT NULL CHECK (role IN ('agent', 'operator', 'admin')),
    password_hash text NOT NULL,
    disabled_at   timestamptz,
    created_at    timestamptz NOT NULL DEFAULT now(),
    updated_at    timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX users_email ON users (email);

-- The browser holds a random token, the database only its SHA-256.
CREATE TABLE sessions (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    public_id    text NOT NULL UNIQUE DEFAULT new_public_id(),
    token_hash   bytea NOT NULL UNIQUE,
    user_id      bigint REFERENCES users (id) ON DELETE CASCADE,
    data         bytea NOT NULL DEFAULT '',
    ip           text NOT NULL DEFAULT '',
    user_agent   text NOT NULL DEFAULT '',
    created_at   timestamptz NOT NULL DEFAULT now(),
    last_seen_at timestamptz NOT NULL DEFAULT now(),
    expires_at   timestamptz NOT NULL
);
CREATE INDEX sessions_user ON sessions (user_id) WHERE user_id IS NOT NULL;
CREATE INDEX sessions_expiry ON sessions (expires_at);

-- Failed sign-ins, for the limit of tries by address and by account.
CREATE TABLE signin_failures (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    email      text NOT NULL,
    ip         text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX signin_failures_email ON signin_failures (email, created_at);
CREATE INDEX signin_failures_ip ON signin_failures (ip, created_at);

CREATE TABLE audit_events (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    actor_id     bigint REFERENCES users (id),
    actor_name   text NOT NULL,
    action       text NOT NULL CHECK (action <> ''),
    subject_type text NOT NULL,
    subject_id   text NOT NULL,
    summary      text NOT NULL,
    changes      jsonb NOT NULL DEFAULT '{}',
    request_id   text NOT NULL DEFAULT '',
    created_at   timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX audit_events_subject ON audit_events (subject_type, subject_id, id DESC);

CREATE TABLE settings (
    key        text PRIMARY KEY,
    value      jsonb NOT NULL,
    updated_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE webhook_receipts (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    public_id   text NOT NULL UNIQUE DEFAULT new_public_id(),
    kind        text NOT NULL CHECK (kind IN ('message', 'status')),
    verdict     text NOT NULL CHECK (verdict IN ('accepted', 'repeated', 'bad_signature', 'malformed')),
    message_sid text NOT NULL DEFAULT '',
    effect      text NOT NULL DEFAULT '',
    form        text NOT NULL DEFAULT '',
    request_id  text NOT NULL DEFAULT '',
    received_at timestamptz NOT NULL DEFAULT now(),
    -- what did not come from Twilio for certain leaves only its verdict
    CHECK (verdict IN ('accepted', 'repeated') OR form = '')
);
CREATE INDEX webhook_receipts_sid ON webhook_receipts (message_sid);
CREATE INDEX webhook_receipts_age ON webhook_receipts (received_at);

-- +goose Down
DROP TABLE webhook_receipts, settings, audit_events, signin_failures, sessions, users;
DROP FUNCTION new_public_id();
