-- A version v of a template t as lists show it.
v.*, t.name AS template_name, t.public_id AS template_public_id, t.category AS template_category, t.sandbox,
	t.imported, t.send_role
