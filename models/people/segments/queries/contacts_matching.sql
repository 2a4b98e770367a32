-- Counts and marks at most @limit of the contacts c that match @filter. @limit is inserted into the text as a number,
-- or is ALL: with a parameter the planner expects a tenth of them.
SELECT
\ir shared/contacts_shown.sql
FROM (SELECT c.id FROM contacts c WHERE @filter LIMIT @limit) x
