-- The rows of a part of the import @id for people who are not contacts yet.
SELECT r.phone, r.match, r.consent, r.consent_at, r.proof
\ir shared/import_fresh.sql
