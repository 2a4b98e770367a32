-- What a part of the import @id says about people who are no contacts yet.
SELECT r.phone, r.match, r.consent, r.consent_at, r.proof
\ir shared/import_fresh.sql
