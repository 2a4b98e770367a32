-- Empties the deliveries about the addresses @at (@also, as an array), also those of messages that are not stored.
UPDATE webhook_receipts SET
\ir shared/receipt_empty.sql
	, effect = 'Erased'
WHERE person IN @at AND person <> '' OR also && CAST(@also AS text[]) AND also <> '{}'
