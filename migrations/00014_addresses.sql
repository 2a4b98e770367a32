-- +goose Up
-- A conversation answers the address that wrote last, and its 24 hours and its membership of the Sandbox are that
-- address's. A message keeps the address that it was written for. Both name a row of contact_addresses by its id, which is
-- never used again; there is no foreign key, because each message would then write to the address's row.
CREATE UNIQUE INDEX contact_addresses_id ON contact_addresses (id);
ALTER TABLE conversations ADD COLUMN address_id bigint;
ALTER TABLE messages ADD COLUMN address_id bigint;
-- Of a user id: the number that it came with in one webhook last. The two share what holds for either.
ALTER TABLE contact_addresses ADD COLUMN number_id bigint REFERENCES contact_addresses (id) ON DELETE SET NULL;
CREATE INDEX contact_addresses_number ON contact_addresses (number_id) WHERE number_id IS NOT NULL;

-- What holds for the addresses that wrote in a conversation before the one that it answers now. It is written when the
-- address changes, so that what waits for the one before is judged by its own 24 hours.
CREATE TABLE address_windows (
    address_id        bigint NOT NULL REFERENCES contact_addresses (id) ON DELETE CASCADE,
    conversation_id   bigint NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    window_closes_at  timestamptz,
    sandbox_joined_at timestamptz,
    PRIMARY KEY (address_id, conversation_id)
);

-- What is there already. A contact with one address: that one. With several: the one that the stored form of the latest
-- message names. Where none can be told, the window counts as closed.
-- +goose StatementBegin
CREATE FUNCTION form_address(form text, parameter text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT regexp_replace(replace(replace(replace(replace(coalesce(substring('&' || form FROM '&' || parameter || '=([^&]*)'), ''),
        '%3A', ':'), '%3a', ':'), '%2B', '+'), '%2b', '+'), '^whatsapp:', '')
$$;
-- +goose StatementEnd
-- The form in which the variants of one number are equal: whatsapp.MatchPhone.
-- +goose StatementBegin
CREATE FUNCTION match_of(address text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE
        WHEN address LIKE '+521%' AND length(address) = 14 THEN '+52' || substr(address, 5)
        WHEN address LIKE '+549%' AND length(address) = 14 THEN '+54' || substr(address, 5)
        WHEN address LIKE '+55%' AND length(address) = 14 AND substr(address, 6, 1) = '9' THEN left(address, 5) || substr(address, 7)
        ELSE address END
$$;
-- +goose StatementEnd
-- What the version before this one would have sent to, and the number that templates go to.
-- +goose StatementBegin
CREATE FUNCTION newest_address(contact bigint) RETURNS bigint LANGUAGE sql STABLE AS $$
    SELECT id FROM contact_addresses WHERE contact_id = contact ORDER BY kind = 'phone' DESC, id DESC LIMIT 1
$$;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE FUNCTION chosen_address(contact bigint) RETURNS bigint LANGUAGE sql STABLE AS $$
    SELECT a.id FROM contact_addresses a JOIN contacts c ON c.id = a.contact_id WHERE a.contact_id = contact
    ORDER BY coalesce(a.address = c.phone, false) DESC, a.kind = 'phone' DESC, a.id DESC LIMIT 1
$$;
-- +goose StatementEnd
UPDATE conversations v SET address_id = o.id
    FROM (SELECT contact_id, min(id) AS id FROM contact_addresses GROUP BY contact_id HAVING count(*) = 1) o
    WHERE o.contact_id = v.contact_id AND v.last_inbound_at IS NOT NULL;

CREATE TEMPORARY TABLE latest_forms ON COMMIT DROP AS
    SELECT v.id AS conversation_id, v.contact_id, m.id AS message_id,
        form_address(r.form, 'From') AS wrote, form_address(r.form, 'ExternalUserId') AS user_id
    FROM conversations v
    CROSS JOIN LATERAL (SELECT id, twilio_sid FROM messages WHERE conversation_id = v.id AND direction = 'inbound' AND kind <> 'reaction' ORDER BY id DESC LIMIT 1) m
    CROSS JOIN LATERAL (SELECT form FROM webhook_receipts WHERE message_sid = m.twilio_sid AND kind = 'message' AND form <> '' ORDER BY id LIMIT 1) r
    WHERE v.address_id IS NULL AND v.last_inbound_at IS NOT NULL;
UPDATE conversations v SET address_id = a.id FROM latest_forms f JOIN contact_addresses a ON a.contact_id = f.contact_id AND a.match = match_of(f.wrote) WHERE v.id = f.conversation_id;
UPDATE contact_addresses u SET number_id = x.number_id FROM (
        SELECT DISTINCT ON (u.id) u.id, a.id AS number_id FROM latest_forms f
        JOIN contact_addresses a ON a.contact_id = f.contact_id AND a.kind = 'phone' AND a.match = match_of(f.wrote)
        JOIN contact_addresses u ON u.contact_id = f.contact_id AND u.kind = 'whatsapp_id' AND u.address = f.user_id
        ORDER BY u.id, f.message_id DESC) x
    WHERE u.id = x.id;

-- No address, no session: lists and pages show it as over, and the contact's own end is that of its other conversations.
WITH untold AS (UPDATE conversations SET window_closes_at = last_inbound_at, sandbox_joined_at = NULL
        WHERE address_id IS NULL AND last_inbound_at IS NOT NULL RETURNING id, contact_id)
UPDATE contacts c SET window_closes_at = (SELECT max(v.window_closes_at) FROM conversations v WHERE v.contact_id = c.id AND v.id NOT IN (SELECT id FROM untold))
    WHERE c.id IN (SELECT contact_id FROM untold);

-- What waits: a reply goes to the address that wrote, a template of the inbox as well, any other template to the chosen
-- number. What was called out already went where the version before this one sent it.
UPDATE messages m SET address_id = CASE
        WHEN m.status <> 'queued' THEN newest_address(v.contact_id)
        WHEN m.version_id IS NULL OR m.session_only THEN v.address_id
        WHEN m.notification_id IS NULL AND m.rule <> 'api' THEN coalesce(v.address_id, chosen_address(v.contact_id))
        ELSE chosen_address(v.contact_id) END
    FROM conversations v WHERE v.id = m.conversation_id AND m.direction = 'outbound' AND m.status IN ('queued', 'sending', 'in_doubt');
DROP FUNCTION form_address, match_of, newest_address, chosen_address;

-- +goose Down
DROP TABLE address_windows;
ALTER TABLE messages DROP COLUMN address_id;
ALTER TABLE conversations DROP COLUMN address_id;
ALTER TABLE contact_addresses DROP COLUMN number_id;
DROP INDEX contact_addresses_id;
