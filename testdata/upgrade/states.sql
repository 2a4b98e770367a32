-- Rows that the demo's database needs to have a row in every state that a CHECK allows. TestWriteFixture runs it and
-- gives each state that is still missing to one of the rows that several states fit.

INSERT INTO access_requests (state, legal_name, display_name, country, phone_code, phone_free, use_case, website_state, created_by)
SELECT s.state, 'Example ' || s.n, 'Example', 'DE',
	(ARRAY['', 'sms', 'voice', 'no'])[1 + s.n % 4], (ARRAY['', 'yes', 'no'])[1 + s.n % 3],
	(ARRAY['', 'customer_care', 'notifications', 'mixed'])[1 + s.n % 4], (ARRAY['', 'answers', 'fails', 'unknown'])[1 + s.n % 4],
	(SELECT min(id) FROM users)
FROM unnest(ARRAY['draft', 'ready', 'submitted', 'in_review', 'more_information', 'approved', 'rejected', 'registered', 'live'])
	WITH ORDINALITY AS s (state, n);

INSERT INTO alerts (user_id, tone, title, href)
SELECT (SELECT min(id) FROM users), tone, 'A message failed', '/inbox' FROM unnest(ARRAY['good', 'warn', 'bad']) AS tone;

INSERT INTO topics (name) VALUES ('Appointments of old'), ('Invoices of old');

INSERT INTO contacts (name, phone, consent, consent_at)
SELECT 'Person ' || n, '+4930555' || lpad(n::text, 5, '0'), (ARRAY['none', 'opted_in', 'opted_out'])[1 + n % 3], now()
FROM generate_series(1, 24) AS n;
INSERT INTO contact_addresses (contact_id, kind, address, match)
SELECT id, 'phone', phone, phone FROM contacts WHERE name LIKE 'Person %';

INSERT INTO consent_events (contact_id, kind, source, proof, occurred_at)
SELECT c.id, k.kind, k.source, 'As they said', now() - interval '30 days'
FROM (SELECT kind, source, row_number() OVER () AS n
	FROM unnest(ARRAY['opted_in', 'opted_out', 'none']) AS kind,
		unnest(ARRAY['inbound_message', 'web_form', 'paper', 'import', 'api', 'keyword', 'by_hand', 'twilio']) AS source) AS k
JOIN (SELECT id, row_number() OVER (ORDER BY id) AS n FROM contacts WHERE name LIKE 'Person %') AS c USING (n);
INSERT INTO consent_events (contact_id, kind, source, proof, occurred_at)
SELECT id, 'opted_out', source, 'As they said', now() - interval '20 days'
FROM (SELECT min(id) AS id FROM contacts WHERE name LIKE 'Person %') AS c, unnest(ARRAY['merge', 'erasure', 'undo']) AS source;

-- An event from before consent had a scope keeps its hash.
ALTER TABLE consent_events DISABLE TRIGGER chain_consent_event;
INSERT INTO contacts (name, phone, consent, consent_at) VALUES ('Person of before', '+493055599999', 'none', NULL);
WITH old AS (
	SELECT max(id) AS contact_id, now() - interval '90 days' AS at FROM contacts WHERE name = 'Person of before'),
event AS (
	SELECT jsonb_populate_record(NULL::consent_events, jsonb_build_object('id', nextval('consent_events_id_seq'), 'contact_id', contact_id,
		'kind', 'opted_in', 'source', 'paper', 'proof', 'A form on paper', 'wording', '', 'occurred_at', at, 'recorded_at', at,
		'scope', 'all', 'hash_version', 1, 'prev_hash', '\x', 'salt', uuid_send(gen_random_uuid()))) AS e FROM old),
digested AS (
	SELECT jsonb_populate_record(e, jsonb_build_object('digest', consent_event_digest(e))) AS e FROM event)
INSERT INTO consent_events OVERRIDING SYSTEM VALUE
SELECT (jsonb_populate_record(e, jsonb_build_object('hash', consent_event_hash(e)))).* FROM digested;
ALTER TABLE consent_events ENABLE TRIGGER chain_consent_event;

-- What contacts say is what their latest event says.
UPDATE contacts c SET consent = e.kind, consent_at = e.occurred_at
FROM (SELECT DISTINCT ON (contact_id) contact_id, kind, occurred_at FROM consent_events ORDER BY contact_id, id DESC) e
WHERE e.contact_id = c.id AND c.name LIKE 'Person %';

INSERT INTO consent_events (contact_id, kind, source, proof, occurred_at, topic_id)
SELECT c.id, c.consent, 'by_hand', 'For these messages', now() - interval '10 days', (SELECT min(id) FROM topics)
FROM contacts c WHERE name LIKE 'Person %';
INSERT INTO contact_topics (contact_id, topic_id, consent, consent_at)
SELECT contact_id, topic_id, kind, occurred_at FROM consent_events WHERE topic_id = (SELECT min(id) FROM topics);

INSERT INTO contact_fields (key, label, kind)
SELECT 'old_' || kind, 'Old ' || kind, kind FROM unnest(ARRAY['text', 'number', 'date', 'yes_no', 'choice', 'link']) AS kind;

