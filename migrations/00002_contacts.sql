-- +goose Up

CREATE TABLE senders (
    id                  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    public_id           text NOT NULL UNIQUE DEFAULT new_public_id(),
    name                text NOT NULL CHECK (name <> ''),
    phone               text NOT NULL UNIQUE CHECK (phone ~ '^\+[1-9][0-9]{6,14}$'),
    kind                text NOT NULL CHECK (kind IN ('sandbox', 'business')),
    state               text NOT NULL DEFAULT 'online' CHECK (state IN ('online', 'offline')),
    join_words          text NOT NULL DEFAULT '',
    is_default          boolean NOT NULL DEFAULT false,
    messages_per_second double precision NOT NULL DEFAULT 80 CHECK (messages_per_second > 0 AND messages_per_second <= 1000),
    version             integer NOT NULL DEFAULT 1,
    created_at          timestamptz NOT NULL DEFAULT now(),
    updated_at          timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX senders_one_default ON senders (is_default) WHERE is_default;

CREATE TABLE contacts (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    public_id    text NOT NULL UNIQUE DEFAULT new_public_id(),
    name         text NOT NULL DEFAULT '',
    profile_name text NOT NULL DEFAULT '',
    phone        text UNIQUE CHECK (phone ~ '^\+[1-9][0-9]{6,14}$'),
    language     text NOT NULL DEFAULT '',
    -- the latest consent event, kept here for the sending checks and the lists
    consent      text NOT NULL DEFAULT 'none' CHECK (consent IN ('none', 'opted_in', 'opted_out')),
    consent_at   timestamptz,
    blocked_at   timestamptz,
    last_seen_at timestamptz,
    version      integer NOT NULL DEFAULT 1,
    created_at   timestamptz NOT NULL DEFAULT now(),
    updated_at   timestamptz NOT NULL DEFAULT now(),
    CHECK ((consent = 'none') = (consent_at IS NULL))
);
CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE INDEX contacts_search ON contacts USING gin ((lower(name || ' ' || profile_name || ' ' || coalesce(phone, ''))) gin_trgm_ops);
CREATE INDEX contacts_consent ON contacts (consent, id DESC);

-- A person is reached by addresses: a phone number, and where WhatsApp hides it a business-scoped user id.
-- "match" is the form in which variants of one number are equal (Mexico +521, Brazil's ninth digit, Argentina's 9).
CREATE TABLE contact_addresses (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    contact_id bigint NOT NULL REFERENCES contacts (id) ON DELETE CASCADE,
    kind       text NOT NULL CHECK (kind IN ('phone', 'whatsapp_id')),
    address    text NOT NULL CHECK (address <> ''),
    match      text NOT NULL UNIQUE CHECK (match <> ''),
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX contact_addresses_contact ON contact_addresses (contact_id);

CREATE TABLE consent_events (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    contact_id  bigint NOT NULL REFERENCES contacts (id),
    kind        text NOT NULL CHECK (kind IN ('opted_in', 'opted_out')),
    source      text NOT NULL CHECK (source IN ('sandbox_join', 'inbound_message', 'web_form', 'paper', 'import', 'api', 'keyword', 'by_hand', 'twilio')),
    proof       text NOT NULL CHECK (proof <> ''),
    wording     text NOT NULL DEFAULT '',
    actor_id    bigint REFERENCES users (id),
    receipt_id  bigint REFERENCES webhook_receipts (id) ON DELETE SET NULL,
    occurred_at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    -- chained for each contact, so that a changed or missing event shows
    prev_hash   bytea NOT NULL DEFAULT '',
    hash        bytea NOT NULL DEFAULT ''
);
CREATE INDEX consent_events_contact ON consent_events (contact_id, id DESC);

-- +goose StatementBegin
CREATE FUNCTION consent_event_hash(e consent_events) RETURNS bytea LANGUAGE sql IMMUTABLE AS
$$ SELECT sha256(e.prev_hash || convert_to(concat_ws(E'\x1f', e.contact_id, e.kind, e.source, e.proof, e.wording,
       coalesce(e.actor_id::text, ''), (extract(epoch FROM e.occurred_at) * 1000000)::bigint), 'UTF8')) $$;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE FUNCTION chain_consent_event() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM contacts WHERE id = NEW.contact_id FOR UPDATE;
    SELECT hash INTO NEW.prev_hash FROM consent_events WHERE contact_id = NEW.contact_id ORDER BY id DESC LIMIT 1;
    NEW.prev_hash := coalesce(NEW.prev_hash, '');
    NEW.hash := consent_event_hash(NEW);
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER chain_consent_event BEFORE INSERT ON consent_events FOR EACH ROW EXECUTE FUNCTION chain_consent_event();

-- A consent event is never changed and never deleted. Only the link to a pruned webhook receipt may go.
-- +goose StatementBegin
CREATE FUNCTION refuse_consent_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.receipt_id IS NULL AND
       (to_jsonb(NEW) - 'receipt_id') = (to_jsonb(OLD) - 'receipt_id') THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'consent events are never changed or deleted';
END $$;
-- +goose StatementEnd
CREATE TRIGGER refuse_consent_change BEFORE UPDATE OR DELETE ON consent_events FOR EACH ROW EXECUTE FUNCTION refuse_consent_change();
CREATE TRIGGER refuse_consent_truncate BEFORE TRUNCATE ON consent_events EXECUTE FUNCTION refuse_consent_change();

-- +goose Down
DROP TABLE consent_events, contact_addresses, contacts, senders;
DROP FUNCTION refuse_consent_change(), chain_consent_event();
