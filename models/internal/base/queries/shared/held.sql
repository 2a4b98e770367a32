-- The session and the Sandbox membership of the address asked.id in the conversation v. The conversation's own row has
-- them for the address that wrote last and for the one that shares them, because a number and a user id last came in
-- one webhook; address_windows has them for earlier addresses. The planner inlines the two expressions into the
-- surrounding statement.
	CROSS JOIN LATERAL (SELECT
		CASE WHEN asked.id = v.address_id THEN v.window_closes_at
			WHEN EXISTS (SELECT 1 FROM contact_addresses p
				WHERE p.id IN (v.address_id, asked.id) AND p.number_id IN (v.address_id, asked.id)) THEN v.window_closes_at
			ELSE (SELECT h.window_closes_at FROM address_windows h
				WHERE h.address_id = asked.id AND h.conversation_id = v.id) END AS window_closes_at,
		CASE WHEN asked.id = v.address_id THEN v.sandbox_joined_at
			WHEN EXISTS (SELECT 1 FROM contact_addresses p
				WHERE p.id IN (v.address_id, asked.id) AND p.number_id IN (v.address_id, asked.id)) THEN v.sandbox_joined_at
			ELSE (SELECT h.sandbox_joined_at FROM address_windows h
				WHERE h.address_id = asked.id AND h.conversation_id = v.id) END AS sandbox_joined_at) held
