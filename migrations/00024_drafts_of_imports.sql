-- +goose Up
-- What was imported as a draft is made at Twilio again, with numbers for its variables: Twilio's names hold no more. Drafts
-- from before that was seen still have them.
UPDATE template_versions
SET placeholders = (
	SELECT jsonb_agg(p.value - 'key' ORDER BY p.n)
	FROM jsonb_array_elements(placeholders) WITH ORDINALITY AS p (value, n)
)
WHERE origin_sid IS NOT NULL AND content_sid IS DISTINCT FROM origin_sid AND jsonb_path_exists(placeholders, '$[*].key');

-- +goose Down
SELECT 1;
