-- The columns of a consent event of a row r, after the contact. The way of opting in, and its proof, are not used for
-- an opt-out: the file itself is the proof.
	r.consent, CASE WHEN r.consent = 'opted_out' THEN 'import' ELSE CAST(@source AS text) END,
	concat_ws(E'\n', nullif(r.proof, ''), CASE WHEN r.consent <> 'opted_out' THEN nullif(CAST(@proof AS text), '') END),
	CASE WHEN r.consent = 'opted_out' THEN '' ELSE CAST(@wording AS text) END, CAST(@actor AS bigint),
	coalesce(r.consent_at, @now), @id, CASE WHEN r.consent <> 'opted_out' THEN CAST(@file AS bigint) END
