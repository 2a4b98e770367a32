-- The latest template that went to the person of the conversation v, if it is among the last twenty messages: later
-- ones answer something else.
	(SELECT * FROM (SELECT * FROM messages WHERE conversation_id = v.id ORDER BY id DESC LIMIT 20) x
		WHERE x.kind = 'template' ORDER BY x.id DESC LIMIT 1)
