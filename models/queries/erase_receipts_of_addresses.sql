-- Empties the deliveries about the addresses @at (@also, as an array), those of messages that are not there, too.
UPDATE webhook_receipts SET
\ir shared/receipt_empty.sql
	, effect = 'Erased'
WHERE person IN @at AND person <> '' OR also && CAST(@also AS text[]) AND also <> '{}'
