-- Writes the consent events of the contacts @claimed, which the import @id added.
INSERT INTO consent_events (contact_id, kind, source, proof, wording, actor_id, occurred_at, import_id, file_id)
SELECT r.id,
\ir shared/import_consent_event.sql
FROM jsonb_to_recordset(CAST(@claimed AS jsonb)) AS r (id bigint, consent text, consent_at timestamptz, proof text)
