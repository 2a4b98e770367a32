-- All addresses that came in one delivery with one of @known (@array, as an array), or in one about a message of the
-- contacts @family, such as WhatsApp's user ids and their parent ids.
SELECT DISTINCT x FROM (
	SELECT person, also FROM webhook_receipts WHERE person IN @known AND person <> ''
	UNION ALL
	SELECT person, also FROM webhook_receipts WHERE also && CAST(@array AS text[]) AND also <> '{}'
	UNION ALL
	SELECT person, also FROM webhook_receipts WHERE message_sid IN
\ir shared/sids_of_family.sql
	) r, unnest(r.also || r.person) x
WHERE x <> ''
