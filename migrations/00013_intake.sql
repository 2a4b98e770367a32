-- +goose Up

-- What Twilio signed is kept as it came, whatever becomes of it: text can't hold a zero byte or broken UTF-8.
-- Older deliveries have it in form.
ALTER TABLE webhook_receipts
    ADD COLUMN raw_body bytea,
    -- the person's other addresses in it: WhatsApp's user id, its parent id
    ADD COLUMN also text[] NOT NULL DEFAULT '{}',
    DROP CONSTRAINT webhook_receipts_verdict_check,
    DROP CONSTRAINT webhook_receipts_check,
    ADD CONSTRAINT webhook_receipts_verdict_check CHECK (verdict IN ('accepted', 'repeated', 'bad_signature', 'malformed', 'failed')),
    -- what did not come from Twilio for certain leaves only its verdict
    ADD CONSTRAINT webhook_receipts_check CHECK (verdict <> 'bad_signature' OR form = '' AND raw_body IS NULL);
CREATE INDEX webhook_receipts_failed ON webhook_receipts (received_at) WHERE verdict = 'failed';
CREATE INDEX webhook_receipts_also ON webhook_receipts USING gin (also) WHERE also <> '{}';

-- Somebody whose address is in no form that Parley knows.
ALTER TABLE contact_addresses
    DROP CONSTRAINT contact_addresses_kind_check,
    ADD CONSTRAINT contact_addresses_kind_check CHECK (kind IN ('phone', 'whatsapp_id', 'other'));

-- The sender of messages whose To can't be read has no number; it is offline, so nothing leaves from it.
ALTER TABLE senders
    DROP CONSTRAINT senders_phone_check,
    ADD CONSTRAINT senders_phone_check CHECK (phone ~ '^\+[1-9][0-9]{6,14}$' OR phone = '' AND state = 'offline');

-- What comes in is kept whole. NOT VALID: no row can break a rule that was stricter, and none has to be read for it.
ALTER TABLE messages
    DROP CONSTRAINT messages_body_check,
    ADD CONSTRAINT messages_body_check CHECK (direction = 'inbound' OR length(body) <= 4096) NOT VALID;

-- An index holds at most 1 MB of words of one message, and no word of more than 2046 bytes: the first 100,000
-- characters are searched (models/search.go, mostSearched).
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION stretch_words(id bigint, body text) RETURNS tsvector LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT array_to_tsvector(ARRAY(SELECT (id / 500000) || '/' || w FROM unnest(tsvector_to_array(to_tsvector('simple', left(body, 100000)))) w
        WHERE octet_length(w) <= 1000))
$$;
-- +goose StatementEnd

-- +goose Down
UPDATE messages SET body = left(body, 4096) WHERE length(body) > 4096;
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION stretch_words(id bigint, body text) RETURNS tsvector LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT array_to_tsvector(ARRAY(SELECT (id / 500000) || '/' || w FROM unnest(tsvector_to_array(to_tsvector('simple', body))) w))
$$;
-- +goose StatementEnd
ALTER TABLE messages DROP CONSTRAINT messages_body_check, ADD CONSTRAINT messages_body_check CHECK (length(body) <= 4096);
-- A number that is nobody's stands in for the sender without one, so that its messages stay.
UPDATE senders SET phone = '+9990000000' WHERE phone = '';
ALTER TABLE senders DROP CONSTRAINT senders_phone_check, ADD CONSTRAINT senders_phone_check CHECK (phone ~ '^\+[1-9][0-9]{6,14}$');
DELETE FROM contact_addresses WHERE kind = 'other';
ALTER TABLE contact_addresses DROP CONSTRAINT contact_addresses_kind_check,
    ADD CONSTRAINT contact_addresses_kind_check CHECK (kind IN ('phone', 'whatsapp_id'));
UPDATE webhook_receipts SET verdict = 'malformed', form = '' WHERE verdict = 'failed';
UPDATE webhook_receipts SET form = '' WHERE verdict = 'malformed';
DROP INDEX webhook_receipts_also, webhook_receipts_failed;
ALTER TABLE webhook_receipts DROP CONSTRAINT webhook_receipts_verdict_check, DROP CONSTRAINT webhook_receipts_check,
    DROP COLUMN raw_body, DROP COLUMN also,
    ADD CONSTRAINT webhook_receipts_verdict_check CHECK (verdict IN ('accepted', 'repeated', 'bad_signature', 'malformed')),
    ADD CONSTRAINT webhook_receipts_check CHECK (verdict IN ('accepted', 'repeated') OR form = '');
