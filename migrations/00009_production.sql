-- +goose Up

-- The request for production access, as a case that is followed to its end.
ALTER TABLE access_requests
    ADD COLUMN contact_phone text NOT NULL DEFAULT '',
    ADD COLUMN phone_code text NOT NULL DEFAULT '' CHECK (phone_code IN ('', 'sms', 'voice', 'no')), -- how the number receives WhatsApp's code
    ADD COLUMN phone_free text NOT NULL DEFAULT '' CHECK (phone_free IN ('', 'yes', 'no')),          -- in no other WhatsApp account
    ADD COLUMN optin_links text NOT NULL DEFAULT '',                                                  -- one address a line
    ADD COLUMN samples bigint[] NOT NULL DEFAULT '{}',                                                -- template_versions
    ADD COLUMN based_on bigint REFERENCES access_requests (id),                                       -- the rejected one that this one begins anew
    ADD COLUMN case_number text NOT NULL DEFAULT '',
    ADD COLUMN next_action text NOT NULL DEFAULT '',
    ADD COLUMN remind_at timestamptz,
    ADD COLUMN website_state text NOT NULL DEFAULT '' CHECK (website_state IN ('', 'answers', 'fails', 'unknown')),
    ADD COLUMN website_said text NOT NULL DEFAULT '',
    ADD COLUMN website_checked_at timestamptz;
CREATE INDEX access_requests_reminders ON access_requests (remind_at) WHERE remind_at IS NOT NULL;

ALTER TABLE access_events ADD COLUMN happened_at timestamptz;
UPDATE access_events SET happened_at = created_at;
ALTER TABLE access_events ALTER COLUMN happened_at SET NOT NULL, ALTER COLUMN happened_at SET DEFAULT now();

-- Documents: screenshots of how people opt in, letters, what WhatsApp asked for.
CREATE TABLE access_files (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    public_id    text NOT NULL UNIQUE DEFAULT new_public_id(),
    request_id   bigint NOT NULL REFERENCES access_requests (id) ON DELETE CASCADE,
    event_id     bigint REFERENCES access_events (id) ON DELETE CASCADE, -- empty: evidence of the opt-in
    name         text NOT NULL CHECK (name <> '' AND length(name) <= 200),
    content_type text NOT NULL,
    size         bigint NOT NULL,
    sha256       bytea NOT NULL,
    file         text NOT NULL,
    uploaded_by  bigint REFERENCES users (id),
    created_at   timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX access_files_request ON access_files (request_id, id);

-- Senders as Twilio knows them.
ALTER TABLE senders
    ADD COLUMN twilio_sid text UNIQUE,
    ADD COLUMN twilio_status text NOT NULL DEFAULT '',           -- Twilio's word: CREATING, ONLINE …; 'ASKED' until Twilio has answered
    ADD COLUMN waba_id text NOT NULL DEFAULT '',
    ADD COLUMN code_method text NOT NULL DEFAULT 'sms' CHECK (code_method IN ('sms', 'voice')),
    ADD COLUMN profile jsonb NOT NULL DEFAULT '{}',
    ADD COLUMN profile_sent_at timestamptz,
    ADD COLUMN callback_url text NOT NULL DEFAULT '',            -- where Twilio sends this sender's messages
    ADD COLUMN quality text NOT NULL DEFAULT '',                 -- Twilio's word: HIGH, MEDIUM, LOW
    ADD COLUMN messaging_limit text NOT NULL DEFAULT '',         -- Twilio's words: 10K Customers/24hr
    ADD COLUMN tier integer NOT NULL DEFAULT 0,                  -- different people in 24 hours, 0: not known or no limit
    ADD COLUMN offline_reasons jsonb NOT NULL DEFAULT '[]',
    ADD COLUMN problem text NOT NULL DEFAULT '',                 -- what Twilio refused last
    ADD COLUMN checked_at timestamptz,
    ADD COLUMN tier_told_at timestamptz,
    ADD COLUMN countries text NOT NULL DEFAULT '';               -- the default sender for contacts of these: DE AT CH

-- How a sender's state, quality and limit went.
CREATE TABLE sender_events (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    sender_id  bigint NOT NULL REFERENCES senders (id) ON DELETE CASCADE,
    what       text NOT NULL CHECK (what IN ('status', 'quality', 'limit')),
    before     text NOT NULL,
    after      text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX sender_events_sender ON sender_events (sender_id, id DESC);

-- Whom a sender has written to first in the last day, and when a person was last written to.
CREATE INDEX messages_business ON messages (sender_id, sending_at) INCLUDE (conversation_id) WHERE version_id IS NOT NULL AND sending_at IS NOT NULL;

-- What has left and has no final status yet.
CREATE INDEX messages_unsettled ON messages (sending_at) WHERE status IN ('accepted', 'sent');

-- What was tried to see whether everything works: one row for each thing, the latest try.
CREATE TABLE checks (
    name       text PRIMARY KEY,
    ok         boolean NOT NULL,
    code       integer NOT NULL DEFAULT 0,
    said       text NOT NULL,
    checked_at timestamptz NOT NULL,
    ok_at      timestamptz,
    failed_since timestamptz
);

ALTER TABLE webhook_receipts DROP CONSTRAINT webhook_receipts_kind_check;
ALTER TABLE webhook_receipts ADD CONSTRAINT webhook_receipts_kind_check CHECK (kind IN ('message', 'status', 'test'));
CREATE INDEX conversations_sandbox ON conversations (sandbox_joined_at) WHERE sandbox_joined_at IS NOT NULL;
-- Those who joined before Parley kept it, as far as can be seen: who writes to the Sandbox has joined it.
UPDATE conversations v SET sandbox_joined_at = v.last_inbound_at FROM senders s
    WHERE s.id = v.sender_id AND s.kind = 'sandbox' AND v.last_inbound_at IS NOT NULL AND (v.sandbox_joined_at IS NULL OR v.last_inbound_at > v.sandbox_joined_at + interval '72 hours');

-- +goose Down
DROP INDEX conversations_sandbox;
DELETE FROM webhook_receipts WHERE kind = 'test';
ALTER TABLE webhook_receipts DROP CONSTRAINT webhook_receipts_kind_check;
ALTER TABLE webhook_receipts ADD CONSTRAINT webhook_receipts_kind_check CHECK (kind IN ('message', 'status'));
DROP TABLE checks;
DROP INDEX messages_business, messages_unsettled;
DROP TABLE sender_events;
ALTER TABLE senders DROP COLUMN twilio_sid, DROP COLUMN twilio_status, DROP COLUMN waba_id, DROP COLUMN code_method, DROP COLUMN profile, DROP COLUMN profile_sent_at, DROP COLUMN callback_url,
    DROP COLUMN quality, DROP COLUMN messaging_limit, DROP COLUMN tier, DROP COLUMN offline_reasons, DROP COLUMN problem, DROP COLUMN checked_at, DROP COLUMN tier_told_at, DROP COLUMN countries;
DROP TABLE access_files;
ALTER TABLE access_events DROP COLUMN happened_at;
DROP INDEX access_requests_reminders;
ALTER TABLE access_requests DROP COLUMN contact_phone, DROP COLUMN phone_code, DROP COLUMN phone_free, DROP COLUMN optin_links, DROP COLUMN samples, DROP COLUMN based_on, DROP COLUMN case_number,
    DROP COLUMN next_action, DROP COLUMN remind_at, DROP COLUMN website_state, DROP COLUMN website_said, DROP COLUMN website_checked_at;
