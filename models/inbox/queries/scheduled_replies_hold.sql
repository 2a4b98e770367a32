-- Holds the waiting replies of @author until somebody decides about each, and returns what to publish.
WITH held AS (
	UPDATE later_replies SET state = 'refused', problem = @problem
	WHERE author_id = @author AND state IN ('waiting', 'ready') RETURNING conversation_id)
SELECT 'conversation-' || v.public_id FROM held h JOIN conversations v ON v.id = h.conversation_id
