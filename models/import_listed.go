package models

// mergeTwiceSQL makes one row of those that name a number twice. What they say about consent is decided by date: the
// later word counts, an opt-out on the same day or without a date before any opt-in. Of the rest the first line counts,
// of those that are taken as a whole. Every other line is listed, and where the lines contradict each other, both are.
const mergeTwiceSQL = `WITH twice AS (SELECT match FROM import_rows WHERE import_id = @id GROUP BY match HAVING count(*) > 1),
said AS (
	SELECT r.line, r.match, r.phone, r.consent, r.consent_at, r.proof, r.opt_out_only, CASE r.consent
		WHEN 'opted_out' THEN coalesce(` + endOfConsentAt + `, 'infinity') WHEN 'opted_in' THEN coalesce(r.consent_at, '-infinity') END AS at
	FROM import_rows r JOIN twice USING (match) WHERE r.import_id = @id),
rules AS (
	SELECT *, first_value(line) OVER (PARTITION BY match ORDER BY opt_out_only, line) AS kept,
		first_value(line) OVER (PARTITION BY match ORDER BY at DESC NULLS LAST, consent = 'opted_out' DESC, line) AS counts,
		count(*) FILTER (WHERE consent = 'opted_in') OVER (PARTITION BY match) > 0
			AND count(*) FILTER (WHERE consent = 'opted_out') OVER (PARTITION BY match) > 0 AS contradict
	FROM said),
changed AS (
	UPDATE import_rows r SET consent = c.consent, consent_at = c.consent_at, proof = c.proof FROM rules k JOIN rules c ON c.match = k.match AND c.line = k.counts
	WHERE k.line = k.kept AND k.counts <> k.kept AND r.import_id = @id AND r.line = k.line),
gone AS (DELETE FROM import_rows r USING rules k WHERE r.import_id = @id AND r.line = k.line AND k.line <> k.kept),
listed AS (
	SELECT k.line, k.phone, CASE WHEN k.line = k.kept
			THEN (SELECT 'Line ' || min(o.line) || ' has the same number.' FROM rules o WHERE o.match = k.match AND o.line <> k.line)
			ELSE 'The same number stands in line ' || k.kept || '.' END
		|| CASE WHEN NOT k.contradict THEN ''
			WHEN c.line = k.line THEN ' This line''s ' || word || ' counts.' ELSE ' The ' || word || ' there counts.' END AS reason,
		CASE WHEN k.line = k.kept THEN 'note' WHEN k.line = k.counts AND k.consent = 'opted_out' THEN 'opt_out' ELSE 'refused' END AS effect
	FROM rules k JOIN rules c ON c.match = k.match AND c.line = k.counts,
		LATERAL (SELECT CASE c.consent WHEN 'opted_out' THEN 'opt-out' ELSE 'opt-in' END || coalesce(to_char(c.consent_at AT TIME ZONE 'UTC', '" of "YYYY-MM-DD'), '') AS word) w
	WHERE k.line <> k.kept OR k.contradict)
INSERT INTO import_refusals AS x (import_id, line, field, value, reason, effect) SELECT @id, line, 'phone', phone, reason, effect FROM listed
	ON CONFLICT (import_id, line) DO UPDATE SET effect = CASE WHEN ` + overruled + ` THEN 'refused' ELSE x.effect END,
		reason = CASE WHEN ` + overruled + ` THEN replace(x.reason, '` + OptOutRecorded + `', '') ELSE x.reason END || ' ' || excluded.reason`

// overruled is the condition that a line's opt-out does not count: another line has a later opt-in.
const overruled = "excluded.effect = 'refused' AND excluded.reason LIKE '%opt-in%'"

// OptOutRecorded begins the reason of a line of which only the opt-out is taken.
const OptOutRecorded = "Opt-out recorded, rest refused: "

// refuseErasedSQL takes out people who were erased. They stay opted out, whatever a file says.
const refuseErasedSQL = `WITH gone AS (DELETE FROM import_rows r USING erasures e WHERE r.import_id = @id AND r.erasure = e.hash RETURNING r.line)
	INSERT INTO import_refusals AS x (import_id, line, field, value, reason) SELECT @id, line, 'phone', '', 'This person asked to be erased and stays so.' FROM gone
	ON CONFLICT (import_id, line) DO UPDATE SET effect = 'refused', field = excluded.field, value = '', reason = excluded.reason`

// noteOptedInSinceSQL lists opt-outs after whose day the person opted in.
const noteOptedInSinceSQL = `INSERT INTO import_refusals AS x (import_id, line, field, value, reason, effect)
	SELECT @id, r.line, 'consent', r.phone, 'The person opted in on ' || to_char(c.consent_at AT TIME ZONE 'UTC', 'YYYY-MM-DD') ||
		', after the opt-out of ' || to_char(r.consent_at AT TIME ZONE 'UTC', 'YYYY-MM-DD') || ' in the file, and stays opted in.', 'note'
	FROM import_rows r` + importJoin + `WHERE r.import_id = @id AND r.consent = 'opted_out' AND ` + optedInSince + `
	ON CONFLICT (import_id, line) DO UPDATE SET reason = x.reason || ' ' || excluded.reason`

// countListed counts the listed lines. A line of which nothing but the opt-out is taken has a row, or gave its opt-out
// to the row of another line.
func (tx *Tx) countListed(args map[string]any, k *ImportCounts) error {
	var n struct{ Refused, Only, Unread, Noted, Doubtful int64 }
	err := tx.Raw(`SELECT count(*) FILTER (WHERE r.line IS NULL) AS refused, count(*) FILTER (WHERE x.effect = 'opt_out' AND r.line IS NOT NULL) AS only,
		count(*) FILTER (WHERE x.effect = 'unread_opt_out') AS unread, count(*) FILTER (WHERE x.effect = 'note' AND r.line IS NOT NULL) AS noted,
		count(*) FILTER (WHERE x.number <> '') AS doubtful
		FROM import_refusals x LEFT JOIN import_rows r ON r.import_id = x.import_id AND r.line = x.line WHERE x.import_id = @id`, args).
		Scan(&n).
		Error
	k.Refused, k.OptOutsOnly, k.Unread, k.Noted, k.Doubtful = n.Refused, n.Only, n.Unread, n.Noted, n.Doubtful
	return err
}
