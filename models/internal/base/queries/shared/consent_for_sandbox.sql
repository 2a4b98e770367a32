-- Reports whether an event e is an opt-in to the Sandbox alone: ConsentEvent.CountsFor in SQL.
(e.kind = 'opted_in' AND (e.scope = 'sandbox' OR e.source = 'sandbox_join'))