INSERT INTO conversations (contact_id, sender_id, state, last_inbound_at, window_closes_at, last_message_at, last_line, last_direction)
SELECT c.id, (SELECT min(id) FROM senders), (ARRAY['open', 'snoozed', 'resolved'])[1 + c.id % 3], now() - interval '2 days',
	now() - interval '1 day', now() - interval '2 days', 'Hello', 'inbound'
FROM contacts c WHERE name LIKE 'Person %';

INSERT INTO conversation_events (conversation_id, user_id, kind, summary, created_at)
SELECT (SELECT max(id) FROM conversations), (SELECT min(id) FROM users), kind, 'did something', now()
FROM unnest(ARRAY['assigned', 'state', 'labels', 'priority', 'rated', 'rule']) AS kind;

INSERT INTO drafts (user_id, conversation_id, mode, body)
SELECT (SELECT min(id) FROM users), (SELECT max(id) FROM conversations), mode, 'A draft' FROM unnest(ARRAY['reply', 'note']) AS mode;

INSERT INTO labels (name, color)
SELECT 'Old ' || color, color FROM unnest(ARRAY['slate', 'red', 'amber', 'green', 'blue', 'violet']) AS color;

INSERT INTO imports (name, file, format, size, state, created_by)
SELECT state || '.csv', 'imports/' || state, (ARRAY['csv', 'xlsx'])[1 + n % 2], 1000, state, (SELECT min(id) FROM users)
FROM unnest(ARRAY['new', 'checking', 'checked', 'held', 'running', 'done', 'canceled', 'undoing', 'undone', 'failed'])
	WITH ORDINALITY AS s (state, n);
INSERT INTO import_refusals (import_id, line, field, value, reason, effect)
SELECT (SELECT min(id) FROM imports), n, 'phone', '12', 'It is too short.', effect
FROM unnest(ARRAY['refused', 'opt_out', 'unread_opt_out', 'note']) WITH ORDINALITY AS s (effect, n);

INSERT INTO notifications (version_id, sender_id, use_case, state, token, created_by, name)
SELECT (SELECT min(id) FROM template_versions), (SELECT min(id) FROM senders),
	(ARRAY['customer_care', 'notification', 'mixed'])[1 + n % 3], state, 'old-' || state, (SELECT min(id) FROM users), 'Old ' || state
FROM unnest(ARRAY['checking', 'checked', 'awaiting', 'scheduled', 'preparing', 'running', 'paused', 'canceled', 'finished', 'expired'])
	WITH ORDINALITY AS s (state, n);
INSERT INTO notification_editors (notification_id, user_id, did)
SELECT (SELECT min(id) FROM notifications), (SELECT min(id) FROM users), did
FROM unnest(ARRAY['wrote', 'edited', 'started', 'repeated']) AS did;

INSERT INTO messages (conversation_id, sender_id, direction, status, kind, body, send_at, created_at)
SELECT v.id, v.sender_id, 'outbound', status, 'text', 'Hello', now() - interval '2 days', now() - interval '2 days'
FROM (SELECT max(id) AS id, max(sender_id) AS sender_id FROM conversations) AS v,
	unnest(ARRAY['queued', 'sending', 'in_doubt', 'accepted', 'sent', 'delivered', 'read', 'failed', 'undelivered', 'canceled',
		'refused']) AS status;
INSERT INTO messages (conversation_id, sender_id, direction, status, kind, version_id, send_at, created_at)
SELECT v.id, v.sender_id, 'outbound', 'delivered', 'template', (SELECT min(id) FROM template_versions), now() - interval '2 days',
	now() - interval '2 days'
FROM conversations v ORDER BY v.id DESC LIMIT 1;
INSERT INTO messages (conversation_id, sender_id, direction, status, kind, hint, body, twilio_sid, created_at)
SELECT v.id, v.sender_id, 'inbound', 'received', kind, (ARRAY['', 'opt_out', 'recorded', 'dismissed'])[1 + n % 4], 'Hello',
	'SM' || lpad(n::text, 32, '0'), now() - interval '2 days'
FROM (SELECT max(id) AS id, max(sender_id) AS sender_id FROM conversations) AS v,
	unnest(ARRAY['text', 'media', 'location', 'contacts', 'interactive', 'reaction', 'other']) WITH ORDINALITY AS k (kind, n);

INSERT INTO later_replies (conversation_id, author_id, body, state, token, message_id, created_at)
SELECT (SELECT max(id) FROM conversations), (SELECT min(id) FROM users), 'Until then', state, 'later-' || state,
	CASE WHEN state = 'sent' THEN (SELECT max(id) FROM messages WHERE direction = 'outbound') END, now()
FROM unnest(ARRAY['waiting', 'ready', 'sent', 'canceled', 'refused']) AS state;

INSERT INTO webhook_receipts (kind, verdict)
SELECT 'message', verdict FROM unnest(ARRAY['accepted', 'repeated', 'bad_signature', 'malformed', 'failed']) AS verdict;
