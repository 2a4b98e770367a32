-- Merges rows of the import @id with the same number. Their consent is decided by date: the later one counts, and an
-- opt-out on the same day or without a date counts before any opt-in. For everything else the first line that is
-- imported as a whole counts. Every other line is listed; if the lines contradict each other, both are. A line's own
-- opt-out is refused if another line has a later opt-in.
WITH twice AS (
	SELECT match FROM import_rows WHERE import_id = @id GROUP BY match HAVING count(*) > 1),
said AS (
	SELECT r.line, r.match, r.phone, r.consent, r.consent_at, r.proof, r.opt_out_only, CASE r.consent
		WHEN 'opted_out' THEN coalesce(
\ir shared/import_end_of_consent_at.sql
			, 'infinity')
		WHEN 'opted_in' THEN coalesce(r.consent_at, '-infinity') END AS at
	FROM import_rows r JOIN twice USING (match) WHERE r.import_id = @id),
rules AS (
	SELECT *, first_value(line) OVER (PARTITION BY match ORDER BY opt_out_only, line) AS kept,
		first_value(line) OVER (
			PARTITION BY match ORDER BY at DESC NULLS LAST, consent = 'opted_out' DESC, line) AS counts,
		count(*) FILTER (WHERE consent = 'opted_in') OVER (PARTITION BY match) > 0
			AND count(*) FILTER (WHERE consent = 'opted_out') OVER (PARTITION BY match) > 0 AS contradict
	FROM said),
changed AS (
	UPDATE import_rows r SET consent = c.consent, consent_at = c.consent_at, proof = c.proof
	FROM rules k JOIN rules c ON c.match = k.match AND c.line = k.counts
	WHERE k.line = k.kept AND k.counts <> k.kept AND r.import_id = @id AND r.line = k.line),
gone AS (
	DELETE FROM import_rows r USING rules k WHERE r.import_id = @id AND r.line = k.line AND k.line <> k.kept),
listed AS (
	SELECT k.line, k.phone, CASE WHEN k.line = k.kept
			THEN (SELECT 'Line ' || min(o.line) || ' has the same number.' FROM rules o
				WHERE o.match = k.match AND o.line <> k.line)
			ELSE 'The same number stands in line ' || k.kept || '.' END
		|| CASE WHEN NOT k.contradict THEN ''
			WHEN c.line = k.line THEN ' This line''s ' || word || ' counts.'
			ELSE ' The ' || word || ' there counts.' END AS reason,
		CASE WHEN k.line = k.kept THEN 'note' WHEN k.line = k.counts AND k.consent = 'opted_out' THEN 'opt_out'
			ELSE 'refused' END AS effect
	FROM rules k JOIN rules c ON c.match = k.match AND c.line = k.counts,
		LATERAL (SELECT CASE c.consent WHEN 'opted_out' THEN 'opt-out' ELSE 'opt-in' END
			|| coalesce(to_char(c.consent_at AT TIME ZONE 'UTC', '" of "YYYY-MM-DD'), '') AS word) w
	WHERE k.line <> k.kept OR k.contradict)
INSERT INTO import_refusals AS x (import_id, line, field, value, reason, effect)
SELECT @id, line, 'phone', phone, reason, effect FROM listed
ON CONFLICT (import_id, line) DO UPDATE SET
	effect = CASE WHEN excluded.effect = 'refused' AND excluded.reason LIKE '%opt-in%'
		THEN 'refused' ELSE x.effect END,
	reason = CASE WHEN excluded.effect = 'refused' AND excluded.reason LIKE '%opt-in%'
		THEN replace(x.reason, @recorded, '') ELSE x.reason END || ' ' || excluded.reason
