-- +goose Up

-- An opt-in has a scope: all senders, or the Sandbox alone. Who joins Twilio's Sandbox tries it out, and has agreed to
-- nothing that comes from another number.
-- Events are never changed, so those that are there keep their hash. hash_version says what a hash covers:
-- 1: everything but the scope; 2: the scope and the version as well.
ALTER TABLE consent_events
    ADD COLUMN IF NOT EXISTS scope text NOT NULL DEFAULT 'all',
    ADD COLUMN IF NOT EXISTS hash_version smallint NOT NULL DEFAULT 1;
ALTER TABLE consent_events ALTER COLUMN hash_version SET DEFAULT 2;
ALTER TABLE consent_events
    ADD CONSTRAINT consent_events_scope_check CHECK (scope IN ('all', 'sandbox')),
    ADD CONSTRAINT consent_events_hash_version_check CHECK (hash_version IN (1, 2)),
    -- only a general opt-in can be for the Sandbox alone, and joining it always is
    ADD CONSTRAINT consent_events_scoped CHECK (scope = 'all' OR kind = 'opted_in' AND topic_id IS NULL),
    ADD CONSTRAINT consent_events_joined CHECK (hash_version = 1 OR source <> 'sandbox_join' OR scope = 'sandbox');

-- +goose StatementBegin
CREATE OR REPLACE FUNCTION consent_event_hash(e consent_events) RETURNS bytea LANGUAGE sql IMMUTABLE AS
$$ SELECT CASE
     WHEN e.hash_version <> 1 OR e.scope <> 'all' -- an old event has no scope: one that was given to it shows
     THEN sha256(e.prev_hash || coalesce(e.digest, '') || convert_to(concat_ws(E'\x1f', e.contact_id, e.kind, e.source,
       coalesce(e.actor_id::text, ''), (extract(epoch FROM e.occurred_at) * 1000000)::bigint, coalesce(e.topic_id::text, ''), coalesce(e.file_id::text, ''),
       e.scope, e.hash_version), 'UTF8'))
     WHEN e.digest IS NULL -- as events were hashed before texts had a digest of their own
     THEN sha256(e.prev_hash || convert_to(concat_ws(E'\x1f', e.contact_id, e.kind, e.source, e.proof, e.wording,
       coalesce(e.actor_id::text, ''), (extract(epoch FROM e.occurred_at) * 1000000)::bigint), 'UTF8'))
     ELSE sha256(e.prev_hash || e.digest || convert_to(concat_ws(E'\x1f', e.contact_id, e.kind, e.source,
       coalesce(e.actor_id::text, ''), (extract(epoch FROM e.occurred_at) * 1000000)::bigint, coalesce(e.topic_id::text, ''), coalesce(e.file_id::text, '')), 'UTF8')) END $$;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION chain_consent_event() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM contacts WHERE id = NEW.contact_id FOR UPDATE;
    SELECT hash INTO NEW.prev_hash FROM consent_events WHERE contact_id = NEW.contact_id ORDER BY id DESC LIMIT 1;
    NEW.prev_hash := coalesce(NEW.prev_hash, '');
    NEW.salt := coalesce(NEW.salt, uuid_send(gen_random_uuid()));
    NEW.digest := consent_event_digest(NEW);
    NEW.hash_version := 2;
    NEW.hash := consent_event_hash(NEW);
    RETURN NEW;
END $$;
-- +goose StatementEnd

ALTER TABLE contacts
    ADD COLUMN consent_scope text NOT NULL DEFAULT 'all' CHECK (consent_scope IN ('all', 'sandbox')),
    -- with the scope sandbox: since when the person is opted out everywhere else
    ADD COLUMN opted_out_at timestamptz,
    ADD CHECK (consent_scope = 'all' OR consent = 'opted_in'),
    ADD CHECK (opted_out_at IS NULL OR consent_scope = 'sandbox');
CREATE INDEX contacts_sandbox_only ON contacts (id DESC) WHERE gone = '' AND consent_scope = 'sandbox';

-- Those whose opt-in came through the Sandbox alone, after the last opt-out if there was one, get an event that says
-- so. What a merge brought is looked up with the contact that was merged; START in the Sandbox is no more than joining.
CREATE TEMPORARY TABLE sandbox_only ON COMMIT DROP AS
WITH RECURSIVE family AS (
    SELECT c.id AS root, c.id FROM contacts c WHERE c.consent = 'opted_in' AND c.gone = ''
    UNION SELECT f.root, c.id FROM contacts c JOIN family f ON c.merged_into = f.id),
