-- +goose Up

CREATE TABLE templates (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    public_id   text NOT NULL UNIQUE DEFAULT new_public_id(),
    name        text NOT NULL CHECK (name ~ '^[a-z0-9_]+$' AND length(name) <= 512),
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
    CHECK (state IN ('draft', 'submitted', 'rejected') OR content_sid IS NOT NULL)
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

-- The three templates that Twilio's Sandbox may send. They are Twilio's, the same for every account.
WITH t AS (
    INSERT INTO templates (name, category, sandbox) VALUES
        ('sandbox_verification_code', 'UTILITY', true), ('sandbox_appointment', 'UTILITY', true), ('sandbox_order_shipped', 'UTILITY', true)
    RETURNING id, name)
INSERT INTO template_versions (template_id, language, number, body, placeholders, state, twilio_state, content_sid, decided_at)
SELECT t.id, 'en', 1, v.body, v.placeholders::jsonb, 'approved', 'approved', v.sid, now()
FROM t JOIN (VALUES
    ('sandbox_verification_code', 'HX229f5a04fd0510ce1b071852155d3e75', 'Your {{1}} code is {{2}}',
        '[{"name": "1", "sample": "Twilio"}, {"name": "2", "sample": "1238432"}]'),
    ('sandbox_appointment', 'HXb5b62575e6e4ff6129ad7c8efe1f983e', 'Your appointment is coming up on {{1}} at {{2}}',
        '[{"name": "1", "sample": "July 21"}, {"name": "2", "sample": "3 pm"}]'),
    ('sandbox_order_shipped', 'HX350d429d32e64a552466cafecbe95f3c', 'Your {{1}} order of {{2}} has shipped and should be delivered on {{3}}. Details: {{4}}',
        '[{"name": "1", "sample": "Harbor"}, {"name": "2", "sample": "12 socks"}, {"name": "3", "sample": "Monday"}, {"name": "4", "sample": "https://shop.example.com/4711"}]')
) v (name, sid, body, placeholders) ON v.name = t.name;

-- +goose Down
DROP TABLE approval_events, template_versions, templates;
