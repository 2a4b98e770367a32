-- Marks up to @limit due messages of the sender @sender as sending, and refuses those that may not be sent any more.
--
-- This is the last check before sending (promises 1 to 3): the window of the address that the message was written for,
-- consent and approval are read in the statement that marks a message as sending. A message waits while an earlier one
-- of its conversation is under way, so that a person reads replies in the order in which they were written. Messages
-- that another program or a notification has scheduled (quiet hours, local time) don't hold up others; a reply that
-- Twilio delayed does.
--
-- @limit is inserted into the text as a number: with a parameter the planner expects a tenth of the queue, and reads it
-- all. @topic_consent is the expression consentTo for the template's topic and the sender.
WITH due AS (
\ir shared/outbox_due.sql
\ir shared/outbox_take.sql
