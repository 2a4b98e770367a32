-- The newest @n of the messages m that match @filter: within a conversation, or by the index of words.
WITH every AS MATERIALIZED (SELECT m.id FROM messages m WHERE @filter),
\ir shared/search_hits.sql
