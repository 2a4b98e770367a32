-- Removes the addresses @at (@also, as an array) from the numbers that somebody confirmed for an import.
UPDATE imports SET options = jsonb_set(options, '{confirmed}', (
	SELECT coalesce(jsonb_agg(n), '[]') FROM jsonb_array_elements_text(options->'confirmed') n WHERE n NOT IN @at))
WHERE jsonb_exists_any(options->'confirmed', CAST(@also AS text[]))
