-- Reports whether an import's row r changes the consent of the contact c: an opt-in never replaces an opt-out, and an
-- opt-out always counts, unless the person opted in after the day that the file gives for it. An opt-in to the Sandbox
-- alone becomes one to all senders, unless the person opted out of these.
(r.consent = 'opted_in' AND (c.consent = 'none' OR c.consent_scope = 'sandbox' AND c.opted_out_at IS NULL)
	OR r.consent = 'opted_out' AND c.consent <> 'opted_out' AND NOT
\ir import_opted_in_since.sql
	)
