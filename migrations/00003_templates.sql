-- +goose Up

CREATE TABLE templates (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    public_id   text NOT NULL UNIQUE DEFAULT new_public_id(),
    name        text NOT NULL CHECK (name ~ '^[a-z0-9_]{1,512}$'),
    category    text NOT NULL CHECK (category IN ('UTILITY', 'AUTHENTICATION', 'MARKETING')),
    -- one of the three templates that Twilio's Sandbox may send
    sandbox     boolean NOT NULL DEFAULT false,
    archived_at timestamptz,
    created_by  bigint REFERENCES users (id),
    created_at  timestamptz NOT NULL DEFAULT now(),
    updated_at  timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX templates_name ON templates (name) WHERE archived_at IS NULL;

CREATE TABLE template_versions (
    id               bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    public_id        text NOT NULL UNIQUE DEFAULT new_public_id(),
    template_id      bigint NOT NULL REFERENCES templates (id) ON DELETE CASCADE,
    language         text NOT NULL CHECK (language ~ '^[a-z]{2,3}(_[A-Z]{2})?$'),
    number           integer NOT NULL CHECK (number >= 1),
    content_type     text NOT NULL DEFAULT 'twilio/text' CHECK (content_type IN ('twilio/text')),
    -- placeholders stand in the body by name, {{Date}}; their order is the numbering sent to WhatsApp
    body             text NOT NULL DEFAULT '' CHECK (length(body) <= 1024),
    placeholders     jsonb NOT NULL DEFAULT '[]',
    state            text NOT NULL DEFAULT 'draft' CHECK (state IN ('draft', 'submitted', 'pending', 'approved', 'rejected', 'paused', 'disabled')),
    twilio_state     text NOT NULL DEFAULT '',
    content_sid      text CHECK (content_sid ~ '^HX[0-9a-f]{32}$'),
    rejection_reason text NOT NULL DEFAULT '',
    submit_error     text NOT NULL DEFAULT '',
    author_id        bigint REFERENCES users (id),
    submitted_at     timestamptz,
    decided_at       timestamptz,
    checked_at       timestamptz,
    version          integer NOT NULL DEFAULT 1,
    created_at       timestamptz NOT NULL DEFAULT now(),
    updated_at       timestamptz NOT NULL DEFAULT now(),
    UNIQUE (template_id, language, number),
    CHECK (state IN ('draft', 'submitted') OR content_sid IS NOT NULL)
);
CREATE UNIQUE INDEX template_versions_one_draft ON template_versions (template_id, language) WHERE state = 'draft';
CREATE UNIQUE INDEX template_versions_content ON template_versions (content_sid);
CREATE INDEX template_versions_open ON template_versions (checked_at) WHERE state IN ('submitted', 'pending');

CREATE TABLE approval_events (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    version_id  bigint NOT NULL REFERENCES template_versions (id) ON DELETE CASCADE,
    from_state  text NOT NULL,
    to_state    text NOT NULL,
    reason      text NOT NULL DEFAULT '',
    actor_id    bigint REFERENCES users (id),
    created_at  timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX approval_events_version ON approval_events (version_id, id);

-- +goose Down
DROP TABLE approval_events, template_versions, templates;
