-- +goose Up
-- Whom a person means with "all that this list shows": a job changes exactly these, and nobody who begins to match later.
CREATE TABLE contact_selections (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user_id     bigint NOT NULL REFERENCES users (id),
    contact_ids bigint[] NOT NULL,
    created_at  timestamptz NOT NULL
);
CREATE INDEX contact_selections_created ON contact_selections (created_at);

-- An audience keeps its segment by id, with what it said when it was chosen:
-- {"kind": "filter", "segment": {"id": …, "name": …, "filter": {…}}, "tags": [{"id": …, "name": …}]}
-- Until now it kept the segment's name for people only. One segment of that name is the one that was meant; where there is
-- none, or several, it keeps what it said and is unresolved: somebody has to choose again.
CREATE FUNCTION pg_temp.split_tags(filter jsonb, own jsonb, keep boolean) RETURNS jsonb LANGUAGE sql AS $$
    SELECT coalesce(jsonb_agg(t ORDER BY n), '[]') FROM jsonb_array_elements(coalesce(filter -> 'tags', '[]')) WITH ORDINALITY x (t, n)
    WHERE keep = (coalesce(own -> 'tags', '[]') @> t)
$$;
CREATE FUNCTION pg_temp.named_tags(ids jsonb) RETURNS jsonb LANGUAGE sql AS $$
    SELECT coalesce(jsonb_agg(jsonb_build_object('id', t, 'name', coalesce(g.name, '')) ORDER BY n), '[]')
    FROM jsonb_array_elements_text(ids) WITH ORDINALITY x (t, n) LEFT JOIN tags g ON g.public_id = t
$$;

WITH named AS (
    SELECT id, audience -> 'filter' AS filter, substring(audience ->> 'name' FROM '^Segment “(.*)”(?:, tag .*)?$') AS segment
    FROM notifications WHERE audience ->> 'kind' = 'filter' AND audience ->> 'name' LIKE 'Segment “%'
), found AS (
    SELECT n.id, n.filter, n.segment, min(s.id) AS one, count(s.id) AS n
    FROM named n LEFT JOIN segments s ON s.name = n.segment GROUP BY 1, 2, 3
)
UPDATE notifications n SET audience = n.audience - 'filter' - 'name' || CASE
    WHEN f.n = 1 THEN jsonb_build_object(
        'segment', jsonb_build_object('id', s.public_id, 'name', s.name, 'filter',
            jsonb_set(coalesce(f.filter, '{}'), '{tags}', pg_temp.split_tags(f.filter, s.filter, true))),
        'tags', pg_temp.named_tags(pg_temp.split_tags(f.filter, s.filter, false)))
    ELSE jsonb_build_object(
        'segment', jsonb_build_object('id', '', 'name', coalesce(f.segment, ''), 'filter', coalesce(f.filter, '{}'), 'unresolved', true))
    END
FROM found f LEFT JOIN segments s ON s.id = f.one WHERE n.id = f.id;

-- Tags that were chosen without a segment.
UPDATE notifications SET audience = audience - 'name' || jsonb_build_object(
    'filter', (audience -> 'filter') - 'tags', 'tags', pg_temp.named_tags(audience #> '{filter,tags}'))
WHERE audience ->> 'kind' = 'filter' AND NOT audience ? 'segment' AND audience #> '{filter,tags}' IS NOT NULL;

DROP FUNCTION pg_temp.split_tags(jsonb, jsonb, boolean);
DROP FUNCTION pg_temp.named_tags(jsonb);

-- +goose Down
UPDATE notifications SET audience = audience - 'segment' - 'tags' || jsonb_build_object(
    'name', concat_ws(', ', 'Segment “' || (audience #>> '{segment,name}') || '”',
        (SELECT string_agg('tag ' || (t ->> 'name'), ', ') FROM jsonb_array_elements(coalesce(audience -> 'tags', '[]')) t)),
    'filter', coalesce(audience #> '{segment,filter}', audience -> 'filter', '{}') || jsonb_build_object('tags',
        coalesce(audience #> '{segment,filter,tags}', '[]')
        || coalesce((SELECT jsonb_agg(t -> 'id') FROM jsonb_array_elements(coalesce(audience -> 'tags', '[]')) t), '[]')))
WHERE audience ->> 'kind' = 'filter' AND (audience ? 'segment' OR audience ? 'tags');
DROP TABLE contact_selections;
