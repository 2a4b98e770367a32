-- Marks up to @limit due messages of the sender @sender as sending, and refuses those that may not leave any more.
--
-- This is the last lock on the door (promises 1 to 3): the window of the address that the message was written for,
-- consent and approval are read in the statement that marks a message as sending. A message waits while an earlier one
-- of its conversation is under way, so that a person reads answers in the order in which they were written. What
-- another program or a notification has set for later (quiet hours, local time) holds nothing up; an answer that Twilio
-- put off does.
--
-- @limit stands in the text as a number: with a parameter the planner expects a tenth of the queue, and reads it all.
-- @topic_consent is the expression consentTo for the template's topic and the sender.
WITH due AS (
\ir shared/outbox_due.sql
\ir shared/outbox_take.sql
