-- Reports whether a version v is the latest one of its template and language.
NOT EXISTS (SELECT 1 FROM template_versions n
	WHERE n.template_id = v.template_id AND n.language = v.language AND n.number > v.number)