said AS (
    SELECT f.root, e.*, e.source = 'sandbox_join' OR e.source = 'keyword' AND e.wording = '' AND EXISTS (
        SELECT 1 FROM messages m JOIN senders s ON s.id = m.sender_id AND s.kind = 'sandbox'
        WHERE m.twilio_sid = substring(e.proof FROM '^WhatsApp message ([A-Za-z0-9]+): ')) AS through_sandbox
    FROM family f JOIN consent_events e ON e.contact_id = f.id 
    WHERE e.topic_id IS NULL AND (e.kind <> 'opted_in' OR e.source <> 'merge')),
since AS (SELECT root, max(id) FILTER (WHERE kind = 'opted_out' OR kind = 'none' AND contact_id = root) AS id FROM said GROUP BY root)
SELECT s.root AS contact_id, max(s.occurred_at) AS joined_at,
    (SELECT CASE WHEN o.kind = 'opted_out' THEN o.occurred_at END FROM said o WHERE o.root = s.root AND o.id = w.id) AS opted_out_at
FROM said s JOIN since w ON w.root = s.root
WHERE s.kind = 'opted_in' AND s.id > coalesce(w.id, 0)
GROUP BY s.root, w.id HAVING bool_and(s.through_sandbox);

-- An opt-in for the Sandbox takes nothing away from one for all senders: where START or a merge was recorded as such a
-- one, it is taken back first, and an opt-out before it is in force again.
INSERT INTO consent_events (contact_id, kind, source, proof, occurred_at)
SELECT s.contact_id, CASE WHEN s.opted_out_at IS NULL THEN 'none' ELSE 'opted_out' END, 'undo',
    'The opt-in on record came through the Sandbox and counts for no other sender.', coalesce(s.opted_out_at, s.joined_at)
FROM sandbox_only s
WHERE EXISTS (SELECT 1 FROM consent_events e WHERE e.contact_id = s.contact_id AND e.topic_id IS NULL AND e.kind = 'opted_in' AND e.source <> 'sandbox_join'
    AND NOT EXISTS (SELECT 1 FROM consent_events n WHERE n.contact_id = s.contact_id AND n.topic_id IS NULL AND n.id > e.id AND n.kind <> 'opted_in'))
ORDER BY s.contact_id;
INSERT INTO consent_events (contact_id, kind, source, scope, proof, occurred_at)
SELECT contact_id, 'opted_in', 'sandbox_join', 'sandbox', 'Joined the Sandbox and gave no other opt-in on record: it counts for the Sandbox only.', joined_at
FROM sandbox_only ORDER BY contact_id;
UPDATE contacts c SET consent_at = s.joined_at FROM sandbox_only s WHERE c.id = s.contact_id;

CREATE TEMPORARY TABLE standing ON COMMIT DROP AS
SELECT c.id, l.kind, l.occurred_at, (SELECT max(e.id) FROM consent_events e WHERE e.contact_id = c.id AND e.topic_id IS NULL AND e.kind = 'opted_in'
    AND (e.scope = 'sandbox' OR e.source = 'sandbox_join') AND e.id > coalesce(l.id, 0)) AS joined
FROM contacts c LEFT JOIN LATERAL (SELECT id, kind, occurred_at FROM consent_events e WHERE e.contact_id = c.id AND e.topic_id IS NULL
    AND NOT (e.kind = 'opted_in' AND (e.scope = 'sandbox' OR e.source = 'sandbox_join')) ORDER BY id DESC LIMIT 1) l ON true
WHERE c.consent = 'opted_in';
-- Joined the Sandbox, and merged with somebody who opted in to all senders: a merge of today records that.
INSERT INTO consent_events (contact_id, kind, source, proof, occurred_at)
SELECT c.id, 'opted_in', 'merge', 'A contact that was merged into this one opted in, as its own record says.', c.consent_at
FROM standing s JOIN contacts c ON c.id = s.id
WHERE c.gone = '' AND s.joined IS NOT NULL AND s.kind IS DISTINCT FROM 'opted_in' AND NOT EXISTS (SELECT 1 FROM sandbox_only o WHERE o.contact_id = c.id) ORDER BY c.id;
UPDATE contacts c SET consent_scope = 'sandbox', opted_out_at = CASE WHEN s.kind = 'opted_out' THEN s.occurred_at END
FROM standing s WHERE s.id = c.id AND s.joined IS NOT NULL AND s.kind IS DISTINCT FROM 'opted_in' AND (c.gone <> '' OR EXISTS (SELECT 1 FROM sandbox_only o WHERE o.contact_id = c.id));
DROP TABLE standing;
DROP TABLE sandbox_only;

-- +goose Down
ALTER TABLE contacts DROP COLUMN consent_scope, DROP COLUMN opted_out_at;
ALTER TABLE consent_events DROP CONSTRAINT consent_events_scope_check, DROP CONSTRAINT consent_events_hash_version_check, DROP CONSTRAINT consent_events_scoped, DROP CONSTRAINT consent_events_joined;
-- The columns scope and hash_version and the functions stay: an event that was recorded with a scope needs them.
