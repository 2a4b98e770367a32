-- Empties the deliveries about the messages of the contacts @family.
UPDATE webhook_receipts SET
\ir shared/receipt_empty.sql
	, effect = 'Erased'
WHERE message_sid IN
\ir shared/sids_of_family.sql
