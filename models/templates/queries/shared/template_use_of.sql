-- The reports' numbers r for the versions o since the day @since.
	FROM template_versions o JOIN (SELECT * FROM report_days UNION ALL SELECT * FROM report_steps) r
		ON r.version_id = o.id AND r.version_id <> 0 AND r.day > @since
