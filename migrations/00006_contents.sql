-- +goose Up

-- A draft may have any name; from the first submission on it is WhatsApp's, and unique.
DROP INDEX templates_name;
ALTER TABLE templates
    DROP CONSTRAINT templates_name_check,
    ADD COLUMN fixed_at          timestamptz, -- since when WhatsApp knows the name
    ADD COLUMN deleted_at        timestamptz, -- WhatsApp keeps a deleted template's name for 30 days
    ADD COLUMN fallback_language text NOT NULL DEFAULT '',
    ADD COLUMN send_role         text NOT NULL DEFAULT 'agent' CHECK (send_role IN ('agent', 'operator', 'admin')),
    ADD COLUMN imported          boolean NOT NULL DEFAULT false,
    ADD CONSTRAINT templates_name_check CHECK (length(name) <= 512 AND (fixed_at IS NULL OR name ~ '^[a-z0-9_]+$'));
UPDATE templates t SET fixed_at = now() WHERE sandbox OR EXISTS (SELECT 1 FROM template_versions v WHERE v.template_id = t.id AND v.state <> 'draft');
UPDATE templates t SET fallback_language = coalesce((SELECT language FROM template_versions v WHERE v.template_id = t.id ORDER BY id LIMIT 1), '');
CREATE UNIQUE INDEX templates_fixed_name ON templates (name) WHERE fixed_at IS NOT NULL AND deleted_at IS NULL;
CREATE INDEX templates_name ON templates (name);
CREATE INDEX templates_search ON templates USING gin (name gin_trgm_ops);

ALTER TABLE template_versions
    DROP CONSTRAINT template_versions_content_type_check,
    DROP CONSTRAINT template_versions_body_check,
    DROP CONSTRAINT template_versions_state_check,
    DROP CONSTRAINT template_versions_language_check,
    ADD CONSTRAINT template_versions_content_type_check CHECK (content_type ~ '^[a-z]+/[a-z-]+$'),
    ADD CONSTRAINT template_versions_body_check CHECK (length(body) <= 4096), -- a draft may still be too long
    ADD CONSTRAINT template_versions_state_check CHECK (state IN ('draft', 'submitted', 'pending', 'approved', 'rejected', 'paused', 'disabled', 'ready')),
    ADD CONSTRAINT template_versions_language_check CHECK (language ~ '^[a-z]{2,3}(_[A-Za-z0-9]{2,8})?$'),
    ADD COLUMN content       jsonb NOT NULL DEFAULT '{}', -- what the type has besides the body
    ADD COLUMN category      text NOT NULL DEFAULT '' CHECK (category IN ('', 'UTILITY', 'AUTHENTICATION', 'MARKETING')), -- WhatsApp's own word
    ADD COLUMN whatsapp_name text NOT NULL DEFAULT '', -- what it was submitted as
    ADD COLUMN origin_sid    text UNIQUE,              -- the content at Twilio that a draft was imported from
    ADD COLUMN edited_by     bigint REFERENCES users (id),
    ADD COLUMN edited_at     timestamptz,
    ADD COLUMN test_sid      text NOT NULL DEFAULT '', -- a draft's content at Twilio for test sends
    ADD COLUMN test_of       integer NOT NULL DEFAULT 0; -- the draft's version that test_sid holds
CREATE INDEX template_versions_recent ON template_versions (updated_at DESC, id DESC);
CREATE INDEX template_versions_state ON template_versions (state, updated_at DESC, id DESC);
CREATE INDEX template_versions_search ON template_versions USING gin (lower(body) gin_trgm_ops);
CREATE INDEX template_versions_same ON template_versions (md5(lower(body)));
CREATE INDEX template_versions_rejected ON template_versions (decided_at DESC) WHERE state = 'rejected';

-- A rich content in an open session needs no approval: such a message obeys the window instead.
ALTER TABLE messages
    ADD COLUMN session_only boolean NOT NULL DEFAULT false,
    ADD COLUMN content_sid  text;
CREATE INDEX messages_version ON messages (version_id, created_at) INCLUDE (status) WHERE version_id IS NOT NULL;

ALTER TABLE notifications ADD COLUMN paused_reason text NOT NULL DEFAULT '';
CREATE INDEX notifications_version ON notifications (version_id);

ALTER TABLE users ADD COLUMN phone text NOT NULL DEFAULT ''; -- one's own WhatsApp number, for test sends

-- What somebody has to know, behind the bell.
CREATE TABLE alerts (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    public_id  text NOT NULL UNIQUE DEFAULT new_public_id(),
    user_id    bigint NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    tone       text NOT NULL CHECK (tone IN ('good', 'warn', 'bad')),
    title      text NOT NULL,
    body       text NOT NULL DEFAULT '',
    href       text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    seen_at    timestamptz
);
CREATE INDEX alerts_user ON alerts (user_id, id DESC);
CREATE INDEX alerts_unseen ON alerts (user_id) WHERE seen_at IS NULL;

-- Who has a draft open now. Lost with a crash, which does no harm.
CREATE UNLOGGED TABLE draft_presence (
    version_id bigint NOT NULL REFERENCES template_versions (id) ON DELETE CASCADE,
    user_id    bigint NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    seen_at    timestamptz NOT NULL,
    PRIMARY KEY (version_id, user_id)
);

-- Pictures and documents of templates, which WhatsApp loads by their address.
CREATE TABLE template_files (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    public_id    text NOT NULL UNIQUE DEFAULT new_public_id(),
    access_key   text NOT NULL,
    file         text NOT NULL,
    content_type text NOT NULL,
    size         bigint NOT NULL,
    created_by   bigint REFERENCES users (id),
    created_at   timestamptz NOT NULL DEFAULT now()
);

-- +goose Down
DROP TABLE template_files, draft_presence, alerts;
ALTER TABLE users DROP COLUMN phone;
DROP INDEX notifications_version, messages_version, template_versions_rejected, template_versions_same, template_versions_search, template_versions_state, template_versions_recent, templates_search, templates_name, templates_fixed_name;
ALTER TABLE notifications DROP COLUMN paused_reason;
ALTER TABLE messages DROP COLUMN session_only, DROP COLUMN content_sid;
ALTER TABLE template_versions DROP COLUMN content, DROP COLUMN category, DROP COLUMN whatsapp_name, DROP COLUMN origin_sid, DROP COLUMN edited_by, DROP COLUMN edited_at, DROP COLUMN test_sid, DROP COLUMN test_of;
ALTER TABLE templates DROP CONSTRAINT templates_name_check, DROP COLUMN fixed_at, DROP COLUMN deleted_at, DROP COLUMN fallback_language, DROP COLUMN send_role, DROP COLUMN imported;
CREATE UNIQUE INDEX templates_name ON templates (name) WHERE archived_at IS NULL;
